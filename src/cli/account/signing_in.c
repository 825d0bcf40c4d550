/* SPDX-License-Identifier: MIT */
/* Signing in for the time of one verb. Layer: cli. */
#include "cli/account/signing_in.h"

#include "base/limits.h"
#include "base/slice.h"
#include "session/session.h"
#include "xml/namespace.h"

#include <troth/err.h>

static int err_of(enum troth_account_reason reason)
{
	switch (reason) {
	case TROTH_ACCOUNT_ENDED:
		return TROTH_OK;
	case TROTH_ACCOUNT_UNREACHABLE:
	case TROTH_ACCOUNT_LOST:
		return TROTH_E_UNREACHABLE;
	case TROTH_ACCOUNT_SERVER:
		return TROTH_E_PEER_ERROR;
	case TROTH_ACCOUNT_BROKEN:
		return TROTH_E_PROTOCOL;
	case TROTH_ACCOUNT_WRONG_PASSWORD:
		return TROTH_E_PEER_REFUSED;
	case TROTH_ACCOUNT_CERTIFICATE:
		return TROTH_E_CERT;
	case TROTH_ACCOUNT_NO_TLS:
		return TROTH_E_NO_TLS;
	case TROTH_ACCOUNT_CONFLICT:
		return TROTH_E_BUSY;
	case TROTH_ACCOUNT_LOCAL:
		return TROTH_E_IO;
	}
	return TROTH_E_IO;
}

static const char *advice(const struct troth_signing_in *s, enum troth_account_reason reason)
{
	if (reason == TROTH_ACCOUNT_WRONG_PASSWORD)
		return s->as->account.certificate
			       ? "Does the server take the certificate that `troth id --cert` "
				 "shows?"
			       : "Are address and password spelt right?";
	if (reason == TROTH_ACCOUNT_CERTIFICATE)
		return "Somebody may be in the middle. If the server has a CA of its own, give it "
		       "with `troth login JID --ca-file FILE`.";
	if (reason != TROTH_ACCOUNT_UNREACHABLE)
		return NULL;
	return *s->as->account.host != 0
		       ? "Does a server run there? `troth login JID --server HOST:PORT` says "
			 "where it is."
		       : "Where DNS doesn't name the server, `troth login JID --server HOST:PORT` "
			 "does.";
}

static void end(struct troth_signing_in *s, enum troth_exit status)
{
	if (s->ended)
		return;
	s->ended = true;
	s->status = status;
	troth_account_end(s->account);
}

static void on_down(void *user, const struct troth_account_down *down)
{
	struct troth_signing_in *s = user;
	const struct troth_failure failure = {
		.err = err_of(down->reason),
		.cause = troth_account_reason_text(down->reason),
		.next = advice(s, down->reason),
	};
	if (s->ended)
		return;
	if (*down->text != 0)
		troth_note(&s->cli->out, "It says: %s", down->text);
	/* While there is work to do it hasn't been signed in yet. */
	end(s, troth_cli_fail(s->cli, &failure, "can't %s to %s",
			      s->work != NULL ? "sign in" : "stay signed in",
			      troth_address_bare(troth_account_address(s->account))));
}

/* The first time that the roster is here. */
static void on_changed(void *user)
{
	struct troth_signing_in *s = user;
	void (*work)(struct troth_signing_in *) = s->work;
	if (s->ended || work == NULL || !troth_roster_is_here(s->roster))
		return;
	s->work = NULL;
	work(s);
}

static void write_ping(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_leaf(w, TROTH_NS_PING, "ping", NULL);
}

static void on_pong(void *user, const struct troth_account_answer *answer)
{
	struct troth_signing_in *s = user;
	(void)answer; /* an error is an answer, too; a lost line was told */
	end(s, s->status);
}

void troth_signing_in_end(struct troth_signing_in *s, enum troth_exit status)
{
	const char *bare = troth_address_bare(troth_account_address(s->account));
	const struct troth_account_iq iq = {
		.to = strchr(bare, '@') + 1, .write = write_ping, .done = on_pong, .user = s};
	s->status = status;
	/* What was sent before is done when this is answered: a server goes by the order. */
	if (troth_account_ask(s->account, &iq) != TROTH_OK)
		end(s, status);
}

static int make_account(struct troth_signing_in *s, const struct troth_signing_as *as,
			struct troth_slice pem)
{
	const struct troth_store_account *a = &as->account;
	const struct troth_account_params params = {
		.loop = &s->loop,
		.jid = a->jid,
		.password = as->password,
		.pem = pem,
		.host = *a->host == 0 ? NULL : a->host,
		.port = a->port,
		.direct_tls = a->direct_tls,
		.ca_file = *a->ca_file == 0 ? NULL : a->ca_file,
		.disco = troth_session_disco(NULL),
	};
	const struct troth_account_listener listener = {.down = on_down, .user = s};
	const struct troth_roster_callbacks callbacks = {.changed = on_changed, .user = s};
	/* Nobody writes to a client that is there for a moment only, and above all the server
	 * doesn't hand out the messages that wait, which would be lost. ejabberd doesn't tell such
	 * a client who asks either. */
	const struct troth_account_presence presence = {.available = true, .priority = -128};
	int err = troth_account_new(&s->account, &params);
	if (err == TROTH_OK)
		err = troth_account_listen(s->account, &listener);
	if (err == TROTH_OK)
		err = troth_roster_new(&s->roster, s->account, &callbacks);
	if (err == TROTH_OK && s->seen)
		err = troth_account_presence(s->account, &presence);
	return err == TROTH_OK ? troth_account_connect(s->account) : err;
}

/* Effect: this device's certificate and key, where the account takes them. */
static enum troth_exit load_pem(struct troth_cli *cli, const struct troth_signing_as *as,
				struct troth_buf *pem)
{
	const struct troth_device *device;
	if (!as->account.certificate)
		return TROTH_EXIT_OK;
	enum troth_exit status = troth_home_device(cli, &device);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_device_write(device, NULL, pem);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_cli_fail(cli, &(struct troth_failure){.err = err},
						"this device's key can't be used");
}

enum troth_exit troth_signing_in_run(struct troth_signing_in *s, struct troth_cli *cli,
				     const struct troth_signing_as *as)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_LIMIT_CHAIN_BYTES);
	s->cli = cli;
	s->as = as;
	s->status = load_pem(cli, as, &pem);
	if (s->status != TROTH_EXIT_OK)
		return s->status;
	int err = uv_loop_init(&s->loop) == 0 ? TROTH_OK : TROTH_E_IO;
	if (err != TROTH_OK)
		return troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't wait for events");
	err = make_account(s, as, troth_buf_slice(&pem));
	if (err != TROTH_OK)
		end(s, troth_cli_fail(cli, &(struct troth_failure){.err = err},
				      "can't sign in to %s", as->account.jid));
	while (uv_run(&s->loop, UV_RUN_DEFAULT) != 0)
		;
	if (uv_loop_close(&s->loop) != 0)
		troth_debug(&cli->out, 1, "The loop still had something to do.");
	troth_roster_free(s->roster);
	return s->status;
}
