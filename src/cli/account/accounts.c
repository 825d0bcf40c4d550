/* SPDX-License-Identifier: MIT */
/* The accounts that a verb which talks to others is reachable by. Layer: cli. */
#include "cli/account/accounts.h"

#include "base/limits.h"
#include "base/slice.h"
#include "cli/account/password_store.h"
#include "cli/account/publishing.h"
#include "cli/account/secret_service.h"
#include "cli/terminal/prompt.h"
#include "store/store.h"

#include <string.h>
#include <troth/err.h>

/* ---- which ---- */

struct choosing {
	struct troth_accounts *all;
	struct troth_session *session;
	uv_loop_t *loop;
	bool found[TROTH_ACCOUNTS_MAX]; /* of those that --account names */
	enum troth_exit status;
};

/* Whether --account names it; with `found` that is remembered. */
static bool is_named(struct choosing *c, const char *jid)
{
	struct troth_address *address;
	const char *text;
	bool named = false;
	for (size_t i = 0; (text = troth_cli_value_at(c->all->cli, "account", i)) != NULL; i++) {
		if (i == TROTH_ACCOUNTS_MAX ||
		    troth_address_new(&address, TROTH_REALM_SERVER, text) != TROTH_OK)
			return named;
		if (strcmp(troth_address_bare(address), jid) == 0)
			c->found[i] = named = true;
		troth_address_free(address);
	}
	return named;
}

/* ---- one ---- */

static enum troth_exit load_pem(struct troth_cli *cli, bool wanted, struct troth_buf *pem)
{
	const struct troth_device *device;
	enum troth_exit status = wanted ? troth_home_device(cli, &device) : TROTH_EXIT_OK;
	if (!wanted || status != TROTH_EXIT_OK)
		return status;
	int err = troth_device_write(device, NULL, pem);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"this device's key can't sign in");
}

static void on_gone(void *user)
{
	struct troth_accounts *a = user;
	if (--a->open > 0)
		return;
	for (size_t i = 0; i < a->count; i++)
		troth_roster_free(a->used[i].roster);
	a->count = 0;
	if (a->gone != NULL)
		a->gone(a->user);
}

/* Somebody who isn't a contact here asks to see when we are there: contacts were let already. What
 * we say is pasted into a shell, and addresses may have in them what a shell takes for its own; but
 * no quote (RFC 7622 3.3.1). */
static void on_asks(void *user, const char *jid, const char *status)
{
	struct troth_used_account *u = user;
	(void)status;
	troth_note(&u->all->cli->out,
		   "%s asks to see when you are online: `troth roster accept '%s'`, or "
		   "`troth roster refuse '%s'`.",
		   jid, jid, jid);
}

static int make(struct choosing *c, const struct troth_store_account *a,
		const struct troth_secret *password, struct troth_slice pem)
{
	struct troth_used_account *u = &c->all->used[c->all->count];
	const struct troth_account_params params = {
		.loop = c->loop,
		.jid = a->jid,
		.password = password,
		.pem = pem,
		.host = *a->host == 0 ? NULL : a->host,
		.port = a->port,
		.direct_tls = a->direct_tls,
		.ca_file = *a->ca_file == 0 ? NULL : a->ca_file,
		.resume = true,
		.disco = troth_session_disco(c->session),
		.gone = on_gone,
		.user = c->all,
	};
	const struct troth_roster_callbacks roster = {.asks = on_asks, .user = u};
	const struct troth_account_presence here = {.available = true};
	u->all = c->all;
	int err = troth_account_new(&u->account, &params);
	if (err != TROTH_OK)
		return err;
	c->all->count++;
	c->all->open++;
	enum troth_publish publish;
	err = troth_publishing_get(c->all->cli->home.store, a->jid, &publish);
	if (err != TROTH_OK)
		return err;
	const struct troth_session_account session = {
		.account = u->account,
		.publish = publish,
		.direct = !troth_cli_has(c->all->cli, "no-direct"),
		.xtls = troth_cli_has(c->all->cli, "xtls")};
	err = troth_session_account(c->session, &session);
	if (err == TROTH_OK)
		err = troth_roster_new(&u->roster, u->account, &roster);
	if (err == TROTH_OK)
		err = troth_account_presence(u->account, &here);
	return err == TROTH_OK ? troth_account_connect(u->account) : err;
}

