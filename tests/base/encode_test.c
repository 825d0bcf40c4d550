/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/slice.h"

static void base64__ignores_white_space__when_reading(void **state)
{
	(void)state;
	struct troth_buf b;
	troth_buf_init(&b, 64);
	assert_ok(troth_base64_decode(&b, " SGVs\n\tbG8= "));
	assert_true(troth_slice_equal(troth_buf_slice(&b), troth_slice_str("Hello")));
	troth_buf_fini(&b);
}

static void base64__appends_nothing__when_malformed(void **state)
{
	(void)state;
	const char *bad[] = {"SGVsbG8", "SGVsbG8*", "SGVsbG8=x", "=", "SGVsbG9="};
	struct troth_buf b;
	troth_buf_init(&b, 64);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_err(troth_base64_decode(&b, bad[i]), TROTH_E_FORMAT);
		assert_int_equal(troth_buf_len(&b), 0);
	}
	troth_buf_fini(&b);
}

static void base64__round_trips__at_every_length(void **state)
{
	(void)state;
	uint8_t bytes[80];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37);
	for (size_t n = 0; n <= sizeof bytes; n++) {
		struct troth_buf text;
		struct troth_buf back;
		const char *s;
		troth_buf_init(&text, 256);
		troth_buf_init(&back, 256);
		assert_ok(troth_base64_encode(&text, troth_slice_of(bytes, n)));
		assert_ok(troth_buf_cstr(&text, &s));
		assert_ok(troth_base64_decode(&back, s));
		assert_true(troth_slice_equal(troth_buf_slice(&back), troth_slice_of(bytes, n)));
		troth_buf_fini(&text);
		troth_buf_fini(&back);
	}
}

static void unhex__refuses__what_is_not_exactly_hex(void **state)
{
	(void)state;
	uint8_t out[2];
	assert_ok(troth_unhex(out, 2, "aB09"));
	assert_int_equal(out[0], 0xab);
	assert_err(troth_unhex(out, 2, "ab0"), TROTH_E_FORMAT);
	assert_err(troth_unhex(out, 2, "ab 9"), TROTH_E_FORMAT);
	assert_err(troth_unhex(out, 2, "ab099"), TROTH_E_FORMAT);
}

/* specs: CPace draft, "prepend_len" vectors: lengths 0, 4, 127 and 128. */
static void lv__prefixes_leb128__at_the_boundaries(void **state)
{
	(void)state;
	uint8_t bytes[128] = {0};
	struct troth_buf b;
	troth_buf_init(&b, 1024);
	assert_ok(troth_lv_append_str(&b, ""));
	assert_ok(troth_lv_append_str(&b, "1234"));
	assert_memory_equal(troth_buf_slice(&b).data,
			    "\x00\x04"
			    "1234",
			    6);
	troth_buf_clear(&b);
	assert_ok(troth_lv_append(&b, troth_slice_of(bytes, 127)));
	assert_int_equal(troth_buf_slice(&b).data[0], 0x7f);
	troth_buf_clear(&b);
	assert_ok(troth_lv_append(&b, troth_slice_of(bytes, 128)));
	assert_memory_equal(troth_buf_slice(&b).data, "\x80\x01", 2);
	assert_int_equal(troth_buf_len(&b), 130);
	troth_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64__ignores_white_space__when_reading),
		cmocka_unit_test(base64__appends_nothing__when_malformed),
		cmocka_unit_test(base64__round_trips__at_every_length),
		cmocka_unit_test(unhex__refuses__what_is_not_exactly_hex),
		cmocka_unit_test(lv__prefixes_leb128__at_the_boundaries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
