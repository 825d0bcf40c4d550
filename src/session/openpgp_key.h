/* SPDX-License-Identifier: MIT */
/*
 * An OpenPGP key as one of a contact's keys: how it is found, kept, and what the keyring's answer
 * is worth. Layer: session, used by verbs that need no session. Asks no keyring.
 */
#ifndef TROTH_SESSION_OPENPGP_KEY_H
#define TROTH_SESSION_OPENPGP_KEY_H

#include "openpgp/openpgp.h"
#include "store/store.h"
#include "trust/verdict.h"

/* What the keyring said, when it was asked whether a key is somebody's. */
struct troth_openpgp_claim {
	const char *fingerprint;
	const struct troth_address *jid;
	enum troth_belief_validity validity;
	bool assigned; /* our user says that the key is the JID's */
};

/* The fingerprint as statements name the key. */
struct troth_pin troth_openpgp_pin(const char *fingerprint);
enum troth_belief_validity troth_openpgp_worth(enum troth_openpgp_level level);
enum troth_openpgp_word troth_openpgp_level_word(enum troth_openpgp_level level);
/* Why there was no answer, or not about this key. */
enum troth_openpgp_word troth_openpgp_reason_word(enum troth_openpgp_reason reason);
/* Whether it is one of a contact's user keys that is an OpenPGP key. */
bool troth_openpgp_is_row(const struct troth_store_key *key);

/* The evidence of an endorsement that a contact gave of its own key, by an OpenPGP key that isn't
 * believed to be its: the pin is the key's, the method the fingerprint, the data <signature/>. */
#define TROTH_OPENPGP_EVIDENCE "openpgp"

/* Effect: the contact that has the key, or the JID. Errors: TROTH_E_NOT_FOUND; TROTH_E_CONFLICT
 * when these are two. */
int troth_openpgp_contact(struct troth_store *store, const char *fingerprint,
			  const struct troth_address *jid, int64_t *out) TROTH_MUST_USE;
/* Effect: the claim is recorded for a contact; the key may speak for it from now on, as far as it
 * is valid. Errors: TROTH_E_CONFLICT, TROTH_E_REVOKED. */
int troth_openpgp_keep(struct troth_store *store, int64_t contact,
		       const struct troth_openpgp_claim *claim, int64_t now) TROTH_MUST_USE;
/* Effect: the same for somebody new, called by the JID. */
int troth_openpgp_meet(struct troth_store *store, const struct troth_openpgp_claim *claim,
		       int64_t now, int64_t *out) TROTH_MUST_USE;
/* Effect: the one or the other: on the user's word, before anybody was met. */
int troth_openpgp_introduce(struct troth_store *store, const struct troth_openpgp_claim *claim,
			    int64_t now, int64_t *out) TROTH_MUST_USE;

#endif
