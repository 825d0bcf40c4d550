/* SPDX-License-Identifier: MIT */
/*
 * Bytestreams from the inside. Layer: server; of these files alone:
 *
 *   bytestreams.c       all of an account: life, and what Jingle says
 *   bytestream.c        one: how it begins and ends
 *   bytestream_socks5.c candidates, ours and the peer's
 *   bytestream_ibb.c    in-band
 *   bytestream_xtls.c   what is said of TLS at once on it
 *   proxies.c           what the server offers to relay by
 */
#ifndef TROTH_SERVER_BYTESTREAMS_STATE_H
#define TROTH_SERVER_BYTESTREAMS_STATE_H

#include "base/limits.h"
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

/* What one side says of XTLS. */
struct bytestream_security {
	bool said;
	struct troth_jingle_security view;
	char fingerprint[TROTH_LIMIT_JINGLE_TEXT + 1];
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
	bool unsafe;                       /* what ran on it wasn't secured */
	struct bytestream_security ours;   /* XTLS: one method */
	struct bytestream_security theirs; /* of the call, or of the answer */
	bool expected;                     /* the listener knows of it */
	char dst[TROTH_SOCKS5_DST_SIZE];   /* what the peer names when it connects to us */
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

/* ---- bytestream_xtls.c ---- */
/* Effect: keeps a copy; NULL: nothing was said. */
void xtls_keep(struct bytestream_security *to, const struct troth_jingle_security *from);
/* Effect: the peer has taken our call: it is said by which method we go on, or the session ends
 * where it hasn't agreed to the one that we asked for. */
void xtls_accepted(struct troth_bytestream *b, const struct troth_jingle_event *e);
/* Effect: the peer says by which method it goes on: the session ends if it isn't our answer's. */
void xtls_chosen(struct troth_bytestream *b, const struct troth_jingle_event *e);

/* ---- bytestream_ibb.c ---- */
void ibb_open(struct troth_bytestream *b, const struct troth_jingle_event *e);
/* Effect: a stanza of an in-band bytestream; false: it is of none. */
bool ibb_stanza(struct troth_bytestreams *all, const struct troth_element *stanza);

#endif
