/* SPDX-License-Identifier: MIT */
/*
 * What is believed, found in another way: sets of keys as bit masks, grown by rules that each
 * quantify over the whole history until nothing is added. Slow, and close to the text of
 * docs/protocol.md. It shares no code with what it checks.
 */
#ifndef TROTH_TESTS_TRUST_BELIEF_ORACLE_H
#define TROTH_TESTS_TRUST_BELIEF_ORACLE_H

#include "trust/belief.h"

/* Keys of the generated histories: the first byte of the pin is the number. */
enum { NOBODY, A, B, C, U, V, F, KEYS };

struct history {
	struct troth_belief_statement s[32];
	size_t n;
};

struct troth_pin pin_of_key(unsigned key);

/* How a key in a role stands. */
enum troth_key_standing oracle_stands(const struct history *h, const struct troth_belief_policy *p,
				      int64_t now, unsigned key, enum troth_key_role role);

#endif
