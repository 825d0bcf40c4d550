/* SPDX-License-Identifier: MIT */
/* `troth send`: one message; success is the receipt of the peer's program. Layer: cli. */
#include "cli/chat/telling.h"
#include "cli/running.h"
#include "cli/verbs.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define DEFAULT_SECONDS 30

struct sending {
	struct troth_running running; /* first */
	struct troth_call *call;
	struct troth_buf text;
	char id[TROTH_MESSAGE_ID_LEN + 1];
	bool sent;
};

/* ---- news ---- */

static void fail(struct sending *s, const struct troth_news *n)
{
	const struct troth_failure failure = {.err = n->err, .cause = n->text, .next = n->advice};
	const char *what = s->sent ? "the message may not have arrived" : "the message wasn't sent";
	if (!s->running.ending)
		troth_running_end(&s->running,
				  troth_cli_fail(s->running.cli, &failure, "%s", what));
}

static void say(struct sending *s, const struct troth_news *n)
{
	const char *text;
	int err = troth_buf_cstr(&s->text, &text);
	if (err == TROTH_OK && !s->sent)
		err = troth_session_say(s->running.session, n->talk, text, s->id);
	s->sent = err == TROTH_OK;
	if (err != TROTH_OK)
		fail(s, &(struct troth_news){.err = err, .text = troth_err_text(err)});
	else if (n->level == TROTH_LEVEL_PLAIN) /* which has no receipts */
		fail(s, &(struct troth_news){.err = TROTH_E_NO_TLS,
					     .text = "Plain old programs send no receipts."});
}

static void received(struct sending *s, const struct troth_news *n)
{
	struct troth_output *out = &s->running.cli->out;
	troth_json(out, troth_telling_json(n));
	troth_note(out, "%s has received it (%s).", n->who, troth_level_name(n->level));
	troth_running_end(&s->running, TROTH_EXIT_OK);
}

static void on_news(void *user, const struct troth_news *n)
{
	struct sending *s = user;
	struct troth_output *out = &s->running.cli->out;
	troth_telling_trace(out, n);
	if (n->type == TROTH_NEWS_UP && n->call != NULL) {
		say(s, n);
	} else if (n->type == TROTH_NEWS_RECEIPT && strcmp(n->id, s->id) == 0) {
		received(s, n);
	} else if (n->type == TROTH_NEWS_UNSENDABLE && strcmp(n->id, s->id) == 0) {
		fail(s,
		     &(struct troth_news){.err = TROTH_E_PEER_REFUSED,
					  .text = "The other side's program can't take messages."});
	} else if (n->type == TROTH_NEWS_GAVE_UP) {
		s->call = NULL;
		fail(s, n);
	} else if (n->type == TROTH_NEWS_WARNING || n->type == TROTH_NEWS_LOOKING ||
		   n->type == TROTH_NEWS_UNSEEN || n->type == TROTH_NEWS_CALLING ||
		   n->type == TROTH_NEWS_RETRY || n->type == TROTH_NEWS_DEVICE ||
		   n->type == TROTH_NEWS_OFFLINE) {
		char *text = troth_telling_text(n);
		if (text != NULL)
			troth_note(out, "%s", text);
		free(text);
	}
}

static void on_overdue(uv_timer_t *timer)
{
	fail(timer->data,
	     &(struct troth_news){.err = TROTH_E_TIMEOUT, .text = troth_err_text(TROTH_E_TIMEOUT)});
}

static void interrupted(struct troth_running *r)
{
	fail((struct sending *)r,
	     &(struct troth_news){.err = TROTH_E_REFUSED, .text = "Interrupted."});
}

/* ---- the text ---- */

static int read_stdin(struct troth_buf *text)
{
	char bytes[4096];
	ssize_t got;
	while ((got = read(STDIN_FILENO, bytes, sizeof bytes)) > 0) {
		int err = troth_buf_append(text, bytes, (size_t)got);
		if (err != TROTH_OK)
			return err;
	}
	struct troth_slice all = troth_buf_slice(text);
	if (all.len > 0 && all.data[all.len - 1] == '\n')
		troth_buf_truncate(text, all.len - 1);
	return got < 0 ? TROTH_E_IO : TROTH_OK;
}

