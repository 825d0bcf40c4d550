/* SPDX-License-Identifier: MIT */
/* Links: written, read, and what isn't one. */
#include "../test.h"
#include "base/slice.h"
#include "cli/meet/uri.h"

#define NO_PIN "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define PIN "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void expect(const struct troth_uri *uri, const char *text)
{
	struct troth_buf buf;
	const char *got;
	troth_buf_init(&buf, TROTH_URI_MAX);
	assert_ok(troth_uri_write(uri, &buf));
	assert_ok(troth_buf_cstr(&buf, &got));
	assert_string_equal(got, text);
	troth_buf_fini(&buf);
}

static struct troth_uri read_good(const char *text)
{
	struct troth_uri uri;
	assert_ok(troth_uri_read(&uri, troth_slice_str(text)));
	return uri;
}

static void link__says_name_secret_and_key(void **state)
{
	(void)state;
	const char *text = "xmpp:radio@kitchen?troth-pair;realm=link;secret=troth1qpzry;pin=" PIN;
	struct troth_uri uri = read_good(text);
	assert_string_equal(uri.name, "radio@kitchen");
	assert_string_equal(uri.jid, "");
	assert_string_equal(uri.secret, "troth1qpzry");
	assert_true(uri.has_pin);
	assert_int_equal(uri.pin.bytes[31], 0x1f);
	expect(&uri, text);
	troth_uri_fini(&uri);
	assert_string_equal(uri.secret, "");
}

static void link__of_an_account__may_name_the_device_too(void **state)
{
	(void)state;
	const char *text = "xmpp:romeo@montague.example?troth-pair;name=radio@kitchen";
	struct troth_uri uri = read_good(text);
	assert_string_equal(uri.jid, "romeo@montague.example");
	assert_string_equal(uri.name, "radio@kitchen");
	assert_false(uri.has_pin);
	expect(&uri, text);
}

static void text__of_any_kind__comes_back(void **state)
{
	(void)state;
	struct troth_uri uri = {.name = "r\xc3\xa4"
					"dio;a=b?c#d%e@k/i",
				.secret = "correct horse; battery=staple&"};
	const char *text = "xmpp:r%C3%A4dio%3Ba%3Db%3Fc%23d%25e@k%2Fi?troth-pair;realm=link;"
			   "secret=correct%20horse%3B%20battery%3Dstaple%26";
	expect(&uri, text);
	struct troth_uri again = read_good(text);
	assert_string_equal(again.name, uri.name);
	assert_string_equal(again.secret, uri.secret);
}

static void reading__takes_unknown_keys_and_any_case_of_the_scheme(void **state)
{
	(void)state;
	struct troth_uri uri = read_good("XMPP:a@b?troth-pair;colour=red;;realm=link;pin=" PIN);
	assert_string_equal(uri.name, "a@b");
	assert_true(uri.has_pin);
}

static void reading__refuses__what_is_no_link_of_ours(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"xmpp:",
		"http://a@b?troth-pair",
		"xmpp:a@b",
		"xmpp:a@b?message;body=x",
		"xmpp:?troth-pair",
		"xmpp://guest@c/a@b?troth-pair",
		"xmpp:a@b?troth-pair#x",
		"xmpp:a@b?troth-pair;secret=",
		"xmpp:a@b?troth-pair;secret=x;secret=y",
		"xmpp:a@b?troth-pair;name=c@d;name=e@f",
		"xmpp:a@b?troth-pair;name=c@d;realm=link",
		"xmpp:a@b?troth-pair;pin=" PIN ";pin=" PIN,
		"xmpp:a@b?troth-pair;pin=00",
		"xmpp:a@b?troth-pair;pin=" PIN "0",
		("xmpp:a@b?troth-pair;pin=" NO_PIN),
		"xmpp:a@b%?troth-pair",
		"xmpp:a@b%0?troth-pair",
		"xmpp:a@b%zz?troth-pair",
		"xmpp:a@b%00?troth-pair",
		"xmpp:a@b%0a?troth-pair",
		"xmpp:a@b\n?troth-pair",
	};
	struct troth_uri uri;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (troth_uri_read(&uri, troth_slice_str(wrong[i])) == TROTH_OK)
			fail_msg("taken: %s", wrong[i]);
}

static void reading__has_limits(void **state)
{
	(void)state;
	static char text[TROTH_URI_MAX + 64];
	struct troth_uri uri;
	memset(text, 'x', sizeof text - 1);
	memcpy(text, "xmpp:", 5);
	assert_err(troth_uri_read(&uri, troth_slice_str(text)), TROTH_E_LIMIT);
	memcpy(text + 5 + TROTH_URI_ADDRESS, "?troth-pair", 12);
	assert_err(troth_uri_read(&uri, troth_slice_str(text)), TROTH_E_LIMIT);
	memcpy(text + 4 + TROTH_URI_ADDRESS, "?troth-pair", 12);
	assert_ok(troth_uri_read(&uri, troth_slice_str(text)));
}

static void writing__needs_an_address(void **state)
{
	(void)state;
	struct troth_buf buf;
	const struct troth_uri uri = {.secret = "x"};
	troth_buf_init(&buf, TROTH_URI_MAX);
	assert_err(troth_uri_write(&uri, &buf), TROTH_E_INVAL);
	troth_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link__says_name_secret_and_key),
		cmocka_unit_test(link__of_an_account__may_name_the_device_too),
		cmocka_unit_test(text__of_any_kind__comes_back),
		cmocka_unit_test(reading__takes_unknown_keys_and_any_case_of_the_scheme),
		cmocka_unit_test(reading__refuses__what_is_no_link_of_ours),
		cmocka_unit_test(reading__has_limits),
		cmocka_unit_test(writing__needs_an_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
