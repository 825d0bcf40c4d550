/* SPDX-License-Identifier: MIT */
/* Where the policy file is, and loading it for a verb. Layer: cli. */
#ifndef TROTH_CLI_TRUST_POLICY_H
#define TROTH_CLI_TRUST_POLICY_H

#include "cli/exit.h"
#include "trust/authority.h"

struct troth_cli;

/* Effect: `given`, else --policy, else $XDG_CONFIG_HOME/troth/policy or ~/.config/troth/policy;
 * freed by the caller. */
enum troth_exit troth_cli_policy_path(struct troth_cli *cli, const char *given, char **out);

/* Effect: loads the policy; NULL in *out where none was asked for and there is none in its usual
 * place. One that can't be used is an error with its line: it is never ignored. */
enum troth_exit troth_cli_policy(struct troth_cli *cli, struct troth_authorities **out);

/* Effect: loads that file, which must be there. Says what is wrong with it. */
enum troth_exit troth_cli_policy_load(struct troth_cli *cli, const char *path,
				      struct troth_authorities **out);

#endif
