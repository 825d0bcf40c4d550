/* SPDX-License-Identifier: MIT */
/* `troth verify`: two people compare a short string and are contacts then. Layer: cli. */
#include "cli/chat/telling.h"
#include "cli/meet/invite.h"
#include "cli/running.h"
#include "cli/terminal/line_editor.h"
#include "cli/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define LOOK_MS 15000

struct verifying {
	struct troth_running running; /* first */
	struct troth_line_editor *editor;
	struct troth_call *call;
	bool calls;
	unsigned talk; /* with whom it is compared; 0: nobody yet */
	bool pinned;
};

/* Effect: nothing is asked any more, and what follows begins on a line of its own. */
static void stop_asking(struct verifying *v)
{
	if (v->editor != NULL)
		troth_line_editor_pause(v->editor);
}

static void fail(struct verifying *v, const struct troth_news *n)
{
	if (v->running.ending)
		return;
	stop_asking(v);
	const struct troth_failure failure = {.err = n->err, .cause = n->text, .next = n->advice};
	enum troth_exit status =
		troth_cli_fail(v->running.cli, &failure,
			       v->pinned ? "the comparison isn't complete" : "nobody was verified");
	troth_running_end(&v->running, status);
}

static void done(struct verifying *v, const struct troth_news *n)
{
	struct troth_output *out = &v->running.cli->out;
	stop_asking(v);
	troth_line(out, TROTH_STYLE_GOOD, "You and %s have verified each other.", n->who);
	(void)fflush(out->out);
	troth_note(out, "Next: `troth chat '%s'`.", n->who);
	if (!v->calls) /* the side that called ends with its call */
		troth_running_end(&v->running, TROTH_EXIT_OK);
}

/* ---- what the user says ---- */

static void answer(struct verifying *v, enum troth_sas_answer what)
{
	int err = troth_session_compared(v->running.session, v->talk, what);
	if (err == TROTH_OK && what == TROTH_SAS_SAME) {
		stop_asking(v);
		troth_note(&v->running.cli->out, "Waiting for what the other side says…");
	}
	if (err != TROTH_OK && !v->pinned)
		troth_note(&v->running.cli->out, "There is nothing to answer now.");
}

static void on_line(void *user, const char *text)
{
	struct verifying *v = user;
	static const struct {
		const char *word;
		enum troth_sas_answer answer;
	} words[] = {
		{"same", TROTH_SAS_SAME},           {"yes", TROTH_SAS_SAME},
		{"different", TROTH_SAS_DIFFERENT}, {"no", TROTH_SAS_DIFFERENT},
		{"cancel", TROTH_SAS_CANCEL},
	};
	if (v->running.ending || v->pinned)
		return;
	if (text == NULL) { /* whoever goes away has compared nothing */
		answer(v, TROTH_SAS_CANCEL);
		return;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(text, words[i].word) == 0) {
			answer(v, words[i].answer);
			return;
		}
	}
	if (text[0] != 0)
		troth_note(&v->running.cli->out, "Type same, different or cancel.");
}

static void read_answer(struct verifying *v)
{
	const struct troth_line_editor_params editor = {
		.loop = &v->running.loop,
		.out = &v->running.cli->out,
		.prompt = "same, different or cancel",
		.line = on_line,
		.user = v,
	};
	int err = v->editor == NULL ? troth_line_editor_new(&v->editor, &editor) : TROTH_OK;
	if (err != TROTH_OK)
		troth_running_end(&v->running, troth_cli_fail(v->running.cli,
							      &(struct troth_failure){.err = err},
							      "can't read what you type"));
}

/* ---- news ---- */

static void show(struct verifying *v, const struct troth_news *n)
{
	char *text = troth_telling_text(n);
	if (text != NULL)
		troth_line(&v->running.cli->out, troth_telling_style(n), "%s", text);
	(void)fflush(v->running.cli->out.out);
	free(text);
}

static void show_string(struct verifying *v, const struct troth_news *n)
{
	char *text;
	for (size_t i = 0; (text = troth_telling_sas(n, i)) != NULL; i++) {
		troth_line(&v->running.cli->out, TROTH_STYLE_PLAIN, "%s", text);
		free(text);
	}
	(void)fflush(v->running.cli->out.out);
}

