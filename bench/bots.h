/* SPDX-License-Identifier: MIT */
/* A thousand devices with labels, in a set of processes, and those who want to own them. */
#ifndef BENCH_BOTS_H
#define BENCH_BOTS_H

#include "session/session.h"

#include <troth/key.h>

#define BOTS_PATH 256
#define BOTS_CODE 40

/* One device or person: a home, a key, a session. */
struct bots_one {
	char home[BOTS_PATH];
	struct troth_store *store;
	struct troth_device *device;
	struct troth_session *session;
};

/* Effect: makes or opens a home; a failure ends the process, with a line. */
void bots_one_open(struct bots_one *one, const char *folder, const char *name);
/* Effect: begins its session. */
void bots_one_begin(struct bots_one *one, uv_loop_t *loop,
		    const struct troth_session_callbacks *callbacks);
void bots_one_close(struct bots_one *one);
/* Effect: the code on the label of bot `i`; not a secret here. */
void bots_code(char out[BOTS_CODE], const char *folder, unsigned i);
_Noreturn void bots_fail(const char *what, int err);

/* The devices from `first` on, in this process, until it is killed: each waits for an owner, with
 * or without one, writes "port I PORT", and "ready" when all do; then "wrong I" for each guess. */
_Noreturn void bots_host(const char *folder, unsigned first, unsigned count);

enum bots_want {
	BOTS_GUESS, /* a wrong code: must be refused */
	BOTS_CLAIM, /* the right one: must become the owner */
	BOTS_STEAL, /* the right one, of somebody else's device: must be refused */
	BOTS_VISIT  /* the owner, by key */
};

struct bots_round {
	struct bots_one *who;
	const char *folder;
	const unsigned *ports; /* of all bots */
	unsigned count;
	enum bots_want want;
	/* What came of it. */
	unsigned good;
	double *took; /* ms, of each; `count` of them */
};

/* Effect: goes to every bot, some at a time. */
void bots_go_round(struct bots_round *round);

#endif
