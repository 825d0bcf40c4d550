/* SPDX-License-Identifier: MIT */
/*
 * Secrets that the user is asked for: "one at a time", the others wait (docs/protocol.md,
 * "Offer", "Limits"). Layer: session.
 */
#include "session/scope.h"
#include "session/state.h"

#include <stdlib.h>
#include <string.h>

static bool asks(const struct link *l)
{
	return l->asking_since != 0 && !l->failed;
}

/* Whoever proves the secret of a window for a contact is that contact from then on, under
 * whatever address it calls: that contact is whom our user is asked about. */
static const char *who(const struct link *l)
{
	const struct window *w = &l->session->window;
	if (l->incoming && l->pairing && w->contact != 0)
		return w->label;
	if (l->label[0] != 0)
		return l->label;
	return l->shown[0] != 0 ? l->shown : "somebody";
}

static void show(struct link *l)
{
	struct troth_session *s = l->session;
	struct troth_question q = {
		.who = who(l),
		.where = troth_connection_where(l->connection),
		.known = l->label[0] != 0,
		.incoming = l->incoming,
		.question = l->question,
		.wrong = l->call != NULL ? l->call->wrong : 0,
		.call = l->call,
	};
	s->asking = l;
	s->callbacks.ask(s->callbacks.user, &q);
}

static void show_next(struct troth_session *s)
{
	struct link *next = NULL;
	if (s->asking != NULL)
		return;
	for (struct link *l = s->links; l != NULL; l = l->next) {
		if (asks(l) && (next == NULL || l->asking_since < next->asking_since))
			next = l;
	}
	if (next != NULL)
		show(next);
}

static void refuse(struct link *l)
{
	l->asking_since = 0;
	if (troth_stream_refuse(l->stream, TROTH_E_REFUSED) != TROTH_OK)
		link_close(l, TROTH_E_REFUSED, "Refused on this side.");
}

/* The budget of what will be typed: the scope of the window or the call, or that of the contact. */
static int prepare_scope(struct link *l)
{
	if (l->scope[0] != 0)
		return TROTH_OK;
	if (l->contact == 0)
		return TROTH_E_REFUSED;
	(void)troth_scope_contact(l->scope, l->contact);
	return TROTH_OK;
}

void question_ask(struct link *l, const char *question)
{
	struct troth_session *s = l->session;
	bool may = s->callbacks.ask != NULL && prepare_scope(l) == TROTH_OK &&
		   troth_gate_ask(l->gate, l->place);
	if (!may) {
		refuse(l);
		return;
	}
	free(l->question);
	l->question = question != NULL ? strdup(question) : NULL; /* without memory: not shown */
	l->asking_since = ++s->last_question;
	show_next(s);
}

/* A contact's budget is armed by its user who types a secret now; that of a window or of a
 * call was armed when it began. */
static int arm(struct link *l)
{
	if (strncmp(l->scope, "contact:", 8) != 0 || (l->call != NULL && l->call->pairing))
		return TROTH_OK;
	return scope_arm(l->session, l->scope, l->contact, 0);
}

void troth_session_answer(struct troth_session *s, const struct troth_secret *secret)
{
	struct link *l = s->asking;
	if (l == NULL)
		return;
	s->asking = NULL;
	if (secret == NULL) {
		l->own_err = TROTH_E_REFUSED;
		l->own_text = "No secret was given on this side.";
		refuse(l);
	} else {
		l->asking_since = 0;
		int err = arm(l);
		if (err == TROTH_OK)
			err = troth_stream_secret(l->stream, secret);
		if (err != TROTH_OK)
			link_close(l, err, "The secret couldn't be used.");
	}
	link_wake(l);
	show_next(s);
}

void question_drop(struct link *l)
{
	struct troth_session *s = l->session;
	l->asking_since = 0;
	if (s->asking != l)
		return;
	s->asking = NULL;
	if (s->callbacks.ask_over != NULL)
		s->callbacks.ask_over(s->callbacks.user);
	show_next(s);
}
