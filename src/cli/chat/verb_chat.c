/* SPDX-License-Identifier: MIT */
/* `troth chat`: a conversation at the terminal, or through pipes. Layer: cli. */
#include "cli/chat/chatting.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define PIPE_SECONDS 30 /* as `troth send`: nobody may be there to end it */

/* ---- asking for a secret ---- */

static void on_typed(void *user, struct troth_secret *secret, const char *problem)
{
	struct troth_chatting *c = user;
	if (c->editor != NULL)
		troth_line_editor_resume(c->editor);
	if (problem != NULL)
		troth_chatting_note(c, TROTH_STYLE_WARN, "%s", problem);
	troth_session_answer(c->running.session, secret);
	troth_secret_free(secret);
}

static void on_ask(void *user, const struct troth_question *q)
{
	struct troth_chatting *c = user;
	char question[400];
	if (q->wrong > 0)
		troth_chatting_note(c, TROTH_STYLE_WARN, "The secret was wrong.");
	else
		troth_chatting_note(c, TROTH_STYLE_PLAIN,
				    "Both of you type the same secret, agreed on in person or by "
				    "telephone: four random words are enough, a word that others "
				    "can guess isn't. `troth pair` makes one.");
	if (q->incoming) /* whom our user called needs no second name */
		(void)snprintf(question, sizeof question, "Secret shared with %s (%s)", q->who,
			       q->where);
	else
		(void)snprintf(question, sizeof question, "Secret shared with %s", q->who);
	if (c->editor != NULL)
		troth_line_editor_pause(c->editor);
	c->line.done = on_typed;
	c->line.user = c;
	if (troth_secret_line_ask(&c->line, &c->running.loop, question) == TROTH_OK)
		return;
	if (c->editor != NULL)
		troth_line_editor_resume(c->editor);
	troth_chatting_note(c, TROTH_STYLE_WARN,
			    "There is no terminal to ask for a secret on: use `troth pair` first.");
	troth_session_answer(c->running.session, NULL);
}

static void on_ask_over(void *user)
{
	struct troth_chatting *c = user;
	troth_secret_line_cancel(&c->line);
	if (c->editor != NULL)
		troth_line_editor_resume(c->editor);
}

/* ---- calling ---- */

enum troth_exit troth_chatting_call(struct troth_chatting *c, bool pairing)
{
	const struct troth_call_params params = {
		.peer = c->peer,
		.at = troth_cli_value(c->running.cli, "at"),
		.pairing = pairing,
		.least = c->least,
		.persist = true,
	};
	int err = troth_session_call(c->running.session, &params, &c->call);
	if (err == TROTH_OK) {
		if (troth_call_talk(c->call) != 0)
			c->with.talk = troth_call_talk(c->call);
		return TROTH_EXIT_OK;
	}
	return troth_running_no_call(c->running.cli, err, "can't talk to", c->peer);
}

/* ---- life ---- */

static void interrupted(struct troth_running *r)
{
	troth_chatting_leave((struct troth_chatting *)r);
}

static void close_handles(struct troth_running *r)
{
	struct troth_chatting *c = (struct troth_chatting *)r;
	troth_secret_line_cancel(&c->line);
	troth_line_editor_free(c->editor);
	c->editor = NULL;
}

enum troth_exit troth_chatting_read(struct troth_chatting *c)
{
	char prompt[CHAT_PROMPT];
	if (c->editor != NULL || c->running.ending)
		return TROTH_EXIT_OK;
	troth_chatting_prompt_text(c, prompt);
	const struct troth_line_editor_params editor = {
		.loop = &c->running.loop,
		.out = &c->running.cli->out,
		.prompt = prompt,
		.line = troth_chatting_line,
		.user = c,
	};
	int err = troth_line_editor_new(&c->editor, &editor);
	if (err != TROTH_OK)
		return troth_cli_fail(c->running.cli, &(struct troth_failure){.err = err},
				      "can't read what you type");
	return TROTH_EXIT_OK;
}

