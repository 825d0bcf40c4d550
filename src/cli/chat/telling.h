/* SPDX-License-Identifier: MIT */
/*
 * News of a session in words for people and as JSON for programs. Layer: cli. What peers
 * wrote goes through as it is: cli/terminal/output.h cleans every line.
 */
#ifndef TROTH_CLI_CHAT_TELLING_H
#define TROTH_CLI_CHAT_TELLING_H

#include "cli/terminal/output.h"
#include "session/session.h"

/* A line for people; freed with free. NULL: nothing to say (messages, receipts and strings to
 * compare are the verb's to show), or no memory. */
char *troth_telling_text(const struct troth_news *news);
/* The string to be compared, of TROTH_NEWS_SAS, a line at a time from 0; NULL after the last. */
char *troth_telling_sas(const struct troth_news *news, size_t line);
/* How important it is. */
enum troth_style troth_telling_style(const struct troth_news *news);

/* Effect: {"event":...} with what is known; NULL for tracing and what programs needn't know. */
json_t *troth_telling_json(const struct troth_news *news);

/* Effect: what --verbose adds, on stderr. */
void troth_telling_trace(struct troth_output *out, const struct troth_news *news);

/* The level's style. */
enum troth_style troth_telling_level(enum troth_level level);

#endif
