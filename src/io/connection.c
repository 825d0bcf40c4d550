/* SPDX-License-Identifier: MIT */
/*
 * One TCP connection with its stream. Layer: io.
 *
 * Its end has three roads that meet in troth_connection_drop: the stream closed (what it
 * still has to say is sent, then the transport's end is waited for), the transport ended
 * (the stream is told, and closes), or the owner has had enough.
 */
#include "io/connection.h"

#include "io/where.h"

#include <stdlib.h>
#include <string.h>

#define READ_BYTES 16384
#define WRITE_BYTES 65536
#define WAITING_MANY ((size_t)256 * 1024) /* to be sent: more isn't asked for until it is less */
#define WAIT_FOR_LAST 10000               /* ms for the peer to take what was said at the end */
#define WAIT_FOR_END 2000                 /* ms for the peer to close its side */
#define KEEPALIVE_SECONDS 60

struct troth_connection {
	struct troth_connection_params params;
	uv_tcp_t *tcp;
	uv_timer_t timer;
	uv_shutdown_t shutdown;
	int open_handles;
	bool pumping;
	bool closed; /* the stream said TROTH_EVENT_CLOSED */
	bool last;   /* WAIT_FOR_LAST runs */
	bool ending; /* uv_shutdown is under way */
	bool ended;  /* the peer's end has been read */
	bool dropped;
	bool paused; /* reading is stopped */
	int64_t arrived;
	int64_t written; /* when the kernel last took something, or reading was stopped */
	char where[TROTH_WHERE_TEXT];
	char bytes[READ_BYTES];
};

struct outgoing {
	uv_write_t request;
	struct troth_connection *connection;
	char bytes[];
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
	return uv_stream_get_write_queue_size((const uv_stream_t *)c->tcp) +
	       troth_stream_output(c->params.stream).len;
}

const char *troth_connection_where(const struct troth_connection *c)
{
	return c->where;
}

/* ---- the end ---- */

static void release(struct troth_connection *c)
{
	c->params.gone(c->params.user);
	troth_stream_free(c->params.stream);
	free(c->tcp);
	free(c);
}

static void on_closed(uv_handle_t *handle)
{
	struct troth_connection *c = handle->data;
	if (--c->open_handles == 0)
		release(c);
}

