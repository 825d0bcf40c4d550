/* SPDX-License-Identifier: MIT */
/* Cleaning of remote text. Layer: base. Must not depend on the locale. */
#include "base/text.h"

#include <stdbool.h>
#include <troth/err.h>
#include <unictype.h>
#include <unistr.h>

#define REPLACEMENT 0xfffd
#define ELLIPSIS 0x2026
#define DROPPED 0 /* NUL itself has a picture, so no character is lost by this */
#define PICTURE_NUL 0x2400
#define PICTURE_DEL 0x2421
#define MARKS_IN_A_ROW 8

struct cleaner {
	struct troth_buf *out;
	enum troth_text_lines lines;
	size_t max_chars;
	size_t chars;
	size_t ellipsis_at; /* length of out before the character max_chars */
	size_t marks;
	bool full;
};

static bool is_mark(ucs4_t c)
{
	return uc_is_general_category(c, UC_CATEGORY_M);
}

/* The variation selectors that choose between text and picture; what else has no
 * look of its own goes. */
static bool is_presentation(ucs4_t c)
{
	return c == 0xfe0e || c == 0xfe0f;
}

static ucs4_t control(ucs4_t c, enum troth_text_lines lines)
{
	if (c == '\n')
		return lines == TROTH_TEXT_MANY_LINES ? '\n' : ' ';
	if (c == '\t')
		return ' ';
	if (c < 0x20)
		return PICTURE_NUL + c;
	return c == 0x7f ? PICTURE_DEL : REPLACEMENT;
}

/* What is shown for c, or DROPPED. */
static ucs4_t clean(ucs4_t c, enum troth_text_lines lines)
{
	if (uc_is_general_category(c, UC_CATEGORY_Cc))
		return control(c, lines);
	if (c == REPLACEMENT || is_presentation(c))
		return c;
	if (uc_is_general_category(c, UC_CATEGORY_Cf) || uc_is_property_bidi_control(c) ||
	    uc_is_property_default_ignorable_code_point(c))
		return DROPPED;
	if (uc_is_general_category(c, UC_CATEGORY_Zl) || uc_is_general_category(c, UC_CATEGORY_Zp))
		return lines == TROTH_TEXT_MANY_LINES ? '\n' : ' ';
	/* U+2800 is a braille pattern without a dot: a blank that isn't called one. */
	if (uc_is_general_category(c, UC_CATEGORY_Zs) || c == 0x2800)
		return ' ';
	if (uc_is_general_category(c, UC_CATEGORY_Co) ||
	    uc_is_general_category(c, UC_CATEGORY_Cn) || uc_is_general_category(c, UC_CATEGORY_Cs))
		return REPLACEMENT;
	return c;
}

static int put(struct cleaner *t, ucs4_t c)
{
	uint8_t utf8[6];
	int len = u8_uctomb(utf8, c, sizeof utf8);
	return len < 0 ? TROTH_E_INVAL : troth_buf_append(t->out, utf8, (size_t)len);
}

static int add(struct cleaner *t, ucs4_t c)
{
	t->marks = is_mark(c) ? t->marks + 1 : 0;
	if (t->marks > MARKS_IN_A_ROW)
		return TROTH_OK;
	if (t->chars == t->max_chars) {
		troth_buf_truncate(t->out, t->ellipsis_at);
		t->full = true;
		return put(t, ELLIPSIS);
	}
	t->ellipsis_at = troth_buf_len(t->out);
	t->chars++;
	return put(t, c);
}

int troth_text_clean(struct troth_buf *out, struct troth_slice text, enum troth_text_lines lines,
		     size_t max_chars)
{
	struct cleaner t = {.out = out, .lines = lines, .max_chars = max_chars};
	size_t before = troth_buf_len(out);
	int err = max_chars == 0 ? TROTH_E_INVAL : TROTH_OK;
	for (size_t i = 0; i < text.len && err == TROTH_OK && !t.full;) {
		ucs4_t c;
		/* Gives U+FFFD for what is malformed, and how many bytes that was. */
		int len = u8_mbtouc(&c, text.data + i, text.len - i);
		i += (size_t)len;
		if (c == '\r' && i < text.len && text.data[i] == '\n')
			continue;
		c = clean(c, lines);
		if (c != DROPPED)
			err = add(&t, c);
	}
	if (err != TROTH_OK)
		troth_buf_truncate(out, before);
	return err;
}
