/* SPDX-License-Identifier: MIT */
/*
 * Bytestreams with other clients through an account: from a full JID to bytes, and the other way
 * round. Layer: server, on the core and io. Jingle agrees on one (troth/jingle.h): SOCKS5 directly
 * or through a proxy, in-band as the last resort; io/ connects. What runs on the bytes, and all
 * trust, is the caller's: nothing here is secure or authenticated.
 *
 * Common to all calls: one thread, that of the loop. Callbacks come from the loop, never from
 * inside a call.
 */
#ifndef TROTH_SERVER_BYTESTREAMS_H
#define TROTH_SERVER_BYTESTREAMS_H

#include "io/transport.h"
#include "server/account.h"

#include <troth/jingle.h>

struct troth_bytestreams; /* all of an account */
struct troth_bytestream;  /* one, with one client */

/* How the bytes go. */
enum troth_path {
	TROTH_PATH_DIRECT, /* from one machine to the other */
	TROTH_PATH_PROXY,  /* through a SOCKS5 proxy, mostly the server's */
	TROTH_PATH_IN_BAND /* as stanzas through the servers: slow */
};
/* "direct", "proxy", "in-band". Static. */
const char *troth_path_name(enum troth_path path);

struct troth_bytestream_callbacks {
	/* Bytes can flow. The transport is the callee's, to be closed before the bytestream is
	 * ended. It may come again: what came before carried nothing, and what ran on it begins
	 * anew; that one is to be closed. */
	void (*open)(void *user, struct troth_transport *transport, enum troth_path path);
	/* There will be none, or it has ended; the bytestream is freed when this returns. A
	 * transport that was handed out goes on as long as it can. Errors: TROTH_E_UNREACHABLE,
	 * TROTH_E_TIMEOUT, TROTH_E_PEER_REFUSED, TROTH_E_UNSUPPORTED, TROTH_E_NOT_FOUND where
	 * the call was answered as if nobody were there, TROTH_E_NO_TLS when it doesn't agree to
	 * XTLS, TROTH_OK at its end. */
	void (*over)(void *user, int err, const char *text);
	/* Whether the peer has been heard in what runs on it: then nothing takes its place, however
	 * a server may say so, and the session ends instead. NULL: never. */
	bool (*carries)(void *user);
	void *user;
};

struct troth_bytestreams_params {
	struct troth_account *account; /* outlives it */
	/* Listen for peers, and tell them our addresses: those whom we call, and those callers of
	 * whom `tells` says so. Others learn none, so that we connect to our own server's proxies
	 * only; else in-band. */
	bool direct;
	/* May this caller learn where we are, and have us connect to where it says? NULL: all may.
	 */
	bool (*tells)(void *user, const struct troth_address *peer);
	/* May this client know that we are here, and open a bytestream to us? */
	bool (*admits)(void *user, const struct troth_address *peer);
	/* It does. Effect: fills in who is told what becomes of it; false: it is sent away. */
	bool (*called)(void *user, struct troth_bytestream *b, const struct troth_address *peer,
		       struct troth_bytestream_callbacks *out);
	void *user;
};

/* The features that tell others what we can (XEP-0030 for XEP-0166, 0247, 0260, 0261, 0065). */
#define TROTH_BYTESTREAMS_FEATURES                                                                 \
	"urn:xmpp:jingle:1", "urn:xmpp:jingle:apps:xmlstream:0",                                   \
		"urn:xmpp:jingle:transports:s5b:1", "urn:xmpp:jingle:transports:ibb:1",            \
		"http://jabber.org/protocol/bytestreams", "http://jabber.org/protocol/ibb"
/* The one of them by which a client is known to take streams. */
#define TROTH_BYTESTREAMS_FEATURE "urn:xmpp:jingle:apps:xmlstream:0"

/* Effect: listens to the account. Must be made before it connects. Errors: TROTH_E_NOMEM,
 * TROTH_E_LIMIT, TROTH_E_IO. */
int troth_bytestreams_new(struct troth_bytestreams **out,
			  const struct troth_bytestreams_params *params) TROTH_MUST_USE;
/* Effect: after the account's end only, and when none is left; NULL is fine. `done` is called when
 * all of its sockets are closed, from the loop. */
void troth_bytestreams_free(struct troth_bytestreams *all, void (*done)(void *user), void *user);

/* ---- XTLS: TLS at once on the bytestream (troth/jingle.h) ---- */

/* What the peer has said of it, in its call or in its answer to ours; NULL: nothing. Nothing of it
 * is proven. Borrowed for the life of the bytestream. */
const struct troth_jingle_security *troth_bytestream_security(const struct troth_bytestream *b);
/* Effect: within `called` alone, of a caller that asked for it: this is our answer, with exactly
 * one method. Without it the bytestream is as any other. */
void troth_bytestream_secure(struct troth_bytestream *b, const struct troth_jingle_security *ours);
/* Effect: what was to run on it couldn't be secured: when it is ended the peer is told so. */
void troth_bytestream_unsafe(struct troth_bytestream *b);

/* Effect: begins to open one to a full JID; with `security`, which has exactly one method, only to
 * whoever agrees to that. Errors: TROTH_E_UNREACHABLE while the account isn't up,
 * TROTH_E_FORMAT, TROTH_E_SELF, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_bytestream_call(struct troth_bytestream **out, struct troth_bytestreams *all,
			  const char *jid, const struct troth_jingle_security *security,
			  const struct troth_bytestream_callbacks *callbacks) TROTH_MUST_USE;
/* Effect: nothing has come through the transport for too long: another way takes its place (`open`
 * again), or it is over. */
void troth_bytestream_stalled(struct troth_bytestream *b);
/* Effect: ends and frees it; no callback follows. NULL is fine. */
void troth_bytestream_end(struct troth_bytestream *b);

#endif
