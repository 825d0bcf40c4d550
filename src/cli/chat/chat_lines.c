/* SPDX-License-Identifier: MIT */
/* What the user types in `troth chat`: messages, and commands after a slash. Layer: cli. */
#include "cli/chat/chatting.h"

#include "base/slice.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* ---- messages ---- */

static void remember(struct troth_chatting *c, const char *id, const char *text)
{
	struct troth_buf begin TROTH_CLEANUP(troth_buf_fini);
	const char *clean = "";
	troth_buf_init(&begin, 256);
	if (troth_text_clean(&begin, troth_slice_str(text), TROTH_TEXT_ONE_LINE, CHAT_SENT_CHARS) !=
		    TROTH_OK ||
	    troth_buf_cstr(&begin, &clean) != TROTH_OK || strlen(clean) >= sizeof c->sent[0].begin)
		clean = "…";
	memcpy(c->sent[c->sent_next].id, id, TROTH_MESSAGE_ID_LEN + 1);
	(void)snprintf(c->sent[c->sent_next].begin, sizeof c->sent[0].begin, "%s", clean);
	c->sent_next = (c->sent_next + 1) % CHAT_SENT;
}

static void say(struct troth_chatting *c, const char *text)
{
	char id[TROTH_MESSAGE_ID_LEN + 1];
	if (c->with.talk == 0) {
		troth_chatting_note(c, TROTH_STYLE_WARN, "Nobody is here yet: that wasn't sent.");
		return;
	}
	int err = troth_session_say(c->running.session, c->with.talk, text, id);
	if (err == TROTH_OK)
		remember(c, id, text);
	else if (err == TROTH_E_XML)
		troth_chatting_note(c, TROTH_STYLE_WARN, "That has characters that can't be sent.");
	else
		troth_chatting_note(c, TROTH_STYLE_WARN, "That wasn't sent: %s",
				    troth_err_text(err));
	if (err == TROTH_OK && !c->with.connected)
		troth_chatting_note(c, TROTH_STYLE_DIM, "Kept until %s is connected.", c->with.who);
}

/* ---- commands ---- */

static void help(struct troth_chatting *c)
{
	troth_chatting_note(c, TROTH_STYLE_PLAIN,
			    "/pair   make sure who that is, by a shared secret");
	troth_chatting_note(c, TROTH_STYLE_PLAIN,
			    "/verify   the same, by a number that both of you are shown");
	troth_chatting_note(
		c, TROTH_STYLE_PLAIN,
		"/status avail|away|dnd [MESSAGE]   what others on the link see of you");
	troth_chatting_note(c, TROTH_STYLE_PLAIN,
			    "/talk [NAME]   speak with somebody else who is connected");
	troth_chatting_note(c, TROTH_STYLE_PLAIN, "/quit   leave (Ctrl-D as well)");
	troth_chatting_note(c, TROTH_STYLE_PLAIN, "//...   a message that begins with a slash");
}

/* The side that called calls again; the side that was called waits to be. */
static void pair(struct troth_chatting *c)
{
	if (c->peer != NULL) {
		troth_call_end(c->call); /* without news */
		c->call = NULL;
		c->with.connected = false;
		troth_chatting_prompt(c);
		c->pairing = troth_chatting_call(c, true) == TROTH_EXIT_OK; /* else it is told */
		return;
	}
	/* Who is known already keeps that name, and keeps others out. */
	const struct troth_window_params params = {.contact = c->with.contact};
	int err = troth_session_window_open(c->running.session, &params);
	if (err == TROTH_OK)
		troth_chatting_note(c, TROTH_STYLE_PLAIN,
				    "Waiting for %s to pair%s: it calls %s, port %u.",
				    c->with.contact != 0 ? c->with.who : "the other side",
				    c->with.contact != 0 ? " again" : "",
				    troth_session_name(c->running.session),
				    troth_session_port(c->running.session));
	else
		troth_chatting_note(c, TROTH_STYLE_WARN, "No pairing now: %s", troth_err_text(err));
}

