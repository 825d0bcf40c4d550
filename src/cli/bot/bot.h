/* SPDX-License-Identifier: MIT */
/*
 * A program as a bot: told each event as a line of JSON, and doing what its lines say. Layer: cli.
 * It speaks with contacts that the session has accepted; whom that takes in is not its to say.
 */
#ifndef TROTH_CLI_BOT_BOT_H
#define TROTH_CLI_BOT_BOT_H

#include "cli/bot/program.h"
#include "cli/running.h"

#define TROTH_BOT_CALLS 64

#define TROTH_BOT_OPTIONS                                                                          \
	{"exec", 0, "CMD", "run CMD as a bot (troth-bot(7)) with the arguments that follow",       \
	 TROTH_COMPLETE_FILE},                                                                     \
	{                                                                                          \
		"env", 0, "NAME", "exec: let CMD have this variable, too (may be repeated)",       \
			TROTH_COMPLETE_NOTHING                                                     \
	}

/* Zeroed before the first. Members are private. */
struct troth_bot {
	struct troth_running *running;
	struct troth_program *program;
	const char **argv;
	const char **pass;
	json_t *ups; /* the last "up" of each conversation that is connected */
	struct troth_call *calls[TROTH_BOT_CALLS];
};

/* Whether the command line asks for one. */
bool troth_bot_wanted(const struct troth_cli *cli);
/* Effect: runs --exec beside a session that listens. troth_bot_end ends it. On failure there is
 * nothing to end. */
enum troth_exit troth_bot_start(struct troth_bot *bot, struct troth_running *running);
/* Effect: an event for it, which is given away; NULL and no bot are fine. */
void troth_bot_tell(struct troth_bot *bot, json_t *event);
/* Effect: the same with news. */
void troth_bot_news(struct troth_bot *bot, const struct troth_news *news);
/* Effect: ends the program, as the loop runs on. Nothing without one. */
void troth_bot_end(struct troth_bot *bot);
/* Effect: releases, once the loop is over. */
void troth_bot_fini(struct troth_bot *bot);

#endif
