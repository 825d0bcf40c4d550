/* SPDX-License-Identifier: MIT */
/* What `troth pair` shows and asks. Layer: cli. */
#include "cli/meet/pairing.h"

#include "base/limits.h"
#include "cli/chat/telling.h"
#include "cli/meet/invite.h"
#include "cli/meet/pair_link.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/words.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <troth/err.h>

#define WORDS 4
#define SECRET_SIZE 512
#define HINT_MS 20000 /* that nobody comes */

/* ---- the secret ---- */

static enum troth_exit generate(struct troth_pairing *p)
{
	struct troth_buf words;
	const char *text;
	int64_t count = WORDS;
	enum troth_exit status =
		troth_cli_number(p->running.cli, "words", 3, TROTH_WORDS_MAX, &count);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_buf_init(&words, SECRET_SIZE);
	int err = troth_words_make(&words, (unsigned)count);
	if (err == TROTH_OK)
		err = troth_buf_cstr(&words, &text);
	if (err == TROTH_OK)
		err = troth_secret_line_prepare(&p->secret, text);
	if (err == TROTH_OK && (p->generated = sodium_malloc(SECRET_SIZE)) == NULL)
		err = TROTH_E_NOMEM;
	if (err == TROTH_OK)
		memcpy(p->generated, text, strlen(text) + 1);
	troth_buf_fini(&words);
	p->words = (unsigned)count;
	p->bits = troth_words_bits(p->words);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(p->running.cli, &(struct troth_failure){.err = err},
						"can't make a secret");
}

/* A weak secret: its guesses are limited, and few. */
static enum troth_exit ask_answer(struct troth_pairing *p)
{
	struct troth_cli *cli = p->running.cli;
	const char *question = troth_cli_value(cli, "question");
	char *clean = troth_clean(question, TROTH_LIMIT_QUESTION_BYTES);
	bool good = *question != 0 && strlen(question) <= TROTH_LIMIT_QUESTION_BYTES &&
		    strcmp(clean, question) == 0;
	free(clean);
	if (!good)
		return troth_cli_usage(cli, "--question takes a line of 1 to %d bytes of text",
				       TROTH_LIMIT_QUESTION_BYTES);
	if (troth_cli_has(cli, "generate") || troth_cli_has(cli, "show"))
		return troth_cli_usage(cli, "--question has an answer: no secret is generated");
	troth_note(&cli->out, "Everybody on the way can read the question. The answer has to be "
			      "typed alike on both sides, letter by letter, and hard to guess.");
	return troth_prompt_secret(cli, "Answer to your question", &p->secret);
}

enum troth_exit troth_pairing_secret(struct troth_pairing *p, bool waits)
{
	struct troth_cli *cli = p->running.cli;
	if (p->secret != NULL)
		return troth_prompt_secret_given(cli) || waits
			       ? troth_cli_usage(cli, "the link has a secret: no other is needed")
			       : TROTH_EXIT_OK;
	if (troth_cli_has(cli, "show") && (!waits || troth_prompt_secret_given(cli)))
		return troth_cli_usage(cli, "--show is for a secret that is made here: no PEER");
	if (troth_cli_has(cli, "question"))
		return ask_answer(p);
	if (troth_prompt_secret_given(cli)) {
		if (troth_cli_has(cli, "generate"))
			return troth_cli_usage(cli, "--generate and a secret given: which one?");
		return troth_prompt_secret(cli, "Secret", &p->secret); /* worth nothing certain */
	}
	return waits ? generate(p) : TROTH_EXIT_OK;
}

/* ---- the invitation ---- */

static void invite_json(struct troth_pairing *p, const char *where)
{
	struct troth_session *s = p->running.session;
	json_t *object = json_object();
	(void)json_object_set_new(object, "event", troth_json_text("waiting-for-peer"));
	if (!troth_cli_has(p->running.cli, "no-lan"))
		(void)json_object_set_new(object, "name", troth_json_text(troth_session_name(s)));
	(void)json_object_set_new(object, "port", json_integer(troth_session_port(s)));
	if (where != NULL)
		(void)json_object_set_new(object, "where", troth_json_text(where));
	if (p->generated != NULL) {
		(void)json_object_set_new(object, "secret", troth_json_text(p->generated));
		(void)json_object_set_new(object, "bits", json_integer(p->bits));
	}
	troth_json(&p->running.cli->out, object);
}

void troth_pairing_invite(struct troth_pairing *p)
{
	struct troth_output *out = &p->running.cli->out;
	struct troth_session *s = p->running.session;
	char where[TROTH_WHERE_TEXT];
	bool lan = !troth_cli_has(p->running.cli, "no-lan");
	bool reachable = troth_invite_where(&p->running, where);
	invite_json(p, reachable ? where : NULL);
	troth_piece(out, TROTH_STYLE_PLAIN, "Waiting for the other side");
	if (lan)
		troth_piece(out, TROTH_STYLE_BOLD, ", as %s", troth_session_name(s));
	troth_line(out, TROTH_STYLE_PLAIN, " (port %u).", troth_session_port(s));
	if (p->generated != NULL) {
		troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
		troth_piece(out, TROTH_STYLE_PLAIN, "    Secret:  ");
		troth_piece(out, TROTH_STYLE_BOLD, "%s", p->generated);
		troth_line(out, TROTH_STYLE_DIM, "   (%u words, %u bits)", p->words, p->bits);
		troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	}
	if (troth_cli_has(p->running.cli, "show") && (lan || p->running.accounts.count == 0))
		troth_pair_link_show(p, NULL);
	troth_invite(&p->running);
}

