/* SPDX-License-Identifier: MIT */
/* Proxy certificates (RFC 3820) for jobs: a key that acts for ours, for some hours. Layer: keys.
 * Whoever verifies one decides by its policy what it may; chain.c. */
#include "keys/cert.h"
#include "keys/issue.h"
#include "keys/key_kind.h"
#include "keys/san.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <troth/err.h>

#define CLOCKS_DIFFER 300

/* RFC 3820 3.4: "the subject field of the PC [...] the issuer field [...] with one more CN":
 * the serial number, so that no two are the same. */
static int set_names(X509 *x, const X509 *owner)
{
	X509_NAME *subject = X509_NAME_dup(X509_get_subject_name(owner));
	BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *text = serial == NULL ? NULL : BN_bn2dec(serial);
	int ok = subject != NULL && text != NULL &&
		 X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
					    (const unsigned char *)text, -1, -1, 0) == 1 &&
		 X509_set_subject_name(x, subject) == 1 &&
		 X509_set_issuer_name(x, X509_get_subject_name(owner)) == 1;
	OPENSSL_free(text);
	BN_free(serial);
	X509_NAME_free(subject);
	return ok ? TROTH_OK : TROTH_E_CRYPTO;
}

/* Never beyond the owner's own certificate. */
static int set_dates(X509 *x, const X509 *owner, const struct troth_delegation *terms)
{
	time_t from = (time_t)(terms->now - CLOCKS_DIFFER);
	time_t until = (time_t)(terms->now + terms->seconds);
	const ASN1_TIME *begin = X509_get0_notBefore(owner);
	const ASN1_TIME *end = X509_get0_notAfter(owner);
	if (ASN1_TIME_set(X509_getm_notBefore(x), from) == NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(x), until) == NULL)
		return TROTH_E_CRYPTO;
	if (ASN1_TIME_cmp_time_t(begin, from) == 1 && X509_set1_notBefore(x, begin) != 1)
		return TROTH_E_CRYPTO;
	if (ASN1_TIME_cmp_time_t(end, until) == -1 && X509_set1_notAfter(x, end) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}

static int set_path(PROXY_CERT_INFO_EXTENSION *info, long path)
{
	if (path < 0)
		return TROTH_OK;
	info->pcPathLengthConstraint = ASN1_INTEGER_new();
	return info->pcPathLengthConstraint != NULL &&
			       ASN1_INTEGER_set(info->pcPathLengthConstraint, path) == 1
		       ? TROTH_OK
		       : TROTH_E_NOMEM;
}

/* RFC 3820 3.8.2: id-ppl-inheritAll: it speaks for its owner. */
static int set_proxy(X509 *x, long path)
{
	PROXY_CERT_INFO_EXTENSION *info = PROXY_CERT_INFO_EXTENSION_new();
	if (info == NULL)
		return TROTH_E_NOMEM;
	ASN1_OBJECT_free(info->proxyPolicy->policyLanguage);
	info->proxyPolicy->policyLanguage = OBJ_nid2obj(NID_id_ppl_inheritAll);
	int err = set_path(info, path);
	if (err == TROTH_OK && X509_add1_ext_i2d(x, NID_proxyCertInfo, info, 1, 0) != 1)
		err = TROTH_E_CRYPTO;
	PROXY_CERT_INFO_EXTENSION_free(info);
	return err;
}

static int set_usage(X509 *x)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *e =
		X509V3_EXT_conf_nid(NULL, &ctx, NID_key_usage, "critical,digitalSignature");
	int ok = e != NULL && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok ? TROTH_OK : TROTH_E_CRYPTO;
}

/* *path: as asked for, and within what the owner may give when it is a proxy itself. */
static int limit_path(X509 *owner, long *path)
{
	if ((X509_get_extension_flags(owner) & EXFLAG_PROXY) == 0)
		return TROTH_OK;
	long left = X509_get_proxy_pathlen(owner);
	if (left == 0)
		return TROTH_E_REFUSED;
	if (left > 0 && (*path < 0 || *path > left - 1))
		*path = left - 1;
	return TROTH_OK;
}

