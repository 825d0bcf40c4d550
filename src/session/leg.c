/* SPDX-License-Identifier: MIT */
/*
 * A bytestream over one of our accounts: on its way from a call, or from somebody who calls, to a
 * link, and back to an end. Layer: session.
 */
#include "session/state.h"
#include "session/xtls.h"

#include <stdlib.h>
#include <string.h>

struct leg {
	struct online *online;
	struct troth_bytestream *bytestream;
	struct troth_call *call;    /* ours, until it is open */
	struct link *link;          /* what runs on it */
	struct troth_address *peer; /* full */
	bool xtls;                  /* it begins with TLS */
	bool srp;                   /* by a secret */
	int place;                  /* at the gate, until there is a link */
};

/* Effect: an address for the header of a stream: "over a server bare JIDs"; only between clients of
 * one account the whole. */
static int header_address(struct troth_address **out, const struct online *o,
			  const struct troth_address *whose, const struct troth_address *peer)
{
	bool own = troth_address_same_bare(troth_account_address(o->account), peer);
	return own ? troth_address_copy(out, whose)
		   : troth_address_new(out, TROTH_REALM_SERVER, troth_address_bare(whose));
}

static void leg_free(struct leg *leg)
{
	if (leg == NULL)
		return;
	troth_gate_leave(&leg->online->session->gate, leg->place);
	troth_address_free(leg->peer);
	free(leg);
}

static int leg_new(struct leg **out, struct online *o, const struct troth_address *peer)
{
	struct leg *leg = calloc(1, sizeof *leg);
	if (leg == NULL)
		return TROTH_E_NOMEM;
	leg->online = o;
	leg->place = TROTH_GATE_NONE;
	int err = troth_address_copy(&leg->peer, peer);
	if (err != TROTH_OK)
		free(leg);
	else
		*out = leg;
	return err;
}

void leg_end(struct leg *leg)
{
	if (leg == NULL)
		return;
	/* Jingle-XTLS 4: "it shall terminate the Jingle session immediately, including a Jingle
	 * reason of <security-error/>" */
	if (leg->xtls && leg->link != NULL && !leg->link->up)
		troth_bytestream_unsafe(leg->bytestream);
	troth_bytestream_end(leg->bytestream);
	leg_free(leg);
}

void leg_stalled(struct leg *leg)
{
	troth_bytestream_stalled(leg->bytestream);
}

/* What ran on the transport before has carried nothing. Returns its call, which goes on. */
static struct troth_call *begin_anew(struct leg *leg)
{
	struct link *before = leg->link;
	struct troth_call *call = leg->call;
	if (call != NULL)
		call->leg = NULL;
	leg->call = NULL;
	leg->link = NULL;
	if (before == NULL)
		return call;
	call = before->call;
	if (before->place != TROTH_GATE_NONE) {
		leg->place = before->place;
		before->place = TROTH_GATE_NONE;
	}
	before->leg = NULL;
	before->call = NULL;
	before->superseded = true;
	troth_connection_drop(before->connection);
	return call;
}

static int open_incoming(struct leg *leg, const struct link_params *params)
{
	struct troth_session *s = leg->online->session;
	struct link *l;
	int err = link_new(&l, s, params);
	if (err != TROTH_OK)
		return err;
	leg->link = l;
	struct troth_news n = news_of(l, TROTH_NEWS_ARRIVED);
	news(s, &n);
	return TROTH_OK;
}

static int open_link(struct leg *leg, struct troth_transport *transport, enum troth_path path)
{
	struct troth_address *local = NULL;
	struct troth_address *peer = NULL;
	char name[TROTH_NAME_LEN + 1];
	const struct troth_tls_first first = {
		.srp = leg->srp,
		.fingerprint = xtls_name(name, troth_bytestream_security(leg->bytestream)),
	};
	bool outgoing = leg->call != NULL || (leg->link != NULL && !leg->link->incoming);
	struct troth_call *call = begin_anew(leg);
	struct online *o = leg->online;
	int err = header_address(&local, o, troth_account_address(o->account), leg->peer);
	if (err == TROTH_OK)
		err = header_address(&peer, o, leg->peer, leg->peer);
	const struct link_params params = {
		.transport = transport,
		.call = call,
		.place = leg->place,
		.leg = leg,
		.online = o,
		.path = path,
		.local = local,
		.peer = peer, /* as the server names it: it may not call itself anybody else */
		.tls_first = leg->xtls ? &first : NULL,
	};
	leg->place = TROTH_GATE_NONE; /* the link's now */
	if (err != TROTH_OK || (outgoing && call == NULL)) {
		troth_transport_close(transport);
		err = err != TROTH_OK ? err : TROTH_E_REFUSED;
	} else if (outgoing) {
		err = call_make_link(call, &params);
		leg->link = call->link;
	} else {
		err = open_incoming(leg, &params);
	}
	troth_address_free(local);
	troth_address_free(peer);
	return err;
}

