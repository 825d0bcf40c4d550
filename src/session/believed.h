/* SPDX-License-Identifier: MIT */
/*
 * What is recorded of a contact's keys, what that amounts to (trust/belief.h), and the store's keys
 * brought in line with it. Layer: session, used by verbs that need no session.
 */
#ifndef TROTH_SESSION_BELIEVED_H
#define TROTH_SESSION_BELIEVED_H

#include "store/store.h"
#include "trust/belief.h"

/* How a key came to be a contact's, in the store. */
#define HOW_ENDORSED "endorsed" /* by the contact's user key */
#define HOW_RENEWED "renewed"   /* by the key that was before it */
#define HOW_USER "endorses"     /* a user key, which endorses a proven key */
#define HOW_OPENPGP "openpgp"   /* an OpenPGP key, or a device that it endorses */
#define HOW_OWN "own-device"    /* another device of ours gave it */

struct troth_believed {
	struct troth_belief_statement *list; /* what was said, in the order in which it arrived */
	size_t count, room;
	struct troth_belief belief;
};

/* Of whom, when, and what is to be taken into account besides. */
struct troth_believed_of {
	struct troth_store *store;
	int64_t contact;
	int64_t now;
	const struct troth_belief_statement *also; /* verified, not recorded */
	size_t also_count;
	bool alone; /* leave out what introducers say */
};

/* Effect: concludes; free with troth_believed_fini. Errors: those of the store and of belief. */
int troth_believed_load(struct troth_believed *out,
			const struct troth_believed_of *of) TROTH_MUST_USE;
void troth_believed_fini(struct troth_believed *b);
/* Effect: brings the store's keys of a contact in line with what is believed of them now. */
int troth_believed_settle(const struct troth_believed_of *of) TROTH_MUST_USE;
/* Whether it came to be a contact's by what other keys said, and not by a proof of its own. */
bool troth_key_is_concluded(const struct troth_store_key *key);

#endif
