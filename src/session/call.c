/* SPDX-License-Identifier: MIT */
/*
 * Calls: from a name to a stream, and again when it is lost. Layer: session.
 *
 *   LOOKING -> RESOLVING -> DIALLING -> LINKED    PAUSED: until the next try
 *
 * When pairing the first stream proves the secret, and the call goes through all of that
 * once more with the keys that it learnt: only then the pairing is reported.
 */
#include "session/scope.h"
#include "session/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKOFF_MS 1000
#define BACKOFF_MAX_MS 30000

static int64_t loop_now(const struct troth_call *call)
{
	return (int64_t)uv_now(call->session->loop);
}

/* ---- the end ---- */

static void on_timer_closed(uv_handle_t *handle)
{
	struct troth_call *call = handle->data;
	struct troth_session *s = call->session;
	troth_secret_free(call->secret);
	free(call->label);
	free(call->question);
	free(call->peer);
	free(call->at);
	free(call);
	s->open_handles--;
	session_check_ended(s);
}

static void finish(struct troth_call *call)
{
	struct troth_session *s = call->session;
	struct troth_call **at = &s->calls;
	if (call->state == CALL_OVER)
		return;
	call->state = CALL_OVER;
	call_unreach(call);
	probe_drop(call);
	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	struct talk *t = talk_find(s, call->talk);
	if (t != NULL)
		t->kept = false;
	/* The budget of a secret for nobody in particular ends with it. */
	if (strncmp(call->scope, "window:", 7) == 0 &&
	    troth_store_budget_disarm(s->store, call->scope) != TROTH_OK)
		news_warn(s, NULL, troth_store_error(s->store));
	uv_close((uv_handle_t *)&call->timer, on_timer_closed);
}

void call_over(struct troth_call *call, int err, const char *text, const char *advice)
{
	struct troth_news n = news_of_call(call, TROTH_NEWS_GAVE_UP);
	n.err = err;
	n.text = text;
	n.advice = advice;
	news(call->session, &n);
	finish(call);
}

void troth_call_end(struct troth_call *call)
{
	if (call == NULL)
		return;
	struct link *l = call->link;
	call->link = NULL;
	if (l != NULL) {
		l->call = NULL;
		l->superseded = true;
		link_close(l, TROTH_OK, NULL);
	}
	finish(call);
}

void call_free_all(struct troth_session *s)
{
	while (s->calls != NULL)
		troth_call_end(s->calls);
}

unsigned troth_call_talk(const struct troth_call *call)
{
	return call->talk;
}

/* ---- trying ---- */

static void tell_looking(struct troth_call *call)
{
	struct troth_news n = news_of_call(call, TROTH_NEWS_LOOKING);
	news(call->session, &n);
}

static void on_timer(uv_timer_t *timer)
{
	struct troth_call *call = timer->data;
	switch (call->state) {
	case CALL_LOOKING:
		call_not_seen(call);
		break;
	case CALL_RESOLVING:
		call_unresolved(call);
		break;
	case CALL_PAUSED:
		call_go(call);
		break;
	case CALL_DIALLING:
	case CALL_LINKED:
	case CALL_OVER:
		break;
	}
}

int call_timer(struct troth_call *call, int64_t in_ms)
{
	return uv_timer_start(&call->timer, on_timer, in_ms > 0 ? (uint64_t)in_ms : 0, 0) == 0
		       ? TROTH_OK
		       : TROTH_E_IO;
}

static void take(struct troth_call *call, struct link *l)
{
	call_unreach(call);
	l->call = call;
	call->link = l;
	call->talk = l->talk->number;
	call->state = CALL_LINKED;
}

void calls_adopt(struct link *l)
{
	for (struct troth_call *call = l->session->calls; call != NULL; call = call->next) {
		bool looks = call->state != CALL_LINKED && !call->pairing && !call->paired &&
			     !call->probe;
		if (looks && l->call == NULL && l->talk != NULL && call->contact != 0 &&
		    call->contact == l->contact &&
		    troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED)
			take(call, l);
	}
}

