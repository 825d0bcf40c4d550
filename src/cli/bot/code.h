/* SPDX-License-Identifier: MIT */
/*
 * Device codes: a device's secret as it stands on its label, with check characters. Layer: cli.
 *
 * Bech32m (BIP-350) of "troth" and 90 random bits: "troth1", 18 characters, 6 check characters.
 * Its alphabet has no b, i and o, its code finds up to four wrong characters wherever they are, and
 * a QR code of it is small. A mistyped one is noticed before it costs a guess.
 */
#ifndef TROTH_CLI_BOT_CODE_H
#define TROTH_CLI_BOT_CODE_H

#include <stdbool.h>
#include <troth/bytes.h>

#define TROTH_CODE_BITS 90
#define TROTH_CODE_LEN 30     /* "troth1" + 18 + 6 */
#define TROTH_CODE_GROUPED 37 /* the same in groups of four, with its end */

/* Effect: a new one, with its end. The caller wipes it. */
void troth_code_make(char out[TROTH_CODE_LEN + 1]);
/* Effect: "troth1 abcd efgh ...", for reading and typing. The caller wipes it. */
void troth_code_group(char out[TROTH_CODE_GROUPED], const char code[TROTH_CODE_LEN + 1]);

/* Whether somebody who typed this meant a code: it begins as one. */
bool troth_code_is_meant(struct troth_slice text);
/* Effect: what was typed, in any case and with blanks and '-' anywhere, as it was made.
 * Errors: TROTH_E_FORMAT when a character is wrong, missing or too many. */
int troth_code_read(char out[TROTH_CODE_LEN + 1], struct troth_slice text) TROTH_MUST_USE;

/* Whether this is Bech32m: BIP-350, for any human-readable part. */
bool troth_code_is_bech32m(struct troth_slice text);

#endif
