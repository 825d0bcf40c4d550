/* SPDX-License-Identifier: MIT */
/*
 * A shared secret on both sides: TLS-SRP (RFC 5054), TLS 1.2. Layer: tls.
 * The only file that calls OpenSSL's deprecated functions. Where libssl is built
 * without them this file says so and everything else works.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/slice.h"
#include "tls/session.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <troth/err.h>

#ifdef OPENSSL_NO_SRP

bool troth_tls_has_srp(void)
{
	return false;
}

int troth_tls_srp_prepare(SSL_CTX *ctx)
{
	(void)ctx;
	return TROTH_E_UNSUPPORTED;
}

int troth_tls_srp_client(SSL_CTX **out, const char *user_name)
{
	(void)out;
	(void)user_name;
	return TROTH_E_UNSUPPORTED;
}

int troth_tls_srp_use(SSL *ssl)
{
	(void)ssl;
	return TROTH_E_UNSUPPORTED;
}

#else

#include <openssl/srp.h>

/* Absent from a libssl built without SRP, which must be able to load us. */
#pragma weak SRP_Calc_x
#pragma weak SRP_get_default_gN
#pragma weak SSL_CTX_set_srp_cb_arg
#pragma weak SSL_CTX_set_srp_client_pwd_callback
#pragma weak SSL_CTX_set_srp_strength
#pragma weak SSL_CTX_set_srp_username
#pragma weak SSL_CTX_set_srp_username_callback
#pragma weak SSL_get_srp_username
#pragma weak SSL_set_srp_server_param

#define CIPHERS "SRP-AES-256-CBC-SHA:SRP-AES-128-CBC-SHA"
/* RFC 5054 appendix A. OpenSSL takes no group from a server that isn't in it; the
 * strength rules out the two that are too small. */
#define SERVER_GROUP "3072"
#define CLIENT_LEAST_BITS 2048
#define NAME_MAX_BYTES 255 /* RFC 5054 2.8.1: opaque srp_I<1..2^8-1> */
#define SALT_LEN 32
#define X_BITS 160

struct verifier {
	BIGNUM *salt;
	BIGNUM *x;
	BIGNUM *v;
};

static void clear_verifier(struct verifier *v)
{
	BN_free(v->salt);
	BN_clear_free(v->x);
	BN_clear_free(v->v);
}

static BIGNUM *new_salt(void)
{
	uint8_t salt[SALT_LEN];
	if (RAND_bytes(salt, sizeof salt) != 1)
		return NULL;
	salt[0] |= 1; /* as a number it would lose leading zeros */
	return BN_bin2bn(salt, sizeof salt, NULL);
}

/* x = SHA-1(salt, SHA-1(name ":" secret)); for a wrong name a random one in its place,
 * after the same work. */
