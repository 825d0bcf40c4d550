/* SPDX-License-Identifier: MIT */
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double read_clock(clockid_t clock)
{
	struct timespec t;
	sample_need(clock_gettime(clock, &t) == 0, "the clock can't be read");
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double sample_cpu(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

double sample_wall(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;
	return (x > y) - (x < y);
}

double sample_median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, by_size);
	double upper = values[count / 2];
	return count % 2 == 1 ? upper : (values[count / 2 - 1] + upper) / 2;
}

void sample_need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}
