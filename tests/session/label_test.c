/* SPDX-License-Identifier: MIT */
/* Labels made of what a peer calls itself. */
#include "../test.h"

#include "session/label.h"

static const struct troth_pin pin = {.bytes = {0xab, 0xcd, 0xef, 1}};

static void expect(const char *nick, const char *label)
{
	char out[TROTH_STORE_LABEL_MAX + 1];
	troth_label_make(out, nick, &pin, 0);
	assert_string_equal(out, label);
}

static void label__is_the_nickname__when_that_can_be_typed(void **state)
{
	(void)state;
	expect("Juliet", "Juliet");
	expect("Jülïét", "Jülïét");
	expect("dr.who_2", "dr.who_2");
}

static void label__reads_as_nothing_else__when_the_nickname_would(void **state)
{
	(void)state;
	expect("--home=/tmp", "home-tmp");
	expect("192.0.2.1:5298", "192.0.2.1-5298");
	expect("romeo@montague", "romeo-montague");
	expect("a\nb", "a-b");
	expect("  two   words  ", "two-words");
	expect("\x1b[31mred", "\xe2\x90\x9b-31mred"); /* ESC as its picture */
}

static void label__is_made_of_the_key__when_there_is_no_nickname(void **state)
{
	(void)state;
	expect(NULL, "peer-abcdef");
	expect("", "peer-abcdef");
	expect(" :@/ ", "peer-abcdef");
	expect("\xff\xfe", "peer-abcdef");
}

static void label__is_counted__when_it_is_tried_again(void **state)
{
	char out[TROTH_STORE_LABEL_MAX + 1];
	(void)state;
	troth_label_make(out, "Juliet", &pin, 1);
	assert_string_equal(out, "Juliet-2");
	troth_label_make(out, NULL, &pin, 2);
	assert_string_equal(out, "peer-abcdef-3");
}

static void label__stays_within_its_limit__when_the_nickname_is_long(void **state)
{
	char nick[2000];
	char out[TROTH_STORE_LABEL_MAX + 1];
	(void)state;
	for (size_t i = 0; i + 3 < sizeof nick; i += 3)
		memcpy(nick + i, "\xe2\x82\xac", 4); /* U+20AC */
	troth_label_make(out, nick, &pin, 98);
	assert_true(strlen(out) <= TROTH_STORE_LABEL_MAX);
	assert_true(strlen(out) > 10);
}

static void expect_shown(const char *address, const char *shown)
{
	char out[TROTH_SHOWN_MAX + 1];
	troth_label_shown(out, address);
	assert_string_equal(out, shown);
}

static void shown__reads_as_an_address__whatever_is_claimed(void **state)
{
	char out[TROTH_SHOWN_MAX + 1];
	char many[400];
	(void)state;
	expect_shown("juliet@balcony", "juliet@balcony");
	expect_shown("Jülïét@balcony", "Jülïét@balcony");
	expect_shown("juliet", "juliet@");
	expect_shown("juliet (verified): hello@x", "juliet__verified___hello@x");
	expect_shown("x   [12:00] juliet@y", "x____12_00__juliet@y");
	memset(many, 'a', sizeof many - 1);
	many[sizeof many - 1] = 0;
	troth_label_shown(out, many);
	assert_in_range(strlen(out), 1, 64);
	for (size_t i = 0; i + 3 < sizeof many; i += 3)
		memcpy(many + i, "日", 4);
	troth_label_shown(out, many);
	assert_in_range(strlen(out), 1, TROTH_SHOWN_MAX);
	assert_non_null(strchr(out, '@'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown__reads_as_an_address__whatever_is_claimed),
		cmocka_unit_test(label__is_the_nickname__when_that_can_be_typed),
		cmocka_unit_test(label__reads_as_nothing_else__when_the_nickname_would),
		cmocka_unit_test(label__is_made_of_the_key__when_there_is_no_nickname),
		cmocka_unit_test(label__is_counted__when_it_is_tried_again),
		cmocka_unit_test(label__stays_within_its_limit__when_the_nickname_is_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
