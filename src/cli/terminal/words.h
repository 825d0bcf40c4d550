/* SPDX-License-Identifier: MIT */
/*
 * Shared secrets that people can say and type: words of the English BIP-39 list, joined
 * by '-'. Layer: cli. Each word, drawn evenly, is worth 11 bits.
 */
#ifndef TROTH_CLI_TERMINAL_WORDS_H
#define TROTH_CLI_TERMINAL_WORDS_H

#include <stdbool.h>
#include <troth/bytes.h>

#define TROTH_WORDS_COUNT 2048
#define TROTH_WORDS_BITS 11
#define TROTH_WORDS_MAX 24

/* The list, sorted; made from data/words-english.txt when building. */
extern const char *const troth_words[TROTH_WORDS_COUNT];

/* Effect: appends count (1 to TROTH_WORDS_MAX) random words joined by '-'. The buffer is the
 * caller's to wipe. Errors: TROTH_E_INVAL, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_words_make(struct troth_buf *out, unsigned count) TROTH_MUST_USE;

/* Effect: appends text as it is meant: when it consists of list words alone, in any case
 * and separated by blanks or '-', they are written in lower case with '-' between them
 * and *count is how many; otherwise text stays as it is and *count is 0. */
int troth_words_normalise(struct troth_buf *out, struct troth_slice text,
			  unsigned *count) TROTH_MUST_USE;

/* What a secret is worth at least, for a budget: 11 bits a word when it consists of list words
 * only and was generated; a typed one is worth nothing certain: 0. */
unsigned troth_words_bits(unsigned count);

#endif
