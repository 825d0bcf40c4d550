/* SPDX-License-Identifier: MIT */
/* `troth user add` and `join`: one more device of the same person. Layer: cli. */
#include "cli/chat/telling.h"
#include "cli/running.h"
#include "cli/user/user.h"
#include "cli/user/user_key.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define DEFAULT_SECONDS 60
#define JOIN_SECONDS 600

struct joining {
	struct troth_running running;  /* first */
	struct troth_device *user_key; /* add: ours */
	struct troth_call *call;
	bool sent;
};

/* ---- news ---- */

static void fail(struct joining *j, const struct troth_news *n)
{
	const struct troth_failure failure = {.err = n->err, .cause = n->text, .next = n->advice};
	if (!j->running.ending)
		troth_running_end(&j->running,
				  troth_cli_fail(j->running.cli, &failure,
						 j->user_key != NULL ? "no device was added"
								     : "this device didn't join"));
}

static void add(struct joining *j, const struct troth_news *n)
{
	if (j->user_key == NULL || n->call == NULL || j->sent)
		return;
	int err = troth_session_add(j->running.session, n->talk, j->user_key);
	j->sent = err == TROTH_OK;
	if (err != TROTH_OK)
		fail(j, &(struct troth_news){.err = err, .text = troth_err_text(err)});
}

static void done(struct joining *j, const struct troth_news *n)
{
	struct troth_output *out = &j->running.cli->out;
	troth_line(out, TROTH_STYLE_GOOD, "%s: %s", n->who, n->text);
	troth_json(out, troth_telling_json(n));
	troth_running_end(&j->running, TROTH_EXIT_OK);
}

static void on_news(void *user, const struct troth_news *n)
{
	struct joining *j = user;
	troth_telling_trace(&j->running.cli->out, n);
	if (j->running.ending) /* the end of what is done already */
		return;
	if (n->type == TROTH_NEWS_UP) {
		add(j, n);
	} else if (n->type == TROTH_NEWS_JOINED) {
		done(j, n);
	} else if (n->type == TROTH_NEWS_JOIN_FAILED) {
		struct troth_news told = *n;
		if (j->user_key != NULL)
			told.advice =
				"Run \"troth user join\" with this device's label on the other "
				"one first, and add it while that waits.";
		fail(j, &told);
	} else if (n->type == TROTH_NEWS_GAVE_UP) {
		j->call = NULL;
		fail(j, n);
	} else {
		char *text = troth_telling_text(n);
		if (text != NULL)
			troth_note(&j->running.cli->out, "%s", text);
		free(text);
	}
}

static void on_overdue(uv_timer_t *timer)
{
	fail(timer->data,
	     &(struct troth_news){.err = TROTH_E_TIMEOUT, .text = "Nothing came in time."});
}

static void interrupted(struct troth_running *r)
{
	fail((struct joining *)r,
	     &(struct troth_news){.err = TROTH_E_REFUSED, .text = "Interrupted."});
}

static enum troth_exit start(struct joining *j, bool listen, int64_t seconds)
{
	const struct troth_running_params params = {
		.callbacks = {.user = j, .news = on_news},
		.least = TROTH_LEVEL_VERIFIED,
		.listen = listen,
		.announce = listen,
	};
	enum troth_exit status = troth_cli_number(j->running.cli, "timeout", 1, 86400, &seconds);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&j->running, j->running.cli, &params);
	if (status == TROTH_EXIT_OK)
		troth_running_deadline(&j->running, seconds, on_overdue);
	return status;
}

/* ---- add ---- */

static enum troth_exit call(struct joining *j)
{
	enum troth_exit status = start(j, false, DEFAULT_SECONDS);
	if (status != TROTH_EXIT_OK)
		return status;
	const struct troth_call_params params = {
		.peer = troth_cli_arg(j->running.cli, 1),
		.least = TROTH_LEVEL_VERIFIED,
		.patience = (int64_t)DEFAULT_SECONDS * 1000,
	};
	int err = troth_session_call(j->running.session, &params, &j->call);
	if (err != TROTH_OK)
		troth_running_end(&j->running, troth_running_no_call(j->running.cli, err,
								     "can't reach", params.peer));
	return troth_running_run(&j->running);
}

static enum troth_exit check_ours(struct troth_cli *cli, const struct troth_device *key)
{
	struct troth_own *own;
	enum troth_exit status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	if (own->user_key == NULL ||
	    !troth_pin_equal(troth_cert_pin(own->user_key), troth_cert_pin(troth_device_cert(key))))
		status = troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_CONFLICT,
						.cause = "",
						.next = "`troth user show` shows which is."},
			"that isn't this device's user key");
	troth_own_free(own);
	return status;
}

enum troth_exit troth_user_add(struct troth_cli *cli)
{
	struct joining j = {.running = {.cli = cli, .interrupted = interrupted}};
	enum troth_exit status = troth_user_key_open(cli, &j.user_key);
	if (status == TROTH_EXIT_OK)
		status = check_ours(cli, j.user_key);
	if (status == TROTH_EXIT_OK)
		status = call(&j);
	troth_device_free(j.user_key);
	return status;
}

/* ---- join ---- */

enum troth_exit troth_user_join(struct troth_cli *cli)
{
	struct joining j = {.running = {.cli = cli, .interrupted = interrupted}};
	struct troth_store *store;
	struct troth_store_contact contact;
	const char *label = troth_cli_arg(cli, 1);
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_contact_by_label(store, label, &contact);
	if (err == TROTH_E_NOT_FOUND)
		return troth_cli_fail(cli,
				      &(struct troth_failure){
					      .err = err,
					      .cause = "",
					      .next = "Pair the two devices first: `troth pair`."},
				      "%s is no contact of this device", label);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't look up the contact");
	status = start(&j, true, JOIN_SECONDS);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_session_join(j.running.session, contact.id);
	troth_note(
		&cli->out,
		"Waiting for %s (port %u). On that device: \"troth user add\" with this device's "
		"label.",
		label, troth_session_port(j.running.session));
	return troth_running_run(&j.running);
}
