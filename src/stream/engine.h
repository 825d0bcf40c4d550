/* SPDX-License-Identifier: MIT */
/*
 * What the streams of one device share: its key, the TLS context, randomness, and the
 * exporters of live streams, by which a relayed handshake is recognised. Layer: stream.
 */
#ifndef TROTH_STREAM_ENGINE_H
#define TROTH_STREAM_ENGINE_H

#include "tls/tls.h"

#include <troth/stream.h>

#define TROTH_EXPORTER_LEN 32

/* One live stream's exporter; embedded in the stream, linked into its engine. */
struct troth_live {
	struct troth_live *next;
	struct troth_live **link; /* what points at us; NULL: not linked */
	uint8_t exporter[TROTH_EXPORTER_LEN];
};

struct troth_engine {
	const struct troth_device *device;
	struct troth_tls_context *tls;
	unsigned can; /* marks (c2c/method.h) of what this build and this libssl do */
	void (*random)(void *user, uint8_t *out, size_t len);
	void *random_user;
	bool has_statements;
	struct troth_statements statements;
	struct troth_live *live;
};

/* Effect: fills out; TROTH_E_CRYPTO when there is no randomness to be had. */
int troth_engine_random(struct troth_engine *engine, uint8_t *out, size_t len) TROTH_MUST_USE;

/* Effect: enters a live stream's exporter. TROTH_E_RELAY when another live stream has the same
 * (docs/protocol.md, "Stream": always refused). */
int troth_engine_enter(struct troth_engine *engine, struct troth_live *live) TROTH_MUST_USE;
void troth_engine_leave(struct troth_live *live);

#endif
