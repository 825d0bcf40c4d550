/* SPDX-License-Identifier: MIT */
/*
 * The pairing window: while it is open somebody that isn't known may prove the secret.
 * Layer: session. The pairing is complete only when the second connection, by keys, works.
 */
#include "session/scope.h"
#include "session/state.h"

#include <stdio.h>
#include <string.h>

#define CONFIRM_MS 30000 /* for the second connection */

static void on_unconfirmed(uv_timer_t *timer)
{
	struct troth_session *s = timer->data;
	struct troth_news n = {
		.type = TROTH_NEWS_PAIR_FAILED,
		.contact = s->window.met,
		.who = s->window.label,
		.pin = &s->window.pin,
		.err = TROTH_E_TIMEOUT,
		.text = "The secret was right and the keys are pinned, but the other side didn't "
			"connect again by them.",
		.advice = "Connect with `troth chat`: if that fails on either side, pair again.",
	};
	record_log(s, "pairing-unconfirmed", s->window.label, n.text);
	window_clear(s);
	news(s, &n);
}

void window_clear(struct troth_session *s)
{
	struct window *w = &s->window;
	(void)uv_timer_stop(&s->window_timer);
	/* What is left of its budget is of no use to anybody. After a success it is gone already.
	 */
	if (w->open && strncmp(w->scope, "window:", 7) == 0 &&
	    troth_store_budget_disarm(s->store, w->scope) != TROTH_OK)
		news_warn(s, NULL, troth_store_error(s->store));
	troth_secret_free(w->secret);
	memset(w, 0, sizeof *w);
}

void troth_session_window_close(struct troth_session *s)
{
	window_clear(s);
}

bool troth_session_window_is_open(const struct troth_session *s)
{
	return s->window.open;
}

static int make_scope(struct troth_session *s, const struct troth_window_params *params)
{
	struct window *w = &s->window;
	if (params->contact == 0)
		return scope_new(w->scope, "window");
	struct troth_store_contact contact;
	int err = troth_store_contact_get(s->store, params->contact, &contact);
	if (err == TROTH_OK)
		memcpy(w->label, contact.label, sizeof w->label);
	(void)troth_scope_contact(w->scope, params->contact);
	/* "A secret belongs to one contact (a second contact with the same one is refused)" */
	if (err == TROTH_OK && params->secret != NULL)
		err = troth_store_secret_claim(s->store, w->scope, params->contact, params->secret,
					       session_now());
	return err;
}

int troth_session_window_open(struct troth_session *s, const struct troth_window_params *params)
{
	struct window *w = &s->window;
	window_clear(s);
	int err = make_scope(s, params);
	if (err == TROTH_OK)
		err = scope_arm(s, w->scope, params->contact, params->bits);
	if (err == TROTH_OK && params->secret != NULL)
		err = troth_secret_copy(&w->secret, params->secret);
	if (err != TROTH_OK) {
		memset(w, 0, sizeof *w);
		return err;
	}
	w->number = ++s->last_window;
	w->contact = params->contact;
	w->claim = params->claim;
	if (params->question != NULL)
		(void)snprintf(w->question, sizeof w->question, "%s", params->question);
	if (w->contact == 0 && params->label != NULL)
		(void)snprintf(w->label, sizeof w->label, "%s", params->label);
	w->open = true;
	return TROTH_OK;
}

bool window_admits(const struct troth_session *s, int64_t contact)
{
	const struct window *w = &s->window;
	return w->open && w->met == 0 && !s->ending &&
	       (contact == 0 || w->contact == 0 || w->contact == contact);
}

bool window_holds(const struct link *l)
{
	const struct window *w = &l->session->window;
	return !l->incoming || !l->pairing || (w->open && w->met == 0 && w->number == l->window);
}

void troth_session_end_forgotten(struct troth_session *s)
{
	struct troth_store_contact contact;
	for (struct link *l = s->links, *next; l != NULL; l = next) {
		next = l->next;
		if (l->contact != 0 &&
		    troth_store_contact_get(s->store, l->contact, &contact) == TROTH_E_NOT_FOUND)
			link_close(l, TROTH_E_REFUSED,
				   "This device doesn't know its contact any more.");
	}
	link_local_contact(s);
}

void window_met(struct troth_session *s, const struct link *l)
{
	struct window *w = &s->window;
	if (w->claim == TROTH_STORE_CLAIM_TRANSFER)
		troth_session_end_forgotten(s);
	/* "spent on success": the session has no use for it; a device secret stays with its owner.
	 */
	troth_secret_free(w->secret);
	w->secret = NULL;
	w->met = l->contact;
	w->pin = l->pin;
	(void)snprintf(w->label, sizeof w->label, "%s", l->label);
	if (uv_timer_start(&s->window_timer, on_unconfirmed, CONFIRM_MS, 0) != 0)
		news_warn(s, l, "The time until the pairing is complete can't be measured.");
}

void window_confirm(struct link *l)
{
	struct troth_session *s = l->session;
	if (!s->window.open || s->window.met == 0 || s->window.met != l->contact || !l->has_pin ||
	    !troth_pin_equal(&s->window.pin, &l->pin))
		return;
	struct troth_news n = news_of(l, TROTH_NEWS_PAIRED);
	record_log(s, "paired", l->label, "The pairing is complete: the connection by keys works.");
	window_clear(s);
	news(s, &n);
}

bool window_wrong(struct link *l)
{
	struct troth_session *s = l->session;
	struct troth_store_budget budget;
	if (!s->window.open || !l->pairing || strcmp(s->window.scope, l->scope) != 0)
		return false;
	if (troth_store_budget_get(s->store, l->scope, &budget) != TROTH_OK)
		return false;
	struct troth_news n = news_of(l, TROTH_NEWS_WRONG_SECRET);
	n.guesses = budget.remaining;
	news(s, &n);
	if (budget.remaining > 0 || !s->window.open)
		return true;
	struct troth_news shut = {
		.type = TROTH_NEWS_WINDOW_CLOSED,
		.err = TROTH_E_BUDGET,
		.text = "Too many wrong secrets: the pairing is closed.",
		.advice = "Begin again with a new secret.",
	};
	record_log(s, "window-closed", s->window.label, shut.text);
	window_clear(s);
	news(s, &shut);
	return true;
}
