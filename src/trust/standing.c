/* SPDX-License-Identifier: MIT */
/* How each key stands, and by which steps. Layer: trust. */
#include "trust/reasoning.h"

static const struct troth_belief_statement *said(const struct reasoning *r, size_t i)
{
	return &r->q->statements[i];
}

/* ---- steps ---- */

static void step(struct troth_belief_key *out, enum troth_belief_step_kind kind, size_t statement)
{
	if (out->step_count < TROTH_BELIEF_STEPS_MAX)
		out->steps[out->step_count++] = (struct troth_belief_step){kind, statement};
}

static enum troth_belief_step_kind met_step(const struct troth_belief_statement *s)
{
	switch (s->how) {
	case TROTH_BELIEF_BY_SECRET:
		return TROTH_STEP_MET_BY_SECRET;
	case TROTH_BELIEF_BY_HAND:
		return TROTH_STEP_MET_BY_HAND;
	case TROTH_BELIEF_BY_HANDSHAKE:
		return TROTH_STEP_MET_BY_HANDSHAKE;
	}
	return TROTH_STEP_MET_BY_HANDSHAKE;
}

static enum troth_belief_step_kind learnt_step(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = said(r, i);
	switch (s->kind) {
	case TROTH_BELIEF_MET:
		return met_step(s);
	case TROTH_BELIEF_REPAIRED:
		return TROTH_STEP_REPAIRED;
	case TROTH_BELIEF_ENDORSED:
		return s->purpose == TROTH_BELIEF_RENEW ? TROTH_STEP_RENEWED : TROTH_STEP_ENDORSED;
	case TROTH_BELIEF_CA:
		return TROTH_STEP_CA;
	case TROTH_BELIEF_OPENPGP:
		return s->assigned ? TROTH_STEP_ASSIGNED : TROTH_STEP_OPENPGP;
	case TROTH_BELIEF_ANCHOR:
		return r->marks[i].issuer == NULL ? TROTH_STEP_ANCHOR_MET : TROTH_STEP_ANCHORED;
	case TROTH_BELIEF_SUCCESSOR:
		return TROTH_STEP_SUCCESSOR;
	case TROTH_BELIEF_CLAIMED:
	case TROTH_BELIEF_DISPUTED:
	case TROTH_BELIEF_REVOKED:
	case TROTH_BELIEF_QUORUM:
	case TROTH_BELIEF_INTRODUCED:
		return TROTH_STEP_CLAIMED;
	case TROTH_BELIEF_VOUCHED:
		return TROTH_STEP_VOUCHED;
	}
	return TROTH_STEP_CLAIMED;
}

/* The way from a key to what was proven, as learnt at one tier; each key on it was learnt before
 * the one that it speaks for, so it ends. */
static void explain(const struct reasoning *r, const struct node *node, enum tier tier,
		    struct troth_belief_key *out)
{
	while (node != NULL && node->by[tier] != NONE) {
		step(out, learnt_step(r, node->by[tier]), node->by[tier]);
		node = r->marks[node->by[tier]].issuer;
	}
}

/* The word about the key first, the introducer's own last. */
static void explain_vouched(const struct reasoning *r, size_t i, struct troth_belief_key *out)
{
	step(out, said(r, i)->depth == 1 ? TROTH_STEP_VOUCHED : TROTH_STEP_VOUCHED_BEHIND, i);
	for (i = vouching_link(r, i); i != NONE; i = vouching_link(r, i))
		step(out,
		     said(r, i)->depth == 1 ? TROTH_STEP_INTRODUCED : TROTH_STEP_INTRODUCED_BEHIND,
		     i);
}

/* The same as far as the place where the next tier doesn't follow. */
static void explain_break(const struct reasoning *r, const struct node *node, enum tier tier,
			  struct troth_belief_key *out)
{
	enum tier next = tier + 1;
	while (node != NULL && node->by[tier] != NONE && node->by[next] == NONE) {
		size_t i = node->by[tier];
		const struct node *issuer = r->marks[i].issuer;
		if (issuer == NULL) {
			step(out, TROTH_STEP_OPENPGP_INVALID, i);
			return;
		}
		if (issuer->by[next] != NONE) {
			step(out,
			     next == TIER_CLEAR ? TROTH_STEP_ISSUER_SUSPENDED
						: TROTH_STEP_ISSUER_REVOKED,
			     i);
			return;
		}
		step(out, learnt_step(r, i), i);
		node = issuer;
	}
}

/* ---- standing ---- */

