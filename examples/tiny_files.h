/* SPDX-License-Identifier: MIT */
/*
 * What tiny keeps between two runs, in the current folder: tiny-key.pem, its own key; tiny-pins,
 * a line for each key that it knows; tiny-guesses, how many wrong secrets were tried. A client
 * has its own places for these. Whatever fails here ends the program.
 */
#ifndef TINY_FILES_H
#define TINY_FILES_H

#include <stdbool.h>
#include <troth/key.h>
#include <troth/stream.h>

/* Effect: ends the program with a sentence unless err is TROTH_OK. */
void must(int err, const char *what);

/* Our key: made at the first run. The caller frees it. */
struct troth_device *own_device(const char *address);

/* The key by which somebody is known; false: a stranger. */
bool find_pin(struct troth_known_key *out, const char *who);
/* Effect: from now on that is who's key. */
void add_pin(const char *who, const struct troth_cert *cert);

/* Effect: counts a guess (1), or takes the last one back because it was right (-1), on disk
 * when it returns. false: there were too many, and it isn't counted. */
bool count_guess(int change);

#endif
