/* SPDX-License-Identifier: MIT */
/*
 * The table of verbs. One file per verb gives one struct troth_verb; parsing, help,
 * "did you mean" and shell completion all come from these tables. Layer: cli.
 *
 * A new verb is a file, an extern line in verbs.h and a row in verbs.c.
 */
#ifndef TROTH_CLI_VERB_H
#define TROTH_CLI_VERB_H

#include "cli/exit.h"

#include <stddef.h>

struct troth_cli;

/* What a shell offers for a value or an argument. */
enum troth_complete {
	TROTH_COMPLETE_NOTHING,
	TROTH_COMPLETE_FILE,
	TROTH_COMPLETE_DIRECTORY,
	TROTH_COMPLETE_CONTACT,  /* labels, by `troth trust list --labels` */
	TROTH_COMPLETE_ACCOUNT,  /* of this device, by `troth login` */
	TROTH_COMPLETE_OPENPGP,  /* own OpenPGP keys, by `troth id openpgp --list` */
	TROTH_COMPLETE_ACCEPT,   /* what --accept takes, */
	TROTH_COMPLETE_REASON,   /* --reason, */
	TROTH_COMPLETE_PUBLISH,  /* --publish, */
	TROTH_COMPLETE_PASSWORD, /* --password-store */
	TROTH_COMPLETE_INTERFACE /* of the network, on this machine */
};

struct troth_option {
	const char *name;  /* long, without dashes; NULL ends a table */
	char letter;       /* short form; 0: none */
	const char *value; /* NULL: a flag; else what its value is called: "SECONDS" */
	const char *help;  /* one line, no full stop */
	enum troth_complete complete;
};

struct troth_example {
	const char *command; /* whole, from "troth"; NULL ends a table */
	const char *what;    /* one line: what it does */
};

/* A subcommand, for help. Its options are those of the verb whose help begins with "NAME: ", or
 * with several names and commas between them. */
struct troth_word {
	const char *name;  /* NULL ends a table */
	const char *usage; /* what follows "troth VERB NAME" */
	const char *about; /* as of a verb */
	struct troth_example examples[3];
};

struct troth_verb {
	const char *name;
	const char *help;                   /* one line for `troth --help`, no full stop */
	const char *const *usage;           /* what follows "troth NAME", a line each; NULL ends */
	const char *about;                  /* paragraphs for `troth NAME --help`; may be NULL */
	const struct troth_option *options; /* may be NULL */
	const struct troth_example *examples; /* at least one */
	const char *const *words;           /* subcommands, for completion; NULL: none; NULL ends */
	const struct troth_word *word_help; /* of each of them; NULL: none */
	enum troth_complete complete;       /* of positional arguments */
	const char *files_of;               /* the subcommand that takes files */
	size_t files_after;                 /* so many other arguments of it */
	/* Effect: does it; has said on the way what failed. */
	enum troth_exit (*run)(struct troth_cli *cli);
};

/* All verbs in the order of the help; the last one has a NULL name. */
extern const struct troth_verb *const troth_verbs[];
/* Options that every verb takes, before or after its name. */
extern const struct troth_option troth_global_options[];

/* NULL when there is none of that name. */
const struct troth_verb *troth_verb_find(const char *name);
/* The verb, or an entry of a NULL-ended list of words, that was probably meant, or NULL. */
const char *troth_verb_guess(const char *mistyped);
const char *troth_word_guess(const char *mistyped, const char *const *words);
/* The name of the verb's or the global option that was probably meant, or NULL. */
const char *troth_option_guess(const struct troth_verb *verb, const char *mistyped);

#endif
