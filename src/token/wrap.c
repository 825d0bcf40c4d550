/* SPDX-License-Identifier: MIT */
/*
 * A key on a token as an EVP_PKEY of OpenSSL, for TLS and signatures alike. Layer: token.
 *
 * Debian 12 has no provider for PKCS #11, and OpenSSL's methods for EC and RSA keys, which this
 * hangs into, are deprecated but whole in 3.x: this is the one file that knows of it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "token/state.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define SIGNATURE_MAX 1024 /* RSA 8192 */
#define FIELD_MAX 66       /* P-521 */

/* What hangs on the key; it goes when the last reference to the key does. */
struct handle {
	unsigned references;
	struct troth_token *token;
	CK_OBJECT_HANDLE object;
};

/* Made once a process and never freed, as OpenSSL's own: keys may outlive everybody else. */
static struct {
	int ec_index;
	int rsa_index;
	EC_KEY_METHOD *ec;
	RSA_METHOD *rsa;
} methods = {-1, -1, NULL, NULL};

static void handle_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl,
			void *argp)
{
	struct handle *h = ptr;
	(void)parent, (void)data, (void)index, (void)argl, (void)argp;
	if (h == NULL || --h->references > 0)
		return;
	troth_token_close(h->token);
	free(h);
}

static int handle_dup(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_d, int index,
		      long argl, void *argp)
{
	struct handle *h = *from_d;
	(void)to, (void)from, (void)index, (void)argl, (void)argp;
	if (h != NULL)
		h->references++;
	return 1;
}

/* <troth/key.h>: by that the core knows that it was the key. */
static void failed(CK_RV rv)
{
	ERR_raise_data(ERR_LIB_USER, 1, "PKCS #11: 0x%lx", rv);
}

/* Effect: *len bytes of signature at most, as the mechanism makes them. */
static CK_RV sign(const struct handle *h, CK_MECHANISM_TYPE type, const uint8_t *in, size_t in_len,
		  uint8_t *out, CK_ULONG *len)
{
	struct troth_token *t = h->token;
	CK_MECHANISM how = {type, NULL, 0};
	CK_RV rv = t->module->C_SignInit(t->session, &how, h->object);
	if (rv == CKR_OK)
		rv = t->module->C_Sign(t->session, (CK_BYTE *)in, in_len, out, len);
	if (rv != CKR_OK)
		failed(rv);
	return rv;
}

/* ---- EC ---- */

/* CKM_ECDSA: r and s, each half of the signature. */
static ECDSA_SIG *ec_sign(const unsigned char *digest, int len, const BIGNUM *kinv,
			  const BIGNUM *given_r, EC_KEY *key)
{
	const struct handle *h = EC_KEY_get_ex_data(key, methods.ec_index);
	uint8_t raw[SIGNATURE_MAX];
	CK_ULONG n = sizeof raw;
	(void)kinv, (void)given_r;
	/* FIPS 186-5 6.4.1: the leftmost bits of a longer digest; tokens differ in doing it. */
	int order = (EC_GROUP_order_bits(EC_KEY_get0_group(key)) + 7) / 8;
	if (sign(h, CKM_ECDSA, digest, (size_t)(len < order ? len : order), raw, &n) != CKR_OK)
		return NULL;
	BIGNUM *r = BN_bin2bn(raw, (int)(n / 2), NULL);
	BIGNUM *s = BN_bin2bn(raw + n / 2, (int)(n / 2), NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	if (n > 0 && n % 2 == 0 && r != NULL && s != NULL && sig != NULL &&
	    ECDSA_SIG_set0(sig, r, s) == 1)
		return sig;
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	failed(CKR_DEVICE_ERROR);
	return NULL;
}

/* Effect: the shared coordinate out of the token; it is the session's alone and destroyed there. */
static CK_RV derive(const struct handle *h, CK_ECDH1_DERIVE_PARAMS *peer, uint8_t *out,
		    CK_ULONG len)
{
	struct troth_token *t = h->token;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_OBJECT_CLASS class_ = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_MECHANISM how = {CKM_ECDH1_DERIVE, peer, sizeof *peer};
	CK_ATTRIBUTE wanted[] = {
		{CKA_CLASS, &class_, sizeof class_}, {CKA_KEY_TYPE, &type, sizeof type},
		{CKA_VALUE_LEN, &len, sizeof len},   {CKA_TOKEN, &no, sizeof no},
		{CKA_SENSITIVE, &no, sizeof no},     {CKA_EXTRACTABLE, &yes, sizeof yes},
	};
	CK_ATTRIBUTE value = {CKA_VALUE, out, len};
	CK_OBJECT_HANDLE shared;
	CK_RV rv = t->module->C_DeriveKey(t->session, &how, h->object, wanted,
					  sizeof wanted / sizeof *wanted, &shared);
	if (rv != CKR_OK)
		return rv;
	rv = t->module->C_GetAttributeValue(t->session, shared, &value, 1);
	(void)t->module->C_DestroyObject(t->session, shared);
	return rv == CKR_OK && value.ulValueLen != len ? CKR_DEVICE_ERROR : rv;
}

static int ec_agree(unsigned char **out, size_t *out_len, const EC_POINT *peer, const EC_KEY *key)
{
	const struct handle *h = EC_KEY_get_ex_data(key, methods.ec_index);
	const EC_GROUP *group = EC_KEY_get0_group(key);
	uint8_t point[2 * FIELD_MAX + 1];
	size_t len = EC_POINT_point2oct(group, peer, POINT_CONVERSION_UNCOMPRESSED, point,
					sizeof point, NULL);
	size_t field = ((size_t)EC_GROUP_get_degree(group) + 7) / 8;
	CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, len, point};
	uint8_t *shared = len > 0 ? OPENSSL_zalloc(field) : NULL;
	if (shared == NULL)
		return 0;
	CK_RV rv = derive(h, &params, shared, field);
	if (rv != CKR_OK) {
		OPENSSL_clear_free(shared, field);
		failed(rv);
		return 0;
	}
	*out = shared;
	*out_len = field;
	return 1;
}

