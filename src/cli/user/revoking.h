/* SPDX-License-Identifier: MIT */
/* What `troth id revoke`, `user revoke` and `user lost` share. Layer: cli. */
#ifndef TROTH_CLI_USER_REVOKING_H
#define TROTH_CLI_USER_REVOKING_H

#include "cli/cli.h"

#include <troth/endorsement.h>

/* of: the subcommands that take each, as "NAME, NAME: ". */
#define TROTH_REVOKE_OPTIONS(of_reason, of_yes)                                                    \
	{"reason", 0, "WHY", of_reason "compromised, lost or retired", TROTH_COMPLETE_REASON},     \
	{                                                                                          \
		"yes", 'y', NULL, of_yes "don't ask", TROTH_COMPLETE_NOTHING                       \
	}

/* Effect: --reason into *out, which is left alone without it. */
enum troth_exit troth_revoking_reason(struct troth_cli *cli, enum troth_revoke_reason *out);
/* Effect: the user types the word, or has given --yes. */
enum troth_exit troth_revoking_confirm(struct troth_cli *cli, const char *question,
				       const char *word);
/* Effect: an entry of the log. */
int troth_revoking_log(struct troth_cli *cli, const char *kind, const char *text);

#endif