static enum troth_exit read_text(struct sending *s)
{
	struct troth_cli *cli = s->running.cli;
	const char *given = troth_cli_arg(cli, 1);
	bool by_stdin = given == NULL || strcmp(given, "-") == 0;
	const char *text;
	int err = by_stdin ? read_stdin(&s->text) : troth_buf_append_str(&s->text, given);
	if (err == TROTH_OK && troth_buf_len(&s->text) == 0)
		return troth_cli_usage(cli, "there is no text to send");
	if (err == TROTH_OK)
		err = troth_buf_cstr(&s->text, &text);
	if (err == TROTH_OK)
		err = troth_session_check_text(text);
	if (err == TROTH_E_XML || err == TROTH_E_INVAL) /* a NUL is one, too */
		return troth_cli_usage(cli, "the text has characters that can't be sent, or isn't "
					    "UTF-8: files can't be sent like this");
	if (err == TROTH_E_LIMIT)
		return troth_cli_usage(cli, "the text is too long for one message");
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"can't read the text");
}

/* ---- beginning ---- */

static enum troth_exit begin(struct sending *s)
{
	struct troth_cli *cli = s->running.cli;
	int64_t seconds = DEFAULT_SECONDS;
	struct troth_running_params params = {.callbacks = {.user = s, .news = on_news},
					      .least = TROTH_LEVEL_VERIFIED};
	enum troth_exit status = troth_cli_number(cli, "timeout", 1, 86400, &seconds);
	if (status == TROTH_EXIT_OK)
		status = troth_running_accept(cli, &params.least);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&s->running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	const struct troth_call_params call = {
		.peer = troth_cli_arg(cli, 0),
		.at = troth_cli_value(cli, "at"),
		.least = params.least,
		.patience = seconds * 1000 - 200, /* which says more than the deadline */
	};
	int err = troth_session_call(s->running.session, &call, &s->call);
	if (err == TROTH_OK)
		troth_running_deadline(&s->running, seconds, on_overdue);
	else
		troth_running_end(&s->running,
				  troth_running_no_call(cli, err, "can't reach", call.peer));
	return troth_running_run(&s->running);
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct sending s = {.running = {.cli = cli, .interrupted = interrupted}};
	troth_buf_init(&s.text, TROTH_LIMIT_STANZA_BYTES);
	enum troth_exit status = troth_cli_args(cli, 1, 2);
	if (status == TROTH_EXIT_OK)
		status = read_text(&s);
	if (status == TROTH_EXIT_OK)
		status = begin(&s);
	troth_buf_fini(&s.text);
	return status;
}

static const struct troth_option options[] = {
	{"timeout", 't', "SECONDS", "give up after that time (default: 30)",
	 TROTH_COMPLETE_NOTHING},
	{"at", 0, "WHERE", "where a contact is: host:port, an address, or a name on this network",
	 TROTH_COMPLETE_NOTHING},
	{"accept", 0, "WHO",
	 "contacts (default), vouched, anyone (unverified), plain (unencrypted)",
	 TROTH_COMPLETE_ACCEPT},
	TROTH_RUNNING_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--timeout SECONDS] [--at WHERE] PEER [TEXT|-]", NULL};
static const struct troth_example examples[] = {
	{"troth send juliet 'Wherefore art thou?'", "succeeds when juliet's program has it"},
	{"troth send juliet@capulet.example 'Ay me'", "by her address, over your account"},
	{"df -h | troth send romeo -", "what a program writes"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_send = {
	.name = "send",
	.help = "send one message and wait for its receipt",
	.usage = usage,
	.about =
		"The exit status is 0 only when the other side's program has acknowledged the\n"
		"message (XEP-0184). Nothing is sent to anybody who isn't proven, unless --accept\n"
		"says so.",
	.options = options,
	.examples = examples,
	.complete = TROTH_COMPLETE_CONTACT,
	.run = run,
};
