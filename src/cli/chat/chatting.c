/* SPDX-License-Identifier: MIT */
/* What `troth chat` shows. Layer: cli. */
#include "cli/chat/chatting.h"

#include "cli/chat/message.h"
#include "cli/chat/telling.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <troth/err.h>

#define RECEIPTS_SECONDS 2 /* that leaving waits for those on the way */

static bool on_terminal(const struct troth_chatting *c)
{
	return c->editor != NULL && troth_line_editor_is_terminal(c->editor);
}

static void above(struct troth_chatting *c)
{
	if (c->editor != NULL)
		troth_line_editor_above(c->editor);
}

static void below(struct troth_chatting *c)
{
	if (c->editor != NULL)
		troth_line_editor_below(c->editor);
	else
		(void)fflush(c->running.cli->out.out);
}

void troth_chatting_note(struct troth_chatting *c, enum troth_style style, const char *format, ...)
{
	struct troth_output *out = &c->running.cli->out;
	va_list args;
	char *text = NULL;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text == NULL)
		return;
	if (on_terminal(c) && !out->quiet) {
		above(c);
		troth_line(out, style, "%s", text);
		below(c);
	} else {
		troth_note(out, "%s", text);
	}
	free(text);
}

void troth_chatting_prompt_text(const struct troth_chatting *c, char out[CHAT_PROMPT])
{
	if (c->with.connected)
		(void)snprintf(out, CHAT_PROMPT, "%s (%s)", c->with.who,
			       troth_level_name(c->with.level));
	else
		(void)snprintf(out, CHAT_PROMPT, "%s (not connected)",
			       c->with.who[0] != 0 ? c->with.who : "nobody");
}

void troth_chatting_prompt(struct troth_chatting *c)
{
	char prompt[CHAT_PROMPT];
	if (c->editor == NULL)
		return;
	troth_chatting_prompt_text(c, prompt);
	above(c);
	troth_line_editor_prompt(c->editor, prompt,
				 c->with.connected ? troth_telling_level(c->with.level)
						   : TROTH_STYLE_DIM);
	below(c);
}

/* ---- messages ---- */

static void show_message(struct troth_chatting *c, const struct troth_news *n)
{
	above(c);
	troth_message_show(&c->running.cli->out, n);
	below(c);
}

static void show_receipt(struct troth_chatting *c, const struct troth_news *n)
{
	char now[TROTH_CLOCK_LEN];
	for (size_t i = 0; i < CHAT_SENT; i++) {
		if (strcmp(c->sent[i].id, n->id) == 0)
			troth_chatting_note(c, TROTH_STYLE_DIM, "[%s] ✓ %s",
					    troth_message_clock(now), c->sent[i].begin);
	}
}

/* ---- news ---- */

static void on_absent(uv_timer_t *timer)
{
	struct troth_chatting *c = timer->data; /* the running is its first member */
	const struct troth_failure failure = {
		.err = TROTH_E_UNREACHABLE,
		.cause = c->with.talk != 0 && troth_session_unreceived(c->running.session,
								       c->with.talk) > 0
				 ? "No connection in time; what was said wasn't received."
				 : "No connection in time.",
		.next = c->running.accounts.count > 0
				? "`troth nearby` shows who is on this network, `troth roster "
				  "list` who is online; --timeout waits longer."
				: "`troth nearby` shows who is there; --timeout waits longer.",
	};
	troth_running_end(&c->running, troth_cli_fail(c->running.cli, &failure, "can't talk to %s",
						      c->peer != NULL ? c->peer : "anybody"));
}

void troth_chatting_wait(struct troth_chatting *c)
{
	if (!c->leaving)
		troth_running_deadline(&c->running, c->patience, on_absent);
}

/* Somebody is here: what was waiting for that goes on. */
void troth_chatting_begin(struct troth_chatting *c)
{
	if (!c->leaving)
		(void)uv_timer_stop(&c->running.deadline);
	enum troth_exit status = troth_chatting_read(c);
	if (status != TROTH_EXIT_OK)
		troth_running_end(&c->running, status);
}

static void gave_up(struct troth_chatting *c, const struct troth_news *n)
{
	bool closed = c->pairing && (n->err == TROTH_E_NO_METHOD || n->err == TROTH_E_FLOOR);
	const struct troth_failure failure = {
		.err = n->err,
		.cause = closed ? "The other side hasn't begun to pair." : n->text,
		.next = closed ? "Let it type /pair first." : n->advice};
	c->call = NULL;
	if (c->running.ending || n->err == TROTH_OK)
		return;
	above(c);
	(void)fflush(c->running.cli->out.out); /* before what goes to stderr */
	enum troth_exit status = troth_cli_fail(c->running.cli, &failure, "can't %s %s",
						c->pairing ? "pair with" : "talk to", c->peer);
	c->pairing = false;
	below(c);
	/* At a terminal the user may want to pair now; a script wants to know. */
	if (!on_terminal(c) || troth_err_class(n->err) == TROTH_CLASS_ATTACK)
		troth_running_end(&c->running, status);
	else
		troth_chatting_note(c, TROTH_STYLE_DIM, "/pair to pair with %s, /quit to leave.",
				    c->peer);
}

