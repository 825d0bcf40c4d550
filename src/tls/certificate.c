/* SPDX-License-Identifier: MIT */
/*
 * Certificates on both sides, judged by the session's own check: chains are handed on, and no
 * CA and no date is looked at here. Layer: tls.
 */
#include "base/digest.h"
#include "keys/cert.h"
#include "tls/session.h"

#include <openssl/x509.h>
#include <troth/err.h>

/* TLS 1.3 has AEAD only; 1.2 is for peers that can't do better. */
#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"
/* Naming them keeps the big post-quantum shares of newer versions out of ClientHello,
 * which may have to travel in-band; P-256 is for certificates in 1.2. */
#define GROUPS "X25519:P-256"
#define SIGNATURES                                                                                 \
	"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:"                                          \
	"RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512"

/* ---- the chain ---- */

/* Effect: keeps one certificate behind the leaf; *room is what is left for all. */
static int keep_one(struct troth_tls *tls, const X509 *x, size_t *room)
{
	uint8_t *der = NULL;
	if (tls->chain_count == TROTH_LIMIT_CHAIN_CERTS - 1)
		return TROTH_E_LIMIT;
	int len = i2d_X509(x, &der);
	if (len <= 0)
		return TROTH_E_CERT;
	if ((size_t)len > *room) {
		OPENSSL_free(der);
		return TROTH_E_LIMIT;
	}
	*room -= (size_t)len;
	tls->chain[tls->chain_count++] = (struct troth_slice){der, (size_t)len};
	return TROTH_OK;
}

/* OpenSSL gives what the peer sent, with its leaf in front. */
static int keep_chain(struct troth_tls *tls, const STACK_OF(X509) * sent)
{
	size_t room = TROTH_LIMIT_CHAIN_BYTES;
	int err = TROTH_OK;
	for (int i = 1; err == TROTH_OK && i < sk_X509_num(sent); i++)
		err = keep_one(tls, sk_X509_value(sent, i), &room);
	return err;
}

void troth_tls_chain_free(struct troth_tls *tls)
{
	for (size_t i = 0; i < tls->chain_count; i++)
		OPENSSL_free((void *)tls->chain[i].data);
	tls->chain_count = 0;
}

size_t troth_tls_chain(const struct troth_tls *tls, const struct troth_slice **out)
{
	*out = tls->chain;
	return tls->chain_count;
}

struct troth_slice troth_tls_staple(const struct troth_tls *tls)
{
	unsigned char *der = NULL;
	long len = tls->role == TROTH_TLS_CLIENT && tls->want_staple
			   ? SSL_get_tlsext_status_ocsp_resp(tls->ssl, &der)
			   : -1;
	return len > 0 ? (struct troth_slice){der, (size_t)len} : (struct troth_slice){NULL, 0};
}

