/* SPDX-License-Identifier: MIT */
/*
 * The listening socket: [::] for both families, 0.0.0.0 where there is no IPv6.
 * Layer: io. Peers beyond the limits of io/gate.h are closed before anything is read.
 */
#ifndef TROTH_IO_LISTENER_H
#define TROTH_IO_LISTENER_H

#include "io/gate.h"

#include <uv.h>

struct troth_listener;

struct troth_listener_params {
	uv_loop_t *loop;         /* must outlive the listener and run once more after its end */
	uint16_t port;           /* 0: any */
	struct troth_gate *gate; /* borrowed likewise */
	/* A peer: tcp is the callee's, to be closed and then freed by it, and so is its place
	 * in the gate. */
	void (*accepted)(void *user, uv_tcp_t *tcp, int place);
	void *user;
};

/* Errors: TROTH_E_BUSY when the port is in use, TROTH_E_IO, TROTH_E_NOMEM. */
int troth_listener_new(struct troth_listener **out,
		       const struct troth_listener_params *params) TROTH_MUST_USE;
/* Effect: stops listening; accepted peers stay. NULL is fine. */
void troth_listener_free(struct troth_listener *listener);

uint16_t troth_listener_port(const struct troth_listener *listener);

#endif
