/* SPDX-License-Identifier: MIT */
/* What must hold in a fuzz target, whatever the input: a failure is a find. */
#ifndef FUZZ_NEED_H
#define FUZZ_NEED_H

#include <stdio.h>
#include <stdlib.h>

#define need(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
