/* SPDX-License-Identifier: MIT */
/*
 * Reaching a bytestream. Layer: io. Candidates stand in the order of their priority from the
 * beginning, so "better" is "before". It lives until its last handle is closed.
 */
#include "io/socks5_dial.h"

#include "io/dial.h"
#include "io/socks5_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* XEP-0260 4: "wait 200ms before initiating communications with the second-highest-priority
 * candidate"; "consider waiting a bit longer than 200ms to initiate communications with proxy
 * candidates" */
#define STAGGER 200
#define STAGGER_PROXY 400
#define GRACE 200      /* for better ones, after the first success */
#define PATIENCE 20000 /* ms for all of it */

enum attempt_state { WAITING, DIALLING, NEGOTIATING, OPEN, FAILED };

struct attempt {
	struct troth_socks5_dial *owner;
	enum attempt_state state;
	size_t index; /* of the caller's */
	uint32_t priority;
	bool proxy;
	struct troth_where where;
	char dst[TROTH_SOCKS5_DST_SIZE];
	struct troth_dial *dial;
	struct troth_socks5_line line; /* line.tcp: NULL when there is none */
};

struct troth_socks5_dial {
	void (*done)(void *user, uv_tcp_t *tcp, size_t index, int err);
	void *user;
	uv_loop_t *loop;
	uv_timer_t stagger; /* until the next one; after a success: until the best is taken */
	uv_timer_t patience;
	size_t count;
	size_t next;
	bool found;
	bool over;
	int held; /* handles that still point here */
	struct attempt attempts[TROTH_SOCKS5_DIAL_MAX];
};

/* ---- the end ---- */

