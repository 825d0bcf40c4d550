/* SPDX-License-Identifier: MIT */
/* `troth completion`: a completion script for a shell. Layer: cli. */
#include "cli/cli.h"
#include "cli/completion.h"
#include "cli/verbs.h"

#include <string.h>

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static enum troth_exit run(struct troth_cli *cli)
{
	enum troth_exit status = troth_cli_args(cli, 1, 1);
	if (status != TROTH_EXIT_OK)
		return status;
	const char *shell = troth_cli_arg(cli, 0);
	/* A script isn't a result that JSON could carry better. */
	if (strcmp(shell, "bash") == 0)
		troth_completion_bash(cli->out.out);
	else if (strcmp(shell, "zsh") == 0)
		troth_completion_zsh(cli->out.out);
	else if (strcmp(shell, "fish") == 0)
		troth_completion_fish(cli->out.out);
	else
		return troth_cli_usage(cli, "no completion for '%s': bash, zsh or fish", shell);
	return TROTH_EXIT_OK;
}

static const char *const usage[] = {"bash|zsh|fish", NULL};
static const struct troth_example examples[] = {
	{"troth completion bash >~/.local/share/bash-completion/completions/troth",
	 "completion in bash, where the package hasn't put it"},
	{"troth completion fish | source", "completion in this fish"},
	{NULL, NULL},
};

const struct troth_verb troth_verb_completion = {
	.name = "completion",
	.help = "write a completion script for a shell",
	.usage = usage,
	.examples = examples,
	.words = shells,
	.run = run,
};
