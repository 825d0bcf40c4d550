/* SPDX-License-Identifier: MIT */
/*
 * Passwords of accounts in the desktop's secret service (libsecret), through a program of its own,
 * troth-password. Layer: cli. Blocks: 10 s at the most; two minutes where somebody sits at
 * the terminal, whom the desktop may ask to unlock it. Keeps nothing, and has no other place for a
 * password.
 */
#ifndef TROTH_CLI_ACCOUNT_SECRET_SERVICE_H
#define TROTH_CLI_ACCOUNT_SECRET_SERVICE_H

#include "cli/cli.h"

#include <troth/secret.h>

/* What went wrong, for people. */
struct troth_secret_service_problem {
	char cause[400]; /* what the service said, cleaned, or a sentence of ours */
	const char *next;
};

/* Whether this build has it. */
bool troth_secret_service_is_built(void);

/* Each is about the account `jid` of this home. Errors, each with *problem filled in:
 * TROTH_E_UNSUPPORTED where this build has none or none can be reached, TROTH_E_PASSPHRASE where
 * it is locked, TROTH_E_BUSY where it didn't answer in time, TROTH_E_NOT_FOUND where it has no such
 * password, TROTH_E_IO, TROTH_E_NOMEM. */
int troth_secret_service_put(struct troth_cli *cli, const char *jid,
			     const struct troth_secret *password,
			     struct troth_secret_service_problem *problem) TROTH_MUST_USE;
int troth_secret_service_remove(struct troth_cli *cli, const char *jid,
				struct troth_secret_service_problem *problem) TROTH_MUST_USE;
/* Effect: *out is the caller's. */
int troth_secret_service_get(struct troth_cli *cli, const char *jid, struct troth_secret **out,
			     struct troth_secret_service_problem *problem) TROTH_MUST_USE;

#endif
