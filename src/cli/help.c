/* SPDX-License-Identifier: MIT */
/* Help texts from the tables. Layer: cli. Knows no verb by name. */
#include "cli/help.h"

#include "cli/terminal/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 80 /* of prose, where the terminal doesn't say less */

static void option(struct troth_output *out, const struct troth_option *o, const char *help)
{
	char left[64], letter[8] = "    ";
	if (o->letter)
		snprintf(letter, sizeof letter, "-%c, ", o->letter);
	snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	troth_line(out, TROTH_STYLE_PLAIN, "  %-25s  %s", left, help);
}

static void options(struct troth_output *out, const struct troth_option *table)
{
	for (const struct troth_option *o = table; o && o->name; o++)
		option(out, o, o->help);
}

/* What stands behind "a, b: " where one of these is the name; else NULL. */
static const char *after_names(const char *help, const char *name)
{
	size_t len = strlen(name);
	const char *end = strstr(help, ": ");
	bool found = false;
	while (end && help < end) {
		size_t n = strcspn(help, ",: ");
		found |= n == len && strncmp(help, name, len) == 0;
		help += n;
		if (help < end && strncmp(help, ", ", 2) != 0)
			return NULL; /* a sentence that has a colon */
		help += help < end ? 2 : 0;
	}
	return found ? end + 2 : NULL;
}

/* Those of a subcommand. Returns how many there are; out NULL: only that. */
static size_t word_options(struct troth_output *out, const struct troth_option *table,
			   const char *name)
{
	size_t count = 0;
	for (const struct troth_option *o = table; o && o->name; o++) {
		const char *help = after_names(o->help, name);
		if (!help)
			continue;
		count++;
		if (out)
			option(out, o, help);
	}
	return count;
}

static void examples(struct troth_output *out, const struct troth_example *table)
{
	for (const struct troth_example *e = table; e && e->command; e++) {
		troth_line(out, TROTH_STYLE_BOLD, "  %s", e->command);
		troth_line(out, TROTH_STYLE_PLAIN, "      %s", e->what);
	}
}

/* Effect: the lines of text, one by one. */
static void lines(struct troth_output *out, const char *text)
{
	while (text && *text) {
		size_t len = strcspn(text, "\n");
		troth_line(out, TROTH_STYLE_PLAIN, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* Where a paragraph ends: behind a line that ends a sentence, and before one that is laid out. */
static size_t paragraph_len(const char *text)
{
	size_t len = 0;
	do
		len += strcspn(text + len, "\n") + 1;
	while (text[len - 1] != 0 && text[len] != 0 && text[len] != ' ' && text[len - 2] != '.' &&
	       *text != ' ');
	return len - 1;
}

/* Paragraphs are folded anew: their line ends are those of the source. */
static void paragraphs(struct troth_output *out, const char *text)
{
	size_t columns = troth_fold_columns(out->out);
	if (columns == 0 || columns > COLUMNS)
		columns = COLUMNS;
	while (text && *text) {
		size_t len = paragraph_len(text);
		char *paragraph = strndup(text, len);
		for (char *at = paragraph; at && (at = strchr(at, '\n'));)
			*at = ' ';
		char *folded = paragraph ? troth_fold(paragraph, columns, 0) : NULL;
		if (folded)
			lines(out, folded);
		else
			out->lost = true;
		free(folded);
		free(paragraph);
		text += len + (text[len] == '\n');
	}
}

static void verb_help(struct troth_output *out, const struct troth_verb *verb)
{
	troth_line(out, TROTH_STYLE_PLAIN, "troth %s: %s", verb->name, verb->help);
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	for (size_t i = 0; verb->usage[i]; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "%s troth %s%s%s",
			   i ? "      " : "Usage:", verb->name, *verb->usage[i] ? " " : "",
			   verb->usage[i]);
	if (verb->about) {
		troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
		paragraphs(out, verb->about);
	}
	if (verb->options && verb->options[0].name) {
		troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
		troth_line(out, TROTH_STYLE_BOLD, "Options");
		options(out, verb->options);
	}
}

static void command_help(struct troth_output *out)
{
	troth_line(out, TROTH_STYLE_PLAIN,
		   "troth: streams that only two people can read, each sure of the other");
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	troth_line(out, TROTH_STYLE_PLAIN, "Usage: troth [OPTION...] VERB [ARGUMENT...]");
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	troth_line(out, TROTH_STYLE_BOLD, "Verbs");
	for (size_t i = 0; troth_verbs[i]; i++)
		troth_line(out, TROTH_STYLE_PLAIN, "  %-12s %s", troth_verbs[i]->name,
			   troth_verbs[i]->help);
}

static const struct troth_example first_steps[] = {
	{"troth init", "give this device a key; once"},
	{"troth VERB --help", "what a verb does, with examples"},
	{NULL, NULL},
};

void troth_help(struct troth_output *out, const struct troth_verb *verb)
{
	if (verb)
		verb_help(out, verb);
	else
		command_help(out);
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	troth_line(out, TROTH_STYLE_BOLD, verb ? "Options of every verb" : "Options");
	options(out, troth_global_options);
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	troth_line(out, TROTH_STYLE_BOLD, "Examples");
	examples(out, verb ? verb->examples : first_steps);
	if (verb)
		return;
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	troth_line(out, TROTH_STYLE_PLAIN,
		   "Exit status: 0 done, 1 failed here, 2 usage, 3 network, 4 refused, "
		   "5 looks like an attack.");
}

static void word_help(struct troth_output *out, const struct troth_verb *verb,
		      const struct troth_word *word)
{
	troth_line(out, TROTH_STYLE_PLAIN, "Usage: troth %s %s%s%s", verb->name, word->name,
		   *word->usage ? " " : "", word->usage);
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	paragraphs(out, word->about);
	if (word_options(NULL, verb->options, word->name) > 0) {
		troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
		troth_line(out, TROTH_STYLE_BOLD, "Options");
		(void)word_options(out, verb->options, word->name);
	}
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	troth_line(out, TROTH_STYLE_BOLD, "Examples");
	examples(out, word->examples);
	troth_line(out, TROTH_STYLE_PLAIN, "%s", "");
	troth_line(out, TROTH_STYLE_PLAIN, "`troth %s --help` shows the rest.", verb->name);
}

bool troth_help_word(struct troth_output *out, const struct troth_verb *verb, const char *name)
{
	for (const struct troth_word *w = verb->word_help; name && w && w->name; w++) {
		if (strcmp(w->name, name) != 0)
			continue;
		word_help(out, verb, w);
		return true;
	}
	return false;
}
