/* SPDX-License-Identifier: MIT */
/* What the files of the oracle share. */
#ifndef TROTH_TESTS_TRUST_BELIEF_ORACLE_WORLD_H
#define TROTH_TESTS_TRUST_BELIEF_ORACLE_WORLD_H

#include "belief_oracle.h"

typedef uint32_t set; /* bit 2 * key + role */

#define DEVICE(k) (1u << (2 * (k)))
#define USER(k) (2u << (2 * (k)))

struct world {
	const struct history *h;
	const struct troth_belief_policy *p;
	size_t live;
	set once;           /* ever said, in a life that is over */
	set said, sound;    /* in this life */
	set clear, decided; /* likewise, and what was decided */
	bool good[32];      /* endorsements of devices that counted in their life */
};

#define FOR(i, w) for (size_t i = 0; i < (w)->h->n; i++)
#define LIVE(i, w) for (size_t i = (w)->live; i < (w)->h->n; i++)

static inline unsigned sub(const struct world *w, size_t i)
{
	return w->h->s[i].subject.bytes[0];
}

static inline unsigned iss(const struct world *w, size_t i)
{
	return w->h->s[i].issuer.bytes[0];
}

static inline bool is(const struct world *w, size_t i, enum troth_belief_kind kind)
{
	return w->h->s[i].kind == kind;
}

static inline bool endorses(const struct world *w, size_t i, enum troth_belief_purpose purpose)
{
	return is(w, i, TROTH_BELIEF_ENDORSED) && w->h->s[i].purpose == purpose;
}

static inline bool fresh(const struct troth_belief_statement *s)
{
	return s->issued <= s->time + TROTH_BELIEF_CLOCK_SLACK && s->time <= s->expires;
}

static inline size_t life_begins(const struct world *w, size_t i)
{
	while (i > 0 && !is(w, i, TROTH_BELIEF_REPAIRED))
		i--;
	return i;
}

static inline size_t life_ends(const struct world *w, size_t i)
{
	for (i++; i < w->h->n && !is(w, i, TROTH_BELIEF_REPAIRED);)
		i++;
	return i;
}

enum { SAID, SOUND, CLEAR };

/* A revocation of the key in that role, before statement `before`; `bad`: of the worse kind. */
bool oracle_revoked(const struct world *w, set key, size_t before, bool bad);
/* Whether a doubted key may not have said statement i. */
bool oracle_unheard(const struct world *w, set key, size_t i);
/* Where the life of statement i has its successor of that user key; none: n. */
size_t oracle_succeeded(const struct world *w, size_t i, unsigned user);
/* Whether a quorum named the subject of statement i, by devices that are in the set. */
bool oracle_is_elected(const struct world *w, size_t i, set in, int how);

#endif
