/* SPDX-License-Identifier: MIT */
/*
 * The settings that all sessions share. Layer: tls. Nothing here is left to the
 * system's openssl.cnf: what matters is set.
 */
#include "base/limits.h"
#include "tls/session.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <troth/err.h>

/* 112 bits; refuses SHA-1 signatures and RSA below 2048. */
#define SECURITY_LEVEL 2
/* A leaf and what a CA needs to be found. */
#define CHAIN_BYTES (4 * TROTH_LIMIT_CERT_BYTES)

struct troth_tls *troth_tls_of(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

/* Alerts are told apart by number only, so they are kept as they pass. */
static void on_info(const SSL *ssl, int where, int value)
{
	struct troth_tls *tls = troth_tls_of(ssl);
	int level = value >> 8;
	int alert = value & 0xff;
	if (tls == NULL || (where & SSL_CB_ALERT) == 0)
		return;
	/* close_notify ends a session rightly; in TLS 1.2 a warning ends nothing. */
	if (alert == SSL_AD_CLOSE_NOTIFY || alert == TROTH_ALERT_USER_CANCELED)
		return;
	if (level != SSL3_AL_FATAL && SSL_version(ssl) < TLS1_3_VERSION)
		return;
	int *to = (where & SSL_CB_READ) != 0 ? &tls->alert_received : &tls->alert_sent;
	if (*to == 0)
		*to = alert;
}

int troth_tls_harden(SSL_CTX *ctx)
{
	/* docs/protocol.md, "TLS": "No resumption, tickets, early data, external PSK,
	 * post-handshake authentication, renegotiation or compression." */
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_clear_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_EXTENDED_MASTER_SECRET |
					   SSL_OP_NO_ENCRYPT_THEN_MAC |
					   SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_max_cert_list(ctx, (long)CHAIN_BYTES);
	SSL_CTX_set_security_level(ctx, SECURITY_LEVEL);
	SSL_CTX_set_info_callback(ctx, on_info);
	if (SSL_CTX_set_num_tickets(ctx, 0) != 1 || SSL_CTX_set_max_early_data(ctx, 0) != 1 ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}

static int prepare(struct troth_tls_context *c)
{
	c->bio_method = troth_bio_method_new();
	c->ctx = SSL_CTX_new(TLS_method());
	if (c->bio_method == NULL || c->ctx == NULL)
		return TROTH_E_NOMEM;
	c->has_srp = troth_tls_has_srp();
	SSL_CTX_set_client_hello_cb(c->ctx, troth_tls_hello, NULL);
	int err = troth_tls_harden(c->ctx);
	if (err == TROTH_OK)
		err = troth_tls_certificate_prepare(c->ctx);
	if (err == TROTH_OK && c->has_srp)
		err = troth_tls_srp_prepare(c->ctx);
	return err;
}

int troth_tls_context_new(struct troth_tls_context **out)
{
	struct troth_tls_context *c = calloc(1, sizeof *c);
	if (c == NULL)
		return TROTH_E_NOMEM;
	int err = prepare(c);
	ERR_clear_error();
	if (err != TROTH_OK) {
		troth_tls_context_free(c);
		return err;
	}
	*out = c;
	return TROTH_OK;
}

bool troth_tls_context_has_srp(const struct troth_tls_context *context)
{
	return context->has_srp;
}

void troth_tls_context_free(struct troth_tls_context *context)
{
	if (context == NULL)
		return;
	SSL_CTX_free(context->ctx);
	BIO_meth_free(context->bio_method);
	free(context);
}
