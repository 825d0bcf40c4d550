/* SPDX-License-Identifier: MIT */
/* Another chain for a device that is PEM text. Layer: keys. The private key passes through as the
 * block that it is, and is wiped behind. */
#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"
#include "keys/issue.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <troth/err.h>

struct rechain {
	BIO *out;
	struct troth_cert *own; /* of the device */
	bool has_key;
	STACK_OF(X509) * chain; /* read, that for the device's key in front */
	bool has_leaf;
};

typedef int take_block(struct rechain *r, const char *name, struct troth_slice der);

static int copy_block(struct rechain *r, const char *name, struct troth_slice der)
{
	return PEM_write_bio(r->out, name, "", der.data, (long)der.len) > 0 ? TROTH_OK
									    : TROTH_E_CRYPTO;
}

/* The device's certificate and key; the old chain is left behind. */
static int take_device(struct rechain *r, const char *name, struct troth_slice der)
{
	bool is_cert = strcmp(name, PEM_STRING_X509) == 0;
	if (is_cert && r->own != NULL)
		return TROTH_OK;
	if (!is_cert && r->has_key)
		return TROTH_E_FORMAT;
	int err = is_cert ? troth_cert_new(&r->own, der) : TROTH_OK;
	r->has_key |= !is_cert;
	return err == TROTH_OK ? copy_block(r, name, der) : err;
}

static bool is_leaf(const struct rechain *r, const X509 *x)
{
	struct troth_pin pin;
	return !r->has_leaf && troth_x509_pin(&pin, x) == TROTH_OK &&
	       troth_pin_equal(&pin, troth_cert_pin(r->own));
}

static int take_cert(struct rechain *r, const char *name, struct troth_slice der)
{
	if (strcmp(name, PEM_STRING_X509) != 0)
		return TROTH_OK;
	if (sk_X509_num(r->chain) >= TROTH_LIMIT_CHAIN_CERTS)
		return TROTH_E_LIMIT;
	const uint8_t *at = der.data;
	X509 *x = d2i_X509(NULL, &at, (long)der.len);
	if (x == NULL)
		return TROTH_E_FORMAT;
	bool leaf = is_leaf(r, x);
	if (sk_X509_insert(r->chain, x, leaf ? 0 : -1) <= 0) {
		X509_free(x);
		return TROTH_E_NOMEM;
	}
	r->has_leaf |= leaf;
	return TROTH_OK;
}

/* *end is set when no further block follows. */
static int each_block(struct rechain *r, BIO *bio, take_block *take, bool *end)
{
	char *name = NULL;
	char *header = NULL;
	uint8_t *data = NULL;
	long len = 0;
	if (PEM_read_bio_ex(bio, &name, &header, &data, &len, PEM_FLAG_SECURE) != 1) {
		unsigned long e = ERR_peek_last_error();
		*end = ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
		return *end ? TROTH_OK : TROTH_E_FORMAT;
	}
	int err =
		header[0] != 0 ? TROTH_E_FORMAT : take(r, name, troth_slice_of(data, (size_t)len));
	OPENSSL_secure_free(name);
	OPENSSL_secure_free(header);
	OPENSSL_secure_clear_free(data, (size_t)len);
	return err;
}

static int each(struct rechain *r, struct troth_slice pem, take_block *take)
{
	bool end = false;
	int err = TROTH_OK;
	if (pem.len > 4 * TROTH_LIMIT_CERT_BYTES)
		return TROTH_E_LIMIT;
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	if (bio == NULL)
		return TROTH_E_NOMEM;
	while (err == TROTH_OK && !end)
		err = each_block(r, bio, take, &end);
	BIO_free(bio);
	return err;
}

static int write_all(struct rechain *r, struct troth_buf *out)
{
	char *text = NULL;
	for (int i = 0; i < sk_X509_num(r->chain); i++) {
		if (PEM_write_bio_X509(r->out, sk_X509_value(r->chain, i)) != 1)
			return TROTH_E_CRYPTO;
	}
	long len = BIO_get_mem_data(r->out, &text);
	return troth_buf_append(out, text, (size_t)len);
}

static int run(struct rechain *r, struct troth_slice pem, struct troth_slice chain,
	       struct troth_buf *out)
{
	int err = each(r, pem, take_device);
	if (err == TROTH_OK && (r->own == NULL || !r->has_key))
		err = TROTH_E_FORMAT;
	if (err == TROTH_OK && chain.len > 0)
		err = each(r, chain, take_cert);
	if (err == TROTH_OK && chain.len > 0 && sk_X509_num(r->chain) == 0)
		err = TROTH_E_FORMAT;
	if (err == TROTH_OK && chain.len > 0 && !r->has_leaf)
		err = TROTH_E_CERT;
	return err == TROTH_OK ? write_all(r, out) : err;
}

int troth_device_rechain(struct troth_buf *out, struct troth_slice pem, struct troth_slice chain)
{
	struct rechain r = {.out = BIO_new(BIO_s_secmem()), .chain = sk_X509_new_null()};
	ERR_clear_error();
	int err = r.out == NULL || r.chain == NULL ? TROTH_E_NOMEM : run(&r, pem, chain, out);
	BIO_free(r.out);
	troth_cert_free(r.own);
	sk_X509_pop_free(r.chain, X509_free);
	ERR_clear_error();
	return err;
}
