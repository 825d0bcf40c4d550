/* SPDX-License-Identifier: MIT */
/* TXT records: reading what anybody may have sent, writing our own. Layer: lan.
 * No network, no printing. */
#include "lan/txt.h"

#include "base/slice.h"

#include <stdlib.h>
#include <troth/err.h>
#include <unistr.h>

#define STRING_MAX 255 /* RFC 1035 3.3: one length byte */

struct pair {
	struct troth_slice key;
	struct troth_slice value;
	bool has_value;
};

struct troth_txt {
	size_t count;
	struct pair pair[TROTH_TXT_PAIRS_MAX];
	size_t len;
	uint8_t rdata[];
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* RFC 6763 6.4: "Case is ignored when interpreting a key". */
static bool same_key(struct troth_slice a, struct troth_slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

/* RFC 6763 6.4: "The characters of a key MUST be printable US-ASCII values (0x20-0x7E),
 * excluding '='". */
static bool key_is_valid(struct troth_slice key)
{
	for (size_t i = 0; i < key.len; i++)
		if (key.data[i] < 0x20 || key.data[i] > 0x7e)
			return false;
	return key.len > 0;
}

static const struct pair *find(const struct troth_txt *txt, struct troth_slice key)
{
	for (size_t i = 0; i < txt->count; i++)
		if (same_key(txt->pair[i].key, key))
			return &txt->pair[i];
	return NULL;
}

/* RFC 6763 6.4: "If a client receives a TXT record containing the same key more than once,
 * then the client MUST silently ignore all but the first occurrence"; and "strings
 * beginning with an '=' character (i.e., the key is missing) MUST be silently ignored". */
static void keep(struct troth_txt *txt, struct troth_slice string)
{
	const uint8_t *eq = string.len == 0 ? NULL : memchr(string.data, '=', string.len);
	struct pair p = {.key = string, .has_value = eq != NULL};
	if (eq != NULL) {
		p.key.len = (size_t)(eq - string.data);
		p.value = troth_slice_of(eq + 1, string.len - p.key.len - 1);
	}
	if (!key_is_valid(p.key) || txt->count == TROTH_TXT_PAIRS_MAX || find(txt, p.key) != NULL)
		return;
	txt->pair[txt->count++] = p;
}

int troth_txt_read(struct troth_txt **out, struct troth_slice rdata)
{
	if (rdata.len > TROTH_TXT_READ_MAX)
		return TROTH_E_LIMIT;
	struct troth_txt *txt = calloc(1, sizeof *txt + rdata.len);
	if (txt == NULL)
		return TROTH_E_NOMEM;
	txt->len = rdata.len;
	if (rdata.len > 0)
		memcpy(txt->rdata, rdata.data, rdata.len);
	for (size_t at = 0; at < txt->len;) {
		size_t len = txt->rdata[at++];
		if (len > txt->len - at) {
			free(txt);
			return TROTH_E_FORMAT;
		}
		keep(txt, troth_slice_of(txt->rdata + at, len));
		at += len;
	}
	*out = txt;
	return TROTH_OK;
}

void troth_txt_free(struct troth_txt *txt)
{
	free(txt);
}

struct troth_slice troth_txt_rdata(const struct troth_txt *txt)
{
	return troth_slice_of(txt->rdata, txt->len);
}

bool troth_txt_get(const struct troth_txt *txt, const char *key, struct troth_slice *out)
{
	const struct pair *p = txt == NULL ? NULL : find(txt, troth_slice_str(key));
	if (p == NULL || !p->has_value)
		return false;
	*out = p->value;
	return true;
}

bool troth_txt_pair(const struct troth_txt *txt, size_t index, struct troth_slice *key,
		    struct troth_slice *value)
{
	if (txt == NULL || index >= txt->count)
		return false;
	*key = txt->pair[index].key;
	*value = txt->pair[index].value;
	return true;
}

size_t troth_utf8_cut(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	/* A byte 10xxxxxx goes on with the character before it. */
	while (max > 0 && ((uint8_t)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

int troth_txt_write(struct troth_buf *rdata, const char *key, const char *value)
{
	if (value == NULL)
		return TROTH_OK;
	size_t key_len = strlen(key);
	size_t len = strlen(value);
	if (!key_is_valid(troth_slice_str(key)) || strchr(key, '=') != NULL ||
	    key_len + 1 > STRING_MAX)
		return TROTH_E_INVAL;
	if (u8_check((const uint8_t *)value, len) != NULL)
		return TROTH_E_FORMAT;
	len = troth_utf8_cut(value, len, STRING_MAX - key_len - 1);
	size_t string = key_len + 1 + len;
	uint8_t *to;
	int err = troth_buf_reserve(rdata, 1 + string, &to);
	if (err != TROTH_OK)
		return err;
	*to++ = (uint8_t)string;
	memcpy(to, key, key_len);
	to[key_len] = '=';
	memcpy(to + key_len + 1, value, len);
	troth_buf_commit(rdata, 1 + string);
	return TROTH_OK;
}
