/* SPDX-License-Identifier: MIT */
/*
 * What takes a key away again: revocations, suspensions, renewals. Layer: trust.
 * What speaks against a key is never undone by what speaks against the speaker: a revocation
 * more never makes a key stand better.
 */
#include "trust/reasoning.h"

static const struct troth_belief_statement *said(const struct reasoning *r, size_t i)
{
	return &r->q->statements[i];
}

/* What a signer dates later than it arrived is taken as said when it arrived. */
static int64_t dated(const struct troth_belief_statement *s)
{
	return s->issued < s->time ? s->issued : s->time;
}

/* ---- revocations ---- */

/* "By the key itself or the user key under which this verifier accepted it", in this life or in
 * one after the revocation had arrived. */
static bool may_revoke(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = said(r, i);
	if (troth_pin_equal(&s->subject, &s->issuer))
		return true;
	for (size_t k = 0; k < r->q->count; k++) {
		const struct troth_belief_statement *e = said(r, k);
		if (e->kind == TROTH_BELIEF_ENDORSED && e->purpose == TROTH_BELIEF_DEVICE &&
		    r->marks[k].counted && r->marks[k].life >= r->marks[i].life &&
		    troth_pin_equal(&e->subject, &s->subject) &&
		    troth_pin_equal(&e->issuer, &s->issuer))
			return true;
	}
	return false;
}

/* "`compromised` also voids every endorsement by that key"; a lost one may be in any hands. */
static bool burns(const struct troth_belief_statement *s)
{
	return s->reason != TROTH_BELIEF_RETIRED;
}

static void revoke(struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = said(r, i);
	for (enum troth_key_role role = TROTH_ROLE_DEVICE; role <= TROTH_ROLE_USER; role++) {
		struct node *node = reasoning_node(r, &s->subject, role);
		/* A user key answers for its devices, not for other user keys. */
		bool own = troth_pin_equal(&s->subject, &s->issuer);
		if (node == NULL || (role == TROTH_ROLE_USER && !own))
			continue;
		if (node->revoked_by == NONE)
			node->revoked_by = i;
		node->burnt |= burns(s);
	}
}

/* Whether somebody other than the user key says that its anchor's device is out of hand, or said
 * so of a revoked one before. */
static bool is_disowned(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *a = said(r, i);
	for (size_t k = 0; k < r->q->count; k++) {
		const struct troth_belief_statement *s = said(r, k);
		if (r->marks[k].accepted && troth_pin_equal(&s->subject, &a->issuer) &&
		    !troth_pin_equal(&s->issuer, &a->subject) && (burns(s) || k < i))
			return true;
	}
	return false;
}

void withdrawal_revoke(struct reasoning *r)
{
	for (size_t i = 0; i < r->q->count; i++) {
		if (said(r, i)->kind != TROTH_BELIEF_REVOKED || !may_revoke(r, i))
			continue;
		r->marks[i].accepted = true;
		revoke(r, i);
	}
	for (size_t i = r->live; i < r->q->count; i++) {
		if (said(r, i)->kind == TROTH_BELIEF_ANCHOR && r->marks[i].issuer != NULL)
			r->marks[i].disowned = is_disowned(r, i);
	}
}

/* ---- suspensions ---- */

struct cause {
	size_t by;
	enum troth_belief_step_kind how;
	int64_t at;
	bool scorches;
};

static void suspend(struct node *node, const struct cause *c)
{
	if (node->suspended_by == NONE || node->suspended_by <= c->by) {
		node->suspended_by = c->by;
		node->suspended_how = c->how;
	}
	if (node->suspended_from == NONE || c->at > node->suspended_at)
		node->suspended_at = c->at;
	if (node->suspended_from == NONE || c->by < node->suspended_from)
		node->suspended_from = c->by;
	node->scorched |= c->scorches;
}

/* "A fellow device only suspends". */
static void suspend_by_fellow(struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = said(r, i);
	struct node *subject = reasoning_node(r, &s->subject, TROTH_ROLE_DEVICE);
	const struct node *fellow = reasoning_node(r, &s->issuer, TROTH_ROLE_DEVICE);
	if (r->marks[i].accepted || subject == NULL || fellow == NULL ||
	    fellow->by[TIER_SAID] == NONE)
		return;
	suspend(subject, &(struct cause){i, TROTH_STEP_FELLOW_REVOKED, dated(s), burns(s)});
}

/* Whether it names a successor of its signer. */
static bool is_renewal(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = said(r, i);
	const struct mark *m = &r->marks[i];
	return s->kind == TROTH_BELIEF_ENDORSED && s->purpose == TROTH_BELIEF_RENEW &&
	       m->subject != m->issuer && m->issuer->by[TIER_SAID] != NONE &&
	       m->issuer->revoked_by > i;
}

/* "A key has one successor": only where nobody above them can decide between two. */
static bool binds(const struct reasoning *r, size_t i)
{
	return is_renewal(r, i) && !r->marks[i].after_user;
}

static bool is_endorsed_device(const struct reasoning *r, const struct node *node)
{
	for (size_t i = r->live; i < r->q->count; i++) {
		const struct troth_belief_statement *s = said(r, i);
		if (r->marks[i].subject == node && r->marks[i].counted &&
		    s->kind == TROTH_BELIEF_ENDORSED && s->purpose == TROTH_BELIEF_DEVICE)
			return true;
	}
	return false;
}