/* A stream that the contact opened to us will do as well. */
static bool adopt(struct troth_call *call)
{
	if (call->pairing || call->probe || call->contact == 0)
		return false;
	for (struct link *l = call->session->links; l != NULL; l = l->next) {
		if (l->contact != call->contact || !l->up || l->failed || l->superseded ||
		    l->left || l->call != NULL || l->talk == NULL ||
		    troth_stream_level(l->stream) < TROTH_LEVEL_VERIFIED)
			continue;
		take(call, l);
		call_link_up(call, l);
		return true;
	}
	return false;
}

void call_go(struct troth_call *call)
{
	if (call->paired || !adopt(call)) {
		call->state = CALL_LOOKING;
		int err = call_reach(call);
		if (err == TROTH_E_NOT_FOUND) { /* until it appears, or patience ends */
			tell_looking(call);
			err = call->state == CALL_LOOKING ? call_look(call) : TROTH_OK;
		}
		if (err != TROTH_OK)
			call_retry(call, err, troth_err_text(err));
	}
}

/* `troth nearby` says nothing about a host and port, nor about an address. */
static const char *unreached_advice(const struct troth_call *call, int err)
{
	if (call->unknown && troth_err_class(err) == TROTH_CLASS_NETWORK)
		return call->contact != 0
			       ? "Has it forgotten this device? Then pair again: let it run `troth "
				 "pair`. `troth probe` with its address says what is there."
			       : "Who isn't its contact is told that nobody is there. Pair: let it "
				 "run `troth pair`; or let it run `troth listen --accept=anyone`.";
	if (call->online != NULL && troth_err_class(err) == TROTH_CLASS_NETWORK)
		return "It shows to be online, but no stream comes about: let the other side start "
		       "again. `troth probe` with its address says what is there.";
	if (call->kind == TARGET_WHERE && (err == TROTH_E_UNREACHABLE || err == TROTH_E_TIMEOUT))
		return "Does `troth` wait there, on that port, and does no firewall keep it from "
		       "you?";
	return news_advice(err, call->contact != 0);
}

void call_retry(struct troth_call *call, int err, const char *text)
{
	int64_t pause = BACKOFF_MS << (call->failures < 5 ? call->failures : 5);
	if (pause > BACKOFF_MAX_MS)
		pause = BACKOFF_MAX_MS;
	call_unreach(call);
	if ((call->kind == TARGET_CONTACT || call->kind == TARGET_JID) && call->name[0] != 0)
		seen_called(call->session, call->name, call->online, false);
	/* The last try is when patience ends, and not before. */
	int64_t left = call->give_up_at - loop_now(call);
	if (!call->persist && pause > left)
		pause = left;
	if (pause <= 0) {
		if (call->paired)
			call_pair_failed(call, err, text);
		else
			call_over(call, err, text, unreached_advice(call, err));
		return;
	}
	call->failures++;
	call->state = CALL_PAUSED;
	struct troth_news n = news_of_call(call, TROTH_NEWS_RETRY);
	n.err = err;
	n.text = text;
	n.in_ms = pause;
	news(call->session, &n);
	if (call->state == CALL_PAUSED && call_timer(call, pause) != TROTH_OK)
		call_over(call, TROTH_E_IO, troth_err_text(TROTH_E_IO), NULL);
}

void calls_look_again(struct troth_session *s)
{
	for (struct troth_call *call = s->calls, *next; call != NULL; call = next) {
		next = call->next;
		bool waits = call->state == CALL_LOOKING || call->state == CALL_PAUSED;
		bool seen =
			(call->kind == TARGET_CONTACT && seen_contact(s, call->contact) != NULL) ||
			(call->kind == TARGET_JID && seen_jid(s, call->at) != NULL);
		if (waits && seen) {
			call->failures = 0;
			call_go(call);
		}
	}
}

