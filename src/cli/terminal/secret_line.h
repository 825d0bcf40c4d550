/* SPDX-License-Identifier: MIT */
/*
 * A secret typed on the terminal while the loop goes on: streams must be served meanwhile,
 * and the question may become void. Layer: cli. cli/terminal/prompt.h asks before there is a loop.
 */
#ifndef TROTH_CLI_TERMINAL_SECRET_LINE_H
#define TROTH_CLI_TERMINAL_SECRET_LINE_H

#include <stdbool.h>
#include <termios.h>
#include <troth/secret.h>
#include <uv.h>

/* Members are private; zeroed is fine. */
struct troth_secret_line {
	int fd;
	bool open; /* a question is shown */
	struct termios before;
	uv_poll_t poll;
	size_t len;
	char *text; /* guarded */
	void (*done)(void *user, struct troth_secret *secret, const char *problem);
	void *user;
};

/* Effect: writes the question to the terminal and turns its echo off. `done` follows once: a
 * secret that is the callee's; or NULL, with a sentence when what was typed can't be a
 * secret. Errors: TROTH_E_UNSUPPORTED without a terminal, TROTH_E_BUSY, TROTH_E_IO, TROTH_E_NOMEM.
 */
int troth_secret_line_ask(struct troth_secret_line *line, uv_loop_t *loop,
			  const char *question) TROTH_MUST_USE;
/* Effect: takes the question back, without `done`. Nothing when none is open. */
void troth_secret_line_cancel(struct troth_secret_line *line);

/* Effect: what was typed or generated, as the library takes it: words and codes normalised.
 * Errors: TROTH_E_FORMAT, also for a device code that is mistyped; those of troth_secret_new. */
int troth_secret_line_prepare(struct troth_secret **out, const char *text) TROTH_MUST_USE;
/* Why not, for people. Static. */
const char *troth_secret_line_problem(const char *text, int err);

#endif
