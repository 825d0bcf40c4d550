/* SPDX-License-Identifier: MIT */
/*
 * A program of the user's that runs beside us: lines to it, lines from it, begun again when it
 * ends. Layer: cli. Runs no shell and knows nothing about what the lines say.
 *
 * It gets three pipes and nothing else of ours: no other descriptor, no environment beyond a list
 * (program_environment.c), a session of its own, so that a signal from the terminal is ours.
 */
#ifndef TROTH_CLI_BOT_PROGRAM_H
#define TROTH_CLI_BOT_PROGRAM_H

#include <stdbool.h>
#include <troth/bytes.h>
#include <uv.h>

/* How a program is begun again, in ms. */
struct troth_program_pace {
	uint64_t first;  /* after its first end; doubled at each further one */
	uint64_t most;   /* up to that */
	uint64_t stable; /* whoever ran that long begins at `first` again */
	uint64_t grace;  /* from SIGTERM to SIGKILL */
};
extern const struct troth_program_pace troth_program_pace;

struct troth_program_params {
	uv_loop_t *loop;
	const char *const *argv; /* argv[0] is looked for in PATH; NULL ends. Borrowed */
	const char *const *pass; /* names of further variables of our environment; NULL: none */
	const struct troth_program_pace *pace; /* borrowed; NULL: troth_program_pace */
	void *user;
	/* It runs, for the first time or again: what it has to know comes first. May be NULL. */
	void (*began)(void *user);
	/* A whole line of its output, without the end. */
	void (*line)(void *user, struct troth_slice line);
	/* A line for whoever watches: what it wrote on stderr, or what became of it. */
	void (*note)(void *user, const char *text);
};

struct troth_program;

/* Effect: runs it. Errors: TROTH_E_NOMEM; TROTH_E_IO when it can't be run at all, with *why a
 * static sentence. Later failures are told and tried again. */
int troth_program_start(struct troth_program **out, const struct troth_program_params *params,
			const char **why) TROTH_MUST_USE;
/* Effect: a line to it, which gets its end here; nothing while it doesn't run. One that doesn't
 * read is ended, and begun again. */
void troth_program_say(struct troth_program *p, struct troth_slice line);
/* Effect: no more lines to it, SIGTERM, and SIGKILL after the grace; frees it when its last handle
 * is closed, from the loop. No callback follows but `note`. NULL is fine. */
void troth_program_end(struct troth_program *p);

/* The pause before it is begun again, in ms, after so many ends in a row (from 1). */
uint64_t troth_program_pause(const struct troth_program_pace *pace, unsigned ends);

/* Effect: its environment: those of the list that are set, every LC_*, and those of `pass`.
 * Freed by troth_program_environment_free. NULL without memory. */
char **troth_program_environment(const char *const *pass);
void troth_program_environment_free(char **environment);
/* Effect: every descriptor of ours but the standard ones is closed in programs that we run from
 * here on: one that was inherited, as that of --passphrase-fd, isn't by itself.
 * Errors: TROTH_E_IO. */
int troth_program_keep_descriptors(void) TROTH_MUST_USE;

#endif
