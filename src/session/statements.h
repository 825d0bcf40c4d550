/* SPDX-License-Identifier: MIT */
/*
 * What keys say about keys, inside the session: recorded, concluded, learnt and said. For the
 * files of this folder only. Layer: session.
 */
#ifndef TROTH_SESSION_STATEMENTS_H
#define TROTH_SESSION_STATEMENTS_H

#include "session/state.h"

/* ---- believe.c ---- */
/* What was just verified, and isn't recorded yet. */
struct endorsed {
	int64_t contact; /* whose keys said it; 0: nobody's */
	struct troth_belief_statement says[ENDORSEMENTS_MAX];
	const struct troth_endorsement *by[ENDORSEMENTS_MAX]; /* borrowed from the event */
	size_t count;
};
/* Effect: concludes, with what was just verified; free with troth_believed_fini. */
int contact_believe(struct troth_session *s, int64_t contact, const struct endorsed *also,
		    struct troth_believed *out) TROTH_MUST_USE;
/* Effect: brings the store's keys of a contact in line with what is believed of them now. */
int contact_settle(struct troth_session *s, int64_t contact) TROTH_MUST_USE;
int statement_record(struct troth_session *s, int64_t contact,
		     const struct troth_belief_statement *says) TROTH_MUST_USE;
int statement_endorsement(struct troth_session *s, int64_t contact,
			  const struct troth_belief_statement *says,
			  const struct troth_endorsement *e) TROTH_MUST_USE;
int statement_revocation(struct troth_session *s, int64_t contact,
			 const struct troth_belief_statement *says,
			 const struct troth_revocation *r) TROTH_MUST_USE;

/* ---- endorsed.c ---- */
/* Effect: verifies what keys of a contact say about the key that was just shown. The key of
 * nobody when none of it is right: *out is all zero then. */
int endorsed_find(struct troth_session *s, const struct troth_event *e,
		  struct endorsed *out) TROTH_MUST_USE;
/* Effect: the standing that all of it gives that key. */
int endorsed_standing(struct troth_session *s, const struct endorsed *endorsed,
		      const struct troth_pin *pin, enum troth_key_standing *out) TROTH_MUST_USE;
/* Effect: a new key of a contact was accepted by its endorsements: recorded, pinned, told. */
int endorsed_take(struct link *l, const struct endorsed *endorsed,
		  const struct troth_cert *cert) TROTH_MUST_USE;
/* Effect: it wasn't, but what was signed stays on record: a second successor suspends the first. */
void endorsed_refused(struct link *l, const struct endorsed *endorsed);
/* Effect: the certificate of a contact's key by name; TROTH_E_NOT_FOUND. The caller frees *out. */
int contact_cert_by_name(struct troth_session *s, int64_t contact, const char *name,
			 struct troth_cert **out) TROTH_MUST_USE;

/* ---- learn.c ---- */
/* Effect: learns from the keys that a contact gave on a stream by its key. */
void link_learn(struct link *l, const struct troth_event *e);

/* ---- say.c ---- */
/* Effect: reads anew what this device says about its keys, and says it from now on. */
int say_load(struct troth_session *s) TROTH_MUST_USE;
/* Effect: a stream by key is up: its contact is told. */
void say_keys(struct link *l);

#endif
