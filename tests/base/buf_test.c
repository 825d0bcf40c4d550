/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/buf.h"

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

static void buf__moves__all_of_another(void **state)
{
	(void)state;
	struct troth_buf from;
	struct troth_buf to;
	troth_buf_init(&from, 8);
	troth_buf_init(&to, 8);
	assert_ok(troth_buf_append(&from, "12345", 5));
	troth_buf_consume(&from, 1);
	const uint8_t *data = troth_buf_slice(&from).data;
	assert_ok(troth_buf_move(&to, &from));
	assert_ptr_equal(troth_buf_slice(&to).data, data); /* nothing was copied */
	assert_int_equal(troth_buf_len(&from), 0);
	assert_ok(troth_buf_append(&from, "678", 3));
	assert_ok(troth_buf_move(&to, &from));
	assert_int_equal(troth_buf_len(&from), 0);
	assert_memory_equal(troth_buf_slice(&to).data, "2345678", 7);
	assert_ok(troth_buf_append(&from, "90", 2));
	assert_int_equal(troth_buf_move(&to, &from), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&from), 2);
	assert_int_equal(troth_buf_len(&to), 7);
	troth_buf_fini(&from);
	troth_buf_fini(&to);
}

static void buf__keeps_its_own_maximum__when_it_is_given_content(void **state)
{
	(void)state;
	struct troth_buf from;
	struct troth_buf to;
	troth_buf_init(&from, 64);
	troth_buf_init(&to, 4);
	assert_ok(troth_buf_append(&from, "12345", 5));
	assert_int_equal(troth_buf_move(&to, &from), TROTH_E_LIMIT);
	troth_buf_truncate(&from, 3);
	assert_ok(troth_buf_move(&to, &from));
	assert_int_equal(troth_buf_append(&to, "45", 2), TROTH_E_LIMIT);
	troth_buf_fini(&from);
	troth_buf_fini(&to);
}

static void buf__relaxes__only_when_it_is_empty_and_large(void **state)
{
	(void)state;
	struct troth_buf b;
	uint8_t *room;
	troth_buf_init(&b, 65536);
	assert_ok(troth_buf_reserve(&b, 4096, &room));
	size_t large = b.cap;
	assert_ok(troth_buf_append_byte(&b, 'a'));
	troth_buf_relax(&b, 512);
	assert_int_equal(b.cap, large);
	assert_int_equal(troth_buf_slice(&b).data[0], 'a');
	troth_buf_clear(&b);
	troth_buf_relax(&b, large);
	assert_int_equal(b.cap, large);
	troth_buf_relax(&b, 512);
	assert_int_equal(b.cap, 0);
	assert_ok(troth_buf_append_byte(&b, 'b'));
	troth_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf__refuses__beyond_its_maximum),
		cmocka_unit_test(buf__keeps_content__over_many_consumes),
		cmocka_unit_test(buf__gives_no_string__when_it_holds_nul),
		cmocka_unit_test(buf__accepts_nothing__when_zeroed),
		cmocka_unit_test(buf__moves__all_of_another),
		cmocka_unit_test(buf__keeps_its_own_maximum__when_it_is_given_content),
		cmocka_unit_test(buf__relaxes__only_when_it_is_empty_and_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
