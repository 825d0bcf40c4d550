/* SPDX-License-Identifier: MIT */
/*
 * Secrets in guarded memory. Layer: base. Must never print or compare by memcmp. What is kept never
 * changes, so copies share it: guarded memory costs system calls, and fewer places are safer.
 */
#include "base/limits.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>
#include <troth/err.h>
#include <troth/secret.h>

struct troth_secret {
	uint8_t *bytes; /* sodium_malloc, NUL-terminated */
	size_t len;
	atomic_uint owners;
};

static int keep(struct troth_secret **out, const char *text, size_t len)
{
	if (sodium_init() < 0)
		return TROTH_E_CRYPTO;
	struct troth_secret *s = calloc(1, sizeof *s);
	if (s == NULL)
		return TROTH_E_NOMEM;
	s->bytes = sodium_malloc(len + 1);
	if (s->bytes == NULL) {
		free(s);
		return TROTH_E_NOMEM;
	}
	memcpy(s->bytes, text, len);
	s->bytes[len] = 0;
	s->len = len;
	atomic_init(&s->owners, 1);
	*out = s;
	return TROTH_OK;
}

static struct troth_slice trim(struct troth_slice t)
{
	while (t.len > 0 && strchr(" \t\r\n", t.data[0]) != NULL && t.data[0] != 0) {
		t.data++;
		t.len--;
	}
	while (t.len > 0 && t.data[t.len - 1] != 0 && strchr(" \t\r\n", t.data[t.len - 1]) != NULL)
		t.len--;
	return t;
}

int troth_secret_new(struct troth_secret **out, struct troth_slice text)
{
	text = trim(text);
	if (text.len == 0 || memchr(text.data, 0, text.len) != NULL)
		return TROTH_E_FORMAT;
	if (text.len > TROTH_LIMIT_SECRET_BYTES)
		return TROTH_E_LIMIT;
	/* SASLprep may lengthen; NFKC expands a character to at most 18 of them. */
	char prepared[TROTH_LIMIT_SECRET_BYTES * 4 + 1];
	memcpy(prepared, text.data, text.len);
	prepared[text.len] = 0;
	int rc = stringprep(prepared, sizeof prepared, 0, stringprep_saslprep);
	int err = TROTH_E_FORMAT;
	if (rc == STRINGPREP_OK && prepared[0] != 0)
		err = keep(out, prepared, strlen(prepared));
	else if (rc == STRINGPREP_TOO_SMALL_BUFFER)
		err = TROTH_E_LIMIT;
	sodium_memzero(prepared, sizeof prepared);
	return err;
}

int troth_secret_copy(struct troth_secret **out, const struct troth_secret *from)
{
	struct troth_secret *shared = (struct troth_secret *)from; /* which stays as it is */
	atomic_fetch_add(&shared->owners, 1);
	*out = shared;
	return TROTH_OK;
}

void troth_secret_free(struct troth_secret *secret)
{
	if (secret == NULL || atomic_fetch_sub(&secret->owners, 1) != 1)
		return;
	sodium_free(secret->bytes);
	free(secret);
}

struct troth_slice troth_secret_bytes(const struct troth_secret *secret)
{
	return (struct troth_slice){secret->bytes, secret->len};
}
