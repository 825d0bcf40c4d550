/* SPDX-License-Identifier: MIT */
/* `troth probe`: what a peer offers, and what would come of it. Layer: cli. */
#include "base/encode.h"
#include "cli/chat/telling.h"
#include "cli/running.h"
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define DEFAULT_SECONDS 15

struct probing {
	struct troth_running running; /* first */
	struct troth_call *call;
	bool shown;
};

/* ---- showing ---- */

static void add_resource(json_t *object, const struct troth_probe *probe)
{
	(void)json_object_set_new(object, "resource", troth_json_text(probe->resource));
	(void)json_object_set_new(object, "streams", json_boolean(probe->streams));
	(void)json_object_set_new(object, "answers", json_boolean(probe->answers));
	(void)json_object_set_new(object, "proves", json_boolean(probe->proves));
	(void)json_object_set_new(object, "priority", json_integer(probe->priority));
	(void)json_object_set_new(object, "chosen", json_boolean(probe->chosen));
}

static json_t *json_words(const struct troth_probe *probe)
{
	json_t *words = json_array();
	for (size_t i = 0; i < probe->word_count; i++) {
		const struct troth_probe_word *w = &probe->words[i];
		char ca[2 * TROTH_PIN_LEN + 1];
		troth_hex(ca, (struct troth_slice){w->ca.bytes, sizeof w->ca.bytes});
		(void)json_array_append_new(
			words, json_pack("{s:o, s:o, s:o, s:b}", "key", troth_json_text(w->key),
					 w->by != NULL ? "endorsed_by" : "issued_by",
					 troth_json_text(w->by != NULL ? w->by : ca), "purpose",
					 troth_json_text(w->purpose), "counts", (int)w->counts));
	}
	return words;
}

static void show_json(struct probing *p, const struct troth_news *n)
{
	const struct troth_probe *probe = n->probe;
	json_t *object = json_object();
	json_t *keys = json_array();
	json_t *methods = json_array();
	for (size_t i = 0; i < probe->name_count; i++)
		(void)json_array_append_new(keys, troth_json_text(probe->names[i]));
	for (size_t i = 0; i < probe->mark_count; i++)
		(void)json_array_append_new(methods, troth_json_text(probe->marks[i]));
	(void)json_object_set_new(object, "address", troth_json_text(n->address));
	(void)json_object_set_new(object, "where", troth_json_text(n->where));
	(void)json_object_set_new(object, "tls", json_boolean(probe->tls));
	(void)json_object_set_new(object, "required", json_boolean(probe->required));
	(void)json_object_set_new(object, "offers", json_boolean(probe->offers));
	(void)json_object_set_new(object, "keys", keys);
	(void)json_object_set_new(object, "says", json_words(probe));
	(void)json_object_set_new(object, "methods", methods);
	(void)json_object_set_new(object, "contact",
				  troth_json_text(probe->contact != 0 ? probe->label : NULL));
	(void)json_object_set_new(object, "result", troth_json_text(troth_err_name(probe->err)));
	if (probe->err == TROTH_OK)
		(void)json_object_set_new(object, "method",
					  troth_json_text(troth_method_name(probe->method)));
	if (probe->resource != NULL)
		add_resource(object, probe);
	troth_json(&p->running.cli->out, object);
}

static const char *result(const struct troth_probe *probe)
{
	if (probe->err == TROTH_E_KEY_CHANGED)
		return "none: it doesn't offer the key that this contact is known by";
	if (probe->err != TROTH_OK)
		return "none that both sides can check: pair first with `troth pair`";
	switch (probe->method) {
	case TROTH_METHOD_KEY:
		return probe->contact != 0
			       ? "its key, if it can prove that one: verified"
			       : "its key, if it is one that you pinned by fingerprint: verified";
	case TROTH_METHOD_PAKE:
	case TROTH_METHOD_SRP:
		return "a shared secret: verified";
	case TROTH_METHOD_INSECURE:
		return "a certificate that nobody has verified: unverified";
	case TROTH_METHOD_PLAIN:
		return "no encryption: plain";
	case TROTH_METHOD_NONE:
		break;
	}
	return "none";
}

/* Why this client of an account would be called first, or not. */
static const char *order(const struct troth_probe *probe)
{
	const char *no = "later: others come first";
	if (!probe->streams)
		return "never: it takes no streams";
	if (probe->proves && probe->name_count == 0)
		return probe->chosen ? "first: it waits for somebody" : no;
	if (probe->proves)
		return probe->chosen ? "first: it says that it can prove its key" : no;
	if (!probe->answers)
		return probe->chosen
			       ? "first: nobody says more, though it doesn't say what it offers"
			       : "later: it doesn't say what it offers";
	if (probe->contact != 0)
		return probe->chosen ? "first: nobody says to have a key that you know"
				     : "later: it doesn't say to have a key that you know";
	return probe->chosen ? "first: by the priority that its owner gave it" : no;
}

/* What of it holds, the handshake shows. */
static void show_word(struct troth_output *out, const struct troth_probe *probe,
		      const struct troth_probe_word *w)
{
	char ca[2 * TROTH_PIN_LEN + 1];
	troth_hex(ca, (struct troth_slice){w->ca.bytes, sizeof w->ca.bytes});
	const char *what = w->by == NULL                      ? "issued by the CA"
			   : strcmp(w->purpose, "renew") == 0 ? "it renews"
							      : "endorsed by";
	if (!w->counts)
		troth_line(out, TROTH_STYLE_PLAIN, "              %s %s", what,
			   w->by != NULL ? w->by : ca);
	else
		troth_line(out, TROTH_STYLE_PLAIN, "              %s %s, which counts for %s", what,
			   w->by != NULL ? w->by : ca,
			   probe->contact != 0 ? probe->label : "whom it names");
}

