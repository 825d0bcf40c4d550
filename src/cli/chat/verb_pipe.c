/* SPDX-License-Identifier: MIT */
/* `troth pipe`: bytes to and from a program that knows only SOCKS5 bytestreams (XEP-0065), with TLS
 * of the bytestream's own. Layer: cli. Nobody is proven by it, and it says so. */
#include "cli/chat/pipe_input.h"
#include "cli/chat/telling.h"
#include "cli/running.h"
#include "cli/verbs.h"

#include "base/slice.h"
#include "base/text.h"
#include "server/s5b.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

#define DEFAULT_SECONDS 60
#define WAITING_MANY 262144             /* no more is read while so much is to be sent */
#define CLEAN_MAX ((size_t)1024 * 1024) /* of what arrives at once, each byte three at most */

struct piping {
	struct troth_running running; /* first */
	struct troth_pipe_input input;
	struct troth_address *peer; /* as our user named it */
	bool wait;                  /* to be called */
	bool open;
	struct troth_s5b_account *accounts[TROTH_ACCOUNTS_MAX];
	size_t count;
	struct troth_s5b *stream; /* NULL: there is none, not yet or not any more */
};

/* ---- the end ---- */

static const char *next_step(const struct piping *p, int err)
{
	bool silent =
		err == TROTH_E_PEER_REFUSED || err == TROTH_E_PEER_ERROR || err == TROTH_E_TIMEOUT;
	if (p->open || !silent)
		return NULL;
	return p->wait ? "Let it run `troth pipe --accept anyone` with the address by which this "
			 "side is signed in."
		       : "Who waits for somebody else, or not at all, says no more than that: let "
			 "it run `troth pipe --accept anyone --wait` with the address of this "
			 "side's account.";
}

static void fail(struct piping *p, int err, const char *cause)
{
	const struct troth_failure failure = {
		.err = err, .cause = cause, .next = next_step(p, err)};
	if (!p->running.ending)
		troth_running_end(&p->running,
				  troth_cli_fail(p->running.cli, &failure,
						 p->open ? "the bytestream with %s was cut"
							 : "no bytestream with %s",
						 troth_address_full(p->peer)));
}

static void on_accounts_freed(void *user)
{
	(void)user;
}

static void close_handles(struct troth_running *r)
{
	struct piping *p = (struct piping *)r;
	troth_pipe_input_close(&p->input);
	p->stream = NULL;
	for (size_t i = 0; i < p->count; i++)
		troth_s5b_account_free(p->accounts[i], on_accounts_freed, p);
}

static void interrupted(struct troth_running *r)
{
	fail((struct piping *)r, TROTH_E_REFUSED, "Interrupted.");
}

static void on_overdue(uv_timer_t *timer)
{
	fail(timer->data, TROTH_E_TIMEOUT, NULL);
}

/* ---- the bytestream ---- */

static void balance(struct piping *p)
{
	troth_pipe_input_run(&p->input, p->open && p->stream != NULL && !p->running.ending &&
						troth_s5b_waiting(p->stream) < WAITING_MANY);
}

static void on_input(void *user, struct troth_slice bytes)
{
	struct piping *p = user;
	if (p->stream == NULL)
		return;
	if (bytes.len == 0) {
		troth_s5b_close(p->stream);
		return;
	}
	int err = troth_s5b_write(p->stream, bytes);
	if (err == TROTH_E_INVAL) { /* it is ending: on_over says why */
		troth_pipe_input_run(&p->input, false);
		return;
	}
	if (err != TROTH_OK)
		fail(p, err, NULL);
	balance(p);
}

static void tell(struct piping *p, const char *event)
{
	troth_json(&p->running.cli->out,
		   json_pack("{s:s, s:o, s:s}", "event", event, "peer",
			     troth_json_text(troth_address_full(p->peer)), "level",
			     troth_level_name(TROTH_LEVEL_UNVERIFIED)));
}

static void on_open(void *user)
{
	struct piping *p = user;
	p->open = true;
	(void)uv_timer_stop(&p->running.deadline); /* always 0 */
	tell(p, "open");
	troth_note(&p->running.cli->out,
		   "Connected with %s (unverified): encrypted, with whomever the servers between "
		   "you took for them.",
		   troth_address_full(p->peer));
	balance(p);
}

static void write_json(struct piping *p, struct troth_slice bytes)
{
	size_t size = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(size);
	if (text != NULL)
		sodium_bin2base64(text, size, bytes.data, bytes.len,
				  sodium_base64_VARIANT_ORIGINAL);
	troth_json(&p->running.cli->out,
		   text != NULL ? json_pack("{s:s, s:s}", "event", "bytes", "base64", text) : NULL);
	free(text);
}

