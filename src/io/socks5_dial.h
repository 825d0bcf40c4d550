/* SPDX-License-Identifier: MIT */
/*
 * Reaching a bytestream: candidates of the peer and of proxies, tried beside each other, each with
 * the negotiation of SOCKS5 (XEP-0065, XEP-0260). Layer: io. Knows nothing of Jingle.
 */
#ifndef TROTH_IO_SOCKS5_DIAL_H
#define TROTH_IO_SOCKS5_DIAL_H

#include "bytestream/socks5.h"

#include <uv.h>

#define TROTH_SOCKS5_DIAL_MAX 16

/* All borrowed for the call only. */
struct troth_socks5_candidate {
	const char *host; /* literal or name */
	uint16_t port;
	uint32_t priority; /* higher is better; of equal ones the first */
	bool proxy;        /* waits longer for its turn */
	const char *dst;   /* the hash to ask for */
};

struct troth_socks5_dial;

struct troth_socks5_dial_params {
	uv_loop_t *loop; /* must outlive it and run once more after its end */
	const struct troth_socks5_candidate *candidates;
	size_t count; /* beyond TROTH_SOCKS5_DIAL_MAX the worst ones are left out */
	/* The one result, from inside the loop; it is over and freed when this returns. tcp is
	 * the callee's, connected to candidate number `index` and not read beyond the negotiation;
	 * or NULL with the reason: TROTH_E_UNREACHABLE, TROTH_E_TIMEOUT. */
	void (*done)(void *user, uv_tcp_t *tcp, size_t index, int err);
	void *user;
};

/* Effect: begins. One that works is taken at once if it is the best that is still possible;
 * else better ones have a moment to finish. Errors: TROTH_E_NOMEM, TROTH_E_IO, TROTH_E_INVAL when
 * there is no candidate or one without a hash. */
int troth_socks5_dial_new(struct troth_socks5_dial **out,
			  const struct troth_socks5_dial_params *params) TROTH_MUST_USE;
/* Effect: ends it without a result; NULL is fine. */
void troth_socks5_dial_cancel(struct troth_socks5_dial *dial);

#endif
