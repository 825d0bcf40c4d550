/* SPDX-License-Identifier: MIT */
/* Times as text. Layer: cli. Seconds since 1970. */
#ifndef TROTH_CLI_TERMINAL_WHEN_H
#define TROTH_CLI_TERMINAL_WHEN_H

#include <stdint.h>

#define TROTH_WHEN_LEN 40

/* The clock: seconds since 1970. */
int64_t troth_when_now(void);
/* For programs: "2026-03-01T12:00:00Z". Returns out. */
const char *troth_when_iso(char out[TROTH_WHEN_LEN], int64_t time);
/* For people, in their time zone: "2026-03-01 13:00"; "never" for 0. Returns out. */
const char *troth_when_local(char out[TROTH_WHEN_LEN], int64_t time);
/* How long: "10 minutes", "1 hour", "90 s". Returns out. */
const char *troth_when_span(char out[TROTH_WHEN_LEN], int64_t seconds);

#endif
