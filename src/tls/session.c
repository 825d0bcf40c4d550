/* SPDX-License-Identifier: MIT */
/*
 * One session from its beginning to the end of the handshake. Layer: tls. Only what
 * was fed is processed, and only when the caller asks: bytes wait in the output
 * until they are taken, because a flight may cost a guess.
 */
#include "tls/session.h"

#include "base/limits.h"
#include "base/slice.h"
#include "tls/outcome.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>

static bool params_fit(const struct troth_tls_params *p)
{
	bool certificate = p->credential != TROTH_TLS_SRP;
	if (certificate && (p->device == NULL || p->check == NULL))
		return false;
	if (p->credential == TROTH_TLS_SRP && (p->secret == NULL || p->srp_user == NULL))
		return false;
	if (p->credential == TROTH_TLS_EITHER)
		return p->role == TROTH_TLS_SERVER &&
		       (p->secret == NULL || p->srp_user != NULL || p->srp_user_same != NULL);
	return true;
}

static int copy_params(struct troth_tls *t, const struct troth_tls_params *p)
{
	t->role = p->role;
	t->credential = p->credential;
	t->use_srp = p->credential == TROTH_TLS_SRP;
	t->srp_wanted = p->srp_wanted;
	t->require_ems = p->require_ems;
	t->want_staple = p->want_staple;
	t->device = p->device;
	t->srp_user_same = p->srp_user_same;
	t->check = p->check;
	t->user = p->user;
	if (p->srp_user != NULL && (t->srp_user = strdup(p->srp_user)) == NULL)
		return TROTH_E_NOMEM;
	return p->secret != NULL ? troth_secret_copy(&t->secret, p->secret) : TROTH_OK;
}

/* A client's user name and secret hang on its own SSL_CTX; all others share one. */
static int open_ssl(struct troth_tls *t, struct troth_tls_context *context)
{
	SSL_CTX *own = NULL;
	if (t->use_srp && t->role == TROTH_TLS_CLIENT) {
		int err = troth_tls_srp_client(&own, t->srp_user);
		if (err != TROTH_OK)
			return err;
	}
	t->ssl = SSL_new(own != NULL ? own : context->ctx);
	SSL_CTX_free(own); /* the SSL holds it */
	return t->ssl != NULL ? TROTH_OK : TROTH_E_NOMEM;
}

static int attach(struct troth_tls *t, struct troth_tls_context *context)
{
	BIO *bio = troth_bio_new(context->bio_method, &t->ends);
	if (bio == NULL)
		return TROTH_E_NOMEM;
	SSL_set_bio(t->ssl, bio, bio);
	if (SSL_set_app_data(t->ssl, t) != 1)
		return TROTH_E_NOMEM;
	if (t->role == TROTH_TLS_CLIENT)
		SSL_set_connect_state(t->ssl);
	else
		SSL_set_accept_state(t->ssl);
	return TROTH_OK;
}

static int set_up(struct troth_tls *t, struct troth_tls_context *context,
		  const struct troth_tls_params *params)
{
	bool needs_srp = params->credential == TROTH_TLS_SRP ||
			 (params->credential == TROTH_TLS_EITHER && params->srp_wanted);
	if (needs_srp && !context->has_srp)
		return TROTH_E_UNSUPPORTED;
	int err = copy_params(t, params);
	if (err == TROTH_OK && !context->has_srp) {
		troth_secret_free(t->secret);
		t->secret = NULL;
	}
	if (err == TROTH_OK)
		err = open_ssl(t, context);
	if (err == TROTH_OK)
		err = attach(t, context);
	if (err == TROTH_OK && t->use_srp)
		err = troth_tls_srp_use(t->ssl);
	if (err == TROTH_OK && !t->use_srp)
		err = troth_tls_certificate_use(t, params->device);
	return err;
}

