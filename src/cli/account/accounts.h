/* SPDX-License-Identifier: MIT */
/* The accounts that a verb which talks to others is reachable by. Layer: cli. */
#ifndef TROTH_CLI_ACCOUNT_ACCOUNTS_H
#define TROTH_CLI_ACCOUNT_ACCOUNTS_H

#include "cli/cli.h"
#include "server/roster.h"
#include "session/session.h"

#define TROTH_ACCOUNTS_MAX 8

struct troth_accounts;

struct troth_used_account {
	struct troth_accounts *all;
	struct troth_account *account;
	struct troth_roster *roster;
};

struct troth_accounts {
	struct troth_cli *cli;
	struct troth_used_account used[TROTH_ACCOUNTS_MAX];
	size_t count;
	size_t open; /* that haven't gone yet */
	void (*gone)(void *user);
	void *user;
};

/* of: as for TROTH_RUNNING_OPTIONS_OF. */
#define TROTH_ACCOUNTS_OPTIONS(of)                                                                 \
	{"account", 0, "JID", of "be online by this account (may be repeated)",                    \
	 TROTH_COMPLETE_ACCOUNT},                                                                  \
		{"no-account", 0, NULL, of "be online by no account", TROTH_COMPLETE_NOTHING},     \
		{"no-direct", 0, NULL, of "tell nobody this machine's addresses: slower",          \
		 TROTH_COMPLETE_NOTHING},                                                          \
		{"xtls", 0, NULL, of "call by XTLS, for programs that know nothing else",          \
		 TROTH_COMPLETE_NOTHING},                                                          \
	{                                                                                          \
		"password-fd", 0, "N", of "read the account's password from descriptor N",         \
			TROTH_COMPLETE_NOTHING                                                     \
	}

/* Effect: the session is reachable by the accounts that --account names, or by all that can sign in
 * without asking; *a is zeroed before. What can't be used is told, and fails only when it was
 * named. */
enum troth_exit troth_accounts_start(struct troth_accounts *a, struct troth_cli *cli,
				     uv_loop_t *loop, struct troth_session *session);
/* Effect: signs off; `gone` is called when nothing is left, at once where there is none. */
void troth_accounts_end(struct troth_accounts *a, void (*gone)(void *user), void *user);

#endif
