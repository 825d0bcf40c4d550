/* SPDX-License-Identifier: MIT */
/* A verb that talks to others: its beginning, its loop and its end. Layer: cli. */
#include "cli/running.h"

#include "cli/bot/bot_device.h"
#include "cli/trust/policy.h"
#include "cli/user/user_key.h"

#include <signal.h>
#include <string.h>
#include <termios.h>
#include <troth/err.h>
#include <unistd.h>

#define DEFAULT_PORT 5298 /* XEP-0174 3: the port of its examples, which firewalls know */

/* ---- --announce, --accept ---- */

static enum troth_exit read_nick(struct troth_running *r)
{
	enum troth_exit status = troth_home_nick(r->cli, &r->announcing.nick);
	if (status == TROTH_EXIT_OK && r->announcing.nick == NULL)
		troth_note(&r->cli->out,
			   "This device has no nick, so none is announced: `troth id nick NAME`.");
	return status;
}

static enum troth_exit read_announce(struct troth_running *r)
{
	const char *text;
	const char *wrong = "";
	for (size_t i = 0; (text = troth_cli_value_at(r->cli, "announce", i)) != NULL; i++) {
		int err = troth_announcing_read(&r->announcing, text, &wrong);
		if (err == TROTH_E_FORMAT)
			return troth_cli_usage(
				r->cli, "--announce takes " TROTH_RUNNING_ANNOUNCE ", not '%.*s'",
				(int)strcspn(wrong, ","), wrong);
		if (err != TROTH_OK)
			return troth_cli_fail(r->cli, &(struct troth_failure){.err = err},
					      "can't read --announce");
	}
	return r->announcing.wants_nick ? read_nick(r) : TROTH_EXIT_OK;
}

enum troth_exit troth_running_accept(struct troth_cli *cli, enum troth_level *out)
{
	const char *who = troth_cli_value(cli, "accept");
	if (who == NULL)
		return TROTH_EXIT_OK;
	if (strcmp(who, "contacts") == 0)
		*out = TROTH_LEVEL_VERIFIED;
	else if (strcmp(who, "vouched") == 0)
		*out = TROTH_LEVEL_VOUCHED;
	else if (strcmp(who, "anyone") == 0)
		*out = TROTH_LEVEL_UNVERIFIED;
	else if (strcmp(who, "plain") == 0)
		*out = TROTH_LEVEL_PLAIN;
	else
		return troth_cli_usage(
			cli, "--accept takes contacts, vouched, anyone or plain, not '%s'", who);
	return TROTH_EXIT_OK;
}

enum troth_exit troth_running_no_call(struct troth_cli *cli, int err, const char *what,
				      const char *peer)
{
	struct troth_failure failure = {.err = err};
	if (err == TROTH_E_NOT_FOUND) {
		failure.cause = "That is no contact, no name like tulu@bemo, no address of an "
				"account like juliet@capulet.example, and no host:port.";
		failure.next = "`troth trust list` shows your contacts, `troth nearby` who is on "
			       "this network; addresses are called by an account of your own: "
			       "`troth login`.";
	}
	return troth_cli_fail(cli, &failure, "%s %s", what, peer);
}

/* ---- the end ---- */

static void close_if_open(uv_handle_t *handle)
{
	if (handle->loop != NULL && !uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void on_accounts_gone(void *user)
{
	struct troth_running *r = user;
	troth_session_free(r->session);
	r->session = NULL;
	for (size_t i = 0; i < sizeof r->signals / sizeof *r->signals; i++)
		close_if_open((uv_handle_t *)&r->signals[i]);
	close_if_open((uv_handle_t *)&r->deadline);
	close_if_open((uv_handle_t *)&r->output);
	if (r->close_handles != NULL)
		r->close_handles(r);
}

/* Accounts hear what the session says to others at its end, and are heard by it until theirs. */
static void on_session_ended(void *user)
{
	struct troth_running *r = user;
	troth_accounts_end(&r->accounts, on_accounts_gone, r);
}

void troth_running_end(struct troth_running *r, enum troth_exit status)
{
	if (r->ending)
		return;
	r->ending = true;
	r->status = status;
	troth_session_end(r->session, on_session_ended);
}

enum troth_exit troth_running_run(struct troth_running *r)
{
	while (uv_run(&r->loop, UV_RUN_DEFAULT) != 0)
		;
	/* Every handle was closed on the way; one that wasn't is a fault that only tests can mend.
	 */
	if (uv_loop_close(&r->loop) != 0)
		troth_debug(&r->cli->out, 1, "The loop still had something to do.");
	troth_announcing_fini(&r->announcing);
	troth_authorities_free(r->authorities);
	return r->status;
}

/* ---- the beginning ---- */

static void on_signal(uv_signal_t *handle, int number)
{
	struct troth_running *r = handle->data;
	struct termios terminal;
	/* The terminal has written "^C" where the next line is to begin. */
	if (number == SIGINT && !r->ending && tcgetattr(STDERR_FILENO, &terminal) == 0 &&
	    (terminal.c_lflag & ECHO) != 0)
		(void)fputc('\n', r->cli->out.err);
	if (r->interrupted != NULL)
		r->interrupted(r);
	else
		troth_running_end(r, TROTH_EXIT_OK);
}

static void on_round(uv_prepare_t *prepare)
{
	struct troth_running *r = prepare->data;
	if (troth_output_broken(&r->cli->out))
		troth_running_end(r, TROTH_EXIT_OK); /* main looks why, and tells */
}

static void watch_output(struct troth_running *r)
{
	r->output.data = r;
	(void)uv_prepare_init(&r->loop, &r->output); /* always 0, as the next */
	(void)uv_prepare_start(&r->output, on_round);
	uv_unref((uv_handle_t *)&r->output);
}

static void watch_signals(struct troth_running *r)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		r->signals[i].data = r;
		/* Without its handler a signal ends the process as ever. */
		if (uv_signal_init(&r->loop, &r->signals[i]) == 0)
			(void)uv_signal_start(&r->signals[i], on_signal, numbers[i]);
	}
	(void)signal(SIGPIPE, SIG_IGN); /* writing to a closed pipe is an error like others */
}

