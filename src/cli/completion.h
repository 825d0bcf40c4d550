/* SPDX-License-Identifier: MIT */
/* Completion scripts for shells, made from the tables of cli/verb.h. Layer: cli. */
#ifndef TROTH_CLI_COMPLETION_H
#define TROTH_CLI_COMPLETION_H

#include <stdio.h>

void troth_completion_bash(FILE *out);
void troth_completion_zsh(FILE *out);
void troth_completion_fish(FILE *out);

#endif
