/* SPDX-License-Identifier: MIT */
/*
 * This device: its certificate joined with the private key, and its signature.
 * Layer: keys. The private key never leaves but through device_pem.c.
 */
#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"
#include "keys/key_kind.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <troth/err.h>

struct troth_device {
	struct troth_cert *cert;
	EVP_PKEY *key;
	struct troth_buf staple;
	STACK_OF(X509) * chain;     /* what it shows; NULL: its certificate alone */
	struct troth_buf elsewhere; /* where the key is, if it isn't in the file */
};

/* The file may name a public key beside a private one that isn't its own, so
 * comparing the public halves isn't enough. */
static bool is_pair(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool ok = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static int join(struct troth_device **out, struct troth_cert *cert, EVP_PKEY *key)
{
	struct troth_device *d = calloc(1, sizeof *d);
	if (d == NULL)
		return TROTH_E_NOMEM;
	d->cert = cert;
	d->key = key;
	troth_buf_init(&d->staple, TROTH_LIMIT_OCSP_BYTES);
	troth_buf_init(&d->elsewhere, TROTH_LIMIT_CERT_BYTES);
	*out = d;
	return TROTH_OK;
}

int troth_device_join(struct troth_device **out, struct troth_cert *cert, EVP_PKEY *key)
{
	bool match = X509_check_private_key(troth_cert_x509(cert), key) == 1 && is_pair(key);
	ERR_clear_error();
	return match ? join(out, cert, key) : TROTH_E_CERT;
}

/* There is no private half to look at: what it signs tells whose it is. */
static int proves(const struct troth_device *device)
{
	static const char text[] = "troth: this key belongs to this certificate";
	struct troth_buf signature TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&signature, TROTH_LIMIT_CERT_BYTES);
	int err = troth_device_sign(device, troth_slice_str(text), &signature);
	return err != TROTH_OK ? err
			       : troth_cert_verify(device->cert, troth_slice_str(text),
						   troth_buf_slice(&signature));
}

int troth_device_join_elsewhere(struct troth_device **out, struct troth_cert *cert, EVP_PKEY *key,
				struct troth_slice reference)
{
	struct troth_device *d;
	if (reference.len == 0)
		return TROTH_E_INVAL;
	int err = join(&d, cert, key);
	if (err != TROTH_OK)
		return err;
	err = troth_buf_append_slice(&d->elsewhere, reference);
	if (err == TROTH_OK)
		err = proves(d);
	if (err == TROTH_OK && EVP_PKEY_up_ref(key) != 1)
		err = TROTH_E_CRYPTO;
	if (err == TROTH_OK) {
		*out = d;
		return TROTH_OK;
	}
	d->cert = NULL; /* the caller's still */
	d->key = NULL;
	troth_device_free(d);
	return err;
}

struct troth_slice troth_device_elsewhere(const struct troth_device *device)
{
	return troth_buf_slice(&device->elsewhere);
}

void troth_device_free(struct troth_device *device)
{
	if (device == NULL)
		return;
	troth_cert_free(device->cert);
	EVP_PKEY_free(device->key); /* OpenSSL cleanses private keys */
	sk_X509_pop_free(device->chain, X509_free);
	troth_buf_fini(&device->staple);
	troth_buf_fini(&device->elsewhere);
	free(device);
}

const struct troth_cert *troth_device_cert(const struct troth_device *device)
{
	return device->cert;
}

EVP_PKEY *troth_device_key(const struct troth_device *device)
{
	return device->key;
}

const STACK_OF(X509) * troth_device_chain(const struct troth_device *device)
{
	return device->chain;
}

X509 *troth_device_leaf(const struct troth_device *device)
{
	return device->chain != NULL ? sk_X509_value(device->chain, 0)
				     : troth_cert_x509(device->cert);
}

struct troth_slice troth_device_staple(const struct troth_device *device)
{
	return troth_buf_slice(&device->staple);
}

int troth_device_set_staple(struct troth_device *device, struct troth_slice der)
{
	troth_buf_clear(&device->staple);
	return troth_buf_append_slice(&device->staple, der);
}

int troth_device_set_chain(struct troth_device *device, STACK_OF(X509) * chain)
{
	struct troth_pin pin;
	if (sk_X509_num(chain) < 1 || sk_X509_num(chain) > TROTH_LIMIT_CHAIN_CERTS)
		return TROTH_E_CERT;
	int err = troth_x509_pin(&pin, sk_X509_value(chain, 0));
	if (err == TROTH_OK && !troth_pin_equal(&pin, troth_cert_pin(device->cert)))
		err = TROTH_E_CERT;
	if (err != TROTH_OK)
		return err;
	sk_X509_pop_free(device->chain, X509_free);
	device->chain = chain;
	return TROTH_OK;
}

static int sign_with(EVP_MD_CTX *ctx, struct troth_slice message, struct troth_buf *out)
{
	size_t len = 0;
	uint8_t *to;
	if (EVP_DigestSign(ctx, NULL, &len, message.data, message.len) != 1)
		return TROTH_E_CRYPTO;
	int err = troth_buf_reserve(out, len, &to);
	if (err != TROTH_OK)
		return err;
	if (EVP_DigestSign(ctx, to, &len, message.data, message.len) != 1)
		return TROTH_E_CRYPTO;
	troth_buf_commit(out, len);
	return TROTH_OK;
}

int troth_device_signing_failed(int err)
{
	unsigned long e;
	while ((e = ERR_get_error()) != 0) {
		if (ERR_GET_LIB(e) == ERR_LIB_USER)
			err = TROTH_E_KEY;
	}
	return err;
}

int troth_device_sign(const struct troth_device *device, struct troth_slice message,
		      struct troth_buf *out)
{
	/* The certificate's, because a key elsewhere doesn't tell all of its own. */
	const struct troth_key_kind *kind = troth_key_kind_of(troth_cert_key(device->cert));
	if (kind == NULL)
		return TROTH_E_UNSUPPORTED;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return TROTH_E_NOMEM;
	int err = TROTH_E_CRYPTO;
	ERR_clear_error();
	if (EVP_DigestSignInit_ex(ctx, NULL, kind->digest, NULL, NULL, device->key, NULL) == 1)
		err = sign_with(ctx, message, out);
	EVP_MD_CTX_free(ctx);
	if (err == TROTH_E_CRYPTO)
		err = troth_device_signing_failed(err);
	ERR_clear_error();
	return err;
}
