/* SPDX-License-Identifier: MIT */
/*
 * One in-band bytestream (XEP-0047): bytes as stanzas. Layer: bytestream. No I/O: stanzas that
 * arrived go in, stanzas to send are pulled out, and so are the bytes.
 *
 * Data is sent in IQs, of which a bounded number is unanswered; it is read from IQs and from
 * messages. What arrives is answered only once it has been consumed, so that a peer which waits
 * for answers is held up with us. Stanzas from anybody but the peer aren't of this bytestream.
 * It carries no security of its own: whoever carries the stanzas reads and changes the bytes.
 */
#ifndef TROTH_BYTESTREAM_IBB_H
#define TROTH_BYTESTREAM_IBB_H

#include "xmpp/iq.h"

#define TROTH_IBB_BLOCK 4096 /* XEP-0047 5: "It is RECOMMENDED to use a 'block-size' of 4096." */
#define TROTH_IBB_WINDOW 16  /* unanswered IQs: what common servers carry fastest */

enum troth_ibb_state {
	TROTH_IBB_WAITING, /* for <open/>, or for its answer */
	TROTH_IBB_OPEN,
	TROTH_IBB_CLOSING, /* by us: what was written leaves, then <close/>, then its answer */
	TROTH_IBB_CLOSED,  /* in order */
	TROTH_IBB_FAILED   /* troth_ibb_error says why */
};

struct troth_ibb_params {
	bool opener;      /* we send <open/> */
	const char *peer; /* full JID, compared as bytes with `from` below; copied */
	const char *sid;  /* copied */
	unsigned block;   /* the largest block either way, up to 65535; 0: TROTH_IBB_BLOCK */
	unsigned window;  /* unanswered IQs, up to TROTH_LIMIT_IBB_WINDOW; 0: TROTH_IBB_WINDOW */
	struct troth_iq_random random;
};

struct troth_ibb;

/* Errors: TROTH_E_INVAL, TROTH_E_NOMEM. */
int troth_ibb_new(struct troth_ibb **out, const struct troth_ibb_params *params) TROTH_MUST_USE;
void troth_ibb_free(struct troth_ibb *ibb);

enum troth_ibb_state troth_ibb_state(const struct troth_ibb *ibb);
/* Why it failed: TROTH_E_PEER_REFUSED, TROTH_E_UNREACHABLE, TROTH_E_PROTOCOL, TROTH_E_LIMIT,
 * TROTH_E_TRUNCATED when data wasn't delivered, TROTH_E_TIMEOUT; TROTH_OK while it hasn't. */
int troth_ibb_error(const struct troth_ibb *ibb);
/* The block size in force. */
unsigned troth_ibb_block(const struct troth_ibb *ibb);

/* Effect: takes a stanza. from is its sender as the caller established it. A stanza that breaks
 * the bytestream is taken as well: it fails, and says so. Errors: TROTH_E_NOT_FOUND when the
 * stanza isn't of this bytestream, TROTH_E_NOMEM. */
int troth_ibb_feed(struct troth_ibb *ibb, const struct troth_element *stanza,
		   const char *from) TROTH_MUST_USE;

/* Effect: appends the next stanza to send, a whole one, and sets *any; or clears it when there is
 * none now. Call until there is none: after every call that may have changed something. now is in
 * milliseconds. Errors: TROTH_E_NOMEM, TROTH_E_LIMIT, random's. */
int troth_ibb_next(struct troth_ibb *ibb, int64_t now, struct troth_buf *out,
		   bool *any) TROTH_MUST_USE;

/* Effect: takes bytes to be sent; all or none. Errors: TROTH_E_LIMIT when too many wait,
 * TROTH_E_INVAL once it ends. */
int troth_ibb_write(struct troth_ibb *ibb, struct troth_slice bytes) TROTH_MUST_USE;
/* Bytes that were written and that no answer has confirmed. */
size_t troth_ibb_unsent(const struct troth_ibb *ibb);
/* Effect: ends it after what was written. */
void troth_ibb_close(struct troth_ibb *ibb);
/* Effect: ends it now, without what waits; the peer is told. */
void troth_ibb_abort(struct troth_ibb *ibb);

/* The bytes that arrived, in order; borrowed until the next call. Then how many are done with. */
struct troth_slice troth_ibb_input(const struct troth_ibb *ibb);
void troth_ibb_consume(struct troth_ibb *ibb, size_t len);
/* Whether nothing more will arrive behind the input. */
bool troth_ibb_ended(const struct troth_ibb *ibb);

/* When the first unanswered IQ is given up; INT64_MAX: never. Effect of the latter: fails when
 * that time has come. */
int64_t troth_ibb_deadline(const struct troth_ibb *ibb);
void troth_ibb_expire(struct troth_ibb *ibb, int64_t now);

/* Effect: answers a request about a bytestream that there isn't, or that isn't wanted. false
 * and nothing when it is no such request. */
bool troth_ibb_refuse(struct troth_writer *w, const struct troth_element *stanza);

#endif