void troth_running_deadline(struct troth_running *r, int64_t seconds, uv_timer_cb overdue)
{
	if (seconds > 0 && uv_timer_start(&r->deadline, overdue, (uint64_t)seconds * 1000, 0) != 0)
		troth_note(&r->cli->out, "The time can't be limited.");
}

static enum troth_exit listen_somewhere(struct troth_running *r)
{
	int64_t port = -1;
	enum troth_exit status = troth_cli_number(r->cli, "port", 0, 65535, &port);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_session_listen(r->session, port >= 0 ? (uint16_t)port : DEFAULT_PORT);
	if (err == TROTH_E_BUSY && port < 0)
		err = troth_session_listen(r->session, 0);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_cli_fail(
		r->cli,
		&(struct troth_failure){.err = TROTH_E_IO,
					.cause = err == TROTH_E_BUSY ? "The port is in use." : NULL,
					.next = "Choose another one with --port."},
		"can't listen for others");
}

/* Without the link the rest still works by host and port. */
static enum troth_exit join_link(struct troth_running *r, const struct troth_running_params *params)
{
	const struct troth_lan_card card = troth_announcing_card(&r->announcing);
	if (params->no_link || troth_cli_has(r->cli, "no-lan"))
		return TROTH_EXIT_OK;
	const struct troth_session_lan lan = {
		.backend = TROTH_LAN_AUTO,
		.interfaces = r->interfaces[0] != NULL ? r->interfaces : NULL,
		.announce = params->listen && params->announce,
		.card = &card,
	};
	int err = troth_session_lan(r->session, &lan);
	if (err == TROTH_E_LIMIT && troth_cli_has(r->cli, "announce"))
		return troth_cli_usage(r->cli, "--announce says more than fits into an "
					       "announcement (1200 bytes): say less");
	if (err != TROTH_OK)
		troth_note(&r->cli->out,
			   "Nobody can be seen on the link (%s): only host:port works.",
			   troth_err_text(err));
	return TROTH_EXIT_OK;
}

/* A device with a label is found by the name on it. */
static enum troth_exit read_name(struct troth_running *r, bool listen)
{
	if (!listen || r->announcing.name != NULL)
		return TROTH_EXIT_OK;
	return troth_bot_device_name(r->cli, &r->announcing.name);
}

static enum troth_exit make_session(struct troth_running *r,
				    const struct troth_running_params *params)
{
	struct troth_store *store;
	const struct troth_device *device;
	enum troth_exit status = troth_home_store(r->cli, &store);
	if (status == TROTH_EXIT_OK)
		status = troth_home_device(r->cli, &device);
	if (status == TROTH_EXIT_OK)
		status = troth_cli_policy(r->cli, &r->authorities);
	if (status == TROTH_EXIT_OK)
		status = read_name(r, params->listen);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_user_renew(r->cli);
	const struct troth_session_params session = {
		.loop = &r->loop,
		.store = store,
		.device = device,
		.former = troth_user_former(r->cli),
		.authorities = r->authorities,
		.name = r->announcing.name,
		.least = params->least,
		.compares = params->compares,
		.expects = params->expects,
		.trace = params->trace || r->cli->out.verbose > 0,
		.callbacks = params->callbacks,
	};
	int err = troth_session_new(&r->session, &session);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	return troth_cli_fail(r->cli, &(struct troth_failure){.err = err}, "can't begin a session");
}

enum troth_exit troth_running_start(struct troth_running *r, struct troth_cli *cli,
				    const struct troth_running_params *params)
{
	r->cli = cli;
	enum troth_exit status = troth_cli_interfaces(cli, r->interfaces);
	if (status == TROTH_EXIT_OK)
		status = read_announce(r);
	if (status == TROTH_EXIT_OK && uv_loop_init(&r->loop) != 0)
		status = troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_IO},
					"can't wait for events");
	if (status != TROTH_EXIT_OK) {
		troth_announcing_fini(&r->announcing);
		return status;
	}
	status = make_session(r, params);
	if (status != TROTH_EXIT_OK) {
		(void)troth_running_run(r); /* nothing is in the loop: it only frees */
		return status;
	}
	watch_signals(r);
	r->deadline.data = r;
	(void)uv_timer_init(&r->loop, &r->deadline); /* always 0 */
	watch_output(r);
	if (params->listen)
		status = listen_somewhere(r);
	if (status == TROTH_EXIT_OK)
		status = join_link(r, params);
	if (status == TROTH_EXIT_OK)
		status = troth_accounts_start(&r->accounts, cli, &r->loop, r->session);
	if (status != TROTH_EXIT_OK) {
		troth_running_end(r, status);
		(void)troth_running_run(r);
	}
	return status;
}