/* A terminal obeys some of what it is given: who isn't proven gets no say in that. */
static bool clean(struct troth_buf *to, struct troth_slice *bytes)
{
	int err = troth_text_clean(to, *bytes, TROTH_TEXT_MANY_LINES, bytes->len);
	*bytes = troth_buf_slice(to);
	return err == TROTH_OK;
}

static void on_arrived(void *user, struct troth_slice bytes)
{
	struct piping *p = user;
	struct troth_output *out = &p->running.cli->out;
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&text, CLEAN_MAX);
	if (out->json) {
		write_json(p, bytes);
		return;
	}
	if (isatty(fileno(out->out)) && !clean(&text, &bytes))
		out->lost = true;
	if (bytes.len > 0 &&
	    (fwrite(bytes.data, 1, bytes.len, out->out) != bytes.len || fflush(out->out) != 0))
		out->lost = true;
}

static void on_peer_ended(void *user)
{
	struct piping *p = user;
	tell(p, "ended");
	troth_note(&p->running.cli->out, "%s has ended their side.", troth_address_full(p->peer));
}

static void on_written(void *user)
{
	balance(user);
}

/* NULL: as everywhere. */
static const char *why(int err)
{
	if (err == TROTH_E_NO_TLS)
		return "Their answer has no certificate: somebody may have taken it out.";
	if (err == TROTH_E_KEY_CHANGED)
		return "They show another certificate than they announced: somebody may be in "
		       "between.";
	return NULL;
}

static void on_over(void *user, int err)
{
	struct piping *p = user;
	p->stream = NULL;
	troth_pipe_input_run(&p->input, false);
	if (err == TROTH_OK && !p->running.ending)
		troth_running_end(&p->running, TROTH_EXIT_OK);
	else
		fail(p, err, why(err));
}

static struct troth_s5b_callbacks callbacks(struct piping *p)
{
	return (struct troth_s5b_callbacks){.open = on_open,
					    .arrived = on_arrived,
					    .ended = on_peer_ended,
					    .written = on_written,
					    .over = on_over,
					    .user = p};
}

/* ---- beginning ---- */

static bool is_meant(void *user, const struct troth_address *from)
{
	const struct piping *p = user;
	return p->wait &&
	       (troth_address_resource(p->peer) != NULL ? troth_address_same(p->peer, from)
							: troth_address_same_bare(p->peer, from));
}

static bool on_called(void *user, struct troth_s5b *b, const struct troth_address *from,
		      struct troth_s5b_callbacks *out)
{
	struct piping *p = user;
	if (p->stream != NULL || p->open || p->running.ending || !is_meant(p, from))
		return false;
	p->stream = b;
	*out = callbacks(p);
	return true;
}

static void call(struct piping *p)
{
	const struct troth_s5b_callbacks told = callbacks(p);
	int err = TROTH_E_UNREACHABLE;
	for (size_t i = 0; i < p->count && err == TROTH_E_UNREACHABLE; i++)
		err = troth_s5b_call(&p->stream, p->accounts[i], troth_address_full(p->peer),
				     &told);
	if (err != TROTH_OK)
		fail(p, err, NULL);
}

static void on_news(void *user, const struct troth_news *n)
{
	struct piping *p = user;
	struct troth_output *out = &p->running.cli->out;
	troth_telling_trace(out, n);
	if (n->type != TROTH_NEWS_ONLINE && n->type != TROTH_NEWS_OFFLINE)
		return;
	char *text = troth_telling_text(n);
	if (text != NULL)
		troth_note(out, "%s", text);
	free(text);
	troth_json(out, troth_telling_json(n));
	if (n->type == TROTH_NEWS_ONLINE && !p->wait && !p->open && p->stream == NULL)
		call(p);
}

static enum troth_exit use_accounts(struct piping *p)
{
	struct troth_accounts *used = &p->running.accounts;
	struct troth_s5b_params params = {.direct = !troth_cli_has(p->running.cli, "no-direct"),
					  .admits = is_meant,
					  .called = on_called,
					  .user = p};
	int err = TROTH_OK;
	for (; err == TROTH_OK && p->count < used->count; p->count++) {
		params.account = used->used[p->count].account;
		err = troth_s5b_account_new(&p->accounts[p->count], &params);
		if (err != TROTH_OK)
			break;
	}
	if (err == TROTH_OK && p->count == 0)
		return troth_cli_fail(
			p->running.cli,
			&(struct troth_failure){.err = TROTH_E_UNREACHABLE,
						.cause = "This goes over servers only.",
						.next = "`troth login` signs in to your account."},
			"no bytestream with %s", troth_address_full(p->peer));
	if (err == TROTH_OK)
		err = troth_pipe_input_init(&p->input, &p->running.loop);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(p->running.cli, &(struct troth_failure){.err = err},
						"can't make bytestreams");
}

