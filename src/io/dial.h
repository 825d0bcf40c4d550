/* SPDX-License-Identifier: MIT */
/*
 * Connecting: several addresses of one peer, tried a quarter of a second apart (RFC 8305),
 * the first that answers wins. Layer: io.
 */
#ifndef TROTH_IO_DIAL_H
#define TROTH_IO_DIAL_H

#include "io/where.h"

#include <uv.h>

#define TROTH_DIAL_MAX 32

struct troth_dial;

struct troth_dial_params {
	uv_loop_t *loop; /* must outlive the dial and run once more after its end */
	/* Where to: addresses in the order in which to try them, or a host to look up. */
	const struct sockaddr_storage *at;
	size_t count; /* of at; 0: use where */
	const struct troth_where *where;
	/* The one result, from inside the loop; the dial is over and freed when it returns. tcp
	 * is the callee's; NULL with the reason in err: TROTH_E_NOT_FOUND when the
	 * host's name has no address, TROTH_E_UNREACHABLE, TROTH_E_TIMEOUT. */
	void (*done)(void *user, uv_tcp_t *tcp, int err);
	void *user;
};

/* Effect: begins. Errors: TROTH_E_NOMEM, TROTH_E_IO, TROTH_E_INVAL for nowhere. */
int troth_dial_new(struct troth_dial **out, const struct troth_dial_params *params) TROTH_MUST_USE;
/* Effect: ends it without a result; NULL is fine. */
void troth_dial_cancel(struct troth_dial *dial);

#endif
