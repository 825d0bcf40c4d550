/* SPDX-License-Identifier: MIT */
/* The short authentication string. Layer: c2c. */
#include "c2c/sas.h"

#include "base/slice.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <troth/err.h>

#define LABEL "troth-sas-0"
#define DIGITS UINT64_C(1000000000000) /* 10^12 */
#define INPUT_MAX ((size_t)16384)

int troth_sas_commit(uint8_t out[TROTH_SHA256_LEN], const uint8_t initiator[TROTH_SAS_NONCE_LEN])
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) bytes;
	troth_buf_init(&bytes, 128);
	int err = troth_lv_append_str(&bytes, LABEL);
	if (err == TROTH_OK)
		err = troth_lv_append(&bytes, troth_slice_of(initiator, TROTH_SAS_NONCE_LEN));
	return err == TROTH_OK ? troth_sha256(out, troth_buf_slice(&bytes)) : err;
}

/* "V = SHA-512(lv_cat("troth-sas-0", Ni, Nr, CI, sid))" */
int troth_sas_value(uint8_t out[TROTH_SAS_VALUE_LEN], const struct troth_sas_input *input)
{
	const struct troth_slice parts[] = {
		troth_slice_str(LABEL),
		troth_slice_of(input->initiator, TROTH_SAS_NONCE_LEN),
		troth_slice_of(input->recipient, TROTH_SAS_NONCE_LEN),
		input->ci,
		input->sid,
	};
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) bytes;
	troth_buf_init(&bytes, INPUT_MAX);
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < sizeof parts / sizeof *parts; i++)
		err = troth_lv_append(&bytes, parts[i]);
	if (err != TROTH_OK)
		return err;
	struct troth_slice all = troth_buf_slice(&bytes);
	return crypto_hash_sha512(out, all.data, all.len) == 0 ? TROTH_OK : TROTH_E_CRYPTO;
}

/* "the first 8 bytes big-endian mod 10^12 as three groups of four digits, and the first 42 bits as
 * 7 emoji" */
void troth_sas_show(struct troth_sas *out, const uint8_t value[TROTH_SAS_VALUE_LEN])
{
	uint64_t first = 0;
	for (size_t i = 0; i < sizeof first; i++)
		first = first << 8 | value[i];
	uint64_t number = first % DIGITS;
	(void)snprintf(out->digits, sizeof out->digits, "%04u %04u %04u",
		       (unsigned)(number / 100000000), (unsigned)(number / 10000 % 10000),
		       (unsigned)(number % 10000));
	for (size_t i = 0; i < TROTH_SAS_EMOJI; i++)
		out->emoji[i] = (uint8_t)(first >> (58 - 6 * i) & 0x3f);
}
