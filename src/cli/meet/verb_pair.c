/* SPDX-License-Identifier: MIT */
/*
 * `troth pair`: two people become contacts by a secret that both know. Layer: cli.
 * Success is said only when a second connection has worked by the keys alone.
 */
#include "cli/chat/telling.h"
#include "cli/meet/pair_link.h"
#include "cli/meet/pairing.h"
#include "cli/running.h"
#include "cli/terminal/prompt.h"
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define LOOK_MS 15000 /* for the peer, before it is said not to be there */

static struct troth_pairing *pairing_of(void *user)
{
	return user; /* its first member is the running */
}

/* ---- news ---- */

static void fail(struct troth_pairing *p, const struct troth_news *n, const char *what)
{
	const struct troth_failure failure = {.err = n->err, .cause = n->text, .next = n->advice};
	if (p->running.ending) /* told: a call that gives up follows a pairing that failed */
		return;
	troth_pairing_quiet(p);
	troth_running_end(&p->running, troth_cli_fail(p->running.cli, &failure, "%s", what));
}

/* What the lines around it say as well. */
static bool is_noise(const struct troth_pairing *p, const struct troth_news *n)
{
	return n->type == TROTH_NEWS_UP || n->type == TROTH_NEWS_DOWN ||
	       n->type == TROTH_NEWS_NICK || n->type == TROTH_NEWS_SEEN ||
	       n->type == TROTH_NEWS_GONE || (n->type == TROTH_NEWS_CALLING && p->pinned);
}

static void show(struct troth_pairing *p, const struct troth_news *n)
{
	struct troth_output *out = &p->running.cli->out;
	char *text = is_noise(p, n) ? NULL : troth_telling_text(n);
	if (text != NULL)
		troth_note(out, "%s", text);
	free(text);
	troth_telling_trace(out, n);
	json_t *object = out->json ? troth_telling_json(n) : NULL;
	if (object != NULL)
		troth_json(out, object);
}

static enum troth_exit call(struct troth_pairing *p, const char *peer);

/* A link may name an account and a name on the link: nobody was seen by the first, so no secret was
 * tried there. */
static bool try_name(struct troth_pairing *p)
{
	const char *name = p->uri.name;
	if (p->called || p->peer == name || *name == 0 || p->running.ending ||
	    troth_cli_has(p->running.cli, "no-lan"))
		return false;
	p->peer = name;
	enum troth_exit status = call(p, name);
	if (status != TROTH_EXIT_OK)
		troth_running_end(&p->running, status);
	return true;
}

static void on_gave_up(struct troth_pairing *p, const struct troth_news *n)
{
	p->call = NULL;
	if (n->err != TROTH_OK && try_name(p))
		return;
	if (n->err == TROTH_OK)
		troth_running_end(&p->running, TROTH_EXIT_OK);
	else
		fail(p, n, "nobody was paired");
}

static void on_news(void *user, const struct troth_news *n)
{
	struct troth_pairing *p = pairing_of(user);
	if (n->type == TROTH_NEWS_ARRIVED)
		troth_pairing_came(p);
	p->pinned |= n->type == TROTH_NEWS_PINNED;
	p->called |= n->type == TROTH_NEWS_CALLING;
	if (n->type == TROTH_NEWS_NICK)
		(void)snprintf(p->nick, sizeof p->nick, "%s", n->text);
	if (n->type == TROTH_NEWS_PAIRED)
		troth_pairing_done(p, n);
	else if (n->type == TROTH_NEWS_PAIR_FAILED)
		fail(p, n,
		     n->contact != 0 ? "the pairing couldn't be completed" : "nobody was paired");
	else if (n->type == TROTH_NEWS_WINDOW_CLOSED)
		fail(p, n, "nobody was paired");
	else if (n->type == TROTH_NEWS_GAVE_UP)
		on_gave_up(p, n);
	else
		show(p, n);
	if (n->type == TROTH_NEWS_ONLINE)
		troth_pairing_online(p, n);
}

/* ---- the two sides ---- */

static enum troth_exit open_window(struct troth_pairing *p, int64_t contact)
{
	const struct troth_window_params params = {
		.contact = contact,
		.label = troth_cli_value(p->running.cli, "as"),
		.secret = p->secret,
		.bits = p->bits,
		.question = troth_cli_value(p->running.cli, "question"),
	};
	int err = troth_session_window_open(p->running.session, &params);
	if (err != TROTH_OK) {
		struct troth_store *store;
		enum troth_exit status = troth_home_store(p->running.cli, &store);
		return status != TROTH_EXIT_OK ? status
					       : troth_home_store_failed(p->running.cli, err,
									 "can't open the pairing");
	}
	troth_pairing_invite(p);
	troth_pairing_hint(p);
	return TROTH_EXIT_OK;
}

