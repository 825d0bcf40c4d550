/* SPDX-License-Identifier: MIT */
/* Which public keys are strong enough. Layer: keys. */
#include "keys/key_kind.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <stdbool.h>
#include <string.h>

/* RSA beyond 8192 bits costs its verifier more than it gives. */
#define RSA_MAX 8192

static const struct troth_key_kind kinds[] = {
	{"EC P-256", "ECDSA-SHA256", EVP_PKEY_EC, NID_X9_62_prime256v1, 256, 256, "SHA256"},
	{"EC P-384", "ECDSA-SHA256", EVP_PKEY_EC, NID_secp384r1, 384, 384, "SHA256"},
	{"EC P-521", "ECDSA-SHA256", EVP_PKEY_EC, NID_secp521r1, 521, 521, "SHA256"},
	{"Ed25519", "Ed25519", EVP_PKEY_ED25519, 0, 0, 1024, NULL},
	{"RSA 2048", "RSA-SHA256", EVP_PKEY_RSA, 0, 2048, 2048, "SHA256"},
	{"RSA 3072", "RSA-SHA256", EVP_PKEY_RSA, 0, 3072, 3072, "SHA256"},
	{"RSA 4096", "RSA-SHA256", EVP_PKEY_RSA, 0, 4096, 4096, "SHA256"},
	{"RSA", "RSA-SHA256", EVP_PKEY_RSA, 0, 2048, RSA_MAX, "SHA256"},
};

/* RFC 5480 2.1.1: "implicitCurve and specifiedCurve MUST NOT be used in PKIX."
 * Parameters that merely resemble a named curve's have been used to forge certificates. */
static int named_curve(const EVP_PKEY *key)
{
	char text[64];
	size_t len = 0;
	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, text, sizeof text,
					   &len) != 1 ||
	    strcmp(text, OSSL_PKEY_EC_ENCODING_GROUP) != 0)
		return NID_undef;
	if (EVP_PKEY_get_group_name(key, text, sizeof text, &len) != 1)
		return NID_undef;
	int nid = OBJ_sn2nid(text);
	return nid != NID_undef ? nid : EC_curve_nist2nid(text);
}

const struct troth_key_kind *troth_key_kind_of(const EVP_PKEY *key)
{
	int type = EVP_PKEY_get_base_id(key);
	int bits = EVP_PKEY_get_bits(key);
	int curve = type == EVP_PKEY_EC ? named_curve(key) : 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct troth_key_kind *k = &kinds[i];
		if (k->type == type && k->curve == curve && bits >= k->min_bits &&
		    bits <= k->max_bits)
			return k;
	}
	return NULL;
}
