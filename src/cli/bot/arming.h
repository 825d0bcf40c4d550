/* SPDX-License-Identifier: MIT */
/*
 * A device with a label, while it listens: waits for its owner when somebody at the device says so,
 * by `troth bot arm`, by --arm-hook, or the owner himself over the stream. Layer: cli.
 */
#ifndef TROTH_CLI_BOT_ARMING_H
#define TROTH_CLI_BOT_ARMING_H

#include "cli/bot/control.h"
#include "cli/bot/program.h"
#include "cli/running.h"

#define TROTH_ARM_SECONDS 600 /* unless something else is said */

/* Zeroed before the first. Members are private. */
struct troth_arming {
	struct troth_running *running;
	struct troth_control *control;
	struct troth_program *hook;
	const char *hook_argv[2];
	uv_timer_t timer;
	bool armed;
	bool transfer;
	int64_t until;                                  /* s since 1970 */
	void (*told)(void *user, json_t *event);        /* an event for programs, given away */
	void (*said)(void *user, const char *sentence); /* the same for people */
	void *user;
};

/* Effect: is there to be armed, if this is a device with a label; else a usage error for
 * --arm-hook. The last three members are set before. */
enum troth_exit troth_arming_start(struct troth_arming *a, struct troth_running *running);
/* Effect: hears what became of the window. */
void troth_arming_news(struct troth_arming *a, const struct troth_news *news);
/* Session callback, with the struct as `user`. */
int troth_arming_transfer(struct troth_arming *a, int64_t seconds);
/* Effect: ends it, as the loop runs on. Nothing where it wasn't started. */
void troth_arming_end(struct troth_arming *a);

#endif
