/* SPDX-License-Identifier: MIT */
/* Base64 and hexadecimal, by libsodium. Layer: base. */
#ifndef TROTH_BASE_ENCODE_H
#define TROTH_BASE_ENCODE_H

#include <stdbool.h>
#include <troth/bytes.h>

/* Effect: appends base64 with padding and without white space. */
int troth_base64_encode(struct troth_buf *out, struct troth_slice bytes) TROTH_MUST_USE;

/* Effect: appends what text stands for; white space in it is ignored, anything
 * else that isn't canonical base64 is TROTH_E_FORMAT and appends nothing. */
int troth_base64_decode(struct troth_buf *out, const char *text) TROTH_MUST_USE;

/* Effect: lower-case hex of bytes into out, which holds 2 * bytes.len + 1. */
void troth_hex(char *out, struct troth_slice bytes);

/* Effect: reads exactly len bytes of hex, either case, nothing else. */
int troth_unhex(uint8_t *out, size_t len, const char *text) TROTH_MUST_USE;

#endif
