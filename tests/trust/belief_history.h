/* SPDX-License-Identifier: MIT */
/* Generated histories of what was said about one contact's keys. */
#ifndef TROTH_TESTS_TRUST_BELIEF_HISTORY_H
#define TROTH_TESTS_TRUST_BELIEF_HISTORY_H

#include "belief_oracle.h"

#define DAY ((int64_t)24 * 3600)
#define YEAR (365 * DAY)
#define START (50 * YEAR)

/* What may be said. Dates are relative to the arrival, in days. */
struct word {
	enum troth_belief_kind kind;
	unsigned subject, issuer;
	int detail; /* how, purpose, reason, validity or depth; negative: not presented, untrusted
		     */
	int issued, expires; /* of QUORUM the first is the list */
};

#define MET(k, h)                                                                                  \
	{                                                                                          \
		TROTH_BELIEF_MET, k, 0, TROTH_BELIEF_##h, 0, 0                                     \
	}
#define ENDORSED(u, k)                                                                             \
	{                                                                                          \
		TROTH_BELIEF_ENDORSED, k, u, TROTH_BELIEF_DEVICE, -1, 300                          \
	}
#define RENEWED(o, k)                                                                              \
	{                                                                                          \
		TROTH_BELIEF_ENDORSED, k, o, TROTH_BELIEF_RENEW, -1, 0                             \
	}
#define REVOKED(k, by, why)                                                                        \
	{                                                                                          \
		TROTH_BELIEF_REVOKED, k, by, TROTH_BELIEF_##why, -1, 0                             \
	}
#define NAMED(k, u, need, list)                                                                    \
	{                                                                                          \
		TROTH_BELIEF_QUORUM, k, u, need, list, 0                                           \
	}
#define SUCCEEDS(v, k)                                                                             \
	{                                                                                          \
		TROTH_BELIEF_SUCCESSOR, v, k, 0, 0, 0                                              \
	}
#define ANCHOR(u, k)                                                                               \
	{                                                                                          \
		TROTH_BELIEF_ANCHOR, u, k, 0, 0, 0                                                 \
	}

/* What is said; the first HISTORY_SHORT of it is enough to make short histories of. */
extern const struct word history_words[];
extern const size_t history_word_count;
#define HISTORY_SHORT 19

/* Appends a word, ten days after the one before. */
void history_say(struct history *h, const struct word *w);
/* Ten days after the last. */
int64_t history_end(const struct history *h);
void history_print(const struct history *h);

struct troth_belief history_conclude(const struct history *h, const struct troth_belief_policy *p,
				     int64_t now);
enum troth_key_standing history_stands(const struct troth_belief *b, unsigned key,
				       enum troth_key_role role);

/* The same numbers in each run. */
unsigned history_random(unsigned limit);
/* Checks a property of tens of thousands of long histories, each under a policy. */
void history_each(void (*property)(const struct history *, const struct troth_belief_policy *));
/* The same of histories of lost user keys, which chance alone would hardly tell. */
void history_each_succession(void (*property)(const struct history *,
					      const struct troth_belief_policy *));

#define EACH_KEY(key, role)                                                                        \
	for (unsigned key = A; key < KEYS; key++)                                                  \
		for (enum troth_key_role role = TROTH_ROLE_DEVICE; role <= TROTH_ROLE_USER; role++)

#endif
