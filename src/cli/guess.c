/* SPDX-License-Identifier: MIT */
/* "Did you mean": the word of a table that is nearest to a mistyped one. Layer: cli. */
#include "cli/verb.h"

#include <string.h>

#define LONGEST 32

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;
	return ab < c ? ab : c;
}

/* Insertions, deletions, changes and swaps of neighbours between two words. */
static unsigned distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	unsigned d[LONGEST + 1][LONGEST + 1];
	if (a_len > LONGEST || b_len > LONGEST)
		return LONGEST;
	for (unsigned i = 0; i <= a_len; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b_len; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_len; i++)
		for (size_t j = 1; j <= b_len; j++) {
			unsigned change = a[i - 1] != b[j - 1];
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	return d[a_len][b_len];
}

struct guess {
	const char *mistyped;
	const char *best;
	unsigned distance;
};

static struct guess guess_begin(const char *mistyped)
{
	/* A third of the letters may be wrong, and one in the shortest words. */
	size_t third = strlen(mistyped) / 3;
	unsigned most = third > 0 ? (unsigned)third : 1;
	return (struct guess){mistyped, NULL, most + 1};
}

static void guess_consider(struct guess *guess, const char *word)
{
	unsigned d = distance(guess->mistyped, word);
	if (d < guess->distance) {
		guess->distance = d;
		guess->best = word;
	}
}

const char *troth_verb_guess(const char *mistyped)
{
	struct guess guess = guess_begin(mistyped);
	for (size_t i = 0; troth_verbs[i]; i++)
		guess_consider(&guess, troth_verbs[i]->name);
	return guess.best;
}

const char *troth_word_guess(const char *mistyped, const char *const *words)
{
	struct guess guess = guess_begin(mistyped);
	for (size_t i = 0; words && words[i]; i++)
		guess_consider(&guess, words[i]);
	return guess.best;
}

const char *troth_option_guess(const struct troth_verb *verb, const char *mistyped)
{
	struct guess guess = guess_begin(mistyped);
	for (const struct troth_option *o = verb ? verb->options : NULL; o && o->name; o++)
		guess_consider(&guess, o->name);
	for (const struct troth_option *o = troth_global_options; o->name; o++)
		guess_consider(&guess, o->name);
	return guess.best;
}
