/* SPDX-License-Identifier: MIT */
/* The scenes of `troth demo`. Layer: cli. */
#ifndef TROTH_CLI_DEMO_DEMO_H
#define TROTH_CLI_DEMO_DEMO_H

#include "cli/cli.h"
#include "cli/demo/stage.h"

#define TROTH_DEMO_WORDS 80

struct troth_demo {
	struct troth_cli *cli;
	struct troth_stage stage;
	struct troth_actor romeo, juliet, tybalt; /* what runs on their machines now */
	char secret[TROTH_DEMO_WORDS];            /* shared by Romeo and Juliet */
	char juliet_at[64];                       /* what Romeo calls */
	char told[600];                           /* what a scene has to say at its end */
};

struct troth_scene {
	const char *name;  /* for programs; NULL ends */
	const char *title; /* a sentence */
	bool needs_link;   /* can't be played on loopback */
	/* Whether it happened. */
	bool (*play)(struct troth_demo *demo);
};

extern const struct troth_scene troth_scenes[];

/* Effect: ends whatever still runs. */
void troth_demo_end(struct troth_demo *demo);

#endif
