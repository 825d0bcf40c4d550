/* SPDX-License-Identifier: MIT */
/*
 * One transport with its stream. Layer: io.
 *
 * Its end has three roads that meet in troth_connection_drop: the stream closed (what it
 * still has to say is sent, then the transport's end is waited for), the transport ended
 * (the stream is told, and closes), or the owner has had enough.
 */
#include "io/connection.h"

#include <stdlib.h>

#define WAITING_MANY ((size_t)256 * 1024) /* to be sent: more isn't asked for until it is less */
#define WAIT_FOR_LAST 10000               /* ms for the peer to take what was said at the end */
#define WAIT_FOR_END 2000                 /* ms for the peer to close its side */

struct troth_connection {
	struct troth_connection_params params;
	struct troth_transport *transport;
	uv_timer_t timer;
	int open; /* transport and timer, until closed */
	bool pumping;
	bool closed; /* the stream said TROTH_EVENT_CLOSED */
	bool last;   /* WAIT_FOR_LAST runs */
	bool ending; /* our side of the transport ends */
	bool ended;  /* the peer's end has been read */
	bool dropped;
	bool paused; /* reading is stopped */
	int64_t arrived;
	int64_t written; /* when the transport last took something, or reading was stopped */
};

static void pump(struct troth_connection *c);

int64_t troth_connection_now(const struct troth_connection *c)
{
	return (int64_t)uv_now(c->params.loop);
}

int64_t troth_connection_idle(const struct troth_connection *c)
{
	return troth_connection_now(c) - c->arrived;
}

int64_t troth_connection_stalled(const struct troth_connection *c)
{
	return c->paused ? troth_connection_now(c) - c->written : 0;
}

size_t troth_connection_unsent(const struct troth_connection *c)
{
	return troth_transport_waiting(c->transport) + troth_stream_output(c->params.stream).len;
}

const char *troth_connection_where(const struct troth_connection *c)
{
	return c->transport->where;
}

/* ---- the end ---- */

static void closed_one(struct troth_connection *c)
{
	if (--c->open > 0)
		return;
	c->params.gone(c->params.user);
	troth_stream_free(c->params.stream);
	free(c);
}

static void on_transport_closed(void *user)
{
	closed_one(user);
}

static void on_timer_closed(uv_handle_t *handle)
{
	closed_one(handle->data);
}

