/* SPDX-License-Identifier: MIT */
/*
 * TCP through a proxy. Layer: io. Such a proxy takes up to 8192 bytes from its socket, passes 4096
 * on, and keeps up to 4096 until its socket is readable again. One byte then moves all of that but
 * perhaps one, and a second byte moves this one: if each comes after the proxy has read what was
 * before it. That nobody can see from here; it is estimated.
 */
#include "io/proxied.h"

#include "io/tcp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define PASSES 4096 /* what such a proxy passes on at once */
#define KEPT 3      /* see above; and one more, in case the first comes too early */
#define TICK 10     /* ms at least for the proxy to read what its host has acknowledged */
/* What its host holds for it at most, and how fast it reads that at best, in bytes each ms. */
#define BACKLOG ((size_t)6 * 1024 * 1024)
#define FASTEST 20000

struct proxied {
	struct troth_transport transport;
	struct troth_transport *tcp;
	uv_loop_t *loop;
	uv_timer_t timer;
	int open; /* tcp and timer, until closed */
	uint8_t kept[KEPT];
	size_t kept_len;
	size_t recent;  /* bytes that the proxy may not have read */
	size_t arrived; /* of those: acknowledged at arrived_at */
	int64_t arrived_at;
	int64_t began_at;   /* the first of them */
	int64_t written_at; /* the last */
	int64_t patience;   /* ms until the next byte that was kept back; 0: not known yet */
	int64_t quiet_at;   /* since when all of it is acknowledged; -1: it isn't */
};

static struct proxied *proxied_of(struct troth_transport *t)
{
	return (struct proxied *)t;
}

/* ---- what TCP reports ---- */

static void on_arrived(void *user, struct troth_slice bytes)
{
	const struct proxied *p = user;
	p->transport.events.arrived(p->transport.events.user, bytes);
}

static void on_ended(void *user)
{
	const struct proxied *p = user;
	p->transport.events.ended(p->transport.events.user);
}

static void on_written(void *user, int err)
{
	const struct proxied *p = user;
	p->transport.events.written(p->transport.events.user, err);
}

static void on_finished(void *user, int err)
{
	const struct proxied *p = user;
	p->transport.events.finished(p->transport.events.user, err);
}

static void closed_one(struct proxied *p)
{
	if (--p->open > 0)
		return;
	if (p->transport.events.closed != NULL)
		p->transport.events.closed(p->transport.events.user);
	free(p);
}

static void on_tcp_closed(void *user)
{
	closed_one(user);
}

static void on_timer_closed(uv_handle_t *handle)
{
	closed_one(handle->data);
}

/* ---- sending ---- */

/* Effect: sends the first len of the bytes that were kept back. */
static int release(struct proxied *p, size_t len)
{
	while (len > 0) {
		size_t taken;
		int err = troth_transport_write(p->tcp, (struct troth_slice){p->kept, len}, &taken);
		if (err != TROTH_OK)
			return err;
		len -= taken;
		p->kept_len -= taken;
		memmove(p->kept, p->kept + taken, p->kept_len);
	}
	p->written_at = (int64_t)uv_now(p->loop);
	p->quiet_at = -1;
	return TROTH_OK;
}

/* How long a proxy takes for what its host has acknowledged and it hasn't read. A line that is full
 * goes as fast as the proxy reads. */
static int64_t patience(const struct proxied *p)
{
	size_t backlog = p->recent < BACKLOG ? p->recent : BACKLOG;
	size_t took = (size_t)(p->quiet_at - p->began_at) + 1;
	size_t speed = p->recent / took < FASTEST ? p->recent / took : FASTEST;
	return TICK + (int64_t)(backlog / (speed + 1));
}

static void on_tick(uv_timer_t *timer)
{
	struct proxied *p = timer->data;
	int64_t now = (int64_t)uv_now(p->loop);
	if (troth_tcp_unacknowledged(p->tcp) > 0) {
		p->quiet_at = -1;
	} else if (p->quiet_at < 0) {
		p->quiet_at = now;
		if (p->patience == 0)
			p->patience = patience(p);
	} else if (p->kept_len == 0) {
		p->recent = p->arrived = 0;
		(void)uv_timer_stop(timer); /* never fails */
	} else if (now - p->quiet_at >= p->patience) {
		p->recent = p->kept_len; /* it has read what was before these */
		p->arrived = 0;
		if (release(p, 1) == TROTH_OK)
			return;
		(void)uv_timer_stop(timer);
		p->transport.events.written(p->transport.events.user, TROTH_E_IO);
	}
}

