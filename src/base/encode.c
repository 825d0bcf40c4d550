/* SPDX-License-Identifier: MIT */
/* Base64 and hexadecimal, by libsodium. Layer: base. */
#include "base/encode.h"

#include <sodium.h>
#include <string.h>
#include <troth/err.h>

int troth_base64_encode(struct troth_buf *out, struct troth_slice bytes)
{
	size_t need = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL);
	uint8_t *to;
	int err = troth_buf_reserve(out, need, &to);
	if (err != TROTH_OK)
		return err;
	sodium_bin2base64((char *)to, need, bytes.data, bytes.len, sodium_base64_VARIANT_ORIGINAL);
	troth_buf_commit(out, need - 1); /* without the NUL */
	return TROTH_OK;
}

int troth_base64_decode(struct troth_buf *out, const char *text)
{
	size_t len = strlen(text);
	size_t need = len / 4 * 3 + 3;
	size_t got = 0;
	uint8_t *to;
	const char *end = NULL;
	int err = troth_buf_reserve(out, need, &to);
	if (err != TROTH_OK)
		return err;
	if (sodium_base642bin(to, need, text, len, " \t\r\n", &got, &end,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    end != text + len) {
		sodium_memzero(to, need);
		return TROTH_E_FORMAT;
	}
	troth_buf_commit(out, got);
	return TROTH_OK;
}

void troth_hex(char *out, struct troth_slice bytes)
{
	sodium_bin2hex(out, bytes.len * 2 + 1, bytes.data, bytes.len);
}

int troth_unhex(uint8_t *out, size_t len, const char *text)
{
	size_t got = 0;
	const char *end = NULL;
	if (strlen(text) != 2 * len)
		return TROTH_E_FORMAT;
	if (sodium_hex2bin(out, len, text, 2 * len, NULL, &got, &end) != 0 || got != len)
		return TROTH_E_FORMAT;
	return TROTH_OK;
}
