/* SPDX-License-Identifier: MIT */
/* The rows of the table. */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <stddef.h>

struct row {
	const char *name;
	const char *unit;
	double troth;
	double bare;
	double target; /* for troth / bare; 0: for information */
};

#define ROWS_MAX 16

/* Effect: measures all; returns how many. */
size_t rows_measure(struct row rows[ROWS_MAX]);

#endif
