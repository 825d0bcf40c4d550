/* SPDX-License-Identifier: MIT */
/* `troth login` and `troth logout`: the accounts of this device. Layer: cli. */
#include "base/slice.h"
#include "cli/account/password_store.h"
#include "cli/account/publishing.h"
#include "cli/account/signing_in.h"
#include "cli/id/openpgp_public.h"
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "cli/verbs.h"
#include "io/where.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* ---- the list ---- */

struct listing {
	struct troth_cli *cli;
	bool any;
};

static const char *const how[] = {
	[TROTH_PASSWORD_NOWHERE] = "password",
	[TROTH_PASSWORD_IN_FILE] = "kept password",
	[TROTH_PASSWORD_IN_SERVICE] = "password in the secret service",
};

static int show_account(void *user, const struct troth_store_account *a)
{
	struct listing *l = user;
	struct troth_cli *cli = l->cli;
	l->any = true;
	enum troth_publish publish;
	int err = troth_publishing_get(cli->home.store, a->jid, &publish);
	if (err != TROTH_OK)
		return err;
	enum troth_password_place place;
	err = troth_password_place_of(cli->home.store, a, &place);
	if (err != TROTH_OK)
		return err;
	const char *by = a->certificate ? "certificate" : how[place];
	if (*a->host != 0)
		troth_line(&cli->out, TROTH_STYLE_PLAIN, "%s  %s, at %s:%u", a->jid, by, a->host,
			   a->port);
	else
		troth_line(&cli->out, TROTH_STYLE_PLAIN, "%s  %s", a->jid, by);
	troth_json(&cli->out,
		   json_pack("{s:o, s:o, s:i, s:o, s:b, s:b, s:b, s:s, s:s}", "jid",
			     troth_json_text(a->jid), "host",
			     troth_json_text(*a->host ? a->host : NULL), "port", (int)a->port,
			     "ca_file", troth_json_text(*a->ca_file ? a->ca_file : NULL),
			     "direct_tls", (int)a->direct_tls, "certificate", (int)a->certificate,
			     "password_kept", (int)(place != TROTH_PASSWORD_NOWHERE),
			     "password_store", troth_password_place_name(place), "publish",
			     publish != TROTH_PUBLISH_NOTHING ? troth_publishing_name(publish)
							      : "none"));
	return TROTH_OK;
}

static enum troth_exit list(struct troth_cli *cli)
{
	struct troth_store *store;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	struct listing l = {.cli = cli};
	int err = troth_store_account_list(store, show_account, &l);
	if (err == TROTH_OK && !l.any)
		troth_note(&cli->out, "This device has no account. `troth login JID` adds one.");
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_home_store_failed(cli, err, "can't read the accounts");
}

/* ---- a new one ---- */

/* Effect: HOST or HOST:PORT into the account; the host is owned by as->texts. */
static enum troth_exit read_server(struct troth_cli *cli, struct troth_signing_as *as)
{
	const char *text = troth_cli_value(cli, "server");
	struct troth_store_account *a = &as->account;
	if (text == NULL)
		return TROTH_EXIT_OK;
	const char *colon = strrchr(text, ':');
	size_t len = colon == NULL ? strlen(text) : (size_t)(colon - text);
	char *end = NULL;
	long port = colon == NULL ? 0 : strtol(colon + 1, &end, 10);
	if (len == 0 || (colon != NULL && (*end != 0 || port < 1 || port > UINT16_MAX)))
		return troth_cli_usage(cli, "--server takes HOST or HOST:PORT, not '%s'", text);
	if (len > 1 && text[0] == '[' && text[len - 1] == ']') { /* an IPv6 address */
		text++;
		len -= 2;
	}
	as->texts[1] = strndup(text, len);
	a->host = as->texts[1];
	a->port = (uint16_t)port;
	return TROTH_EXIT_OK;
}

/* Effect: whole, since it is looked for again from wherever the next call is made. */
static enum troth_exit read_ca(struct troth_cli *cli, struct troth_signing_as *as)
{
	const char *file = troth_cli_value(cli, "ca-file");
	if (file == NULL)
		return TROTH_EXIT_OK;
	as->texts[2] = realpath(file, NULL);
	as->account.ca_file = as->texts[2];
	return as->texts[2] != NULL
		       ? TROTH_EXIT_OK
		       : troth_cli_fail(cli,
					&(struct troth_failure){.err = TROTH_E_IO,
								.cause = strerror(errno)},
					"can't read the CA file %s", file);
}

