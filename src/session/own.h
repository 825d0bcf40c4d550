/* SPDX-License-Identifier: MIT */
/*
 * What this device's owner has said about its own keys: which user key they have, which devices it
 * endorses, what is revoked, which key took whose place. Kept in the store as evidence of no
 * contact, append-only; the last word counts. Layer: session, used by verbs that need no session.
 *
 * Signatures of what is kept here were made here, or verified by whoever kept them.
 */
#ifndef TROTH_SESSION_OWN_H
#define TROTH_SESSION_OWN_H

#include "store/store.h"

#include <troth/endorsement.h>
#include <troth/key.h>

#define TROTH_OWN_DEVICES 32
#define TROTH_OWN_REVOCATIONS 64
#define TROTH_OWN_WORDS 32
/* An endorsement as long as one may last, and when it is time for the next one. */
#define TROTH_OWN_LIFE ((int64_t)400 * 24 * 3600)

/* A device of ours, this one or another: the last endorsement that the user key gave it. */
struct troth_own_device {
	struct troth_pin pin;
	struct troth_endorsement *endorsement;  /* NULL: none by the present user key */
	const struct troth_revocation *revoked; /* NULL: it isn't */
	/* Another device of ours said that it is out of hand, and the user key hasn't endorsed it
	 * since; NULL: it isn't suspended. */
	const struct troth_revocation *suspended;
};

struct troth_own {
	struct troth_cert *user_key; /* the present one; NULL: none */
	struct troth_own_device devices[TROTH_OWN_DEVICES];
	size_t device_count;
	struct troth_revocation *revocations[TROTH_OWN_REVOCATIONS];
	size_t revocation_count;
	struct troth_endorsement *renewal[2]; /* both halves for this device's key; NULL: none */
	struct troth_cert *former;            /* the key that it takes the place of */
	struct troth_pin successor; /* the key that takes the place of this device's ... */
	bool has_successor;         /* ... which a program that still uses this one must say */
	struct troth_endorsement *openpgp; /* of this device, by our OpenPGP key; NULL: none */
	/* The public part of an OpenPGP key of ours; "": none was kept. It is said only of the one
	 * that endorses this device. */
	char openpgp_name[TROTH_NAME_LEN + 1];
	struct troth_buf openpgp_key;
	struct troth_quorum *quorum; /* the last one that a user key of ours named ... */
	struct troth_pin quorum_by;  /* ... and which */
	struct troth_cert
		*heir; /* a user key that other devices named, and we didn't; NULL: none */
	/* What devices of the quorum said of the user key that followed; of `word_about`. */
	struct troth_endorsement *words[TROTH_OWN_WORDS];
	struct troth_pin word_about[TROTH_OWN_WORDS];
	size_t word_count;
	/* For troth_engine_state: what this device says to its contacts. */
	const struct troth_endorsement *said[4];
	struct troth_stated_key further[1];
	const struct troth_endorsement *succeed[TROTH_QUORUM_DEVICES];
	struct troth_statements statements;
};

/* Effect: reads it all; the caller owns *out. What can't be read any more is left out. */
int troth_own_load(struct troth_own **out, struct troth_store *store,
		   const struct troth_cert *device) TROTH_MUST_USE;
void troth_own_free(struct troth_own *own);

/* NULL when it isn't one that our user key endorses. */
const struct troth_own_device *troth_own_device_find(const struct troth_own *own,
						     const struct troth_pin *pin);
/* Whether it is time to sign again: two thirds of its life are over, or there is none. */
bool troth_own_endorsement_is_due(const struct troth_endorsement *e, int64_t now);
bool troth_own_is_due(const struct troth_own_device *device, int64_t now);

/* Each is kept from now on. */
int troth_own_keep_user_key(struct troth_store *store, const struct troth_cert *cert,
			    int64_t now) TROTH_MUST_USE;
/* Effect: it is out of our hands: this device has none, and may get another one. */
int troth_own_keep_user_lost(struct troth_store *store, const struct troth_pin *pin,
			     int64_t now) TROTH_MUST_USE;
/* Effect: signs this device's, or another device's key by the user key, and keeps it; *out is the
 * caller's, out may be NULL. */
int troth_own_endorse(struct troth_store *store, const struct troth_device *user_key,
		      const struct troth_cert *device, int64_t now,
		      struct troth_endorsement **out) TROTH_MUST_USE;
/* Effect: the same for this device's key by our OpenPGP key, which counts from then on instead of
 * the one before. Errors: those of the signer, too. */
int troth_own_endorse_openpgp(struct troth_store *store, const struct troth_signer *signer,
			      const struct troth_cert *device, int64_t now,
			      struct troth_endorsement **out) TROTH_MUST_USE;
/* Effect: our OpenPGP key's endorsements aren't said any more. */
int troth_own_drop_openpgp(struct troth_store *store, const struct troth_cert *device,
			   int64_t now) TROTH_MUST_USE;
/* Effect: keeps the public part of our OpenPGP key, to be published. Errors: TROTH_E_LIMIT beyond
 * TROTH_LIMIT_OPENPGP_KEY_BYTES. */
int troth_own_keep_openpgp_key(struct troth_store *store, const char *fingerprint,
			       struct troth_slice key, int64_t now) TROTH_MUST_USE;
/* Whether that key is one that this device says to be its owner's. */
bool troth_own_says_openpgp(const struct troth_own *own);
/* Effect: keeps an endorsement or a half of a renewal that was made elsewhere. */
int troth_own_keep_endorsement(struct troth_store *store, const struct troth_endorsement *e,
			       const struct troth_cert *subject, int64_t now) TROTH_MUST_USE;
/* Effect: keeps a quorum that user_key has signed; it is said to contacts from then on. */
int troth_own_keep_quorum(struct troth_store *store, const struct troth_quorum *q,
			  const struct troth_pin *user_key, int64_t now) TROTH_MUST_USE;
/* Effect: a user key that a device of ours has named waits for our user's decision. */
int troth_own_keep_heir(struct troth_store *store, const struct troth_cert *heir,
			int64_t now) TROTH_MUST_USE;
/* Effect: this device says that heir is the user key now, as one of the quorum, and keeps it. */
int troth_own_succeed(struct troth_store *store, const struct troth_device *device,
		      const struct troth_cert *heir, int64_t now) TROTH_MUST_USE;
/* Whether what the same device said of that key is kept already. */
bool troth_own_has_word(const struct troth_own *own, const struct troth_pin *heir,
			const struct troth_endorsement *e);
int troth_own_keep_former(struct troth_store *store, const struct troth_cert *former,
			  int64_t now) TROTH_MUST_USE;
/* Effect: signs a revocation of key and keeps it. */
int troth_own_revoke(struct troth_store *store, const struct troth_device *signer,
		     const struct troth_pin *key, enum troth_revoke_reason reason,
		     int64_t now) TROTH_MUST_USE;
int troth_own_keep_revocation(struct troth_store *store, const struct troth_revocation *r,
			      int64_t now) TROTH_MUST_USE;

#endif
