/* SPDX-License-Identifier: MIT */
#include "belief_oracle_world.h"

#include "../test.h"

struct troth_pin pin_of_key(unsigned key)
{
	struct troth_pin pin = {{0}};
	pin.bytes[0] = (uint8_t)key;
	return pin;
}

static bool had_user_key(const struct world *w, size_t i)
{
	for (size_t k = life_begins(w, i); k < i; k++)
		if (is(w, k, TROTH_BELIEF_ANCHOR) ||
		    (is(w, k, TROTH_BELIEF_OPENPGP) && w->h->s[k].validity >= w->p->openpgp))
			return true;
	return false;
}

/* ---- against keys ---- */

static bool may(const struct world *w, size_t i)
{
	if (sub(w, i) == iss(w, i))
		return true;
	for (size_t k = life_begins(w, i); k < w->h->n; k++)
		if (w->good[k] && sub(w, k) == sub(w, i) && iss(w, k) == iss(w, i))
			return true;
	return false;
}

bool oracle_revoked(const struct world *w, set key, size_t before, bool bad)
{
	FOR(i, w)
	if (i < before && is(w, i, TROTH_BELIEF_REVOKED) && may(w, i) &&
	    (!bad || w->h->s[i].reason != TROTH_BELIEF_RETIRED) &&
	    ((key == DEVICE(sub(w, i))) || (key == USER(sub(w, i)) && sub(w, i) == iss(w, i))))
		return true;
	return false;
}

static set parent(const struct world *w, size_t i)
{
	return endorses(w, i, TROTH_BELIEF_DEVICE) ? USER(iss(w, i)) : DEVICE(iss(w, i));
}

static set child(const struct world *w, size_t i)
{
	return is(w, i, TROTH_BELIEF_SUCCESSOR) || is(w, i, TROTH_BELIEF_ANCHOR) ||
			       is(w, i, TROTH_BELIEF_OPENPGP)
		       ? USER(sub(w, i))
		       : DEVICE(sub(w, i));
}

static bool hands_over(const struct world *w, size_t i)
{
	return i >= w->live && endorses(w, i, TROTH_BELIEF_RENEW) && sub(w, i) != iss(w, i) &&
	       (w->said & parent(w, i)) != 0 && !oracle_revoked(w, parent(w, i), i, false);
}

static bool names_the_only(const struct world *w, size_t i)
{
	return hands_over(w, i) && !had_user_key(w, i);
}

static bool is_first(const struct world *w, size_t i)
{
	for (size_t k = w->live; k < i; k++)
		if (names_the_only(w, k) && parent(w, k) == parent(w, i) &&
		    child(w, k) == child(w, i))
			return false;
	return true;
}

/* Whether statement i throws doubt on the key. */
static bool doubts(const struct world *w, size_t i, set key)
{
	bool family = false;
	set old;
	if (is(w, i, TROTH_BELIEF_REVOKED))
		return key == DEVICE(sub(w, i)) && !may(w, i) && (w->said & DEVICE(iss(w, i))) != 0;
	if (is(w, i, TROTH_BELIEF_DISPUTED)) {
		old = DEVICE(sub(w, i));
	} else {
		bool second = false;
		if (!names_the_only(w, i) || !is_first(w, i))
			return false;
		old = parent(w, i);
		for (size_t k = w->live; k < i; k++)
			second |= names_the_only(w, k) && parent(w, k) == old;
		if (!second)
			return false;
	}
	LIVE(k, w)
	{
		if (!names_the_only(w, k) || parent(w, k) != old)
			continue;
		family |= key == old || key == child(w, k);
	}
	return family;
}

static int64_t date(const struct world *w, size_t i)
{
	const struct troth_belief_statement *s = &w->h->s[i];
	return is(w, i, TROTH_BELIEF_DISPUTED) || s->time < s->issued ? s->time : s->issued;
}

static bool doubted(const struct world *w, set key)
{
	if ((w->decided & key) != 0)
		return false;
	LIVE(i, w)
	if (doubts(w, i, key))
		return true;
	return false;
}

