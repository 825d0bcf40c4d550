/* SPDX-License-Identifier: MIT */
/* Lines that end between words. Layer: cli. Cleans nothing: its text has been cleaned. */
#include "cli/terminal/fold.h"

#include "base/slice.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <troth/err.h>
#include <unistr.h>
#include <uniwidth.h>

size_t troth_fold_columns(FILE *file)
{
	struct winsize size;
	if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

static size_t width_of(const char *word, size_t len)
{
	int width = u8_width((const uint8_t *)word, len, "UTF-8");
	return width > 0 ? (size_t)width : 0;
}

static int add_word(struct troth_buf *out, size_t *column, const char *word, size_t len)
{
	*column += width_of(word, len);
	return troth_buf_append(out, word, len);
}

static int new_line(struct troth_buf *out, size_t *column, size_t indent)
{
	int err = troth_buf_append_str(out, "\n");
	for (size_t i = 0; i < indent && err == TROTH_OK; i++)
		err = troth_buf_append_str(out, " ");
	*column = indent;
	return err;
}

static int fold(struct troth_buf *out, const char *text, size_t columns, size_t indent,
		size_t column)
{
	size_t len = strcspn(text, " ");
	int err = add_word(out, &column, text, len);
	for (text += len; *text != 0 && err == TROTH_OK; text += len) {
		text++; /* the space */
		len = strcspn(text, " ");
		if (column + 1 + width_of(text, len) > columns)
			err = new_line(out, &column, indent);
		else
			err = add_word(out, &column, " ", 1);
		if (err == TROTH_OK)
			err = add_word(out, &column, text, len);
	}
	return err;
}

/* Where the value begins in "label   value": behind the last two spaces in a row; 0: nowhere. */
static size_t value_of(const char *text)
{
	const char *value = NULL;
	for (const char *at = text; (at = strstr(at, "  ")) != NULL; value = at)
		at += strspn(at, " ");
	return value != NULL ? (size_t)(value - text) : 0;
}

char *troth_fold(const char *text, size_t columns, size_t indent)
{
	struct troth_buf out TROTH_CLEANUP(troth_buf_fini);
	const char *folded;
	size_t value = value_of(text);
	size_t column = width_of(text, value);
	if (value > 0) /* it goes on below itself, if there is room for it */
		indent = column;
	troth_buf_init(&out, (strlen(text) + 1) * (indent + 2));
	if (columns <= indent || indent > columns / 2 || (text[0] == ' ' && value == 0))
		return strdup(text);
	if (troth_buf_append(&out, text, value) != TROTH_OK ||
	    fold(&out, text + value, columns, indent, column) != TROTH_OK ||
	    troth_buf_cstr(&out, &folded) != TROTH_OK)
		return NULL;
	return strdup(folded);
}

size_t troth_fold_width(const char *text)
{
	return width_of(text, strlen(text));
}

/* A character at a time, and a new line before it where it doesn't fit; before a word that
 * wouldn't end on this one, if the next one has room for it. */
static int hang(struct troth_buf *out, const char *text, size_t columns, size_t indent,
		size_t column)
{
	int err = TROTH_OK;
	while (*text != 0 && err == TROTH_OK) {
		ucs4_t c;
		int len = u8_mbtouc(&c, (const uint8_t *)text, strlen(text));
		size_t word = *text == ' ' ? width_of(text + 1, strcspn(text + 1, " ")) : 0;
		bool later = word > 0 && column + 1 + word > columns && indent + word <= columns;
		if (later || column + width_of(text, (size_t)len) > columns)
			err = new_line(out, &column, indent);
		if (err == TROTH_OK && !later)
			err = add_word(out, &column, text, (size_t)len);
		text += len;
	}
	return err;
}

char *troth_fold_hanging(const char *text, size_t columns, size_t indent, size_t column)
{
	struct troth_buf out TROTH_CLEANUP(troth_buf_fini);
	const char *folded;
	troth_buf_init(&out, (strlen(text) + 1) * (indent + 2));
	if (columns < indent + 2) /* no room for the widest character */
		return strdup(text);
	if (hang(&out, text, columns, indent, column) != TROTH_OK ||
	    troth_buf_cstr(&out, &folded) != TROTH_OK)
		return NULL;
	return strdup(folded);
}