static void show_keys(struct troth_output *out, const struct troth_probe *probe)
{
	for (size_t i = 0; i < probe->name_count; i++) {
		troth_line(out, TROTH_STYLE_PLAIN, "  key         %s", probe->names[i]);
		for (size_t k = 0; k < probe->word_count; k++)
			if (strcmp(probe->words[k].key, probe->names[i]) == 0)
				show_word(out, probe, &probe->words[k]);
	}
}

static void show_resource(struct probing *p, const struct troth_probe *probe)
{
	struct troth_output *out = &p->running.cli->out;
	troth_line(out, TROTH_STYLE_BOLD, "%s", probe->resource);
	show_keys(out, probe);
	for (size_t i = 0; i < probe->mark_count; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  offers      %s", probe->marks[i]);
	if (probe->contact != 0)
		troth_line(out, TROTH_STYLE_PLAIN, "  claims      to be %s", probe->label);
	troth_line(out, probe->chosen ? TROTH_STYLE_GOOD : TROTH_STYLE_PLAIN, "  called      %s",
		   order(probe));
	if (probe->answers)
		troth_line(out, probe->err == TROTH_OK ? TROTH_STYLE_GOOD : TROTH_STYLE_WARN,
			   "  would use   %s", result(probe));
}

static void show_text(struct probing *p, const struct troth_news *n)
{
	struct troth_output *out = &p->running.cli->out;
	const struct troth_probe *probe = n->probe;
	if (probe->resource != NULL) {
		show_resource(p, probe);
		return;
	}
	troth_line(out, TROTH_STYLE_BOLD, "%s at %s", n->address != NULL ? n->address : "(no name)",
		   n->where);
	troth_line(out, TROTH_STYLE_PLAIN, "  encryption  %s",
		   !probe->tls       ? "none"
		   : probe->required ? "offered and required"
				     : "offered");
	show_keys(out, probe);
	if (!probe->offers && probe->tls)
		troth_line(out, TROTH_STYLE_PLAIN,
			   "  offers      none: a program without XEP-0250");
	for (size_t i = 0; i < probe->mark_count; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  offers      %s", probe->marks[i]);
	if (probe->contact != 0)
		troth_line(out, TROTH_STYLE_PLAIN, "  claims      to be %s", probe->label);
	troth_line(out, probe->err == TROTH_OK ? TROTH_STYLE_GOOD : TROTH_STYLE_WARN,
		   "  would use   %s", result(probe));
}

/* ---- news ---- */

static void fail(struct probing *p, const struct troth_news *n)
{
	const struct troth_failure failure = {.err = n->err, .cause = n->text, .next = n->advice};
	if (!p->running.ending)
		troth_running_end(&p->running,
				  troth_cli_fail(p->running.cli, &failure, "no answer from %s",
						 troth_cli_arg(p->running.cli, 0)));
}

static void on_news(void *user, const struct troth_news *n)
{
	struct probing *p = user;
	troth_telling_trace(&p->running.cli->out, n);
	if (n->type == TROTH_NEWS_PROBED) {
		p->shown = true;
		show_json(p, n);
		show_text(p, n);
	} else if (n->type == TROTH_NEWS_OFFLINE || n->type == TROTH_NEWS_LOOKING) {
		char *text = troth_telling_text(n);
		if (text != NULL)
			troth_note(&p->running.cli->out, "%s", text);
		free(text);
	} else if (n->type == TROTH_NEWS_GAVE_UP) {
		p->call = NULL;
		if (p->shown)
			troth_running_end(&p->running, TROTH_EXIT_OK);
		else
			fail(p, n);
	}
}

static void on_overdue(uv_timer_t *timer)
{
	fail(timer->data,
	     &(struct troth_news){.err = TROTH_E_TIMEOUT, .text = troth_err_text(TROTH_E_TIMEOUT)});
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct probing p = {.running = {.cli = cli}};
	int64_t seconds = DEFAULT_SECONDS;
	const struct troth_running_params params = {.callbacks = {.user = &p, .news = on_news},
						    .least = TROTH_LEVEL_VERIFIED,
						    .trace = true};
	enum troth_exit status = troth_cli_args(cli, 1, 1);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_number(cli, "timeout", 1, 86400, &seconds);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&p.running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	const struct troth_call_params call = {
		.peer = troth_cli_arg(cli, 0),
		.least = TROTH_LEVEL_VERIFIED,
		.probe = true,
		.patience = seconds * 1000 / 2,
	};
	int err = troth_session_call(p.running.session, &call, &p.call);
	if (err == TROTH_OK)
		troth_running_deadline(&p.running, seconds, on_overdue);
	else
		troth_running_end(&p.running,
				  troth_running_no_call(cli, err, "can't probe", call.peer));
	return troth_running_run(&p.running);
}

static const struct troth_option options[] = {
	{"timeout", 't', "SECONDS", "give up after that time (default: 15)",
	 TROTH_COMPLETE_NOTHING},
	TROTH_RUNNING_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"PEER", NULL};
static const struct troth_example examples[] = {
	{"troth probe 192.0.2.7:5298", "what is there, and would it do?"},
	{"troth probe juliet@capulet.example", "each of her clients, and which would be called"},
	{"troth probe --json juliet", "for a program"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_probe = {
	.name = "probe",
	.help = "see what somebody offers, without connecting for good",
	.usage = usage,
	.about = "Connects, reads what the other side offers, says what would be chosen, and ends\n"
		 "before any encryption. Of an account it asks every client that shows to be\n"
		 "there, through the server, in the order in which they would be called. What is\n"
		 "shown is the other side's claim; nothing is proven and nothing changes.",
	.options = options,
	.examples = examples,
	.complete = TROTH_COMPLETE_CONTACT,
	.run = run,
};
