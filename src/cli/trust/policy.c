/* SPDX-License-Identifier: MIT */
/* Where the policy file is, and what is said when it can't be used. Layer: cli. */
#include "cli/trust/policy.h"

#include "cli/cli.h"
#include "store/policyfile.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

/* XDG Base Directory 0.8; relative paths in its variables are ignored. */
static char *default_path(void)
{
	char *path = NULL;
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int written = -1;
	if (config && config[0] == '/')
		written = asprintf(&path, "%s/troth/%s", config, TROTH_POLICYFILE_NAME);
	else if (home && home[0] == '/')
		written = asprintf(&path, "%s/.config/troth/%s", home, TROTH_POLICYFILE_NAME);
	return written < 0 ? NULL : path;
}

enum troth_exit troth_cli_policy_path(struct troth_cli *cli, const char *given, char **out)
{
	if (!given)
		given = troth_cli_value(cli, "policy");
	if (given && !*given)
		return troth_cli_usage(cli, "--policy needs the name of a file");
	*out = given ? strdup(given) : default_path();
	if (*out)
		return TROTH_EXIT_OK;
	return troth_cli_usage(cli, "neither $XDG_CONFIG_HOME nor $HOME says where the policy is: "
				    "give --policy FILE");
}

static void wrong_json(struct troth_output *out, const char *path,
		       const struct troth_policyfile_problem *p)
{
	troth_json(out, json_pack("{s:{s:s, s:o, s:i, s:i, s:o}}", "error", "name", "policy",
				  "file", troth_json_text(path), "line", (int)p->line, "column",
				  (int)p->column, "text", troth_json_text(p->text)));
}

enum troth_exit troth_cli_policy_load(struct troth_cli *cli, const char *path,
				      struct troth_authorities **out)
{
	struct troth_policyfile_problem problem;
	int err = troth_policyfile_load(out, path, &problem);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	if (problem.line == 0)
		return troth_cli_fail(cli,
				      &(struct troth_failure){.err = err, .cause = problem.text},
				      "can't use the policy %s", path);
	if (cli->out.json) {
		wrong_json(&cli->out, path, &problem);
		return TROTH_EXIT_LOCAL;
	}
	/* As compilers say it, so that editors find the place. */
	char *text = troth_clean(problem.text, 800);
	char *name = troth_clean(path, 300);
	fprintf(cli->out.err, "%s:%u:%u: %s\n", name, problem.line, problem.column, text);
	free(name);
	free(text);
	return TROTH_EXIT_LOCAL;
}

enum troth_exit troth_cli_policy(struct troth_cli *cli, struct troth_authorities **out)
{
	char *path = NULL;
	*out = NULL;
	bool asked = troth_cli_has(cli, "policy");
	if (!asked && !getenv("XDG_CONFIG_HOME") && !getenv("HOME"))
		return TROTH_EXIT_OK;
	enum troth_exit status = troth_cli_policy_path(cli, NULL, &path);
	if (status == TROTH_EXIT_OK && (asked || access(path, F_OK) == 0))
		status = troth_cli_policy_load(cli, path, out);
	free(path);
	return status;
}
