/* SPDX-License-Identifier: MIT */
/*
 * A lost user key's successor: docs/protocol.md, "A lost user key". Layer: trust.
 * Whom a quorum named is found from the words alone, whoever was revoked since: so that a further
 * revocation never makes a second successor stand. Whether he counts is asked of each tier.
 */
#include "trust/reasoning.h"

#define LEAST 2 /* "a stolen device alone" names nobody */

static const struct troth_belief_statement *said(const struct reasoning *r, size_t i)
{
	return &r->q->statements[i];
}

/* "A user key names one quorum": of two lists the first that arrived, all of it and no more. */
static bool is_member(const struct reasoning *r, const struct node *user, const struct node *device)
{
	const struct troth_belief_statement *first = said(r, user->named_by);
	unsigned life = r->marks[user->named_by].life;
	for (size_t i = user->named_by; i < r->q->count && r->marks[i].life == life; i++) {
		const struct troth_belief_statement *s = said(r, i);
		if (s->kind == TROTH_BELIEF_QUORUM && r->marks[i].issuer == user &&
		    r->marks[i].subject == device && s->depth == first->depth &&
		    troth_pin_equal(&s->list, &first->list))
			return true;
	}
	return false;
}

/* Whose words count: everybody's, or those of devices that are learnt at a tier. */
struct electors {
	const struct node *user, *heir;
	size_t from, to;
	bool any;
	enum tier tier;
};

static bool speaks(const struct reasoning *r, const struct electors *e, size_t i)
{
	const struct mark *m = &r->marks[i];
	return said(r, i)->kind == TROTH_BELIEF_SUCCESSOR && m->subject == e->heir &&
	       is_member(r, e->user, m->issuer) &&
	       (e->any ||
		(m->issuer->by[e->tier] != NONE && learning_heard(m->issuer, i, e->tier)));
}

static bool spoke_before(const struct reasoning *r, const struct electors *e, size_t i)
{
	for (size_t k = e->from; k < i; k++) {
		if (r->marks[k].issuer == r->marks[i].issuer && speaks(r, e, k))
			return true;
	}
	return false;
}

static bool is_enough(const struct reasoning *r, const struct electors *e)
{
	unsigned need = said(r, e->user->named_by)->depth;
	unsigned count = 0;
	for (size_t i = e->from; i < e->to; i++)
		count += speaks(r, e, i) && !spoke_before(r, e, i);
	return need >= LEAST && count >= need;
}

static void find_heir(const struct reasoning *r, struct node *user, size_t from, size_t to)
{
	for (size_t i = from; i < to && user->heir == NULL; i++) {
		const struct electors all = {user,     r->marks[i].subject, from, i + 1, true,
					     TIER_SAID};
		if (said(r, i)->kind != TROTH_BELIEF_SUCCESSOR || all.heir == user ||
		    !is_enough(r, &all))
			continue;
		user->heir = r->marks[i].subject;
		user->succeeded_by = i;
	}
}

void succession_find(struct reasoning *r, size_t from, size_t to)
{
	for (size_t i = 0; i < r->node_count; i++) {
		r->nodes[i].named_by = r->nodes[i].succeeded_by = NONE;
		r->nodes[i].heir = NULL;
	}
	for (size_t i = from; i < to; i++) {
		if (said(r, i)->kind == TROTH_BELIEF_QUORUM && r->marks[i].issuer->named_by == NONE)
			r->marks[i].issuer->named_by = i;
	}
	for (size_t i = 0; i < r->node_count; i++) {
		if (r->nodes[i].named_by != NONE)
			find_heir(r, &r->nodes[i], from, to);
	}
}

/* "Named in advance": before it was revoked, so that it stands even if the key falls into wrong
 * hands later. */
static bool may_name(const struct node *user, enum tier tier)
{
	return user->by[tier] != NONE && (tier == TIER_SAID || user->revoked_by > user->named_by);
}

bool succession_counts(const struct reasoning *r, size_t i, enum tier tier)
{
	unsigned life = r->marks[i].life;
	size_t from = i, to = i;
	while (from > 0 && r->marks[from - 1].life == life)
		from--;
	while (to < r->q->count && r->marks[to].life == life)
		to++;
	for (size_t k = 0; k < r->node_count; k++) {
		const struct node *user = &r->nodes[k];
		const struct electors e = {user, r->marks[i].subject, from, to, false, tier};
		if (user->heir == e.heir && user->heir != NULL && may_name(user, tier) &&
		    speaks(r, &e, i) && is_enough(r, &e))
			return true;
	}
	return false;
}
