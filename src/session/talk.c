/* SPDX-License-Identifier: MIT */
/*
 * Conversations: a message is kept until its receipt comes and sent again on every new
 * stream with the same id; one that has been seen isn't shown twice. Layer: session.
 */
#include "session/state.h"

#include "base/encode.h"

#include <stdlib.h>
#include <string.h>

struct talk *talk_find(const struct troth_session *s, unsigned number)
{
	struct talk *t = s->talks;
	while (t != NULL && t->number != number)
		t = t->next;
	return t;
}

struct talk *talk_new(struct troth_session *s, int64_t contact)
{
	struct talk *t = calloc(1, sizeof *t);
	if (t == NULL)
		return NULL;
	t->number = ++s->last_talk;
	t->contact = contact;
	t->session = s;
	t->next = s->talks;
	s->talks = t;
	return t;
}

struct talk *talk_of_contact(struct troth_session *s, int64_t contact)
{
	struct talk *t = s->talks;
	while (t != NULL && t->contact != contact)
		t = t->next;
	return t != NULL ? t : talk_new(s, contact);
}

static void forget(struct talk *t)
{
	while (t->unreceived != NULL) {
		struct message *m = t->unreceived;
		t->unreceived = m->next;
		free(m);
	}
	t->unreceived_count = 0;
}

void talks_free(struct troth_session *s)
{
	while (s->talks != NULL) {
		struct talk *t = s->talks;
		s->talks = t->next;
		forget(t);
		free(t);
	}
}

void talk_attach(struct talk *t, struct link *l)
{
	t->link = l;
	l->talk = t;
	if (l->call != NULL)
		l->call->talk = t->number;
}

void talk_meet(struct talk *t, const struct link *l)
{
	enum troth_level level = troth_stream_level(l->stream);
	if (t->contact != 0)
		return;
	bool same = t->has_pin == l->has_pin && level >= t->level &&
		    (!l->has_pin || troth_pin_equal(&t->pin, &l->pin));
	if (t->met && !same && t->unreceived != NULL) {
		forget(t);
		news_warn(t->session, l,
			  "That isn't known to be the one from before: what hadn't arrived there "
			  "isn't sent.");
	}
	t->met = true;
	t->has_pin = l->has_pin;
	t->pin = l->pin;
	t->level = level;
}

struct talk *talk_become(struct talk *t, int64_t contact)
{
	struct talk *of = t->session->talks;
	while (of != NULL && of->contact != contact)
		of = of->next;
	if (of == NULL) {
		t->contact = contact;
		return t;
	}
	struct message **end = &of->unreceived;
	while (*end != NULL)
		end = &(*end)->next;
	*end = t->unreceived;
	of->unreceived_count += t->unreceived_count;
	t->unreceived = NULL;
	t->unreceived_count = 0;
	return of;
}

/* Nobody can take up again what was said to nobody in particular. */
void talk_detach(struct link *l)
{
	struct talk *t = l->talk;
	if (t == NULL || t->link != l)
		return;
	t->link = NULL;
	if (t->contact == 0 && !t->kept)
		forget(t);
}

/* ---- sending ---- */

static void drop_message(struct talk *t, struct message **at)
{
	struct message *m = *at;
	*at = m->next;
	t->unreceived_count--;
	free(m);
}

void talk_flush(struct talk *t)
{
	struct link *l = t->link;
	struct message **at = &t->unreceived;
	/* Plain old programs send no receipts. */
	bool receipts = l != NULL && troth_stream_level(l->stream) > TROTH_LEVEL_PLAIN;
	if (l != NULL && !link_may(l, TROTH_POLICY_CHAT))
		return;
	while (l != NULL && troth_stream_is_up(l->stream) && *at != NULL) {
		struct message *m = *at;
		if (m->sent_on != l->number && write_message(l, m->id, m->text) != TROTH_OK)
			return; /* the stream says why when it closes */
		m->sent_on = l->number;
		if (receipts)
			at = &m->next;
		else
			drop_message(t, at);
	}
}

static struct message *message_new(const char *text)
{
	uint8_t random[TROTH_MESSAGE_ID_LEN / 2];
	size_t len = strlen(text);
	struct message *m = calloc(1, sizeof *m + len + 1);
	if (m == NULL || session_random(random, sizeof random) != TROTH_OK) {
		free(m);
		return NULL;
	}
	troth_hex(m->id, (struct troth_slice){random, sizeof random});
	memcpy(m->text, text, len + 1);
	return m;
}

int troth_session_check_text(const char *text)
{
	struct troth_buf buf;
	struct troth_writer w;
	troth_buf_init(&buf, TROTH_LIMIT_STANZA_BYTES - 1024); /* with room for what is around it */
	troth_writer_init(&w, &buf, "jabber:client");
	troth_writer_leaf(&w, "jabber:client", "body", text);
	int err = troth_writer_finish(&w);
	troth_buf_fini(&buf);
	return err;
}

int troth_session_say(struct troth_session *s, unsigned talk, const char *text,
		      char id[TROTH_MESSAGE_ID_LEN + 1])
{
	struct talk *t = talk_find(s, talk);
	if (t == NULL)
		return TROTH_E_NOT_FOUND;
	if (t->contact == 0 && t->link == NULL && !t->kept)
		return TROTH_E_UNREACHABLE;
	if (t->unreceived_count >= UNRECEIVED_MAX)
		return TROTH_E_LIMIT;
	int err = troth_session_check_text(text);
	if (err != TROTH_OK)
		return err;
	struct message *m = message_new(text);
	if (m == NULL)
		return TROTH_E_NOMEM;
	memcpy(id, m->id, sizeof m->id);
	struct message **at = &t->unreceived;
	while (*at != NULL)
		at = &(*at)->next;
	*at = m;
	t->unreceived_count++;
	talk_flush(t);
	if (t->link != NULL)
		link_wake(t->link);
	return TROTH_OK;
}

bool talk_receipt(struct talk *t, const char *id)
{
	for (struct message **at = &t->unreceived; *at != NULL; at = &(*at)->next) {
		if (strcmp((*at)->id, id) == 0) {
			drop_message(t, at);
			return true;
		}
	}
	return false;
}

size_t troth_session_unreceived(const struct troth_session *s, unsigned talk)
{
	const struct talk *t = talk_find(s, talk);
	return t != NULL ? t->unreceived_count : 0;
}

void troth_session_hang_up(struct troth_session *s, unsigned talk)
{
	struct talk *t = talk_find(s, talk);
	if (t != NULL && t->link != NULL)
		link_close(t->link, TROTH_OK, NULL);
}

/* ---- receiving ---- */

bool talk_is_new(struct talk *t, const char *id)
{
	size_t len = strlen(id);
	/* An id that is too long to remember can't be compared either. */
	if (len == 0 || len > PEER_ID_MAX)
		return true;
	for (size_t i = 0; i < SEEN_IDS; i++) {
		if (strcmp(t->seen[i], id) == 0)
			return false;
	}
	memcpy(t->seen[t->seen_next], id, len + 1);
	t->seen_next = (t->seen_next + 1) % SEEN_IDS;
	return true;
}
