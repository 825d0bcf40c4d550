/* SPDX-License-Identifier: MIT */
/*
 * What keys say about keys, inside the session: recorded, concluded, learnt and said. For the
 * files of this folder only. Layer: session.
 */
#ifndef TROTH_SESSION_STATEMENTS_H
#define TROTH_SESSION_STATEMENTS_H

#include "session/state.h"

/* ---- believe.c ---- */
/* Effect: concludes, with what was just verified; free with troth_believed_fini. */
int contact_believe(struct troth_session *s, int64_t contact, const struct endorsed *also,
		    struct troth_believed *out) TROTH_MUST_USE;
/* Effect: brings the store's keys of a contact in line with what is believed of them now. */
int contact_settle(struct troth_session *s, int64_t contact) TROTH_MUST_USE;
/* Effect: a key as it stands now: overlaps end as time goes by. Errors: TROTH_E_NOT_FOUND. */
int key_settled(struct troth_session *s, const struct troth_pin *pin,
		struct troth_store_key *out) TROTH_MUST_USE;
int statement_record(struct troth_session *s, int64_t contact,
		     const struct troth_belief_statement *says) TROTH_MUST_USE;
int statement_endorsement(struct troth_session *s, int64_t contact,
			  const struct troth_belief_statement *says,
			  const struct troth_endorsement *e) TROTH_MUST_USE;

/* ---- learn.c ---- */
/* Effect: learns from the keys that a contact gave on a stream by its key. */
void link_learn(struct link *l, const struct troth_event *e);

/* Effect: a device of ours that our user key endorses is listed among them. */
int learn_fellow(struct troth_session *s, const struct troth_cert *subject,
		 const struct troth_endorsement *one) TROTH_MUST_USE;
bool learn_is_own_user_key(const struct troth_session *s, const char *name);

/* ---- succession.c ---- */
/* Effect: learns of quorums and whom they named, from the same. */
int link_learn_succession(struct link *l, const struct troth_event *e) TROTH_MUST_USE;
/* Whether the peer is a device of ours that our user key has named for its quorum. */
bool succession_is_ours(const struct link *l);

/* ---- overlap.c ---- */
/* Effect: a stream by a key that was renewed is up: its holder is asked for the successor. */
void overlap_ask(struct link *l);
/* Effect: compares the answer with the successor that is known. */
void overlap_check(struct link *l, const struct troth_event *e);

/* ---- say.c ---- */
/* Effect: reads anew what this device says about its keys, and says it from now on. */
int say_load(struct troth_session *s) TROTH_MUST_USE;
/* Effect: the same, if another program has changed the store since. */
void say_refresh(struct troth_session *s);
/* Effect: a stream by key is up: its contact is told. */
void say_keys(struct link *l);

#endif
