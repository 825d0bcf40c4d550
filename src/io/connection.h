/* SPDX-License-Identifier: MIT */
/*
 * One transport that carries one troth_stream: what arrives is fed to it, its events
 * are handed on, what it wants sent is sent, and it is woken at its deadlines. Layer: io.
 * Knows nothing of people, contacts or trust.
 */
#ifndef TROTH_IO_CONNECTION_H
#define TROTH_IO_CONNECTION_H

#include "io/transport.h"

#include <troth/stream.h>
#include <uv.h>

struct troth_connection;

struct troth_connection_params {
	uv_loop_t *loop;                   /* must outlive the connection and run until `gone` */
	struct troth_transport *transport; /* open, without an owner; taken over */
	struct troth_stream *stream;       /* taken over */
	/* An event of the stream, to be answered there and then or later; TROTH_EVENT_CLOSED
	 * is the last one. Not called after troth_connection_drop. */
	void (*event)(void *user, const struct troth_event *event);
	/* The last call, always: the transport is closed; connection and stream are freed when
	 * it returns. */
	void (*gone)(void *user);
	void *user;
};

/* Effect: starts to read and to send; events come from the loop, never from inside this
 * call. On error transport and stream are closed and freed as well, and `gone` isn't called.
 * Errors: TROTH_E_NOMEM, TROTH_E_IO. */
int troth_connection_new(struct troth_connection **out,
			 const struct troth_connection_params *params) TROTH_MUST_USE;

/* Effect: goes on after a call on the stream from outside of its events (an answer, a
 * stanza, the end). Events may come before it returns. */
void troth_connection_wake(struct troth_connection *c);

/* The one way to end it without words: closes the transport at once, and no event follows.
 * The way with words is troth_stream_close and troth_connection_wake. */
void troth_connection_drop(struct troth_connection *c);

/* Milliseconds since something last arrived. */
int64_t troth_connection_idle(const struct troth_connection *c);
/* Milliseconds for which the peer has taken nothing of so much that it isn't read any more, so
 * that even its end would go unnoticed; 0 when it is read. */
int64_t troth_connection_stalled(const struct troth_connection *c);
/* The clock of the stream. */
int64_t troth_connection_now(const struct troth_connection *c);
/* Bytes that wait to be sent. */
size_t troth_connection_unsent(const struct troth_connection *c);
/* "192.0.2.1:5298", "[fe80::1%eth0]:5298": for people. Borrowed for its life. */
const char *troth_connection_where(const struct troth_connection *c);

#endif
