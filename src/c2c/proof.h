/* SPDX-License-Identifier: MIT */
/*
 * What an offer says beside the names of keys: their hashes, and who endorses them
 * (docs/protocol.md, "Offer"). Layer: c2c. Read and written for contacts only; proves nothing
 * before the handshake has shown the key and the application has judged the endorsement.
 */
#ifndef TROTH_C2C_PROOF_H
#define TROTH_C2C_PROOF_H

#include "base/digest.h"
#include "base/limits.h"
#include "keys/endorsement.h"

/* A <keyinfo/> that has a <signature/> or an <issued-by/>. */
struct troth_offer_proof {
	char name[TROTH_NAME_LEN + 1];
	bool has_hash;
	uint8_t hash[TROTH_SHA256_LEN]; /* of the certificate in DER */
	struct troth_endorsement_list endorsements;
	struct troth_pin cas[TROTH_LIMIT_CHAIN_CERTS]; /* above it, as it says; 0: it doesn't say */
	size_t ca_count;
};

struct troth_offer_proofs {
	struct troth_offer_proof *items; /* owned */
	size_t count;
};

/* Effect: reads them from an <offer/> whose names could be read. Errors: TROTH_E_LIMIT for too
 * many endorsements of one key, TROTH_E_NOMEM. */
int troth_offer_proofs_read(struct troth_offer_proofs *out,
			    const struct troth_element *offer) TROTH_MUST_USE;
void troth_offer_proofs_fini(struct troth_offer_proofs *proofs);

/* Whether this is the key that the proof is about. */
bool troth_offer_proof_is_of(const struct troth_offer_proof *proof, const struct troth_cert *cert);

/* What we say about our own key. */
struct troth_offer_own {
	const struct troth_cert *cert;
	const struct troth_statements *statements;
	const struct troth_pin *cas; /* above it */
	size_t ca_count;
};

/* Effect: writes, into the <keyinfo/> of our key, its hash, its endorsements, as far as they fit,
 * and who issued it. */
void troth_offer_proof_write(struct troth_writer *w, const struct troth_offer_own *own);

#endif
