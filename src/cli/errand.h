/* SPDX-License-Identifier: MIT */
/* A program that is run once, to its end: bytes in, bytes out, no shell. Layer: cli. Blocks. */
#ifndef TROTH_CLI_ERRAND_H
#define TROTH_CLI_ERRAND_H

#include <troth/bytes.h>

struct troth_errand {
	const char *const *argv; /* argv[0] is looked for in PATH; NULL ends */
	struct troth_slice input;
	int *status; /* its exit status; -1: a signal ended it. May be NULL */
};

/* Effect: what it writes is appended to *out; its stderr is ours. It inherits what a bot's program
 * does (program.h). Errors: TROTH_E_NOT_FOUND when there is no such program; TROTH_E_LIMIT when it
 * writes more than fits, and TROTH_E_TIMEOUT after 30 s: it is ended then; TROTH_E_IO,
 * TROTH_E_NOMEM. */
int troth_errand_run(const struct troth_errand *errand, struct troth_buf *out) TROTH_MUST_USE;

#endif