static enum troth_exit call(struct troth_pairing *p, const char *peer)
{
	int64_t seconds = LOOK_MS / 1000;
	enum troth_exit status = troth_cli_number(p->running.cli, "timeout", 1, 86400, &seconds);
	if (status != TROTH_EXIT_OK)
		return status;
	const struct troth_call_params params = {
		.peer = peer,
		.pairing = true,
		.secret = p->secret,
		.bits = p->bits,
		.label = troth_cli_value(p->running.cli, "as"),
		.least = TROTH_LEVEL_VERIFIED,
		.end_paired = true,
		.question = troth_cli_value(p->running.cli, "question"),
		.pin = p->uri.has_pin ? &p->uri.pin : NULL,
		.patience = seconds * 1000,
	};
	int err = troth_session_call(p->running.session, &params, &p->call);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_running_no_call(p->running.cli, err, "can't pair with", peer);
}

/* ---- with somebody who is known ---- */

static bool has_account(struct troth_store *store, const char *peer,
			struct troth_store_contact *out)
{
	struct troth_address *jid;
	if (troth_address_new(&jid, TROTH_REALM_SERVER, peer) != TROTH_OK)
		return false;
	int err = troth_store_contact_by_address(store, TROTH_REALM_SERVER, troth_address_bare(jid),
						 out);
	troth_address_free(jid);
	return err == TROTH_OK;
}

/* Effect: whether PEER is a contact, by its label or by an address that it had. */
static bool known_peer(struct troth_cli *cli, const char *peer, struct troth_store_contact *out)
{
	struct troth_store *store;
	if (peer == NULL || troth_home_store(cli, &store) != TROTH_EXIT_OK)
		return false;
	return troth_store_contact_by_label(store, peer, out) == TROTH_OK ||
	       troth_store_contact_by_address(store, TROTH_REALM_LINK, peer, out) == TROTH_OK ||
	       has_account(store, peer, out);
}

/* "Going below takes an explicit re-pairing": a link is somebody's word for whom it names, and
 * whoever made it knows its secret. One with a key that the contact has may say so. */
static enum troth_exit refuse_link(const struct troth_pairing *p, const char *names)
{
	struct troth_cli *cli = p->running.cli;
	struct troth_store *store;
	struct troth_store_contact contact, owner;
	if (*names == 0 || !known_peer(cli, names, &contact))
		return TROTH_EXIT_OK;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK ||
	    (p->uri.has_pin && troth_store_contact_by_pin(store, &p->uri.pin, &owner) == TROTH_OK &&
	     owner.id == contact.id))
		return status;
	return troth_cli_fail(
		cli,
		&(struct troth_failure){
			.err = TROTH_E_KEY_CHANGED,
			.cause =
				"It names a contact of yours, and doesn't have that contact's key.",
			.next = "If you know that the contact has a new key: `troth pair LABEL`."},
		"can't use a link for %s", contact.label);
}

/* Before anything is done: our user may have meant somebody new. */
static void tell_known(struct troth_cli *cli, const char *peer)
{
	struct troth_store_contact contact;
	const char *as = troth_cli_value(cli, "as");
	if (!known_peer(cli, peer, &contact))
		return;
	troth_note(&cli->out,
		   "You know %s: this pairs with that contact again, and if it shows a new key, "
		   "that one replaces the old one.",
		   contact.label);
	if (as != NULL && strcmp(as, contact.label) != 0)
		troth_note(&cli->out,
			   "--as is for new contacts and is ignored: `troth trust rename '%s' "
			   "'%s'` renames this one.",
			   contact.label, as);
}

/* ---- beginning ---- */

static void on_overdue(uv_timer_t *timer)
{
	struct troth_pairing *p = timer->data;
	const struct troth_news n = {.err = TROTH_E_TIMEOUT,
				     .text = "Nobody came in time.",
				     .advice = "Begin again when both of you are there."};
	fail(p, &n, "nobody was paired");
}

static void close_handles(struct troth_running *r)
{
	troth_pairing_quiet((struct troth_pairing *)r);
	troth_pairing_came((struct troth_pairing *)r);
}

static void interrupted(struct troth_running *r)
{
	struct troth_pairing *p = (struct troth_pairing *)r;
	const struct troth_news n = {
		.err = TROTH_E_REFUSED,
		.text = "Interrupted on this side.",
		.advice = p->pinned ? "The key is pinned: try `troth chat`, or pair again." : NULL,
	};
	fail(p, &n, p->pinned ? "the pairing couldn't be completed" : "nobody was paired");
}

/* The contact that the window is for; 0: for anybody. */
static enum troth_exit window_contact(struct troth_cli *cli, const char *peer, int64_t *out)
{
	struct troth_store *store;
	struct troth_store_contact contact = {.id = 0};
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK || peer == NULL)
		return status;
	int err = troth_store_contact_by_label(store, peer, &contact);
	if (err == TROTH_E_NOT_FOUND)
		return troth_cli_usage(
			cli, "--generate takes no PEER but a contact's label, to pair with "
			     "it again");
	*out = contact.id;
	return err != TROTH_OK ? troth_home_store_failed(cli, err, "can't look up the contact")
			       : TROTH_EXIT_OK;
}

