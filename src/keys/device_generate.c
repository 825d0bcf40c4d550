/* SPDX-License-Identifier: MIT */
/* A new device: a P-256 key and a certificate that it signs itself. Layer: keys. */
#include "base/slice.h"
#include "keys/cert.h"
#include "keys/san.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <troth/err.h>

#define DAYS_BEFORE 2 /* clocks differ, and a peer may look at the date */
/* RFC 5280 4.1.2.5: "To indicate that a certificate has no well-defined expiration
 * date, the notAfter SHOULD be assigned the GeneralizedTime value of 99991231235959Z." */
#define NO_END "99991231235959Z"
/* The address stands in the subjectAltName alone; a subject mustn't be empty in a
 * certificate that is its own issuer. */
#define SUBJECT "Troth device"

static int set_names(X509 *x, const char *address)
{
	GENERAL_NAMES *names = NULL;
	int err = troth_san_new(&names, address);
	if (err == TROTH_OK && X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0) != 1)
		err = TROTH_E_CRYPTO;
	GENERAL_NAMES_free(names);
	return err;
}

static int set_extensions(X509 *x)
{
	static const struct {
		int nid;
		const char *value;
	} extensions[] = {
		{NID_basic_constraints, "critical,CA:FALSE"},
		{NID_key_usage, "critical,digitalSignature,keyAgreement"},
		{NID_ext_key_usage, "clientAuth,serverAuth"},
		{NID_subject_key_identifier, "hash"},
	};
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
		X509_EXTENSION *e =
			X509V3_EXT_conf_nid(NULL, &ctx, extensions[i].nid, extensions[i].value);
		int ok = e != NULL && X509_add_ext(x, e, -1) == 1;
		X509_EXTENSION_free(e);
		if (!ok)
			return TROTH_E_CRYPTO;
	}
	return TROTH_OK;
}

static int set_body(X509 *x, EVP_PKEY *key, int64_t now)
{
	X509_NAME *subject = X509_get_subject_name(x);
	if (X509_set_version(x, X509_VERSION_3) != 1 || troth_x509_set_serial(x) != TROTH_OK ||
	    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
				       (const unsigned char *)SUBJECT, -1, -1, 0) != 1 ||
	    X509_set_issuer_name(x, subject) != 1 || X509_set_pubkey(x, key) != 1 ||
	    ASN1_TIME_adj(X509_getm_notBefore(x), (time_t)now, -DAYS_BEFORE, 0) == NULL ||
	    ASN1_TIME_set_string_X509(X509_getm_notAfter(x), NO_END) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}

/* The object still holds the key that was put in, which may be one that lives elsewhere. */
static int read_again(struct troth_cert **out, const X509 *x)
{
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);
	if (len <= 0)
		return TROTH_E_CRYPTO;
	int err = troth_cert_new(out, troth_slice_of(der, (size_t)len));
	OPENSSL_free(der);
	return err;
}

static int make_cert(struct troth_cert **out, EVP_PKEY *key, const struct troth_device_params *p)
{
	X509 *x = X509_new();
	if (x == NULL)
		return TROTH_E_NOMEM;
	int err = set_body(x, key, p->now);
	if (err == TROTH_OK)
		err = set_extensions(x);
	if (err == TROTH_OK)
		err = set_names(x, p->address);
	if (err == TROTH_OK && X509_sign(x, key, EVP_sha256()) <= 0)
		err = TROTH_E_CRYPTO;
	if (err == TROTH_OK)
		err = read_again(out, x);
	X509_free(x);
	return err;
}

int troth_device_generate_with(struct troth_device **out, const struct troth_device_params *params,
			       EVP_PKEY *key, struct troth_slice reference)
{
	struct troth_cert *cert = NULL;
	if (!troth_san_is_address(params->address))
		return TROTH_E_INVAL;
	ERR_clear_error();
	int err = make_cert(&cert, key, params);
	if (err == TROTH_E_CRYPTO)
		err = troth_device_signing_failed(err);
	if (err == TROTH_OK)
		err = troth_device_join_elsewhere(out, cert, key, reference);
	ERR_clear_error();
	if (err != TROTH_OK)
		troth_cert_free(cert);
	return err;
}

int troth_device_generate(struct troth_device **out, const struct troth_device_params *params)
{
	if (!troth_san_is_address(params->address))
		return TROTH_E_INVAL;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	if (key == NULL)
		return TROTH_E_CRYPTO;
	struct troth_cert *cert = NULL;
	int err = make_cert(&cert, key, params);
	if (err == TROTH_OK)
		err = troth_device_join(out, cert, key);
	ERR_clear_error();
	if (err != TROTH_OK) {
		troth_cert_free(cert);
		EVP_PKEY_free(key);
	}
	return err;
}
