/* SPDX-License-Identifier: MIT */
/*
 * Introducers (docs/protocol.md, "Third party"): whose word on somebody's key counts now. Layer:
 * session, used by verbs that need no session. Found out anew each time, and kept nowhere.
 */
#ifndef TROTH_SESSION_INTRODUCER_H
#define TROTH_SESSION_INTRODUCER_H

#include "session/believed.h"

/* Three labels, or keys, and the words between them. */
#define TROTH_VOUCHER_MAX (3 * TROTH_STORE_LABEL_MAX + 51)

/* Whose word a key rests on. */
struct troth_voucher {
	struct troth_store_contact introducer;
	unsigned depth;                   /* how many people the word comes from; 1: him alone */
	char text[TROTH_VOUCHER_MAX + 1]; /* "benvolio, on the word of mercutio" */
};

/* Effect: fills in introducer_trusted of each statement that is an introducer's: he is one now,
 * and the key that signed is believed to be his, or, behind him, isn't known to be withdrawn. */
int troth_introducers_weigh(const struct troth_believed_of *of, struct troth_belief_statement *list,
			    size_t count) TROTH_MUST_USE;

/* Effect: who vouches for that key of the contact. TROTH_E_NOT_FOUND: nobody whose word counts
 * now, or the key needs nobody's. */
int troth_introducer_of(const struct troth_believed_of *of, const struct troth_pin *pin,
			struct troth_voucher *out) TROTH_MUST_USE;

/* Whether a key, whosever it is, is known here and doesn't count: revoked, suspended, replaced. */
int troth_key_is_withdrawn(struct troth_store *store, const struct troth_pin *pin,
			   bool *out) TROTH_MUST_USE;
/* Whether all that was ever known of a key is an introducer's word. */
bool troth_key_is_vouched(const struct troth_store_key *key);

#endif
