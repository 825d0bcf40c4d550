/* SPDX-License-Identifier: MIT */
/* The word list, secrets made of it, and words as people type them. */
#include "../test.h"
#include "base/slice.h"
#include "cli/terminal/words.h"

#include <ctype.h>

static void words__are_2048_distinct_ones__in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < TROTH_WORDS_COUNT; i++) {
		assert_true(strlen(troth_words[i]) >= 3 && strlen(troth_words[i]) <= 8);
		for (const char *c = troth_words[i]; *c; c++)
			assert_true(islower((unsigned char)*c));
		if (i > 0)
			assert_true(strcmp(troth_words[i - 1], troth_words[i]) < 0);
	}
}

static void make__joins_as_many_as_asked(void **state)
{
	(void)state;
	struct troth_buf a, b;
	struct troth_buf normal;
	unsigned count;
	troth_buf_init(&a, 256);
	troth_buf_init(&b, 256);
	troth_buf_init(&normal, 256);
	assert_ok(troth_words_make(&a, 6));
	assert_ok(troth_words_make(&b, 6));
	assert_false(troth_slice_equal(troth_buf_slice(&a), troth_buf_slice(&b)));
	assert_ok(troth_words_normalise(&normal, troth_buf_slice(&a), &count));
	assert_int_equal(count, 6);
	assert_true(troth_slice_equal(troth_buf_slice(&a), troth_buf_slice(&normal)));
	assert_int_equal(troth_words_bits(count), 66);
	troth_buf_fini(&a);
	troth_buf_fini(&b);
	troth_buf_fini(&normal);
}

static void make__appends_nothing__when_it_fails(void **state)
{
	(void)state;
	struct troth_buf small;
	troth_buf_init(&small, 12);
	assert_err(troth_words_make(&small, 0), TROTH_E_INVAL);
	assert_err(troth_words_make(&small, TROTH_WORDS_MAX + 1), TROTH_E_INVAL);
	assert_err(troth_words_make(&small, 6), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&small), 0);
	troth_buf_fini(&small);
}

/* Every word is drawn, and none much more often than another. */
static void make__draws_evenly(void **state)
{
	(void)state;
	static unsigned seen[TROTH_WORDS_COUNT];
	struct troth_buf buf;
	troth_buf_init(&buf, 16);
	for (int i = 0; i < 100 * TROTH_WORDS_COUNT; i++) {
		const char *word;
		assert_ok(troth_words_make(&buf, 1));
		assert_ok(troth_buf_cstr(&buf, &word));
		size_t low = 0, high = TROTH_WORDS_COUNT;
		while (high - low > 1) {
			size_t middle = (low + high) / 2;
			if (strcmp(troth_words[middle], word) <= 0)
				low = middle;
			else
				high = middle;
		}
		assert_string_equal(troth_words[low], word);
		seen[low]++;
		troth_buf_clear(&buf);
	}
	for (size_t i = 0; i < TROTH_WORDS_COUNT; i++)
		assert_in_range(seen[i], 30, 200); /* 100, seven standard deviations either way */
	troth_buf_fini(&buf);
}

static void expect_normal(const char *typed, const char *expected, unsigned words)
{
	struct troth_buf out;
	const char *text;
	unsigned count = 99;
	troth_buf_init(&out, 256);
	assert_ok(troth_words_normalise(&out, troth_slice_str(typed), &count));
	assert_ok(troth_buf_cstr(&out, &text));
	assert_string_equal(text, expected);
	assert_int_equal(count, words);
	troth_buf_fini(&out);
}

static void normalise__takes_words_as_they_are_typed(void **state)
{
	(void)state;
	expect_normal("abandon-ability", "abandon-ability", 2);
	expect_normal("  Abandon ABILITY\t zoo ", "abandon-ability-zoo", 3);
	expect_normal("abandon - ability", "abandon-ability", 2);
	expect_normal("zoo", "zoo", 1);
}

static void normalise__leaves_other_text_alone(void **state)
{
	(void)state;
	expect_normal("Abandon Xyzzy", "Abandon Xyzzy", 0);
	expect_normal("Aban don", "Aban don", 0);
	expect_normal(" My  Secret ", " My  Secret ", 0);
	expect_normal("abandonabandonabandon", "abandonabandonabandon", 0);
	expect_normal("abandon-\xc3\xa9", "abandon-\xc3\xa9", 0);
	expect_normal("", "", 0);
	expect_normal(" - ", " - ", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words__are_2048_distinct_ones__in_order),
		cmocka_unit_test(make__joins_as_many_as_asked),
		cmocka_unit_test(make__appends_nothing__when_it_fails),
		cmocka_unit_test(make__draws_evenly),
		cmocka_unit_test(normalise__takes_words_as_they_are_typed),
		cmocka_unit_test(normalise__leaves_other_text_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
