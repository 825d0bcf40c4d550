/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the cleaning of remote text: what comes out is UTF-8 of the length that was allowed,
 * without controls, and clean already. The first byte chooses lines and length.
 */
#include "base/text.h"
#include "base/slice.h"
#include "need.h"

#include <troth/err.h>
#include <unistr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	enum troth_text_lines lines =
		data[0] % 2 == 0 ? TROTH_TEXT_ONE_LINE : TROTH_TEXT_MANY_LINES;
	size_t max_chars = (size_t)data[0] / 2 + 1;
	struct troth_buf once;
	struct troth_buf twice;
	troth_buf_init(&once, SIZE_MAX);
	troth_buf_init(&twice, SIZE_MAX);
	need(troth_text_clean(&once, troth_slice_of(data + 1, size - 1), lines, max_chars) ==
	     TROTH_OK);
	struct troth_slice out = troth_buf_slice(&once);
	if (out.len > 0) {
		need(u8_check(out.data, out.len) == NULL);
		need(u8_mbsnlen(out.data, out.len) <= max_chars);
	}
	for (size_t i = 0; i < out.len; i++) {
		bool line_end = out.data[i] == '\n' && lines == TROTH_TEXT_MANY_LINES;
		need((out.data[i] >= 0x20 && out.data[i] != 0x7f) || line_end);
	}
	need(troth_text_clean(&twice, out, lines, max_chars) == TROTH_OK);
	need(troth_slice_equal(troth_buf_slice(&twice), out));
	troth_buf_fini(&once);
	troth_buf_fini(&twice);
	return 0;
}
