/* SPDX-License-Identifier: MIT */
/*
 * A device as PEM text: certificate and PKCS #8 key, with or without a passphrase.
 * Layer: keys. Opens no file; whatever held the private key in between is wiped.
 */
#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <troth/err.h>

/* scrypt: 16 MiB, the most that OpenSSL takes by default, four times over. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 4
#define SALT_LEN 16

/* What stands where the key would: the block by which pkcs11-provider for OpenSSL names one. What
 * is in it is for whoever owns the key to read. */
#define PEM_REFERENCE "PKCS#11 PROVIDER URI"

struct parts {
	struct troth_cert *cert;
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
	struct troth_buf reference; /* to a key elsewhere */
	bool only_reference;        /* nothing else is looked at: no private key is read */
};

/* Whatever comes after the device's own certificate is the chain that it shows. */
static int read_cert(struct parts *parts, struct troth_slice der)
{
	if (parts->cert == NULL)
		return troth_cert_new(&parts->cert, der);
	if (parts->chain == NULL && (parts->chain = sk_X509_new_null()) == NULL)
		return TROTH_E_NOMEM;
	const uint8_t *at = der.data;
	X509 *x = d2i_X509(NULL, &at, (long)der.len);
	if (x == NULL || at != der.data + der.len) {
		X509_free(x);
		return TROTH_E_FORMAT;
	}
	if (sk_X509_push(parts->chain, x) <= 0) {
		X509_free(x);
		return TROTH_E_NOMEM;
	}
	return TROTH_OK;
}

/* Frees info, which OpenSSL cleanses. */
static int take_key(struct parts *parts, PKCS8_PRIV_KEY_INFO *info)
{
	if (parts->key == NULL)
		parts->key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return parts->key != NULL ? TROTH_OK : TROTH_E_FORMAT;
}

static int read_plain_key(struct parts *parts, struct troth_slice der)
{
	const uint8_t *at = der.data;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);
	return info != NULL ? take_key(parts, info) : TROTH_E_FORMAT;
}

static int read_encrypted_key(struct parts *parts, struct troth_slice der, const char *passphrase)
{
	if (passphrase == NULL)
		return TROTH_E_PASSPHRASE;
	const uint8_t *at = der.data;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)der.len);
	if (sealed == NULL)
		return TROTH_E_FORMAT;
	PKCS8_PRIV_KEY_INFO *info = PKCS8_decrypt(sealed, passphrase, (int)strlen(passphrase));
	X509_SIG_free(sealed);
	return info != NULL ? take_key(parts, info) : TROTH_E_PASSPHRASE;
}

static int read_block(struct parts *parts, const char *name, struct troth_slice der,
		      const char *passphrase)
{
	if (parts->only_reference && strcmp(name, PEM_REFERENCE) != 0)
		return TROTH_OK;
	if (strcmp(name, PEM_STRING_X509) == 0)
		return read_cert(parts, der);
	if (parts->key != NULL || troth_buf_len(&parts->reference) > 0 || der.len == 0)
		return TROTH_E_FORMAT;
	if (strcmp(name, PEM_REFERENCE) == 0)
		return troth_buf_append_slice(&parts->reference, der);
	if (strcmp(name, PEM_STRING_PKCS8INF) == 0)
		return read_plain_key(parts, der);
	if (strcmp(name, PEM_STRING_PKCS8) == 0)
		return read_encrypted_key(parts, der, passphrase);
	return TROTH_E_FORMAT;
}

/* *end is set when no further block follows. */
static int read_next(struct parts *parts, BIO *bio, const char *passphrase, bool *end)
{
	char *name = NULL;
	char *header = NULL;
	uint8_t *data = NULL;
	long len = 0;
	/* PEM_FLAG_SECURE: its buffers are cleansed. */
	if (PEM_read_bio_ex(bio, &name, &header, &data, &len, PEM_FLAG_SECURE) != 1) {
		unsigned long e = ERR_peek_last_error();
		*end = ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
		return *end ? TROTH_OK : TROTH_E_FORMAT;
	}
	/* Headers belong to the old encryption of OpenSSL, which isn't read. */
	int err = TROTH_E_FORMAT;
	if (header[0] == 0)
		err = read_block(parts, name, troth_slice_of(data, (size_t)len), passphrase);
	OPENSSL_secure_free(name);
	OPENSSL_secure_free(header);
	OPENSSL_secure_clear_free(data, (size_t)len);
	return err;
}

static int read_parts(struct parts *parts, struct troth_slice pem, const char *passphrase)
{
	if (pem.len == 0 || pem.len > 4 * TROTH_LIMIT_CERT_BYTES)
		return TROTH_E_FORMAT;
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	if (bio == NULL)
		return TROTH_E_NOMEM;
	bool end = false;
	int err = TROTH_OK;
	while (err == TROTH_OK && !end)
		err = read_next(parts, bio, passphrase, &end);
	BIO_free(bio);
	bool elsewhere = troth_buf_len(&parts->reference) > 0;
	if (err == TROTH_OK && !parts->only_reference &&
	    (parts->cert == NULL || (parts->key == NULL && !elsewhere)))
		err = TROTH_E_FORMAT;
	return err;
}

