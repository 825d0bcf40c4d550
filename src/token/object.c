/* SPDX-License-Identifier: MIT */
/* What lies on a token: private keys, their public halves, certificates. Layer: token. */
#include "base/limits.h"
#include "base/slice.h"
#include "token/state.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <troth/err.h>

#define VALUE_MAX (4 * TROTH_LIMIT_CERT_BYTES)

/* ---- finding and reading ---- */

static CK_RV find_by(struct troth_token *token, CK_ATTRIBUTE *template, CK_ULONG n,
		     struct troth_token_found *out)
{
	CK_ULONG count = 0;
	CK_RV rv = token->module->C_FindObjectsInit(token->session, template, n);
	if (rv != CKR_OK)
		return rv;
	/* A module may give fewer at a time than there are. */
	do {
		rv = token->module->C_FindObjects(token->session, out->all + out->count,
						  TROTH_TOKEN_FOUND_MAX - out->count, &count);
		out->count += rv == CKR_OK ? count : 0;
	} while (rv == CKR_OK && count > 0 && out->count < TROTH_TOKEN_FOUND_MAX);
	CK_RV end = token->module->C_FindObjectsFinal(token->session);
	return rv != CKR_OK ? rv : end;
}

CK_RV troth_token_find(struct troth_token *token, CK_OBJECT_CLASS class_, const CK_ATTRIBUTE *id,
		       struct troth_token_found *out)
{
	CK_ATTRIBUTE template[3] = {{CKA_CLASS, &class_, sizeof class_}};
	CK_ULONG n = 1;
	const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(token->uri, CKA_LABEL);
	const CK_ATTRIBUTE *named = p11_kit_uri_get_attribute(token->uri, CKA_ID);
	*out = (struct troth_token_found){.count = 0};
	if (id != NULL) {
		template[n++] = *id;
	} else {
		if (label != NULL)
			template[n++] = *label;
		if (named != NULL)
			template[n++] = *named;
	}
	return find_by(token, template, n, out);
}

CK_RV troth_token_value(struct troth_token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
			struct troth_buf *out)
{
	CK_ATTRIBUTE a = {type, NULL, 0};
	uint8_t *to;
	troth_buf_clear(out);
	CK_RV rv = token->module->C_GetAttributeValue(token->session, object, &a, 1);
	if (rv != CKR_OK)
		return rv;
	if (a.ulValueLen == CK_UNAVAILABLE_INFORMATION || a.ulValueLen == 0 ||
	    a.ulValueLen > VALUE_MAX)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (troth_buf_reserve(out, a.ulValueLen, &to) != TROTH_OK)
		return CKR_HOST_MEMORY;
	a.pValue = to;
	CK_ULONG room = a.ulValueLen;
	rv = token->module->C_GetAttributeValue(token->session, object, &a, 1);
	if (rv == CKR_OK && a.ulValueLen > room)
		return CKR_DEVICE_ERROR;
	if (rv == CKR_OK)
		troth_buf_commit(out, a.ulValueLen);
	return rv;
}

/* ---- the public half ---- */

static int from_data(const char *kind, OSSL_PARAM_BLD *build, EVP_PKEY **out)
{
	EVP_PKEY *key = NULL;
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	bool ok = params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
		  EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	ERR_clear_error();
	if (!ok)
		return TROTH_E_UNSUPPORTED;
	*out = key;
	return TROTH_OK;
}

static const char *curve_of(struct troth_slice der)
{
	const uint8_t *at = der.data;
	ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)der.len);
	int nid = object != NULL ? OBJ_obj2nid(object) : NID_undef;
	ASN1_OBJECT_free(object);
	ERR_clear_error();
	return nid == NID_undef ? NULL : OBJ_nid2sn(nid);
}

/* PKCS #11 2.40 6.3: CKA_EC_PARAMS holds the curve, CKA_EC_POINT an OCTET STRING. */
static int ec_public(struct troth_slice curve, struct troth_slice point, EVP_PKEY **out)
{
	const char *name = curve_of(curve);
	const uint8_t *at = point.data;
	int err = TROTH_E_UNSUPPORTED;
	ASN1_OCTET_STRING *octets = d2i_ASN1_OCTET_STRING(NULL, &at, (long)point.len);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (name != NULL && octets != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
					     ASN1_STRING_get0_data(octets),
					     (size_t)ASN1_STRING_length(octets)) == 1)
		err = from_data("EC", build, out);
	OSSL_PARAM_BLD_free(build);
	ASN1_OCTET_STRING_free(octets);
	ERR_clear_error();
	return err;
}

