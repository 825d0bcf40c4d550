/* SPDX-License-Identifier: MIT */
/*
 * What makes a key the contact's: the positive half of belief. Layer: trust.
 * docs/protocol.md, "Keys about keys". Withdrawals are found elsewhere and only heeded here.
 */
#include "trust/reasoning.h"

bool troth_belief_in_date(const struct troth_belief_statement *s)
{
	int64_t latest;
	switch (s->kind) {
	case TROTH_BELIEF_ENDORSED:
		if (s->purpose == TROTH_BELIEF_RENEW)
			return true;
		break;
	case TROTH_BELIEF_VOUCHED:
	case TROTH_BELIEF_INTRODUCED:
		break;
	case TROTH_BELIEF_CA:
		return s->time <= s->expires;
	case TROTH_BELIEF_CLAIMED:
	case TROTH_BELIEF_MET:
	case TROTH_BELIEF_REPAIRED:
	case TROTH_BELIEF_REVOKED:
	case TROTH_BELIEF_OPENPGP:
	case TROTH_BELIEF_ANCHOR:
	case TROTH_BELIEF_SUCCESSOR:
	case TROTH_BELIEF_DISPUTED:
	case TROTH_BELIEF_QUORUM:
		return true;
	}
	/* "expiry stops learning and never breaks a pin": the clock of its arrival counts. */
	if (__builtin_add_overflow(s->time, TROTH_BELIEF_CLOCK_SLACK, &latest))
		latest = INT64_MAX;
	return s->issued <= latest && s->time <= s->expires;
}

/* A revoked key says nothing new, and one that somebody else may have said nothing ever. Whoever
 * finds a user key that was lost and succeeded adds nothing by it. */
bool learning_heard(const struct node *issuer, size_t i, enum tier tier)
{
	if (tier == TIER_SAID)
		return true;
	if (issuer->burnt || issuer->revoked_by < i || issuer->succeeded_by < i)
		return false;
	return tier == TIER_SOUND || !troth_node_suspended(issuer) ||
	       (!issuer->scorched && issuer->suspended_from > i);
}

/* "A `device` endorsement counts only when that device presents it". "If the contact has a user
 * key, its `device` endorsement is needed instead" of a renewal. */
static bool endorsement_counts(const struct reasoning *r, size_t i, enum tier tier)
{
	const struct troth_belief_statement *s = &r->q->statements[i];
	const struct mark *m = &r->marks[i];
	switch (s->purpose) {
	case TROTH_BELIEF_DEVICE:
		if (!s->presented || !troth_belief_in_date(s))
			return false;
		break;
	case TROTH_BELIEF_RENEW:
		if (m->after_user || m->subject == m->issuer)
			return false;
		break;
	case TROTH_BELIEF_VOUCH:
		return false;
	}
	return m->issuer->by[tier] != NONE && learning_heard(m->issuer, i, tier);
}

/* A user key was accepted on the word of the device that it endorsed. If that device turns out to
 * be somebody else's, so may the user key; unless it is the user key itself that says so. */
static bool anchor_counts(const struct reasoning *r, size_t i, enum tier tier)
{
	const struct mark *m = &r->marks[i];
	if (m->issuer == NULL)
		return true;
	return m->issuer->by[tier] != NONE && (tier == TIER_SAID || !m->disowned);
}

/* What the keyring says last counts. A revocation by a key that was once valid stays. */
static bool openpgp_counts(const struct reasoning *r, size_t i, enum tier tier)
{
	const struct mark *m = &r->marks[i];
	if (r->q->statements[i].validity < r->q->policy->openpgp)
		return false;
	for (size_t k = i + 1; tier != TIER_SAID && k < r->q->count; k++) {
		if (r->marks[k].subject == m->subject && r->marks[k].life == m->life &&
		    r->q->statements[k].kind == TROTH_BELIEF_OPENPGP)
			return false;
	}
	return true;
}

bool learning_counts(const struct reasoning *r, size_t i, enum tier tier)
{
	const struct troth_belief_statement *s = &r->q->statements[i];
	switch (s->kind) {
	case TROTH_BELIEF_MET:
	case TROTH_BELIEF_REPAIRED:
		return true;
	case TROTH_BELIEF_CA:
		return r->q->policy->ca == TROTH_BELIEF_CA_ENOUGH && troth_belief_in_date(s);
	case TROTH_BELIEF_ENDORSED:
		return endorsement_counts(r, i, tier);
	case TROTH_BELIEF_ANCHOR:
		return anchor_counts(r, i, tier);
	case TROTH_BELIEF_OPENPGP:
		return openpgp_counts(r, i, tier);
	case TROTH_BELIEF_SUCCESSOR:
		return succession_counts(r, i, tier);
	case TROTH_BELIEF_CLAIMED:
	case TROTH_BELIEF_VOUCHED:
	case TROTH_BELIEF_REVOKED:
	case TROTH_BELIEF_DISPUTED:
	case TROTH_BELIEF_QUORUM:
	case TROTH_BELIEF_INTRODUCED:
		return false;
	}
	return false;
}

/* What a key is explained by: the better reason is found first. */
static bool is_proof(enum troth_belief_kind kind)
{
	return kind == TROTH_BELIEF_MET || kind == TROTH_BELIEF_REPAIRED;
}

static bool learn(struct reasoning *r, size_t i, enum tier tier)
{
	struct node *subject = r->marks[i].subject;
	if (subject == NULL || subject->by[tier] != NONE || !learning_counts(r, i, tier))
		return false;
	subject->by[tier] = i;
	return true;
}

void learning_run(struct reasoning *r, enum tier tier, size_t from, size_t to)
{
	bool more = true;
	for (size_t i = 0; i < r->node_count; i++)
		r->nodes[i].by[tier] = NONE;
	for (size_t i = from; i < to; i++) {
		if (is_proof(r->q->statements[i].kind))
			(void)learn(r, i, tier);
	}
	/* A word is only as good as the key that gave it: to the least fixed point, so that no two
	 * keys hold each other up. */
	while (more) {
		more = false;
		for (size_t i = from; i < to; i++)
			more |= learn(r, i, tier);
	}
}
