/* SPDX-License-Identifier: MIT */
/* What was given on the command line, asked for by name. Layer: cli. */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void troth_cli_fini(struct troth_cli *cli)
{
	troth_home_fini(&cli->home);
	free(cli->given);
	cli->given = NULL;
	cli->given_count = 0;
}

const char *troth_cli_value_at(const struct troth_cli *cli, const char *option, size_t n)
{
	for (size_t i = 0; i < cli->given_count; i++)
		if (strcmp(cli->given[i].option->name, option) == 0 && n-- == 0)
			return cli->given[i].value;
	return NULL;
}

const char *troth_cli_value(const struct troth_cli *cli, const char *option)
{
	for (size_t i = cli->given_count; i > 0; i--)
		if (strcmp(cli->given[i - 1].option->name, option) == 0)
			return cli->given[i - 1].value;
	return NULL;
}

bool troth_cli_has(const struct troth_cli *cli, const char *option)
{
	for (size_t i = 0; i < cli->given_count; i++)
		if (strcmp(cli->given[i].option->name, option) == 0)
			return true;
	return false;
}

enum troth_exit troth_cli_number(struct troth_cli *cli, const char *option, int64_t min,
				 int64_t max, int64_t *out)
{
	const char *text = troth_cli_value(cli, option);
	if (!text)
		return TROTH_EXIT_OK;
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number < min || number > max)
		return troth_cli_usage(
			cli, "--%s needs a number from %" PRId64 " to %" PRId64 ", not '%s'",
			option, min, max, text);
	*out = number;
	return TROTH_EXIT_OK;
}

const char *troth_cli_arg(const struct troth_cli *cli, size_t n)
{
	return n < cli->arg_count ? cli->args[n] : NULL;
}

/* Whether a usage like "accept|refuse JID" is of that subcommand. */
static bool is_usage_of(const char *usage, const char *name)
{
	size_t len = strlen(name);
	for (const char *at = usage;; at++) {
		size_t word = strcspn(at, "| ");
		if (word == len && strncmp(at, name, len) == 0)
			return true;
		at += word;
		if (*at != '|')
			return false;
	}
}

/* Of the subcommand that was given, where the verb has some. */
static const char *usage_of(const struct troth_cli *cli)
{
	const char *const *usage = cli->verb->usage;
	for (size_t i = 0; cli->arg_count > 0 && usage[i] != NULL; i++)
		if (is_usage_of(usage[i], cli->args[0]))
			return usage[i];
	return usage[0];
}

enum troth_exit troth_cli_args(struct troth_cli *cli, size_t min, size_t max)
{
	if (cli->arg_count < min)
		return troth_cli_usage(cli, "an argument is missing: troth %s %s", cli->verb->name,
				       usage_of(cli));
	if (cli->arg_count > max)
		return troth_cli_usage(cli, "'%s' is one argument too many", cli->args[max]);
	return TROTH_EXIT_OK;
}
