/* SPDX-License-Identifier: MIT */
/* Text made fit for XML. Layer: xml. */
#include "base/slice.h"
#include "xml/writer.h"

#include <troth/err.h>
#include <unistr.h>

/* XML 1.0 2.2: Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF] */
static bool is_xml_text(struct troth_slice s)
{
	if (u8_check(s.data, s.len) != NULL)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.data[i];
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			return false;
		/* U+FFFE and U+FFFF; that three bytes are there was checked above. */
		if (c == 0xef && s.data[i + 1] == 0xbf && s.data[i + 2] >= 0xbe)
			return false;
	}
	return true;
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

static int escape(struct troth_buf *out, const char *text, bool value)
{
	struct troth_slice s = troth_slice_str(text);
	size_t before = troth_buf_len(out);
	size_t plain = 0; /* where the run of characters that stand for themselves began */
	int err = is_xml_text(s) ? TROTH_OK : TROTH_E_XML;
	for (size_t i = 0; i < s.len && err == TROTH_OK; i++) {
		const char *ref = reference(s.data[i], value);
		if (ref == NULL)
			continue;
		err = troth_buf_append(out, s.data + plain, i - plain);
		if (err == TROTH_OK)
			err = troth_buf_append_str(out, ref);
		plain = i + 1;
	}
	if (err == TROTH_OK)
		err = troth_buf_append(out, s.data + plain, s.len - plain);
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
