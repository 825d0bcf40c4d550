/* SPDX-License-Identifier: MIT */
/*
 * A device's owner gives it away (docs/protocol.md, "The owner of a device"): asked for over the
 * owner's own stream, on either side. Layer: session. Whoever comes next through the window that
 * opens then is the owner.
 */
#include "session/state.h"
#include "store/owner.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "transfer"
#define YES "transfer-open"
#define NO "transfer-refused"
#define DIGITS 8

struct word {
	const char *name;
	int64_t seconds; /* 0: none is said */
};

static void write_word(void *user, struct troth_writer *w)
{
	const struct word *word = user;
	char seconds[24];
	(void)snprintf(seconds, sizeof seconds, "%lld", (long long)word->seconds);
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_open(w, TROTH_NS_TROTH, word->name);
	if (word->seconds > 0)
		troth_writer_attr(w, "seconds", seconds);
	troth_writer_close(w);
	troth_writer_close(w);
}

/* Effect: the seconds that it says; 0 when they aren't any that may be. */
static int64_t seconds_of(const struct troth_element *e)
{
	const char *text = troth_element_attr(e, "seconds");
	if (text == NULL || *text == 0 || strlen(text) > DIGITS ||
	    strspn(text, "0123456789") != strlen(text))
		return 0;
	long seconds = strtol(text, NULL, 10);
	return seconds <= TROTH_WINDOW_SECONDS_MAX ? seconds : 0;
}

static bool by_key(const struct link *l)
{
	return l->contact != 0 && l->has_pin && !l->certified && l->voucher[0] == 0 &&
	       troth_stream_method(l->stream) == TROTH_METHOD_KEY &&
	       troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED;
}

/* ---- asked ---- */

static bool is_owner(const struct link *l)
{
	int64_t owner;
	return by_key(l) && troth_store_owner_get(l->session->store, &owner) == TROTH_OK &&
	       owner == l->contact;
}

static void wanted(struct link *l, const struct troth_element *e)
{
	struct troth_session *s = l->session;
	struct word word = {.name = NO};
	int64_t seconds = seconds_of(e);
	bool may = seconds > 0 && s->callbacks.transfer != NULL && is_owner(l);
	if (may && s->callbacks.transfer(s->callbacks.user, seconds) == TROTH_OK)
		word = (struct word){YES, seconds};
	record_log(s, "transfer", l->label,
		   word.seconds > 0 ? "The owner gives the device away: it waits for another one."
				    : "Asked to be given away, and refused.");
	if (troth_stream_send(l->stream, write_word, &word) != TROTH_OK)
		news_warn(s, l, "The owner couldn't be answered.");
}

/* ---- asking ---- */

int troth_session_transfer(struct troth_session *s, unsigned talk, int64_t seconds)
{
	struct talk *t = talk_find(s, talk);
	struct link *l = t != NULL ? t->link : NULL;
	struct word word = {NAME, seconds};
	if (l == NULL || !by_key(l) || seconds < 1 || seconds > TROTH_WINDOW_SECONDS_MAX)
		return TROTH_E_INVAL;
	int err = troth_stream_send(l->stream, write_word, &word);
	if (err != TROTH_OK)
		return err;
	l->transferring = true;
	link_wake(l);
	return TROTH_OK;
}

static void answered(struct link *l, bool open, const struct troth_element *e)
{
	struct troth_news n = news_of(l, TROTH_NEWS_TRANSFER);
	if (!l->transferring)
		return;
	l->transferring = false;
	n.err = open ? TROTH_OK : TROTH_E_PEER_REFUSED;
	n.in_ms = seconds_of(e) * 1000;
	n.text = open ? "It waits for its new owner, who needs the code on its label."
		      : "It isn't a device of yours, or doesn't listen for that now.";
	news(l->session, &n);
}

bool transfer_stanza(struct link *l, const struct troth_element *message)
{
	const struct troth_element *e;
	if ((e = troth_element_child(message, TROTH_NS_TROTH, NAME)) != NULL)
		wanted(l, e);
	else if ((e = troth_element_child(message, TROTH_NS_TROTH, YES)) != NULL)
		answered(l, true, e);
	else if ((e = troth_element_child(message, TROTH_NS_TROTH, NO)) != NULL)
		answered(l, false, e);
	return e != NULL;
}
