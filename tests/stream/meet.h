/* SPDX-License-Identifier: MIT */
/* Romeo calls Juliet, in slices of every kind: what both saw must not depend on them. */
#ifndef TROTH_TESTS_STREAM_MEET_H
#define TROTH_TESTS_STREAM_MEET_H

#include "party.h"

#define WHOLE ((size_t)1 << 20)

static const size_t slices[] = {WHOLE, 1, 3, 17, 100};

struct pair {
	struct party romeo;  /* initiator */
	struct party juliet; /* recipient */
};

static inline void begin(struct pair *p)
{
	party_init(&p->romeo, 0, "romeo@forza");
	party_init(&p->juliet, 1, "juliet@pronto");
}

static inline void start(struct pair *p)
{
	party_start(&p->juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(&p->romeo, TROTH_INITIATOR, &p->juliet, 0);
}

static inline void end(struct pair *p)
{
	party_fini(&p->romeo);
	party_fini(&p->juliet);
}

/* Runs a meeting in all kinds of slices; prepare sets answers, check looks at what came. */
static inline void meet(void (*prepare)(struct pair *), void (*check)(struct pair *))
{
	char first[2][sizeof((struct party *)0)->seen];
	for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
		struct pair p;
		begin(&p);
		prepare(&p);
		start(&p);
		party_run(&p.romeo, &p.juliet, slices[i], 0);
		check(&p);
		if (i == 0) {
			memcpy(first[0], p.romeo.seen, sizeof first[0]);
			memcpy(first[1], p.juliet.seen, sizeof first[1]);
		}
		assert_string_equal(p.romeo.seen, first[0]);
		assert_string_equal(p.juliet.seen, first[1]);
		end(&p);
	}
}

#endif