static enum troth_exit read_jid(struct troth_cli *cli, struct troth_signing_as *as)
{
	const char *jid = troth_cli_arg(cli, 0);
	struct troth_address *address;
	if (troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return troth_cli_usage(cli, "'%s' isn't an address like romeo@montague.example",
				       jid);
	as->texts[0] = strdup(troth_address_bare(address));
	as->account.jid = as->texts[0];
	troth_address_free(address);
	if (as->texts[0] == NULL || strchr(as->texts[0], '@') == NULL)
		return troth_cli_usage(cli, "'%s' isn't an address like romeo@montague.example",
				       jid);
	return TROTH_EXIT_OK;
}

static enum troth_exit read_as(struct troth_cli *cli, struct troth_signing_as *as)
{
	as->account = (struct troth_store_account){
		.host = "",
		.ca_file = "",
		.direct_tls = troth_cli_has(cli, "direct-tls"),
		.certificate = troth_cli_has(cli, "certificate"),
		.added = troth_when_now(),
	};
	enum troth_exit status = read_jid(cli, as);
	if (status == TROTH_EXIT_OK)
		status = read_server(cli, as);
	if (status == TROTH_EXIT_OK)
		status = read_ca(cli, as);
	if (status == TROTH_EXIT_OK && !as->account.certificate)
		status = troth_prompt_password(cli, as->account.jid, &as->password);
	return status;
}

static void tell_kept(struct troth_cli *cli, const struct troth_store_account *a,
		      enum troth_password_place kept)
{
	troth_line(&cli->out, TROTH_STYLE_GOOD, "Signed in to %s.", a->jid);
	if (kept == TROTH_PASSWORD_IN_FILE)
		troth_note(&cli->out, "The password is kept in clear in the trust store: whoever "
				      "reads this disk has it.");
	else if (kept == TROTH_PASSWORD_IN_SERVICE)
		troth_note(&cli->out, "The password is kept in the desktop's secret service.");
	else if (!a->certificate)
		troth_note(&cli->out,
			   "`troth chat` and others aren't online by themselves: --account %s "
			   "asks for it. With --password-store=file it is kept in clear on this "
			   "disk, and they are.",
			   a->jid);
	troth_json(&cli->out, json_pack("{s:o, s:b, s:s}", "jid", troth_json_text(a->jid),
					"password_kept", (int)(kept != TROTH_PASSWORD_NOWHERE),
					"password_store", troth_password_place_name(kept)));
}

/* It works: now it is worth keeping. */
static void keep(struct troth_signing_in *s)
{
	struct troth_signing_as *as = s->user;
	struct troth_cli *cli = s->cli;
	bool given;
	enum troth_publish publish;
	enum troth_password_place place;
	enum troth_exit status = troth_publishing_read(cli, &given, &publish);
	if (status == TROTH_EXIT_OK)
		status = troth_password_place_read(cli, &place);
	if (status == TROTH_EXIT_OK)
		status = troth_password_keep(cli, &as->account, as->password, place, &place);
	int err = status == TROTH_EXIT_OK && given
			  ? troth_publishing_keep(cli->home.store, as->account.jid, publish)
			  : TROTH_OK;
	if (status == TROTH_EXIT_OK && err == TROTH_OK && given && publish != TROTH_PUBLISH_NO_MORE)
		status = troth_openpgp_public_keep_chosen(cli);
	if (err != TROTH_OK)
		status = troth_home_store_failed(cli, err, "can't keep the account");
	if (status == TROTH_EXIT_OK)
		tell_kept(cli, &as->account, place);
	troth_signing_in_end(s, status);
}

static enum troth_exit check_options(struct troth_cli *cli)
{
	bool given;
	enum troth_publish publish;
	enum troth_password_place place;
	enum troth_exit status = troth_publishing_read(cli, &given, &publish);
	return status == TROTH_EXIT_OK ? troth_password_place_read(cli, &place) : status;
}

static enum troth_exit login(struct troth_cli *cli)
{
	struct troth_signing_as as = {.password = NULL};
	struct troth_signing_in s = {.work = keep, .user = &as};
	struct troth_store *store;
	enum troth_exit status = troth_cli_args(cli, 0, 1);
	if (status == TROTH_EXIT_OK)
		status = check_options(cli);
	if (status != TROTH_EXIT_OK || troth_cli_arg(cli, 0) == NULL)
		return status == TROTH_EXIT_OK ? list(cli) : status;
	status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK)
		status = read_as(cli, &as);
	if (status == TROTH_EXIT_OK)
		status = troth_signing_in_run(&s, cli, &as);
	troth_signing_as_fini(&as);
	return status;
}

