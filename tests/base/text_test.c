/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "base/text.h"

static void expect_limited(struct troth_slice text, enum troth_text_lines lines, size_t max,
			   const char *expected)
{
	struct troth_buf out;
	const char *seen;
	troth_buf_init(&out, 4096);
	assert_ok(troth_text_clean(&out, text, lines, max));
	assert_ok(troth_buf_cstr(&out, &seen));
	assert_string_equal(seen, expected);
	troth_buf_fini(&out);
}

#define S(literal) troth_slice_of(literal, sizeof literal - 1)
#define FFFD "\xef\xbf\xbd"

static void expect(struct troth_slice text, const char *expected)
{
	expect_limited(text, TROTH_TEXT_ONE_LINE, 1000, expected);
}

static void text__keeps__what_people_write(void **state)
{
	(void)state;
	expect(S("Hello, \xc3\xa4\xe2\x82\xac!"), "Hello, \xc3\xa4\xe2\x82\xac!");
	expect(S("\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"), "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d");
	expect(S("\xe2\x9d\xa4\xef\xb8\x8f \xf0\x9f\x98\x80"),
	       "\xe2\x9d\xa4\xef\xb8\x8f \xf0\x9f\x98\x80");
	expect(S("e\xcc\x81"), "e\xcc\x81");
	expect(S(FFFD), FFFD);
	expect(S(""), "");
}

static void text__shows__controls_instead_of_sending_them(void **state)
{
	(void)state;
	expect(S("\x1b[31mred\x1b]0;title\x07"),
	       "\xe2\x90\x9b[31mred\xe2\x90\x9b]0;title\xe2\x90\x87");
	expect(S("a\0b"), "a\xe2\x90\x80"
			  "b");
	expect(S("a\b\x7f"), "a\xe2\x90\x88\xe2\x90\xa1");
	expect(S("a\xc2\x9b"
		 "31m"),
	       "a" FFFD "31m"); /* CSI in one character */
	expect(S("a\xc2\x85z"), "a" FFFD "z");
}

static void text__replaces__bytes_that_are_not_utf8(void **state)
{
	(void)state;
	struct {
		struct troth_slice text;
	} bad[] = {{S("\xff")},         {S("\x9b")},         {S("\xc0\xaf")},
		   {S("\xe0\x80\xaf")}, {S("\xed\xa0\x80")}, {S("\xf4\x90\x80\x80")},
		   {S("\xc3")},         {S("\xf0\x9f\x98")}, {S("\xf8\x88\x80\x80\x80")}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct troth_buf out;
		const char *seen;
		troth_buf_init(&out, 100);
		assert_ok(troth_text_clean(&out, bad[i].text, TROTH_TEXT_ONE_LINE, 100));
		assert_ok(troth_buf_cstr(&out, &seen));
		assert_int_equal(strlen(seen) % 3, 0);
		assert_in_range(strlen(seen), 3, 15);
		for (size_t at = 0; seen[at] != 0; at += 3)
			assert_memory_equal(seen + at, FFFD, 3);
		troth_buf_fini(&out);
	}
	expect(S("\xc3(x"), FFFD "(x");
}

static void text__drops__what_hides_or_reorders(void **state)
{
	(void)state;
	expect(S("a\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad\xe2\x80\xae"
		 "b"),
	       "ab"); /* 202A-E */
	expect(S("a\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9"
		 "b"),
	       "ab"); /* 2066-9 */
	expect(S("a\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c"
		 "b"),
	       "ab"); /* 200E, 200F, 061C */
	expect(S("a\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf"
		 "b"),
	       "ab");
	expect(S("a\xc2\xad\xcd\x8f\xe1\x85\x9f\xe3\x85\xa4"
		 "b"),
	       "ab"); /* 00AD 034F 115F 3164 */
	expect(S("a\xef\xbf\xb9"
		 "b\xef\xbf\xba"
		 "c\xef\xbf\xbb"),
	       "abc"); /* interlinear */
	expect(S("a\xf3\xa0\x81\xa1\xf3\xa0\x84\x80"
		 "b"),
	       "ab");                                                      /* tags, variation 17 */
	expect(S("\xee\x80\x80\xf4\x8f\xbf\xbd\xcd\xb8"), FFFD FFFD FFFD); /* private, unassigned */
}