bool oracle_unheard(const struct world *w, set key, size_t i)
{
	LIVE(k, w)
	{
		if (!doubts(w, k, key))
			continue;
		bool mild =
			is(w, k, TROTH_BELIEF_REVOKED) && w->h->s[k].reason == TROTH_BELIEF_RETIRED;
		if (!mild || k < i)
			return (w->decided & key) == 0;
	}
	return false;
}

/* ---- for keys: what one statement adds to a set ---- */

static bool holds(const struct world *w, size_t i, set in, int how)
{
	const struct troth_belief_statement *s = &w->h->s[i];
	if (is(w, i, TROTH_BELIEF_MET) || is(w, i, TROTH_BELIEF_REPAIRED))
		return true;
	if (is(w, i, TROTH_BELIEF_CA))
		return w->p->ca == TROTH_BELIEF_CA_ENOUGH && s->time <= s->expires;
	if (is(w, i, TROTH_BELIEF_OPENPGP)) {
		bool last = true;
		for (size_t k = i + 1; k < life_ends(w, i); k++)
			last &= !is(w, k, TROTH_BELIEF_OPENPGP) || sub(w, k) != sub(w, i);
		return s->validity >= w->p->openpgp && (how == SAID || last);
	}
	if (is(w, i, TROTH_BELIEF_ANCHOR)) {
		bool disowned = false;
		if (iss(w, i) == NOBODY)
			return true;
		FOR(k, w)
		disowned |= is(w, k, TROTH_BELIEF_REVOKED) && may(w, k) && sub(w, k) == iss(w, i) &&
			    iss(w, k) != sub(w, i) &&
			    (k < i || w->h->s[k].reason != TROTH_BELIEF_RETIRED);
		return (in & DEVICE(iss(w, i))) != 0 && (how == SAID || !disowned);
	}
	if (is(w, i, TROTH_BELIEF_SUCCESSOR))
		return oracle_is_elected(w, i, in, how);
	if (endorses(w, i, TROTH_BELIEF_DEVICE) && !(s->presented && fresh(s)))
		return false;
	if (endorses(w, i, TROTH_BELIEF_RENEW) && (had_user_key(w, i) || sub(w, i) == iss(w, i)))
		return false;
	if (!endorses(w, i, TROTH_BELIEF_DEVICE) && !endorses(w, i, TROTH_BELIEF_RENEW))
		return false;
	set by = parent(w, i);
	if (how != SAID && by == USER(iss(w, i)) && oracle_succeeded(w, i, iss(w, i)) < i)
		return false;
	return (in & by) != 0 &&
	       (how == SAID ||
		(!oracle_revoked(w, by, i, false) && !oracle_revoked(w, by, w->h->n, true))) &&
	       (how != CLEAR || !oracle_unheard(w, by, i));
}

static set grow(const struct world *w, size_t from, size_t to, int how)
{
	set now = 0;
	set next = 0;
	do {
		now = next;
		for (size_t i = from; i < to; i++)
			if (holds(w, i, now, how))
				next |= child(w, i);
	} while (next != now);
	return now;
}

/* ---- the history told ---- */

static bool settled(const struct world *w, set key, size_t after, int64_t at)
{
	for (size_t i = after + 1; i < w->h->n; i++) {
		const struct troth_belief_statement *s = &w->h->s[i];
		if (is(w, i, TROTH_BELIEF_REVOKED) || is(w, i, TROTH_BELIEF_VOUCHED) ||
		    is(w, i, TROTH_BELIEF_INTRODUCED) || child(w, i) != key)
			continue;
		if (is(w, i, TROTH_BELIEF_MET) && s->how != TROTH_BELIEF_BY_HANDSHAKE)
			return true;
		if (is(w, i, TROTH_BELIEF_ANCHOR) && iss(w, i) == NOBODY)
			return true;
		if (endorses(w, i, TROTH_BELIEF_DEVICE) && s->issued > at &&
		    holds(w, i, w->clear, CLEAR))
			return true;
	}
	return false;
}

