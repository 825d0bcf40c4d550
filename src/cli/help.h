/* SPDX-License-Identifier: MIT */
/* Help, made from the tables of cli/verb.h. Layer: cli. */
#ifndef TROTH_CLI_HELP_H
#define TROTH_CLI_HELP_H

#include "cli/terminal/output.h"
#include "cli/verb.h"

/* Effect: writes the help of the whole command (verb NULL) or of one verb. */
void troth_help(struct troth_output *out, const struct troth_verb *verb);
/* Effect: writes the help of a subcommand. false, and nothing is written, if there is none of that
 * name (NULL is fine). */
bool troth_help_word(struct troth_output *out, const struct troth_verb *verb, const char *name);

#endif
