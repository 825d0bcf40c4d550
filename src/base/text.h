/* SPDX-License-Identifier: MIT */
/*
 * Remote text made safe for a terminal, a log and a reader's eyes. Layer: base.
 * What comes out can't move the cursor, change its own order, hide, or pretend to
 * be several lines. It isn't meant to be compared or sent.
 */
#ifndef TROTH_BASE_TEXT_H
#define TROTH_BASE_TEXT_H

#include <troth/bytes.h>

enum troth_text_lines {
	TROTH_TEXT_ONE_LINE,  /* line ends and tabs become a blank */
	TROTH_TEXT_MANY_LINES /* line ends stay, as LF; tabs become a blank */
};

/* Effect: appends a clean form of text, valid UTF-8 of at most max_chars characters,
 * the last one being an ellipsis when there were more. max_chars is at least 1.
 *   - bytes that aren't UTF-8, C1 controls, private and unassigned characters: U+FFFD
 *   - C0 controls and DEL: their visible pictures, U+2400 and following
 *   - bidirectional controls, zero-width and other format characters: dropped
 *   - every kind of blank: U+0020
 *   - combining marks beyond eight in a row: dropped
 * Errors: TROTH_E_LIMIT, TROTH_E_NOMEM; then nothing was appended. TROTH_E_INVAL. */
int troth_text_clean(struct troth_buf *out, struct troth_slice text, enum troth_text_lines lines,
		     size_t max_chars) TROTH_MUST_USE;

#endif
