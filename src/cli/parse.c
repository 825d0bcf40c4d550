/* SPDX-License-Identifier: MIT */
/* The command line, by getopt_long and the tables of cli/verb.h. Layer: cli. */
#include "cli/cli.h"
#include "cli/help.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define OPTIONS_MAX 48
#define FIRST_LONG 256 /* above any letter */

/* What getopt_long wants, built from a verb's table and the global one. */
struct spec {
	struct option longs[OPTIONS_MAX + 1];
	const struct troth_option *meant[OPTIONS_MAX];
	size_t count;
	char letters[2 * OPTIONS_MAX + 4];
};

static void spec_add(struct spec *spec, const struct troth_option *table)
{
	size_t len = strlen(spec->letters);
	for (const struct troth_option *o = table; o && o->name; o++) {
		if (spec->count == OPTIONS_MAX)
			abort(); /* a table of ours has outgrown OPTIONS_MAX */
		int arg = o->value ? required_argument : no_argument;
		spec->longs[spec->count] =
			(struct option){o->name, arg, NULL, FIRST_LONG + (int)spec->count};
		spec->meant[spec->count++] = o;
		if (o->letter) {
			spec->letters[len++] = o->letter;
			if (o->value)
				spec->letters[len++] = ':';
		}
	}
	spec->letters[len] = '\0';
}

static const struct troth_option *spec_meant(const struct spec *spec, int c)
{
	if (c >= FIRST_LONG)
		return spec->meant[c - FIRST_LONG];
	for (size_t i = 0; i < spec->count; i++)
		if (spec->meant[i]->letter == c)
			return spec->meant[i];
	return NULL;
}

static enum troth_exit complain(struct troth_cli *cli, const struct spec *spec, int c, char **argv)
{
	const struct troth_option *known = optopt ? spec_meant(spec, optopt) : NULL;
	const char *text = optind > 0 ? argv[optind - 1] : "";
	if (c == ':' && known)
		return troth_cli_usage(cli, "--%s needs a value: %s", known->name, known->value);
	if (known)
		return troth_cli_usage(cli, "--%s takes no value", known->name);
	if (optopt && optopt < FIRST_LONG)
		return troth_cli_usage(cli, "there is no option -%c", optopt);
	size_t len = strcspn(text, "=");
	char name[64] = "";
	if (len > 2 && len - 2 < sizeof name)
		memcpy(name, text + 2, len - 2);
	const char *guess = troth_option_guess(cli->verb, name);
	if (guess)
		return troth_cli_usage(cli, "there is no option %.*s; did you mean --%s?", (int)len,
				       text, guess);
	return troth_cli_usage(cli, "there is no option %.*s", (int)len, text);
}

static void take(struct troth_cli *cli, const struct troth_option *option, const char *value)
{
	cli->given[cli->given_count++] = (struct troth_given){option, value};
	if (strcmp(option->name, "json") == 0)
		cli->out.json = true;
	else if (strcmp(option->name, "home") == 0)
		cli->out.home = value;
	else if (strcmp(option->name, "quiet") == 0)
		cli->out.quiet = true;
	else if (strcmp(option->name, "verbose") == 0)
		cli->out.verbose++;
	else if (strcmp(option->name, "no-color") == 0)
		troth_output_no_colour(&cli->out);
}

/* One pass: up to the first word with '+' in front of the letters, or all of it. */
static enum troth_exit pass(struct troth_cli *cli, struct spec *spec, int argc, char **argv)
{
	int c;
	opterr = 0;
	optind = 0; /* glibc: starts anew, and looks at '+' again */
	while ((c = getopt_long(argc, argv, spec->letters, spec->longs, NULL)) != -1) {
		const struct troth_option *option =
			c == '?' || c == ':' ? NULL : spec_meant(spec, c);
		if (!option)
			return complain(cli, spec, c, argv);
		take(cli, option, optarg);
	}
	return TROTH_EXIT_OK;
}

static enum troth_exit no_such_verb(struct troth_cli *cli, const char *name)
{
	const char *guess = troth_verb_guess(name);
	if (guess)
		return troth_cli_usage(cli, "there is no verb '%s'; did you mean `troth %s`?", name,
				       guess);
	return troth_cli_usage(cli, "there is no verb '%s'", name);
}

/* Help and version are for people, whatever else was asked for. */
static enum troth_exit show_help(struct troth_cli *cli, const char *word)
{
	cli->out.json = false;
	cli->out.home = NULL; /* it is about any run */
	if (!cli->verb || !troth_help_word(&cli->out, cli->verb, word))
		troth_help(&cli->out, cli->verb);
	cli->verb = NULL; /* nothing is left to do */
	return TROTH_EXIT_OK;
}

static enum troth_exit show_version(struct troth_cli *cli)
{
	cli->out.json = false;
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "troth %s", TROTH_VERSION);
	return TROTH_EXIT_OK;
}

/* A --json anywhere makes errors JSON too, those of the command line included. */
static bool json_asked(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

/* Short flags can stand several in one word, so the letters are counted. */
static enum troth_exit make_room(struct troth_cli *cli, int argc, char **argv)
{
	size_t room = 1;
	for (int i = 0; i < argc; i++)
		room += strlen(argv[i]) + 1;
	cli->given = calloc(room, sizeof *cli->given);
	if (cli->given)
		return TROTH_EXIT_OK;
	return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_NOMEM},
			      "can't read the command line");
}

/* argv[0] is the verb. */
static enum troth_exit parse_verb(struct troth_cli *cli, int argc, char **argv)
{
	cli->verb = troth_verb_find(argv[0]);
	if (!cli->verb)
		return no_such_verb(cli, argv[0]);
	struct spec spec = {.letters = ":"};
	spec_add(&spec, troth_global_options);
	spec_add(&spec, cli->verb->options);
	enum troth_exit status = pass(cli, &spec, argc, argv);
	if (status != TROTH_EXIT_OK)
		return status;
	cli->args = argv + optind;
	cli->arg_count = (size_t)(argc - optind);
	if (troth_cli_has(cli, "help"))
		return show_help(cli, troth_cli_arg(cli, 0));
	return TROTH_EXIT_OK;
}

enum troth_exit troth_cli_parse(struct troth_cli *cli, int argc, char **argv)
{
	*cli = (struct troth_cli){.verb = NULL};
	troth_output_init(&cli->out);
	cli->out.json = json_asked(argc, argv);
	enum troth_exit status = make_room(cli, argc, argv);
	if (status != TROTH_EXIT_OK)
		return status;
	struct spec spec = {.letters = "+:"};
	spec_add(&spec, troth_global_options);
	status = pass(cli, &spec, argc, argv);
	if (status != TROTH_EXIT_OK)
		return status;
	argc -= optind;
	argv += optind;
	if (troth_cli_has(cli, "version"))
		return show_version(cli);
	if (argc > 0 && strcmp(argv[0], "help") == 0) {
		cli->verb = argc > 1 ? troth_verb_find(argv[1]) : NULL;
		return argc > 1 && !cli->verb ? no_such_verb(cli, argv[1])
					      : show_help(cli, argc > 2 ? argv[2] : NULL);
	}
	if (argc > 0)
		return parse_verb(cli, argc, argv);
	if (troth_cli_has(cli, "help"))
		return show_help(cli, NULL);
	return troth_cli_usage(cli, "a verb is missing; begin with `troth init`");
}
