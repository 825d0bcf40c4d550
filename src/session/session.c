/* SPDX-License-Identifier: MIT */
/* Life of a session: its parts, who connects, its end. Layer: session. */
#include "session/meet.h"
#include "session/state.h"
#include "session/statements.h"
#include "session/withdraw.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_MS 5000
#define END_MS 5000

int64_t session_now(void)
{
	return (int64_t)time(NULL);
}

int session_random(uint8_t *out, size_t len)
{
	if (sodium_init() < 0)
		return TROTH_E_CRYPTO;
	randombytes_buf(out, len);
	return TROTH_OK;
}

/* ---- making ---- */

static void on_tick(uv_timer_t *timer)
{
	struct troth_session *s = timer->data;
	links_check_alive(s);
	link_local_tick(s);
	compared_tick(s);
	for (struct online *o = s->accounts; o != NULL; o = o->next)
		online_withdraw(o);
	published_tick(s);
}

/* "A random instance and host name per start" unless the user wants to be found by a name. */
static int make_name(struct troth_session *s, const char *name)
{
	char random[2 * TROTH_LAN_RANDOM_NAME + 1];
	char user[TROTH_LAN_RANDOM_NAME];
	char machine[TROTH_LAN_RANDOM_NAME];
	if (name == NULL) {
		int err = troth_lan_random_name(user, machine);
		if (err != TROTH_OK)
			return err;
		(void)snprintf(random, sizeof random, "%s@%s", user, machine);
		name = random;
	}
	const char *at = strrchr(name, '@');
	if (at == NULL || (size_t)(at - name) >= sizeof s->lan_user ||
	    strlen(at + 1) >= sizeof s->lan_machine)
		return TROTH_E_FORMAT;
	memcpy(s->lan_user, name, (size_t)(at - name));
	(void)snprintf(s->lan_machine, sizeof s->lan_machine, "%s", at + 1);
	return troth_address_new(&s->local, TROTH_REALM_LINK, name);
}

static int make(struct troth_session *s, const struct troth_session_params *params)
{
	const struct troth_engine_params engine = {.device = params->device};
	int err = make_name(s, params->name);
	if (err == TROTH_OK)
		err = troth_engine_new(&s->engine, &engine);
	if (err == TROTH_OK)
		err = say_load(s);
	if (err == TROTH_OK && uv_timer_start(&s->tick, on_tick, TICK_MS, TICK_MS) != 0)
		err = TROTH_E_IO;
	/* Ticking alone keeps no loop alive. */
	uv_unref((uv_handle_t *)&s->tick);
	return err;
}

int troth_session_new(struct troth_session **out, const struct troth_session_params *params)
{
	struct troth_session *s = calloc(1, sizeof *s);
	if (s == NULL)
		return TROTH_E_NOMEM;
	s->loop = params->loop;
	s->store = params->store;
	s->device = params->device;
	s->former = params->former;
	s->authorities = params->authorities;
	s->least = session_least(s, params->least);
	s->trace = params->trace;
	s->compares = params->compares;
	s->expects = params->expects;
	s->callbacks = params->callbacks;
	uv_timer_t *timers[] = {&s->tick, &s->watch, &s->window_timer, &s->end_timer};
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		if (uv_timer_init(s->loop, timers[i]) != 0)
			abort(); /* it only fills in memory that is there */
		timers[i]->data = s;
	}
	int err = make(s, params);
	if (err != TROTH_OK) {
		troth_session_free(s);
		return err;
	}
	*out = s;
	return TROTH_OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct troth_session *s = handle->data;
	if (--s->timers == 0)
		free(s);
}

void troth_session_free(struct troth_session *s)
{
	if (s == NULL)
		return;
	window_clear(s);
	compared_free(s);
	link_local_free(s);
	online_free(s);
	seen_free(s);
	troth_listener_free(s->listener);
	talks_free(s);
	troth_engine_free(s->engine);
	troth_own_free(s->own);
	troth_address_free(s->local);
	s->timers = 4;
	uv_close((uv_handle_t *)&s->tick, on_timer_closed);
	uv_close((uv_handle_t *)&s->watch, on_timer_closed);
	uv_close((uv_handle_t *)&s->window_timer, on_timer_closed);
	uv_close((uv_handle_t *)&s->end_timer, on_timer_closed);
}

const char *troth_session_name(const struct troth_session *s)
{
	return troth_address_full(s->local);
}

/* ---- who connects ---- */

static void on_accepted(void *user, uv_tcp_t *tcp, int place)
{
	struct troth_session *s = user;
	struct link *l;
	struct troth_transport *transport;
	int err = troth_tcp_new(&transport, tcp);
	if (err != TROTH_OK) {
		troth_gate_leave(&s->gate, place);
	} else {
		const struct link_params params = {.transport = transport, .place = place};
		err = link_new(&l, s, &params);
	}
	if (err != TROTH_OK) {
		news_warn(s, NULL, "Somebody who connected had to be sent away: no resources.");
		return;
	}
	struct troth_news n = news_of(l, TROTH_NEWS_ARRIVED);
	news(s, &n);
}

int troth_session_listen(struct troth_session *s, uint16_t port)
{
	if (s->listener != NULL)
		return TROTH_E_EXISTS;
	const struct troth_listener_params params = {
		.loop = s->loop,
		.port = port,
		.gate = &s->gate,
		.accepted = on_accepted,
		.user = s,
	};
	return troth_listener_new(&s->listener, &params);
}

uint16_t troth_session_port(const struct troth_session *s)
{
	return s->listener != NULL ? troth_listener_port(s->listener) : 0;
}

/* ---- the end ---- */

static void on_end(uv_timer_t *timer)
{
	struct troth_session *s = timer->data;
	void (*done)(void *) = s->ended;
	bool nothing = s->links == NULL && s->open_handles == 0 && s->withdrawn;
	if (!nothing) { /* time is over */
		s->withdrawn = true;
		for (struct link *l = s->links; l != NULL; l = l->next)
			troth_connection_drop(l->connection);
		session_check_ended(s);
		return;
	}
	s->ended = NULL;
	if (done != NULL)
		done(s->callbacks.user);
}

/* By the timer: whoever ends last still stands on its own stack. */
void session_check_ended(struct troth_session *s)
{
	if (s->ending && s->links == NULL && s->open_handles == 0 && s->withdrawn)
		(void)uv_timer_start(&s->end_timer, on_end, 0, 0); /* fails only without callback */
}

static void on_withdrawn(void *user)
{
	struct troth_session *s = user;
	s->withdrawn = true;
	session_check_ended(s);
}

void troth_session_end(struct troth_session *s, void (*done)(void *user))
{
	if (s->ending)
		return;
	s->ending = true;
	s->ended = done;
	(void)uv_timer_start(&s->end_timer, on_end, END_MS, 0); /* likewise */
	troth_listener_free(s->listener);
	s->listener = NULL;
	window_clear(s);
	call_free_all(s);
	for (struct link *l = s->links, *next; l != NULL; l = next) {
		next = l->next;
		l->superseded |= !l->up; /* news only of what was up */
		link_close(l, TROTH_OK, NULL);
	}
	if (s->lan == NULL || troth_lan_withdraw(s->lan, on_withdrawn, s) != TROTH_OK)
		on_withdrawn(s);
}