/* "The LAN is used when both are on it", and the server when the LAN has gone. */
static bool is_elsewhere(const struct troth_call *call)
{
	struct troth_session *s = call->session;
	const struct seen_entity *now = seen_contact(s, call->contact);
	if (now == NULL || call->name[0] == 0)
		return false;
	return now->online == NULL ? call->online != NULL
				   : call->online == NULL && seen_find(s, call->name, NULL) == NULL;
}

/* The new stream takes the old one's place when it is up (rivals.h); where it can't be had the old
 * one goes on. */
void calls_move(struct troth_session *s, int64_t contact)
{
	for (struct troth_call *call = s->calls, *next; call != NULL; call = next) {
		next = call->next;
		bool stands = call->state == CALL_LINKED && call->link->up && call->persist;
		if (!stands || call->paired || call->kind != TARGET_CONTACT ||
		    call->contact != contact || !is_elsewhere(call))
			continue;
		call->link->left = true;
		call->link->call = NULL;
		call->link = NULL;
		int err = call_reach(call);
		if (err != TROTH_OK)
			call_retry(call, err, troth_err_text(err));
	}
}

/* ---- beginning ---- */

/* The budget that pays for what the user types or gave: armed by this very call. */
static int arm(struct troth_call *call)
{
	struct troth_session *s = call->session;
	int err = TROTH_OK;
	if (!call->pairing)
		return TROTH_OK;
	if (call->contact == 0)
		err = scope_new(call->scope, "window");
	else
		(void)troth_scope_contact(call->scope, call->contact);
	if (err == TROTH_OK)
		err = scope_arm(s, call->scope, call->contact, call->bits);
	if (err == TROTH_OK && call->contact != 0 && call->secret != NULL)
		err = troth_store_secret_claim(s->store, call->scope, call->contact, call->secret,
					       session_now());
	return err;
}

static int init(struct troth_call *call, const struct troth_call_params *p)
{
	struct troth_session *s = call->session;
	int err = TROTH_OK;
	call->peer = strdup(p->peer);
	call->has_pin = p->pin != NULL;
	if (p->pin != NULL)
		call->pin = *p->pin;
	call->label = p->label != NULL ? strdup(p->label) : NULL;
	call->question = p->question != NULL ? strdup(p->question) : NULL;
	if (call->peer == NULL || (p->question != NULL && call->question == NULL) ||
	    (p->label != NULL && call->label == NULL))
		return TROTH_E_NOMEM;
	if (p->secret != NULL)
		err = troth_secret_copy(&call->secret, p->secret);
	if (err == TROTH_OK)
		err = call_target(call, p->at);
	if (err == TROTH_OK)
		err = arm(call);
	if (err != TROTH_OK)
		return err;
	struct talk *t = call->contact != 0 ? talk_of_contact(s, call->contact) : talk_new(s, 0);
	if (t == NULL)
		return TROTH_E_NOMEM;
	t->kept = true;
	call->talk = t->number;
	return TROTH_OK;
}

int troth_session_call(struct troth_session *s, const struct troth_call_params *params,
		       struct troth_call **out)
{
	struct troth_call *call = calloc(1, sizeof *call);
	if (call == NULL)
		return TROTH_E_NOMEM;
	call->session = s;
	call->bits = params->bits;
	call->least = session_least(s, params->least);
	call->pairing = params->pairing;
	call->probe = params->probe;
	call->persist = params->persist;
	call->end_paired = params->end_paired;
	call->give_up_at = (int64_t)uv_now(s->loop) + params->patience;
	call->state = CALL_PAUSED;
	call->timer.data = call;
	if (uv_timer_init(s->loop, &call->timer) != 0) {
		free(call);
		return TROTH_E_IO;
	}
	s->open_handles++;
	call->next = s->calls;
	s->calls = call;
	int err = init(call, params);
	if (err == TROTH_OK)
		err = call_timer(call, 0); /* no news before this has returned */
	if (err != TROTH_OK)
		finish(call);
	else
		*out = call;
	return err;
}
