/* SPDX-License-Identifier: MIT */
/* How failures are told: what failed, why, what to do now. Layer: cli. */
#include "cli/cli.h"
#include "cli/hint.h"
#include "cli/terminal/fold.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

static char *folded(const char *text, size_t max_chars, size_t columns)
{
	char *clean = troth_clean(text, max_chars);
	char *fold = clean ? troth_fold(clean, columns, 2) : NULL;
	if (fold)
		free(clean);
	return fold ? fold : clean;
}

static void tell(struct troth_output *out, const char *text, const char *next)
{
	size_t columns = troth_fold_columns(out->err);
	/* Each is shown behind something: the name, or two spaces. */
	char *line = folded(text, 2000, columns > 7 ? columns - 7 : 0);
	char *next_line = folded(next, 1000, columns > 2 ? columns - 2 : 0);
	const char *on = out->colour_err ? "\033[1;31m" : "";
	const char *off = out->colour_err ? "\033[0m" : "";
	fprintf(out->err, "%stroth:%s %s\n", on, off, line ? line : "");
	if (next_line && *next_line)
		fprintf(out->err, "  %s\n", next_line);
	free(line);
	free(next_line);
}

static void tell_json(struct troth_output *out, const char *name, const char *text,
		      const char *next)
{
	troth_json(out, json_pack("{s:{s:s, s:o, s:o}}", "error", "name", name, "text",
				  troth_json_text(text), "next", troth_json_text(next)));
}

enum troth_exit troth_cli_fail(struct troth_cli *cli, const struct troth_failure *failure,
			       const char *format, ...)
{
	va_list args;
	char *what = NULL, *text = NULL;
	va_start(args, format);
	int written = vasprintf(&what, format, args);
	va_end(args);
	const char *cause = failure->cause ? failure->cause : troth_err_text(failure->err);
	if (written < 0)
		what = NULL;
	if (!what || asprintf(&text, "%s%s%s", what, *what && *cause ? ": " : "", cause) < 0)
		text = NULL;
	char *told = troth_hint(text ? text : cause, cli->out.home);
	char *next = troth_hint(failure->next, cli->out.home);
	tell(&cli->out, told ? told : cause, next);
	tell_json(&cli->out, troth_err_name(failure->err), told ? told : cause, next);
	free(told);
	free(next);
	free(what);
	free(text);
	enum troth_exit status = troth_exit_of(failure->err);
	return status == TROTH_EXIT_OK ? TROTH_EXIT_LOCAL : status;
}

enum troth_exit troth_cli_usage(struct troth_cli *cli, const char *format, ...)
{
	va_list args;
	char *what = NULL, *text = NULL;
	va_start(args, format);
	int written = vasprintf(&what, format, args);
	va_end(args);
	if (written < 0)
		what = NULL;
	if (asprintf(&text, "%s (see `troth %s%s--help`)", what ? what : "wrong usage",
		     cli->verb ? cli->verb->name : "", cli->verb ? " " : "") < 0)
		text = NULL;
	tell(&cli->out, text ? text : "wrong usage", NULL);
	tell_json(&cli->out, "usage", text ? text : "wrong usage", NULL);
	free(what);
	free(text);
	return TROTH_EXIT_USAGE;
}
