/* SPDX-License-Identifier: MIT */
/* The bot's program and the session: what each is told by the other. Layer: cli. */
#include "cli/bot/bot.h"

#include "base/slice.h"
#include "cli/bot/bot_command.h"
#include "cli/chat/telling.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

bool troth_bot_wanted(const struct troth_cli *cli)
{
	return troth_cli_has(cli, "exec");
}

/* ---- to the program ---- */

static void say(struct troth_bot *b, const json_t *event)
{
	char *line = json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (line != NULL)
		troth_program_say(b->program, troth_slice_str(line));
	else
		troth_note(&b->running->cli->out,
			   "There is no memory to tell the bot what happened.");
	free(line);
}

void troth_bot_tell(struct troth_bot *bot, json_t *event)
{
	if (bot->program != NULL && event != NULL)
		say(bot, event);
	json_decref(event);
}

static void add(json_t *object, const char *name, const char *text)
{
	if (text != NULL)
		(void)json_object_set_new(object, name, troth_json_text(text));
}

static json_t *listening(const struct troth_bot *b)
{
	json_t *object = json_object();
	add(object, "event", "listening");
	add(object, "name", troth_session_name(b->running->session));
	(void)json_object_set_new(object, "port",
				  json_integer(troth_session_port(b->running->session)));
	return object;
}

/* A program that begins again has to know who is here. */
static void on_began(void *user)
{
	struct troth_bot *b = user;
	size_t i;
	json_t *up;
	if (b->program == NULL || b->running->session == NULL)
		return;
	troth_bot_tell(b, listening(b));
	json_array_foreach(b->ups, i, up)
	{
		say(b, up);
	}
}

/* ---- who is here ---- */

static bool is_number(const json_t *object, const char *name, unsigned number)
{
	return json_integer_value(json_object_get(object, name)) == (json_int_t)number;
}

static void forget_up(struct troth_bot *b, const char *name, unsigned number)
{
	for (size_t i = json_array_size(b->ups); i-- > 0;)
		if (is_number(json_array_get(b->ups, i), name, number))
			(void)json_array_remove(b->ups, i);
}

/* Two streams with one contact are one conversation, and the newer one counts. */
static void keep_up(struct troth_bot *b, const struct troth_news *n, json_t *object)
{
	if (n->type == TROTH_NEWS_UP) {
		forget_up(b, "talk", n->talk);
		(void)json_array_append(b->ups, object);
	} else if (n->type == TROTH_NEWS_DOWN) {
		forget_up(b, "stream", n->stream);
	}
}

/* ---- calls ---- */

static json_t *gave_up(const struct troth_news *n)
{
	json_t *object = json_object();
	add(object, "event", "gave-up");
	add(object, "contact", n->contact != 0 ? n->who : NULL);
	(void)json_object_set_new(object, "talk", json_integer(n->talk));
	add(object, "error", troth_err_name(n->err));
	add(object, "text", n->text);
	return object;
}

static struct troth_call **find_call(struct troth_bot *b, unsigned talk)
{
	for (size_t i = 0; i < TROTH_BOT_CALLS; i++)
		if (b->calls[i] != NULL && troth_call_talk(b->calls[i]) == talk)
			return &b->calls[i];
	return NULL;
}

static void forget_call(struct troth_bot *b, const struct troth_call *call)
{
	for (size_t i = 0; i < TROTH_BOT_CALLS; i++)
		if (b->calls[i] == call)
			b->calls[i] = NULL;
}

void troth_bot_news(struct troth_bot *bot, const struct troth_news *n)
{
	if (bot->program == NULL)
		return;
	json_t *object = n->type == TROTH_NEWS_GAVE_UP ? gave_up(n) : troth_telling_json(n);
	if (object != NULL)
		keep_up(bot, n, object);
	troth_bot_tell(bot, object);
	if (n->type == TROTH_NEWS_GAVE_UP)
		forget_call(bot, n->call);
}

/* ---- from the program ---- */

struct done {
	int err;
	const char *text;
	unsigned talk;
	char id[TROTH_MESSAGE_ID_LEN + 1];
};

static unsigned talk_of(const struct troth_bot *b, const struct troth_bot_command *c)
{
	size_t i;
	json_t *up;
	if (c->talk != 0)
		return c->talk;
	json_array_foreach(b->ups, i, up)
	{
		const char *label = json_string_value(json_object_get(up, "contact"));
		if (label != NULL && strcmp(label, c->name) == 0)
			return (unsigned)json_integer_value(json_object_get(up, "talk"));
	}
	return 0;
}

static struct done do_say(struct troth_bot *b, const struct troth_bot_command *c)
{
	struct done d = {.err = TROTH_E_NOT_FOUND, .talk = talk_of(b, c)};
	if (d.talk != 0)
		d.err = troth_session_say(b->running->session, d.talk, c->text, d.id);
	if (d.err == TROTH_E_NOT_FOUND)
		d.text = "There is no such conversation: \"call\" begins one.";
	return d;
}

