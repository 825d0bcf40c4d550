/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/limits.h"
#include "base/slice.h"
#include "server/frame.h"

static void frame__is_read__when_it_is_whole(void **state)
{
	uint8_t bytes[TROTH_FRAME_HEAD + 5 + 3];
	struct troth_frame frame;
	(void)state;
	troth_frame_head(bytes, TROTH_FRAME_STANZA, 5);
	memcpy(bytes + TROTH_FRAME_HEAD, "<a/>\nnew", 8);
	for (size_t cut = 0; cut < TROTH_FRAME_HEAD + 5; cut++)
		assert_err(troth_frame_next(&frame, troth_slice_of(bytes, cut)), TROTH_E_NOT_FOUND);
	for (size_t cut = TROTH_FRAME_HEAD + 5; cut <= sizeof bytes; cut++) {
		assert_ok(troth_frame_next(&frame, troth_slice_of(bytes, cut)));
		assert_int_equal(frame.type, TROTH_FRAME_STANZA);
		assert_true(troth_slice_equal(frame.body, troth_slice_str("<a/>\n")));
		assert_int_equal(frame.size, TROTH_FRAME_HEAD + 5);
	}
}

static void frame__is_refused__when_it_says_to_be_too_long(void **state)
{
	uint8_t bytes[TROTH_FRAME_HEAD];
	struct troth_frame frame;
	(void)state;
	troth_frame_head(bytes, TROTH_FRAME_STANZA, TROTH_LIMIT_FRAME_BYTES);
	assert_err(troth_frame_next(&frame, troth_slice_of(bytes, sizeof bytes)),
		   TROTH_E_NOT_FOUND);
	troth_frame_head(bytes, TROTH_FRAME_STANZA, TROTH_LIMIT_FRAME_BYTES + 1);
	assert_err(troth_frame_next(&frame, troth_slice_of(bytes, sizeof bytes)), TROTH_E_LIMIT);
	memset(bytes, 0xff, sizeof bytes);
	assert_err(troth_frame_next(&frame, troth_slice_of(bytes, sizeof bytes)), TROTH_E_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame__is_read__when_it_is_whole),
		cmocka_unit_test(frame__is_refused__when_it_says_to_be_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
