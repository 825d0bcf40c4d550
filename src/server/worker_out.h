/* SPDX-License-Identifier: MIT */
/*
 * What the worker tells the account: frames are gathered, and written at once when the worker has
 * seen what there is to see, so that the account wakes once. Layer: server, in the worker's
 * process.
 */
#ifndef TROTH_SERVER_WORKER_OUT_H
#define TROTH_SERVER_WORKER_OUT_H

#include "server/frame.h"

#include <stdbool.h>
#include <strophe.h>

/* Effect: prepares the buffer that all below is about. */
void worker_out_init(struct troth_buf *out);
/* Effect: adds a frame of a character and a text. Errors: those of a buffer. */
int worker_out_text(struct troth_buf *out, enum troth_frame_type type, char first,
		    const char *text) TROTH_MUST_USE;
/* Effect: adds a stanza. One that no account would read, since it is too long or too deep, is left
 * out. Errors: TROTH_E_NOMEM. */
int worker_out_stanza(struct troth_buf *out, xmpp_stanza_t *stanza) TROTH_MUST_USE;
/* Whether so much waits that it is time to flush. */
bool worker_out_is_much(const struct troth_buf *out);
/* Effect: writes all of it to the descriptor, which may block. False when nobody reads. */
bool worker_out_flush(struct troth_buf *out, int fd) TROTH_MUST_USE;

#endif
