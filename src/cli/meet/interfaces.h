/* SPDX-License-Identifier: MIT */
/* --interface: on which links. Layer: cli. */
#ifndef TROTH_CLI_MEET_INTERFACES_H
#define TROTH_CLI_MEET_INTERFACES_H

#include "cli/exit.h"

struct troth_cli;

#define TROTH_INTERFACES_MAX 16

/* Effect: the names that were given, NULL behind the last one. One that isn't there is a usage
 * error that names those that are. */
enum troth_exit troth_cli_interfaces(struct troth_cli *cli,
				     const char *out[TROTH_INTERFACES_MAX + 1]);

#endif
