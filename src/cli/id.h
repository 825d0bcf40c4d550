/* SPDX-License-Identifier: MIT */
/* Subcommands of `troth id` that have a file of their own. Layer: cli. */
#ifndef TROTH_CLI_ID_H
#define TROTH_CLI_ID_H

#include "cli/cli.h"

enum troth_exit troth_id_renew(struct troth_cli *cli);
enum troth_exit troth_id_revoke(struct troth_cli *cli);

#endif
