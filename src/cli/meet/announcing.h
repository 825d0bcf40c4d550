/* SPDX-License-Identifier: MIT */
/* What --announce says of the user. Layer: cli. Reads text only; asks no home and no link. */
#ifndef TROTH_CLI_MEET_ANNOUNCING_H
#define TROTH_CLI_MEET_ANNOUNCING_H

#include "lan/lan.h"

/* Zeroed before the first. The texts are owned; NULL: not said. */
struct troth_announcing {
	char *name; /* "user@machine" */
	char *nick; /* the caller's to fill in, when wants_nick */
	char *first;
	char *last;
	char *email;
	char *jid;
	char *msg;
	bool wants_nick;
	bool say_status;
	enum troth_lan_status status;
};

/* Effect: reads one --announce: items with commas between them, of which msg= takes the rest.
 * What is said again replaces. Errors: TROTH_E_FORMAT, and *wrong (borrowed from text) begins
 * with the item that isn't one; TROTH_E_NOMEM. What came before the error stays read. */
int troth_announcing_read(struct troth_announcing *a, const char *text,
			  const char **wrong) TROTH_MUST_USE;
/* The card; its texts are borrowed. */
struct troth_lan_card troth_announcing_card(const struct troth_announcing *a);
void troth_announcing_fini(struct troth_announcing *a);

/* Effect: avail, away or dnd; false for anything else. */
bool troth_announcing_status(struct troth_slice word, enum troth_lan_status *out);

#endif
