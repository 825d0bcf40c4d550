/* SPDX-License-Identifier: MIT */
/* A new device: a P-256 key and a certificate that it signs itself. Layer: keys. */
#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <troth/err.h>
#include <unistr.h>

#define SERIAL_BITS 127
#define DAYS_BEFORE 2 /* clocks differ, and a peer may look at the date */
/* RFC 5280 4.1.2.5: "To indicate that a certificate has no well-defined expiration
 * date, the notAfter SHOULD be assigned the GeneralizedTime value of 99991231235959Z." */
#define NO_END "99991231235959Z"
/* The address stands in the subjectAltName alone; a subject mustn't be empty in a
 * certificate that is its own issuer. */
#define SUBJECT "Troth device"

static void free_names(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
}

static int add_name(GENERAL_NAMES *names, GENERAL_NAME *name)
{
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return TROTH_OK;
	GENERAL_NAME_free(name);
	return TROTH_E_NOMEM;
}

/* RFC 6120 13.7.1.4: the otherName id-on-xmppAddr, a UTF8String. */
static int add_xmpp_addr(GENERAL_NAMES *names, const char *address)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_TYPE *value = ASN1_TYPE_new();
	ASN1_UTF8STRING *text = ASN1_UTF8STRING_new();
	if (name == NULL || value == NULL || text == NULL ||
	    ASN1_STRING_set(text, address, (int)strlen(address)) != 1)
		goto fail;
	ASN1_TYPE_set(value, V_ASN1_UTF8STRING, text);
	text = NULL;
	if (GENERAL_NAME_set0_othername(name, OBJ_nid2obj(NID_XmppAddr), value) != 1)
		goto fail;
	return add_name(names, name);
fail:
	ASN1_UTF8STRING_free(text);
	ASN1_TYPE_free(value);
	GENERAL_NAME_free(name);
	return TROTH_E_NOMEM;
}

/* RFC 5122 2.2: characters that a URI may hold as they are; the rest in percents. */
static int append_uri(struct troth_buf *out, const char *address)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~!$()*+,;=@/:[]";
	static const char hex[] = "0123456789ABCDEF";
	int err = troth_buf_append_str(out, "xmpp:");
	for (const char *p = address; *p != 0 && err == TROTH_OK; p++) {
		uint8_t c = (uint8_t)*p;
		if (strchr(plain, c) != NULL)
			err = troth_buf_append_byte(out, c);
		else
			err = troth_buf_append(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
	}
	return err;
}

static int add_uri(GENERAL_NAMES *names, const char *address)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) uri;
	troth_buf_init(&uri, 3 * (3 * TROTH_LIMIT_JID_PART + 8));
	int err = append_uri(&uri, address);
	if (err != TROTH_OK)
		return err;
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	struct troth_slice s = troth_buf_slice(&uri);
	if (name == NULL || text == NULL || ASN1_STRING_set(text, s.data, (int)s.len) != 1) {
		ASN1_IA5STRING_free(text);
		GENERAL_NAME_free(name);
		return TROTH_E_NOMEM;
	}
	GENERAL_NAME_set0_value(name, GEN_URI, text);
	return add_name(names, name);
}

static int set_names(X509 *x, const char *address)
{
	GENERAL_NAMES *names TROTH_CLEANUP(free_names) = GENERAL_NAMES_new();
	if (names == NULL)
		return TROTH_E_NOMEM;
	int err = add_xmpp_addr(names, address);
	if (err == TROTH_OK)
		err = add_uri(names, address);
	if (err != TROTH_OK)
		return err;
	return X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0) == 1 ? TROTH_OK
									    : TROTH_E_CRYPTO;
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

static int set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	int ok = n != NULL && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		 BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok ? TROTH_OK : TROTH_E_CRYPTO;
}

static int set_body(X509 *x, EVP_PKEY *key, int64_t now)
{
	X509_NAME *subject = X509_get_subject_name(x);
	if (X509_set_version(x, X509_VERSION_3) != 1 || set_serial(x) != TROTH_OK ||
	    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
				       (const unsigned char *)SUBJECT, -1, -1, 0) != 1 ||
	    X509_set_issuer_name(x, subject) != 1 || X509_set_pubkey(x, key) != 1 ||
	    ASN1_TIME_adj(X509_getm_notBefore(x), (time_t)now, -DAYS_BEFORE, 0) == NULL ||
	    ASN1_TIME_set_string_X509(X509_getm_notAfter(x), NO_END) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
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
		err = troth_cert_from_x509(out, x);
	X509_free(x);
	return err;
}

static bool is_address(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);
	if (len == 0 || len > 3 * TROTH_LIMIT_JID_PART + 2)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return u8_check((const uint8_t *)text, len) == NULL;
}

int troth_device_generate(struct troth_device **out, const struct troth_device_params *params)
{
	if (!is_address(params->address))
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
