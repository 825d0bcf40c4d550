/* SPDX-License-Identifier: MIT */
/*
 * Stanzas as a transport. Layer: io. Everything happens in one function that the timer calls: at
 * once when something has changed, else when an answer is overdue. So nothing is ever reported
 * from inside of a call.
 */
#include "io/in_band.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define WRITE_BYTES 65536

struct in_band {
	struct troth_transport transport;
	struct troth_in_band_params params;
	struct troth_ibb *ibb;
	uv_timer_t timer;
	struct troth_buf stanza;
	bool started;
	bool finishing;
	bool finished_told;
	bool ended_told;
	bool closed;
	size_t unsent; /* when it was last looked at */
	char *where;
};

static struct in_band *in_band_of(struct troth_transport *t)
{
	return (struct in_band *)t;
}

static int64_t now(const struct in_band *b)
{
	return (int64_t)uv_now(b->params.loop);
}

/* ---- what is due ---- */

static void send_due(struct in_band *b)
{
	bool any = true;
	while (any) {
		int err = troth_ibb_next(b->ibb, now(b), &b->stanza, &any);
		if (err == TROTH_OK && any)
			err = b->params.send(b->params.user, troth_buf_slice(&b->stanza));
		troth_buf_clear(&b->stanza);
		if (err != TROTH_OK) { /* nothing can be said any more, not even that it ends */
			troth_ibb_abort(b->ibb);
			return;
		}
	}
}

static void report_input(struct in_band *b)
{
	struct troth_slice in = troth_ibb_input(b->ibb);
	if (!b->started || in.len == 0)
		return;
	b->transport.events.arrived(b->transport.events.user, in);
	troth_ibb_consume(b->ibb, in.len);
}

static void report_progress(struct in_band *b)
{
	size_t unsent = troth_ibb_unsent(b->ibb);
	bool less = unsent < b->unsent;
	b->unsent = unsent;
	if (less && troth_ibb_state(b->ibb) != TROTH_IBB_FAILED)
		b->transport.events.written(b->transport.events.user, TROTH_OK);
}

static void report_end(struct in_band *b)
{
	bool over = troth_ibb_state(b->ibb) == TROTH_IBB_CLOSED ||
		    troth_ibb_state(b->ibb) == TROTH_IBB_FAILED;
	if (b->started && !b->ended_told && troth_ibb_ended(b->ibb) &&
	    troth_ibb_input(b->ibb).len == 0) {
		b->ended_told = true;
		b->transport.events.ended(b->transport.events.user);
	}
	if (!b->closed && b->finishing && !b->finished_told && over) {
		b->finished_told = true;
		b->transport.events.finished(b->transport.events.user, troth_ibb_error(b->ibb));
	}
}

static void on_timer(uv_timer_t *timer);

static void kick(struct in_band *b)
{
	(void)uv_timer_start(&b->timer, on_timer, 0, 0); /* fails only when it is closing */
}

static void on_timer(uv_timer_t *timer)
{
	struct in_band *b = timer->data;
	troth_ibb_expire(b->ibb, now(b));
	report_input(b);
	if (b->closed)
		return;
	send_due(b);
	report_progress(b);
	if (!b->closed)
		report_end(b);
	if (b->closed || uv_is_active((const uv_handle_t *)timer) != 0)
		return;
	int64_t deadline = troth_ibb_deadline(b->ibb);
	int64_t left = deadline - now(b);
	if (deadline != INT64_MAX)
		(void)uv_timer_start(timer, on_timer, left > 0 ? (uint64_t)left : 0, 0);
}

/* ---- what it is told ---- */

int troth_in_band_feed(struct troth_transport *t, const struct troth_element *stanza,
		       const char *from)
{
	struct in_band *b = in_band_of(t);
	int err = b->closed ? TROTH_E_NOT_FOUND : troth_ibb_feed(b->ibb, stanza, from);
	if (err == TROTH_OK)
		kick(b);
	return err;
}

static int start(struct troth_transport *transport)
{
	struct in_band *b = in_band_of(transport);
	b->started = true;
	kick(b);
	return TROTH_OK;
}

static int stop(struct troth_transport *transport)
{
	in_band_of(transport)->started = false;
	return TROTH_OK;
}

static int write_some(struct troth_transport *transport, struct troth_slice bytes, size_t *taken)
{
	struct in_band *b = in_band_of(transport);
	if (bytes.len > WRITE_BYTES)
		bytes.len = WRITE_BYTES;
	int err = troth_ibb_write(b->ibb, bytes);
	if (err != TROTH_OK)
		return err == TROTH_E_NOMEM ? err : TROTH_E_IO;
	b->unsent += bytes.len;
	*taken = bytes.len;
	kick(b);
	return TROTH_OK;
}

static size_t waiting(const struct troth_transport *transport)
{
	return troth_ibb_unsent(((const struct in_band *)transport)->ibb);
}

static int finish(struct troth_transport *transport)
{
	struct in_band *b = in_band_of(transport);
	b->finishing = true;
	troth_ibb_close(b->ibb);
	kick(b);
	return TROTH_OK;
}

/* ---- beginning and end ---- */

static void free_it(struct in_band *b)
{
	troth_ibb_free(b->ibb);
	troth_buf_fini(&b->stanza);
	free(b->where);
	free(b);
}

static void on_closed(uv_handle_t *handle)
{
	struct in_band *b = handle->data;
	if (b->transport.events.closed != NULL)
		b->transport.events.closed(b->transport.events.user);
	free_it(b);
}

static void close_it(struct troth_transport *transport)
{
	struct in_band *b = in_band_of(transport);
	b->closed = true;
	troth_ibb_abort(b->ibb);
	send_due(b);
	uv_close((uv_handle_t *)&b->timer, on_closed);
}

int troth_in_band_new(struct troth_transport **out, const struct troth_in_band_params *params)
{
	static const struct troth_transport_kind kind = {
		.start = start,
		.stop = stop,
		.write = write_some,
		.waiting = waiting,
		.finish = finish,
		.close = close_it,
	};
	struct in_band *b = calloc(1, sizeof *b);
	if (b == NULL) {
		troth_ibb_free(params->ibb);
		return TROTH_E_NOMEM;
	}
	b->transport.kind = &kind;
	b->params = *params;
	b->ibb = params->ibb;
	troth_buf_init(&b->stanza, TROTH_LIMIT_STANZA_BYTES);
	b->where = strdup(params->where);
	int err = b->where != NULL ? TROTH_OK : TROTH_E_NOMEM;
	if (err == TROTH_OK && uv_timer_init(params->loop, &b->timer) != 0)
		err = TROTH_E_IO;
	if (err != TROTH_OK) {
		free_it(b);
		return err;
	}
	b->transport.where = b->where;
	b->timer.data = b;
	kick(b);
	*out = &b->transport;
	return TROTH_OK;
}