static void text__treats__lines_by_mode(void **state)
{
	(void)state;
	const struct troth_slice text = S("a\nb\r\nc\td\re\xe2\x80\xa8"
					  "f\xe2\x80\xa9g\xc2\xa0h\xe3\x80\x80i\xe2\xa0\x80");
	expect(text, "a b c d\xe2\x90\x8d"
		     "e f g h i ");
	expect_limited(text, TROTH_TEXT_MANY_LINES, 1000,
		       "a\nb\nc d\xe2\x90\x8d"
		       "e\nf\ng h i ");
}

static void text__limits__combining_marks(void **state)
{
	(void)state;
	char text[201] = "a";
	for (size_t i = 1; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xcc\x81", 2);
	char expected[18] = "a";
	for (size_t i = 1; i < 17; i += 2)
		memcpy(expected + i, "\xcc\x81", 2);
	expect(troth_slice_str(text), expected);
}

static void text__shortens__by_characters(void **state)
{
	(void)state;
	expect_limited(S("\xc3\xa4\xc3\xb6\xc3\xbc"), TROTH_TEXT_ONE_LINE, 3,
		       "\xc3\xa4\xc3\xb6\xc3\xbc");
	expect_limited(S("\xc3\xa4\xc3\xb6\xc3\xbc!"), TROTH_TEXT_ONE_LINE, 3,
		       "\xc3\xa4\xc3\xb6\xe2\x80\xa6");
	expect_limited(S("ab"), TROTH_TEXT_ONE_LINE, 1, "\xe2\x80\xa6");
	expect_limited(S("a\xe2\x80\x8b\xe2\x80\x8b"), TROTH_TEXT_ONE_LINE, 1, "a");
	expect_limited(S(""), TROTH_TEXT_ONE_LINE, 1, "");
}

static void text__leaves_the_buffer__on_errors(void **state)
{
	(void)state;
	struct troth_buf out;
	troth_buf_init(&out, 5);
	assert_ok(troth_buf_append_str(&out, "old"));
	assert_err(troth_text_clean(&out, S("new"), TROTH_TEXT_ONE_LINE, 10), TROTH_E_LIMIT);
	assert_err(troth_text_clean(&out, S("n"), TROTH_TEXT_ONE_LINE, 0), TROTH_E_INVAL);
	assert_true(troth_slice_equal(troth_buf_slice(&out), S("old")));
	troth_buf_fini(&out);
}

/* Whatever goes in, no control or format character comes out. */
static void text__is_safe__for_all_byte_pairs(void **state)
{
	(void)state;
	struct troth_buf out;
	troth_buf_init(&out, 100);
	for (unsigned pair = 0; pair < 65536; pair++) {
		uint8_t bytes[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};
		assert_ok(troth_text_clean(&out, troth_slice_of(bytes, 2), TROTH_TEXT_ONE_LINE, 9));
		struct troth_slice s = troth_buf_slice(&out);
		for (size_t i = 0; i < s.len; i++) {
			assert_true(s.data[i] >= 0x20 && s.data[i] != 0x7f);
			assert_false(s.data[i] == 0xc2 && s.data[i + 1] < 0xa1);
		}
		troth_buf_clear(&out);
	}
	troth_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text__keeps__what_people_write),
		cmocka_unit_test(text__shows__controls_instead_of_sending_them),
		cmocka_unit_test(text__replaces__bytes_that_are_not_utf8),
		cmocka_unit_test(text__drops__what_hides_or_reorders),
		cmocka_unit_test(text__treats__lines_by_mode),
		cmocka_unit_test(text__limits__combining_marks),
		cmocka_unit_test(text__shortens__by_characters),
		cmocka_unit_test(text__leaves_the_buffer__on_errors),
		cmocka_unit_test(text__is_safe__for_all_byte_pairs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
