/* SPDX-License-Identifier: MIT */
/*
 * Stanzas that arrive: messages, receipts, nicknames, requests. Layer: session. The stream
 * has checked whose they are; what they say is the peer's word and nothing more.
 */
#include "session/meet.h"
#include "session/state.h"
#include "xml/namespace.h"

#include "xmpp/header.h"
#include "xmpp/iq.h"

#include <stdio.h>
#include <string.h>

/* ---- messages ---- */

static void tell_id(struct link *l, enum troth_news_type type, const char *id)
{
	struct troth_news n = news_of(l, type);
	n.id = id;
	news(l->session, &n);
}

static void receipt(struct link *l, const struct troth_element *received)
{
	const char *id = troth_element_attr(received, "id");
	if (id != NULL && l->talk != NULL && talk_receipt(l->talk, id))
		tell_id(l, TROTH_NEWS_RECEIPT, id);
}

static void error(struct link *l, const char *id)
{
	if (id != NULL && l->talk != NULL && talk_receipt(l->talk, id))
		tell_id(l, TROTH_NEWS_UNSENDABLE, id);
}

/* A stream by secret that stays, to a program that knows no keys, is a conversation too. */
static struct talk *talk_for(struct link *l)
{
	if (l->talk == NULL) {
		struct talk *t = l->contact != 0 ? talk_of_contact(l->session, l->contact)
						 : talk_new(l->session, 0);
		/* A stream that gave way still hears the last words, and says nothing more. */
		if (t != NULL && t->link == NULL && !l->superseded)
			talk_attach(t, l);
		l->talk = t;
	}
	return l->talk;
}

static void text(struct link *l, const struct troth_element *e, const char *id)
{
	const struct troth_element *body = troth_element_child(e, TROTH_NS_CLIENT, "body");
	struct talk *t = talk_for(l);
	bool acknowledge = troth_element_child(e, TROTH_NS_RECEIPTS, "request") != NULL &&
			   id != NULL && troth_stream_level(l->stream) > TROTH_LEVEL_PLAIN;
	if (!link_may(l, TROTH_POLICY_CHAT)) {
		news_warn(l->session, l, "A message was dropped: the policy asks for more proof.");
		return;
	}
	if (t == NULL)
		return; /* no memory: not received, so not acknowledged; it comes again */
	if (id == NULL || talk_is_new(t, id)) {
		struct troth_news n = news_of(l, TROTH_NEWS_MESSAGE);
		n.id = id;
		n.text = troth_element_text(body);
		news(l->session, &n);
	}
	/* Also what came twice: its receipt got lost. */
	if (acknowledge && troth_stream_is_up(l->stream) && write_received(l, id) != TROTH_OK)
		news_warn(l->session, l, "A receipt couldn't be sent.");
}

static void message(struct link *l, const struct troth_element *e)
{
	const char *type = troth_element_attr(e, "type");
	const char *id = troth_element_attr(e, "id");
	const struct troth_element *received =
		troth_element_child(e, TROTH_NS_RECEIPTS, "received");
	if (type != NULL && strcmp(type, "error") == 0)
		error(l, id);
	else if (received != NULL)
		receipt(l, received);
	else if (!told_stanza(l, e) && !transfer_stanza(l, e) && !join_stanza(l, e) &&
		 troth_element_child(e, TROTH_NS_CLIENT, "body") != NULL)
		text(l, e, id);
}

/* ---- presence ---- */

static void presence(struct link *l, const struct troth_element *e)
{
	const struct troth_element *nick = troth_element_child(e, TROTH_NS_NICK, "nick");
	if (nick == NULL || troth_element_text(nick)[0] == 0)
		return;
	char text[sizeof l->nick];
	(void)snprintf(text, sizeof text, "%s", troth_element_text(nick));
	if (strcmp(text, l->nick) == 0) /* presence says much that is known */
		return;
	memcpy(l->nick, text, sizeof text);
	link_proven_named(l);
	struct troth_news n = news_of(l, TROTH_NEWS_NICK);
	n.text = l->nick;
	news(l->session, &n);
}

/* ---- IQ ---- */

static void iq(struct link *l, const struct troth_element *e)
{
	/* Results are those of our pings: that something came is all there is to know. */
	if (troth_iq_is_request(e) && troth_stream_is_up(l->stream) &&
	    write_iq_answer(l, e) != TROTH_OK)
		news_warn(l->session, l, "A request couldn't be answered.");
}

void link_stanza(struct link *l, const struct troth_element *e)
{
	if (troth_element_is(e, TROTH_NS_CLIENT, "message"))
		message(l, e);
	else if (troth_element_is(e, TROTH_NS_CLIENT, "presence"))
		presence(l, e);
	else if (troth_element_is(e, TROTH_NS_CLIENT, "iq"))
		iq(l, e);
}
