/* SPDX-License-Identifier: MIT */
/* Statements tied to the keys that they are about. Layer: trust. Judges nothing. */
#include "trust/reasoning.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct roles {
	bool has_subject, has_issuer;
	enum troth_key_role subject, issuer;
};

static bool is_zero(const struct troth_pin *pin)
{
	static const struct troth_pin zero;
	return troth_pin_equal(pin, &zero);
}

/* The roles in which a statement speaks of keys. Errors: TROTH_E_INVAL. */
static int roles_of(const struct troth_belief_statement *s, struct roles *out)
{
	*out = (struct roles){.has_subject = true};
	switch (s->kind) {
	case TROTH_BELIEF_CLAIMED:
	case TROTH_BELIEF_MET:
	case TROTH_BELIEF_REPAIRED:
	case TROTH_BELIEF_CA:
	case TROTH_BELIEF_VOUCHED: /* by a key of another contact, which isn't judged here */
	case TROTH_BELIEF_DISPUTED:
		return TROTH_OK;
	case TROTH_BELIEF_ENDORSED:
		if (s->purpose == TROTH_BELIEF_VOUCH) {
			out->has_subject = false;
			return TROTH_OK;
		}
		out->has_issuer = true;
		out->issuer =
			s->purpose == TROTH_BELIEF_DEVICE ? TROTH_ROLE_USER : TROTH_ROLE_DEVICE;
		return s->purpose == TROTH_BELIEF_DEVICE || s->purpose == TROTH_BELIEF_RENEW
			       ? TROTH_OK
			       : TROTH_E_INVAL;
	case TROTH_BELIEF_REVOKED:
		/* Of whatever role the key has; it gets a place as a device, to be refused. */
		return TROTH_OK;
	case TROTH_BELIEF_OPENPGP:
		out->subject = TROTH_ROLE_USER;
		return TROTH_OK;
	case TROTH_BELIEF_ANCHOR:
		out->subject = TROTH_ROLE_USER;
		out->has_issuer = !is_zero(&s->issuer);
		out->issuer = TROTH_ROLE_DEVICE;
		return TROTH_OK;
	case TROTH_BELIEF_SUCCESSOR:
		out->subject = TROTH_ROLE_USER;
		out->has_issuer = true;
		out->issuer = TROTH_ROLE_DEVICE;
		return TROTH_OK;
	case TROTH_BELIEF_QUORUM:
		out->has_issuer = true;
		out->issuer = TROTH_ROLE_USER;
		return TROTH_OK;
	case TROTH_BELIEF_INTRODUCED: /* both keys are other people's */
		out->has_subject = false;
		return TROTH_OK;
	}
	return TROTH_E_INVAL;
}

static int by_pin(const void *a, const void *b)
{
	const struct node *x = a;
	const struct node *y = b;
	int order = memcmp(x->pin.bytes, y->pin.bytes, sizeof x->pin.bytes);
	return order != 0 ? order : (int)x->role - (int)y->role;
}

struct node *reasoning_node(const struct reasoning *r, const struct troth_pin *pin,
			    enum troth_key_role role)
{
	const struct node wanted = {.pin = *pin, .role = role};
	if (r->node_count == 0)
		return NULL;
	return bsearch(&wanted, r->nodes, r->node_count, sizeof wanted, by_pin);
}

static void add(struct reasoning *r, const struct troth_pin *pin, enum troth_key_role role)
{
	r->nodes[r->node_count++] = (struct node){
		.pin = *pin,
		.role = role,
		.by = {NONE, NONE, NONE},
		.claimed_by = NONE,
		.vouched_by = NONE,
		.certified_by = NONE,
		.revoked_by = NONE,
		.suspended_by = NONE,
		.suspended_from = NONE,
		.renewed_by = NONE,
		.renewed_last = NONE,
		.named_by = NONE,
		.succeeded_by = NONE,
	};
}

static int collect(struct reasoning *r)
{
	struct roles roles;
	for (size_t i = 0; i < r->q->count; i++) {
		const struct troth_belief_statement *s = &r->q->statements[i];
		int err = roles_of(s, &roles);
		if (err != TROTH_OK)
			return err;
		if (roles.has_subject)
			add(r, &s->subject, roles.subject);
		if (roles.has_issuer)
			add(r, &s->issuer, roles.issuer);
	}
	return TROTH_OK;
}

static void merge(struct reasoning *r)
{
	size_t kept = 0;
	if (r->node_count == 0)
		return;
	qsort(r->nodes, r->node_count, sizeof *r->nodes, by_pin);
	for (size_t i = 1; i < r->node_count; i++) {
		if (by_pin(&r->nodes[kept], &r->nodes[i]) != 0)
			r->nodes[++kept] = r->nodes[i];
	}
	r->node_count = kept + 1;
}

static void tie(struct reasoning *r)
{
	unsigned life = 0;
	bool user = false;
	struct roles roles;
	for (size_t i = 0; i < r->q->count; i++) {
		const struct troth_belief_statement *s = &r->q->statements[i];
		struct mark *m = &r->marks[i];
		if (s->kind == TROTH_BELIEF_REPAIRED) {
			life++;
			user = false;
			r->live = i;
		}
		/* It was judged by collect. */
		(void)roles_of(s, &roles);
		m->life = life;
		m->after_user = user;
		if (roles.has_subject && s->kind != TROTH_BELIEF_REVOKED)
			m->subject = reasoning_node(r, &s->subject, roles.subject);
		if (roles.has_issuer)
			m->issuer = reasoning_node(r, &s->issuer, roles.issuer);
		if (s->kind == TROTH_BELIEF_OPENPGP)
			m->subject->openpgp = true;
		user |= s->kind == TROTH_BELIEF_ANCHOR ||
			(s->kind == TROTH_BELIEF_OPENPGP && s->validity >= r->q->policy->openpgp);
	}
}

int reasoning_init(struct reasoning *r, const struct troth_belief_question *q)
{
	*r = (struct reasoning){.q = q};
	if (q->count == 0)
		return TROTH_OK;
	r->marks = calloc(q->count, sizeof *r->marks);
	r->nodes = calloc(q->count, 2 * sizeof *r->nodes);
	int err = r->marks != NULL && r->nodes != NULL ? collect(r) : TROTH_E_NOMEM;
	if (err != TROTH_OK) {
		reasoning_fini(r);
		return err;
	}
	merge(r);
	tie(r);
	return TROTH_OK;
}

void reasoning_fini(struct reasoning *r)
{
	free(r->marks);
	free(r->nodes);
	*r = (struct reasoning){0};
}
