/* SPDX-License-Identifier: MIT */
/* Pins as people read them aloud, and as they paste them. Layer: cli. */
#ifndef TROTH_CLI_TERMINAL_FINGERPRINT_H
#define TROTH_CLI_TERMINAL_FINGERPRINT_H

#include <stdbool.h>
#include <troth/key.h>

#define TROTH_FINGERPRINT_LEN (2 * TROTH_PIN_LEN + TROTH_PIN_LEN / 2)

/* Groups of four hex digits with a blank between them. Returns out. */
const char *troth_fingerprint(char out[TROTH_FINGERPRINT_LEN], const struct troth_pin *pin);
/* 64 hex digits together, for programs. Returns out. */
const char *troth_fingerprint_hex(char out[TROTH_FINGERPRINT_LEN], const struct troth_pin *pin);
/* Effect: reads 64 hex digits in either case, with blanks, ':' or '-' anywhere between
 * them. false, and *out untouched, when text is anything else. */
bool troth_fingerprint_read(const char *text, struct troth_pin *out);

#endif
