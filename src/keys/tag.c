/* SPDX-License-Identifier: MIT */
/* ECDH, HKDF and HMAC make a tag. Layer: keys. */
#include "keys/tag.h"

#include "base/digest.h"
#include "base/slice.h"
#include "keys/cert.h"
#include "keys/key_kind.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <stdio.h>
#include <troth/err.h>

#define LABEL "troth-lan-0"
#define SHARED_MAX 66 /* a coordinate of P-521 */

struct shared {
	uint8_t bytes[SHARED_MAX];
	size_t len;
};

static void wipe_shared(struct shared *shared)
{
	OPENSSL_cleanse(shared, sizeof *shared);
}

static bool can_agree(const struct troth_device *own, const struct troth_cert *contact)
{
	const struct troth_key_kind *a = troth_key_kind_of(troth_cert_key(troth_device_cert(own)));
	const struct troth_key_kind *b = troth_key_kind_of(troth_cert_key(contact));
	return a != NULL && a == b && a->type == EVP_PKEY_EC;
}

static int agree(struct shared *out, EVP_PKEY *own, EVP_PKEY *peer)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	if (ctx == NULL)
		return TROTH_E_NOMEM;
	out->len = sizeof out->bytes;
	int ok = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
		 EVP_PKEY_derive(ctx, out->bytes, &out->len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok ? TROTH_OK : TROTH_E_CRYPTO;
}

/* RFC 5869 with an empty salt. */
static int expand(uint8_t out[TROTH_TAG_KEY_LEN], struct shared *shared)
{
	char digest[] = "SHA256";
	char label[] = LABEL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared->bytes, shared->len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, label, strlen(label)),
		OSSL_PARAM_construct_end()};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	int ok = ctx != NULL && EVP_KDF_derive(ctx, out, TROTH_TAG_KEY_LEN, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok ? TROTH_OK : TROTH_E_CRYPTO;
}

int troth_tag_key(const struct troth_device *own, const struct troth_cert *contact,
		  uint8_t out[TROTH_TAG_KEY_LEN])
{
	struct shared TROTH_CLEANUP(wipe_shared) shared = {0};
	if (!can_agree(own, contact))
		return TROTH_E_UNSUPPORTED;
	int err = agree(&shared, troth_device_key(own), troth_cert_key(contact));
	/* "Where a device key can't do ECDH (some tokens), no tags" */
	if (err == TROTH_E_CRYPTO && troth_device_elsewhere(own).len > 0)
		err = TROTH_E_UNSUPPORTED;
	if (err == TROTH_OK)
		err = expand(out, &shared);
	ERR_clear_error();
	return err;
}

int troth_tag_make(const uint8_t key[TROTH_TAG_KEY_LEN], const struct troth_pin *announcer,
		   int64_t hour, uint8_t out[TROTH_TAG_LEN])
{
	char decimal[24];
	uint8_t mac[TROTH_SHA256_LEN];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) message;
	troth_buf_init(&message, 128);
	(void)snprintf(decimal, sizeof decimal, "%" PRId64, hour);
	int err = troth_lv_append_str(&message, LABEL);
	if (err == TROTH_OK)
		err = troth_lv_append(&message, troth_slice_of(announcer->bytes, TROTH_PIN_LEN));
	if (err == TROTH_OK)
		err = troth_lv_append_str(&message, decimal);
	if (err != TROTH_OK)
		return err;
	struct troth_slice m = troth_buf_slice(&message);
	if (HMAC(EVP_sha256(), key, TROTH_TAG_KEY_LEN, m.data, m.len, mac, NULL) == NULL)
		return TROTH_E_CRYPTO;
	memcpy(out, mac, TROTH_TAG_LEN);
	return TROTH_OK;
}

int troth_tag(const struct troth_device *own, const struct troth_cert *contact,
	      const struct troth_pin *announcer, int64_t hour, uint8_t out[TROTH_TAG_LEN])
{
	uint8_t key[TROTH_TAG_KEY_LEN];
	int err = troth_tag_key(own, contact, key);
	if (err == TROTH_OK)
		err = troth_tag_make(key, announcer, hour, out);
	OPENSSL_cleanse(key, sizeof key);
	return err;
}