void troth_pairing_online(struct troth_pairing *p, const struct troth_news *n)
{
	if (p->peer != NULL && !troth_cli_has(p->running.cli, "generate"))
		return;
	if (troth_cli_has(p->running.cli, "show") && troth_cli_has(p->running.cli, "no-lan"))
		troth_pair_link_show(p, n->who);
	troth_invite_online(&p->running, n);
}

/* Nothing on the link tells a window from another announcement, so that two who both wait
 * can't see it. */
static void on_nobody(uv_timer_t *timer)
{
	struct troth_pairing *p = timer->data;
	troth_note(
		&p->running.cli->out,
		"Nobody has come yet; still waiting (Ctrl-C ends). If the other side waits, too: "
		"one of you runs `troth pair NAME`, with the name or address that the other one is "
		"shown.");
}

void troth_pairing_hint(struct troth_pairing *p)
{
	p->hint.data = p;
	(void)uv_timer_init(&p->running.loop, &p->hint);       /* always 0 */
	(void)uv_timer_start(&p->hint, on_nobody, HINT_MS, 0); /* fails only without callback */
}

void troth_pairing_came(struct troth_pairing *p)
{
	if (p->hint.loop != NULL && !uv_is_closing((uv_handle_t *)&p->hint))
		uv_close((uv_handle_t *)&p->hint, NULL);
}

/* A friend with a new key looks like another one of that name: only our user can tell. */
static void tell_namesake(struct troth_pairing *p, const char *label)
{
	struct troth_store *store;
	struct troth_store_contact other;
	if (p->nick[0] == 0 || strcasecmp(p->nick, label) == 0 ||
	    troth_cli_has(p->running.cli, "as") ||
	    troth_home_store(p->running.cli, &store) != TROTH_EXIT_OK ||
	    troth_store_contact_by_label(store, p->nick, &other) != TROTH_OK)
		return;
	troth_note(&p->running.cli->out,
		   "You know another %s. If that is the same one, with a new key: `troth trust "
		   "forget '%s'`, then `troth trust rename '%s' '%s'`.",
		   other.label, other.label, label, other.label);
}

void troth_pairing_done(struct troth_pairing *p, const struct troth_news *n)
{
	struct troth_output *out = &p->running.cli->out;
	char print[TROTH_FINGERPRINT_LEN];
	troth_json(out, troth_telling_json(n));
	troth_line(out, TROTH_STYLE_GOOD, "You and %s are paired.", n->who);
	troth_line(out, TROTH_STYLE_PLAIN, "  fingerprint  %s", troth_fingerprint(print, n->pin));
	(void)fflush(out->out);
	tell_namesake(p, n->who);
	troth_note(out, "Next: `troth chat '%s'`; no secret is needed any more.", n->who);
	if (p->call == NULL) /* the side that called ends with its call */
		troth_running_end(&p->running, TROTH_EXIT_OK);
}

/* ---- asking ---- */

static void on_typed(void *user, struct troth_secret *secret, const char *problem)
{
	struct troth_pairing *p = user;
	if (problem != NULL)
		troth_note(&p->running.cli->out, "%s", problem);
	troth_session_answer(p->running.session, secret);
	troth_secret_free(secret);
}

void troth_pairing_ask(void *user, const struct troth_question *q)
{
	struct troth_pairing *p = user;
	char question[400];
	if (q->wrong > 0)
		troth_note(&p->running.cli->out, "The secret was wrong.");
	if (q->question != NULL)
		troth_note(&p->running.cli->out,
			   "The other side asks (not proven to be from there): \"%s\"",
			   q->question);
	if (q->incoming) /* whom our user called needs no second name */
		(void)snprintf(question, sizeof question, "Secret shared with %s (%s)", q->who,
			       q->where);
	else
		(void)snprintf(question, sizeof question, "Secret shared with %s", q->who);
	p->line.done = on_typed;
	p->line.user = p;
	int err = troth_secret_line_ask(&p->line, &p->running.loop, question);
	if (err == TROTH_OK)
		return;
	troth_note(&p->running.cli->out, "There is no terminal to ask on: give the secret with "
					 "--secret-fd N or --secret-file FILE.");
	troth_session_answer(p->running.session, NULL);
}

void troth_pairing_ask_over(void *user)
{
	troth_pairing_quiet(user);
}

void troth_pairing_quiet(struct troth_pairing *p)
{
	troth_secret_line_cancel(&p->line);
}

void troth_pairing_fini(struct troth_pairing *p)
{
	troth_secret_free(p->secret);
	troth_uri_fini(&p->uri);
	sodium_free(p->generated);
}
