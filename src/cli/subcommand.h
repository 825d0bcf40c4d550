/* SPDX-License-Identifier: MIT */
/* Verbs that have subcommands: the first argument says which. Layer: cli. */
#ifndef TROTH_CLI_SUBCOMMAND_H
#define TROTH_CLI_SUBCOMMAND_H

#include "cli/cli.h"

struct troth_subcommand {
	const char *name; /* one of the verb's words; NULL ends a table */
	enum troth_exit (*run)(struct troth_cli *cli);
	size_t least, most; /* arguments, itself included */
};

/* Effect: runs the one that is named, if its arguments are as many as it takes. */
enum troth_exit troth_subcommand_run(struct troth_cli *cli, const struct troth_subcommand *all);
/* Effect: a usage error: none of the verb's words was named. */
enum troth_exit troth_subcommand_unknown(struct troth_cli *cli);

#endif
