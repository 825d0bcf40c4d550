/* SPDX-License-Identifier: MIT */
/*
 * What a bot's program says: a line of JSON each, read strictly. Layer: cli. Pure: knows no
 * session. troth-bot(7) is the document.
 */
#ifndef TROTH_CLI_BOT_BOT_COMMAND_H
#define TROTH_CLI_BOT_BOT_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <troth/bytes.h>

enum troth_bot_do { TROTH_BOT_SAY, TROTH_BOT_CALL, TROTH_BOT_HANG_UP, TROTH_BOT_QUIT };

struct troth_bot_command {
	enum troth_bot_do what;
	unsigned talk;    /* 0: `contact` */
	const char *name; /* a contact's label; NULL: `talk` */
	const char *text;
	const json_t *ref; /* a string or a number, to be given back; NULL: none */
	json_t *line;      /* owns the above */
};

#define TROTH_BOT_REF_MAX 128

/* Effect: reads a line. *out is released by troth_bot_command_fini when it is TROTH_OK.
 * Errors: TROTH_E_FORMAT, and *why is a sentence, in `text` of the caller's. What isn't known, is
 * there twice, has another type or is missing is an error: a mistyped member must not be ignored.
 */
int troth_bot_command_read(struct troth_bot_command *out, struct troth_slice line, char *why,
			   size_t size) TROTH_MUST_USE;
void troth_bot_command_fini(struct troth_bot_command *command);
/* "say", ...; static. */
const char *troth_bot_do_name(enum troth_bot_do what);

#endif
