/* SPDX-License-Identifier: MIT */
/*
 * A stream with its connection: from the transport to the last event. Layer: session.
 * Each event has its file; this one only hands them on.
 */
#include "session/meet.h"
#include "session/state.h"
#include "session/statements.h"

#include <stdlib.h>
#include <string.h>

const char *link_claimed(const struct link *l)
{
	const struct troth_address *peer = troth_stream_peer(l->stream);
	return peer != NULL ? troth_address_full(peer) : NULL;
}

void link_wake(struct link *l)
{
	if (l->connection != NULL)
		troth_connection_wake(l->connection);
}

void link_close(struct link *l, int err, const char *text)
{
	if (l->connection == NULL || l->failed)
		return;
	if (l->own_err == TROTH_OK) {
		l->own_err = err;
		l->own_text = text;
	}
	troth_stream_close(l->stream, troth_connection_now(l->connection));
	troth_connection_wake(l->connection);
}

/* ---- events ---- */

static void fill_shown(struct link *l)
{
	const char *claimed = link_claimed(l);
	if (claimed != NULL && l->shown[0] == 0)
		troth_label_shown(l->shown, claimed);
}

static void leave_gate(struct link *l)
{
	troth_gate_leave(l->gate, l->place);
	l->place = TROTH_GATE_NONE;
}

/* A stranger that policy lets in has proved nothing: it goes on counting, but not among those
 * that may turn out to be contacts. false: too many are here. */
static bool pass_gate(struct link *l)
{
	if (l->place == TROTH_GATE_NONE)
		return true;
	if (troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED) {
		leave_gate(l);
		return true;
	}
	int place = troth_gate_move(l->gate, l->place, &l->session->strangers);
	if (place == TROTH_GATE_NONE)
		return false;
	l->gate = &l->session->strangers;
	l->place = place;
	return true;
}

static void secured(struct link *l, const struct troth_event *e)
{
	if (pass_gate(l))
		link_up(l, e);
	else
		link_close(l, TROTH_E_LIMIT, "Too many strangers are connected already.");
}

static void traced(struct link *l, const struct troth_event *e)
{
	struct troth_news n =
		news_of(l, e->type == TROTH_EVENT_XML ? TROTH_NEWS_XML : TROTH_NEWS_STATE);
	n.text = e->text;
	n.outgoing = e->outgoing;
	news(l->session, &n);
	probe_look(l, e);
}

static void waiting(struct link *l)
{
	struct troth_news n = news_of(l, TROTH_NEWS_WAITING);
	l->waited = true;
	news(l->session, &n);
}

/* Somebody that called and has left again: what is still open, and what it may have wanted. */
static const char *advice(const struct link *l, int err)
{
	enum troth_err_class class_ = troth_err_class(err);
	if (l->up || !l->incoming || (err != TROTH_E_PEER_REFUSED && class_ != TROTH_CLASS_NETWORK))
		return news_advice(err, l->contact != 0 || l->chosen != 0);
	if (window_admits(l->session, l->contact))
		return "The pairing is still open: it can be tried again.";
	if (l->contact != 0 && err == TROTH_E_PEER_REFUSED)
		return "That name is a contact's, and nobody has proved to be that contact. If "
		       "they have a new device, pair with them again.";
	return err == TROTH_E_PEER_REFUSED
		       ? "If it wanted to pair: that has to be begun on this side, too."
		       : NULL;
}

static void tell_end(struct link *l, const struct troth_event *e, int err, bool told)
{
	struct troth_news n = news_of(l, l->up ? TROTH_NEWS_DOWN : TROTH_NEWS_FAILED);
	n.err = err;
	n.by_peer = e->by_peer && l->own_err == TROTH_OK;
	n.text = l->own_err != TROTH_OK ? l->own_text : e->text;
	n.advice = advice(l, err);
	n.told = told;
	news(l->session, &n);
}

static void closed(struct link *l, const struct troth_event *e)
{
	int err = l->own_err != TROTH_OK ? l->own_err : e->err;
	struct troth_call *call = l->call;
	l->failed = true;
	question_drop(l);
	troth_gate_asked(l->gate, l->place);
	record_connection(l, err);
	talk_detach(l);
	link_proven_closed(l, err);
	bool told = err == TROTH_E_SECRET && l->incoming && window_wrong(l);
	struct troth_event end = *e;
	end.err = err;
	if (call != NULL)
		call_link_gone(call, l, &end);
	else if (!l->superseded)
		tell_end(l, e, err, told);
	l->call = NULL;
}

