/* SPDX-License-Identifier: MIT */
/* Belief: from what was recorded to what each key is. Layer: trust. Pure. */
#include "trust/belief.h"

#include "trust/reasoning.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct troth_pin troth_belief_openpgp_id(const uint8_t fingerprint[20])
{
	struct troth_pin pin = {{0}};
	memcpy(pin.bytes, fingerprint, 20);
	return pin;
}

struct troth_belief_policy troth_belief_policy_default(void)
{
	return (struct troth_belief_policy){
		.vouched = TROTH_LEVEL_VOUCHED,
		.depth = 1,
		.openpgp = TROTH_BELIEF_FULL,
		.overlap = TROTH_BELIEF_OVERLAP,
		.ca = TROTH_BELIEF_CA_IGNORED,
	};
}

const char *troth_belief_step_text(enum troth_belief_step_kind kind)
{
	static const char *const texts[] = {
#define STEP_TEXT(symbol, text) text,
		TROTH_BELIEF_STEPS(STEP_TEXT)
#undef STEP_TEXT
	};
	return texts[kind];
}

bool troth_standing_is_believed(enum troth_key_standing standing)
{
	switch (standing) {
	case TROTH_KEY_CERTIFIED:
	case TROTH_KEY_OPENPGP:
	case TROTH_KEY_ENDORSED:
	case TROTH_KEY_PROVEN:
		return true;
	case TROTH_KEY_UNKNOWN:
	case TROTH_KEY_UNPROVEN:
	case TROTH_KEY_VOUCHED:
	case TROTH_KEY_UNCERTIFIED:
	case TROTH_KEY_REPLACED:
	case TROTH_KEY_SUSPENDED:
	case TROTH_KEY_VOID:
	case TROTH_KEY_REVOKED:
		return false;
	}
	return false;
}

/* ---- one life after the other ---- */

/* What was once the contact's, with the statements that made it so: who may revoke it. */
static void keep_life(struct reasoning *r, size_t from, size_t to, bool over)
{
	for (size_t i = from; i < to; i++) {
		r->marks[i].counted =
			r->marks[i].subject != NULL && learning_counts(r, i, TIER_SAID);
		if (over && r->q->statements[i].kind == TROTH_BELIEF_CLAIMED)
			r->marks[i].subject->was = true;
	}
	for (size_t i = 0; over && i < r->node_count; i++)
		r->nodes[i].was |= r->nodes[i].by[TIER_SAID] != NONE;
}

static void live_through(struct reasoning *r)
{
	size_t from = 0;
	for (size_t i = 1; i <= r->q->count; i++) {
		bool over = i < r->q->count && r->marks[i].life != r->marks[i - 1].life;
		if (!over && i < r->q->count)
			continue;
		succession_find(r, from, i);
		learning_run(r, TIER_SAID, from, i);
		keep_life(r, from, i, over);
		from = i;
	}
}

/* ---- what is less than belief ---- */

static bool has_any_key(const struct reasoning *r)
{
	for (size_t i = 0; i < r->node_count; i++) {
		const struct node *n = &r->nodes[i];
		if (n->was || n->claimed_by != NONE || n->by[TIER_SAID] != NONE)
			return true;
	}
	return false;
}

static void note_lesser(struct reasoning *r)
{
	for (size_t i = r->live; i < r->q->count; i++) {
		const struct troth_belief_statement *s = &r->q->statements[i];
		struct node *n = r->marks[i].subject;
		if (s->kind == TROTH_BELIEF_CLAIMED && n->claimed_by == NONE)
			n->claimed_by = i;
		if (s->kind == TROTH_BELIEF_CA && n->certified_by == NONE &&
		    troth_belief_in_date(s))
			n->certified_by = i;
	}
	if (has_any_key(r))
		return;
	for (size_t i = r->live; i < r->q->count; i++) {
		struct node *n = r->marks[i].subject;
		if (r->q->statements[i].kind == TROTH_BELIEF_VOUCHED && n->vouched_by == NONE &&
		    vouching_counts(r, i))
			n->vouched_by = i;
	}
}

/* ---- the whole ---- */

static void reason(struct reasoning *r)
{
	live_through(r);
	withdrawal_revoke(r);
	withdrawal_suspend(r);
	learning_run(r, TIER_SOUND, r->live, r->q->count);
	withdrawal_decide(r);
	note_lesser(r);
}

int troth_belief_conclude(struct troth_belief *out, const struct troth_belief_question *question)
{
	struct reasoning r;
	struct troth_belief belief = {0};
	int err = reasoning_init(&r, question);
	if (err != TROTH_OK)
		return err;
	if (r.node_count > 0) {
		belief.keys = calloc(r.node_count, sizeof *belief.keys);
		if (belief.keys == NULL) {
			reasoning_fini(&r);
			return TROTH_E_NOMEM;
		}
		reason(&r);
		for (size_t i = 0; i < r.node_count; i++)
			standing_find(&r, &r.nodes[i], &belief.keys[i]);
		belief.count = r.node_count;
	}
	reasoning_fini(&r);
	*out = belief;
	return TROTH_OK;
}

void troth_belief_fini(struct troth_belief *belief)
{
	free(belief->keys);
	*belief = (struct troth_belief){0};
}

static int by_pin(const void *a, const void *b)
{
	const struct troth_belief_key *x = a;
	const struct troth_belief_key *y = b;
	int order = memcmp(x->pin.bytes, y->pin.bytes, sizeof x->pin.bytes);
	return order != 0 ? order : (int)x->role - (int)y->role;
}

const struct troth_belief_key *troth_belief_find(const struct troth_belief *belief,
						 const struct troth_pin *pin,
						 enum troth_key_role role)
{
	const struct troth_belief_key wanted = {.pin = *pin, .role = role};
	if (belief->count == 0)
		return NULL;
	return bsearch(&wanted, belief->keys, belief->count, sizeof wanted, by_pin);
}

bool troth_belief_has_key(const struct troth_belief *belief)
{
	for (size_t i = 0; i < belief->count; i++) {
		enum troth_key_standing standing = belief->keys[i].standing;
		if (belief->keys[i].role == TROTH_ROLE_DEVICE && standing != TROTH_KEY_UNKNOWN &&
		    standing != TROTH_KEY_UNPROVEN && standing != TROTH_KEY_VOUCHED)
			return true;
	}
	return false;
}