/* "/status away out for lunch"; without a message the last one goes. */
static void status(struct troth_chatting *c, const char *text)
{
	enum troth_lan_status status;
	size_t len = strcspn(text, " ");
	const char *msg = text + len + strspn(text + len, " ");
	if (!troth_announcing_status(troth_slice_of(text, len), &status)) {
		troth_chatting_note(c, TROTH_STYLE_WARN, "/status takes avail, away or dnd.");
		return;
	}
	int err = troth_session_status(c->running.session, status, *msg != 0 ? msg : NULL);
	if (err == TROTH_OK)
		troth_chatting_note(c, TROTH_STYLE_DIM, "Everybody on the link can see that now.");
	else if (err == TROTH_E_INVAL)
		troth_chatting_note(c, TROTH_STYLE_WARN,
				    "Nothing of you is announced, so that isn't either: "
				    "--announce says who you are.");
	else if (err == TROTH_E_LIMIT)
		troth_chatting_note(c, TROTH_STYLE_WARN,
				    "That wasn't announced: with the rest it is more than fits "
				    "(1200 bytes). The old message stands.");
	else
		troth_chatting_note(c, TROTH_STYLE_WARN, "That wasn't announced: %s",
				    troth_err_text(err));
}

/* "/verify" begins; with a word it is the answer. */
static void verify(struct troth_chatting *c, const char *word)
{
	struct troth_session *s = c->running.session;
	int err = TROTH_E_INVAL;
	if (word[0] == 0)
		err = troth_session_compare(s, c->with.talk);
	else if (strcmp(word, "same") == 0)
		err = troth_session_compared(s, c->with.talk, TROTH_SAS_SAME);
	else if (strcmp(word, "different") == 0)
		err = troth_session_compared(s, c->with.talk, TROTH_SAS_DIFFERENT);
	else if (strcmp(word, "cancel") == 0)
		err = troth_session_compared(s, c->with.talk, TROTH_SAS_CANCEL);
	if (err != TROTH_OK)
		troth_chatting_note(c, TROTH_STYLE_WARN,
				    word[0] == 0 ? "There is nobody here to compare with: an "
						   "unverified peer whose program can do that, "
						   "once in a connection."
						 : "Nothing is being compared, or that "
						   "isn't same, different or cancel.");
	else if (strcmp(word, "same") == 0)
		troth_chatting_note(c, TROTH_STYLE_DIM, "Waiting for what the other side says…");
}

static void command(struct troth_chatting *c, const char *text)
{
	if (strcmp(text, "/quit") == 0)
		troth_chatting_leave(c);
	else if (strcmp(text, "/pair") == 0)
		pair(c);
	else if (strncmp(text, "/verify", 7) == 0 && (text[7] == ' ' || text[7] == 0))
		verify(c, text + 7 + strspn(text + 7, " "));
	else if (strncmp(text, "/status", 7) == 0 && (text[7] == ' ' || text[7] == 0))
		status(c, text + 7 + strspn(text + 7, " "));
	else if (strncmp(text, "/talk", 5) == 0 && (text[5] == ' ' || text[5] == 0))
		troth_chatting_turn(c, text + 5 + strspn(text + 5, " "));
	else if (strcmp(text, "/help") == 0)
		help(c);
	else
		troth_chatting_note(c, TROTH_STYLE_WARN,
				    "There is no command %s: /help shows them.", text);
}

void troth_chatting_line(void *user, const char *text)
{
	struct troth_chatting *c = user;
	if (c->running.ending || (c->leaving && text != NULL))
		return;
	if (text == NULL) {
		c->input_ended = true;
		if (troth_line_editor_is_terminal(c->editor))
			troth_chatting_leave(c);
		else
			troth_chatting_check_end(c);
	} else if (text[0] == '/' && text[1] != '/') {
		command(c, text);
	} else if (text[0] != 0) {
		say(c, text[0] == '/' ? text + 1 : text);
	}
}