/* Who calls begins. */
static void on_up(struct verifying *v, const struct troth_news *n)
{
	bool verified = n->level == TROTH_LEVEL_VERIFIED;
	if (n->call == NULL || v->pinned)
		return;
	if (verified) {
		troth_note(&v->running.cli->out, "%s is verified already.", n->who);
		troth_running_end(&v->running, TROTH_EXIT_OK);
	} else if (v->talk == 0) {
		v->talk = n->talk;
		int err = troth_session_compare(v->running.session, v->talk);
		const struct troth_news cant = {
			.err = TROTH_E_NO_METHOD,
			.text = "The other side's program isn't ready to compare.",
			.advice = "Let it run `troth verify`, or /verify in `troth chat`."};
		if (err != TROTH_OK)
			fail(v, &cant);
	}
}

/* Who waits takes the first that compares: who only connects, and leaves, is nobody. A number that
 * the answer isn't for is shown to nobody, nor to a program: it would be that of whoever is
 * spoken with, and the answer would make the first one known. */
static bool is_with_another(struct verifying *v, const struct troth_news *n)
{
	if (n->type != TROTH_NEWS_SAS)
		return false;
	if (v->talk == 0 && !v->calls)
		v->talk = n->talk;
	return n->talk != v->talk;
}

static void on_sas(struct verifying *v, const struct troth_news *n)
{
	show_string(v, n);
	read_answer(v);
}

static void on_down(struct verifying *v, const struct troth_news *n)
{
	const struct troth_news left = {.err = TROTH_E_PEER_REFUSED,
					.text = "The other side has left."};
	/* Whoever was shown the number and refuses has typed cancel, or gone away. */
	static const struct troth_news cancelled = {
		.err = TROTH_E_PEER_REFUSED,
		.text = "The other side has cancelled the comparison.",
		.advice = "Begin again when both of you are there: `troth verify`."};
	if (v->pinned || v->running.ending || v->talk == 0 || n->talk != v->talk)
		return;
	if (n->err == TROTH_E_PEER_REFUSED && v->editor != NULL)
		fail(v, &cancelled);
	else
		fail(v, n->err == TROTH_OK ? &left : n);
}

/* Over a server it is reached by its JID, if it is the side that waits. */
static void on_online(struct verifying *v, const struct troth_news *n)
{
	struct troth_cli *cli = v->running.cli;
	show(v, n);
	if (troth_cli_arg(cli, 0) == NULL && n->type == TROTH_NEWS_ONLINE)
		troth_invite_online(&v->running, n);
}

static void on_news(void *user, const struct troth_news *n)
{
	struct verifying *v = user;
	struct troth_output *out = &v->running.cli->out;
	troth_telling_trace(out, n);
	if (is_with_another(v, n))
		return;
	json_t *object = out->json ? troth_telling_json(n) : NULL;
	if (object != NULL)
		troth_json(out, object);
	if (n->type == TROTH_NEWS_SAS) {
		on_sas(v, n);
	} else if (n->type == TROTH_NEWS_UP) {
		on_up(v, n);
	} else if (n->type == TROTH_NEWS_PINNED) {
		v->pinned = true;
		show(v, n);
	} else if (n->type == TROTH_NEWS_PAIRED) {
		done(v, n);
	} else if (n->type == TROTH_NEWS_DOWN) {
		on_down(v, n);
	} else if (n->type == TROTH_NEWS_PAIR_FAILED) {
		fail(v, n);
	} else if (n->type == TROTH_NEWS_GAVE_UP) {
		v->call = NULL;
		if (n->err == TROTH_OK)
			troth_running_end(&v->running, TROTH_EXIT_OK);
		else if (!v->running.ending)
			fail(v, n);
	} else if (n->type == TROTH_NEWS_ONLINE || n->type == TROTH_NEWS_OFFLINE) {
		on_online(v, n);
	} else if (n->type == TROTH_NEWS_CALLING || n->type == TROTH_NEWS_LOOKING ||
		   n->type == TROTH_NEWS_UNSEEN || n->type == TROTH_NEWS_WARNING) {
		show(v, n);
	}
}

