/* SPDX-License-Identifier: MIT */
/* A trust store with many contacts, each with devices that its user key endorses. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "store/store.h"

#define CROWD_DEVICES 5 /* endorsed, of each contact */

struct crowd {
	char dir[64];
	struct troth_store *store;
	unsigned contacts;
	unsigned next; /* whose turn it is */
};

void crowd_init(struct crowd *crowd, unsigned contacts);
void crowd_fini(struct crowd *crowd);

/* Effect: the verdict on an endorsed device of the next contact, from the store alone: who it is,
 * what was said of its keys, what is believed, what that is worth. */
void crowd_judge(struct crowd *crowd);

#endif