static void tell_waiting(struct troth_chatting *c)
{
	troth_note(&c->running.cli->out, "Waiting as %s, port %u.",
		   troth_session_name(c->running.session), troth_session_port(c->running.session));
	if (c->least == TROTH_LEVEL_VERIFIED && !troth_home_has_contacts(c->running.cli))
		troth_note(&c->running.cli->out,
			   "You have no contacts yet: /pair lets somebody in by a secret "
			   "that you both know.");
}

/* What is said to a contact is kept until it is there; of what comes through a pipe for somebody
 * else nothing is read before. */
static bool reads_later(struct troth_chatting *c)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	return c->peer != NULL && isatty(STDIN_FILENO) == 0 &&
	       troth_home_store(c->running.cli, &store) == TROTH_EXIT_OK &&
	       troth_store_contact_by_label(store, c->peer, &contact) != TROTH_OK;
}

static enum troth_exit start_talking(struct troth_chatting *c)
{
	enum troth_exit status = TROTH_EXIT_OK;
	if (c->peer != NULL) {
		(void)snprintf(c->with.who, sizeof c->with.who, "%s", c->peer);
		status = troth_chatting_call(c, false);
	} else {
		tell_waiting(c);
	}
	if (status == TROTH_EXIT_OK)
		troth_chatting_wait(c);
	return status == TROTH_EXIT_OK && !reads_later(c) ? troth_chatting_read(c) : status;
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct troth_chatting c = {
		.running = {.cli = cli, .close_handles = close_handles, .interrupted = interrupted},
		.least = TROTH_LEVEL_VERIFIED};
	enum troth_exit status = troth_cli_args(cli, 0, 1);
	if (status == TROTH_EXIT_OK)
		status = troth_running_accept(cli, &c.least);
	if (troth_cli_has(cli, "allow-plain"))
		c.least = TROTH_LEVEL_PLAIN;
	const struct troth_running_params params = {
		.callbacks = {.user = &c,
			      .news = troth_chatting_news,
			      .ask = on_ask,
			      .ask_over = on_ask_over},
		.least = c.least,
		.compares = true,
		.listen = true,
		.announce = true,
	};
	c.peer = troth_cli_arg(cli, 0);
	if (c.peer != NULL && isatty(STDIN_FILENO) == 0)
		c.patience = PIPE_SECONDS;
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(cli, "timeout", 1, 86400, &c.patience);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&c.running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	status = start_talking(&c);
	if (status != TROTH_EXIT_OK)
		troth_running_end(&c.running, status);
	return troth_running_run(&c.running);
}

static const struct troth_option options[] = {
	{"accept", 0, "WHO",
	 "contacts (default), vouched, anyone (unverified), plain (unencrypted)",
	 TROTH_COMPLETE_ACCEPT},
	{"allow-plain", 0, NULL, "talk to old programs that can't encrypt (as --accept plain)",
	 TROTH_COMPLETE_NOTHING},
	{"at", 0, "WHERE", "where a contact is: host:port, an address, or a name on this network",
	 TROTH_COMPLETE_NOTHING},
	{"timeout", 't', "SECONDS",
	 "give up when not connected by then (default: 30 through a pipe)", TROTH_COMPLETE_NOTHING},
	TROTH_RUNNING_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--at WHERE] [PEER]", NULL};
static const struct troth_example examples[] = {
	{"troth chat juliet", "talk to a contact, on this network or online"},
	{"troth chat juliet@capulet.example", "the same by her address"},
	{"troth chat", "wait for any contact"},
	{"df -h | troth chat juliet", "what a program writes, a message a line"},
	{"troth chat 192.0.2.7:5298", "where it isn't seen on the network"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_chat = {
	.name = "chat",
	.help = "talk to a contact",
	.usage = usage,
	.about =
		"What is typed is sent, what arrives is shown above it; ✓ stands for the receipt\n"
		"of the other side's program. The prompt and every line say how far the other\n"
		"side is known: verified, unverified, plain. A lost connection comes back by\n"
		"itself, and nothing that was said gets lost. /help shows the commands. Through a\n"
		"pipe, `troth chat PEER` ends when all of it was received, or when PEER isn't "
		"there\n"
		"within 30 seconds, with the exit status of `troth send`.",
	.options = options,
	.examples = examples,
	.complete = TROTH_COMPLETE_CONTACT,
	.run = run,
};