/* `elsewhere`: the key whose reference stands in the file; NULL: it must be in the file. */
static int join_key(struct troth_device **out, struct parts *parts, EVP_PKEY *elsewhere)
{
	struct troth_slice reference = troth_buf_slice(&parts->reference);
	if (elsewhere == NULL)
		return reference.len > 0 ? TROTH_E_KEY
					 : troth_device_join(out, parts->cert, parts->key);
	if (parts->key != NULL)
		return TROTH_E_FORMAT;
	return troth_device_join_elsewhere(out, parts->cert, elsewhere, reference);
}

static int join(struct troth_device **out, struct parts *parts, EVP_PKEY *elsewhere)
{
	struct troth_device *device;
	int err = join_key(&device, parts, elsewhere);
	if (err != TROTH_OK)
		return err;
	parts->cert = NULL;
	parts->key = NULL;
	if (parts->chain != NULL)
		err = troth_device_set_chain(device, parts->chain);
	if (err != TROTH_OK) {
		troth_device_free(device);
		return err;
	}
	parts->chain = NULL;
	*out = device;
	return TROTH_OK;
}

static void parts_init(struct parts *parts)
{
	*parts = (struct parts){0};
	troth_buf_init(&parts->reference, TROTH_LIMIT_CERT_BYTES);
	ERR_clear_error();
}

static void parts_fini(struct parts *parts)
{
	ERR_clear_error();
	troth_cert_free(parts->cert);
	EVP_PKEY_free(parts->key);
	sk_X509_pop_free(parts->chain, X509_free);
	troth_buf_fini(&parts->reference);
}

int troth_device_read(struct troth_device **out, struct troth_slice pem, const char *passphrase)
{
	struct parts parts TROTH_CLEANUP(parts_fini);
	parts_init(&parts);
	int err = read_parts(&parts, pem, passphrase);
	return err == TROTH_OK ? join(out, &parts, NULL) : err;
}

int troth_device_read_with(struct troth_device **out, struct troth_slice pem, EVP_PKEY *key)
{
	struct parts parts TROTH_CLEANUP(parts_fini);
	parts_init(&parts);
	int err = read_parts(&parts, pem, NULL);
	return err == TROTH_OK ? join(out, &parts, key) : err;
}

int troth_device_reference(struct troth_slice pem, struct troth_buf *out)
{
	struct parts parts TROTH_CLEANUP(parts_fini);
	parts_init(&parts);
	parts.only_reference = true;
	int err = read_parts(&parts, pem, NULL);
	struct troth_slice reference = troth_buf_slice(&parts.reference);
	if (err == TROTH_OK && reference.len == 0)
		return TROTH_E_NOT_FOUND;
	return err == TROTH_OK ? troth_buf_append_slice(out, reference) : err;
}

/* Not PEM_write_bio_PKCS8PrivateKey: that derives its key by PBKDF2 with 2048 rounds. */
static int write_encrypted(BIO *bio, PKCS8_PRIV_KEY_INFO *info, const char *passphrase)
{
	X509_ALGOR *method = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, SALT_LEN, NULL,
						   SCRYPT_N, SCRYPT_R, SCRYPT_P);
	if (method == NULL)
		return TROTH_E_CRYPTO;
	X509_SIG *sealed = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), info, method);
	if (sealed == NULL) {
		X509_ALGOR_free(method);
		return TROTH_E_CRYPTO;
	}
	int ok = PEM_write_bio_PKCS8(bio, sealed);
	X509_SIG_free(sealed);
	return ok == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

static int write_key(BIO *bio, const struct troth_device *device, const char *passphrase)
{
	struct troth_slice elsewhere = troth_device_elsewhere(device);
	if (elsewhere.len > 0)
		return PEM_write_bio(bio, PEM_REFERENCE, "", elsewhere.data, (long)elsewhere.len) >
				       0
			       ? TROTH_OK
			       : TROTH_E_CRYPTO;
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(troth_device_key(device));
	if (info == NULL)
		return TROTH_E_CRYPTO;
	int err;
	if (passphrase != NULL)
		err = write_encrypted(bio, info, passphrase);
	else
		err = PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, info) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
	PKCS8_PRIV_KEY_INFO_free(info);
	return err;
}

static int write_chain(BIO *bio, const struct troth_device *device)
{
	const STACK_OF(X509) *chain = troth_device_chain(device);
	for (int i = 0; chain != NULL && i < sk_X509_num(chain); i++) {
		if (PEM_write_bio_X509(bio, sk_X509_value(chain, i)) != 1)
			return TROTH_E_CRYPTO;
	}
	return TROTH_OK;
}

int troth_device_write(const struct troth_device *device, const char *passphrase,
		       struct troth_buf *out)
{
	BIO *bio = BIO_new(BIO_s_secmem()); /* cleansed when freed */
	if (bio == NULL)
		return TROTH_E_NOMEM;
	int err = TROTH_E_CRYPTO;
	if (PEM_write_bio_X509(bio, troth_cert_x509(troth_device_cert(device))) == 1)
		err = write_key(bio, device, passphrase);
	if (err == TROTH_OK)
		err = write_chain(bio, device);
	if (err == TROTH_OK) {
		char *text = NULL;
		long len = BIO_get_mem_data(bio, &text);
		err = troth_buf_append(out, text, (size_t)len);
	}
	BIO_free(bio);
	ERR_clear_error();
	return err;
}