static enum troth_exit use(struct choosing *c, const struct troth_store_account *a,
			   const struct troth_secret *password)
{
	struct troth_cli *cli = c->all->cli;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_LIMIT_CHAIN_BYTES);
	enum troth_exit status = load_pem(cli, a->certificate, &pem);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = make(c, a, password, troth_buf_slice(&pem));
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"can't be online by %s", a->jid);
}

/* Effect: the password as it is kept or, of an account that was named, asked for. *skips: this
 * account isn't used, which was told; without an account that was named that is no failure. */
static enum troth_exit password_of(struct choosing *c, const struct troth_store_account *a,
				   bool named, struct troth_secret **out, bool *skips)
{
	struct troth_cli *cli = c->all->cli;
	struct troth_secret_service_problem problem;
	if (a->certificate)
		return TROTH_EXIT_OK;
	if (named && troth_cli_has(cli, "password-fd"))
		return troth_prompt_password(cli, a->jid, out);
	int err = troth_password_get(cli, a, out, &problem);
	if (err == TROTH_OK && *out != NULL)
		return TROTH_EXIT_OK;
	if (named)
		return err == TROTH_OK ? troth_prompt_password(cli, a->jid, out)
				       : troth_password_failed(cli, a->jid, err, &problem);
	*skips = true;
	if (err == TROTH_OK)
		troth_note(&cli->out,
			   "%s isn't online: its password isn't kept; --account %s asks for it.",
			   a->jid, a->jid);
	else
		troth_note(&cli->out, "%s isn't online. %s %s", a->jid,
			   *problem.cause != 0 ? problem.cause : troth_err_text(err),
			   problem.next != NULL ? problem.next : "");
	return TROTH_EXIT_OK;
}

static int each(void *user, const struct troth_store_account *a)
{
	struct choosing *c = user;
	struct troth_secret *password = NULL;
	bool skips = false;
	bool named = is_named(c, a->jid);
	if (c->all->count == TROTH_ACCOUNTS_MAX ||
	    (!named && troth_cli_value(c->all->cli, "account") != NULL))
		return TROTH_OK;
	c->status = password_of(c, a, named, &password, &skips);
	if (c->status == TROTH_EXIT_OK && !skips)
		c->status = use(c, a, password);
	troth_secret_free(password);
	return c->status == TROTH_EXIT_OK ? TROTH_OK : TROTH_E_REFUSED;
}

/* ---- all ---- */

static enum troth_exit check_named(struct choosing *c)
{
	struct troth_cli *cli = c->all->cli;
	const char *text;
	for (size_t i = 0; (text = troth_cli_value_at(cli, "account", i)) != NULL; i++) {
		if (i == TROTH_ACCOUNTS_MAX)
			return troth_cli_usage(cli, "those are too many accounts");
		if (!c->found[i])
			return troth_cli_fail(
				cli,
				&(struct troth_failure){.err = TROTH_E_NOT_FOUND,
							.cause = "This device has no such account.",
							.next = "`troth login` shows those it has, "
								"`troth login JID` adds "
								"one."},
				"can't be online by %s", text);
	}
	return TROTH_EXIT_OK;
}

enum troth_exit troth_accounts_start(struct troth_accounts *a, struct troth_cli *cli,
				     uv_loop_t *loop, struct troth_session *session)
{
	struct troth_store *store;
	struct choosing c = {.all = a, .session = session, .loop = loop, .status = TROTH_EXIT_OK};
	a->cli = cli;
	if (troth_cli_has(cli, "no-account"))
		return TROTH_EXIT_OK;
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_account_list(store, each, &c);
	if (c.status != TROTH_EXIT_OK)
		return c.status;
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't read the accounts");
	return check_named(&c);
}

void troth_accounts_end(struct troth_accounts *a, void (*gone)(void *user), void *user)
{
	a->gone = gone;
	a->user = user;
	if (a->open == 0) {
		gone(user);
		return;
	}
	for (size_t i = 0; i < a->count; i++)
		troth_account_end(a->used[i].account);
}