static BIGNUM *new_x(const struct verifier *v, const struct troth_tls *tls, const char *name,
		     bool same)
{
	const char *secret = (const char *)troth_secret_bytes(tls->secret).data;
	BIGNUM *x = SRP_Calc_x(v->salt, name, secret);
	if (x != NULL && !same &&
	    BN_priv_rand(x, X_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1) {
		BN_clear_free(x);
		return NULL;
	}
	return x;
}

/* v = g^x. Not SRP_create_verifier_BN: its exponentiation isn't constant in time. */
static int raise(struct verifier *v, const SRP_gN *group)
{
	BN_CTX *ctx = BN_CTX_secure_new();
	v->v = BN_secure_new();
	BN_set_flags(v->x, BN_FLG_CONSTTIME);
	int ok =
		ctx != NULL && v->v != NULL && BN_mod_exp(v->v, group->g, v->x, group->N, ctx) == 1;
	BN_CTX_free(ctx);
	return ok ? TROTH_OK : TROTH_E_CRYPTO;
}

static int give_verifier(SSL *ssl, const struct troth_tls *tls, const char *name, bool same)
{
	struct verifier TROTH_CLEANUP(clear_verifier) v = {0};
	SRP_gN *group = SRP_get_default_gN(SERVER_GROUP);
	if (group == NULL || (v.salt = new_salt()) == NULL ||
	    (v.x = new_x(&v, tls, name, same)) == NULL || raise(&v, group) != TROTH_OK)
		return TROTH_E_CRYPTO;
	return SSL_set_srp_server_param(ssl, group->N, group->g, v.salt, v.v, NULL) == 1
		       ? TROTH_OK
		       : TROTH_E_CRYPTO;
}

static bool is_expected(const struct troth_tls *tls, const char *name)
{
	if (tls->srp_user_same != NULL)
		return tls->srp_user_same(tls->user, name);
	return tls->srp_user != NULL && strcmp(tls->srp_user, name) == 0;
}

/* docs/protocol.md, "TLS": "the recipient takes it as received if its bare form equals
 * the header's, and otherwise fails exactly as for a wrong secret." */
static int on_user_name(SSL *ssl, int *alert, void *arg)
{
	(void)arg;
	const struct troth_tls *tls = troth_tls_of(ssl);
	const char *name = SSL_get_srp_username(ssl);
	*alert = SSL_AD_INTERNAL_ERROR;
	if (tls == NULL || tls->secret == NULL || name == NULL)
		return SSL3_AL_FATAL;
	int err = give_verifier(ssl, tls, name, is_expected(tls, name));
	return err == TROTH_OK ? SSL_ERROR_NONE : SSL3_AL_FATAL;
}

/* OpenSSL cleanses and frees what it is given. */
static char *on_password(SSL *ssl, void *arg)
{
	(void)arg;
	const struct troth_tls *tls = troth_tls_of(ssl);
	if (tls == NULL || tls->secret == NULL)
		return NULL;
	return OPENSSL_strdup((const char *)troth_secret_bytes(tls->secret).data);
}

static bool libssl_has_it(void)
{
	return SRP_Calc_x != NULL && SRP_get_default_gN != NULL &&
	       SSL_CTX_set_srp_client_pwd_callback != NULL && SSL_CTX_set_srp_strength != NULL &&
	       SSL_CTX_set_srp_username != NULL && SSL_CTX_set_srp_username_callback != NULL &&
	       SSL_get_srp_username != NULL && SSL_set_srp_server_param != NULL;
}

bool troth_tls_has_srp(void)
{
	if (!libssl_has_it())
		return false;
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	bool ok = ctx != NULL && SSL_CTX_set_cipher_list(ctx, CIPHERS) == 1;
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

int troth_tls_srp_prepare(SSL_CTX *ctx)
{
	return SSL_CTX_set_srp_username_callback(ctx, on_user_name) == 1 ? TROTH_OK
									 : TROTH_E_CRYPTO;
}

static int set_client(SSL_CTX *ctx, const char *user_name)
{
	char name[NAME_MAX_BYTES + 1];
	size_t len = strlen(user_name);
	if (len == 0 || len > NAME_MAX_BYTES)
		return TROTH_E_INVAL;
	memcpy(name, user_name, len + 1);
	int err = troth_tls_harden(ctx);
	if (err != TROTH_OK)
		return err;
	/* No verify-param callback: with one, OpenSSL leaves the check for known groups to it. */
	if (SSL_CTX_set_srp_username(ctx, name) != 1 ||
	    SSL_CTX_set_srp_strength(ctx, CLIENT_LEAST_BITS) != 1 ||
	    SSL_CTX_set_srp_client_pwd_callback(ctx, on_password) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}

int troth_tls_srp_client(SSL_CTX **out, const char *user_name)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	if (ctx == NULL)
		return TROTH_E_NOMEM;
	int err = set_client(ctx, user_name);
	if (err != TROTH_OK) {
		SSL_CTX_free(ctx);
		return err;
	}
	*out = ctx;
	return TROTH_OK;
}

int troth_tls_srp_use(SSL *ssl)
{
	/* RFC 5054 suites end with TLS 1.2. They carry no certificates. */
	SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	if (SSL_set_max_proto_version(ssl, TLS1_2_VERSION) != 1 ||
	    SSL_set_cipher_list(ssl, CIPHERS) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}

#endif
