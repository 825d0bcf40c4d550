/* SPDX-License-Identifier: MIT */
/* Being reached for a bytestream. Layer: io. */
#include "io/socks5_listener.h"

#include "base/limits.h"
#include "io/listener.h"
#include "io/socks5_line.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct expected {
	struct expected *next;
	char dst[TROTH_SOCKS5_DST_SIZE];
	void (*accepted)(void *user, uv_tcp_t *tcp, int place);
	void *user;
};

/* Somebody who has connected and not said yet what for. */
struct guest {
	struct guest *next;
	struct troth_socks5_listener *owner;
	struct troth_socks5_line line; /* line.tcp: NULL once it is handed on */
	uv_timer_t patience;
	int place;
	int held; /* handles */
	bool leaving;
};

struct troth_socks5_listener {
	uv_loop_t *loop;
	struct troth_gate *gate;
	struct troth_listener *listener;
	struct expected *expected;
	struct guest *guests;
};

/* ---- guests ---- */

static void release(struct guest *g)
{
	if (--g->held == 0)
		free(g);
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void on_tcp_closed(uv_handle_t *handle)
{
	struct troth_socks5_line *line = handle->data;
	struct guest *g = line->user;
	free(handle);
	release(g);
}

/* Effect: forgets a guest; its connection is closed unless it was handed on. */
static void leave(struct guest *g)
{
	struct guest **at = &g->owner->guests;
	if (g->leaving)
		return;
	g->leaving = true;
	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	troth_gate_leave(g->owner->gate, g->place);
	if (g->line.tcp != NULL)
		uv_close((uv_handle_t *)g->line.tcp, on_tcp_closed);
	uv_close((uv_handle_t *)&g->patience, on_timer_closed);
}

static void on_patience(uv_timer_t *timer)
{
	leave(timer->data);
}

static const struct expected *find(const struct troth_socks5_listener *l, const char *dst)
{
	const struct expected *e = l->expected;
	while (e != NULL && strcmp(e->dst, dst) != 0)
		e = e->next;
	return e;
}

static void hand_on(struct guest *g, const struct expected *e)
{
	uv_tcp_t *tcp = g->line.tcp;
	int place = g->place;
	void (*accepted)(void *, uv_tcp_t *, int) = e->accepted;
	void *user = e->user;
	g->line.tcp = NULL;
	g->place = TROTH_GATE_NONE;
	g->held--; /* not the last: there is the timer */
	tcp->data = NULL;
	leave(g);
	accepted(user, tcp, place);
}

static void on_turn(struct troth_socks5_line *line, int err)
{
	struct guest *g = line->user;
	const struct expected *e = find(g->owner, troth_socks5_asked(&line->socks));
	if (err != TROTH_OK) {
		leave(g);
	} else if (troth_socks5_state(&line->socks) == TROTH_SOCKS5_ASKED) {
		troth_socks5_answer(&line->socks, e != NULL);
		troth_socks5_line_go(line);
	} else if (e == NULL) { /* forgotten meanwhile */
		leave(g);
	} else {
		hand_on(g, e);
	}
}

static void turn_away(struct troth_socks5_listener *l, uv_tcp_t *tcp, int place)
{
	troth_gate_leave(l->gate, place);
	uv_close((uv_handle_t *)tcp, (uv_close_cb)free);
}

static void on_connected(void *user, uv_tcp_t *tcp, int place)
{
	struct troth_socks5_listener *l = user;
	struct guest *g = l->expected != NULL ? calloc(1, sizeof *g) : NULL;
	if (g == NULL || uv_timer_init(l->loop, &g->patience) != 0) {
		free(g);
		turn_away(l, tcp, place);
		return;
	}
	g->owner = l;
	g->place = place;
	g->patience.data = g;
	g->held = 2;
	g->next = l->guests;
	l->guests = g;
	g->line.tcp = tcp;
	g->line.turn = on_turn;
	g->line.user = g;
	tcp->data = &g->line;
	troth_socks5_server(&g->line.socks);
	if (uv_timer_start(&g->patience, on_patience, TROTH_TIME_HEADER, 0) != 0)
		leave(g);
	else
		troth_socks5_line_go(&g->line);
}

/* ---- who is expected ---- */

int troth_socks5_listener_expect(struct troth_socks5_listener *listener,
				 const struct troth_socks5_expected *expected)
{
	if (!troth_socks5_is_dst(expected->dst))
		return TROTH_E_INVAL;
	if (find(listener, expected->dst) != NULL)
		return TROTH_E_EXISTS;
	struct expected *e = calloc(1, sizeof *e);
	if (e == NULL)
		return TROTH_E_NOMEM;
	memcpy(e->dst, expected->dst, sizeof e->dst);
	e->accepted = expected->accepted;
	e->user = expected->user;
	e->next = listener->expected;
	listener->expected = e;
	return TROTH_OK;
}

void troth_socks5_listener_forget(struct troth_socks5_listener *listener, const char *dst)
{
	struct expected **at = &listener->expected;
	while (*at != NULL && strcmp((*at)->dst, dst) != 0)
		at = &(*at)->next;
	if (*at == NULL)
		return;
	struct expected *e = *at;
	*at = e->next;
	free(e);
}

/* ---- the listener ---- */

int troth_socks5_listener_new(struct troth_socks5_listener **out,
			      const struct troth_socks5_listener_params *params)
{
	struct troth_socks5_listener *l = calloc(1, sizeof *l);
	if (l == NULL)
		return TROTH_E_NOMEM;
	l->loop = params->loop;
	l->gate = params->gate;
	const struct troth_listener_params listener = {.loop = params->loop,
						       .port = params->port,
						       .gate = params->gate,
						       .accepted = on_connected,
						       .user = l};
	int err = troth_listener_new(&l->listener, &listener);
	if (err != TROTH_OK) {
		free(l);
		return err;
	}
	*out = l;
	return TROTH_OK;
}

void troth_socks5_listener_free(struct troth_socks5_listener *listener)
{
	if (listener == NULL)
		return;
	while (listener->guests != NULL)
		leave(listener->guests);
	while (listener->expected != NULL)
		troth_socks5_listener_forget(listener, listener->expected->dst);
	troth_listener_free(listener->listener);
	free(listener);
}

uint16_t troth_socks5_listener_port(const struct troth_socks5_listener *listener)
{
	return troth_listener_port(listener->listener);
}
