/* SPDX-License-Identifier: MIT */
/* Hashes by OpenSSL and lv_cat. Layer: base. */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

static int digest(uint8_t *out, const EVP_MD *md, struct troth_slice bytes)
{
	unsigned len = 0;
	if (EVP_Digest(bytes.data, bytes.len, out, &len, md, NULL) != 1)
		return TROTH_E_CRYPTO;
	return TROTH_OK;
}

int troth_sha256(uint8_t out[TROTH_SHA256_LEN], struct troth_slice bytes)
{
	return digest(out, EVP_sha256(), bytes);
}

int troth_sha1(uint8_t out[TROTH_SHA1_LEN], struct troth_slice bytes)
{
	return digest(out, EVP_sha1(), bytes);
}

struct troth_hash {
	EVP_MD_CTX *ctx;
};

int troth_hash_new(struct troth_hash **out)
{
	struct troth_hash *h = calloc(1, sizeof *h);
	if (h == NULL)
		return TROTH_E_NOMEM;
	h->ctx = EVP_MD_CTX_new();
	if (h->ctx == NULL || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1) {
		troth_hash_free(h);
		return TROTH_E_CRYPTO;
	}
	*out = h;
	return TROTH_OK;
}

void troth_hash_free(struct troth_hash *hash)
{
	if (hash == NULL)
		return;
	EVP_MD_CTX_free(hash->ctx);
	free(hash);
}

int troth_hash_update(struct troth_hash *hash, struct troth_slice bytes)
{
	if (bytes.len == 0)
		return TROTH_OK;
	return EVP_DigestUpdate(hash->ctx, bytes.data, bytes.len) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

int troth_hash_final(struct troth_hash *hash, uint8_t out[TROTH_SHA256_LEN])
{
	unsigned len = 0;
	return EVP_DigestFinal_ex(hash->ctx, out, &len) == 1 ? TROTH_OK : TROTH_E_CRYPTO;
}

size_t troth_lv_length(uint8_t out[TROTH_LV_LENGTH_MAX], size_t len)
{
	size_t n = 0;
	do {
		uint8_t low = len & 0x7f;
		len >>= 7;
		out[n++] = (uint8_t)(len != 0 ? low | 0x80 : low);
	} while (len != 0);
	return n;
}

int troth_lv_append(struct troth_buf *out, struct troth_slice part)
{
	uint8_t length[TROTH_LV_LENGTH_MAX];
	int err = troth_buf_append(out, length, troth_lv_length(length, part.len));
	return err != TROTH_OK ? err : troth_buf_append_slice(out, part);
}

int troth_lv_append_str(struct troth_buf *out, const char *part)
{
	return troth_lv_append(out, (struct troth_slice){(const uint8_t *)part, strlen(part)});
}
