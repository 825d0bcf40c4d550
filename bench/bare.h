/* SPDX-License-Identifier: MIT */
/*
 * What is measured against: two ends of OpenSSL alone, TLS 1.3, both with a certificate, set up
 * as sparingly as is still safe: certificates loaded once, the peer's compared with the one that
 * is expected, X25519, no tickets, no chain, no transcript, no XML.
 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include "line.h"

#include <openssl/ssl.h>
#include <troth/key.h>

struct bare {
	SSL_CTX *ctx[2]; /* client, server */
	SSL *ssl[2];
};

/* The devices must outlive it. */
void bare_init(struct bare *b, const struct troth_device *client,
	       const struct troth_device *server);
void bare_fini(struct bare *b);

/* Effect: a connection in memory, or over a line; both ends have finished. */
void bare_connect(struct bare *b, const struct line *line);
void bare_close(struct bare *b);

/* Effect: len bytes from one end to the other; bytes holds them on both sides. */
void bare_carry(struct bare *b, int from, char *bytes, size_t len);

#endif
