/* SPDX-License-Identifier: MIT */
/*
 * `troth listen`: for programs and machines. Takes what contacts send, tells it line by
 * line, sends what is written to it. Layer: cli.
 */
#include "cli/bot/arming.h"
#include "cli/bot/bot.h"
#include "cli/chat/message.h"
#include "cli/chat/telling.h"
#include "cli/running.h"
#include "cli/terminal/words.h"
#include "cli/verbs.h"

#include "cli/terminal/secret_line.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct listening {
	struct troth_running running; /* first */
	struct troth_bot bot;         /* runs with --exec */
	struct troth_arming arming;   /* for a device with a label */
	bool exec;
};

static void on_news(void *user, const struct troth_news *n)
{
	struct listening *l = user;
	struct troth_output *out = &l->running.cli->out;
	troth_telling_trace(out, n);
	troth_bot_news(&l->bot, n);
	troth_arming_news(&l->arming, n);
	/* What a bot is told is for the bot, and not for a journal. */
	if (l->exec && n->type == TROTH_NEWS_MESSAGE)
		return;
	if (out->json) {
		json_t *object = troth_telling_json(n);
		/* troth-policy(5): what a program may do on a peer's word. */
		if (object != NULL && n->type == TROTH_NEWS_MESSAGE)
			(void)json_object_set_new(
				object, "bots",
				json_boolean(troth_session_may(l->running.session, n->stream,
							       TROTH_POLICY_BOTS)));
		if (object != NULL)
			troth_json(out, object);
		return;
	}
	if (n->type == TROTH_NEWS_MESSAGE) {
		troth_message_show(out, n);
		(void)fflush(out->out);
	}
	char *text = troth_telling_text(n);
	if (text != NULL)
		troth_note(out, "%s", text);
	free(text);
}

/* ---- the pairing window ---- */

static void show_secret(struct troth_output *out, const char *words, unsigned count)
{
	json_t *object = json_object();
	(void)json_object_set_new(object, "event", troth_json_text("window"));
	(void)json_object_set_new(object, "secret", troth_json_text(words));
	(void)json_object_set_new(object, "bits", json_integer(troth_words_bits(count)));
	troth_json(out, object);
	troth_line(out, TROTH_STYLE_BOLD, "Secret for pairing: %s   (%u words, %u bits)", words,
		   count, troth_words_bits(count));
	(void)fflush(out->out);
}

static enum troth_exit open_window(struct listening *l)
{
	struct troth_cli *cli = l->running.cli;
	struct troth_secret *secret = NULL;
	struct troth_buf words;
	const char *text;
	int64_t count = 4;
	enum troth_exit status = troth_cli_number(cli, "words", 3, TROTH_WORDS_MAX, &count);
	if (status != TROTH_EXIT_OK || !troth_cli_has(cli, "pair"))
		return status;
	troth_buf_init(&words, 512);
	int err = troth_words_make(&words, (unsigned)count);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&words, &text);
	if (err == TROTH_OK)
		err = troth_secret_line_prepare(&secret, text);
	const struct troth_window_params params = {.secret = secret,
						   .bits = troth_words_bits((unsigned)count)};
	if (err == TROTH_OK)
		err = troth_session_window_open(l->running.session, &params);
	if (err == TROTH_OK)
		show_secret(&cli->out, text, (unsigned)count);
	troth_secret_free(secret);
	troth_buf_fini(&words);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"can't open the pairing");
}

/* ---- beginning ---- */

static void show_listening(struct listening *l)
{
	struct troth_output *out = &l->running.cli->out;
	struct troth_session *s = l->running.session;
	json_t *object = json_object();
	(void)json_object_set_new(object, "event", troth_json_text("listening"));
	(void)json_object_set_new(object, "name", troth_json_text(troth_session_name(s)));
	(void)json_object_set_new(object, "port", json_integer(troth_session_port(s)));
	troth_json(out, object);
	if (!out->json)
		troth_note(out, "Listening as %s, port %u.", troth_session_name(s),
			   troth_session_port(s));
}

