/* SPDX-License-Identifier: MIT */
/*
 * What keys said about keys, concluded and applied; shared by the files of this folder only.
 * Layer: session.
 */
#ifndef TROTH_SESSION_BELIEVE_H
#define TROTH_SESSION_BELIEVE_H

#include "store/store.h"
#include "trust/belief.h"

#include <troth/stream.h>

struct link;
struct troth_session;

#define ENDORSEMENTS_MAX 8

/* ---- believe.c ---- */
/* What was just verified, and isn't recorded yet. */
struct endorsed {
	int64_t contact; /* whose keys said it; 0: nobody's */
	struct troth_belief_statement says[ENDORSEMENTS_MAX];
	const struct troth_endorsement *by[ENDORSEMENTS_MAX]; /* borrowed from the event */
	size_t count;
};
/* What was recorded of a contact, and what it amounts to. */
struct believed {
	struct troth_belief_statement *list;
	size_t count, room;
	struct troth_belief belief;
};
/* Whether it came to be a contact's by what other keys said, and not by a proof of its own. */
bool key_is_concluded(const struct troth_store_key *key);
/* Effect: concludes; `also` may be NULL. Free with believed_fini. */
int contact_believe(struct troth_store *store, int64_t contact, const struct endorsed *also,
		    struct believed *out) TROTH_MUST_USE;
/* Its two halves: statements one by one into a zeroed struct, then what they amount to. */
int believed_add(struct believed *b, const struct troth_belief_statement *says) TROTH_MUST_USE;
int believed_conclude(struct believed *b) TROTH_MUST_USE;
void believed_fini(struct believed *b);
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

#endif