static int sign(X509 *x, const struct troth_device *owner)
{
	const struct troth_key_kind *kind =
		troth_key_kind_of(troth_cert_key(troth_device_cert(owner)));
	const EVP_MD *digest =
		kind == NULL || kind->digest == NULL ? NULL : EVP_get_digestbyname(kind->digest);
	return X509_sign(x, troth_device_key(owner), digest) > 0
		       ? TROTH_OK
		       : troth_device_signing_failed(TROTH_E_CRYPTO);
}

static int fill(X509 *x, EVP_PKEY *key, const struct troth_device *owner,
		const struct troth_delegation *terms)
{
	X509 *above = troth_device_leaf(owner);
	long path = terms->path_length;
	int err = limit_path(above, &path);
	if (err != TROTH_OK)
		return err;
	if (X509_set_version(x, X509_VERSION_3) != 1 || troth_x509_set_serial(x) != TROTH_OK ||
	    X509_set_pubkey(x, key) != 1)
		return TROTH_E_CRYPTO;
	err = set_names(x, above);
	if (err == TROTH_OK)
		err = set_dates(x, above, terms);
	if (err == TROTH_OK)
		err = set_usage(x);
	if (err == TROTH_OK)
		err = set_proxy(x, path);
	return err == TROTH_OK ? sign(x, owner) : err;
}

static int push(STACK_OF(X509) * chain, X509 *x)
{
	if (X509_up_ref(x) != 1)
		return TROTH_E_CRYPTO;
	if (sk_X509_push(chain, x) > 0)
		return TROTH_OK;
	X509_free(x);
	return TROTH_E_NOMEM;
}

static int add_chain(struct troth_device *device, X509 *x, const struct troth_device *owner)
{
	const STACK_OF(X509) *above = troth_device_chain(owner);
	STACK_OF(X509) *chain = sk_X509_new_null();
	if (chain == NULL)
		return TROTH_E_NOMEM;
	int err = push(chain, x);
	if (err == TROTH_OK)
		err = push(chain, troth_device_leaf(owner));
	for (int i = 1; above != NULL && err == TROTH_OK && i < sk_X509_num(above); i++)
		err = push(chain, sk_X509_value(above, i));
	if (err == TROTH_OK)
		err = troth_device_set_chain(device, chain);
	if (err != TROTH_OK)
		sk_X509_pop_free(chain, X509_free);
	return err;
}

static int make(struct troth_device **out, X509 *x, EVP_PKEY *key, const struct troth_device *owner)
{
	struct troth_cert *cert = NULL;
	struct troth_device *device = NULL;
	int err = troth_cert_from_x509(&cert, x);
	if (err == TROTH_OK && EVP_PKEY_up_ref(key) != 1)
		err = TROTH_E_CRYPTO;
	if (err == TROTH_OK) {
		err = troth_device_join(&device, cert, key);
		if (err == TROTH_OK)
			cert = NULL;
		else
			EVP_PKEY_free(key);
	}
	if (err == TROTH_OK)
		err = add_chain(device, x, owner);
	troth_cert_free(cert);
	if (err != TROTH_OK) {
		troth_device_free(device);
		return err;
	}
	*out = device;
	return TROTH_OK;
}

int troth_device_delegate(struct troth_device **out, const struct troth_device *owner,
			  const struct troth_delegation *terms)
{
	if (terms->seconds <= 0)
		return TROTH_E_INVAL;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *x = X509_new();
	int err = key == NULL || x == NULL ? TROTH_E_NOMEM : fill(x, key, owner, terms);
	if (err == TROTH_OK)
		err = make(out, x, key, owner);
	X509_free(x);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return err;
}
