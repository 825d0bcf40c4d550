/* SPDX-License-Identifier: MIT */
/*
 * What a verb is handed: its options and arguments, the output, the home. Layer: cli.
 *
 * Functions that return enum troth_exit have said what failed when it isn't
 * TROTH_EXIT_OK: return it as it is.
 */
#ifndef TROTH_CLI_CLI_H
#define TROTH_CLI_CLI_H

#include "cli/exit.h"
#include "cli/home.h"
#include "cli/terminal/output.h"
#include "cli/verb.h"

#include <stdint.h>

struct troth_given {
	const struct troth_option *option;
	const char *value; /* NULL for a flag */
};

struct troth_cli {
	const struct troth_verb *verb;
	struct troth_output out;
	struct troth_home home; /* by the functions of cli/home.h */
	struct troth_given *given;
	size_t given_count;
	char **args; /* after the verb, without options; args[arg_count] is NULL */
	size_t arg_count;
};

/* Effect: reads a command line into *cli, which troth_cli_fini releases either way; argv is
 * reordered and borrowed. TROTH_EXIT_OK with a NULL cli->verb: help or version was shown. */
enum troth_exit troth_cli_parse(struct troth_cli *cli, int argc, char **argv);
void troth_cli_fini(struct troth_cli *cli);

/* Whether an option was given; its value, the last one if it was given again, or NULL. */
bool troth_cli_has(const struct troth_cli *cli, const char *option);
const char *troth_cli_value(const struct troth_cli *cli, const char *option);
/* The value of its nth occurrence, from 0; NULL beyond. */
const char *troth_cli_value_at(const struct troth_cli *cli, const char *option, size_t n);
/* Effect: a whole number from min to max into *out, left alone when the option is absent. */
enum troth_exit troth_cli_number(struct troth_cli *cli, const char *option, int64_t min,
				 int64_t max, int64_t *out);

/* The nth argument from 0, NULL beyond. */
const char *troth_cli_arg(const struct troth_cli *cli, size_t n);
/* Effect: a usage error unless there are min to max arguments. */
enum troth_exit troth_cli_args(struct troth_cli *cli, size_t min, size_t max);

/* Effect: one line that says what is wrong with the command line and how to mend it.
 * Returns TROTH_EXIT_USAGE. */
enum troth_exit troth_cli_usage(struct troth_cli *cli, const char *format, ...) TROTH_PRINTF(2, 3);

struct troth_failure {
	int err;           /* TROTH_E*: names it, and gives the exit status */
	const char *cause; /* a sentence; NULL: that of err; "": none */
	const char *next;  /* what to do now, a sentence; NULL: nothing to advise */
};

/* Effect: says what failed ("can't open the trust store", no full stop; "" where the cause says
 * it), why and what to do
 * now: on stderr, and with --json as {"error":{"name","text","next"}} on stdout. All of it is
 * cleaned. Returns troth_exit_of(failure->err). */
enum troth_exit troth_cli_fail(struct troth_cli *cli, const struct troth_failure *failure,
			       const char *format, ...) TROTH_PRINTF(3, 4);

#endif