/* Effect: of a few bytes, counts those no more that were acknowledged a while ago: who writes a
 * little now and then, and never pauses, has nothing kept back. */
static void forget_read(struct proxied *p)
{
	int64_t now = (int64_t)uv_now(p->loop);
	size_t waiting = troth_tcp_unacknowledged(p->tcp);
	if (p->recent > PASSES || now - p->arrived_at < TICK)
		return;
	p->recent -= p->arrived;
	p->arrived = p->recent > waiting ? p->recent - waiting : 0;
	p->arrived_at = now;
}

static bool is_quiet(const struct proxied *p)
{
	return p->kept_len == 0 && (int64_t)uv_now(p->loop) - p->written_at >= TICK &&
	       troth_tcp_unacknowledged(p->tcp) == 0;
}

static int write_some(struct troth_transport *transport, struct troth_slice bytes, size_t *taken)
{
	struct proxied *p = proxied_of(transport);
	size_t keep = bytes.len < KEPT ? bytes.len : KEPT;
	size_t now = 0;
	forget_read(p);
	if (is_quiet(p))
		p->recent = p->arrived = 0;
	if (p->recent == 0)
		p->began_at = (int64_t)uv_now(p->loop);
	int err = release(p, p->kept_len);
	if (p->recent + bytes.len <= PASSES)
		keep = 0;
	if (err == TROTH_OK && bytes.len > keep)
		err = troth_transport_write(
			p->tcp, (struct troth_slice){bytes.data, bytes.len - keep}, &now);
	if (err != TROTH_OK)
		return err;
	if (now == bytes.len - keep) {
		memcpy(p->kept, bytes.data + now, keep);
		p->kept_len = keep;
		now += keep;
	}
	p->recent += now;
	p->quiet_at = -1;
	p->patience = 0;
	p->written_at = (int64_t)uv_now(p->loop);
	*taken = now;
	if (keep > 0 && uv_timer_start(&p->timer, on_tick, TICK, TICK) != 0)
		return TROTH_E_IO;
	return TROTH_OK;
}

static size_t waiting(const struct troth_transport *transport)
{
	const struct proxied *p = (const struct proxied *)transport;
	return troth_transport_waiting(p->tcp) + p->kept_len;
}

/* ---- the rest ---- */

static int start(struct troth_transport *transport)
{
	return troth_transport_start(proxied_of(transport)->tcp);
}

static int stop(struct troth_transport *transport)
{
	return troth_transport_stop(proxied_of(transport)->tcp);
}

/* The end of a connection also makes a proxy pass on what it has. */
static int finish(struct troth_transport *transport)
{
	struct proxied *p = proxied_of(transport);
	int err = release(p, p->kept_len);
	(void)uv_timer_stop(&p->timer); /* never fails */
	return err == TROTH_OK ? troth_transport_finish(p->tcp) : TROTH_E_IO;
}

static void close_it(struct troth_transport *transport)
{
	struct proxied *p = proxied_of(transport);
	troth_transport_close(p->tcp);
	uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}

static int attach(struct proxied *p, uv_tcp_t *tcp)
{
	const struct troth_transport_events events = {
		.arrived = on_arrived,
		.ended = on_ended,
		.written = on_written,
		.finished = on_finished,
		.closed = on_tcp_closed,
		.user = p,
	};
	int err = troth_tcp_new(&p->tcp, tcp);
	if (err == TROTH_OK) {
		troth_transport_own(p->tcp, &events);
		p->transport.where = p->tcp->where;
	}
	return err;
}

int troth_proxied_new(struct troth_transport **out, uv_loop_t *loop, uv_tcp_t *tcp)
{
	static const struct troth_transport_kind kind = {
		.start = start,
		.stop = stop,
		.write = write_some,
		.waiting = waiting,
		.finish = finish,
		.close = close_it,
	};
	struct proxied *p = calloc(1, sizeof *p);
	if (p == NULL || uv_timer_init(loop, &p->timer) != 0) {
		free(p);
		uv_close((uv_handle_t *)tcp, (uv_close_cb)free);
		return TROTH_E_NOMEM;
	}
	p->transport.kind = &kind;
	p->loop = loop;
	p->timer.data = p;
	p->open = 2;
	int err = attach(p, tcp);
	if (err != TROTH_OK) {
		p->open = 1;
		uv_close((uv_handle_t *)&p->timer, on_timer_closed);
		return err;
	}
	*out = &p->transport;
	return TROTH_OK;
}
