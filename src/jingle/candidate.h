/* SPDX-License-Identifier: MIT */
/*
 * The candidates of one side (XEP-0260 2.2): kept, read, written. Layer: jingle.
 * Knows neither session nor network; what is kept has been checked.
 */
#ifndef TROTH_JINGLE_CANDIDATE_H
#define TROTH_JINGLE_CANDIDATE_H

#include "base/digest.h"
#include "base/limits.h"

#include <troth/jingle.h>

/* Zeroed: none. Members are read by everybody and changed by the functions below. */
struct troth_candidates {
	struct troth_jingle_candidate list[TROTH_LIMIT_JINGLE_CANDIDATES];
	bool failed[TROTH_LIMIT_JINGLE_CANDIDATES]; /* can't be had, or isn't worth it any more */
	size_t count;
	size_t told; /* the first of them have been handed out, and keep their places */
};

/* Whether it is what a resolver may be asked: an address or a host name, and nothing that means
 * something to whatever takes it further. */
bool troth_jingle_is_host(const char *host);

void troth_candidates_fini(struct troth_candidates *all);

/* Effect: adds a copy, in the order of priority among those that weren't told. Of more than
 * there is room for the best stay. Errors: TROTH_E_FORMAT for what no candidate may be,
 * TROTH_E_EXISTS for a cid that is there, TROTH_E_NOMEM; then nothing changes. */
int troth_candidates_add(struct troth_candidates *all,
			 const struct troth_jingle_candidate *candidate) TROTH_MUST_USE;
/* Effect: adds those of a <transport/>; a type that nobody knows is passed over. Errors: as above,
 * and then some may have been added. */
int troth_candidates_read(struct troth_candidates *all,
			  const struct troth_element *transport) TROTH_MUST_USE;
void troth_candidates_write(const struct troth_candidates *all, struct troth_writer *w);

/* True and its place when there is one. NULL is none. */
bool troth_candidates_find(const struct troth_candidates *all, const char *cid, size_t *index);
/* Whether one has the same host and port. */
bool troth_candidates_have_place(const struct troth_candidates *all,
				 const struct troth_jingle_candidate *candidate);
/* Whether one is left that hasn't failed. */
bool troth_candidates_left(const struct troth_candidates *all);
/* Effect: those with a lower priority have failed. */
void troth_candidates_abandon(struct troth_candidates *all, uint32_t priority);

#define TROTH_DSTADDR_SIZE (2 * TROTH_SHA1_LEN + 1)
/* SHA1(SID + requester + target), where the requester is whose candidates it is about. */
int troth_dstaddr_make(char out[TROTH_DSTADDR_SIZE], const char *sid, const char *requester,
		       const char *target) TROTH_MUST_USE;

#endif
