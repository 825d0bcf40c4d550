/* SPDX-License-Identifier: MIT */
/* A program that is run once, to its end: bytes in, bytes out, no shell. Layer: cli. Blocks. */
#ifndef TROTH_CLI_ERRAND_H
#define TROTH_CLI_ERRAND_H

#include <limits.h>
#include <troth/bytes.h>

struct troth_errand {
	const char *const *argv; /* argv[0] is looked for in PATH; NULL ends */
	struct troth_slice input;
	int *status;             /* its exit status; -1: a signal ended it. May be NULL */
	const char *const *pass; /* further variables of our environment (program.h). May be NULL */
	int patience_s;          /* 0: 30 */
};

/* Effect: what it writes is appended to *out; its stderr is ours. It inherits what a bot's program
 * does (program.h). Errors: TROTH_E_NOT_FOUND when there is no such program; TROTH_E_LIMIT when it
 * writes more than fits, and TROTH_E_TIMEOUT when it takes longer: it is ended then; TROTH_E_IO,
 * TROTH_E_NOMEM. */
int troth_errand_run(const struct troth_errand *errand, struct troth_buf *out) TROTH_MUST_USE;

/* Effect: the path of one of our own programs: beside this one, as when it is built; else where it
 * is installed, whether or not it is there. */
void troth_errand_find(const char *program, char out[PATH_MAX]);

#endif
