/* SPDX-License-Identifier: MIT */
/* Secrets made of words, and words as people type them. Layer: cli. */
#include "cli/terminal/words.h"

#include "base/slice.h"

#include <sodium.h>
#include <stdlib.h>
#include <troth/err.h>

#define LONGEST_WORD 8

int troth_words_make(struct troth_buf *out, unsigned count)
{
	if (count == 0 || count > TROTH_WORDS_MAX)
		return TROTH_E_INVAL;
	size_t before = troth_buf_len(out);
	int err = TROTH_OK;
	for (unsigned i = 0; i < count && !err; i++) {
		const char *word = troth_words[randombytes_uniform(TROTH_WORDS_COUNT)];
		if (i > 0)
			err = troth_buf_append_byte(out, '-');
		if (!err)
			err = troth_buf_append_str(out, word);
	}
	if (err)
		troth_buf_truncate(out, before);
	return err;
}

static int compare(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool is_separator(uint8_t c)
{
	return c == '-' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Takes the next word of text in lower case; false when it is none of the list. */
static bool next_word(struct troth_slice *text, char word[LONGEST_WORD + 1])
{
	size_t len = 0;
	while (text->len > 0 && !is_separator(text->data[0])) {
		uint8_t c = text->data[0];
		if (len == LONGEST_WORD)
			return false;
		word[len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
		text->data++;
		text->len--;
	}
	word[len] = '\0';
	return bsearch(word, troth_words, TROTH_WORDS_COUNT, sizeof troth_words[0], compare) !=
	       NULL;
}

static void skip_separators(struct troth_slice *text)
{
	while (text->len > 0 && is_separator(text->data[0])) {
		text->data++;
		text->len--;
	}
}

/* Effect: appends the words; *count stays 0 when one isn't of the list. */
static int append_words(struct troth_buf *out, struct troth_slice text, unsigned *count)
{
	char word[LONGEST_WORD + 1];
	unsigned found = 0;
	int err = TROTH_OK;
	skip_separators(&text);
	while (text.len > 0 && !err) {
		if (!next_word(&text, word))
			break;
		if (found++ > 0)
			err = troth_buf_append_byte(out, '-');
		if (!err)
			err = troth_buf_append_str(out, word);
		skip_separators(&text);
		if (text.len == 0)
			*count = found;
	}
	sodium_memzero(word, sizeof word);
	return err;
}

int troth_words_normalise(struct troth_buf *out, struct troth_slice text, unsigned *count)
{
	size_t before = troth_buf_len(out);
	*count = 0;
	int err = append_words(out, text, count);
	if (!err && *count > 0)
		return TROTH_OK;
	troth_buf_truncate(out, before);
	return err ? err : troth_buf_append_slice(out, text);
}

unsigned troth_words_bits(unsigned count)
{
	return count * TROTH_WORDS_BITS;
}
