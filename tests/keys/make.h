/* SPDX-License-Identifier: MIT */
/* Certificates of every kind for tests, good and bad. */
#ifndef TROTH_TESTS_KEYS_MAKE_H
#define TROTH_TESTS_KEYS_MAKE_H

#include "../test.h"
#include "base/slice.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <troth/key.h>

#define MAKE_NOW 1800000000 /* 2027-01-15 */

static inline struct troth_device *make_device(const char *address)
{
	struct troth_device *d = NULL;
	assert_ok(troth_device_generate(
		&d, &(struct troth_device_params){.address = address, .now = MAKE_NOW}));
	return d;
}

/* Of as many bits as the build made some of. */
static inline EVP_PKEY *read_rsa(const char *kind)
{
	char path[4096];
	assert_true(snprintf(path, sizeof path, RSA_KEYS "/%s.pem", kind) < (int)sizeof path);
	BIO *file = BIO_new_file(path, "r");
	assert_non_null(file);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
	BIO_free(file);
	return key;
}

/* kind: "RSA1024", "RSA2048", "ED25519", or a curve. */
static inline EVP_PKEY *make_key(const char *kind)
{
	EVP_PKEY *key;
	if (strncmp(kind, "RSA", 3) == 0)
		key = read_rsa(kind);
	else if (strcmp(kind, "ED25519") == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
	assert_non_null(key);
	return key;
}

/* Signed by itself; san is a whole DER extension value, or empty for none. */
static inline X509 *make_x509(EVP_PKEY *key, struct troth_slice san)
{
	X509 *x = X509_new();
	assert_non_null(x);
	assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x), MAKE_NOW));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x), MAKE_NOW + 86400));
	assert_int_equal(X509_set_pubkey(x, key), 1);
	if (san.len > 0) {
		ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
		ASN1_OCTET_STRING_set(value, san.data, (int)san.len);
		X509_EXTENSION *e =
			X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, value);
		assert_int_equal(X509_add_ext(x, e, -1), 1);
		X509_EXTENSION_free(e);
		ASN1_OCTET_STRING_free(value);
	}
	const EVP_MD *md = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
	assert_true(X509_sign(x, key, md) > 0);
	return x;
}

/* What troth_cert_new says to a certificate. */
static inline int make_cert(struct troth_cert **out, EVP_PKEY *key, struct troth_slice san)
{
	X509 *x = make_x509(key, san);
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);
	assert_true(len > 0);
	int err = troth_cert_new(out, troth_slice_of(der, (size_t)len));
	OPENSSL_free(der);
	X509_free(x);
	return err;
}

static inline int make_cert_of_kind(struct troth_cert **out, const char *kind)
{
	EVP_PKEY *key = make_key(kind);
	int err = make_cert(out, key, (struct troth_slice){0});
	EVP_PKEY_free(key);
	return err;
}

#endif
