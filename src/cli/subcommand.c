/* SPDX-License-Identifier: MIT */
/* Which subcommand. Layer: cli. */
#include "cli/subcommand.h"

#include "base/slice.h"

#include <string.h>
#include <troth/err.h>

/* "list, show or forget" */
static enum troth_exit ask_which(struct troth_cli *cli)
{
	struct troth_buf list TROTH_CLEANUP(troth_buf_fini);
	const char *text = "";
	const char *const *words = cli->verb->words;
	int err = TROTH_OK;
	troth_buf_init(&list, 1024);
	for (size_t i = 0; words[i] != NULL && err == TROTH_OK; i++) {
		const char *before = words[i + 1] != NULL ? ", " : " or ";
		if (i > 0)
			err = troth_buf_append_str(&list, before);
		if (err == TROTH_OK)
			err = troth_buf_append_str(&list, words[i]);
	}
	if (err == TROTH_OK)
		err = troth_buf_cstr(&list, &text);
	return troth_cli_usage(cli, "what to do? %s", err == TROTH_OK ? text : "");
}

enum troth_exit troth_subcommand_unknown(struct troth_cli *cli)
{
	const char *name = troth_cli_arg(cli, 0);
	const char *verb = cli->verb->name;
	if (name == NULL)
		return ask_which(cli);
	const char *guess = troth_word_guess(name, cli->verb->words);
	if (guess == NULL)
		return troth_cli_usage(cli, "troth %s knows no '%s'", verb, name);
	return troth_cli_usage(cli, "troth %s knows no '%s'; did you mean `troth %s %s`?", verb,
			       name, verb, guess);
}

enum troth_exit troth_subcommand_run(struct troth_cli *cli, const struct troth_subcommand *all)
{
	const char *name = troth_cli_arg(cli, 0);
	for (size_t i = 0; name != NULL && all[i].name != NULL; i++) {
		if (strcmp(name, all[i].name) != 0)
			continue;
		enum troth_exit status = troth_cli_args(cli, all[i].least, all[i].most);
		return status == TROTH_EXIT_OK ? all[i].run(cli) : status;
	}
	return troth_subcommand_unknown(cli);
}
