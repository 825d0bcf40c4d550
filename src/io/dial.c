/* SPDX-License-Identifier: MIT */
/*
 * Connecting. Layer: io. The dial lives until its last handle and request are done; what
 * it still owes nobody (done was called, or it was cancelled) ends quietly.
 */
#include "io/dial.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define STAGGER 250    /* ms until the next address is tried beside the last one */
#define PATIENCE 20000 /* ms for the whole dial */

struct attempt {
	uv_tcp_t *tcp;
	uv_connect_t request;
	struct troth_dial *dial;
};

struct troth_dial {
	struct troth_dial_params params;
	struct sockaddr_storage at[TROTH_DIAL_MAX];
	size_t count;
	size_t next;    /* of `at`: to be tried next */
	size_t running; /* attempts whose answer is outstanding */
	struct attempt attempts[TROTH_DIAL_MAX];
	uv_getaddrinfo_t lookup;
	uv_timer_t stagger;
	uv_timer_t patience;
	int held; /* handles and requests that still point here */
	bool over;
};

static void release(struct troth_dial *d)
{
	if (--d->held == 0)
		free(d);
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

/* Effect: ends all that runs. winner (may be NULL) stays open. */
static void end(struct troth_dial *d, const uv_tcp_t *winner)
{
	d->over = true;
	for (size_t i = 0; i < d->next; i++) {
		if (d->attempts[i].tcp != NULL && d->attempts[i].tcp != winner)
			uv_close((uv_handle_t *)d->attempts[i].tcp, free_handle);
		d->attempts[i].tcp = NULL;
	}
	(void)uv_cancel((uv_req_t *)&d->lookup); /* too late is fine: its callback looks at over */
	uv_close((uv_handle_t *)&d->stagger, on_timer_closed);
	uv_close((uv_handle_t *)&d->patience, on_timer_closed);
}

static void finish(struct troth_dial *d, uv_tcp_t *tcp, int err)
{
	void (*done)(void *, uv_tcp_t *, int) = d->params.done;
	void *user = d->params.user;
	end(d, tcp);
	done(user, tcp, err);
}

void troth_dial_cancel(struct troth_dial *dial)
{
	if (dial != NULL && !dial->over)
		end(dial, NULL);
}

static void try_next(struct troth_dial *d);

static void on_connected(uv_connect_t *request, int status)
{
	struct attempt *a = request->data;
	struct troth_dial *d = a->dial;
	d->running--;
	if (!d->over && status == 0) {
		finish(d, a->tcp, TROTH_OK);
	} else if (!d->over) {
		uv_close((uv_handle_t *)a->tcp, free_handle);
		a->tcp = NULL;
		try_next(d);
	}
	release(d);
}

/* false: not even begun, so another one is to be tried. */
static bool attempt(struct troth_dial *d, size_t i)
{
	struct attempt *a = &d->attempts[i];
	uv_tcp_t *tcp = calloc(1, sizeof *tcp);
	if (tcp == NULL || uv_tcp_init(d->params.loop, tcp) != 0) {
		free(tcp);
		return false;
	}
	a->dial = d;
	a->request.data = a;
	if (uv_tcp_connect(&a->request, tcp, (const struct sockaddr *)&d->at[i], on_connected) !=
	    0) {
		uv_close((uv_handle_t *)tcp, free_handle);
		return false;
	}
	a->tcp = tcp;
	d->running++;
	d->held++;
	return true;
}

static void on_stagger(uv_timer_t *timer)
{
	try_next(timer->data);
}

static void try_next(struct troth_dial *d)
{
	bool begun = false;
	while (!begun && d->next < d->count)
		begun = attempt(d, d->next++);
	if (d->running == 0)
		finish(d, NULL, TROTH_E_UNREACHABLE);
	else if (d->next < d->count && uv_timer_start(&d->stagger, on_stagger, STAGGER, 0) != 0)
		finish(d, NULL, TROTH_E_IO);
}

static void on_patience(uv_timer_t *timer)
{
	finish(timer->data, NULL, TROTH_E_TIMEOUT);
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct troth_dial *d = request->data;
	for (const struct addrinfo *a = found; a != NULL && d->count < TROTH_DIAL_MAX;
	     a = a->ai_next) {
		if (a->ai_addrlen <= sizeof d->at[0])
			memcpy(&d->at[d->count++], a->ai_addr, a->ai_addrlen);
	}
	uv_freeaddrinfo(found);
	if (!d->over) {
		if (status != 0 || d->count == 0)
			finish(d, NULL, TROTH_E_NOT_FOUND);
		else
			try_next(d);
	}
	release(d);
}

static int begin(struct troth_dial *d)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	const struct troth_where *w = d->params.where;
	if (uv_timer_start(&d->patience, on_patience, PATIENCE, 0) != 0)
		return TROTH_E_IO;
	if (d->count > 0) {
		/* By the timer, so that no result comes before troth_dial_new has returned. */
		return uv_timer_start(&d->stagger, on_stagger, 0, 0) == 0 ? TROTH_OK : TROTH_E_IO;
	}
	d->lookup.data = d;
	if (uv_getaddrinfo(d->params.loop, &d->lookup, on_looked_up, w->host, w->port, &hints) != 0)
		return TROTH_E_IO;
	d->held++;
	return TROTH_OK;
}

int troth_dial_new(struct troth_dial **out, const struct troth_dial_params *params)
{
	if (params->count == 0 && params->where == NULL)
		return TROTH_E_INVAL;
	struct troth_dial *d = calloc(1, sizeof *d);
	if (d == NULL)
		return TROTH_E_NOMEM;
	d->params = *params;
	d->count = params->count < TROTH_DIAL_MAX ? params->count : TROTH_DIAL_MAX;
	if (d->count > 0)
		memcpy(d->at, params->at, d->count * sizeof *d->at);
	/* Neither can fail on a loop that works. */
	if (uv_timer_init(params->loop, &d->stagger) != 0 ||
	    uv_timer_init(params->loop, &d->patience) != 0) {
		free(d);
		return TROTH_E_IO;
	}
	d->stagger.data = d->patience.data = d;
	d->held = 2;
	int err = begin(d);
	if (err != TROTH_OK) {
		end(d, NULL);
		return err;
	}
	*out = d;
	return TROTH_OK;
}