/* ---- life ---- */

static void close_handles(struct troth_running *r)
{
	struct verifying *v = (struct verifying *)r;
	troth_line_editor_free(v->editor);
	v->editor = NULL;
}

static void interrupted(struct troth_running *r)
{
	struct verifying *v = (struct verifying *)r;
	const struct troth_news n = {.err = TROTH_E_REFUSED, .text = "Interrupted on this side."};
	fail(v, &n);
}

static void on_overdue(uv_timer_t *timer)
{
	struct verifying *v = timer->data;
	const struct troth_news n = {.err = TROTH_E_TIMEOUT, .text = "It took too long."};
	fail(v, &n);
}

static enum troth_exit begin(struct verifying *v, const char *peer)
{
	struct troth_session *s = v->running.session;
	if (peer == NULL) {
		troth_note(&v->running.cli->out, "Waiting for the other side (port %u).",
			   troth_session_port(s));
		troth_invite(&v->running);
		return TROTH_EXIT_OK;
	}
	const struct troth_call_params params = {
		.peer = peer,
		.at = troth_cli_value(v->running.cli, "at"),
		.label = troth_cli_value(v->running.cli, "as"),
		.least = TROTH_LEVEL_UNVERIFIED,
		.end_paired = true,
		.patience = LOOK_MS,
	};
	int err = troth_session_call(s, &params, &v->call);
	return err == TROTH_OK
		       ? TROTH_EXIT_OK
		       : troth_running_no_call(v->running.cli, err, "can't compare with", peer);
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct verifying v = {.running = {.cli = cli,
					  .close_handles = close_handles,
					  .interrupted = interrupted}};
	bool waits = troth_cli_arg(cli, 0) == NULL;
	/* Whoever calls somebody compares with nobody else. */
	const struct troth_running_params params = {
		.callbacks = {.user = &v, .news = on_news},
		.least = waits ? TROTH_LEVEL_UNVERIFIED : TROTH_LEVEL_VERIFIED,
		.compares = true,
		.expects = waits,
		.listen = waits,
		.announce = true,
	};
	int64_t seconds = 0;
	v.calls = !waits;
	enum troth_exit status = troth_cli_args(cli, 0, 1);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(cli, "timeout", 1, 86400, &seconds);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&v.running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_running_deadline(&v.running, seconds, on_overdue);
	status = begin(&v, troth_cli_arg(cli, 0));
	if (status != TROTH_EXIT_OK)
		troth_running_end(&v.running, status);
	return troth_running_run(&v.running);
}

static const struct troth_option options[] = {
	{"as", 0, "LABEL", "what to call the contact, if it is new (default: by its nickname)",
	 TROTH_COMPLETE_NOTHING},
	{"at", 0, "WHERE", "where a contact is: host:port, or a name that `troth nearby` shows",
	 TROTH_COMPLETE_NOTHING},
	{"timeout", 't', "SECONDS", "give up after that time (default: none)",
	 TROTH_COMPLETE_NOTHING},
	TROTH_RUNNING_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"", "[--as LABEL] [--at WHERE] PEER", NULL};
static const struct troth_example examples[] = {
	{"troth verify", "wait for the other side"},
	{"troth verify tulu@bemo", "on the other machine: both are shown the same number"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_verify = {
	.name = "verify",
	.help = "become contacts by comparing a number that both are shown",
	.usage = usage,
	.about =
		"One side runs it without PEER, the other one names it as PEER. Both are shown\n"
		"twelve digits, and the same as pictures with their names; compare them in person\n"
		"or by telephone, and type same, different or cancel. Somebody between you gets "
		"the\n"
		"two alike once in 1,000,000,000,000 times. When both have said same, each knows\n"
		"the other's key, and no number is needed any more. In `troth chat`: /verify.",
	.options = options,
	.examples = examples,
	.complete = TROTH_COMPLETE_CONTACT,
	.run = run,
};
