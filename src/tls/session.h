/* SPDX-License-Identifier: MIT */
/*
 * What the files of the tls layer share: the inside of a context and of a session,
 * and the functions that set a session up for its credential. Layer: tls.
 */
#ifndef TROTH_TLS_SESSION_H
#define TROTH_TLS_SESSION_H

#include "base/limits.h"
#include "tls/bio.h"
#include "tls/tls.h"

#include <openssl/ssl.h>

struct troth_tls_context {
	SSL_CTX *ctx;
	BIO_METHOD *bio_method;
	bool has_srp;
};

enum troth_tls_state {
	TROTH_TLS_HANDSHAKE,
	TROTH_TLS_OPEN,
	TROTH_TLS_CLOSED, /* we sent close_notify; reading goes on */
	TROTH_TLS_FAILED
};

struct troth_tls {
	SSL *ssl;
	struct troth_bio_ends ends;
	enum troth_tls_state state;
	int err; /* why it failed */

	enum troth_tls_role role;
	enum troth_tls_credential credential;
	bool use_srp;       /* what this handshake authenticates with, once known */
	bool hello_decided; /* server: the first ClientHello has been looked at */
	bool srp_wanted;
	bool secret_wanted;
	bool require_ems;
	struct troth_secret *secret;
	char *srp_user;
	bool (*srp_user_same)(void *user, const char *received);
	enum troth_tls_check (*check)(void *user, const struct troth_cert *cert);
	void *user;

	struct troth_cert *peer;
	struct troth_slice chain[TROTH_LIMIT_CHAIN_CERTS]; /* OPENSSL_malloc */
	size_t chain_count;
	bool want_staple;
	const struct troth_device *device; /* borrowed; NULL for SRP */
	enum troth_tls_check checked;      /* what was said of the peer's certificate */
	int check_err;                     /* and what that came to */
	int alert_sent;
	int alert_received;
	char description[80];
};

/* Alerts (RFC 8446 6, RFC 5246 7.2). Texts differ between versions, numbers don't. */
enum troth_alert {
	TROTH_ALERT_BAD_RECORD_MAC = 20,
	TROTH_ALERT_BAD_CERTIFICATE = 42,
	TROTH_ALERT_UNSUPPORTED_CERTIFICATE = 43,
	TROTH_ALERT_CERTIFICATE_REVOKED = 44,
	TROTH_ALERT_CERTIFICATE_EXPIRED = 45,
	TROTH_ALERT_CERTIFICATE_UNKNOWN = 46,
	TROTH_ALERT_UNKNOWN_CA = 48,
	TROTH_ALERT_ACCESS_DENIED = 49,
	TROTH_ALERT_DECRYPT_ERROR = 51,
	TROTH_ALERT_USER_CANCELED = 90,
	TROTH_ALERT_UNKNOWN_PSK_IDENTITY = 115,
	TROTH_ALERT_CERTIFICATE_REQUIRED = 116
};

struct troth_tls *troth_tls_of(const SSL *ssl);

/* Effect: what every SSL_CTX here has in common. */
int troth_tls_harden(SSL_CTX *ctx) TROTH_MUST_USE;

/* certificate.c. Effect: prepares the shared context, then one session. */
int troth_tls_certificate_prepare(SSL_CTX *ctx) TROTH_MUST_USE;
int troth_tls_certificate_use(struct troth_tls *tls,
			      const struct troth_device *device) TROTH_MUST_USE;

void troth_tls_chain_free(struct troth_tls *tls);

/* srp.c. Effect: prepares the shared context for servers. */
int troth_tls_srp_prepare(SSL_CTX *ctx) TROTH_MUST_USE;
/* Effect: a context for one client session: user name and secret hang on it. */
int troth_tls_srp_client(SSL_CTX **out, const char *user_name) TROTH_MUST_USE;
/* Effect: from here on this session is SRP and nothing else. */
int troth_tls_srp_use(SSL *ssl) TROTH_MUST_USE;

/* hello.c: looks at the ClientHello before OpenSSL chooses anything. */
int troth_tls_hello(SSL *ssl, int *alert, void *arg);

#endif
