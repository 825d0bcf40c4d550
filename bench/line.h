/* SPDX-License-Identifier: MIT */
/* TCP on loopback, both ends in this process. */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

#include <stddef.h>

struct line {
	int listener;
	int end[2]; /* who called, who answered */
};

void line_init(struct line *line);
void line_fini(struct line *line);
/* Effect: a new connection without delay, neither end blocking. */
void line_connect(struct line *line);
void line_hang_up(struct line *line);

#endif
