/* SPDX-License-Identifier: MIT */
/* Whom `troth chat` speaks with, and who else is there. Layer: cli. */
#include "cli/chat/chatting.h"

#include <string.h>
#include <strings.h>
#include <troth/err.h>

static struct troth_partner *other(struct troth_chatting *c, unsigned talk)
{
	for (size_t i = 0; i < CHAT_OTHERS; i++) {
		if (c->others[i].talk == talk)
			return &c->others[i];
	}
	return NULL;
}

static void forget_other(struct troth_chatting *c, unsigned talk)
{
	struct troth_partner *o = other(c, talk);
	if (o != NULL)
		*o = (struct troth_partner){0};
}

/* Whoever comes in doesn't get what is being typed for somebody else: for whom we called, for
 * who is connected, or for who was, and is known better or hasn't left: anybody can cut a line. */
static bool intrudes(const struct troth_chatting *c, const struct troth_news *n)
{
	if (n->call != NULL || c->with.talk == 0 || c->with.talk == n->talk)
		return false;
	return c->peer != NULL || c->with.connected || c->cut || n->level < c->with.level;
}

void troth_chatting_meet(struct troth_chatting *c, const struct troth_news *n)
{
	struct troth_partner partner = {.talk = n->talk,
					.contact = n->contact,
					.level = n->level,
					.connected = true,
					.stream = n->stream};
	(void)snprintf(partner.who, sizeof partner.who, "%s", n->who);
	forget_other(c, n->talk);
	if (!intrudes(c, n)) {
		c->with = partner;
		c->cut = false;
		troth_chatting_prompt(c);
		troth_chatting_begin(c);
		return;
	}
	struct troth_partner *room = other(c, 0);
	if (room != NULL)
		*room = partner;
	troth_chatting_note(c, TROTH_STYLE_DIM, "What you type still goes to %s%s.", c->with.who,
			    room != NULL ? "; /talk turns to somebody else" : "");
}

void troth_chatting_lose(struct troth_chatting *c, const struct troth_news *n)
{
	if (n->talk == 0)
		return;
	forget_other(c, n->talk);
	if (n->talk != c->with.talk)
		return;
	c->with.connected = false;
	c->cut = n->err != TROTH_OK;
	troth_chatting_prompt(c);
	if (c->input_ended) /* nobody is left who would wait */
		troth_chatting_wait(c);
}

/* ---- comparing ---- */

/* Whom one speaks with on the telephone may be another one here: what is typed is an answer to one
 * string, and only that one may be read out. */
void troth_chatting_compare(struct troth_chatting *c, const struct troth_news *n)
{
	struct troth_partner *who = n->talk == c->with.talk ? &c->with : other(c, n->talk);
	if (who == NULL) /* nobody who can be turned to */
		return;
	who->sas = *n->sas;
	if (who == &c->with)
		troth_chatting_show(c, n);
	else
		troth_chatting_note(c, TROTH_STYLE_WARN,
				    "%s wants to compare a number, too: it is shown after /talk.",
				    n->who);
}

static void show_string(struct troth_chatting *c)
{
	const struct troth_news n = {
		.type = TROTH_NEWS_SAS,
		.stream = c->with.stream,
		.talk = c->with.talk,
		.contact = c->with.contact,
		.who = c->with.who,
		.level = c->with.level,
		.sas = &c->with.sas,
	};
	if (c->with.sas.digits[0] != 0)
		troth_chatting_show(c, &n);
}

/* ---- turning to somebody else ---- */

/* Labels are found whatever their case, in any script; 0: nobody's. */
static int64_t contact_of(struct troth_chatting *c, const char *label)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	bool found = troth_home_store(c->running.cli, &store) == TROTH_EXIT_OK &&
		     troth_store_contact_by_label(store, label, &contact) == TROTH_OK;
	return found ? contact.id : 0;
}

/* The one of that name, or with "" the only one. */
static struct troth_partner *find_other(struct troth_chatting *c, const char *name, size_t *count)
{
	struct troth_partner *found = NULL;
	int64_t contact = contact_of(c, name);
	*count = 0;
	for (size_t i = 0; i < CHAT_OTHERS; i++) {
		struct troth_partner *o = &c->others[i];
		bool named = contact != 0 ? o->contact == contact : strcasecmp(o->who, name) == 0;
		if (o->talk == 0 || (name[0] != 0 && !named))
			continue;
		found = o;
		++*count;
	}
	return found;
}

void troth_chatting_turn(struct troth_chatting *c, const char *name)
{
	size_t count;
	struct troth_partner *o = find_other(c, name, &count);
	if (count != 1) {
		troth_chatting_note(c, TROTH_STYLE_WARN,
				    count == 0 ? "Nobody like that is connected besides."
					       : "Several are connected besides: /talk NAME");
		return;
	}
	struct troth_partner left = c->with;
	c->with = *o;
	*o = left.connected ? left : (struct troth_partner){0};
	c->cut = false;
	troth_chatting_prompt(c);
	troth_chatting_note(c, TROTH_STYLE_DIM, "What you type goes to %s now.", c->with.who);
	show_string(c);
}
