/* SPDX-License-Identifier: MIT */
/* Date-times: known values, every day of leap years and others, what isn't one. */
#include "../test.h"
#include "base/date.h"

static void date__is__the_seconds_that_everybody_counts(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1969-12-31T23:59:59Z", -1},
		{"2000-02-29T12:34:56Z", 951827696},
		{"2026-11-21T05:20:42Z", 1795238442},
		{"2100-03-01T00:00:00Z", 4107542400},
		{"9999-12-31T23:59:59Z", 253402300799},
		{"0001-01-01T00:00:00Z", -62135596800},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[TROTH_DATE_LEN + 1];
		int64_t seconds = 1;
		assert_ok(troth_date_read(&seconds, rows[i].text));
		assert_int_equal(seconds, rows[i].seconds);
		assert_ok(troth_date_write(text, rows[i].seconds));
		assert_string_equal(text, rows[i].text);
	}
	int64_t seconds = 0;
	assert_ok(troth_date_read(&seconds, "1970-01-01T00:00:07.999Z"));
	assert_int_equal(seconds, 7);
}

static void date__comes_back__for_every_day_of_four_centuries(void **state)
{
	(void)state;
	const int64_t from = -11676096000; /* 1600-01-01 */
	for (int64_t day = 0; day <= 146097; day++) {
		char text[TROTH_DATE_LEN + 1];
		int64_t at = from + day * 86400 + day % 86400;
		int64_t back = 0;
		assert_ok(troth_date_write(text, at));
		assert_ok(troth_date_read(&back, text));
		assert_int_equal(back, at);
	}
}

static void date__is_refused__in_any_other_form(void **state)
{
	(void)state;
	static const char *texts[] = {
		"",
		"Z",
		"2026-11-21",
		"2026-11-21T05:20:42",
		"2026-11-21T05:20:42z",
		"2026-11-21t05:20:42Z",
		"2026-11-21T05:20:42+00:00",
		"2026-11-21T05:20:42.Z",
		"2026-11-21T05:20:42,5Z",
		"2026-11-21T05:20:42Z ",
		" 2026-11-21T05:20:42Z",
		"2026-11-21T05:20:60Z",
		"2026-11-21T05:60:42Z",
		"2026-11-21T24:20:42Z",
		"2026-13-21T05:20:42Z",
		"2026-00-21T05:20:42Z",
		"2026-11-00T05:20:42Z",
		"2026-11-31T05:20:42Z",
		"2026-02-29T05:20:42Z",
		"2100-02-29T05:20:42Z",
		"0000-01-01T00:00:00Z",
		"-026-11-21T05:20:42Z",
		"12026-11-21T05:20:42Z",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int64_t seconds;
		assert_err(troth_date_read(&seconds, texts[i]), TROTH_E_FORMAT);
	}
	char text[TROTH_DATE_LEN + 1];
	assert_err(troth_date_write(text, 253402300800), TROTH_E_INVAL);
	assert_err(troth_date_write(text, -62135596801), TROTH_E_INVAL);
	assert_err(troth_date_write(text, INT64_MAX), TROTH_E_INVAL);
	assert_err(troth_date_write(text, INT64_MIN), TROTH_E_INVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date__is__the_seconds_that_everybody_counts),
		cmocka_unit_test(date__comes_back__for_every_day_of_four_centuries),
		cmocka_unit_test(date__is_refused__in_any_other_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
