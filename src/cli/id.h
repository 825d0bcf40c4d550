/* SPDX-License-Identifier: MIT */
/* The subcommands of `troth id` that make or take certificates. Layer: cli. */
#ifndef TROTH_CLI_ID_H
#define TROTH_CLI_ID_H

#include "cli/exit.h"

struct troth_cli;

enum troth_exit troth_id_csr(struct troth_cli *cli);
enum troth_exit troth_id_import(struct troth_cli *cli);
enum troth_exit troth_id_delegate(struct troth_cli *cli);

#endif
