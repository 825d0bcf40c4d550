/* SPDX-License-Identifier: MIT */
/* Device codes, by Bech32m (BIP-173, BIP-350). Layer: cli. */
#include "cli/bot/code.h"

#include "base/slice.h"

#include <sodium.h>
#include <troth/err.h>

#define PREFIX "troth1"
#define PREFIX_LEN 6
#define CHECK_LEN 6
#define GROUP 4
#define BECH32M 0x2bc830a3U /* BIP-350: "BECH32M_CONST" */
#define BECH32_MAX 90

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

_Static_assert(TROTH_CODE_BITS == 5 * (TROTH_CODE_LEN - PREFIX_LEN - CHECK_LEN), "bits of a code");

/* BIP-173: "bech32_polymod", one value of 5 bits. */
static uint32_t step(uint32_t check, uint32_t value)
{
	static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
					     0x2a1462b3};
	uint32_t top = check >> 25;
	check = (check & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++)
		check ^= (top >> i & 1) != 0 ? generator[i] : 0;
	return check;
}

/* BIP-173: "bech32_hrp_expand": high bits, zero, low bits. */
static uint32_t check_prefix(const char *prefix, size_t len)
{
	uint32_t check = 1;
	for (size_t i = 0; i < len; i++)
		check = step(check, (uint32_t)(uint8_t)prefix[i] >> 5);
	check = step(check, 0);
	for (size_t i = 0; i < len; i++)
		check = step(check, (uint32_t)prefix[i] & 31);
	return check;
}

static int value_of(char c)
{
	const char *at = c != 0 ? strchr(alphabet, c) : NULL;
	return at != NULL ? (int)(at - alphabet) : -1;
}

void troth_code_make(char out[TROTH_CODE_LEN + 1])
{
	uint32_t check = check_prefix(PREFIX, PREFIX_LEN - 1);
	char *to = out + PREFIX_LEN;
	memcpy(out, PREFIX, PREFIX_LEN);
	for (size_t i = PREFIX_LEN; i < TROTH_CODE_LEN - CHECK_LEN; i++) {
		uint32_t value = randombytes_uniform(32);
		check = step(check, value);
		*to++ = alphabet[value];
	}
	for (unsigned i = 0; i < CHECK_LEN; i++)
		check = step(check, 0);
	check ^= BECH32M;
	for (unsigned i = 0; i < CHECK_LEN; i++)
		*to++ = alphabet[check >> 5 * (CHECK_LEN - 1 - i) & 31];
	*to = 0;
}

void troth_code_group(char out[TROTH_CODE_GROUPED], const char code[TROTH_CODE_LEN + 1])
{
	memcpy(out, code, PREFIX_LEN);
	char *to = out + PREFIX_LEN;
	for (size_t i = PREFIX_LEN; i < TROTH_CODE_LEN; i++) {
		if ((i - PREFIX_LEN) % GROUP == 0)
			*to++ = ' ';
		*to++ = code[i];
	}
	*to = 0;
}

static bool is_separator(uint8_t c)
{
	return c == '-' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Effect: at most `size` characters without separators, in lower case; how many there were. */
static size_t squeeze(char *out, size_t size, struct troth_slice text)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (is_separator(text.data[i]))
			continue;
		if (len < size)
			out[len] = lower(text.data[i]);
		len++;
	}
	return len;
}

bool troth_code_is_meant(struct troth_slice text)
{
	char begin[PREFIX_LEN];
	return squeeze(begin, sizeof begin, text) >= sizeof begin &&
	       memcmp(begin, PREFIX, sizeof begin) == 0;
}

/* In lower case. */
static bool is_right(const char *text, size_t len)
{
	size_t prefix = len;
	while (prefix > 0 && text[prefix - 1] != '1')
		prefix--;
	if (prefix < 2 || len > BECH32_MAX || len - prefix < CHECK_LEN)
		return false;
	for (size_t i = 0; i < prefix; i++)
		if (text[i] < 33 || text[i] > 126)
			return false;
	uint32_t check = check_prefix(text, prefix - 1);
	for (size_t i = prefix; i < len; i++) {
		int value = value_of(text[i]);
		if (value < 0)
			return false;
		check = step(check, (uint32_t)value);
	}
	return check == BECH32M;
}

bool troth_code_is_bech32m(struct troth_slice text)
{
	char folded[BECH32_MAX];
	bool upper = false, small = false;
	if (text.len > sizeof folded)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		upper |= text.data[i] >= 'A' && text.data[i] <= 'Z';
		small |= text.data[i] >= 'a' && text.data[i] <= 'z';
		folded[i] = lower(text.data[i]);
	}
	/* BIP-173: "Decoders MUST NOT accept strings where some characters are uppercase and some
	 * are lowercase (such strings are referred to as mixed case strings)." */
	return !(upper && small) && is_right(folded, text.len);
}

/* Mixed case is taken here: telephones begin with a capital. */
int troth_code_read(char out[TROTH_CODE_LEN + 1], struct troth_slice text)
{
	char squeezed[TROTH_CODE_LEN + 1];
	size_t len = squeeze(squeezed, TROTH_CODE_LEN, text);
	bool good = len == TROTH_CODE_LEN && memcmp(squeezed, PREFIX, PREFIX_LEN) == 0 &&
		    is_right(squeezed, len);
	if (good) {
		squeezed[len] = 0;
		memcpy(out, squeezed, sizeof squeezed);
	}
	sodium_memzero(squeezed, sizeof squeezed);
	return good ? TROTH_OK : TROTH_E_FORMAT;
}
