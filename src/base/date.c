/* SPDX-License-Identifier: MIT */
/*
 * Date-times by arithmetic: the C library's functions know time zones and the environment.
 * Layer: base.
 */
#include "base/date.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <troth/err.h>

#define DAY 86400
#define EPOCH_DAYS 719162 /* from 0001-01-01 to 1970-01-01 */

struct civil {
	int64_t year;
	int64_t month;
	int64_t day;
};

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t days_in(int64_t year, int64_t month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Days from 0001-01-01 to the first of January. */
static int64_t days_before(int64_t year)
{
	int64_t y = year - 1;
	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int64_t days_of(const struct civil *c)
{
	int64_t days = days_before(c->year) + c->day - 1;
	for (int64_t month = 1; month < c->month; month++)
		days += days_in(c->year, month);
	return days - EPOCH_DAYS;
}

/* Digits stand where the form has a 0. */
static bool has_form(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00";
	for (size_t i = 0; i < sizeof form - 1; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (form[i] == '0' ? !digit : text[i] != form[i])
			return false;
	}
	const char *rest = text + sizeof form - 1;
	if (rest[0] == '.') {
		size_t n = strspn(rest + 1, "0123456789");
		if (n == 0)
			return false;
		rest += 1 + n;
	}
	return strcmp(rest, "Z") == 0;
}

static int64_t number(const char *at, size_t digits)
{
	int64_t n = 0;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (at[i] - '0');
	return n;
}

int troth_date_read(int64_t *out, const char *text)
{
	if (!has_form(text))
		return TROTH_E_FORMAT;
	struct civil c = {number(text, 4), number(text + 5, 2), number(text + 8, 2)};
	int64_t hour = number(text + 11, 2);
	int64_t minute = number(text + 14, 2);
	int64_t second = number(text + 17, 2);
	if (c.year < 1 || c.month < 1 || c.month > 12 || c.day < 1 ||
	    c.day > days_in(c.year, c.month) || hour > 23 || minute > 59 || second > 59)
		return TROTH_E_FORMAT;
	*out = days_of(&c) * DAY + hour * 3600 + minute * 60 + second;
	return TROTH_OK;
}

static struct civil civil_of(int64_t days)
{
	struct civil c = {.year = days / 366 + 1, .month = 1};
	while (days_before(c.year + 1) <= days)
		c.year++;
	days -= days_before(c.year);
	while (days >= days_in(c.year, c.month))
		days -= days_in(c.year, c.month++);
	c.day = days + 1;
	return c;
}

int troth_date_write(char out[TROTH_DATE_LEN + 1], int64_t seconds)
{
	const int64_t first = -(int64_t)EPOCH_DAYS * DAY;
	const int64_t last = (days_before(10000) - EPOCH_DAYS) * DAY - 1;
	if (seconds < first || seconds > last)
		return TROTH_E_INVAL;
	int64_t since = seconds - first;
	struct civil c = civil_of(since / DAY);
	int rest = (int)(since % DAY);
	(void)snprintf(out, TROTH_DATE_LEN + 1, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)c.year,
		       (int)c.month, (int)c.day, rest / 3600, rest / 60 % 60, rest % 60);
	return TROTH_OK;
}