static void on_event(void *user, const struct troth_event *e)
{
	struct link *l = user;
	fill_shown(l);
	switch (e->type) {
	case TROTH_EVENT_NONE:
		break;
	case TROTH_EVENT_WHO:
		link_who(l, e);
		break;
	case TROTH_EVENT_ASK_SECRET:
		l->waited = true;
		question_ask(l, e->text);
		break;
	case TROTH_EVENT_GUESS:
		if (meet_expects(l, e))
			link_guess(l);
		break;
	case TROTH_EVENT_VERDICT:
		link_verdict(l, e);
		break;
	case TROTH_EVENT_WAITING:
		waiting(l);
		break;
	case TROTH_EVENT_SECURED:
		secured(l, e);
		break;
	case TROTH_EVENT_KEYS:
		link_keys(l, e);
		break;
	case TROTH_EVENT_SAS:
		link_sas(l, e);
		break;
	case TROTH_EVENT_SAS_CONFIRMED:
		link_compared(l, e);
		break;
	case TROTH_EVENT_KEYS_WANTED:
		link_keys_wanted(l, e);
		break;
	case TROTH_EVENT_STANZA:
		l->heard |= l->up;
		if (l->up && l->verdict_err == TROTH_OK) /* not of whom we send away */
			link_stanza(l, e->element);
		break;
	case TROTH_EVENT_STATE:
	case TROTH_EVENT_XML:
		traced(l, e);
		break;
	case TROTH_EVENT_CLOSED:
		closed(l, e);
		break;
	}
}

/* ---- life ---- */

static void unlink_from_session(struct link *l)
{
	struct link **at = &l->session->links;
	while (*at != NULL && *at != l)
		at = &(*at)->next;
	if (*at == l)
		*at = l->next;
}

static void on_gone(void *user)
{
	struct link *l = user;
	struct troth_session *s = l->session;
	fill_shown(l);
	/* Dropped without words: whoever did that had them. */
	struct troth_event cut = {.type = TROTH_EVENT_CLOSED,
				  .err = TROTH_E_TRUNCATED,
				  .text = troth_err_text(TROTH_E_TRUNCATED)};
	if (!l->failed)
		closed(l, &cut);
	openpgp_drop(l);
	leg_end(l->leg);
	l->leg = NULL;
	leave_gate(l); /* not before: its transport is a resource too */
	l->connection = NULL;
	unlink_from_session(l);
	free(l->question);
	free(l);
	session_check_ended(s);
}

static int make_stream(struct link *l, const struct link_params *p)
{
	const struct troth_stream_params params = {
		.role = p->call != NULL ? TROTH_INITIATOR : TROTH_RECIPIENT,
		.local = p->local != NULL ? p->local : l->session->local,
		.peer = p->peer,
		.known = p->known,
		.tls_first = p->tls_first,
		.sas = l->session->compares,
		.trace = l->session->trace,
		.features = write_features,
	};
	return troth_stream_new(&l->stream, l->session->engine, &params,
				(int64_t)uv_now(l->session->loop));
}

static int make(struct link *l, const struct link_params *p)
{
	int err = make_stream(l, p);
	if (err != TROTH_OK) {
		troth_transport_close(p->transport);
		return err;
	}
	const struct troth_connection_params params = {
		.loop = l->session->loop,
		.transport = p->transport,
		.stream = l->stream,
		.event = on_event,
		.gone = on_gone,
		.user = l,
	};
	return troth_connection_new(&l->connection, &params);
}

int link_new(struct link **out, struct troth_session *s, const struct link_params *params)
{
	struct link *l = calloc(1, sizeof *l);
	if (l == NULL) {
		troth_transport_close(params->transport);
		return TROTH_E_NOMEM;
	}
	l->session = s;
	l->number = ++s->last_link;
	l->call = params->call;
	l->incoming = params->call == NULL;
	l->realm = params->local != NULL ? troth_address_realm(params->local) : TROTH_REALM_LINK;
	l->may_try = params->known != NULL && params->known->may_try;
	l->gate = &s->gate;
	l->place = params->place;
	l->path = params->path;
	l->leg = params->leg;
	l->online = params->online;
	say_refresh(s);
	int err = make(l, params);
	if (err != TROTH_OK) {
		troth_gate_leave(&s->gate, params->place);
		free(l);
		return err;
	}
	l->next = s->links;
	s->links = l;
	link_watch(l);
	*out = l;
	return TROTH_OK;
}