int troth_tls_new(struct troth_tls **out, struct troth_tls_context *context,
		  const struct troth_tls_params *params)
{
	if (!params_fit(params))
		return TROTH_E_INVAL;
	struct troth_tls *t = calloc(1, sizeof *t);
	if (t == NULL)
		return TROTH_E_NOMEM;
	troth_buf_init(&t->ends.in, TROTH_LIMIT_INPUT_BYTES);
	troth_buf_init(&t->ends.out, TROTH_LIMIT_OUTPUT_BYTES);
	int err = set_up(t, context, params);
	ERR_clear_error();
	if (err != TROTH_OK) {
		troth_tls_free(t);
		return err;
	}
	*out = t;
	return TROTH_OK;
}

void troth_tls_free(struct troth_tls *tls)
{
	if (tls == NULL)
		return;
	SSL_free(tls->ssl);
	troth_buf_fini(&tls->ends.in);
	troth_buf_fini(&tls->ends.out);
	troth_secret_free(tls->secret);
	free(tls->srp_user);
	troth_cert_free(tls->peer);
	troth_tls_chain_free(tls);
	free(tls);
}

int troth_tls_feed(struct troth_tls *tls, struct troth_slice bytes)
{
	return troth_buf_append_slice(&tls->ends.in, bytes);
}

size_t troth_tls_unread(const struct troth_tls *tls)
{
	return troth_buf_len(&tls->ends.in);
}

struct troth_buf *troth_tls_output(struct troth_tls *tls)
{
	return &tls->ends.out;
}

/* What was negotiated must be what was meant, whatever OpenSSL thinks. */
static bool is_as_meant(const struct troth_tls *tls)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(tls->ssl);
	if (cipher == NULL)
		return false;
	if (tls->use_srp)
		return SSL_CIPHER_get_kx_nid(cipher) == NID_kx_srp;
	if (tls->peer == NULL || SSL_CIPHER_is_aead(cipher) != 1)
		return false;
	if (SSL_version(tls->ssl) >= TLS1_3_VERSION)
		return true;
	return SSL_CIPHER_get_kx_nid(cipher) == NID_kx_ecdhe &&
	       (!tls->require_ems || SSL_get_extms_support(tls->ssl) == 1);
}

static int finish(struct troth_tls *tls)
{
	ERR_clear_error();
	if (!is_as_meant(tls))
		return troth_tls_fail(tls, TROTH_E_TLS);
	(void)snprintf(tls->description, sizeof tls->description, "%s %s",
		       SSL_get_version(tls->ssl), SSL_get_cipher_name(tls->ssl));
	troth_secret_free(tls->secret);
	tls->secret = NULL;
	tls->state = TROTH_TLS_OPEN;
	return TROTH_OK;
}

static int shake(struct troth_tls *tls)
{
	ERR_clear_error();
	int rc = SSL_do_handshake(tls->ssl);
	return rc == 1 ? finish(tls) : troth_tls_outcome(tls, rc);
}

int troth_tls_handshake(struct troth_tls *tls, bool *done)
{
	int err = TROTH_OK;
	switch (tls->state) {
	case TROTH_TLS_HANDSHAKE:
		err = shake(tls);
		break;
	case TROTH_TLS_OPEN:
	case TROTH_TLS_CLOSED:
		break;
	case TROTH_TLS_FAILED:
		err = tls->err;
		break;
	}
	if (err == TROTH_OK)
		*done = tls->state != TROTH_TLS_HANDSHAKE;
	return err;
}

bool troth_tls_secret_wanted(const struct troth_tls *tls)
{
	return tls->secret_wanted;
}

enum troth_tls_credential troth_tls_used(const struct troth_tls *tls)
{
	return tls->use_srp ? TROTH_TLS_SRP : TROTH_TLS_CERTIFICATE;
}

const char *troth_tls_describe(const struct troth_tls *tls)
{
	return tls->description;
}

const struct troth_cert *troth_tls_peer(const struct troth_tls *tls)
{
	return tls->peer;
}

int troth_tls_alert(const struct troth_tls *tls)
{
	return tls->alert_received != 0 ? tls->alert_received : tls->alert_sent;
}
