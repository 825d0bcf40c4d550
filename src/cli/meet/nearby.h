/* SPDX-License-Identifier: MIT */
/* Watching the link for `troth nearby`. Layer: cli. Announces nothing. */
#ifndef TROTH_CLI_MEET_NEARBY_H
#define TROTH_CLI_MEET_NEARBY_H

#include "cli/cli.h"
#include "lan/lan.h"
#include "session/recognise.h"

/* Somebody on the link; the texts are as received and are cleaned when shown. */
struct troth_neighbour {
	struct troth_neighbour *next;
	struct troth_nearby *nearby;
	char *name; /* as in DNS, for comparing */
	char *display;
	char *nick;    /* NULL: says none */
	char *message; /* NULL: none */
	char *where;   /* addresses, "" while they aren't known */
	enum troth_lan_status status;
	bool known; /* perhaps the contact below */
	char label[TROTH_STORE_LABEL_MAX + 1];
	struct troth_lan_resolve *resolve; /* while asking where */
};

struct troth_nearby {
	struct troth_cli *cli;
	struct troth_recognise *recognise; /* owned; NULL: nobody is recognised */
	bool once, addresses;
	int64_t seconds; /* 0: until interrupted */
	/* Below: private to nearby.c. */
	struct troth_lan *lan;
	uv_loop_t loop;
	uv_timer_t timer;
	uv_signal_t signal;
	struct troth_neighbour *first;
	size_t drawn; /* lines on the terminal that the next drawing replaces */
	enum troth_exit status;
};

/* Effect: browses and shows until the time is over or the user interrupts. */
enum troth_exit troth_nearby_watch(struct troth_nearby *nearby);
void troth_nearby_fini(struct troth_nearby *nearby);

/* Showing (nearby_show.c). event: "found", "changed" or "gone". */
void troth_nearby_event(struct troth_nearby *nearby, const char *event,
			const struct troth_neighbour *neighbour);
/* Effect: the whole table; on a terminal instead of the one before. */
void troth_nearby_table(struct troth_nearby *nearby);

#endif