int troth_tls_cert_hash(const struct troth_tls *tls, bool own, uint8_t out[32])
{
	unsigned len = 0;
	if (!own && tls->peer != NULL)
		return troth_sha256(out, troth_cert_der(tls->peer));
	const X509 *cert = own ? SSL_get_certificate(tls->ssl) : NULL;
	if (cert == NULL)
		return TROTH_E_TLS;
	return X509_digest(cert, EVP_sha256(), out, &len) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

/* ---- the verdict in the handshake ---- */

static int judge(struct troth_tls *tls, X509 *leaf, const STACK_OF(X509) * sent)
{
	/* A callback by OpenSSL that comes again gets the same answer. */
	if (tls->peer != NULL || tls->check_err != TROTH_OK)
		return tls->check_err;
	struct troth_cert *cert = NULL;
	int err = leaf == NULL ? TROTH_E_CERT : troth_cert_from_x509(&cert, leaf);
	if (err != TROTH_OK)
		return err;
	tls->peer = cert;
	err = sent == NULL ? TROTH_OK : keep_chain(tls, sent);
	if (err != TROTH_OK)
		return err == TROTH_E_LIMIT ? TROTH_E_CERT : err;
	tls->checked = tls->check(tls->user, cert);
	switch (tls->checked) {
	case TROTH_TLS_ACCEPT:
		return TROTH_OK;
	case TROTH_TLS_REJECT:
	case TROTH_TLS_REJECT_UNKNOWN_CA:
		return TROTH_E_CERT;
	case TROTH_TLS_REJECT_REVOKED:
		return TROTH_E_REVOKED;
	}
	return TROTH_E_CERT;
}

/* docs/protocol.md, "Closing and errors": "Certificate refused at once: alert bad_certificate;
 * revoked: certificate_revoked." OpenSSL makes the alert of what is wrong. */
static int fault(const struct troth_tls *tls)
{
	switch (tls->checked) {
	case TROTH_TLS_ACCEPT: /* but it couldn't be read */
	case TROTH_TLS_REJECT:
		break;
	case TROTH_TLS_REJECT_REVOKED:
		return X509_V_ERR_CERT_REVOKED;
	case TROTH_TLS_REJECT_UNKNOWN_CA:
		return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
	}
	return X509_V_ERR_CERT_REJECTED;
}

/* Replaces OpenSSL's verification whole. It also skips OpenSSL's checks of strength:
 * troth_cert_from_x509 does them. The signature that proves possession of the key is
 * checked after this, by the handshake. */
static int on_verify(X509_STORE_CTX *store, void *arg)
{
	(void)arg;
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct troth_tls *tls = ssl == NULL ? NULL : troth_tls_of(ssl);
	if (tls == NULL)
		return 0;
	tls->check_err =
		judge(tls, X509_STORE_CTX_get0_cert(store), X509_STORE_CTX_get0_untrusted(store));
	if (tls->check_err == TROTH_OK) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	X509_STORE_CTX_set_error(store, fault(tls));
	return 0;
}

/* RFC 6066 8. As client it only says that what came was taken: the verdict looks at it. */
static int on_status(SSL *ssl, void *arg)
{
	(void)arg;
	const struct troth_tls *tls = troth_tls_of(ssl);
	if (tls == NULL || tls->role == TROTH_TLS_CLIENT)
		return 1;
	struct troth_slice der = tls->device != NULL ? troth_device_staple(tls->device)
						     : (struct troth_slice){NULL, 0};
	uint8_t *copy = der.len > 0 ? OPENSSL_memdup(der.data, der.len) : NULL;
	if (copy == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)der.len); /* takes it over */
	return SSL_TLSEXT_ERR_OK;
}

int troth_tls_certificate_prepare(SSL_CTX *ctx)
{
	if (SSL_CTX_set_cipher_list(ctx, CIPHERS_1_2) != 1 ||
	    SSL_CTX_set1_groups_list(ctx, GROUPS) != 1 ||
	    SSL_CTX_set1_sigalgs_list(ctx, SIGNATURES) != 1 ||
	    SSL_CTX_set1_client_sigalgs_list(ctx, SIGNATURES) != 1)
		return TROTH_E_CRYPTO;
	/* No CA names are ever set, so none are sent with the request. */
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, on_verify, NULL);
	if (SSL_CTX_set_tlsext_status_cb(ctx, on_status) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}

int troth_tls_certificate_use(struct troth_tls *tls, const struct troth_device *device)
{
	const STACK_OF(X509) *chain = troth_device_chain(device);
	if (SSL_use_cert_and_key(tls->ssl, troth_device_leaf(device), troth_device_key(device),
				 NULL, 1) != 1)
		return TROTH_E_CRYPTO;
	for (int i = 1; chain != NULL && i < sk_X509_num(chain); i++) {
		if (SSL_add1_chain_cert(tls->ssl, sk_X509_value(chain, i)) != 1)
			return TROTH_E_CRYPTO;
	}
	SSL_set_max_cert_list(tls->ssl, (long)TROTH_LIMIT_CHAIN_BYTES);
	if (tls->want_staple && SSL_set_tlsext_status_type(tls->ssl, TLSEXT_STATUSTYPE_ocsp) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}
