/* SPDX-License-Identifier: MIT */
/* The clock, and times as text. Layer: cli. */
#include "cli/terminal/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

int64_t troth_when_now(void)
{
	return (int64_t)time(NULL);
}

const char *troth_when_iso(char out[TROTH_WHEN_LEN], int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	if (!gmtime_r(&t, &tm) || strftime(out, TROTH_WHEN_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(out, TROTH_WHEN_LEN, "1970-01-01T00:00:00Z");
	return out;
}

const char *troth_when_local(char out[TROTH_WHEN_LEN], int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	if (when == 0)
		snprintf(out, TROTH_WHEN_LEN, "never");
	else if (!localtime_r(&t, &tm) || strftime(out, TROTH_WHEN_LEN, "%Y-%m-%d %H:%M", &tm) == 0)
		snprintf(out, TROTH_WHEN_LEN, "?");
	return out;
}

const char *troth_when_span(char out[TROTH_WHEN_LEN], int64_t seconds)
{
	bool hours = seconds % 3600 == 0;
	long long n = (long long)(hours ? seconds / 3600 : seconds / 60);
	if (seconds <= 0 || seconds % 60 != 0)
		snprintf(out, TROTH_WHEN_LEN, "%lld s", (long long)seconds);
	else
		snprintf(out, TROTH_WHEN_LEN, "%lld %s%s", n, hours ? "hour" : "minute",
			 n == 1 ? "" : "s");
	return out;
}
