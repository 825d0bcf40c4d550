/* SPDX-License-Identifier: MIT */
/*
 * What the files of belief share: the statements tied to the keys that they are about. Layer:
 * trust, internal to it. Nothing outlives one conclusion.
 */
#ifndef TROTH_TRUST_REASONING_H
#define TROTH_TRUST_REASONING_H

#include "trust/belief.h"

#include <stdint.h>

#define NONE TROTH_BELIEF_NO_STATEMENT

/* How much is taken into account. What is learnt at one is learnt at those before. */
enum tier {
	TIER_SAID,  /* everything that ever counted, revocations aside */
	TIER_SOUND, /* without what rests on a revoked key's word */
	TIER_CLEAR  /* nor on that of a suspended one */
};
#define TIERS 3

/* A key in one role. Members called by, or that end in _by, are statements, or NONE. */
struct node {
	struct troth_pin pin;
	enum troth_key_role role;
	size_t by[TIERS]; /* what it is learnt by, now: since the last re-pairing */
	bool openpgp;     /* the keyring knows it */
	bool was;         /* it was learnt or claimed before that */
	size_t claimed_by, vouched_by, certified_by;
	/* Revoked, by somebody who may. */
	size_t revoked_by; /* the first such revocation */
	bool burnt;        /* one says that somebody else may have the key */
	/* Suspended. */
	size_t suspended_by; /* the last statement that does so */
	enum troth_belief_step_kind suspended_how;
	int64_t suspended_at;  /* the latest date of those */
	size_t suspended_from; /* the first of those */
	bool scorched;         /* what it says doesn't count, whenever it said so */
	bool decided;          /* the user key, or a person, has cleared it since */
	/* Renewed. */
	size_t renewed_by;   /* the first renewal */
	size_t renewed_last; /* the last one that names a key not named before */
	int64_t renewed_at;  /* the date of that */
	/* Succeeded, a user key. */
	size_t named_by;     /* the first word of its quorum */
	struct node *heir;   /* the first for which enough of them spoke, believed or not */
	size_t succeeded_by; /* the word that was enough */
};

/* What is known of a statement beside its own words. */
struct mark {
	struct node *subject; /* in the role that its kind gives it; NULL for revocations */
	struct node *issuer;  /* likewise; NULL for none */
	unsigned life;        /* how many re-pairings came before or with it */
	bool after_user;      /* there was a user key already when it arrived */
	bool counted;         /* at TIER_SAID, in its own life */
	bool accepted;        /* of a revocation: its signer may revoke that key */
	bool disowned;        /* of an anchor: its device was revoked by somebody else */
};

struct reasoning {
	const struct troth_belief_question *q;
	struct mark *marks; /* of each statement */
	struct node *nodes; /* sorted by pin and role */
	size_t node_count;
	size_t live; /* the first statement since the last re-pairing, which it is itself */
};

/* Effect: ties statements to nodes. Errors: TROTH_E_NOMEM, TROTH_E_INVAL. */
int reasoning_init(struct reasoning *r, const struct troth_belief_question *q) TROTH_MUST_USE;
void reasoning_fini(struct reasoning *r);
/* NULL when nothing was said of it. */
struct node *reasoning_node(const struct reasoning *r, const struct troth_pin *pin,
			    enum troth_key_role role);

/* Whether a statement makes its subject the contact's, at that tier, with what is learnt so far. */
bool learning_counts(const struct reasoning *r, size_t i, enum tier tier);
/* Effect: learns at that tier all that the statements from..to allow. */
void learning_run(struct reasoning *r, enum tier tier, size_t from, size_t to);

/* Effect: finds quorums and whom they named, in the statements from..to. */
void succession_find(struct reasoning *r, size_t from, size_t to);
/* Whether a SUCCESSOR is one of as many words as it takes, by devices that are learnt so far. */
bool succession_counts(const struct reasoning *r, size_t i, enum tier tier);
/* Whether a key's word of statement i is heard at that tier. */
bool learning_heard(const struct node *issuer, size_t i, enum tier tier);

/* Effect: finds the revocations that count, in all lives; needs TIER_SAID of each. */
void withdrawal_revoke(struct reasoning *r);
/* Effect: finds renewals and what suspends; needs TIER_SAID of this life. */
void withdrawal_suspend(struct reasoning *r);
/* Effect: learns TIER_CLEAR, clearing what was decided. */
void withdrawal_decide(struct reasoning *r);
/* Whether a key that was renewed is refused now. */
bool withdrawal_replaced(const struct reasoning *r, const struct node *node);

/* Whether an introducer's word counts, with every link of the chain that it rests on. */
bool vouching_counts(const struct reasoning *r, size_t i);
/* The INTRODUCED by which the introducer takes the word of statement i's issuer; NONE. */
size_t vouching_link(const struct reasoning *r, size_t i);

/* Effect: fills in standing and steps. */
void standing_find(const struct reasoning *r, const struct node *node,
		   struct troth_belief_key *out);

static inline bool troth_node_suspended(const struct node *node)
{
	return node->suspended_by != NONE && !node->decided;
}

#endif
