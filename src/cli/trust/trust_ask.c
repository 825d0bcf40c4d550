/* SPDX-License-Identifier: MIT */
/* `troth trust ask`: a third person's keys, from an introducer. Layer: cli. */
#include "cli/chat/telling.h"
#include "cli/running.h"
#include "cli/terminal/fingerprint.h"
#include "cli/trust/trust.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define DEFAULT_SECONDS 60

struct asking {
	struct troth_running running; /* first */
	struct troth_call *call;
	struct troth_ask ask;
	bool sent;
};

static void fail(struct asking *a, const struct troth_news *n)
{
	const struct troth_failure failure = {.err = n->err, .cause = n->text, .next = n->advice};
	if (a->running.ending)
		return;
	if (n->type == TROTH_NEWS_ASK_FAILED)
		troth_json(&a->running.cli->out, troth_telling_json(n));
	troth_running_end(&a->running, troth_cli_fail(a->running.cli, &failure,
						      "%s wasn't introduced", a->ask.label));
}

static const char *why_not(int err)
{
	if (err == TROTH_E_REFUSED)
		return "It is no introducer.";
	return err == TROTH_E_FORMAT || err == TROTH_E_LIMIT
		       ? "Nobody can be asked for by that name."
		       : troth_err_text(err);
}

static void ask(struct asking *a, const struct troth_news *n)
{
	if (n->call == NULL || a->sent)
		return;
	a->sent = true;
	int err = troth_session_ask(a->running.session, n->talk, &a->ask);
	if (err == TROTH_OK)
		return;
	fail(a, &(struct troth_news){.err = err,
				     .text = why_not(err),
				     .advice = err == TROTH_E_REFUSED
						       ? "`troth trust introducer LABEL` makes it "
							 "one."
						       : NULL});
}

/* ---- what came of it ---- */

static void show_keys(struct troth_cli *cli, const struct troth_portrait *p, json_t *prints)
{
	for (size_t i = 0; i < p->key_count; i++) {
		char print[TROTH_FINGERPRINT_LEN];
		if (p->vouchers[i][0] == 0)
			continue;
		troth_line(&cli->out, TROTH_STYLE_PLAIN, "  fingerprint  %s",
			   troth_fingerprint(print, &p->keys[i].pin));
		(void)json_array_append_new(
			prints, json_string(troth_fingerprint_hex(print, &p->keys[i].pin)));
	}
}

static enum troth_exit show_introduced(struct troth_cli *cli, const char *label,
				       const struct troth_news *n)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	struct troth_portrait p;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_contact_by_label(store, label, &contact);
	if (err == TROTH_OK)
		err = troth_portrait_load(&p, store, &contact);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't read the contact");
	json_t *prints = json_array();
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "%s", n->text);
	show_keys(cli, &p, prints);
	troth_json(&cli->out,
		   json_pack("{s:o, s:s, s:o, s:o, s:o}", "label", troth_json_text(contact.label),
			     "level", troth_level_name(troth_portrait_level(&p)), "introducer",
			     troth_json_text(n->who), "fingerprints", prints, "text",
			     troth_json_text(n->text)));
	if (troth_portrait_level(&p) == TROTH_LEVEL_VOUCHED)
		troth_note(&cli->out, "That counts with `--accept vouched`, and until you pair.");
	return TROTH_EXIT_OK;
}

static void on_news(void *user, const struct troth_news *n)
{
	struct asking *a = user;
	struct troth_output *out = &a->running.cli->out;
	troth_telling_trace(out, n);
	if (n->type == TROTH_NEWS_UP) {
		ask(a, n);
	} else if (n->type == TROTH_NEWS_INTRODUCED) {
		troth_running_end(&a->running, show_introduced(a->running.cli, a->ask.label, n));
	} else if (n->type == TROTH_NEWS_ASK_FAILED || n->type == TROTH_NEWS_GAVE_UP) {
		if (n->type == TROTH_NEWS_GAVE_UP)
			a->call = NULL;
		fail(a, n);
	} else {
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
	fail((struct asking *)r,
	     &(struct troth_news){.err = TROTH_E_REFUSED, .text = "Interrupted."});
}

/* ---- beginning ---- */

/* Told before anything is connected. An address is looked at when it has turned out whose it is. */
static enum troth_exit check_introducer(struct troth_cli *cli, const char *peer)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	bool introduces = false;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	if (troth_store_contact_by_label(store, peer, &contact) != TROTH_OK)
		return TROTH_EXIT_OK;
	int err =
		troth_store_leave_get(store, contact.id, TROTH_STORE_LEAVE_INTRODUCE, &introduces);
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't read the contact");
	if (introduces)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = TROTH_E_REFUSED,
					.cause = "It is no introducer.",
					.next = "`troth trust introducer LABEL` makes "
						"it one."},
		"%s isn't asked", contact.label);
}

enum troth_exit troth_trust_ask(struct troth_cli *cli)
{
	struct asking a = {.running = {.cli = cli, .interrupted = interrupted}};
	const char *peer = troth_cli_arg(cli, 1);
	const char *as = troth_cli_value(cli, "as");
	int64_t seconds = DEFAULT_SECONDS;
	a.ask.name = troth_cli_arg(cli, 2);
	a.ask.label = as != NULL ? as : a.ask.name;
	if (peer == NULL || a.ask.name == NULL)
		return troth_cli_usage(cli, "whom for whom? troth trust ask LABEL NAME");
	if (strlen(a.ask.label) > TROTH_STORE_LABEL_MAX)
		return troth_cli_usage(cli, "that is too long for a label: give one with --as");
	enum troth_exit status = check_introducer(cli, peer);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(cli, "timeout", 1, 86400, &seconds);
	const struct troth_running_params running = {.callbacks = {.user = &a, .news = on_news},
						     .least = TROTH_LEVEL_VERIFIED};
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&a.running, cli, &running);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_running_deadline(&a.running, seconds, on_overdue);
	const struct troth_call_params params = {
		.peer = peer, .least = TROTH_LEVEL_VERIFIED, .patience = seconds * 1000};
	int err = troth_session_call(a.running.session, &params, &a.call);
	if (err != TROTH_OK)
		troth_running_end(&a.running, troth_running_no_call(cli, err, "can't reach", peer));
	return troth_running_run(&a.running);
}