void troth_connection_drop(struct troth_connection *c)
{
	if (c->dropped)
		return;
	c->dropped = true;
	uv_close((uv_handle_t *)c->tcp, on_closed);
	uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void on_end_overdue(uv_timer_t *timer)
{
	troth_connection_drop(timer->data);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
	struct troth_connection *c = request->data;
	if (status != 0 || c->ended)
		troth_connection_drop(c);
}

/* Closing with unread bytes would make the kernel send a reset, and the peer might lose our
 * last words: the write side ends first and the peer's end is waited for. */
static void begin_end(struct troth_connection *c)
{
	if (c->ending || c->dropped)
		return;
	c->ending = true;
	c->shutdown.data = c;
	if (uv_shutdown(&c->shutdown, (uv_stream_t *)c->tcp, on_shutdown) != 0) {
		troth_connection_drop(c);
		return;
	}
	if (uv_timer_start(&c->timer, on_end_overdue, WAIT_FOR_END, 0) != 0)
		troth_connection_drop(c);
}

/* ---- sending ---- */

static void on_written(uv_write_t *request, int status)
{
	struct outgoing *o = (struct outgoing *)request;
	struct troth_connection *c = o->connection;
	free(o);
	if (c->dropped)
		return;
	c->written = troth_connection_now(c);
	if (status != 0)
		troth_connection_drop(c);
	else
		pump(c);
}

/* Effect: hands the kernel a piece of the stream's output. */
static int write_some(struct troth_connection *c, struct troth_slice output)
{
	size_t len = output.len < WRITE_BYTES ? output.len : WRITE_BYTES;
	struct outgoing *o = malloc(sizeof *o + len);
	if (o == NULL)
		return TROTH_E_NOMEM;
	o->connection = c;
	memcpy(o->bytes, output.data, len);
	uv_buf_t buf = uv_buf_init(o->bytes, (unsigned)len);
	if (uv_write(&o->request, (uv_stream_t *)c->tcp, &buf, 1, on_written) != 0) {
		free(o);
		return TROTH_E_IO;
	}
	troth_stream_sent(c->params.stream, len);
	return TROTH_OK;
}

/* The stream bounds its output; what the kernel holds for us is bounded here. */
static void flush(struct troth_connection *c)
{
	while (!c->dropped && !c->ending) {
		struct troth_slice output = troth_stream_output(c->params.stream);
		if (output.len == 0 ||
		    uv_stream_get_write_queue_size((const uv_stream_t *)c->tcp) >= WAITING_MANY)
			return;
		if (write_some(c, output) != TROTH_OK)
			troth_connection_drop(c);
	}
}

/* ---- receiving ---- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct troth_connection *c = handle->data;
	(void)suggested;
	*buf = uv_buf_init(c->bytes, sizeof c->bytes);
}

static void on_read(uv_stream_t *tcp, ssize_t len, const uv_buf_t *buf)
{
	struct troth_connection *c = tcp->data;
	if (len == 0 || c->dropped)
		return;
	if (len < 0) { /* the end, or an error: nothing more will come either way */
		c->ended = true;
		(void)uv_read_stop(tcp);
		if (c->ending) {
			troth_connection_drop(c);
			return;
		}
		troth_stream_feed_end(c->params.stream, troth_connection_now(c));
	} else if (!c->closed) {
		struct troth_slice bytes = {(const uint8_t *)buf->base, (size_t)len};
		c->arrived = troth_connection_now(c);
		troth_stream_feed(c->params.stream, bytes, c->arrived);
	}
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
	if (many)
		return uv_read_stop((uv_stream_t *)c->tcp);
	return uv_read_start((uv_stream_t *)c->tcp, on_alloc, on_read);
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

static void read_where(struct troth_connection *c)
{
	struct sockaddr_storage peer;
	int len = (int)sizeof peer;
	memset(&peer, 0, sizeof peer);
	(void)uv_tcp_getpeername(c->tcp, (struct sockaddr *)&peer,
				 &len); /* "?" when gone already */
	troth_where_write(c->where, (const struct sockaddr *)&peer);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static int give_up(const struct troth_connection_params *params, int err)
{
	uv_close((uv_handle_t *)params->tcp, free_handle);
	troth_stream_free(params->stream);
	return err;
}

static int start(struct troth_connection *c)
{
	int err = uv_tcp_nodelay(c->tcp, 1);
	if (err == 0)
		err = uv_tcp_keepalive(c->tcp, 1, KEEPALIVE_SECONDS);
	if (err == 0)
		err = uv_read_start((uv_stream_t *)c->tcp, on_alloc, on_read);
	if (err == 0)
		err = uv_timer_start(&c->timer, on_deadline, 0, 0);
	return err == 0 ? TROTH_OK : TROTH_E_IO;
}

int troth_connection_new(struct troth_connection **out,
			 const struct troth_connection_params *params)
{
	struct troth_connection *c = calloc(1, sizeof *c);
	if (c == NULL)
		return give_up(params, TROTH_E_NOMEM);
	c->params = *params;
	c->tcp = params->tcp;
	if (uv_timer_init(params->loop, &c->timer) != 0) {
		free(c);
		return give_up(params, TROTH_E_IO);
	}
	c->tcp->data = c->timer.data = c;
	c->open_handles = 2;
	c->arrived = troth_connection_now(c);
	read_where(c);
	*out = c;
	/* From here on there is one way out, and it tells the owner. */
	if (start(c) != TROTH_OK)
		troth_connection_drop(c);
	return TROTH_OK;
}