static void on_open(void *user, struct troth_transport *transport, enum troth_path path)
{
	struct leg *leg = user;
	struct troth_session *s = leg->online->session;
	struct troth_call *call = leg->call != NULL   ? leg->call
				  : leg->link != NULL ? leg->link->call
						      : NULL;
	int err = open_link(leg, transport, path);
	if (err == TROTH_OK)
		return;
	if (call != NULL)
		call_over(call, err, troth_err_text(err), NULL);
	else
		news_warn(s, NULL, "Somebody who called had to be sent away: no resources.");
	leg_end(leg);
}

/* Somebody else may be it, who wasn't called in vain yet. */
static bool go_to_another(struct troth_call *call)
{
	struct troth_session *s = call->session;
	const struct seen_entity *next;
	seen_called(s, call->name, call->online, false);
	next = call->kind == TARGET_JID ? seen_jid(s, call->at) : seen_contact(s, call->contact);
	if (next == NULL || next->failures > 0)
		return false;
	call_go(call);
	return true;
}

/* A call whose bytestream can't be had. */
static void failed(struct troth_call *call, int err, const char *text)
{
	call->leg = NULL;
	bool refused = err == TROTH_E_PEER_REFUSED || err == TROTH_E_UNSUPPORTED;
	call->unknown = err == TROTH_E_NOT_FOUND;
	if (call->unknown)
		err = TROTH_E_UNREACHABLE;
	if (refused && go_to_another(call))
		return;
	if (refused || err == TROTH_E_NO_TLS)
		call_over(call, err, text, news_advice(err, call->contact != 0));
	else
		call_retry(call, err, text);
}

static void on_over(void *user, int err, const char *text)
{
	struct leg *leg = user;
	struct troth_call *call = leg->call;
	if (leg->link != NULL) /* which ends by itself, where it rested on this */
		leg->link->leg = NULL;
	leg_free(leg);
	if (call != NULL)
		failed(call, err != TROTH_OK ? err : TROTH_E_UNREACHABLE, text);
}

/* Whoever has said something inside is up on its side as well, and asks for no other way: a server
 * does, that would see more, or cut the stream without a word. */
static bool carries(void *user)
{
	const struct leg *leg = user;
	return leg->link != NULL && leg->link->heard;
}

static const struct troth_bytestream_callbacks callbacks = {
	.open = on_open, .over = on_over, .carries = carries};

/* ---- calling ---- */

static int leg_of_call(struct leg **out, const struct troth_call *call)
{
	struct troth_address *peer;
	int err = troth_address_new(&peer, TROTH_REALM_SERVER, call->name);
	if (err != TROTH_OK)
		return err;
	err = leg_new(out, call->online, peer);
	troth_address_free(peer);
	return err;
}

int online_call(struct troth_call *call)
{
	struct online *o = call->online;
	struct leg *leg;
	struct xtls xtls = {.run = false};
	int err = o->xtls ? xtls_call(call, &xtls) : TROTH_OK;
	if (xtls_cannot(err)) {
		call_over(call, err, "What is to prove them can't be had by XTLS.",
			  news_advice(err, call->contact != 0));
		return TROTH_OK;
	}
	if (err == TROTH_OK)
		err = leg_of_call(&leg, call);
	if (err != TROTH_OK)
		return err;
	leg->xtls = xtls.run;
	leg->srp = xtls.ours.srp;
	struct troth_bytestream_callbacks own = callbacks;
	own.user = leg;
	err = troth_bytestream_call(&leg->bytestream, o->bytestreams, call->name,
				    xtls.run ? &xtls.ours : NULL, &own);
	if (err != TROTH_OK) {
		leg_free(leg);
		return err;
	}
	leg->call = call;
	call->leg = leg;
	call->state = CALL_DIALLING;
	return TROTH_OK;
}

/* ---- being called ---- */

/* Who asks for TLS at once has it, or isn't talked to: nobody's server makes less of it. */
static bool secure(struct leg *leg, const struct troth_jingle_security *asked)
{
	struct xtls xtls;
	if (asked == NULL)
		return true;
	if (!xtls_answer(leg->online, leg->peer, asked, &xtls)) {
		troth_bytestream_unsafe(leg->bytestream);
		return false;
	}
	leg->xtls = xtls.run;
	leg->srp = xtls.ours.srp;
	if (xtls.run)
		troth_bytestream_secure(leg->bytestream, &xtls.ours);
	return true;
}

bool leg_called(void *user, struct troth_bytestream *b, const struct troth_address *peer,
		struct troth_bytestream_callbacks *out)
{
	struct online *o = user;
	struct troth_session *s = o->session;
	struct leg *leg;
	int place = s->ending ? TROTH_GATE_NONE
			      : troth_gate_enter_name(&s->gate, troth_address_bare(peer));
	if (place == TROTH_GATE_NONE)
		return false;
	if (leg_new(&leg, o, peer) != TROTH_OK) {
		troth_gate_leave(&s->gate, place);
		return false;
	}
	leg->place = place;
	leg->bytestream = b;
	if (!secure(leg, troth_bytestream_security(b))) {
		leg_free(leg);
		return false;
	}
	*out = callbacks;
	out->user = leg;
	return true;
}
