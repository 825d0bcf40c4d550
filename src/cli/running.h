/* SPDX-License-Identifier: MIT */
/*
 * A verb that talks to others: loop, session, signals, and an end in order. Layer: cli.
 *
 * The verb's own struct has a struct troth_running as its first member, and is the `user` of
 * the session's callbacks.
 */
#ifndef TROTH_CLI_RUNNING_H
#define TROTH_CLI_RUNNING_H

#include "cli/account/accounts.h"
#include "cli/cli.h"
#include "cli/meet/announcing.h"
#include "cli/meet/interfaces.h"
#include "session/session.h"

#define TROTH_RUNNING_ANNOUNCE "name=USER@MACHINE,nick,1st=,last=,email=,jid=,status=,msg="

/* The options of every such verb. */
#define TROTH_RUNNING_OPTIONS TROTH_RUNNING_OPTIONS_OF("", ": " TROTH_RUNNING_ANNOUNCE)
/* of: the subcommands that take them, as "NAME, NAME: "; "": the verb. */
#define TROTH_RUNNING_OPTIONS_OF(of, announce)                                                     \
	{"port", 'p', "PORT", of "listen on this port (default: 5298, or any if it is taken)",     \
	 TROTH_COMPLETE_NOTHING},                                                                  \
		{"interface", 'i', "NAME",                                                         \
		 of "be on the link of this interface only (may be repeated)",                     \
		 TROTH_COMPLETE_INTERFACE},                                                        \
		{"no-lan", 0, NULL, of "neither look nor be seen on the link",                     \
		 TROTH_COMPLETE_NOTHING},                                                          \
		TROTH_ACCOUNTS_OPTIONS(of),                                                        \
	{                                                                                          \
		"announce", 0, "WHAT", of "who you are" announce, TROTH_COMPLETE_NOTHING           \
	}

struct troth_running {
	struct troth_cli *cli;
	uv_loop_t loop;
	struct troth_session *session;
	struct troth_authorities *authorities;
	enum troth_exit status;
	bool ending;
	/* The verb's own handles are to be closed: called once, when all streams have ended. */
	void (*close_handles)(struct troth_running *r);
	/* SIGINT, SIGTERM, SIGHUP; NULL: it ends in order with TROTH_EXIT_OK. */
	void (*interrupted)(struct troth_running *r);
	uv_signal_t signals[3];
	uv_timer_t deadline;
	uv_prepare_t output; /* ends when nobody reads it any more */
	struct troth_announcing announcing;
	struct troth_accounts accounts;
	const char *interfaces[TROTH_INTERFACES_MAX + 1]; /* given; NULL ends */
};

struct troth_running_params {
	struct troth_session_callbacks callbacks; /* user: the verb's struct */
	enum troth_level least;
	bool listen;
	bool announce; /* and be seen, unless --no-lan */
	bool no_link;  /* only accounts are used */
	bool compares; /* SAS news are shown */
	bool expects;  /* a stranger, also over servers */
	bool trace;    /* also without -v */
};

/* Effect: opens home, loop and session; *r is zeroed before but for close_handles and
 * interrupted. On failure there is nothing to end. */
enum troth_exit troth_running_start(struct troth_running *r, struct troth_cli *cli,
				    const struct troth_running_params *params);
/* Effect: calls `overdue` after that many seconds, unless they are 0. */
void troth_running_deadline(struct troth_running *r, int64_t seconds, uv_timer_cb overdue);
/* Effect: begins to end in order; the first status counts. */
void troth_running_end(struct troth_running *r, enum troth_exit status);
/* Effect: runs until that end, and frees everything. Returns the status. */
enum troth_exit troth_running_run(struct troth_running *r);

/* Effect: contacts, vouched, anyone or plain, as --accept says; *out is left alone without it. */
enum troth_exit troth_running_accept(struct troth_cli *cli, enum troth_level *out);

/* Effect: says why troth_session_call wouldn't begin; `what` is "can't talk to". */
enum troth_exit troth_running_no_call(struct troth_cli *cli, int err, const char *what,
				      const char *peer);

#endif
