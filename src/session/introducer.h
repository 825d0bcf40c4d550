/* SPDX-License-Identifier: MIT */
/*
 * Introducers (docs/protocol.md, "Third party"): whose word on somebody's key counts now. Layer:
 * session, used by verbs that need no session. Found out anew each time, and kept nowhere.
 */
#ifndef TROTH_SESSION_INTRODUCER_H
#define TROTH_SESSION_INTRODUCER_H

#include "session/believed.h"

/* Effect: fills in introducer_trusted of each statement that is an introducer's: he is one now,
 * and the key that signed is believed to be his. */
int troth_introducers_weigh(const struct troth_believed_of *of, struct troth_belief_statement *list,
			    size_t count) TROTH_MUST_USE;

/* Effect: who vouches for that key of the contact. TROTH_E_NOT_FOUND: nobody whose word counts
 * now, or the key needs nobody's. */
int troth_introducer_of(const struct troth_believed_of *of, const struct troth_pin *pin,
			struct troth_store_contact *out) TROTH_MUST_USE;

/* Whether all that was ever known of a key is an introducer's word. */
bool troth_key_is_vouched(const struct troth_store_key *key);

#endif
