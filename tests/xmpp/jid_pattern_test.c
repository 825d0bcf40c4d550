/* SPDX-License-Identifier: MIT */
/* Patterns of JIDs: a star is a whole part, and nothing fits by accident. */
#include "../test.h"
#include "xmpp/jid_pattern.h"

static bool fits(const char *pattern, const char *jid)
{
	const char *why;
	struct troth_jid_pattern p;
	struct troth_address *a;
	assert_ok(troth_jid_pattern_init(&p, pattern, &why));
	assert_ok(troth_address_new(&a, TROTH_REALM_SERVER, jid));
	bool result = troth_jid_pattern_matches(&p, a);
	troth_address_free(a);
	troth_jid_pattern_fini(&p);
	return result;
}

static void jid_pattern__matches_whole_parts__always(void **state)
{
	(void)state;
	assert_true(fits("romeo@example.com", "Romeo@Example.COM/orchard"));
	assert_false(fits("romeo@example.com", "romeo2@example.com"));
	assert_false(fits("romeo@example.com", "example.com"));
	assert_true(fits("*@example.com", "romeo@example.com"));
	assert_true(fits("*@EXAMPLE.com", "x@example.com"));
	assert_false(fits("*@example.com", "example.com"));
	assert_false(fits("*@example.com", "romeo@a.example.com"));
	assert_false(fits("*@example.com", "romeo@evilexample.com"));
	assert_false(fits("*@example.com", "romeo@example.com.evil.net"));
}

static void jid_pattern__matches_domains_below__not_itself(void **state)
{
	(void)state;
	assert_true(fits("*@*.example.com", "romeo@a.b.example.com"));
	assert_false(fits("*@*.example.com", "romeo@example.com"));
	assert_false(fits("*@*.example.com", "romeo@evilexample.com"));
	assert_true(fits("*.example.com", "a.example.com"));
	assert_false(fits("*.example.com", "romeo@a.example.com"));
	assert_true(fits("example.com", "example.com"));
	assert_false(fits("example.com", "x@example.com"));
	assert_true(fits("*@*", "a@b"));
	assert_false(fits("*@*", "b"));
	assert_true(fits("romeo@*", "romeo@any.where"));
	assert_false(fits("romeo@*", "juliet@any.where"));
}

static void jid_pattern__never_matches__names_of_a_link(void **state)
{
	const char *why;
	struct troth_jid_pattern p;
	struct troth_address *a;
	(void)state;
	assert_ok(troth_jid_pattern_init(&p, "*@*", &why));
	assert_ok(troth_address_new(&a, TROTH_REALM_LINK, "romeo@forza"));
	assert_false(troth_jid_pattern_matches(&p, a));
	troth_address_free(a);
	troth_jid_pattern_fini(&p);
}

static void jid_pattern__refuses__what_it_could_misread(void **state)
{
	static const char *const bad[] = {"",
					  "@",
					  "@a",
					  "a@",
					  "ro*@a",
					  "*romeo@a",
					  "*@ex*mple.com",
					  "*@*.*.com",
					  "*@*.",
					  "*@example.*",
					  "a@b/c",
					  "*@example.com/*",
					  "a b@c",
					  "\xff@example",
					  "*@**"};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *why = NULL;
		struct troth_jid_pattern p;
		assert_err(troth_jid_pattern_init(&p, bad[i], &why), TROTH_E_FORMAT);
		assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jid_pattern__matches_whole_parts__always),
		cmocka_unit_test(jid_pattern__matches_domains_below__not_itself),
		cmocka_unit_test(jid_pattern__never_matches__names_of_a_link),
		cmocka_unit_test(jid_pattern__refuses__what_it_could_misread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
