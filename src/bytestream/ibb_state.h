/* SPDX-License-Identifier: MIT */
/* The inside of an in-band bytestream. Layer: bytestream; of ibb.c and ibb_read.c alone. */
#ifndef TROTH_BYTESTREAM_IBB_STATE_H
#define TROTH_BYTESTREAM_IBB_STATE_H

#include "bytestream/ibb.h"

/* The answer that we owe: a result, or an error. */
struct troth_ibb_answer {
	struct troth_ibb_answer *next;
	bool held; /* until the input has been consumed */
	bool error;
	const char *type; /* of the error; XEP-0047 names them, and not as RFC 6120 does */
	enum troth_stanza_condition condition;
	char id[];
};

struct troth_ibb {
	enum troth_ibb_state state;
	int err;
	bool opener;
	bool open_sent;
	bool opened;    /* <open/> was accepted */
	bool close_due; /* it failed, and the peer is to know */
	bool close_sent;
	bool peer_closed;
	char *close_id; /* of the peer's <close/>, answered when all that was written has left */
	char *peer;
	char *sid;
	unsigned block;
	unsigned window;
	unsigned unanswered; /* IQs with data */
	size_t in_flight;    /* bytes in them */
	uint16_t seq_out;
	uint16_t seq_in;
	struct troth_iq_tracker *tracker;
	struct troth_buf in;
	struct troth_buf out;
	struct troth_ibb_answer *answers; /* in order */
	size_t answer_count;
};

/* The tracker's tags: data has its length. */
#define TROTH_IBB_TAG_OPEN (-1)
#define TROTH_IBB_TAG_CLOSE (-2)

/* Effect: the first failure is for good; tell says whether the peer is to know. */
void troth_ibb_fail(struct troth_ibb *ibb, int err, bool tell);
/* Effect: ends it in order. */
void troth_ibb_settle(struct troth_ibb *ibb);

#endif
