/* SPDX-License-Identifier: MIT */
/* The subcommands of `troth user`. Layer: cli. */
#ifndef TROTH_CLI_USER_USER_H
#define TROTH_CLI_USER_USER_H

#include "cli/cli.h"

enum troth_exit troth_user_init(struct troth_cli *cli);
enum troth_exit troth_user_show(struct troth_cli *cli);
enum troth_exit troth_user_endorse(struct troth_cli *cli);
enum troth_exit troth_user_add(struct troth_cli *cli);
enum troth_exit troth_user_join(struct troth_cli *cli);
enum troth_exit troth_user_revoke(struct troth_cli *cli);
enum troth_exit troth_user_quorum(struct troth_cli *cli);
enum troth_exit troth_user_succeed(struct troth_cli *cli);
enum troth_exit troth_user_suspend(struct troth_cli *cli);
enum troth_exit troth_user_lost(struct troth_cli *cli);

#endif
