/* SPDX-License-Identifier: MIT */
/*
 * Who was called, and has compared a number, hears that it is complete when the other side has come
 * again by its key. Layer: session. The side that calls knows by its call.
 */
#include "session/meet.h"
#include "session/state.h"

#include <stdlib.h>
#include <string.h>

#define CONFIRM_MS 30000 /* for the second connection */

struct compared {
	struct compared *next;
	int64_t contact;
	struct troth_pin pin;
	char label[TROTH_STORE_LABEL_MAX + 1];
	int64_t until; /* ms of the loop */
};

static void drop(struct compared **at)
{
	struct compared *c = *at;
	*at = c->next;
	free(c);
}

void compared_met(struct link *l)
{
	struct troth_session *s = l->session;
	struct compared *c = calloc(1, sizeof *c);
	if (c == NULL) {
		news_warn(s, l, "Whether the other side comes again by its key won't be told.");
		return;
	}
	c->contact = l->contact;
	c->pin = l->pin;
	c->until = (int64_t)uv_now(s->loop) + CONFIRM_MS;
	memcpy(c->label, l->label, sizeof c->label);
	c->next = s->compared;
	s->compared = c;
}

void compared_confirm(const struct link *l)
{
	struct troth_session *s = l->session;
	struct compared **at = &s->compared;
	while (*at != NULL && ((*at)->contact != l->contact || !l->has_pin ||
			       !troth_pin_equal(&(*at)->pin, &l->pin)))
		at = &(*at)->next;
	if (*at == NULL || troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return;
	drop(at);
	struct troth_news n = news_of(l, TROTH_NEWS_PAIRED);
	record_log(s, "paired", l->label, "The pairing is complete: the connection by keys works.");
	news(s, &n);
}

static void tell_overdue(struct troth_session *s, const struct compared *c)
{
	const struct troth_news n = {
		.type = TROTH_NEWS_PAIR_FAILED,
		.contact = c->contact,
		.who = c->label,
		.pin = &c->pin,
		.err = TROTH_E_TIMEOUT,
		.text = "Both have said that they saw the same, but the other side didn't connect "
			"again by its key.",
		.advice = "Its key is pinned. Connect with `troth chat`: if that fails on either "
			  "side, `troth verify` again.",
	};
	record_log(s, "pairing-unconfirmed", c->label, n.text);
	news(s, &n);
}

void compared_tick(struct troth_session *s)
{
	int64_t now = (int64_t)uv_now(s->loop);
	struct compared *over = NULL, **at = &s->compared;
	while (*at != NULL) { /* taken out first: whoever is told may end the session */
		struct compared *c = *at;
		if (now < c->until) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		c->next = over;
		over = c;
	}
	while (over != NULL) {
		tell_overdue(s, over);
		drop(&over);
	}
}

void compared_free(struct troth_session *s)
{
	while (s->compared != NULL)
		drop(&s->compared);
}
