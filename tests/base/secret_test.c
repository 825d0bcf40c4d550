/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/limits.h"
#include "base/slice.h"

#include <troth/secret.h>

static void secret__is_prepared__by_saslprep(void **state)
{
	(void)state;
	/* RFC 4013 section 3: soft hyphen goes, U+00AA and U+2168 are mapped, case stays. */
	const struct {
		const char *in;
		const char *out;
	} rows[] = {{"I\xc2\xadX", "IX"}, {"user", "user"},       {"USER", "USER"},
		    {"\xc2\xaa", "a"},    {"\xe2\x85\xa8", "IX"}, {"  a b\r\n", "a b"},
		    {"a\302\240b", "a b"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct troth_secret *s;
		assert_ok(troth_secret_new(&s, troth_slice_str(rows[i].in)));
		assert_true(troth_slice_equal(troth_secret_bytes(s), troth_slice_str(rows[i].out)));
		troth_secret_free(s);
	}
}

static void secret__is_refused__when_empty_or_forbidden(void **state)
{
	(void)state;
	struct troth_secret *s = NULL;
	const char *bad[] = {"", "  \n", "\x07", "\330\2471", "\xff", "\xc2\xad"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_err(troth_secret_new(&s, troth_slice_str(bad[i])), TROTH_E_FORMAT);
	assert_err(troth_secret_new(&s, troth_slice_of("a\0b", 3)), TROTH_E_FORMAT);
	assert_null(s);
}

static void secret__is_refused__when_too_long(void **state)
{
	(void)state;
	struct troth_secret *s;
	char text[TROTH_LIMIT_SECRET_BYTES + 1];
	memset(text, 'a', sizeof text);
	assert_err(troth_secret_new(&s, troth_slice_of(text, sizeof text)), TROTH_E_LIMIT);
	assert_ok(troth_secret_new(&s, troth_slice_of(text, sizeof text - 1)));
	troth_secret_free(s);
}

static void copy__stays__when_the_first_is_freed(void **state)
{
	(void)state;
	struct troth_secret *first;
	struct troth_secret *copy;
	assert_ok(troth_secret_new(&first, troth_slice_str("wherefore")));
	assert_ok(troth_secret_copy(&copy, first));
	troth_secret_free(first);
	assert_true(troth_slice_equal(troth_secret_bytes(copy), troth_slice_str("wherefore")));
	troth_secret_free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret__is_prepared__by_saslprep),
		cmocka_unit_test(secret__is_refused__when_empty_or_forbidden),
		cmocka_unit_test(secret__is_refused__when_too_long),
		cmocka_unit_test(copy__stays__when_the_first_is_freed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
