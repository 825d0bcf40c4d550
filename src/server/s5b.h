/* SPDX-License-Identifier: MIT */
/*
 * Bytestreams by XEP-0065 alone, each with TLS of its own (bytestream/secured.h), over an account:
 * for clients that have neither Jingle nor XEP-0250. Layer: server, on the core and io.
 *
 * NOBODY IS AUTHENTICATED. The certificates come in the IQs, and the servers that carry these can
 * put others in their place: what runs here is to be shown as unverified. Without a certificate
 * there is no bytestream, and the first security error ends one.
 *
 * Common to all calls: one thread, that of the loop. Callbacks come from the loop, never from
 * inside a call.
 */
#ifndef TROTH_SERVER_S5B_H
#define TROTH_SERVER_S5B_H

#include "server/account.h"

struct troth_s5b_account; /* all of an account */
struct troth_s5b;         /* one, with one client */

struct troth_s5b_callbacks {
	/* The peer has proved that it has the certificate of its IQ: bytes pass. */
	void (*open)(void *user);
	void (*arrived)(void *user, struct troth_slice bytes); /* borrowed; never empty */
	/* The peer has ended its side in order: nothing more arrives. Ours goes on. */
	void (*ended)(void *user);
	/* Less waits to be sent than before. */
	void (*written)(void *user);
	/* It is freed when this returns. TROTH_OK: the peer has ended its side in order, and
	 * nothing of ours waits. Errors:
	 * TROTH_E_NO_TLS when the answer has no certificate, TROTH_E_CERT when it has one that
	 * can't be used, TROTH_E_KEY_CHANGED when the peer shows another one; TROTH_E_SELF,
	 * TROTH_E_TLS, TROTH_E_TRUNCATED and TROTH_E_PEER_REFUSED as bytestream/secured.h has them;
	 * TROTH_E_PEER_REFUSED also when it isn't wanted; TROTH_E_UNREACHABLE, TROTH_E_TIMEOUT,
	 * TROTH_E_PROTOCOL, TROTH_E_IO, TROTH_E_NOMEM. */
	void (*over)(void *user, int err);
	void *user;
};

struct troth_s5b_params {
	struct troth_account *account; /* outlives it, and isn't up yet */
	/* Tell those whom we call our addresses, and connect to where those who call us say. false:
	 * by proxies of our own server alone. */
	bool direct;
	/* May this client know that we are here? NULL: those whom others admit. */
	bool (*admits)(void *user, const struct troth_address *peer);
	/* Somebody who may asks for one, with a certificate. Effect: fills in who is told what
	 * becomes of it; false: it is refused. NULL: all are refused. */
	bool (*called)(void *user, struct troth_s5b *b, const struct troth_address *peer,
		       struct troth_s5b_callbacks *out);
	void *user;
};

/* Errors: TROTH_E_NOMEM, TROTH_E_LIMIT, TROTH_E_IO, TROTH_E_CRYPTO; the account is to be ended
 * then, without being connected. */
int troth_s5b_account_new(struct troth_s5b_account **out,
			  const struct troth_s5b_params *params) TROTH_MUST_USE;
/* Effect: after the account's end only; drops what is left. `done` is called when all is closed,
 * from the loop. NULL is fine, then nothing is called. */
void troth_s5b_account_free(struct troth_s5b_account *all, void (*done)(void *user), void *user);

/* Effect: begins to open one to a full JID. Errors: TROTH_E_UNREACHABLE while the account isn't up,
 * TROTH_E_FORMAT, TROTH_E_SELF, TROTH_E_LIMIT beyond 32, TROTH_E_CRYPTO, TROTH_E_NOMEM. */
int troth_s5b_call(struct troth_s5b **out, struct troth_s5b_account *all, const char *jid,
		   const struct troth_s5b_callbacks *callbacks) TROTH_MUST_USE;

/* Effect: encrypts and sends all of it. Errors: TROTH_E_INVAL before it is open and after its end;
 * TROTH_E_LIMIT when too much waits. */
int troth_s5b_write(struct troth_s5b *b, struct troth_slice bytes) TROTH_MUST_USE;
/* Bytes that wait to be sent: whoever sends much waits while this is much. */
size_t troth_s5b_waiting(const struct troth_s5b *b);
/* Effect: ends our side in order, behind what was written; `over` follows when the peer's side has
 * ended, too. One that isn't open is over: TROTH_E_INVAL. */
void troth_s5b_close(struct troth_s5b *b);

#endif
