/* SPDX-License-Identifier: MIT */
/* Where lines of prose end. */
#include "../test.h"
#include "cli/terminal/fold.h"

static void assert_folds(const char *text, size_t columns, size_t indent, const char *expected)
{
	char *folded = troth_fold(text, columns, indent);
	assert_non_null(folded);
	assert_string_equal(folded, expected);
	free(folded);
}

static void fold__breaks_between_words__before_the_edge(void **state)
{
	(void)state;
	assert_folds("one two three", 7, 0, "one two\nthree");
	assert_folds("one two three", 6, 0, "one\ntwo\nthree");
	assert_folds("one two three", 13, 0, "one two three");
	assert_folds("one two three", 9, 2, "one two\n  three");
	assert_folds("", 7, 2, "");
}

static void fold__keeps_long_words_whole(void **state)
{
	(void)state;
	assert_folds("a shove-flight-ocean-slice b", 10, 0, "a\nshove-flight-ocean-slice\nb");
}

static void fold__counts_columns__not_bytes(void **state)
{
	(void)state;
	assert_folds("été été", 7, 0, "été été");
	assert_folds("日本語 日本", 10, 0, "日本語\n日本");
}

static void fold__leaves_alone__what_is_laid_out_or_has_no_width(void **state)
{
	(void)state;
	assert_folds("  pin      ed9a b0db", 10, 0, "  pin      ed9a b0db");
	assert_folds("one  two three", 7, 0, "one  two three");
	assert_folds("one two three", 0, 0, "one two three");
	assert_folds("one two three", 2, 2, "one two three");
}

static void fold__lets_a_value_go_on__below_itself(void **state)
{
	(void)state;
	assert_folds("  pin  ed9a b0db 11ff", 17, 0, "  pin  ed9a b0db\n       11ff");
	assert_folds("  pin  ed9a b0db 11ff", 21, 0, "  pin  ed9a b0db 11ff");
	assert_folds("key  été  one two three", 20, 0, "key  été  one two\n          three");
	assert_folds("  one", 3, 0, "  one");
}

static void assert_hangs(const char *text, size_t columns, size_t column, const char *expected)
{
	char *folded = troth_fold_hanging(text, columns, 2, column);
	assert_non_null(folded);
	assert_string_equal(folded, expected);
	free(folded);
}

static void hanging__leaves_no_line__to_the_text(void **state)
{
	(void)state;
	assert_hangs("one two three", 20, 0, "one two three");
	assert_hangs("one two three", 20, 10, "one two\n  three");
	assert_hangs("hi          [12:00] fake", 10, 5, "hi   \n        \n  [12:00]\n  fake");
	assert_hangs("aaaaaaaaaaaafake", 10, 4, "aaaaaa\n  aaaaaafa\n  ke");
	assert_hangs("日本語日本", 6, 1, "日本\n  語日\n  本");
	assert_hangs("one two", 0, 3, "one two");
	assert_hangs("one two", 3, 9, "one two");
	assert_hangs("", 10, 3, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold__breaks_between_words__before_the_edge),
		cmocka_unit_test(fold__keeps_long_words_whole),
		cmocka_unit_test(fold__counts_columns__not_bytes),
		cmocka_unit_test(fold__lets_a_value_go_on__below_itself),
		cmocka_unit_test(hanging__leaves_no_line__to_the_text),
		cmocka_unit_test(fold__leaves_alone__what_is_laid_out_or_has_no_width),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
