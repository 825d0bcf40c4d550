/* SPDX-License-Identifier: MIT */
/* Text made fit for XML. Layer: xml. */
#include "base/slice.h"
#include "xml/writer.h"

#include <string.h>
#include <troth/err.h>
#include <unistr.h>

#define BLOCK ((size_t)16)

/* As many bytes as a register holds: gcc and clang compare all of them at once. */
typedef uint8_t block __attribute__((vector_size(16)));

/* Whether all of a block is ASCII that stands for itself, in content and in values. */
static bool is_plain_block(const uint8_t *at)
{
	block c;
	uint64_t half[2];
	memcpy(&c, at, sizeof c);
	block other = (block)((c < 0x20) | (c >= 0x80) | (c == '&') | (c == '<') | (c == '>') |
			      (c == '\'') | (c == '"'));
	memcpy(half, &other, sizeof half);
	return (half[0] | half[1]) == 0;
}

/* The end of the plain blocks that begin at `at`. */
static size_t skip_plain(struct troth_slice s, size_t at)
{
	while (s.len - at >= BLOCK && is_plain_block(s.data + at))
		at += BLOCK;
	return at;
}

/* XML 1.0 2.2: Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]
 * *utf8 says that everything from here on was found to be UTF-8; until then it was ASCII. */
static bool is_xml_byte(struct troth_slice s, size_t at, bool *utf8)
{
	uint8_t c = s.data[at];
	if (c < 0x80)
		return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
	if (!*utf8 && u8_check(s.data + at, s.len - at) != NULL)
		return false;
	*utf8 = true;
	/* U+FFFE and U+FFFF; that three bytes are there was checked above. */
	return c != 0xef || s.data[at + 1] != 0xbf || s.data[at + 2] < 0xbe;
}

/* What stands for a character, or NULL for itself. A CR in content and any white
 * space but a blank in a value would be changed by the parser (XML 1.0 2.11, 3.3.3). */
static const char *reference(uint8_t c, bool value)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\'':
		return value ? "&apos;" : NULL;
	case '"':
		return value ? "&quot;" : NULL;
	case '\r':
		return "&#13;";
	case '\n':
		return value ? "&#10;" : NULL;
	case '\t':
		return value ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

/* A text on its way. */
struct escaping {
	struct troth_buf *out;
	struct troth_slice text;
	size_t plain; /* where the run of characters that stand for themselves began */
	bool value;
	bool utf8;
};

static int put_run(struct escaping *e, size_t end)
{
	int err = troth_buf_append(e->out, e->text.data + e->plain, end - e->plain);
	e->plain = end;
	return err;
}

static int escape_byte(struct escaping *e, size_t at)
{
	const char *ref = reference(e->text.data[at], e->value);
	if (ref == NULL)
		return is_xml_byte(e->text, at, &e->utf8) ? TROTH_OK : TROTH_E_XML;
	int err = put_run(e, at);
	if (err == TROTH_OK)
		err = troth_buf_append_str(e->out, ref);
	e->plain = at + 1;
	return err;
}

static int escape(struct troth_buf *out, const char *text, bool value)
{
	struct escaping e = {.out = out, .text = troth_slice_str(text), .value = value};
	size_t len = e.text.len;
	size_t before = troth_buf_len(out);
	uint8_t *room;
	int err = troth_buf_reserve(out, len, &room); /* at once, not by doubling */
	for (size_t i = 0; i < len && err == TROTH_OK;) {
		i = skip_plain(e.text, i);
		for (size_t end = len - i < BLOCK ? len : i + BLOCK; i < end && err == TROTH_OK;
		     i++)
			err = escape_byte(&e, i);
	}
	if (err == TROTH_OK)
		err = put_run(&e, len);
	if (err != TROTH_OK)
		troth_buf_truncate(out, before);
	return err;
}

int troth_escape_text(struct troth_buf *out, const char *text)
{
	return escape(out, text, false);
}

int troth_escape_value(struct troth_buf *out, const char *text)
{
	return escape(out, text, true);
}
