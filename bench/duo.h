/* SPDX-License-Identifier: MIT */
/* What is measured: two streams with the least application that a stream can have. */
#ifndef BENCH_DUO_H
#define BENCH_DUO_H

#include "line.h"

#include <troth/stream.h>

struct duo_end {
	struct troth_device *device;
	struct troth_engine *engine;
	struct troth_address *address;
	struct troth_known_key key; /* the other's */
	struct troth_known known;
	struct troth_stream *stream;
	bool up;
	bool has_keys;
	size_t received; /* stanzas */
};

struct duo {
	struct duo_end end[2]; /* initiator, recipient */
	struct troth_secret *secret;
};

void duo_init(struct duo *d);
void duo_fini(struct duo *d);
/* Effect: from now on they know each other by their keys, or by a secret, which pake proves, or
 * where the initiator can't do that, srp. */
void duo_by_key(struct duo *d);
void duo_by_secret(struct duo *d, bool pake);

/* Effect: a connection in memory (line NULL), or over a line; both are secured, and after
 * srp they have each other's keys. */
void duo_connect(struct duo *d, const struct line *line);
void duo_close(struct duo *d);

/* Effect: one message from one end to the other. */
void duo_carry(struct duo *d, const struct line *line, int from, const char *body);
/* How many bytes of XML such a message has. */
size_t duo_message_len(const char *body);

#endif
