/* SPDX-License-Identifier: MIT */
/* `troth bot transfer`: the owner gives a device away, from afar or at the device. Layer: cli. */
#include "cli/bot/arming.h"
#include "cli/bot/bot_device.h"
#include "cli/chat/telling.h"
#include "cli/terminal/when.h"

#include <stdlib.h>
#include <troth/err.h>

#define PATIENCE_MS 30000

struct transferring {
	struct troth_running running; /* first */
	struct troth_call *call;
	int64_t seconds;
	bool sent;
};

static void fail(struct transferring *t, const struct troth_news *n)
{
	const struct troth_failure failure = {.err = n->err, .cause = n->text, .next = n->advice};
	if (!t->running.ending)
		troth_running_end(&t->running, troth_cli_fail(t->running.cli, &failure,
							      "the device wasn't given away"));
}

static void on_up(struct transferring *t, const struct troth_news *n)
{
	if (n->call == NULL || t->sent)
		return;
	int err = troth_session_transfer(t->running.session, n->talk, t->seconds);
	t->sent = err == TROTH_OK;
	if (err != TROTH_OK)
		fail(t, &(struct troth_news){.err = err, .text = troth_err_text(err)});
}

static void on_answer(struct transferring *t, const struct troth_news *n)
{
	struct troth_output *out = &t->running.cli->out;
	char span[TROTH_WHEN_LEN];
	if (n->err != TROTH_OK) {
		fail(t, n);
		return;
	}
	troth_line(out, TROTH_STYLE_GOOD, "%s: %s", n->who, n->text);
	troth_json(out, troth_telling_json(n));
	troth_note(out,
		   "It forgets you when the new owner comes, within %s; until then nothing "
		   "changes. Here: `troth trust forget '%s'`.",
		   troth_when_span(span, t->seconds), n->who);
	troth_running_end(&t->running, TROTH_EXIT_OK);
}

static void on_news(void *user, const struct troth_news *n)
{
	struct transferring *t = user;
	troth_telling_trace(&t->running.cli->out, n);
	if (n->type == TROTH_NEWS_UP) {
		on_up(t, n);
	} else if (n->type == TROTH_NEWS_TRANSFER) {
		on_answer(t, n);
	} else if (n->type == TROTH_NEWS_GAVE_UP || n->type == TROTH_NEWS_DOWN) {
		t->call = n->type == TROTH_NEWS_GAVE_UP ? NULL : t->call;
		fail(t, n);
	} else {
		char *text = troth_telling_text(n);
		if (text != NULL)
			troth_note(&t->running.cli->out, "%s", text);
		free(text);
	}
}

static void on_overdue(uv_timer_t *timer)
{
	fail(timer->data,
	     &(struct troth_news){.err = TROTH_E_TIMEOUT, .text = "It didn't answer in time."});
}

static enum troth_exit call(struct troth_cli *cli, const char *peer)
{
	struct transferring t = {.running = {.cli = cli}, .seconds = TROTH_ARM_SECONDS};
	const struct troth_running_params params = {.callbacks = {.user = &t, .news = on_news},
						    .least = TROTH_LEVEL_VERIFIED};
	enum troth_exit status = troth_bot_seconds(cli, "for", &t.seconds);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&t.running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_running_deadline(&t.running, 2 * PATIENCE_MS / 1000, on_overdue);
	const struct troth_call_params to = {
		.peer = peer,
		.at = troth_cli_value(cli, "at"),
		.least = TROTH_LEVEL_VERIFIED,
		.patience = PATIENCE_MS,
	};
	int err = troth_session_call(t.running.session, &to, &t.call);
	if (err != TROTH_OK)
		troth_running_end(&t.running, troth_running_no_call(cli, err, "can't reach", peer));
	return troth_running_run(&t.running);
}

/* With the device's label: from afar. Without: at the device. */
enum troth_exit troth_bot_transfer(struct troth_cli *cli)
{
	const char *peer = troth_cli_arg(cli, 1);
	return peer != NULL ? call(cli, peer) : troth_bot_give(cli);
}
