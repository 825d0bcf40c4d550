/* SPDX-License-Identifier: MIT */
/*
 * A TCP connection through somebody's SOCKS5 proxy as a transport. Layer: io.
 *
 * Some proxies read ahead and then wait for more of a connection before they pass on what they
 * have: the end of whatever comes in a piece of more than 4096 bytes stays there until
 * something follows. So here something always follows: the last bytes of a larger burst are kept
 * back until the rest has been acknowledged, and then sent one by one. What is smaller leaves at
 * once.
 *
 * When the proxy has read something nobody can see from here; that is estimated. One that is much
 * slower than it was a moment ago can still keep something: who waits for an answer through a proxy
 * sends something small again (white space, a ping), which moves it.
 */
#ifndef TROTH_IO_PROXIED_H
#define TROTH_IO_PROXIED_H

#include "io/transport.h"

#include <uv.h>

/* Effect: as troth_tcp_new, on its loop. */
int troth_proxied_new(struct troth_transport **out, uv_loop_t *loop, uv_tcp_t *tcp) TROTH_MUST_USE;

#endif
