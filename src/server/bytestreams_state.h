/* SPDX-License-Identifier: MIT */
/*
 * Bytestreams from the inside. Layer: server; of these files alone:
 *
 *   bytestreams.c       all of an account: life, and what Jingle says
 *   bytestream.c        one: how it begins and ends
 *   bytestream_socks5.c candidates, ours and the peer's
 *   bytestream_ibb.c    in-band
 *   proxies.c           what the server offers to relay by
 */
#ifndef TROTH_SERVER_BYTESTREAMS_STATE_H
#define TROTH_SERVER_BYTESTREAMS_STATE_H

#include "io/own_addresses.h"
#include "io/socks5_dial.h"
#include "io/socks5_listener.h"
#include "server/bytestreams.h"
#include "server/proxies.h"

#include <troth/err.h>
#include <troth/jingle.h>

#define BYTESTREAM_ACCEPTED_MAX 8
#define BYTESTREAM_CANDIDATES_MAX (TROTH_OWN_ADDRESSES_MAX + TROTH_PROXIES_MAX)

/* A connection that the peer has made to one of our addresses. */
struct accepted {
	uv_tcp_t *tcp;
	int place;
};

struct troth_bytestream {
	struct troth_bytestream *next;
	struct troth_bytestreams *all;
	struct troth_bytestream_callbacks callbacks;
	uint64_t session; /* Jingle's number */
	bool caller;
	bool direct;  /* the peer may learn our addresses */
	bool offered; /* candidates were told to the peer */
	bool taken;   /* both sides want it */
	bool opened;
	bool expected;                   /* the listener knows of it */
	char dst[TROTH_SOCKS5_DST_SIZE]; /* what the peer names when it connects to us */
	struct accepted accepted[BYTESTREAM_ACCEPTED_MAX];
	size_t accepted_count;
	struct troth_socks5_dial *dial; /* to the peer's candidates */
	size_t cid_count;
	char *cids[TROTH_SOCKS5_DIAL_MAX]; /* by the dial's index */
	bool proxies[TROTH_SOCKS5_DIAL_MAX];
	uint32_t best;       /* priority among them */
	uv_tcp_t *connected; /* to one of them */
	bool connected_proxy;
	struct troth_socks5_dial *proxy_dial; /* to our own proxy */
	uv_tcp_t *proxy;
	struct activation *activation; /* waits for proxy_dial */
	/* The session's, while it runs: freed only after the bytestream was ended. NULL: none. */
	struct troth_transport *in_band;
};

struct troth_bytestreams {
	struct troth_account *account;
	uv_loop_t *loop;
	struct troth_bytestreams_params params;
	struct troth_jingle *jingle; /* of the address that the server gave us; NULL: none yet */
	uv_timer_t timer;
	struct troth_gate gate; /* of our listener */
	struct troth_socks5_listener *listener;
	struct troth_proxies *proxies;
	struct troth_bytestream *streams;
	void (*freed)(void *user);
	void *freed_user;
};

/* ---- bytestreams.c ---- */
int64_t bytestreams_now(const struct troth_bytestreams *all);
/* Effect: what Jingle has to send and to say, now; or when the loop is back. */
void bytestreams_pump(struct troth_bytestreams *all);
void bytestreams_later(struct troth_bytestreams *all);
struct troth_bytestream *bytestreams_find(const struct troth_bytestreams *all, uint64_t session);

/* ---- bytestream.c ---- */
int bytestream_new(struct troth_bytestream **out, struct troth_bytestreams *all, uint64_t session);
/* Effect: gives the peer our candidates: offer or accept. */
int bytestream_offer(struct troth_bytestream *b) TROTH_MUST_USE;
/* Effect: hands bytes over. */
void bytestream_open(struct troth_bytestream *b, struct troth_transport *transport,
		     enum troth_path path);
/* Effect: frees it; its callback is called with the reason. */
void bytestream_over(struct troth_bytestream *b, int err, const char *text);
void bytestream_free(struct troth_bytestream *b);

/* ---- bytestream_socks5.c ---- */
/* Effect: our candidates, with texts in `addresses`; the listener expects the peer from now on. */
size_t socks5_candidates(struct troth_bytestream *b,
			 struct troth_jingle_candidate out[BYTESTREAM_CANDIDATES_MAX],
			 struct troth_own_address addresses[TROTH_OWN_ADDRESSES_MAX]);
void socks5_connect(struct troth_bytestream *b, const struct troth_jingle_event *e);
void socks5_abandon(struct troth_bytestream *b, uint32_t priority);
void socks5_activate(struct troth_bytestream *b, const struct troth_jingle_event *e);
void socks5_open(struct troth_bytestream *b, const struct troth_jingle_event *e);
/* Effect: closes whatever is open or under way. */
void socks5_drop(struct troth_bytestream *b);

/* ---- bytestream_ibb.c ---- */
void ibb_open(struct troth_bytestream *b, const struct troth_jingle_event *e);
/* Effect: a stanza of an in-band bytestream; false: it is of none. */
bool ibb_stanza(struct troth_bytestreams *all, const struct troth_element *stanza);

#endif
