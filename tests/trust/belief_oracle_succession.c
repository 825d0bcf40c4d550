/* SPDX-License-Identifier: MIT */
/* The oracle on lost user keys: docs/protocol.md, "A lost user key". */
#include "belief_oracle_world.h"

static bool names_member(const struct world *w, size_t i, unsigned user)
{
	return is(w, i, TROTH_BELIEF_QUORUM) && iss(w, i) == user;
}

/* The place of the first word of its quorum in the life of statement i; none: n. */
static size_t named(const struct world *w, size_t i, unsigned user)
{
	for (size_t k = life_begins(w, i); k < life_ends(w, i); k++)
		if (names_member(w, k, user))
			return k;
	return w->h->n;
}

static bool elects(const struct world *w, size_t i, unsigned user, unsigned key)
{
	size_t q = named(w, i, user);
	for (size_t k = q; k < life_ends(w, i); k++)
		if (names_member(w, k, user) && sub(w, k) == key &&
		    w->h->s[k].depth == w->h->s[q].depth &&
		    w->h->s[k].list.bytes[0] == w->h->s[q].list.bytes[0])
			return true;
	return false;
}

/* Which of the members have spoken for the heir, until `end`. */
static set voices(const struct world *w, size_t i, unsigned user, unsigned heir, size_t end)
{
	set out = 0;
	for (size_t k = life_begins(w, i); k < end; k++)
		if (is(w, k, TROTH_BELIEF_SUCCESSOR) && sub(w, k) == heir &&
		    elects(w, i, user, iss(w, k)))
			out |= DEVICE(iss(w, k));
	return out;
}

static bool suffices(const struct world *w, size_t i, unsigned user, set by)
{
	size_t q = named(w, i, user);
	return q < w->h->n && w->h->s[q].depth > 1 &&
	       (unsigned)__builtin_popcount(by) >= w->h->s[q].depth;
}

size_t oracle_succeeded(const struct world *w, size_t i, unsigned user)
{
	for (size_t k = life_begins(w, i); k < life_ends(w, i); k++)
		if (is(w, k, TROTH_BELIEF_SUCCESSOR) && sub(w, k) != user &&
		    suffices(w, i, user, voices(w, i, user, sub(w, k), k + 1)))
			return k;
	return w->h->n;
}

bool oracle_is_elected(const struct world *w, size_t i, set in, int how)
{
	for (unsigned user = A; user < KEYS; user++) {
		set by = 0;
		size_t at = oracle_succeeded(w, i, user);
		if (at == w->h->n || sub(w, at) != sub(w, i) || (in & USER(user)) == 0 ||
		    (how != SAID && oracle_revoked(w, USER(user), named(w, i, user), false)))
			continue;
		for (size_t k = life_begins(w, i); k < life_ends(w, i); k++) {
			set key = DEVICE(iss(w, k));
			if (is(w, k, TROTH_BELIEF_SUCCESSOR) && sub(w, k) == sub(w, i) &&
			    elects(w, i, user, iss(w, k)) && (in & key) != 0 &&
			    (how == SAID || (!oracle_revoked(w, key, k, false) &&
					     !oracle_revoked(w, key, w->h->n, true))) &&
			    (how != CLEAR || !oracle_unheard(w, key, k)))
				by |= key;
		}
		if (suffices(w, i, user, by) && (by & DEVICE(iss(w, i))) != 0)
			return true;
	}
	return false;
}
