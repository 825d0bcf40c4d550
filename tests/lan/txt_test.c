/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "lan/txt.h"

#include <sodium.h>

static struct troth_slice bytes(const char *text, size_t len)
{
	return troth_slice_of(text, len);
}

static void assert_value(const struct troth_txt *txt, const char *key, const char *value)
{
	struct troth_slice v;
	assert_true(troth_txt_get(txt, key, &v));
	assert_true(troth_slice_equal(v, troth_slice_str(value)));
}

static void read__gives_values__whatever_the_case_of_keys(void **state)
{
	(void)state;
	struct troth_txt *txt;
	struct troth_slice v;
	static const char rdata[] = "\x09txtvers=1\x08NICK=Jul\x05msg=a\x04open";
	assert_ok(troth_txt_read(&txt, bytes(rdata, sizeof rdata - 1)));
	assert_value(txt, "txtvers", "1");
	assert_value(txt, "nick", "Jul");
	assert_value(txt, "Msg", "a");
	assert_false(troth_txt_get(txt, "open", &v)); /* a key without value */
	assert_false(troth_txt_get(txt, "jid", &v));
	troth_txt_free(txt);
}

/* RFC 6763 6.4: "the client MUST silently ignore all but the first occurrence". */
static void read__takes_the_first__of_duplicates(void **state)
{
	(void)state;
	struct troth_txt *txt;
	struct troth_slice v;
	static const char rdata[] = "\x03k=1\x03K=2\x04name\x06name=3";
	assert_ok(troth_txt_read(&txt, bytes(rdata, sizeof rdata - 1)));
	assert_value(txt, "k", "1");
	assert_false(troth_txt_get(txt, "name", &v));
	troth_txt_free(txt);
}

static void read__ignores__strings_without_a_proper_key(void **state)
{
	(void)state;
	struct troth_txt *txt;
	struct troth_slice key;
	struct troth_slice value;
	static const char rdata[] = "\x02=1\x00\x04\x01k=2\x05\xc3\xa9k=3\x01=\x03k=4";
	assert_ok(troth_txt_read(&txt, bytes(rdata, sizeof rdata - 1)));
	assert_true(troth_txt_pair(txt, 0, &key, &value));
	assert_true(troth_slice_equal(key, troth_slice_str("k")));
	assert_true(troth_slice_equal(value, troth_slice_str("4")));
	assert_false(troth_txt_pair(txt, 1, &key, &value));
	troth_txt_free(txt);
}

static void read__keeps_binary_values__whole(void **state)
{
	(void)state;
	struct troth_txt *txt;
	struct troth_slice v;
	static const char rdata[] = "\x07k=\x00\xff=\n\x80";
	assert_ok(troth_txt_read(&txt, bytes(rdata, sizeof rdata - 1)));
	assert_true(troth_txt_get(txt, "k", &v));
	assert_true(troth_slice_equal(v, bytes("\x00\xff=\n\x80", 5)));
	troth_txt_free(txt);
}

/* XEP-0174 3.1: "its value MAY be a single zero byte". */
static void read__accepts__an_empty_record(void **state)
{
	(void)state;
	struct troth_txt *txt;
	struct troth_slice v;
	assert_ok(troth_txt_read(&txt, bytes("\0", 1)));
	assert_false(troth_txt_get(txt, "nick", &v));
	troth_txt_free(txt);
	assert_ok(troth_txt_read(&txt, bytes("", 0)));
	troth_txt_free(txt);
	assert_false(troth_txt_get(NULL, "nick", &v));
}

static void read__refuses__a_length_beyond_the_end(void **state)
{
	(void)state;
	struct troth_txt *txt;
	static const char rdata[] = "\x03k=1\x05zz=22";
	assert_ok(troth_txt_read(&txt, bytes(rdata, sizeof rdata - 1)));
	troth_txt_free(txt);
	for (size_t cut = 1; cut < sizeof rdata - 1; cut++) {
		int err = troth_txt_read(&txt, bytes(rdata, cut));
		if (cut == 4) /* between two strings */
			troth_txt_free(txt);
		assert_err(err, cut == 4 ? TROTH_OK : TROTH_E_FORMAT);
	}
}