/* Whether the same successor was named before: hearing it again changes nothing. */
static bool is_repeated(const struct reasoning *r, size_t i,
			bool (*test)(const struct reasoning *, size_t))
{
	for (size_t k = r->live; k < i; k++) {
		if (r->marks[k].subject == r->marks[i].subject &&
		    r->marks[k].issuer == r->marks[i].issuer && test(r, k))
			return true;
	}
	return false;
}

static void suspend_family(struct reasoning *r, struct node *old, const struct cause *c)
{
	suspend(old, c);
	for (size_t i = r->live; i < r->q->count; i++) {
		if (r->marks[i].issuer == old && binds(r, i))
			suspend(r->marks[i].subject, c);
	}
}

/* "A key has one successor: a second one suspends both". The key that named both is in two
 * hands, so it doesn't go on either. */
static void find_second(struct reasoning *r, size_t i)
{
	for (size_t k = r->live; k < i; k++) {
		if (r->marks[k].issuer == r->marks[i].issuer &&
		    r->marks[k].subject != r->marks[i].subject && binds(r, k)) {
			const struct cause c = {i, TROTH_STEP_TWO_SUCCESSORS, dated(said(r, i)),
						true};
			suspend_family(r, r->marks[i].issuer, &c);
			return;
		}
	}
}

/* "During the overlap [...] each stream names inside TLS the successor that its key knows;
 * disagreement suspends both." */
static void find_dispute(struct reasoning *r, size_t i)
{
	struct node *old = r->marks[i].subject;
	for (size_t k = r->live; k < r->q->count; k++) {
		if (r->marks[k].issuer == old && binds(r, k)) {
			const struct cause c = {i, TROTH_STEP_DISPUTED, said(r, i)->time, true};
			suspend_family(r, old, &c);
			return;
		}
	}
}

static bool takes_the_place(const struct reasoning *r, size_t i)
{
	return is_renewal(r, i) &&
	       (!r->marks[i].after_user || is_endorsed_device(r, r->marks[i].subject));
}

/* Whether a key came, by first successors, from another. Those are no circle, by the use below. */
static bool descends(const struct reasoning *r, const struct node *from, const struct node *to)
{
	while (from != to && from->renewed_by != NONE)
		from = r->marks[from->renewed_by].subject;
	return from == to;
}

static void renew(struct reasoning *r, size_t i)
{
	struct node *old = r->marks[i].issuer;
	/* A key that was renewed doesn't take the place of what came after it: of keys that renew
	 * each other in a circle all would be refused. */
	if (descends(r, r->marks[i].subject, old))
		return;
	if (old->renewed_by == NONE)
		old->renewed_by = i;
	old->renewed_last = i;
	if (old->renewed_by == i || dated(said(r, i)) > old->renewed_at)
		old->renewed_at = dated(said(r, i));
}

void withdrawal_suspend(struct reasoning *r)
{
	for (size_t i = r->live; i < r->q->count; i++) {
		if (said(r, i)->kind == TROTH_BELIEF_REVOKED)
			suspend_by_fellow(r, i);
		else if (said(r, i)->kind == TROTH_BELIEF_DISPUTED)
			find_dispute(r, i);
		if (binds(r, i) && !is_repeated(r, i, binds))
			find_second(r, i);
		if (takes_the_place(r, i) && !is_repeated(r, i, takes_the_place))
			renew(r, i);
	}
}

/* ---- decisions ---- */

/* "Until the user key or a re-pairing decides": what a person proves anew, or what the user key
 * endorses knowing of it, which the date in what it signed tells. */
static bool is_decided(const struct reasoning *r, const struct node *node, size_t since, int64_t at)
{
	for (size_t i = since + 1; i < r->q->count; i++) {
		const struct troth_belief_statement *s = said(r, i);
		if (r->marks[i].subject != node)
			continue;
		if (s->kind == TROTH_BELIEF_MET && s->how != TROTH_BELIEF_BY_HANDSHAKE)
			return true;
		if (s->kind == TROTH_BELIEF_ANCHOR && r->marks[i].issuer == NULL)
			return true;
		if (s->kind == TROTH_BELIEF_ENDORSED && s->purpose == TROTH_BELIEF_DEVICE &&
		    s->issued > at && learning_counts(r, i, TIER_CLEAR))
			return true;
	}
	return false;
}

void withdrawal_decide(struct reasoning *r)
{
	bool more = true;
	/* A user key that itself rests on what is suspended decides nothing: so they are cleared
	 * one after the other, beginning with none. */
	while (more) {
		more = false;
		learning_run(r, TIER_CLEAR, r->live, r->q->count);
		for (size_t i = 0; i < r->node_count; i++) {
			struct node *node = &r->nodes[i];
			if (!troth_node_suspended(node))
				continue;
			node->decided = is_decided(r, node, node->suspended_by, node->suspended_at);
			more |= node->decided;
		}
	}
}

bool withdrawal_replaced(const struct reasoning *r, const struct node *node)
{
	int64_t until;
	if (node->renewed_by == NONE)
		return false;
	/* "During the overlap (30 days)": by our clock, from when we learnt of it. */
	if (__builtin_add_overflow(said(r, node->renewed_by)->time, r->q->policy->overlap, &until))
		until = INT64_MAX;
	return r->q->now >= until && !is_decided(r, node, node->renewed_last, node->renewed_at);
}