static set settle(const struct world *w)
{
	set out = w->decided;
	for (set key = 1; key < 1u << (2 * KEYS); key <<= 1) {
		size_t last = 0;
		int64_t at = INT64_MIN;
		if (!doubted(w, key))
			continue;
		LIVE(i, w)
		{
			if (!doubts(w, i, key))
				continue;
			last = i;
			at = date(w, i) > at ? date(w, i) : at;
		}
		if (settled(w, key, last, at))
			out |= key;
	}
	return out;
}

static void tell(struct world *w)
{
	for (size_t from = 0; from < w->h->n; from = life_ends(w, from)) {
		size_t to = life_ends(w, from);
		w->said = grow(w, from, to, SAID);
		for (size_t i = from; i < to; i++) {
			w->good[i] =
				endorses(w, i, TROTH_BELIEF_DEVICE) && holds(w, i, w->said, SAID);
			if (to < w->h->n && is(w, i, TROTH_BELIEF_CLAIMED))
				w->once |= DEVICE(sub(w, i));
		}
		if (to < w->h->n)
			w->once |= w->said;
		w->live = from;
	}
	w->sound = grow(w, w->live, w->h->n, SOUND);
	set before;
	do {
		before = w->decided;
		w->clear = grow(w, w->live, w->h->n, CLEAR);
		w->decided = settle(w);
	} while (w->decided != before);
}

/* ---- renewed ---- */

static bool by_user(const struct world *w, unsigned key)
{
	LIVE(i, w)
	if (w->good[i] && sub(w, i) == key)
		return true;
	return false;
}

static bool replaces(const struct world *w, size_t i)
{
	return endorses(w, i, TROTH_BELIEF_RENEW) && hands_over(w, i) &&
	       (!had_user_key(w, i) || by_user(w, sub(w, i)));
}

/* The renewals that are heeded, in their order: no circle, nothing twice. */
static size_t heeded(const struct world *w, bool out[32])
{
	unsigned heir[KEYS] = {0};
	size_t count = 0;
	memset(out, 0, 32 * sizeof *out);
	LIVE(i, w)
	{
		unsigned to = sub(w, i);
		bool again = false;
		if (!replaces(w, i))
			continue;
		for (size_t k = w->live; k < i; k++)
			again |= replaces(w, k) && sub(w, k) == sub(w, i) && iss(w, k) == iss(w, i);
		while (to != NOBODY && to != iss(w, i))
			to = heir[to];
		if (again || to == iss(w, i))
			continue;
		out[i] = true;
		count++;
		if (heir[iss(w, i)] == NOBODY)
			heir[iss(w, i)] = sub(w, i);
	}
	return count;
}

static bool outlived(const struct world *w, int64_t now, unsigned key)
{
	bool heed[32];
	bool any = false;
	size_t last = 0;
	int64_t since = 0;
	int64_t at = INT64_MIN;
	if (heeded(w, heed) == 0)
		return false;
	LIVE(i, w)
	{
		if (!heed[i] || iss(w, i) != key)
			continue;
		since = any ? since : w->h->s[i].time;
		at = date(w, i) > at ? date(w, i) : at;
		any = true;
		last = i;
	}
	return any && now - since >= w->p->overlap && !settled(w, DEVICE(key), last, at);
}

/* ---- the answer ---- */

static bool in_keyring(const struct world *w, unsigned key)
{
	FOR(i, w)
	if (is(w, i, TROTH_BELIEF_OPENPGP) && sub(w, i) == key)
		return true;
	return false;
}

static enum troth_key_standing best(const struct world *w, set key)
{
	enum troth_key_standing out = TROTH_KEY_UNKNOWN;
	LIVE(i, w)
	{
		enum troth_key_standing s = TROTH_KEY_ENDORSED;
		if (is(w, i, TROTH_BELIEF_REVOKED) || child(w, i) != key ||
		    !holds(w, i, w->clear, CLEAR))
			continue;
		if (is(w, i, TROTH_BELIEF_MET) || is(w, i, TROTH_BELIEF_REPAIRED) ||
		    is(w, i, TROTH_BELIEF_ANCHOR))
			s = TROTH_KEY_PROVEN;
		else if (is(w, i, TROTH_BELIEF_CA))
			s = TROTH_KEY_CERTIFIED;
		else if (is(w, i, TROTH_BELIEF_OPENPGP) ||
			 (endorses(w, i, TROTH_BELIEF_DEVICE) && in_keyring(w, iss(w, i))))
			s = TROTH_KEY_OPENPGP;
		out = s > out ? s : out;
	}
	return out;
}