static void close_handles(struct troth_running *r)
{
	struct listening *l = (struct listening *)r;
	troth_bot_end(&l->bot);
	troth_arming_end(&l->arming);
}

static void on_told(void *user, json_t *event)
{
	struct listening *l = user;
	troth_json(&l->running.cli->out, json_incref(event));
	troth_bot_tell(&l->bot, event);
}

static void on_said(void *user, const char *sentence)
{
	struct listening *l = user;
	troth_note(&l->running.cli->out, "%s", sentence);
}

static int on_transfer(void *user, int64_t seconds)
{
	return troth_arming_transfer(&((struct listening *)user)->arming, seconds);
}

/* Arguments are the program's. */
static enum troth_exit check(struct troth_cli *cli)
{
	if (troth_bot_wanted(cli))
		return TROTH_EXIT_OK;
	if (troth_cli_has(cli, "env"))
		return troth_cli_usage(cli, "--env is for a program: --exec CMD");
	return troth_cli_args(cli, 0, 0);
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct listening l = {.running = {.cli = cli, .close_handles = close_handles},
			      .arming = {.told = on_told, .said = on_said, .user = &l},
			      .exec = troth_bot_wanted(cli)};
	struct troth_running_params params = {
		.callbacks = {.user = &l, .news = on_news, .transfer = on_transfer},
		.least = TROTH_LEVEL_VERIFIED,
		.listen = true,
		.announce = true,
	};
	enum troth_exit status = check(cli);
	if (status == TROTH_EXIT_OK)
		status = troth_running_accept(cli, &params.least);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&l.running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	status = troth_arming_start(&l.arming, &l.running);
	if (status == TROTH_EXIT_OK) {
		show_listening(&l);
		status = open_window(&l);
	}
	if (status == TROTH_EXIT_OK && l.exec)
		status = troth_bot_start(&l.bot, &l.running);
	if (status != TROTH_EXIT_OK)
		troth_running_end(&l.running, status);
	status = troth_running_run(&l.running);
	troth_bot_fini(&l.bot);
	return status;
}

static const struct troth_option options[] = {
	{"accept", 0, "WHO",
	 "contacts (default), vouched, anyone (unverified), plain (unencrypted)",
	 TROTH_COMPLETE_ACCEPT},
	{"pair", 0, NULL, "show a secret, by which one new contact may pair",
	 TROTH_COMPLETE_NOTHING},
	{"words", 'w', "N", "of how many words (default: 4)", TROTH_COMPLETE_NOTHING},
	TROTH_BOT_OPTIONS,
	{"arm-hook", 0, "CMD", "run CMD; each line \"arm\" of it waits for an owner (`troth bot`)",
	 TROTH_COMPLETE_FILE},
	TROTH_RUNNING_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--accept WHO] [--pair]",
				    "[--accept WHO] [--env NAME] --exec CMD [ARG...]", NULL};
static const struct troth_example examples[] = {
	{"troth listen", "show what contacts send"},
	{"troth listen --json | jq -r 'select(.event==\"message\" and .bots).text'",
	 "for a program"},
	{"troth listen --exec ./bot.py -- -x", "a bot: reads events, writes commands"},
	{"troth listen --account bot@capulet.example", "over this account, and on the network"},
	{"troth listen --pair --port 5298", "a machine without keyboard: pair with it once"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_listen = {
	.name = "listen",
	.help = "take messages without a terminal, for programs and machines",
	.usage = usage,
	.about =
		"With --json each line is an object whose member \"event\" says what it is:\n"
		"listening, named, online, offline, seen, gone, up, nick, message, down, failed,\n"
		"warning, window, wrong-secret, window-closed, pinned, paired, pair-failed, "
		"device, join-offered.\n"
		"Messages have contact, level, id, text, and bots: whether the policy lets a "
		"program\n"
		"act on them. SIGTERM ends all streams in order.\n"
		"With --exec a program gets these lines on its standard input instead of messages\n"
		"being shown, and says what to do by lines of its own: troth-bot(7). It is run\n"
		"without a shell, begun again when it ends, and inherits a few variables only.",
	.options = options,
	.examples = examples,
	.run = run,
};
