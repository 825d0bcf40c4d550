/* SPDX-License-Identifier: MIT */
/*
 * One X.509 certificate, read once: its name, its pin, its addresses, its dates.
 * Layer: keys. Decides nothing about trust; refuses only what can't be read or is
 * too weak to mean anything.
 */
#include "keys/cert.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"
#include "keys/key_kind.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <troth/err.h>
#include <unistr.h>

struct troth_cert {
	X509 *x509;
	uint8_t *der; /* OPENSSL_malloc */
	size_t der_len;
	char name[TROTH_NAME_LEN + 1];
	struct troth_pin pin;
	char **addrs;
	size_t addr_count;
	int64_t not_before;
	int64_t not_after;
	const struct troth_key_kind *kind;
};

bool troth_pin_equal(const struct troth_pin *a, const struct troth_pin *b)
{
	return CRYPTO_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static int read_der(struct troth_cert *c)
{
	int len = i2d_X509(c->x509, &c->der);
	if (len <= 0)
		return TROTH_E_CERT;
	c->der_len = (size_t)len;
	if (c->der_len > TROTH_LIMIT_CERT_BYTES)
		return TROTH_E_CERT;
	uint8_t sha1[TROTH_SHA1_LEN];
	int err = troth_sha1(sha1, troth_cert_der(c));
	if (err == TROTH_OK)
		troth_hex(c->name, troth_slice_of(sha1, sizeof sha1));
	return err;
}

/* Over the whole SubjectPublicKeyInfo: X509_pubkey_digest would leave out the algorithm. */
int troth_x509_pin(struct troth_pin *out, const X509 *x509)
{
	uint8_t *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	if (len <= 0)
		return TROTH_E_CERT;
	int err = troth_sha256(out->bytes, troth_slice_of(spki, (size_t)len));
	OPENSSL_free(spki);
	return err;
}

/* Seconds since 1970 without the C library's time zones. */
static int read_time(int64_t *out, const ASN1_TIME *at)
{
	int days;
	int seconds;
	ASN1_TIME *epoch = ASN1_TIME_new();
	int ok = epoch != NULL && ASN1_TIME_set_string_X509(epoch, "19700101000000Z") == 1 &&
		 ASN1_TIME_diff(&days, &seconds, epoch, at) == 1;
	ASN1_TIME_free(epoch);
	if (!ok)
		return TROTH_E_CERT;
	*out = (int64_t)days * 86400 + seconds;
	return TROTH_OK;
}

/* A NUL inside would make the address look shorter than what was signed. */
static int keep_addr(struct troth_cert *c, const ASN1_TYPE *value)
{
	if (value == NULL || value->type != V_ASN1_UTF8STRING)
		return TROTH_E_CERT;
	const uint8_t *text = ASN1_STRING_get0_data(value->value.utf8string);
	size_t len = (size_t)ASN1_STRING_length(value->value.utf8string);
	if (len == 0 || memchr(text, 0, len) != NULL || u8_check(text, len) != NULL)
		return TROTH_E_CERT;
	char *copy = strndup((const char *)text, len);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	c->addrs[c->addr_count++] = copy;
	return TROTH_OK;
}

static int read_names(struct troth_cert *c, const GENERAL_NAMES *names)
{
	c->addrs = calloc((size_t)sk_GENERAL_NAME_num(names) + 1, sizeof *c->addrs);
	if (c->addrs == NULL)
		return TROTH_E_NOMEM;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		ASN1_OBJECT *id = NULL;
		ASN1_TYPE *value = NULL;
		if (GENERAL_NAME_get0_otherName(sk_GENERAL_NAME_value(names, i), &id, &value) !=
			    1 ||
		    OBJ_obj2nid(id) != NID_XmppAddr)
			continue;
		int err = keep_addr(c, value);
		if (err != TROTH_OK)
			return err;
	}
	return TROTH_OK;
}

static int read_addrs(struct troth_cert *c)
{
	int found = 0; /* -1: none; -2: twice, and nobody can say which of them counts */
	GENERAL_NAMES *names = X509_get_ext_d2i(c->x509, NID_subject_alt_name, &found, NULL);
	if (names == NULL)
		return found == -1 ? TROTH_OK : TROTH_E_CERT;
	int err = read_names(c, names);
	GENERAL_NAMES_free(names);
	return err;
}

