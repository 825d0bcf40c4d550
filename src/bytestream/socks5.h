/* SPDX-License-Identifier: MIT */
/*
 * The negotiation of SOCKS5 as XEP-0065 has it (RFC 1928, no authentication, CONNECT to a
 * hash): both sides, bytes in, bytes out. Layer: bytestream. No I/O.
 *
 * Nothing is sent ahead of an answer: proxies drop what comes in one piece. And nothing
 * behind the negotiation is ever read: the caller reads no more than is wanted.
 */
#ifndef TROTH_BYTESTREAM_SOCKS5_H
#define TROTH_BYTESTREAM_SOCKS5_H

#include <stdbool.h>
#include <troth/bytes.h>

/* XEP-0065 5.3.2: lower-case hex of SHA-1, and a NUL. */
#define TROTH_SOCKS5_DST_LEN 40
#define TROTH_SOCKS5_DST_SIZE (TROTH_SOCKS5_DST_LEN + 1)
/* The longest message: a reply with a name of 255 bytes. */
#define TROTH_SOCKS5_MESSAGE 262

/* Effect: the hash that stands for a bytestream. Requester and target are full JIDs as they
 * stand in its IQs, prepared. Errors: TROTH_E_CRYPTO, TROTH_E_NOMEM, TROTH_E_LIMIT. */
int troth_socks5_dst(char out[TROTH_SOCKS5_DST_SIZE], const char *sid, const char *requester,
		     const char *target) TROTH_MUST_USE;
/* Whether text is such a hash. */
bool troth_socks5_is_dst(const char *text);

enum troth_socks5_state {
	TROTH_SOCKS5_GREETING, /* client: waits for the method; server: for the methods */
	TROTH_SOCKS5_CONNECT,  /* client: waits for the reply; server: for the request */
	TROTH_SOCKS5_ASKED,    /* server: troth_socks5_answer is due */
	TROTH_SOCKS5_DONE, /* what is still to be sent ends it; then the bytes are the stream's */
	TROTH_SOCKS5_FAILED
};

/* Members are private. Needs no release. */
struct troth_socks5 {
	enum troth_socks5_state state;
	bool server;
	int err;
	char dst[TROTH_SOCKS5_DST_SIZE];
	uint8_t in[TROTH_SOCKS5_MESSAGE];
	size_t in_len;
	size_t in_need; /* of the message that is being read, as far as is known */
	uint8_t out[64];
	size_t out_len;
};

/* Effect: begins as client; its greeting is in the output.
 * Errors: TROTH_E_INVAL when dst is no hash. */
int troth_socks5_client(struct troth_socks5 *s, const char *dst) TROTH_MUST_USE;
/* Effect: begins as server. */
void troth_socks5_server(struct troth_socks5 *s);

enum troth_socks5_state troth_socks5_state(const struct troth_socks5 *s);

/* How many bytes to read now at most: 0 when it isn't the peer's turn. */
size_t troth_socks5_wants(const struct troth_socks5 *s);
/* Effect: takes what arrived, at most troth_socks5_wants. The first error is for good; an answer
 * to the peer may stand in the output all the same. Errors: TROTH_E_INVAL for more than is wanted,
 * TROTH_E_PROTOCOL for what isn't this protocol, TROTH_E_PEER_REFUSED when the proxy said no. */
int troth_socks5_feed(struct troth_socks5 *s, struct troth_slice bytes) TROTH_MUST_USE;

/* Server, ASKED: the hash that the client wants. Borrowed. */
const char *troth_socks5_asked(const struct troth_socks5 *s);
/* Effect: server, ASKED: accepts, or refuses for good. */
void troth_socks5_answer(struct troth_socks5 *s, bool accept);

/* What to send; then how much of it was sent. */
struct troth_slice troth_socks5_output(const struct troth_socks5 *s);
void troth_socks5_sent(struct troth_socks5 *s, size_t len);

#endif