static EC_KEY_METHOD *ec_method(void)
{
	int (*whole)(int, const unsigned char *, int, unsigned char *, unsigned int *,
		     const BIGNUM *, const BIGNUM *, EC_KEY *) = NULL;
	EC_KEY_METHOD *m = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	if (m == NULL)
		return NULL;
	EC_KEY_METHOD_get_sign(m, &whole, NULL, NULL);
	EC_KEY_METHOD_set_sign(m, whole, NULL, ec_sign);
	EC_KEY_METHOD_set_compute_key(m, ec_agree);
	return m;
}

static int wrap_ec(struct handle *h, const EVP_PKEY *public, EVP_PKEY *out)
{
	const EC_KEY *from = EVP_PKEY_get0_EC_KEY((EVP_PKEY *)public);
	EC_KEY *key = from != NULL ? EC_KEY_dup(from) : NULL;
	if (methods.ec == NULL)
		methods.ec = ec_method();
	if (methods.ec_index < 0)
		methods.ec_index = EC_KEY_get_ex_new_index(0, NULL, NULL, handle_dup, handle_free);
	if (key == NULL || methods.ec == NULL || methods.ec_index < 0 ||
	    EC_KEY_set_method(key, methods.ec) != 1 || EVP_PKEY_assign_EC_KEY(out, key) != 1) {
		EC_KEY_free(key);
		return TROTH_E_CRYPTO;
	}
	return EC_KEY_set_ex_data(key, methods.ec_index, h) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

/* ---- RSA ---- */

/* OpenSSL pads by itself for PSS, and wraps the digest for PKCS #1 v1.5. */
static int rsa_sign(int len, const unsigned char *from, unsigned char *to, RSA *key, int padding)
{
	const struct handle *h = RSA_get_ex_data(key, methods.rsa_index);
	CK_ULONG n = (CK_ULONG)RSA_size(key);
	CK_MECHANISM_TYPE type = padding == RSA_PKCS1_PADDING ? CKM_RSA_PKCS : CKM_RSA_X_509;
	if (len < 0 || (padding != RSA_PKCS1_PADDING && padding != RSA_NO_PADDING))
		return -1;
	return sign(h, type, from, (size_t)len, to, &n) == CKR_OK ? (int)n : -1;
}

static int rsa_decrypt(int len, const unsigned char *from, unsigned char *to, RSA *key, int padding)
{
	(void)len, (void)from, (void)to, (void)key, (void)padding;
	return -1; /* nothing here decrypts */
}

static RSA_METHOD *rsa_method(void)
{
	RSA_METHOD *m = RSA_meth_dup(RSA_PKCS1_OpenSSL());
	if (m != NULL && (RSA_meth_set_priv_enc(m, rsa_sign) != 1 ||
			  RSA_meth_set_priv_dec(m, rsa_decrypt) != 1)) {
		RSA_meth_free(m);
		return NULL;
	}
	return m;
}

static int wrap_rsa(struct handle *h, const EVP_PKEY *public, EVP_PKEY *out)
{
	const RSA *from = EVP_PKEY_get0_RSA((EVP_PKEY *)public);
	RSA *key = from != NULL ? RSAPublicKey_dup((RSA *)from) : NULL;
	if (methods.rsa == NULL)
		methods.rsa = rsa_method();
	if (methods.rsa_index < 0)
		methods.rsa_index = RSA_get_ex_new_index(0, NULL, NULL, handle_dup, handle_free);
	if (key == NULL || methods.rsa == NULL || methods.rsa_index < 0 ||
	    RSA_set_method(key, methods.rsa) != 1 || EVP_PKEY_assign_RSA(out, key) != 1) {
		RSA_free(key);
		return TROTH_E_CRYPTO;
	}
	return RSA_set_ex_data(key, methods.rsa_index, h) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

/* ---- */

static int wrap(struct handle *h, const EVP_PKEY *public, EVP_PKEY *out)
{
	switch (EVP_PKEY_get_base_id(public)) {
	case EVP_PKEY_EC:
		return wrap_ec(h, public, out);
	case EVP_PKEY_RSA:
		return wrap_rsa(h, public, out);
	default:
		return TROTH_E_UNSUPPORTED;
	}
}

int troth_token_wrap(struct troth_token *token, CK_OBJECT_HANDLE key, const EVP_PKEY *public,
		     EVP_PKEY **out)
{
	struct handle *h = calloc(1, sizeof *h);
	EVP_PKEY *made = EVP_PKEY_new();
	if (h == NULL || made == NULL) {
		free(h);
		EVP_PKEY_free(made);
		return TROTH_E_NOMEM;
	}
	*h = (struct handle){.references = 1, .token = token, .object = key};
	int err = wrap(h, public, made);
	ERR_clear_error();
	if (err != TROTH_OK) {
		EVP_PKEY_free(made);
		free(h);
		return err;
	}
	(void)troth_token_ref(token); /* which handle_free gives back */
	*out = made;
	return TROTH_OK;
}