static int read_all(struct troth_cert *c)
{
	EVP_PKEY *key = X509_get0_pubkey(c->x509);
	if (key == NULL || (c->kind = troth_key_kind_of(key)) == NULL)
		return TROTH_E_CERT;
	int err = read_der(c);
	if (err == TROTH_OK)
		err = troth_x509_pin(&c->pin, c->x509);
	if (err == TROTH_OK)
		err = read_addrs(c);
	if (err == TROTH_OK)
		err = read_time(&c->not_before, X509_get0_notBefore(c->x509));
	if (err == TROTH_OK)
		err = read_time(&c->not_after, X509_get0_notAfter(c->x509));
	return err;
}

int troth_cert_from_x509(struct troth_cert **out, X509 *x509)
{
	struct troth_cert *c = calloc(1, sizeof *c);
	if (c == NULL)
		return TROTH_E_NOMEM;
	if (X509_up_ref(x509) != 1) {
		free(c);
		return TROTH_E_CRYPTO;
	}
	c->x509 = x509;
	int err = read_all(c);
	ERR_clear_error();
	if (err != TROTH_OK) {
		troth_cert_free(c);
		return err;
	}
	*out = c;
	return TROTH_OK;
}

int troth_cert_new(struct troth_cert **out, struct troth_slice der)
{
	if (der.len == 0 || der.len > TROTH_LIMIT_CERT_BYTES)
		return TROTH_E_CERT;
	const uint8_t *at = der.data;
	X509 *x509 = d2i_X509(NULL, &at, (long)der.len);
	ERR_clear_error();
	if (x509 == NULL)
		return TROTH_E_CERT;
	struct troth_cert *c = NULL;
	int err = at == der.data + der.len ? troth_cert_from_x509(&c, x509) : TROTH_E_CERT;
	X509_free(x509);
	/* BER that isn't DER would give one certificate several names. */
	if (err == TROTH_OK && !troth_slice_equal(troth_cert_der(c), der)) {
		troth_cert_free(c);
		return TROTH_E_CERT;
	}
	if (err == TROTH_OK)
		*out = c;
	return err;
}

void troth_cert_free(struct troth_cert *cert)
{
	if (cert == NULL)
		return;
	for (size_t i = 0; i < cert->addr_count; i++)
		free(cert->addrs[i]);
	free(cert->addrs);
	OPENSSL_free(cert->der);
	X509_free(cert->x509);
	free(cert);
}

struct troth_slice troth_cert_der(const struct troth_cert *cert)
{
	return troth_slice_of(cert->der, cert->der_len);
}

const char *troth_cert_name(const struct troth_cert *cert)
{
	return cert->name;
}

const struct troth_pin *troth_cert_pin(const struct troth_cert *cert)
{
	return &cert->pin;
}

const char *troth_cert_xmpp_addr(const struct troth_cert *cert, size_t index)
{
	return index < cert->addr_count ? cert->addrs[index] : NULL;
}

int64_t troth_cert_not_before(const struct troth_cert *cert)
{
	return cert->not_before;
}

int64_t troth_cert_not_after(const struct troth_cert *cert)
{
	return cert->not_after;
}

const char *troth_cert_key_kind(const struct troth_cert *cert)
{
	return cert->kind->name;
}

const char *troth_cert_method(const struct troth_cert *cert)
{
	return cert->kind->method;
}

X509 *troth_cert_x509(const struct troth_cert *cert)
{
	return cert->x509;
}

EVP_PKEY *troth_cert_key(const struct troth_cert *cert)
{
	return X509_get0_pubkey(cert->x509);
}

int troth_cert_verify(const struct troth_cert *cert, struct troth_slice message,
		      struct troth_slice signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return TROTH_E_NOMEM;
	int ok = EVP_DigestVerifyInit_ex(ctx, NULL, cert->kind->digest, NULL, NULL,
					 troth_cert_key(cert), NULL) == 1 &&
		 EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len) ==
			 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok ? TROTH_OK : TROTH_E_CERT;
}