static enum troth_exit begin(struct troth_pairing *p)
{
	struct troth_cli *cli = p->running.cli;
	const char *peer = p->peer;
	bool waits = peer == NULL || troth_cli_has(cli, "generate");
	int64_t contact = 0;
	int64_t seconds = 0;
	const struct troth_running_params params = {
		.callbacks = {.user = p,
			      .news = on_news,
			      .ask = troth_pairing_ask,
			      .ask_over = troth_pairing_ask_over},
		.least = TROTH_LEVEL_VERIFIED,
		.listen = waits,
		.announce = true,
	};
	enum troth_exit status = waits ? window_contact(cli, peer, &contact) : TROTH_EXIT_OK;
	if (status == TROTH_EXIT_OK)
		status = refuse_link(p, p->uri.jid);
	if (status == TROTH_EXIT_OK)
		status = refuse_link(p, p->uri.name);
	if (status == TROTH_EXIT_OK)
		tell_known(cli, peer);
	if (status == TROTH_EXIT_OK)
		status = troth_pairing_secret(p, waits);
	if (status == TROTH_EXIT_OK)
		status = troth_running_start(&p->running, cli, &params);
	if (status != TROTH_EXIT_OK)
		return status;
	/* By the link alone, where there is no account to call from. */
	if (peer == p->uri.jid && *p->uri.name != 0 && p->running.accounts.count == 0)
		p->peer = p->uri.name;
	status = waits ? open_window(p, contact) : call(p, p->peer);
	if (status == TROTH_EXIT_OK && waits)
		status = troth_cli_number(cli, "timeout", 1, 86400, &seconds);
	if (status == TROTH_EXIT_OK)
		troth_running_deadline(&p->running, seconds, on_overdue);
	else
		troth_running_end(&p->running, status);
	return troth_running_run(&p->running);
}

static enum troth_exit run(struct troth_cli *cli)
{
	struct troth_pairing p = {.running = {.cli = cli,
					      .close_handles = close_handles,
					      .interrupted = interrupted}};
	enum troth_exit status = troth_cli_args(cli, 0, 1);
	if (status == TROTH_EXIT_OK)
		status = troth_pair_link(&p);
	if (status == TROTH_EXIT_OK)
		status = begin(&p);
	troth_pairing_fini(&p);
	return status;
}

static const struct troth_option options[] = {
	{"as", 0, "LABEL", "what to call the contact, if it is new (default: by its nickname)",
	 TROTH_COMPLETE_NOTHING},
	{"generate", 'g', NULL, "make a secret and wait, also for a contact that is known already",
	 TROTH_COMPLETE_NOTHING},
	{"words", 'w', "N", "of how many words (default: 4)", TROTH_COMPLETE_NOTHING},
	{"timeout", 't', "SECONDS",
	 "give up after that time (default: 15 to find PEER; without PEER: none)",
	 TROTH_COMPLETE_NOTHING},
	{"question", 0, "TEXT", "the secret is the answer to this, which others can read, too",
	 TROTH_COMPLETE_NOTHING},
	TROTH_PAIR_LINK_OPTIONS,
	TROTH_SECRET_OPTIONS,
	TROTH_RUNNING_OPTIONS,
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {"[--as LABEL] [--show]", "[--as LABEL] PEER|LINK|-",
				    "[--as LABEL] --image FILE", NULL};
static const struct troth_example examples[] = {
	{"troth pair", "show a secret, and wait for the other side"},
	{"troth pair tulu@bemo", "on the other machine: type that secret"},
	{"troth pair juliet@capulet.example", "anywhere, with an account (`troth login`)"},
	{"troth pair --as juliet 192.0.2.7:5298", "where it isn't seen on the network"},
	{"troth pair --as radio --image label.png", "with a device, by a picture of its label"},
	{"troth pair -", "the same by the link that stands in its QR code; it is asked for"},
	{"troth pair --question \"Where did we meet?\"", "the other side types the answer"},
	{"troth pair --generate juliet", "pair again with juliet, who has lost her key"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_pair = {
	.name = "pair",
	.help = "become contacts by a secret that both sides know",
	.usage = usage,
	.about = "One side runs it without PEER and tells the secret that is shown, in person or\n"
		 "by telephone; the other one names it as PEER and types the secret. Both learn\n"
		 "each other's keys, and connect once more by them: from then on no secret is\n"
		 "needed. PEER is a name as `troth nearby` shows it, the address of an account "
		 "(with\n"
		 "one of your own: `troth login`), host:port, or a contact.\n"
		 "A link (xmpp:...?troth-pair...) is what the QR code on a device's label says; "
		 "one\n"
		 "with a secret isn't taken as an argument, which other users can read.",
	.options = options,
	.examples = examples,
	.complete = TROTH_COMPLETE_CONTACT,
	.run = run,
};