/* Contacts only: what a stranger writes must not make us dial where he likes. */
static struct done do_call(struct troth_bot *b, const struct troth_bot_command *c)
{
	struct troth_store *store = b->running->cli->home.store;
	struct troth_store_contact contact;
	struct troth_call **slot = b->calls;
	struct done d = {.err = troth_store_contact_by_label(store, c->name, &contact)};
	while (slot < b->calls + TROTH_BOT_CALLS && *slot != NULL)
		slot++;
	if (d.err == TROTH_OK && slot == b->calls + TROTH_BOT_CALLS)
		d.err = TROTH_E_LIMIT;
	if (d.err != TROTH_OK) {
		d.text = d.err == TROTH_E_LIMIT ? "There are too many calls: hang up first."
						: "There is no contact with that label.";
		return d;
	}
	const struct troth_call_params params = {
		.peer = contact.label, .least = TROTH_LEVEL_VERIFIED, .persist = true};
	d.err = troth_session_call(b->running->session, &params, slot);
	if (d.err == TROTH_OK)
		d.talk = troth_call_talk(*slot);
	return d;
}

static struct done do_hang_up(struct troth_bot *b, const struct troth_bot_command *c)
{
	struct done d = {.talk = talk_of(b, c)};
	struct troth_call **call = d.talk != 0 ? find_call(b, d.talk) : NULL;
	if (d.talk == 0) {
		d.err = TROTH_E_NOT_FOUND;
		d.text = "There is no such conversation.";
	} else if (call != NULL) {
		struct troth_call *ended = *call;
		*call = NULL;
		troth_call_end(ended);
	} else {
		troth_session_hang_up(b->running->session, d.talk);
	}
	return d;
}

static struct done obey(struct troth_bot *b, const struct troth_bot_command *c)
{
	switch (c->what) {
	case TROTH_BOT_SAY:
		return do_say(b, c);
	case TROTH_BOT_CALL:
		return do_call(b, c);
	case TROTH_BOT_HANG_UP:
		return do_hang_up(b, c);
	case TROTH_BOT_QUIT:
		troth_running_end(b->running, TROTH_EXIT_OK);
		break;
	}
	return (struct done){.err = TROTH_OK};
}

static void answer(struct troth_bot *b, const struct troth_bot_command *c, const struct done *d)
{
	json_t *object = json_object();
	add(object, "event", d->err == TROTH_OK ? "done" : "refused");
	if (c != NULL) {
		add(object, "do", troth_bot_do_name(c->what));
		if (c->ref != NULL)
			(void)json_object_set_new(object, "ref", json_deep_copy(c->ref));
	}
	if (d->talk != 0)
		(void)json_object_set_new(object, "talk", json_integer(d->talk));
	add(object, "id", d->id[0] != 0 ? d->id : NULL);
	if (d->err != TROTH_OK) {
		add(object, "error", troth_err_name(d->err));
		add(object, "text", d->text != NULL ? d->text : troth_err_text(d->err));
	}
	troth_bot_tell(b, object);
}

static void on_line(void *user, struct troth_slice line)
{
	struct troth_bot *b = user;
	struct troth_bot_command command;
	char why[200];
	struct done d = {.text = why};
	if (b->program == NULL || b->running->ending)
		return;
	d.err = troth_bot_command_read(&command, line, why, sizeof why);
	if (d.err != TROTH_OK) {
		troth_note(&b->running->cli->out, "The bot said what can't be understood. %s", why);
		answer(b, NULL, &d);
		return;
	}
	d = obey(b, &command);
	answer(b, &command, &d);
	troth_bot_command_fini(&command);
}

static void on_note(void *user, const char *text)
{
	struct troth_bot *b = user;
	troth_note(&b->running->cli->out, "bot: %s", text);
}

/* ---- life ---- */

static bool read_options(struct troth_bot *b)
{
	const struct troth_cli *cli = b->running->cli;
	const char **argv = calloc(cli->arg_count + 2, sizeof *argv);
	size_t count = 0;
	while (troth_cli_value_at(cli, "env", count) != NULL)
		count++;
	b->argv = argv;
	b->pass = calloc(count + 1, sizeof *b->pass);
	b->ups = json_array();
	if (argv == NULL || b->pass == NULL || b->ups == NULL)
		return false;
	argv[0] = troth_cli_value(cli, "exec");
	for (size_t i = 0; i < cli->arg_count; i++)
		argv[i + 1] = cli->args[i];
	for (size_t i = 0; i < count; i++)
		b->pass[i] = troth_cli_value_at(cli, "env", i);
	return true;
}

enum troth_exit troth_bot_start(struct troth_bot *bot, struct troth_running *running)
{
	const char *why = NULL;
	bot->running = running;
	int err = read_options(bot) ? TROTH_OK : TROTH_E_NOMEM;
	const struct troth_program_params params = {
		.loop = &running->loop,
		.argv = bot->argv,
		.pass = bot->pass,
		.user = bot,
		.began = on_began,
		.line = on_line,
		.note = on_note,
	};
	if (err == TROTH_OK)
		err = troth_program_start(&bot->program, &params, &why);
	if (err != TROTH_OK)
		return troth_cli_fail(running->cli,
				      &(struct troth_failure){.err = err, .cause = why},
				      "can't run %s", troth_cli_value(running->cli, "exec"));
	on_began(bot); /* the first time it ran before it was known here */
	return TROTH_EXIT_OK;
}

/* Calls go with the session. */
void troth_bot_end(struct troth_bot *bot)
{
	troth_program_end(bot->program);
	bot->program = NULL;
}

void troth_bot_fini(struct troth_bot *bot)
{
	json_decref(bot->ups);
	free(bot->argv);
	free(bot->pass);
}