/* Whoever has keys here is met by those alone. */
static enum troth_exit refuse_contact(struct piping *p)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	struct troth_cli *cli = p->running.cli;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_contact_by_address(store, TROTH_REALM_SERVER,
						 troth_address_bare(p->peer), &contact);
	if (err == TROTH_E_NOT_FOUND)
		return TROTH_EXIT_OK;
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't look for the contact");
	return troth_cli_fail(
		cli,
		&(struct troth_failure){.err = TROTH_E_REFUSED,
					.cause = "That is a contact of yours, and this proves "
						 "nobody.",
					.next = "`troth chat`, or another address."},
		"no bytestream with %s", contact.label);
}

static enum troth_exit read_words(struct piping *p)
{
	struct troth_cli *cli = p->running.cli;
	const char *peer = troth_cli_arg(cli, 0);
	enum troth_level least = TROTH_LEVEL_VERIFIED;
	enum troth_exit status = troth_running_accept(cli, &least);
	if (status != TROTH_EXIT_OK)
		return status;
	if (least > TROTH_LEVEL_UNVERIFIED)
		return troth_cli_usage(cli, "nobody is proven by this: say --accept anyone if that "
					    "is enough");
	p->wait = troth_cli_has(cli, "wait");
	if (troth_address_new(&p->peer, TROTH_REALM_SERVER, peer) != TROTH_OK)
		return troth_cli_usage(cli, "'%s' isn't an address like romeo@montague.example/pda",
				       peer);
	if (!p->wait && troth_address_resource(p->peer) == NULL)
		return troth_cli_usage(cli, "which client of %s? `troth probe %s` shows them", peer,
				       peer);
	return refuse_contact(p);
}

static enum troth_exit begin(struct piping *p)
{
	struct troth_cli *cli = p->running.cli;
	int64_t seconds = DEFAULT_SECONDS;
	const struct troth_running_params params = {.callbacks = {.user = p, .news = on_news},
						    .least = TROTH_LEVEL_VERIFIED,
						    .no_link = true};
	enum troth_exit status = troth_cli_number(cli, "timeout", 1, 86400, &seconds);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&p->running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	status = use_accounts(p);
	if (status != TROTH_EXIT_OK)
		troth_running_end(&p->running, status);
	else
		troth_running_deadline(&p->running, seconds, on_overdue);
	return troth_running_run(&p->running);
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct piping p = {.running = {.cli = cli,
				       .interrupted = interrupted,
				       .close_handles = close_handles}};
	p.input.arrived = on_input;
	p.input.user = &p;
	enum troth_exit status = troth_cli_args(cli, 1, 1);
	if (status == TROTH_EXIT_OK)
		status = read_words(&p);
	if (status == TROTH_EXIT_OK)
		status = begin(&p);
	troth_address_free(p.peer);
	return status;
}

static const struct troth_option options[] = {
	{"accept", 0, "WHO", "anyone: you know that nobody is proven", TROTH_COMPLETE_ACCEPT},
	{"wait", 0, NULL, "wait until they ask for it, rather than asking them",
	 TROTH_COMPLETE_NOTHING},
	{"timeout", 't', "SECONDS", "give up if it isn't open by then (default: 60)",
	 TROTH_COMPLETE_NOTHING},
	TROTH_ACCOUNTS_OPTIONS(""),
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"--accept anyone [--wait] JID", NULL};
static const struct troth_example examples[] = {
	{"troth pipe --accept anyone romeo@montague.example/pda <letter", "to a client of his"},
	{"troth pipe --accept anyone --wait romeo@montague.example >letter", "what he sends"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_pipe = {
	.name = "pipe",
	.help = "exchange bytes with a program that knows only old bytestreams",
	.usage = usage,
	.about = "Standard input goes to a client on another account, and what it sends to "
		 "standard\n"
		 "output, over a SOCKS5 bytestream (XEP-0065) with TLS and certificates that are "
		 "made\n"
		 "for it and kept in memory. For programs that can't do better: the servers carry "
		 "the\n"
		 "certificates and could put in their own. Contacts are never talked to like "
		 "this.\n"
		 "On a terminal what would steer it is shown as signs; files and pipes get each "
		 "byte.",
	.options = options,
	.examples = examples,
	.run = run,
};