static int rsa_public(struct troth_slice modulus, struct troth_slice exponent, EVP_PKEY **out)
{
	int err = TROTH_E_UNSUPPORTED;
	BIGNUM *n = BN_bin2bn(modulus.data, (int)modulus.len, NULL);
	BIGNUM *e = BN_bin2bn(exponent.data, (int)exponent.len, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (n != NULL && e != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		err = from_data("RSA", build, out);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	return err;
}

static int from_parts(struct troth_token *token, CK_OBJECT_HANDLE object, EVP_PKEY **out)
{
	struct troth_buf a TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf b TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&a, VALUE_MAX);
	troth_buf_init(&b, VALUE_MAX);
	if (troth_token_value(token, object, CKA_EC_POINT, &b) == CKR_OK &&
	    troth_token_value(token, object, CKA_EC_PARAMS, &a) == CKR_OK)
		return ec_public(troth_buf_slice(&a), troth_buf_slice(&b), out);
	if (troth_token_value(token, object, CKA_MODULUS, &a) == CKR_OK &&
	    troth_token_value(token, object, CKA_PUBLIC_EXPONENT, &b) == CKR_OK)
		return rsa_public(troth_buf_slice(&a), troth_buf_slice(&b), out);
	return TROTH_E_UNSUPPORTED;
}

static X509 *read_cert(struct troth_token *token, CK_OBJECT_HANDLE object)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&der, VALUE_MAX);
	if (troth_token_value(token, object, CKA_VALUE, &der) != CKR_OK)
		return NULL;
	const uint8_t *at = troth_buf_slice(&der).data;
	X509 *x = d2i_X509(NULL, &at, (long)troth_buf_len(&der));
	ERR_clear_error();
	return x;
}

static int from_cert(struct troth_token *token, CK_OBJECT_HANDLE object, EVP_PKEY **out)
{
	X509 *x = read_cert(token, object);
	EVP_PKEY *key = x != NULL ? X509_get_pubkey(x) : NULL;
	X509_free(x);
	if (key == NULL)
		return TROTH_E_UNSUPPORTED;
	*out = key;
	return TROTH_OK;
}

/* By the common CKA_ID: the public object, or a certificate; else the private one may tell. What
 * is wrong among it shows when the key signs. */
int troth_token_public(struct troth_token *token, CK_OBJECT_HANDLE key, EVP_PKEY **out,
		       struct troth_token_problem *problem)
{
	struct troth_token_found found;
	struct troth_buf id TROTH_CLEANUP(troth_buf_fini);
	int err = TROTH_E_UNSUPPORTED;
	troth_buf_init(&id, VALUE_MAX);
	CK_RV rv = troth_token_value(token, key, CKA_ID, &id);
	struct troth_slice value = troth_buf_slice(&id);
	const CK_ATTRIBUTE same = {CKA_ID, (void *)value.data, value.len};
	if (rv == CKR_OK && troth_token_find(token, CKO_PUBLIC_KEY, &same, &found) == CKR_OK &&
	    found.count > 0)
		err = from_parts(token, found.all[0], out);
	if (err != TROTH_OK && rv == CKR_OK &&
	    troth_token_find(token, CKO_CERTIFICATE, &same, &found) == CKR_OK && found.count > 0)
		err = from_cert(token, found.all[0], out);
	if (err != TROTH_OK)
		err = from_parts(token, key, out);
	return err == TROTH_OK ? err
			       : troth_token_say(problem, err,
						 "The token shows no public key for it that is "
						 "known here: EC or RSA.");
}

/* ---- certificates ---- */

static int append_cert(struct troth_token *token, CK_OBJECT_HANDLE object, BIO *bio)
{
	X509 *x = read_cert(token, object);
	int err = x != NULL && PEM_write_bio_X509(bio, x) == 1 ? TROTH_OK : TROTH_E_FORMAT;
	X509_free(x);
	return err;
}

int troth_token_certs(struct troth_token *token, struct troth_buf *pem,
		      struct troth_token_problem *problem)
{
	struct troth_token_found found;
	char *text = NULL;
	problem->text[0] = 0;
	CK_RV rv = troth_token_find(token, CKO_CERTIFICATE, NULL, &found);
	if (rv != CKR_OK)
		return troth_token_failed(problem, "Its certificates can't be read", rv);
	if (found.count == 0)
		return troth_token_say(problem, TROTH_E_NOT_FOUND,
				       "There is no such certificate on the token.");
	BIO *bio = BIO_new(BIO_s_mem());
	int err = bio != NULL ? TROTH_OK : TROTH_E_NOMEM;
	for (size_t i = 0; err == TROTH_OK && i < found.count; i++)
		err = append_cert(token, found.all[i], bio);
	if (err == TROTH_OK) {
		long len = BIO_get_mem_data(bio, &text);
		err = troth_buf_append(pem, text, (size_t)len);
	} else {
		err = troth_token_say(problem, err, "A certificate on the token can't be read.");
	}
	BIO_free(bio);
	ERR_clear_error();
	return err;
}
