/* SPDX-License-Identifier: MIT */
/*
 * A meeting where the certificate of the handshake is what is pinned. By pake: at the verdict,
 * before the peer hears that its proof was right (docs/protocol.md, "PAKE"). By a short string:
 * when both users have said that it is the same ("SAS"). Layer: session. The stream has nothing
 * else to do then: the caller ends it and comes again by the keys, so that a pairing that is
 * reported as complete has been seen to work.
 */
#include "session/meet.h"
#include "session/state.h"

#include <string.h>

/* Whether its label is one that was made for want of a nickname: just now, or at a meeting that was
 * cut before the nickname came. */
static bool is_unnamed(const struct link *l)
{
	char label[TROTH_STORE_LABEL_MAX + 1];
	troth_label_make(label, NULL, &l->pin, 0);
	return strcmp(label, l->label) == 0;
}

int link_proven(struct link *l, const struct troth_event *e)
{
	const struct troth_peer_key key = {.cert = e->cert, .possessed = true};
	int64_t contact = 0;
	l->transcript = e->transcript;
	int err = meet_store(l, &key, &contact);
	if (err != TROTH_OK)
		return err;
	meet_done(l, contact, troth_cert_pin(e->cert));
	/* Its nickname comes when the stream is up: only then the peer knows that it is us. */
	l->unnamed = is_unnamed(l);
	if (l->call == NULL && l->pairing) /* "spent on success": no other stream may use it */
		window_met(l->session, l);
	return TROTH_OK;
}

/* The user hears of it under the name that it has from then on. */
static void tell(struct link *l)
{
	if (!l->told_met)
		meet_tell(l);
	l->told_met = true;
}

void link_proven_up(struct link *l)
{
	if (!l->unnamed)
		tell(l);
	if (l->call != NULL)
		call_link_met(l->call, l);
}

/* Effect: a label made of its nickname, if one is free and will do. */
static void rename_contact(struct link *l)
{
	struct troth_session *s = l->session;
	char label[TROTH_STORE_LABEL_MAX + 1];
	int err = TROTH_E_EXISTS;
	for (unsigned i = 0; err == TROTH_E_EXISTS && i < TROTH_LABEL_TRIES; i++) {
		troth_label_make(label, l->nick, &l->pin, i);
		if (strcmp(label, l->label) == 0)
			return;
		err = troth_store_contact_rename(s->store, l->contact, label, session_now());
	}
	if (err != TROTH_OK) /* what the store won't have as a label: it stays as it is */
		return;
	memcpy(l->label, label, sizeof l->label);
	if (s->window.open && s->window.met == l->contact)
		memcpy(s->window.label, label, sizeof s->window.label);
	link_local_contact(s);
}

void link_proven_named(struct link *l)
{
	if (!l->unnamed)
		return;
	l->unnamed = false;
	rename_contact(l);
	tell(l);
}

void link_proven_closed(struct link *l, int err)
{
	if (l->comparing && !l->compared)
		record_compared(l, err);
	if (l->met && (l->compared || troth_stream_method(l->stream) == TROTH_METHOD_PAKE))
		tell(l);
}

/* ---- a string that two people compare ---- */

void link_sas(struct link *l, const struct troth_event *e)
{
	struct troth_news n = news_of(l, TROTH_NEWS_SAS);
	l->comparing = true;
	n.sas = e->sas;
	news(l->session, &n);
}

/* "Each side pins the handshake's certificate when both users confirmed." */
void link_compared(struct link *l, const struct troth_event *e)
{
	const struct troth_peer_key key = {.cert = e->cert, .possessed = true};
	int64_t contact = 0;
	if (l->met)
		return;
	if (l->contact == 0)
		l->contact = l->chosen;
	l->compared = true;
	if (meet_store(l, &key, &contact) != TROTH_OK)
		return;
	meet_done(l, contact, troth_cert_pin(e->cert));
	l->unnamed = is_unnamed(l);
	if (l->call == NULL)
		compared_met(l);
	link_send_nick(l);
	link_proven_up(l);
}

static struct link *link_of_talk(struct troth_session *s, unsigned talk)
{
	struct talk *t = talk_find(s, talk);
	return t != NULL ? t->link : NULL;
}

int troth_session_compare(struct troth_session *s, unsigned talk)
{
	struct link *l = link_of_talk(s, talk);
	int err = l != NULL ? troth_stream_sas(l->stream) : TROTH_E_INVAL;
	if (err == TROTH_OK)
		link_wake(l);
	return err;
}

int troth_session_compared(struct troth_session *s, unsigned talk, enum troth_sas_answer answer)
{
	struct link *l = link_of_talk(s, talk);
	int err = l != NULL ? troth_stream_sas_answer(l->stream, answer) : TROTH_E_INVAL;
	if (err == TROTH_OK)
		link_wake(l);
	return err;
}
