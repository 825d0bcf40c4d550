/* SPDX-License-Identifier: MIT */
/*
 * Introducers' words: which of them count, with the chain that each rests on. Layer: trust.
 * What a word is worth belief says; here nobody's key is learnt.
 */
#include "trust/reasoning.h"

/* The voucher's key is another contact's; but what it says of itself counts anywhere. */
static bool is_revoked_voucher(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *v = &r->q->statements[i];
	for (size_t k = 0; k < r->q->count; k++) {
		const struct troth_belief_statement *s = &r->q->statements[k];
		if (r->marks[k].accepted && troth_pin_equal(&s->subject, &v->issuer) &&
		    (s->reason != TROTH_BELIEF_RETIRED || k < i))
			return true;
	}
	return false;
}

/* One word, with all those before it: the chain is void as soon as any of them is. Each link has
 * a smaller depth than the word that rests on it, so this ends. */
static bool holds(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = &r->q->statements[i];
	return s->introducer_trusted && s->depth >= 1 && s->depth <= TROTH_BELIEF_DEPTH_MAX &&
	       troth_belief_in_date(s) && !is_revoked_voucher(r, i) &&
	       (s->depth == 1 || vouching_link(r, i) != NONE);
}

size_t vouching_link(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = &r->q->statements[i];
	for (size_t k = r->live; s->depth > 1 && k < r->q->count; k++) {
		const struct troth_belief_statement *link = &r->q->statements[k];
		if (link->kind == TROTH_BELIEF_INTRODUCED && link->depth == s->depth - 1 &&
		    link->introducer == s->introducer &&
		    troth_pin_equal(&link->subject, &s->issuer) && holds(r, k))
			return k;
	}
	return NONE;
}

/* "Less than verified, [...] enough only if policy says so, and never changes a contact that has
 * keys"; nor is it handed on further than policy allows. */
bool vouching_counts(const struct reasoning *r, size_t i)
{
	return r->q->statements[i].depth <= r->q->policy->depth &&
	       r->q->policy->vouched >= TROTH_LEVEL_VOUCHED && holds(r, i);
}
