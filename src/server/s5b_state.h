/* SPDX-License-Identifier: MIT */
/*
 * Bytestreams by XEP-0065 alone from the inside. Layer: server; of these files alone:
 *
 *   s5b.c         all of an account, and the life of one
 *   s5b_call.c    asked for by us: XEP-0065's requester
 *   s5b_answer.c  asked for by others: its target
 *   s5b_line.c    the bytes, by TLS
 */
#ifndef TROTH_SERVER_S5B_STATE_H
#define TROTH_SERVER_S5B_STATE_H

#include "bytestream/s5b_query.h"
#include "bytestream/secured.h"
#include "io/own_addresses.h"
#include "io/socks5_dial.h"
#include "io/socks5_listener.h"
#include "io/transport.h"
#include "server/proxies.h"
#include "server/s5b.h"

#include <troth/err.h>

#define S5B_ACCEPTED_MAX 8
#define S5B_SID_SIZE 33
#define S5B_PIECE 65536 /* bytes that are handed out at once */

/* A connection that the peer has made to one of our addresses. */
struct s5b_accepted {
	uv_tcp_t *tcp;
	int place; /* in the gate */
};

struct troth_s5b {
	struct troth_s5b *next;
	struct troth_s5b_account *all;
	struct troth_s5b_callbacks callbacks;
	struct troth_address *peer; /* full */
	uint64_t number;            /* never used again: what answers come to */
	bool offered;               /* requester: the peer was asked */
	bool expected;              /* the listener knows of it */
	bool we_ended;              /* our side, in order */
	bool peer_ended;            /* the peer's; told */
	bool ending;                /* err is settled */
	bool finished;              /* the transport was told to end */
	bool peer_gone;             /* it has ended the transport */
	bool closed;                /* nothing of it is used any more */
	int err;
	char sid[S5B_SID_SIZE];
	char dst[TROTH_SOCKS5_DST_SIZE];
	struct s5b_accepted accepted[S5B_ACCEPTED_MAX];
	size_t accepted_count;
	struct troth_own_address own[TROTH_OWN_ADDRESSES_MAX]; /* as they were offered */
	size_t own_count;
	char *hosts[TROTH_STREAMHOSTS_MAX]; /* JIDs, by the dial's index */
	bool relays[TROTH_STREAMHOSTS_MAX]; /* likewise: somebody's proxy */
	size_t host_count;
	char *request; /* target: the id of the IQ that is to be answered */
	struct troth_socks5_dial *dial;
	uv_tcp_t *relay; /* requester: a connection to our proxy that isn't activated yet */
	struct troth_secured *tls;
	struct troth_buf cert; /* the peer's, as its IQ has it */
	struct troth_buf in;
	struct troth_transport *transport;
	uv_timer_t timer;
};

struct troth_s5b_account {
	struct troth_account *account;
	uv_loop_t *loop;
	struct troth_s5b_params params;
	struct troth_tls_context *context;
	struct troth_gate gate;
	struct troth_socks5_listener *listener; /* from the first direct call on */
	struct troth_proxies *proxies;
	struct troth_s5b *streams;
	uint64_t numbers;
	bool freeing;
	void (*freed)(void *user);
	void *freed_user;
};

/* ---- s5b.c ---- */
/* Effect: one with peer, requested by us or not; it has a certificate. Takes peer over, also on
 * error. */
int s5b_new(struct troth_s5b **out, struct troth_s5b_account *all, struct troth_address *peer,
	    bool requester) TROTH_MUST_USE;
/* The one with this number; NULL: it is over. */
struct troth_s5b *s5b_find(const struct troth_s5b_account *all, uint64_t number);
/* Effect: it is over for that reason, unless it was before: what is said last leaves. */
void s5b_end(struct troth_s5b *b, int err);
/* Effect: the same after so many ms. */
void s5b_patience(struct troth_s5b *b, uint64_t ms);
/* Effect: there is no transport any more; it is told, and freed. */
void s5b_gone(struct troth_s5b *b);
void s5b_close_tcp(uv_tcp_t **tcp);
const char *s5b_own_jid(const struct troth_s5b_account *all);

/* ---- s5b_call.c ---- */
/* Effect: asks the peer; proxies are known. */
void s5b_offer(struct troth_s5b *b);
/* Effect: closes what is open of the negotiation. */
void s5b_call_drop(struct troth_s5b *b);

/* ---- s5b_answer.c ---- */
/* Effect: a request of somebody's; false: it is none. */
bool s5b_answer(struct troth_s5b_account *all, const struct troth_element *iq);

/* ---- s5b_line.c ---- */
/* Effect: the bytestream is there; TLS begins. Takes tcp over. */
void s5b_begin(struct troth_s5b *b, uv_tcp_t *tcp, bool relayed);
/* Effect: what TLS has to say last is sent, then the transport is closed. */
void s5b_line_end(struct troth_s5b *b);
/* Effect: that may take no longer than a stream's end. */
void s5b_line_limit(struct troth_s5b *b);
/* Effect: at once. */
void s5b_line_close(struct troth_s5b *b);

#endif
