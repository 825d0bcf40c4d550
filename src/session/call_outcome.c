/* SPDX-License-Identifier: MIT */
/* How a call's stream went, and what the call does then. Layer: session. */
#include "session/state.h"

#include <stdlib.h>
#include <string.h>

#define CONFIRM_MS 20000 /* for the connection by keys */
#define WRONG_SECRETS_MAX 3

static void tell_paired(struct troth_call *call, const struct link *l)
{
	struct troth_news n = news_of(l, TROTH_NEWS_PAIRED);
	n.call = call;
	record_log(call->session, "paired", l->label,
		   "The pairing is complete: the connection by keys works.");
	call->paired = false;
	news(call->session, &n);
}

void call_pair_failed(struct troth_call *call, int err, const char *text)
{
	struct troth_news n = news_of_call(call, TROTH_NEWS_PAIR_FAILED);
	n.err = err;
	n.text = text;
	n.advice = "The secret was right and the key is pinned, but the connection by keys failed. "
		   "Try `troth chat`; if that fails on either side, pair again.";
	record_log(call->session, "pairing-unconfirmed", NULL, text);
	news(call->session, &n);
	if (call->state == CALL_OVER) /* its owner ended it when told */
		return;
	call_over(call, err, text, n.advice);
}

void call_link_met(struct troth_call *call, struct link *l)
{
	call->contact = l->contact;
	call->pairing = false;
	call->paired = true;
	call->failures = 0;
	call->give_up_at = troth_connection_now(l->connection) + CONFIRM_MS;
	/* "Open the next connection (at once, when pairing) with the pinned certificates": when
	 * this one has ended in order. */
	link_close(l, TROTH_OK, NULL);
}

/* A name on the link lasts for a while: once it is known whose it is, the call is for that contact,
 * under whatever name it comes back. */
static void follow(struct troth_call *call, const struct link *l)
{
	if ((call->kind != TARGET_INSTANCE && call->kind != TARGET_JID) || l->contact == 0)
		return;
	char *peer = strdup(l->label);
	if (peer == NULL) /* it goes on looking for the name */
		return;
	free(call->peer);
	call->peer = peer;
	call->kind = TARGET_CONTACT;
}

void call_link_up(struct troth_call *call, struct link *l)
{
	call->failures = 0;
	call->was_up = true;
	if (call->kind == TARGET_CONTACT && call->name[0] != 0)
		seen_called(call->session, call->name, call->online, true);
	/* What is typed from now on is meant for this one, also after the line was lost: whoever
	 * answers there then must show that contact's key. */
	if (troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED) {
		call->contact = l->contact;
		follow(call, l);
	}
	if (!call->paired)
		return;
	if (call->end_paired)
		link_close(l, TROTH_OK, NULL); /* reported when the other side has agreed */
	else
		tell_paired(call, l);
}

static const char *advice(const struct troth_call *call, int err)
{
	if (call->pairing && (err == TROTH_E_NO_METHOD || err == TROTH_E_FLOOR))
		return "The other side isn't waiting to pair: let it run `troth pair` first. "
		       "If it is a device with a label, let it run `troth bot arm`.";
	return news_advice(err, call->contact != 0);
}

/* ---- the stream has ended ---- */

/* A tag is a hint, and anybody on the link can copy it: who couldn't prove to be the contact must
 * not hide who can. A secret isn't tried on one after the other. */
static bool go_to_another(struct troth_call *call, const struct link *l, int err, const char *text)
{
	struct troth_session *s = call->session;
	if (call->kind != TARGET_CONTACT || call->name[0] == 0 || call->pairing || l->up ||
	    !seen_other(s, call->contact, call->name))
		return false;
	seen_called(s, call->name, call->online, false);
	bool at_once = seen_untried(s, call->contact);
	if (!at_once && !call->persist)
		return false;
	news_warn(s, l,
		  "Somebody on this network looked like that contact and couldn't prove it: trying "
		  "who else may be it.");
	if (call->state == CALL_OVER) /* its owner ended it when told */
		return true;
	if (at_once)
		call_go(call);
	else
		call_retry(call, err, text);
	return true;
}

static void wrong_secret(struct troth_call *call, int err, const char *text)
{
	call->wrong++;
	if (call->secret != NULL || call->wrong >= WRONG_SECRETS_MAX ||
	    call->session->callbacks.ask == NULL)
		call_over(call, err, text, news_advice(err, call->contact != 0));
	else
		call_go(call);
}

static void confirmed(struct troth_call *call, const struct link *l, int err, const char *text)
{
	if (err != TROTH_OK) {
		call_pair_failed(call, err, text);
		return;
	}
	tell_paired(call, l);
	call_over(call, TROTH_OK, text, NULL);
}

static void tell_down(struct troth_call *call, const struct link *l, const struct troth_event *e,
		      const char *text)
{
	struct troth_news n = news_of(l, TROTH_NEWS_DOWN);
	n.call = call;
	n.err = e->err;
	n.by_peer = e->by_peer;
	n.text = text;
	n.advice = news_advice(e->err, true);
	news(call->session, &n);
}

void call_link_gone(struct troth_call *call, struct link *l, const struct troth_event *e)
{
	const char *text = l->own_text != NULL ? l->own_text : e->text;
	enum troth_err_class class_ = troth_err_class(e->err);
	bool again = class_ == TROTH_CLASS_NETWORK || class_ == TROTH_CLASS_NONE;
	call->link = NULL;
	if (call->probed) {
		call_over(call, TROTH_OK, text, NULL);
	} else if (call->paired && l->met) { /* the first of the two; even if its end went wrong */
		call_go(call);
	} else if (call->paired && call->end_paired && l->up) {
		confirmed(call, l, e->err, text);
	} else if (e->err == TROTH_E_SECRET) {
		wrong_secret(call, e->err, text);
	} else if (call->paired && !again) {
		call_pair_failed(call, e->err, text);
	} else if (l->up) {
		tell_down(call, l, e, text);
		if (call->state == CALL_OVER) /* its owner ended it when told */
			return;
		call->name[0] = 0; /* it was there: no reason to doubt that name */
		if (call->persist && again)
			call_retry(call, e->err, NULL); /* the reason has been told */
		else
			call_over(call, e->err, text, news_advice(e->err, true));
	} else if (again && e->err != TROTH_OK) {
		call_retry(call, e->err, text);
	} else if (!go_to_another(call, l, e->err, text)) {
		call_over(call, e->err, text, advice(call, e->err));
	}
}
