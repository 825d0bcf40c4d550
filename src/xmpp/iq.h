/* SPDX-License-Identifier: MIT */
/*
 * IQ stanzas (RFC 6120 8.2.3): answering those of the peer, and remembering our own
 * until they are answered. Layer: xmpp.
 *
 * An answer counts only from the entity that was asked: an id can be guessed, an
 * authenticated address can't.
 */
#ifndef TROTH_XMPP_IQ_H
#define TROTH_XMPP_IQ_H

#include "xmpp/error.h"

/* True for an IQ that must be answered: type get or set. */
bool troth_iq_is_request(const struct troth_element *e);

/* Effect: opens the <iq type='result'/> that answers request; the caller writes the
 * payload and closes. request outlives the writing. A request that
 * troth_iq_is_request denies is TROTH_E_INVAL: errors are never answered. */
void troth_iq_result_open(struct troth_writer *w, const struct troth_element *request);
/* Effect: writes the whole <iq type='error'/> that answers request. */
void troth_iq_error(struct troth_writer *w, const struct troth_element *request,
		    enum troth_stanza_condition condition);

/* Where ids come from. fill returns 0, or an error that is passed on. */
struct troth_iq_random {
	int (*fill)(void *user, uint8_t *out, size_t len);
	void *user;
};

#define TROTH_IQ_ID_LEN 32
#define TROTH_IQ_OUTSTANDING 32

struct troth_iq_tracker;

/* random is copied, what its user points at is borrowed for the tracker's life. The
 * tracker holds at most TROTH_IQ_OUTSTANDING requests. */
int troth_iq_tracker_new(struct troth_iq_tracker **out,
			 const struct troth_iq_random *random) TROTH_MUST_USE;
void troth_iq_tracker_free(struct troth_iq_tracker *tracker);

struct troth_iq_request {
	const char *to; /* who must answer, as `from` will be given below; NULL for nobody named */
	int tag;        /* the caller's word for what was asked */
	int64_t deadline; /* milliseconds, on the caller's clock */
};

/* Effect: remembers a request and makes its id, borrowed in *id until it is answered
 * or expires. Errors: TROTH_E_LIMIT when too many are outstanding, random's. */
int troth_iq_tracker_add(struct troth_iq_tracker *tracker, const struct troth_iq_request *request,
			 const char **id) TROTH_MUST_USE;

struct troth_iq_answer {
	int tag;
	bool ok;                               /* a result, not an error */
	enum troth_stanza_condition condition; /* of an error */
};

/* Effect: if iq answers an outstanding request, forgets that and describes the answer.
 * from is the sender as the caller established it, compared as bytes with `to`.
 * Errors: TROTH_E_NOT_FOUND when it answers nothing of ours: it is to be ignored. */
int troth_iq_tracker_match(struct troth_iq_tracker *tracker, const struct troth_element *iq,
			   const char *from, struct troth_iq_answer *out) TROTH_MUST_USE;

/* Effect: forgets the requests with that tag: they weren't sent, or nobody waits any more. */
void troth_iq_tracker_forget(struct troth_iq_tracker *tracker, int tag);

/* The earliest deadline, INT64_MAX when nothing is outstanding. */
int64_t troth_iq_tracker_deadline(const struct troth_iq_tracker *tracker);
/* Effect: forgets one request whose deadline isn't after now; true and its tag in
 * *tag when there was one. Call until false. */
bool troth_iq_tracker_expire(struct troth_iq_tracker *tracker, int64_t now, int *tag);

#endif
