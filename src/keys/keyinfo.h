/* SPDX-License-Identifier: MIT */
/*
 * Keys as XEP-0189 v0.8 writes them: <pubkeys/> and <keyinfo/>, with the proof of
 * possession, the endorsements and the revocations that docs/protocol.md ("Keys about keys")
 * adds. Layer: keys. Reading judges form only; nothing here decides trust.
 */
#ifndef TROTH_KEYS_KEYINFO_H
#define TROTH_KEYS_KEYINFO_H

#include "keys/endorsement.h"
#include "keys/quorum.h"
#include "keys/revocation.h"
#include "xml/namespace.h"

#include <stdbool.h>
#include <troth/bytes.h>
#include <troth/key.h>
#include <troth/xml.h>

/* What a proof of possession covers (docs/protocol.md, "Possession"). */
struct troth_possession_context {
	bool initiator;          /* the signer's role on this stream */
	const char *address;     /* the signer's address from the header inside TLS */
	const uint8_t *exporter; /* 32 bytes */
};

/* One key of a <pubkeys/>. */
struct troth_keyinfo {
	char name[TROTH_NAME_LEN + 1]; /* as written, lower case */
	struct troth_cert *cert;       /* owned; NULL when the data is absent or not X.509 */
	/* Of an OpenPGP key: its public part, not looked at: whether it is that of the name is for
	 * GnuPG to say. Empty for others, and for more than TROTH_LIMIT_OPENPGP_KEY_BYTES. */
	struct troth_buf openpgp;
	bool possessed;                             /* a right proof of possession came with it */
	struct troth_endorsement_list endorsements; /* not verified */
};

struct troth_keyinfo_list {
	struct troth_keyinfo *items;
	size_t count;
	struct troth_revocation_list revocations; /* not verified */
	struct troth_quorum *quorum;              /* not verified; NULL: none */
	struct troth_pin successor;               /* as the peer names it ... */
	bool has_successor;                       /* ... if it does */
};

/* Effect: reads the <keyinfo/> and <revoke/> children of a <pubkeys/>. A keyinfo whose <name>
 * isn't that of its data makes the whole list TROTH_E_CERT; more keys, endorsements or revocations
 * than their limits (base/limits.h) is TROTH_E_LIMIT. A possession with a wrong signature is
 * TROTH_E_CERT as well; none at all leaves `possessed` false, and so does signer NULL (keys that
 * came from elsewhere than a stream). Keys of a kind we can't read are kept by name alone; without
 * a name of 40 hex digits they are left out. */
int troth_keyinfo_read(struct troth_keyinfo_list *out, const struct troth_element *pubkeys,
		       const struct troth_possession_context *signer) TROTH_MUST_USE;
void troth_keyinfo_list_fini(struct troth_keyinfo_list *list);

/* Effect: writes a <keyinfo/> with name, certificate, endorsements and our proof of possession.
 * self is NULL on a stream without exporter, where there is nothing to sign: then without the
 * proof; statements may be NULL. Errors: those of signing; the writer keeps its own until
 * troth_writer_finish. */
int troth_keyinfo_write_own(struct troth_writer *w, const struct troth_device *device,
			    const struct troth_possession_context *self,
			    const struct troth_statements *statements) TROTH_MUST_USE;

/* Effect: writes the <keyinfo/> of a key that isn't this device's: no possession. */
void troth_keyinfo_write(struct troth_writer *w, const struct troth_stated_key *key);

/* Effect: writes the <keyinfo/> of an OpenPGP key: its fingerprint and its public part. */
void troth_keyinfo_write_openpgp(struct troth_writer *w, const char *fingerprint,
				 struct troth_slice key);

/* Effect: writes the further keys, the revocations, the quorum and the successor. NULL writes
 * nothing. */
void troth_keyinfo_write_further(struct troth_writer *w, const struct troth_statements *statements);

#endif
