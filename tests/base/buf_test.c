/* SPDX-License-Identifier: MIT */
#include "../test.h"

static void buf__refuses__beyond_its_maximum(void **state)
{
	(void)state;
	struct troth_buf b;
	troth_buf_init(&b, 8);
	assert_ok(troth_buf_append(&b, "12345", 5));
	assert_int_equal(troth_buf_append(&b, "6789", 4), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&b), 5);
	assert_ok(troth_buf_append(&b, "678", 3));
	troth_buf_consume(&b, 4);
	assert_ok(troth_buf_append(&b, "9abc", 4));
	assert_memory_equal(troth_buf_slice(&b).data, "56789abc", 8);
	troth_buf_fini(&b);
}

static void buf__keeps_content__over_many_consumes(void **state)
{
	(void)state;
	struct troth_buf b;
	troth_buf_init(&b, 1 << 20);
	uint8_t in = 0;
	uint8_t out = 0;
	for (int round = 0; round < 2000; round++) {
		for (int i = 0; i < 37; i++)
			assert_ok(troth_buf_append_byte(&b, in++));
		for (int i = 0; i < 31; i++) {
			assert_int_equal(troth_buf_slice(&b).data[0], out++);
			troth_buf_consume(&b, 1);
		}
	}
	assert_int_equal(troth_buf_len(&b), 2000 * 6);
	troth_buf_fini(&b);
}

static void buf__gives_no_string__when_it_holds_nul(void **state)
{
	(void)state;
	struct troth_buf b;
	const char *text;
	troth_buf_init(&b, 64);
	assert_ok(troth_buf_cstr(&b, &text));
	assert_string_equal(text, "");
	assert_ok(troth_buf_append(&b, "a\0b", 3));
	assert_int_equal(troth_buf_cstr(&b, &text), TROTH_E_INVAL);
	troth_buf_truncate(&b, 1);
	assert_ok(troth_buf_cstr(&b, &text));
	assert_string_equal(text, "a");
	troth_buf_fini(&b);
}

static void buf__accepts_nothing__when_zeroed(void **state)
{
	(void)state;
	struct troth_buf b = {0};
	assert_int_equal(troth_buf_append(&b, "a", 1), TROTH_E_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf__refuses__beyond_its_maximum),
		cmocka_unit_test(buf__keeps_content__over_many_consumes),
		cmocka_unit_test(buf__gives_no_string__when_it_holds_nul),
		cmocka_unit_test(buf__accepts_nothing__when_zeroed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
