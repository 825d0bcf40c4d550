/* SPDX-License-Identifier: MIT */
/* Keeping, reading and signing what endorsements and revocations are made of. Layer: keys. */
#include "keys/statement.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"

#include <stdlib.h>
#include <troth/err.h>

int troth_statement_keep(const char **out, const char *text)
{
	if (text == NULL) {
		*out = NULL;
		return TROTH_OK;
	}
	char *copy = strdup(text);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	*out = copy;
	return TROTH_OK;
}

int troth_statement_keep_bytes(struct troth_slice *out, struct troth_slice bytes)
{
	uint8_t *copy = malloc(bytes.len);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	memcpy(copy, bytes.data, bytes.len);
	*out = troth_slice_of(copy, bytes.len);
	return TROTH_OK;
}

void troth_statement_drop(const void *kept)
{
	free((void *)kept); /* const for those who read it */
}

int troth_statement_read_value(const char **method, struct troth_slice *signature,
			       const struct troth_element *value)
{
	const char *name = troth_element_attr(value, "method");
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) bytes;
	/* White space counts while decoding. */
	troth_buf_init(&bytes, 2 * TROTH_LIMIT_SIGNATURE_BYTES);
	if (name == NULL || name[0] == 0)
		return TROTH_E_FORMAT;
	int err = troth_base64_decode(&bytes, troth_element_text(value));
	size_t len = troth_buf_len(&bytes);
	if (err == TROTH_E_LIMIT ||
	    (err == TROTH_OK && (len == 0 || len > TROTH_LIMIT_SIGNATURE_BYTES)))
		err = TROTH_E_FORMAT;
	if (err != TROTH_OK)
		return err;
	err = troth_statement_keep_bytes(signature, troth_buf_slice(&bytes));
	return err != TROTH_OK ? err : troth_statement_keep(method, name);
}

int troth_statement_sign(const struct troth_signer *signer, struct troth_slice message,
			 struct troth_slice *out)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) signature;
	troth_buf_init(&signature, TROTH_LIMIT_SIGNATURE_BYTES);
	int err = signer->sign(signer->user, message, &signature);
	if (err == TROTH_OK && troth_buf_len(&signature) == 0)
		err = TROTH_E_CRYPTO;
	return err != TROTH_OK ? err : troth_statement_keep_bytes(out, troth_buf_slice(&signature));
}
