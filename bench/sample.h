/* SPDX-License-Identifier: MIT */
/* Clocks, medians, and the end of a program that can't measure. */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

/* Microseconds of processor time that this process has used; of the wall clock. */
double sample_cpu(void);
double sample_wall(void);

/* The middle of count values, which are sorted by this. */
double sample_median(double *values, size_t count);

/* Effect: ends the program with a sentence when ok is false: a wrong run has no numbers. */
void sample_need(bool ok, const char *what);

#endif
