/* SPDX-License-Identifier: MIT */
/* The pairing window, for the other files of this folder (state.h includes it). Layer: session. */
#ifndef TROTH_SESSION_WINDOW_H
#define TROTH_SESSION_WINDOW_H

#include "base/limits.h"
#include "session/session.h"

#define SCOPE_SIZE 48

struct link;

struct window {
	bool open;
	unsigned number; /* of all that were opened: another secret may follow under one scope */
	int64_t contact;
	char label[TROTH_STORE_LABEL_MAX + 1];
	struct troth_secret *secret;
	char scope[SCOPE_SIZE];
	enum troth_store_claim claim;
	char question[TROTH_LIMIT_QUESTION_BYTES + 1]; /* "": none */
	int64_t met; /* the contact whose keys were pinned; 0: none yet */
	struct troth_pin pin;
};

/* Whether somebody of that contact (0: unknown) may come through it. */
bool window_admits(const struct troth_session *s, int64_t contact);
/* Whether a stream that came through the window may still go on: it may have been used or closed
 * since. Always for others. */
bool window_holds(const struct link *l);
void window_met(struct troth_session *s, const struct link *l);
/* Effect: a stream by keys is up: if the window waits for it, the pairing is complete. */
void window_confirm(struct link *l);
/* Effect: somebody's secret was wrong. */
bool window_wrong(struct link *l);
void window_clear(struct troth_session *s);

#endif
