/* SPDX-License-Identifier: MIT */
/* A message that has come, as people see it. Layer: cli. */
#ifndef TROTH_CLI_CHAT_MESSAGE_H
#define TROTH_CLI_CHAT_MESSAGE_H

#include "cli/terminal/output.h"
#include "session/session.h"

/* Effect: "[12:00] Juliet (verified): text", its further lines below it, indented: each is cleaned
 * by itself, and none can look like the beginning of a message. */
void troth_message_show(struct troth_output *out, const struct troth_news *n);

#define TROTH_CLOCK_LEN 8
/* "12:00", now and here. Returns out. */
const char *troth_message_clock(char out[TROTH_CLOCK_LEN]);

#endif
