/* SPDX-License-Identifier: MIT */
/*
 * One negotiation of SOCKS5 on one TCP connection, either side, in turns. Layer: io; of the files
 * socks5_*.c alone. Reads nothing behind the negotiation. The owner closes the connection.
 */
#ifndef TROTH_IO_SOCKS5_LINE_H
#define TROTH_IO_SOCKS5_LINE_H

#include "bytestream/socks5.h"

#include <uv.h>

/* Embedded; must stay until tcp is closed or handed on. */
struct troth_socks5_line {
	struct troth_socks5 socks; /* set up by the owner */
	uv_tcp_t *tcp;
	/* The negotiation is over (err says how), or the server is asked: TROTH_SOCKS5_ASKED. Once
	 * over, nothing of the line is used any more. */
	void (*turn)(struct troth_socks5_line *line, int err);
	void *user;
	uv_write_t request;
	char in[TROTH_SOCKS5_MESSAGE];
};

/* Effect: goes on: at the beginning, and after an answer. `turn` may come before it returns. */
void troth_socks5_line_go(struct troth_socks5_line *line);

#endif