static void release(struct troth_socks5_dial *d)
{
	if (--d->held == 0)
		free(d);
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_tcp_closed(uv_handle_t *handle)
{
	struct troth_socks5_line *line = handle->data;
	struct attempt *a = line->user;
	struct troth_socks5_dial *d = a->owner;
	free(handle);
	release(d);
}

/* Effect: leaves an attempt, whatever it is at. */
static void leave(struct attempt *a)
{
	troth_dial_cancel(a->dial);
	a->dial = NULL;
	if (a->line.tcp != NULL)
		uv_close((uv_handle_t *)a->line.tcp, on_tcp_closed);
	a->line.tcp = NULL;
	a->state = FAILED;
}

static void end(struct troth_socks5_dial *d)
{
	d->over = true;
	for (size_t i = 0; i < d->count; i++)
		leave(&d->attempts[i]);
	uv_close((uv_handle_t *)&d->stagger, on_timer_closed);
	uv_close((uv_handle_t *)&d->patience, on_timer_closed);
}

static void finish(struct troth_socks5_dial *d, struct attempt *winner, int err)
{
	void (*done)(void *, uv_tcp_t *, size_t, int) = d->done;
	void *user = d->user;
	uv_tcp_t *tcp = winner != NULL ? winner->line.tcp : NULL;
	size_t index = winner != NULL ? winner->index : 0;
	if (tcp != NULL) {
		winner->line.tcp = NULL;
		tcp->data = NULL;
		d->held--; /* not the last: there are the timers */
	}
	end(d);
	done(user, tcp, index, err);
}

void troth_socks5_dial_cancel(struct troth_socks5_dial *dial)
{
	if (dial != NULL && !dial->over)
		end(dial);
}

/* ---- one attempt ---- */

static void look(struct troth_socks5_dial *d);

static void on_turn(struct troth_socks5_line *line, int err)
{
	struct attempt *a = line->user;
	a->state = OPEN;
	if (err != TROTH_OK)
		leave(a);
	look(a->owner);
}

static void on_dialled(void *user, uv_tcp_t *tcp, int err)
{
	struct attempt *a = user;
	a->dial = NULL;
	a->state = FAILED;
	if (err == TROTH_OK) {
		a->owner->held++;
		a->state = NEGOTIATING;
		a->line.tcp = tcp;
		a->line.turn = on_turn;
		a->line.user = a;
		tcp->data = &a->line;
		if (troth_socks5_client(&a->line.socks, a->dst) == TROTH_OK &&
		    uv_tcp_nodelay(tcp, 1) == 0) {
			troth_socks5_line_go(&a->line);
			return;
		}
		leave(a);
	}
	look(a->owner);
}

static void begin_attempt(struct attempt *a)
{
	const struct troth_dial_params params = {
		.loop = a->owner->loop, .where = &a->where, .done = on_dialled, .user = a};
	a->state = troth_dial_new(&a->dial, &params) == TROTH_OK ? DIALLING : FAILED;
}

/* ---- which one ---- */

static bool runs(const struct attempt *a)
{
	return a->state == DIALLING || a->state == NEGOTIATING;
}

static void on_timer(uv_timer_t *timer);

/* Effect: a success: no worse ones any more, and a moment for better ones. */
static void found(struct troth_socks5_dial *d, size_t best, bool better_runs)
{
	for (size_t i = best + 1; i < d->count; i++)
		leave(&d->attempts[i]);
	d->next = d->count;
	if (!better_runs)
		finish(d, &d->attempts[best], TROTH_OK);
	else if (!d->found && uv_timer_start(&d->stagger, on_timer, GRACE, 0) != 0)
		finish(d, &d->attempts[best], TROTH_OK);
	else
		d->found = true;
}

static void begin_next(struct troth_socks5_dial *d)
{
	struct attempt *a = &d->attempts[d->next++];
	(void)uv_timer_stop(&d->stagger); /* it may run for this one; never fails */
	begin_attempt(a);
	if (a->state == FAILED) {
		look(d);
		return;
	}
	if (d->next == d->count)
		return;
	uint64_t wait = d->attempts[d->next].proxy ? STAGGER_PROXY : STAGGER;
	if (uv_timer_start(&d->stagger, on_timer, wait, 0) != 0)
		finish(d, NULL, TROTH_E_IO);
}

/* Effect: looks at what has become of the attempts. */
static void look(struct troth_socks5_dial *d)
{
	bool any = false;
	if (d->over)
		return;
	for (size_t i = 0; i < d->next; i++) {
		if (d->attempts[i].state == OPEN) {
			found(d, i, any);
			return;
		}
		any = any || runs(&d->attempts[i]);
	}
	if (any)
		return;
	if (d->next < d->count)
		begin_next(d); /* nothing runs: no reason to wait */
	else
		finish(d, NULL, TROTH_E_UNREACHABLE);
}

static void on_timer(uv_timer_t *timer)
{
	struct troth_socks5_dial *d = timer->data;
	if (!d->found) {
		begin_next(d);
		return;
	}
	for (size_t i = 0; i < d->count; i++) {
		if (d->attempts[i].state == OPEN) {
			finish(d, &d->attempts[i], TROTH_OK);
			return;
		}
	}
	look(d);
}

static void on_patience(uv_timer_t *timer)
{
	finish(timer->data, NULL, TROTH_E_TIMEOUT);
}

/* ---- the beginning ---- */

static bool fits(const struct troth_socks5_candidate *c)
{
	return c->dst != NULL && troth_socks5_is_dst(c->dst) && c->port != 0 && c->host != NULL &&
	       c->host[0] != 0 && strlen(c->host) < NI_MAXHOST;
}

/* Effect: puts it where it belongs by its priority; the worst falls out where all are taken. */
static void insert(struct troth_socks5_dial *d, const struct troth_socks5_candidate *c,
		   size_t index)
{
	size_t at = d->count;
	while (at > 0 && d->attempts[at - 1].priority < c->priority)
		at--;
	if (at == TROTH_SOCKS5_DIAL_MAX)
		return;
	if (d->count < TROTH_SOCKS5_DIAL_MAX)
		d->count++;
	memmove(&d->attempts[at + 1], &d->attempts[at],
		(d->count - 1 - at) * sizeof d->attempts[0]);
	struct attempt *a = &d->attempts[at];
	*a = (struct attempt){
		.owner = d, .index = index, .priority = c->priority, .proxy = c->proxy};
	memcpy(a->where.host, c->host, strlen(c->host) + 1);
	(void)snprintf(a->where.port, sizeof a->where.port, "%u", (unsigned)c->port);
	memcpy(a->dst, c->dst, sizeof a->dst);
}

/* By the timer, so that no result comes before troth_socks5_dial_new has returned. */
static int begin(struct troth_socks5_dial *d)
{
	int rc = uv_timer_start(&d->patience, on_patience, PATIENCE, 0);
	if (rc == 0)
		rc = uv_timer_start(&d->stagger, on_timer, 0, 0);
	return rc == 0 ? TROTH_OK : TROTH_E_IO;
}

int troth_socks5_dial_new(struct troth_socks5_dial **out,
			  const struct troth_socks5_dial_params *params)
{
	for (size_t i = 0; i < params->count; i++)
		if (!fits(&params->candidates[i]))
			return TROTH_E_INVAL;
	if (params->count == 0)
		return TROTH_E_INVAL;
	struct troth_socks5_dial *d = calloc(1, sizeof *d);
	if (d == NULL)
		return TROTH_E_NOMEM;
	d->done = params->done;
	d->user = params->user;
	d->loop = params->loop;
	for (size_t i = 0; i < params->count; i++)
		insert(d, &params->candidates[i], i);
	/* Neither can fail on a loop that works. */
	if (uv_timer_init(d->loop, &d->stagger) != 0 || uv_timer_init(d->loop, &d->patience) != 0) {
		free(d);
		return TROTH_E_IO;
	}
	d->stagger.data = d->patience.data = d;
	d->held = 2;
	int err = begin(d);
	if (err != TROTH_OK) {
		end(d);
		return err;
	}
	*out = d;
	return TROTH_OK;
}
