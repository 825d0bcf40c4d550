/* SPDX-License-Identifier: MIT */
/*
 * What people and programs read. Layer: cli.
 *
 * Every line of text goes through troth_text_clean as a whole: whatever a peer or a
 * store put into it can't move the cursor, change colours, or pretend to be a second
 * line. Colours are added around it, only on a terminal and only if wanted.
 */
#ifndef TROTH_CLI_TERMINAL_OUTPUT_H
#define TROTH_CLI_TERMINAL_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <troth/bytes.h>

struct troth_output {
	FILE *out;       /* results */
	FILE *err;       /* notes and errors */
	bool json;       /* results are JSON, a value a line; text results aren't written */
	bool quiet;      /* no notes */
	bool colour_out; /* each stream by itself: only one of them may be a terminal */
	bool colour_err;
	const char *home; /* that was given, for commands in what is told; NULL: none. Borrowed */
	bool begun;       /* pieces of a line have been written */
	size_t column;    /* where the next one begins */
	bool tty;         /* out is a terminal: it may be redrawn */
	int verbose;
	bool lost; /* something that should have been written wasn't */
};

enum troth_style {
	TROTH_STYLE_PLAIN,
	TROTH_STYLE_BOLD,
	TROTH_STYLE_DIM,
	TROTH_STYLE_GOOD, /* verified, ok */
	TROTH_STYLE_WARN, /* unverified, warn */
	TROTH_STYLE_BAD   /* plain, refused, attack */
};

/* Effect: stdout and stderr; looks whether they are terminals, and at NO_COLOR and TERM. */
void troth_output_init(struct troth_output *out);
void troth_output_no_colour(struct troth_output *out);
/* Effect: flushes. Errors: TROTH_E_IO when anything that was written got lost. */
int troth_output_finish(struct troth_output *out) TROTH_MUST_USE;
/* Whether results can't be written any more: a verb that goes on by itself ends then. */
bool troth_output_broken(const struct troth_output *out);
/* Whether that is because whoever reads them has left, as `head` does: no failure. */
bool troth_output_unread(const struct troth_output *out);

/* Effect: a line of result text, cleaned; nothing in JSON mode. */
void troth_line(struct troth_output *out, enum troth_style style, const char *format, ...)
	TROTH_PRINTF(3, 4);
/* Effect: the same without the line's end: a piece of a line in a style of its own. */
void troth_piece(struct troth_output *out, enum troth_style style, const char *format, ...)
	TROTH_PRINTF(3, 4);
/* Effect: a line on stderr for whoever watches, cleaned; nothing with --quiet. */
void troth_note(struct troth_output *out, const char *format, ...) TROTH_PRINTF(2, 3);
/* Effect: a line on stderr with -v (level 1) or -vv (level 2), cleaned. */
void troth_debug(struct troth_output *out, int level, const char *format, ...) TROTH_PRINTF(3, 4);

/* Effect: writes value as one line of ASCII JSON and frees it; nothing without --json.
 * Flushed at once, so that a program that reads along sees it. NULL: out of memory;
 * troth_output_finish tells. */
void troth_json(struct troth_output *out, json_t *value);
/* Text from anywhere as a JSON string; bytes that aren't UTF-8 are replaced. NULL: JSON null. */
json_t *troth_json_text(const char *text);

/* Effect: text, cleaned to one line of at most max_chars characters; freed with free.
 * Never NULL: "" without memory. For what is put together before it is written. */
char *troth_clean(const char *text, size_t max_chars);

#endif