static enum troth_exit logout(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_address *address;
	enum troth_exit status = troth_cli_args(cli, 1, 1);
	const char *jid = troth_cli_arg(cli, 0);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	if (troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return troth_cli_usage(cli, "'%s' isn't an address like romeo@montague.example",
				       jid);
	const char *bare = troth_address_bare(address);
	int err = troth_publishing_keep(store, bare, TROTH_PUBLISH_NOTHING);
	status = err == TROTH_OK ? troth_password_forget(cli, bare, troth_when_now())
				 : troth_home_store_failed(cli, err, "can't forget the account");
	if (status == TROTH_EXIT_OK) {
		troth_line(&cli->out, TROTH_STYLE_PLAIN,
			   "This device doesn't sign in to %s any more.", bare);
		troth_json(&cli->out, json_pack("{s:o}", "jid", troth_json_text(bare)));
	}
	troth_address_free(address);
	return status;
}

static const struct troth_option options[] = {
	{"password-fd", 0, "N", "read the password from file descriptor N", TROTH_COMPLETE_NOTHING},
	TROTH_PASSWORD_STORE_OPTIONS,
	{"certificate", 0, NULL, "sign in by this device's certificate (SASL EXTERNAL)",
	 TROTH_COMPLETE_NOTHING},
	{"server", 0, "HOST[:PORT]", "where the server is (default: as DNS says)",
	 TROTH_COMPLETE_NOTHING},
	{"direct-tls", 0, NULL, "TLS from the first byte, as on port 5223", TROTH_COMPLETE_NOTHING},
	{"publish", 0, "TO", "who may have this device's keys: open, presence, own, asked, or none",
	 TROTH_COMPLETE_PUBLISH},
	{"ca-file", 0, "FILE", "believe the CAs in FILE (PEM) instead of the system's",
	 TROTH_COMPLETE_FILE},
	{NULL, 0, NULL, NULL, TROTH_COMPLETE_NOTHING},
};
static const char *const usage[] = {
	"", "JID [--password-store WHERE] [--server HOST[:PORT]] [--ca-file FILE]", NULL};
static const struct troth_example examples[] = {
	{"troth login romeo@montague.example",
	 "asks for the password, signs in, and keeps the account"},
	{"troth login romeo@montague.example --server localhost:5222 --ca-file ca.pem",
	 "a server of your own, with a CA of its own"},
	{"troth login bot@montague.example --password-store=file --password-fd 3 3</run/keys/bot",
	 "for a program that nobody sits beside"},
	{"troth login", "which accounts there are"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_login = {
	.name = "login",
	.help = "use an XMPP account, to reach people anywhere",
	.usage = usage,
	.about =
		"The server delivers and is never believed: it learns who talks to whom and when,\n"
		"and nothing of what is said. Its certificate must be valid for the account's "
		"domain.\n"
		"The password is kept in the desktop's secret service where one can be reached, "
		"and\n"
		"otherwise asked for each time; never in clear unless you say so.\n"
		"Keys that are published show the server, and whoever may fetch them, which "
		"devices\n"
		"are yours; contacts hear of renewals and revocations while you are away. Nobody\n"
		"is known by a published key alone. --publish says who may have them: anybody\n"
		"(open), whoever may see that you are there (presence), your other clients (own),\n"
		"contacts who ask this one while nothing is left at the server (asked), or "
		"nobody,\n"
		"which is so until you say otherwise. The OpenPGP key of `troth id openpgp` is\n"
		"published with its user IDs.",
	.options = options,
	.examples = examples,
	.run = login,
};

static const char *const logout_usage[] = {"JID", NULL};
static const struct troth_example logout_examples[] = {
	{"troth logout romeo@montague.example", "forget the account and its password"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_logout = {
	.name = "logout",
	.help = "forget an XMPP account",
	.usage = logout_usage,
	.examples = logout_examples,
	.complete = TROTH_COMPLETE_ACCOUNT,
	.run = logout,
};
