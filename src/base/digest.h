/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 and SHA-1 by OpenSSL, and the length-prefixed concatenation that
 * everything signed or hashed here is made of. Layer: base.
 * SHA-1 makes names (XEP-0189) and capability hashes only, never trust.
 */
#ifndef TROTH_BASE_DIGEST_H
#define TROTH_BASE_DIGEST_H

#include <troth/bytes.h>

#define TROTH_SHA256_LEN 32
#define TROTH_SHA1_LEN 20

int troth_sha256(uint8_t out[TROTH_SHA256_LEN], struct troth_slice bytes) TROTH_MUST_USE;
int troth_sha1(uint8_t out[TROTH_SHA1_LEN], struct troth_slice bytes) TROTH_MUST_USE;

/* SHA-256 over what comes in pieces. */
struct troth_hash;
int troth_hash_new(struct troth_hash **out) TROTH_MUST_USE;
void troth_hash_free(struct troth_hash *hash);
int troth_hash_update(struct troth_hash *hash, struct troth_slice bytes) TROTH_MUST_USE;
/* Effect: ends the hashing; no update may follow. */
int troth_hash_final(struct troth_hash *hash, uint8_t out[TROTH_SHA256_LEN]) TROTH_MUST_USE;

/* Effect: LEB128(len), for what isn't gathered in a buffer. Returns its length. */
#define TROTH_LV_LENGTH_MAX 10
size_t troth_lv_length(uint8_t out[TROTH_LV_LENGTH_MAX], size_t len);

/* Effect: appends LEB128(len) || bytes: one part of lv_cat (CPace draft, "prefix-free
 * encoding of byte strings"). */
int troth_lv_append(struct troth_buf *out, struct troth_slice part) TROTH_MUST_USE;
int troth_lv_append_str(struct troth_buf *out, const char *part) TROTH_MUST_USE;

#endif