static bool claims(const struct world *w, unsigned key)
{
	LIVE(i, w)
	if (is(w, i, TROTH_BELIEF_CLAIMED) && sub(w, i) == key)
		return true;
	return false;
}

static bool has_keys(const struct world *w)
{
	bool any = w->once != 0 || w->said != 0;
	for (unsigned k = A; k < KEYS; k++)
		any |= claims(w, k);
	return any;
}

/* Whose word counts at all, taken by itself. */
static bool word_is_good(const struct world *w, size_t i)
{
	const struct troth_belief_statement *s = &w->h->s[i];
	FOR(k, w)
	if (is(w, k, TROTH_BELIEF_REVOKED) && may(w, k) && sub(w, k) == iss(w, i) &&
	    (k < i || w->h->s[k].reason != TROTH_BELIEF_RETIRED))
		return false;
	return s->introducer_trusted && fresh(s);
}

/* From the introducer outwards: the keys whose word he takes, of each depth. */
static bool vouched(const struct world *w, unsigned key)
{
	set taken = 0;
	for (unsigned depth = 1; depth <= w->p->depth; depth++) {
		set next = 0;
		LIVE(i, w)
		{
			if (w->h->s[i].depth != depth || !word_is_good(w, i) ||
			    (depth > 1 && (taken & DEVICE(iss(w, i))) == 0))
				continue;
			if (is(w, i, TROTH_BELIEF_INTRODUCED))
				next |= DEVICE(sub(w, i));
			if (is(w, i, TROTH_BELIEF_VOUCHED) && sub(w, i) == key)
				return w->p->vouched >= TROTH_LEVEL_VOUCHED && !has_keys(w);
		}
		taken = next;
	}
	return false;
}

static bool certified(const struct world *w, unsigned key)
{
	LIVE(i, w)
	if (is(w, i, TROTH_BELIEF_CA) && sub(w, i) == key && w->h->s[i].time <= w->h->s[i].expires)
		return true;
	return false;
}

enum troth_key_standing oracle_stands(const struct history *h, const struct troth_belief_policy *p,
				      int64_t now, unsigned key, enum troth_key_role role)
{
	struct world world = {.h = h, .p = p};
	struct world *w = &world;
	set self = role == TROTH_ROLE_DEVICE ? DEVICE(key) : USER(key);
	bool claimed = false;
	tell(w);
	claimed = role == TROTH_ROLE_DEVICE && claims(w, key);
	bool said = (w->said & self) != 0;
	if (oracle_revoked(w, self, h->n, false))
		return TROTH_KEY_REVOKED;
	if (doubted(w, self) && (said || claimed))
		return TROTH_KEY_SUSPENDED;
	if (said && (w->sound & self) == 0)
		return TROTH_KEY_VOID;
	if (said && (w->clear & self) == 0)
		return TROTH_KEY_SUSPENDED;
	if (said && role == TROTH_ROLE_DEVICE && outlived(w, now, key))
		return TROTH_KEY_REPLACED;
	if (said && role == TROTH_ROLE_DEVICE && p->ca == TROTH_BELIEF_CA_AND_PIN &&
	    !certified(w, key))
		return TROTH_KEY_UNCERTIFIED;
	if (said)
		return best(w, self);
	if (claimed)
		return TROTH_KEY_UNPROVEN;
	if (role == TROTH_ROLE_DEVICE && vouched(w, key))
		return TROTH_KEY_VOUCHED;
	return (w->once & self) != 0 ? TROTH_KEY_REPLACED : TROTH_KEY_UNKNOWN;
}
