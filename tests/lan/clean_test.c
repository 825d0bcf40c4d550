/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "lan/txt.h"

#define R "\xef\xbf\xbd" /* U+FFFD */

static void assert_cleaned(const char *from, size_t len, const char *to)
{
	struct troth_buf b;
	const char *text;
	troth_buf_init(&b, 256);
	assert_ok(troth_lan_clean(&b, troth_slice_of(from, len), 200));
	assert_ok(troth_buf_cstr(&b, &text));
	assert_string_equal(text, to);
	troth_buf_fini(&b);
}

static void clean__keeps__text_of_any_script(void **state)
{
	(void)state;
	static const char text[] = "Zo\xc3\xab \xd7\x90\xd7\x91 \xe4\xbd\xa0 \xf0\x9f\x98\x80!";
	assert_cleaned(text, sizeof text - 1, text);
}

static void clean__replaces__what_drives_a_terminal_or_forges_a_line(void **state)
{
	(void)state;
	assert_cleaned("a\x1b[31mb", 7, "a" R "[31mb");
	assert_cleaned("a\r\nb\tc\x7f", 7, "a" R R "b" R "c" R);
	assert_cleaned("a\0b", 3, "a" R "b");
	assert_cleaned("a\xc2\x9b"
		       "1mb",
		       6, "a" R "1mb"); /* CSI in one character */
	assert_cleaned("a\xe2\x80\xa8"
		       "b",
		       5, "a" R "b"); /* line separator */
	assert_cleaned("a\xe2\x80\xae"
		       "b",
		       5, "a" R "b"); /* right-to-left override */
	assert_cleaned("a\xe2\x81\xa6"
		       "b",
		       5, "a" R "b"); /* isolate */
	assert_cleaned("a\xe2\x80\x8b"
		       "b",
		       5, "a" R "b");         /* zero width space */
	assert_cleaned("\xef\xbf\xbf", 3, R); /* noncharacter */
}

static void clean__replaces__invalid_utf8(void **state)
{
	(void)state;
	assert_cleaned("a\xff"
		       "b",
		       3, "a" R "b");
	assert_cleaned("\xc0\xaf", 2, R R);             /* overlong */
	assert_cleaned("\xed\xa0\x80", 3, R R R);       /* surrogate */
	assert_cleaned("ab\xe2\x82", 4, "ab" R R);      /* cut off */
	assert_cleaned("\xf4\x90\x80\x80", 4, R R R R); /* beyond Unicode */
}

static void clean__cuts__at_a_character(void **state)
{
	(void)state;
	struct troth_buf b;
	const char *text;
	troth_buf_init(&b, 64);
	assert_ok(troth_buf_append_str(&b, "> "));
	assert_ok(troth_lan_clean(&b,
				  troth_slice_str("ab\xe2\x82\xac"
						  "c"),
				  4));
	assert_ok(troth_buf_cstr(&b, &text));
	assert_string_equal(text, "> ab");
	troth_buf_fini(&b);
	troth_buf_init(&b, 2);
	assert_err(troth_lan_clean(&b, troth_slice_str("abc"), 9), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&b), 0);
	troth_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean__keeps__text_of_any_script),
		cmocka_unit_test(clean__replaces__what_drives_a_terminal_or_forges_a_line),
		cmocka_unit_test(clean__replaces__invalid_utf8),
		cmocka_unit_test(clean__cuts__at_a_character),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