void troth_connection_drop(struct troth_connection *c)
{
	if (c->dropped)
		return;
	c->dropped = true;
	troth_transport_close(c->transport);
	uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

static void on_end_overdue(uv_timer_t *timer)
{
	troth_connection_drop(timer->data);
}

static void on_finished(void *user, int err)
{
	struct troth_connection *c = user;
	if (err != TROTH_OK || c->ended)
		troth_connection_drop(c);
}

/* Closing with unread bytes would make the kernel send a reset, and the peer might lose our
 * last words: the write side ends first and the peer's end is waited for. */
static void begin_end(struct troth_connection *c)
{
	if (c->ending || c->dropped)
		return;
	c->ending = true;
	if (troth_transport_finish(c->transport) != TROTH_OK) {
		troth_connection_drop(c);
		return;
	}
	if (uv_timer_start(&c->timer, on_end_overdue, WAIT_FOR_END, 0) != 0)
		troth_connection_drop(c);
}

/* ---- sending ---- */

static void on_written(void *user, int err)
{
	struct troth_connection *c = user;
	c->written = troth_connection_now(c);
	if (err != TROTH_OK)
		troth_connection_drop(c);
	else
		pump(c);
}

/* The stream bounds its output; what the transport holds for us is bounded here. */
static void flush(struct troth_connection *c)
{
	while (!c->dropped && !c->ending) {
		struct troth_slice output = troth_stream_output(c->params.stream);
		size_t taken = 0;
		if (output.len == 0 || troth_transport_waiting(c->transport) >= WAITING_MANY)
			return;
		if (troth_transport_write(c->transport, output, &taken) != TROTH_OK)
			troth_connection_drop(c);
		else
			troth_stream_sent(c->params.stream, taken);
	}
}

/* ---- receiving ---- */

static void on_arrived(void *user, struct troth_slice bytes)
{
	struct troth_connection *c = user;
	if (!c->closed) {
		c->arrived = troth_connection_now(c);
		troth_stream_feed(c->params.stream, bytes, c->arrived);
	}
	pump(c);
}

static void on_ended(void *user)
{
	struct troth_connection *c = user;
	c->ended = true;
	if (c->ending) {
		troth_connection_drop(c);
		return;
	}
	troth_stream_feed_end(c->params.stream, troth_connection_now(c));
	pump(c);
}

/* A peer that makes us say much and doesn't listen isn't listened to either. */
static int balance(struct troth_connection *c)
{
	bool many = !c->closed && troth_connection_unsent(c) >= WAITING_MANY;
	if (c->ended || many == c->paused)
		return 0;
	c->paused = many;
	c->written = troth_connection_now(c);
	return many ? troth_transport_stop(c->transport) : troth_transport_start(c->transport);
}

/* ---- the loop ---- */

static void on_deadline(uv_timer_t *timer)
{
	pump(timer->data);
}

static int set_timer(struct troth_connection *c)
{
	if (c->last)
		return 0;
	c->last = c->closed;
	if (c->closed)
		return uv_timer_start(&c->timer, on_end_overdue, WAIT_FOR_LAST, 0);
	int64_t deadline = troth_stream_deadline(c->params.stream);
	if (deadline < 0)
		return uv_timer_stop(&c->timer);
	int64_t left = deadline - troth_connection_now(c);
	return uv_timer_start(&c->timer, on_deadline, left > 0 ? (uint64_t)left : 0, 0);
}

/* Effect: hands out what the stream has to tell until there is nothing more. */
static void hand_out(struct troth_connection *c)
{
	struct troth_event event;
	while (!c->dropped && !c->closed) {
		troth_stream_next(c->params.stream, troth_connection_now(c), &event);
		if (event.type == TROTH_EVENT_NONE)
			return;
		c->closed = event.type == TROTH_EVENT_CLOSED;
		c->params.event(c->params.user, &event);
	}
}

static void pump(struct troth_connection *c)
{
	if (c->pumping || c->dropped)
		return;
	c->pumping = true;
	hand_out(c);
	flush(c);
	c->pumping = false;
	if (c->dropped || c->ending)
		return;
	if (c->closed && troth_stream_output(c->params.stream).len == 0)
		begin_end(c);
	else if (balance(c) != 0 || set_timer(c) != 0)
		troth_connection_drop(c);
}

void troth_connection_wake(struct troth_connection *c)
{
	pump(c);
}

/* ---- the beginning ---- */

static int give_up(const struct troth_connection_params *params, int err)
{
	troth_transport_close(params->transport);
	troth_stream_free(params->stream);
	return err;
}

static int start(struct troth_connection *c)
{
	const struct troth_transport_events events = {
		.arrived = on_arrived,
		.ended = on_ended,
		.written = on_written,
		.finished = on_finished,
		.closed = on_transport_closed,
		.user = c,
	};
	troth_transport_own(c->transport, &events);
	int err = troth_transport_start(c->transport);
	if (err == TROTH_OK && uv_timer_start(&c->timer, on_deadline, 0, 0) != 0)
		err = TROTH_E_IO;
	return err;
}

int troth_connection_new(struct troth_connection **out,
			 const struct troth_connection_params *params)
{
	struct troth_connection *c = calloc(1, sizeof *c);
	if (c == NULL)
		return give_up(params, TROTH_E_NOMEM);
	c->params = *params;
	c->transport = params->transport;
	if (uv_timer_init(params->loop, &c->timer) != 0) {
		free(c);
		return give_up(params, TROTH_E_IO);
	}
	c->timer.data = c;
	c->open = 2;
	c->arrived = troth_connection_now(c);
	*out = c;
	/* From here on there is one way out, and it tells the owner. */
	if (start(c) != TROTH_OK)
		troth_connection_drop(c);
	return TROTH_OK;
}
