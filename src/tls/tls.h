/* SPDX-License-Identifier: MIT */
/*
 * One TLS session over buffers. Layer: tls, on keys and base. No I/O: what
 * arrived goes in, what must be sent is taken out. docs/protocol.md, "TLS".
 *
 * The peer's certificate is judged in two steps: at once, inside the handshake,
 * by `check` (a refusal sends an alert); and afterwards by the caller, who must
 * not write before its own verdict. A server has no other safe way: OpenSSL's
 * SSL_set_retry_verify fails open there.
 */
#ifndef TROTH_TLS_TLS_H
#define TROTH_TLS_TLS_H

#include <stdbool.h>
#include <troth/bytes.h>
#include <troth/key.h>
#include <troth/secret.h>

/* Shared by all sessions of an engine: one SSL_CTX, because each costs 13 to 19 KiB. */
struct troth_tls_context;

/* Effect: the caller owns *out, which must outlive every session made of it. */
int troth_tls_context_new(struct troth_tls_context **out) TROTH_MUST_USE;
void troth_tls_context_free(struct troth_tls_context *context);
/* What troth_tls_has_srp said when the context was made: asking it costs as much as half a
 * handshake. */
bool troth_tls_context_has_srp(const struct troth_tls_context *context);

/* Whether this build and this libssl can do TLS-SRP. */
bool troth_tls_has_srp(void);

enum troth_tls_role { TROTH_TLS_CLIENT, TROTH_TLS_SERVER };

/* What the session authenticates with. One file per kind implements it. */
enum troth_tls_credential {
	TROTH_TLS_CERTIFICATE, /* both sides present the device certificate */
	TROTH_TLS_SRP,         /* both sides prove the secret (RFC 5054) */
	/* Server without offers (seed 000): SRP when the ClientHello brings it; when it
	 * doesn't and srp_wanted is set, alert unknown_psk_identity; else certificates. */
	TROTH_TLS_EITHER
};

/* The answer of `check`. */
enum troth_tls_check {
	TROTH_TLS_ACCEPT,
	TROTH_TLS_REJECT,
	TROTH_TLS_REJECT_REVOKED,
	TROTH_TLS_REJECT_UNKNOWN_CA /* somebody has certified it, and nobody here believes him */
};

struct troth_tls_params {
	enum troth_tls_role role;
	enum troth_tls_credential credential;
	const struct troth_device *device; /* certificate kinds; borrowed for the session's life */
	const struct troth_secret *secret; /* SRP kinds; copied */
	const char *srp_user;              /* client: sent; server: expected (see srp_user_same) */
	/* Server: does the user name that arrived stand for srp_user? NULL: equal strings.
	 * false makes the handshake fail exactly as for a wrong secret. */
	bool (*srp_user_same)(void *user, const char *received);
	bool srp_wanted;  /* TROTH_TLS_EITHER: certificates won't do */
	bool want_staple; /* client: ask for an OCSP response */
	bool require_ems; /* refuse TLS 1.2 without extended master secret (pake) */
	/* Called once with the leaf certificate the peer showed, during the handshake. */
	enum troth_tls_check (*check)(void *user, const struct troth_cert *cert);
	void *user; /* handed to check and srp_user_same */
};

struct troth_tls;

int troth_tls_new(struct troth_tls **out, struct troth_tls_context *context,
		  const struct troth_tls_params *params) TROTH_MUST_USE;
/* Effect: frees the session and wipes its keys; NULL is fine. */
void troth_tls_free(struct troth_tls *tls);

/* Effect: takes cipher text from the peer; it is processed by the calls below. */
int troth_tls_feed(struct troth_tls *tls, struct troth_slice bytes) TROTH_MUST_USE;
/* Cipher text fed and not yet processed by OpenSSL. */
size_t troth_tls_unread(const struct troth_tls *tls);
/* The cipher text to send; the caller consumes it. */
struct troth_buf *troth_tls_output(struct troth_tls *tls);
/* Effect: an idle session keeps no large buffers (TROTH_LIMIT_IDLE_BYTES). */
void troth_tls_relax(struct troth_tls *tls);

/* Effect: goes on with the handshake. TROTH_OK when done on this side (then
 * *done = true) or when more input is needed (*done = false). Otherwise it has failed for
 * good; an alert may stand in the output. Errors: TROTH_E_SECRET when the secrets
 * differ, TROTH_E_CERT and TROTH_E_REVOKED when check refused, TROTH_E_PEER_REFUSED
 * when the peer refused our certificate, TROTH_E_TLS. */
int troth_tls_handshake(struct troth_tls *tls, bool *done) TROTH_MUST_USE;

/* Client, after the handshake failed: the peer wants a shared secret (alert
 * unknown_psk_identity). The transport is good for a new session with SRP.
 * Server of kind TROTH_TLS_EITHER: we sent that alert; the peer may start again. */
bool troth_tls_secret_wanted(const struct troth_tls *tls);

/* What was negotiated. TROTH_TLS_CERTIFICATE or TROTH_TLS_SRP; valid once done. */
enum troth_tls_credential troth_tls_used(const struct troth_tls *tls);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384": for people and logs; borrowed. */
const char *troth_tls_describe(const struct troth_tls *tls);
/* The peer's leaf certificate, NULL under SRP; borrowed for the session's life. */
const struct troth_cert *troth_tls_peer(const struct troth_tls *tls);
/* Effect: SHA-256 of the certificate (DER) that this side showed, or the peer. TROTH_E_TLS when it
 * showed none. */
int troth_tls_cert_hash(const struct troth_tls *tls, bool own, uint8_t out[32]) TROTH_MUST_USE;
/* What the peer sent behind its leaf, in its order, at most TROTH_LIMIT_CHAIN_CERTS - 1; nobody
 * has looked at it. Returns how many; borrowed for the session's life. */
size_t troth_tls_chain(const struct troth_tls *tls, const struct troth_slice **out);
/* Client, once done: the OCSP response that the server stapled, or nothing. Borrowed likewise.
 * (OpenSSL has none of clients.) */
struct troth_slice troth_tls_staple(const struct troth_tls *tls);
/* Effect: RFC 9266 tls-exporter, 32 bytes. TROTH_E_TLS before the handshake is done,
 * and on TLS 1.2 without extended master secret: unless allow_without_ems. */
int troth_tls_exporter(struct troth_tls *tls, bool allow_without_ems,
		       uint8_t out[32]) TROTH_MUST_USE;

/* Effect: encrypts all of bytes into the output. Errors: TROTH_E_LIMIT when they don't
 * fit there (nothing is written, the session goes on), TROTH_E_INVAL before the end of the
 * handshake and after troth_tls_close; else as troth_tls_read. */
int troth_tls_write(struct troth_tls *tls, struct troth_slice bytes) TROTH_MUST_USE;
/* Effect: appends decrypted bytes to out, at most max of them. *ended is set once the
 * peer's close_notify has been read. Errors: TROTH_E_TLS (alert, bad record),
 * TROTH_E_PEER_REFUSED when a late alert says that our certificate was refused; whole
 * records that came before it have been appended all the same. */
int troth_tls_read(struct troth_tls *tls, struct troth_buf *out, size_t max,
		   bool *ended) TROTH_MUST_USE;
/* Effect: puts close_notify into the output. */
void troth_tls_close(struct troth_tls *tls);

/* The alert number that ended it (RFC 8446 6): received, or sent by us; 0 for none. */
int troth_tls_alert(const struct troth_tls *tls);

#endif
