/* SPDX-License-Identifier: MIT */
/* Certificate authorities for tests: what they sign, revoke and answer. */
#ifndef TROTH_TESTS_KEYS_AUTHORITY_H
#define TROTH_TESTS_KEYS_AUTHORITY_H

#include "make.h"

#include "keys/cert.h"
#include "keys/chain.h"

#include <openssl/conf.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>

#define DAY 86400
#define XMPP_ADDR(jid) "otherName:1.3.6.1.5.5.7.8.5;UTF8:" jid

/* A certificate with its key. */
struct party {
	X509 *x;
	EVP_PKEY *key;
};

struct wish {
	const char *cn;          /* under O=Test; for a proxy: the CN that is added */
	const char *san;         /* as openssl writes it */
	const char *ca;          /* basicConstraints; NULL: none */
	const char *usage;       /* keyUsage */
	const char *extended;    /* extendedKeyUsage */
	const char *constraints; /* nameConstraints */
	const char *proxy;       /* proxyCertInfo */
	const char *kind;        /* of key; NULL: P-256 */
	const char *digest;      /* NULL: SHA256 */
	long from, until;        /* seconds from MAKE_NOW; 0, 0: a day either way */
	long serial;
	const struct party *under; /* the issuer; NULL: itself */
};

static inline void wish_extension(X509 *x, const struct party *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	if (value == NULL)
		return;
	CONF *none = NCONF_new(NULL); /* proxyCertInfo wants one */
	X509V3_set_ctx(&ctx, issuer->x, x, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, none);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
	NCONF_free(none);
}

static inline void wish_name(X509 *x, const struct wish *w, const struct party *issuer)
{
	X509_NAME *name = w->proxy != NULL ? X509_NAME_dup(X509_get_subject_name(issuer->x))
					   : X509_NAME_new();
	if (w->proxy == NULL)
		X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"Test",
					   -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)w->cn, -1, -1,
				   0);
	assert_int_equal(X509_set_subject_name(x, name), 1);
	X509_NAME_free(name);
}

static inline struct party issue(const struct wish *w)
{
	static long serials = 1000;
	struct party p = {X509_new(), make_key(w->kind != NULL ? w->kind : "P-256")};
	const struct party *issuer = w->under != NULL ? w->under : &p;
	bool any = w->from == 0 && w->until == 0;
	X509_set_version(p.x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(p.x), w->serial != 0 ? w->serial : serials++);
	wish_name(p.x, w, issuer);
	X509_set_issuer_name(p.x, X509_get_subject_name(issuer->x));
	ASN1_TIME_set(X509_getm_notBefore(p.x), MAKE_NOW + (any ? -DAY : w->from));
	ASN1_TIME_set(X509_getm_notAfter(p.x), MAKE_NOW + (any ? DAY : w->until));
	X509_set_pubkey(p.x, p.key);
	wish_extension(p.x, issuer, NID_basic_constraints, w->ca);
	wish_extension(p.x, issuer, NID_key_usage, w->usage);
	wish_extension(p.x, issuer, NID_ext_key_usage, w->extended);
	wish_extension(p.x, issuer, NID_name_constraints, w->constraints);
	wish_extension(p.x, issuer, NID_proxyCertInfo, w->proxy);
	wish_extension(p.x, issuer, NID_subject_alt_name, w->san);
	const EVP_MD *md = EVP_get_digestbyname(w->digest != NULL ? w->digest : "SHA256");
	assert_true(X509_sign(p.x, issuer->key, md) > 0);
	return p;
}

static inline void party_free(struct party *p)
{
	X509_free(p->x);
	EVP_PKEY_free(p->key);
}

static inline struct troth_cert *cert_of(const struct party *p)
{
	struct troth_cert *cert;
	assert_ok(troth_cert_from_x509(&cert, p->x));
	return cert;
}

/* DER of a certificate, freed by OPENSSL_free. */
static inline struct troth_slice der_of(const struct party *p)
{
	uint8_t *der = NULL;
	int len = i2d_X509(p->x, &der);
	return troth_slice_of(der, (size_t)len);
}

/* A list signed by `issuer`; serial 0: empty. */
static inline struct troth_slice crl_of(const struct party *issuer, long serial, long until)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, MAKE_NOW - DAY),
		  *to = ASN1_TIME_set(NULL, MAKE_NOW + until);
	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x));
	X509_CRL_set1_lastUpdate(crl, from);
	X509_CRL_set1_nextUpdate(crl, to);
	if (serial != 0) {
		X509_REVOKED *one = X509_REVOKED_new();
		ASN1_INTEGER *number = ASN1_INTEGER_new();
		ASN1_INTEGER_set(number, serial);
		X509_REVOKED_set_serialNumber(one, number);
		X509_REVOKED_set_revocationDate(one, from);
		X509_CRL_add0_revoked(crl, one);
		ASN1_INTEGER_free(number);
	}
	X509_CRL_sort(crl);
	assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
	uint8_t *der = NULL;
	int len = i2d_X509_CRL(crl, &der);
	X509_CRL_free(crl);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return troth_slice_of(der, (size_t)len);
}

struct answer {
	const struct party *about, *issuer, *responder;
	int status; /* V_OCSP_CERTSTATUS_* */
	long until;
};

static inline struct troth_slice ocsp_of(const struct answer *a)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, MAKE_NOW - DAY),
		  *to = ASN1_TIME_set(NULL, MAKE_NOW + a->until);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha256(), a->about->x, a->issuer->x);
	ASN1_GENERALIZEDTIME *gfrom = ASN1_TIME_to_generalizedtime(from, NULL);
	ASN1_GENERALIZEDTIME *gto = ASN1_TIME_to_generalizedtime(to, NULL);
	assert_non_null(OCSP_basic_add1_status(
		basic, id, a->status, 0, a->status == V_OCSP_CERTSTATUS_REVOKED ? gfrom : NULL,
		gfrom, gto));
	assert_int_equal(
		OCSP_basic_sign(basic, a->responder->x, a->responder->key, EVP_sha256(), NULL, 0),
		1);
	OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	uint8_t *der = NULL;
	int len = i2d_OCSP_RESPONSE(response, &der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_GENERALIZEDTIME_free(gfrom);
	ASN1_GENERALIZEDTIME_free(gto);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return troth_slice_of(der, (size_t)len);
}

static inline void slice_free(struct troth_slice s)
{
	OPENSSL_free((void *)s.data);
}

#endif
