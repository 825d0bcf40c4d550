/* SPDX-License-Identifier: MIT */
/*
 * The account's end of the line to its worker (server/worker.h): starts the process, sends and
 * reads frames, notices its end. Layer: server. Knows nothing of what the frames say.
 */
#ifndef TROTH_SERVER_WIRE_H
#define TROTH_SERVER_WIRE_H

#include "server/frame.h"

#include <uv.h>

struct troth_wire;

struct troth_wire_callbacks {
	/* A frame, borrowed. The wire may be ended in it. */
	void (*frame)(void *user, const struct troth_frame *frame);
	/* The process has ended by itself, or said what can't be read. The wire is to be ended. */
	void (*broken)(void *user);
	/* The last call, always; the wire is freed when it returns. */
	void (*gone)(void *user);
	void *user;
};

/* Effect: starts the process: this very program. Errors: TROTH_E_NOMEM, TROTH_E_IO. On error `gone`
 * isn't called. */
int troth_wire_new(struct troth_wire **out, uv_loop_t *loop,
		   const struct troth_wire_callbacks *callbacks) TROTH_MUST_USE;
/* Effect: sends a frame, copied, before the loop waits again; the copy is wiped. Errors:
 * TROTH_E_NOMEM, TROTH_E_IO, TROTH_E_LIMIT. */
int troth_wire_send(struct troth_wire *wire, enum troth_frame_type type,
		    struct troth_slice body) TROTH_MUST_USE;
size_t troth_wire_unsent(const struct troth_wire *wire);
/* Effect: ends the process and calls `gone` later, nothing else. */
void troth_wire_end(struct troth_wire *wire);

#endif
