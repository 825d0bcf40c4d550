/* SPDX-License-Identifier: MIT */
/* A verb that signs in to an account, does something there, and signs off. Layer: cli. */
#ifndef TROTH_CLI_ACCOUNT_SIGNING_IN_H
#define TROTH_CLI_ACCOUNT_SIGNING_IN_H

#include "cli/cli.h"
#include "server/roster.h"
#include "store/store.h"

struct troth_signing_as;

struct troth_signing_in {
	struct troth_cli *cli;
	const struct troth_signing_as *as; /* borrowed */
	uv_loop_t loop;
	struct troth_account *account;
	struct troth_roster *roster;
	enum troth_exit status;
	bool ended;
	/* The verb's work, once it is signed in and the roster is here; it ends by
	 * troth_signing_in_end, then or later. */
	void (*work)(struct troth_signing_in *s);
	bool seen; /* present to contacts meanwhile, so that the server tells who asks */
	void *user;
};

/* How to sign in: what the store has, or what the command line says. Texts are owned. */
struct troth_signing_as {
	struct troth_store_account account; /* password unused */
	struct troth_secret *password;      /* NULL: by certificate */
	char *texts[3];
};
void troth_signing_as_fini(struct troth_signing_as *as);

/* Effect: the account that --account names, or the only one; its password as it is kept, or asked
 * for
 * (--password-fd). */
enum troth_exit troth_signing_as_kept(struct troth_cli *cli, struct troth_signing_as *out);

/* Effect: signs in and works until the end; *s is zeroed before but for work, seen and user. A
 * failure to sign in is told. Returns the exit status. */
enum troth_exit troth_signing_in_run(struct troth_signing_in *s, struct troth_cli *cli,
				     const struct troth_signing_as *as);
/* Effect: signs off once everything sent before has reached the server. */
void troth_signing_in_end(struct troth_signing_in *s, enum troth_exit status);

#define TROTH_ACCOUNT_OPTIONS                                                                      \
	{"account", 0, "JID", "which account, where there are several", TROTH_COMPLETE_ACCOUNT},   \
	{                                                                                          \
		"password-fd", 0, "N", "read the password from file descriptor N",                 \
			TROTH_COMPLETE_NOTHING                                                     \
	}

#endif