/* By the best of what speaks for it, however it was learnt first. */
static enum troth_key_standing worth_of(const struct reasoning *r, size_t i)
{
	const struct troth_belief_statement *s = said(r, i);
	switch (s->kind) {
	case TROTH_BELIEF_MET:
	case TROTH_BELIEF_REPAIRED:
	case TROTH_BELIEF_ANCHOR:
		return TROTH_KEY_PROVEN;
	case TROTH_BELIEF_CA:
		return TROTH_KEY_CERTIFIED;
	case TROTH_BELIEF_OPENPGP:
		return TROTH_KEY_OPENPGP;
	case TROTH_BELIEF_ENDORSED:
		return r->marks[i].issuer->openpgp ? TROTH_KEY_OPENPGP : TROTH_KEY_ENDORSED;
	case TROTH_BELIEF_SUCCESSOR:
		return TROTH_KEY_ENDORSED;
	case TROTH_BELIEF_CLAIMED:
	case TROTH_BELIEF_VOUCHED:
	case TROTH_BELIEF_REVOKED:
	case TROTH_BELIEF_DISPUTED:
	case TROTH_BELIEF_QUORUM:
	case TROTH_BELIEF_INTRODUCED:
		return TROTH_KEY_UNKNOWN;
	}
	return TROTH_KEY_UNKNOWN;
}

static enum troth_key_standing best_worth(const struct reasoning *r, const struct node *node)
{
	enum troth_key_standing best = TROTH_KEY_UNKNOWN;
	for (size_t i = r->live; i < r->q->count; i++) {
		if (r->marks[i].subject != node || !learning_counts(r, i, TIER_CLEAR))
			continue;
		enum troth_key_standing worth = worth_of(r, i);
		best = worth > best ? worth : best;
	}
	return best;
}

static enum troth_key_standing stand_believed(const struct reasoning *r, const struct node *node,
					      struct troth_belief_key *out)
{
	if (withdrawal_replaced(r, node)) {
		step(out, TROTH_STEP_REPLACED, node->renewed_by);
		return TROTH_KEY_REPLACED;
	}
	bool uncertified = node->role == TROTH_ROLE_DEVICE &&
			   r->q->policy->ca == TROTH_BELIEF_CA_AND_PIN &&
			   node->certified_by == NONE;
	if (uncertified)
		step(out, TROTH_STEP_CA_MISSING, NONE);
	if (node->renewed_by != NONE)
		step(out, TROTH_STEP_OVERLAP, node->renewed_by);
	if (node->succeeded_by != NONE)
		step(out, TROTH_STEP_SUCCEEDED, node->succeeded_by);
	explain(r, node, TIER_CLEAR, out);
	return uncertified ? TROTH_KEY_UNCERTIFIED : best_worth(r, node);
}

static enum troth_key_standing stand_unlearnt(const struct reasoning *r, const struct node *node,
					      struct troth_belief_key *out)
{
	if (node->claimed_by != NONE) {
		step(out, TROTH_STEP_CLAIMED, node->claimed_by);
		return TROTH_KEY_UNPROVEN;
	}
	if (node->vouched_by != NONE) {
		explain_vouched(r, node->vouched_by, out);
		return TROTH_KEY_VOUCHED;
	}
	if (node->was) {
		step(out, TROTH_STEP_REPLACED_BY_REPAIR, r->live);
		return TROTH_KEY_REPLACED;
	}
	return TROTH_KEY_UNKNOWN;
}

static enum troth_key_standing stand(const struct reasoning *r, const struct node *node,
				     struct troth_belief_key *out)
{
	bool learnt = node->by[TIER_SAID] != NONE;
	if (node->revoked_by != NONE) {
		step(out, TROTH_STEP_REVOKED, node->revoked_by);
		return TROTH_KEY_REVOKED;
	}
	if (troth_node_suspended(node) && (learnt || node->claimed_by != NONE)) {
		step(out, node->suspended_how, node->suspended_by);
		return TROTH_KEY_SUSPENDED;
	}
	if (!learnt)
		return stand_unlearnt(r, node, out);
	if (node->by[TIER_SOUND] == NONE) {
		explain_break(r, node, TIER_SAID, out);
		return TROTH_KEY_VOID;
	}
	if (node->by[TIER_CLEAR] == NONE) {
		explain_break(r, node, TIER_SOUND, out);
		return TROTH_KEY_SUSPENDED;
	}
	return stand_believed(r, node, out);
}

void standing_find(const struct reasoning *r, const struct node *node, struct troth_belief_key *out)
{
	*out = (struct troth_belief_key){.pin = node->pin, .role = node->role};
	out->standing = stand(r, node, out);
}
