/* SPDX-License-Identifier: MIT */
/* Commands in sentences, and the home that they are to have. */
#include "../test.h"
#include "cli/hint.h"

static void assert_hint(const char *text, const char *home, const char *expected)
{
	char *got = troth_hint(text, home);
	assert_string_equal(got, expected);
	free(got);
}

static void commands__get_the_home__quoted_for_a_shell(void **state)
{
	(void)state;
	assert_hint("Run `troth id`; then `troth pair x`.", "/a-b_c/d.e",
		    "Run `troth --home /a-b_c/d.e id`; then `troth --home /a-b_c/d.e pair x`.");
	assert_hint("`troth id`", "my home", "`troth --home 'my home' id`");
	assert_hint("`troth id`", "it's $(x)", "`troth --home 'it'\\''s $(x)' id`");
	assert_hint("`troth id`", "", "`troth --home '' id`");
}

static void sentences__stay__where_there_is_nothing_to_add(void **state)
{
	(void)state;
	assert_hint("Run `troth id`.", NULL, "Run `troth id`.");
	assert_hint("troth id, `trothful`, `openssl x`", "/h", "troth id, `trothful`, `openssl x`");
	assert_hint("", "/h", "");
	assert_null(troth_hint(NULL, "/h"));
}

/* Who is to type it has a home of their own. */
static void commands__of_the_other_side__stay(void **state)
{
	(void)state;
	assert_hint("one side runs `troth pair`, the other `troth pair NAME`.", "/h",
		    "one side runs `troth --home /h pair`, the other `troth pair NAME`.");
	assert_hint("let it run `troth pair`", "/h", "let it run `troth pair`");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands__get_the_home__quoted_for_a_shell),
		cmocka_unit_test(sentences__stay__where_there_is_nothing_to_add),
		cmocka_unit_test(commands__of_the_other_side__stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
