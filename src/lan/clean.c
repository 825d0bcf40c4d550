/* SPDX-License-Identifier: MIT */
/* Foreign text made fit for showing. Layer: lan. Tables are libunistring's. */
#include "base/slice.h"
#include "lan/txt.h"

#include <troth/err.h>
#include <unictype.h>
#include <unistr.h>

#define REPLACEMENT 0xfffd

/* Controls could drive a terminal, line separators forge a line, format characters turn
 * the direction or hide; noncharacters and surrogates are no text. */
static bool can_show(ucs4_t c)
{
	const uint32_t bad = UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cs |
			     UC_CATEGORY_MASK_Co | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp;
	if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
		return false;
	return !uc_is_general_category_withtable(c, bad);
}

int troth_lan_clean(struct troth_buf *out, struct troth_slice text, size_t max)
{
	size_t before = troth_buf_len(out);
	for (size_t at = 0; at < text.len;) {
		ucs4_t c;
		uint8_t utf8[6];
		int used = u8_mbtoucr(&c, text.data + at, text.len - at);
		if (used <= 0) {
			c = REPLACEMENT;
			used = 1;
		}
		at += (size_t)used;
		int len = u8_uctomb(utf8, can_show(c) ? c : REPLACEMENT, sizeof utf8);
		if (len <= 0 || (size_t)len > max - (troth_buf_len(out) - before))
			return TROTH_OK;
		int err = troth_buf_append(out, utf8, (size_t)len);
		if (err != TROTH_OK) {
			troth_buf_truncate(out, before);
			return err;
		}
	}
	return TROTH_OK;
}
