/* SPDX-License-Identifier: MIT */
/*
 * Being reached for a bytestream: our own candidates (XEP-0065 6.3.1, XEP-0260). Layer: io. Only
 * who names a bytestream that is expected gets further; the hash isn't a secret from the server, so
 * it says nothing of who that is.
 */
#ifndef TROTH_IO_SOCKS5_LISTENER_H
#define TROTH_IO_SOCKS5_LISTENER_H

#include "bytestream/socks5.h"
#include "io/gate.h"

#include <uv.h>

struct troth_socks5_listener;

struct troth_socks5_listener_params {
	uv_loop_t *loop;         /* must outlive the listener and run once more after its end */
	uint16_t port;           /* 0: any */
	struct troth_gate *gate; /* borrowed likewise; each peer takes a place from the beginning */
};

/* Errors: TROTH_E_BUSY when the port is in use, TROTH_E_IO, TROTH_E_NOMEM. */
int troth_socks5_listener_new(struct troth_socks5_listener **out,
			      const struct troth_socks5_listener_params *params) TROTH_MUST_USE;
/* Effect: stops, and closes who hasn't been handed on. NULL is fine. */
void troth_socks5_listener_free(struct troth_socks5_listener *listener);

uint16_t troth_socks5_listener_port(const struct troth_socks5_listener *listener);

/* Who is expected. accepted gets a connection that has named dst and was told that this is fine:
 * tcp and the place in the gate are the callee's. It may come more than once: a peer tries each of
 * our addresses; the local one (uv_tcp_getsockname) tells which candidate it is. */
struct troth_socks5_expected {
	const char *dst; /* copied */
	void (*accepted)(void *user, uv_tcp_t *tcp, int place);
	void *user;
};

/* Effect: expects it until it is forgotten. Errors: TROTH_E_EXISTS, TROTH_E_INVAL for what is no
 * hash, TROTH_E_NOMEM. */
int troth_socks5_listener_expect(struct troth_socks5_listener *listener,
				 const struct troth_socks5_expected *expected) TROTH_MUST_USE;
void troth_socks5_listener_forget(struct troth_socks5_listener *listener, const char *dst);

#endif
