/* SPDX-License-Identifier: MIT */
/* Prose that fits a terminal. Layer: cli. */
#ifndef TROTH_CLI_TERMINAL_FOLD_H
#define TROTH_CLI_TERMINAL_FOLD_H

#include <stddef.h>
#include <stdio.h>

/* The columns of the terminal behind a stream; 0: none, or one that doesn't say. */
size_t troth_fold_columns(FILE *file);

/* Effect: UTF-8 text with newlines in the place of spaces, so that no line is wider than
 * `columns` unless a single word is; further lines begin with `indent` spaces. Of text that
 * is laid out already (it begins with a space, or has two in a row) only the last column is folded,
 * below itself, and only where that begins in the left half; all stays as it is with 0 columns.
 * Freed with free; NULL: no memory. */
char *troth_fold(const char *text, size_t columns, size_t indent);

/* The columns that UTF-8 text without newlines takes. */
size_t troth_fold_width(const char *text);

/* Effect: text whose first line goes on at `column`, as troth_fold, but words that are too long
 * are broken and all spaces stay. Further lines begin with `indent` spaces: the terminal never
 * breaks one, so that nothing in the text can look like the beginning of a line. */
char *troth_fold_hanging(const char *text, size_t columns, size_t indent, size_t column);

#endif
