/* SPDX-License-Identifier: MIT */
/*
 * Lines from the user while other lines appear above the one being edited: libedit on a
 * terminal, plain lines from a pipe or file. Layer: cli.
 */
#ifndef TROTH_CLI_TERMINAL_LINE_EDITOR_H
#define TROTH_CLI_TERMINAL_LINE_EDITOR_H

#include "cli/terminal/output.h"

#include <uv.h>

struct troth_line_editor;

struct troth_line_editor_params {
	uv_loop_t *loop;
	struct troth_output *out;
	const char *prompt; /* the first one */
	/* A line without its end, to be cleaned by nobody: it is the user's own. NULL: the end
	 * of input, the last call. */
	void (*line)(void *user, const char *text);
	void *user;
};

/* Effect: begins to read standard input. Errors: TROTH_E_NOMEM, TROTH_E_IO. */
int troth_line_editor_new(struct troth_line_editor **out,
			  const struct troth_line_editor_params *params) TROTH_MUST_USE;
/* Effect: restores the terminal and ends; freed when the loop has run. NULL is fine. */
void troth_line_editor_free(struct troth_line_editor *e);

/* Effect: the prompt from now on, cleaned; without a terminal there is none. */
void troth_line_editor_prompt(struct troth_line_editor *e, const char *prompt,
			      enum troth_style style);

/* Effect: clears the line being edited so that lines can be written by cli/terminal/output.h, and
 * shows it again below them. Without a terminal nothing. They nest not. */
void troth_line_editor_above(struct troth_line_editor *e);
void troth_line_editor_below(struct troth_line_editor *e);

/* Effect: stops reading, so that a secret can be asked for, and goes on again. */
void troth_line_editor_pause(struct troth_line_editor *e);
void troth_line_editor_resume(struct troth_line_editor *e);

bool troth_line_editor_is_terminal(const struct troth_line_editor *e);

#endif
