/* SPDX-License-Identifier: MIT */
/* A TCP connection as a transport. Layer: io. */
#ifndef TROTH_IO_TCP_H
#define TROTH_IO_TCP_H

#include "io/transport.h"

#include <uv.h>

/* Effect: makes a transport of tcp, which is connected and on the heap; taken over, and
 * closed on error. Errors: TROTH_E_NOMEM, TROTH_E_IO. */
int troth_tcp_new(struct troth_transport **out, uv_tcp_t *tcp) TROTH_MUST_USE;

/* Bytes that were written, by a transport of this kind, and that the other host hasn't
 * acknowledged; 0 also when that can't be told. */
size_t troth_tcp_unacknowledged(const struct troth_transport *tcp);

#endif
