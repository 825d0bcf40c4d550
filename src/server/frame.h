/* SPDX-License-Identifier: MIT */
/*
 * What an account and the process that libstrophe runs in (server/worker.h) say to each other: a
 * type, a length, bytes. Layer: server. Neither believes the other's lengths.
 */
#ifndef TROTH_SERVER_FRAME_H
#define TROTH_SERVER_FRAME_H

#include <troth/bytes.h>

/* From the account: CONFIG, then CONNECT, SEND and CLOSE as often as it likes. From the process:
 * UP, STANZA, DOWN. */
enum troth_frame_type {
	TROTH_FRAME_CONFIG = 'C', /* texts, each with a NUL: see enum troth_frame_config */
	TROTH_FRAME_CONNECT = 'O',
	TROTH_FRAME_SEND = 'S', /* one stanza */
	TROTH_FRAME_CLOSE = 'E',
	TROTH_FRAME_UP = 'U',     /* 'r' (resumed) or 'n', and our full JID */
	TROTH_FRAME_STANZA = 'T', /* one element with its namespace */
	TROTH_FRAME_DOWN = 'D'    /* a byte of enum troth_account_reason, and a text */
};

/* The texts of a CONFIG, in this order; "" for what isn't given. */
enum troth_frame_config {
	TROTH_CONFIG_JID,
	TROTH_CONFIG_PASSWORD,
	TROTH_CONFIG_PEM,
	TROTH_CONFIG_HOST,
	TROTH_CONFIG_PORT,
	TROTH_CONFIG_CA_FILE,
	TROTH_CONFIG_DIRECT_TLS, /* "1" */
	TROTH_CONFIG_RESUME,     /* "1" */
	TROTH_CONFIG_COUNT
};

#define TROTH_FRAME_HEAD 5

struct troth_frame {
	enum troth_frame_type type;
	struct troth_slice body;
	size_t size; /* of all of it: to be consumed when it was looked at */
};

/* Effect: fills in the head of a frame of len bytes. */
void troth_frame_head(uint8_t out[TROTH_FRAME_HEAD], enum troth_frame_type type, size_t len);
/* Effect: the first frame of what has come, borrowed. Errors: TROTH_E_NOT_FOUND while it isn't
 * whole, TROTH_E_LIMIT for one that is longer than any may be. */
int troth_frame_next(struct troth_frame *out, struct troth_slice input) TROTH_MUST_USE;

#endif