/* What the lines around it say as well. */
static bool is_noise(struct troth_chatting *c, const struct troth_news *n)
{
	if (n->type == TROTH_NEWS_SEEN) /* the call goes there now, or has been there */
		return (c->call != NULL && strcasecmp(n->who, c->peer) == 0) ||
		       ((c->call != NULL || c->with.connected) && strcmp(n->who, c->with.who) == 0);
	if (n->type != TROTH_NEWS_NICK)
		return false;
	bool told = strcmp(c->nick, n->text) == 0;
	(void)snprintf(c->nick, sizeof c->nick, "%s", n->text);
	return told;
}

static void show_string(struct troth_chatting *c, const struct troth_news *n)
{
	char *text;
	for (size_t i = 0; (text = troth_telling_sas(n, i)) != NULL; i++) {
		troth_chatting_note(c, TROTH_STYLE_PLAIN, "%s", text);
		free(text);
	}
	troth_chatting_note(c, TROTH_STYLE_PLAIN,
			    "Then: /verify same, /verify different, or /verify cancel.");
}

static void show(struct troth_chatting *c, const struct troth_news *n)
{
	if (is_noise(c, n))
		return;
	char *text = troth_telling_text(n);
	if (text != NULL)
		troth_chatting_note(c, troth_telling_style(n), "%s", text);
	free(text);
	if (n->type == TROTH_NEWS_UP && n->level < TROTH_LEVEL_VERIFIED)
		troth_chatting_note(c, troth_telling_level(n->level),
				    "/pair or /verify makes sure who that is.");
	if (n->type == TROTH_NEWS_SAS)
		show_string(c, n);
}

/* Who is called by an address, and is a contact, has a name. */
static void name_partner(struct troth_chatting *c, const struct troth_news *n)
{
	if (n->call == NULL || n->contact == 0 || c->with.connected ||
	    strcmp(c->with.who, n->who) == 0)
		return;
	(void)snprintf(c->with.who, sizeof c->with.who, "%s", n->who);
	troth_chatting_prompt(c);
}

void troth_chatting_show(struct troth_chatting *c, const struct troth_news *n)
{
	struct troth_output *out = &c->running.cli->out;
	if (out->json) {
		json_t *object = troth_telling_json(n);
		if (object != NULL)
			troth_json(out, object);
	} else if (n->type == TROTH_NEWS_MESSAGE) {
		show_message(c, n);
	} else if (n->type == TROTH_NEWS_RECEIPT) {
		show_receipt(c, n);
	} else {
		show(c, n);
	}
}

void troth_chatting_news(void *user, const struct troth_news *n)
{
	struct troth_chatting *c = user;
	troth_telling_trace(&c->running.cli->out, n);
	if (n->type == TROTH_NEWS_SAS)
		troth_chatting_compare(c, n);
	else
		troth_chatting_show(c, n);
	c->pairing &= n->type != TROTH_NEWS_PAIRED;
	if (n->type == TROTH_NEWS_LOOKING || n->type == TROTH_NEWS_CALLING)
		name_partner(c, n);
	if (n->type == TROTH_NEWS_UP)
		troth_chatting_meet(c, n);
	else if (n->type == TROTH_NEWS_DOWN)
		troth_chatting_lose(c, n);
	else if (n->type == TROTH_NEWS_GAVE_UP)
		gave_up(c, n);
	troth_chatting_check_end(c);
}

static void leave_now(struct troth_chatting *c)
{
	size_t left =
		c->with.talk != 0 ? troth_session_unreceived(c->running.session, c->with.talk) : 0;
	if (left > 0)
		troth_chatting_note(c, TROTH_STYLE_WARN,
				    "%zu message%s to %s never got a receipt, and won't be sent "
				    "again.",
				    left, left == 1 ? "" : "s", c->with.who);
	troth_running_end(&c->running, left > 0 ? TROTH_EXIT_NETWORK : TROTH_EXIT_OK);
}

static void on_receipts_overdue(uv_timer_t *timer)
{
	leave_now(timer->data); /* the running is its first member */
}

void troth_chatting_leave(struct troth_chatting *c)
{
	bool awaits = c->with.talk != 0 && c->with.connected &&
		      troth_session_unreceived(c->running.session, c->with.talk) > 0;
	if (!awaits || c->leaving) {
		leave_now(c);
		return;
	}
	c->leaving = c->input_ended = true;
	troth_running_deadline(&c->running, RECEIPTS_SECONDS, on_receipts_overdue);
}

void troth_chatting_check_end(struct troth_chatting *c)
{
	if (c->input_ended && !c->running.ending &&
	    troth_session_unreceived(c->running.session, c->with.talk) == 0)
		troth_running_end(&c->running, TROTH_EXIT_OK);
}