static void read__has_limits__on_bytes_and_pairs(void **state)
{
	(void)state;
	struct troth_txt *txt;
	struct troth_slice key;
	struct troth_slice value;
	static uint8_t big[TROTH_TXT_READ_MAX + 1];
	assert_err(troth_txt_read(&txt, troth_slice_of(big, sizeof big)), TROTH_E_LIMIT);
	for (size_t i = 0; i < 200; i++) {
		big[4 * i] = 3;
		big[4 * i + 1] = (uint8_t)('A' + i % 26); /* case counts as the same key */
		big[4 * i + 2] = (uint8_t)('0' + i / 26);
		big[4 * i + 3] = '=';
	}
	assert_ok(troth_txt_read(&txt, troth_slice_of(big, 800)));
	assert_true(troth_txt_pair(txt, TROTH_TXT_PAIRS_MAX - 1, &key, &value));
	assert_false(troth_txt_pair(txt, TROTH_TXT_PAIRS_MAX, &key, &value));
	troth_txt_free(txt);
}

static void read__survives__noise(void **state)
{
	(void)state;
	uint8_t seed[randombytes_SEEDBYTES] = {7};
	uint8_t noise[300];
	for (int round = 0; round < 3000; round++) {
		struct troth_txt *txt;
		struct troth_slice v;
		seed[1] = (uint8_t)round;
		seed[2] = (uint8_t)(round >> 8);
		randombytes_buf_deterministic(noise, sizeof noise, seed);
		for (size_t i = 0; i < sizeof noise; i += 8)
			noise[i] &= 15; /* so that some lengths fit */
		if (troth_txt_read(&txt, troth_slice_of(noise, (size_t)(round % 300))) ==
		    TROTH_OK) {
			assert_int_equal(troth_txt_rdata(txt).len, round % 300);
			assert_false(troth_txt_get(txt, "not there", &v));
			troth_txt_free(txt);
		}
	}
}

static void write__is_read_back__and_cut_at_a_character(void **state)
{
	(void)state;
	struct troth_buf b;
	struct troth_txt *txt;
	struct troth_slice v;
	char text[512];
	troth_buf_init(&b, TROTH_TXT_WRITE_MAX);
	memset(text, 'x', 250);
	memcpy(text + 250, "\xe2\x82\xac\xe2\x82\xac", 7); /* two euro signs, over the end */
	assert_ok(troth_txt_write(&b, "msg", text));
	assert_ok(troth_txt_write(&b, "nick", NULL));
	assert_ok(troth_txt_write(&b, "e", ""));
	assert_ok(troth_txt_read(&txt, troth_buf_slice(&b)));
	assert_true(troth_txt_get(txt, "msg", &v));
	assert_int_equal(v.len, 250);
	assert_false(troth_txt_get(txt, "nick", &v));
	assert_value(txt, "e", "");
	troth_txt_free(txt);
	troth_buf_fini(&b);
}

static void write__refuses__what_is_not_text(void **state)
{
	(void)state;
	struct troth_buf b;
	troth_buf_init(&b, 100);
	assert_err(troth_txt_write(&b, "k", "\xff"), TROTH_E_FORMAT);
	assert_err(troth_txt_write(&b, "", "v"), TROTH_E_INVAL);
	assert_err(troth_txt_write(&b, "a=b", "v"), TROTH_E_INVAL);
	assert_int_equal(troth_buf_len(&b), 0);
	troth_buf_fini(&b);
	troth_buf_init(&b, 5);
	assert_err(troth_txt_write(&b, "k", "four"), TROTH_E_LIMIT);
	troth_buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read__gives_values__whatever_the_case_of_keys),
		cmocka_unit_test(read__takes_the_first__of_duplicates),
		cmocka_unit_test(read__ignores__strings_without_a_proper_key),
		cmocka_unit_test(read__keeps_binary_values__whole),
		cmocka_unit_test(read__accepts__an_empty_record),
		cmocka_unit_test(read__refuses__a_length_beyond_the_end),
		cmocka_unit_test(read__has_limits__on_bytes_and_pairs),
		cmocka_unit_test(read__survives__noise),
		cmocka_unit_test(write__is_read_back__and_cut_at_a_character),
		cmocka_unit_test(write__refuses__what_is_not_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
