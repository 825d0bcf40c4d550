/* SPDX-License-Identifier: MIT */
/* The stream that is fuzzed, and a peer that brings it into TLS by the book. */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include "tls/tls.h"

#include <troth/stream.h>

/* Made once for a process. */
struct peer_devices {
	struct troth_device *own; /* the stream's */
	struct troth_device *peer;
	struct troth_engine *engine;
	struct troth_tls_context *context;
	struct troth_address *stream_address;
	struct troth_address *peer_address;
	struct troth_secret *secret;
};

const struct peer_devices *peer_devices(void);

struct target {
	unsigned choice;
	bool initiator;
	struct troth_stream *stream;
	struct troth_known known;
	struct troth_known_key key;
	int64_t now;
	int up;
	int debits;
	bool closed;
};

/* Effect: lets the stream work, and answers what it asks. */
void target_work(struct target *t);
void target_feed(struct target *t, struct troth_slice bytes);

struct peer {
	struct troth_tls *tls;
	bool done;
	struct troth_buf sent; /* in clear */
	struct troth_buf heard;
	struct troth_buf plain; /* heard inside TLS */
	char transcript[64];    /* the right one, in base64; "" before TLS */
};

struct peer_way {
	enum troth_method method;
	bool mark;
	bool first; /* TLS at once */
};

/* Effect: header, offer of that method with or without the mark, TLS: all as it should be.
 * Where the stream won't have it, that is its right: then peer->done stays false. */
void peer_meet(struct peer *p, struct target *t, const struct peer_way *way);
void peer_say_inside(struct peer *p, struct target *t, struct troth_slice bytes);
void peer_fini(struct peer *p);

/* The id of the stream's open request for keys, or "". */
const char *peer_request_id(const struct target *t);

#endif
