/* SPDX-License-Identifier: MIT */
/* The owned buffer. Layer: base. Bounds are checked by subtraction. */
#include "base/buf.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define MIN_CAPACITY 256

void troth_buf_init(struct troth_buf *buf, size_t max)
{
	*buf = (struct troth_buf){.max = max};
}

void troth_buf_fini(struct troth_buf *buf)
{
	if (buf->data != NULL)
		sodium_memzero(buf->data, buf->cap);
	free(buf->data);
	troth_buf_init(buf, buf->max);
}

void troth_buf_clear(struct troth_buf *buf)
{
	troth_buf_truncate(buf, 0);
	buf->start = buf->end = 0;
}

size_t troth_buf_len(const struct troth_buf *buf)
{
	return buf->end - buf->start;
}

struct troth_slice troth_buf_slice(const struct troth_buf *buf)
{
	struct troth_slice s = {buf->data == NULL ? NULL : buf->data + buf->start,
				troth_buf_len(buf)};
	return s;
}

static void move_to_front(struct troth_buf *buf)
{
	size_t len = troth_buf_len(buf);
	if (buf->start == 0)
		return;
	memmove(buf->data, buf->data + buf->start, len);
	sodium_memzero(buf->data + len, buf->end - len);
	buf->start = 0;
	buf->end = len;
}

/* Doubles, so that appending stays linear; a new block rather than realloc, so
 * that the old one can be wiped. */
static int grow(struct troth_buf *buf, size_t need)
{
	size_t cap = buf->cap < MIN_CAPACITY ? MIN_CAPACITY : buf->cap;
	while (cap < need && cap <= buf->max / 2)
		cap *= 2;
	if (cap < need)
		cap = need;
	uint8_t *data = malloc(cap);
	if (data == NULL)
		return TROTH_E_NOMEM;
	size_t len = troth_buf_len(buf);
	if (buf->data != NULL) {
		memcpy(data, buf->data + buf->start, len);
		sodium_memzero(buf->data, buf->cap);
		free(buf->data);
	}
	buf->data = data;
	buf->cap = cap;
	buf->start = 0;
	buf->end = len;
	return TROTH_OK;
}

int troth_buf_reserve(struct troth_buf *buf, size_t len, uint8_t **out)
{
	size_t held = troth_buf_len(buf);
	if (held > buf->max || len > buf->max - held)
		return TROTH_E_LIMIT;
	if (len > buf->cap - buf->end) {
		/* Moving is worth it only when at least half is free: otherwise it is quadratic. */
		if (held + len <= buf->cap && buf->start >= held) {
			move_to_front(buf);
		} else {
			int err = grow(buf, held + len);
			if (err != TROTH_OK)
				return err;
		}
	}
	/* A buffer that never held anything still has somewhere to point at. */
	if (buf->data == NULL) {
		int err = grow(buf, 1);
		if (err != TROTH_OK)
			return err;
	}
	*out = buf->data + buf->end;
	return TROTH_OK;
}

void troth_buf_commit(struct troth_buf *buf, size_t len)
{
	size_t room = buf->cap - buf->end;
	buf->end += len < room ? len : room;
}

int troth_buf_append(struct troth_buf *buf, const void *data, size_t len)
{
	uint8_t *to;
	if (len == 0)
		return TROTH_OK;
	int err = troth_buf_reserve(buf, len, &to);
	if (err != TROTH_OK)
		return err;
	memcpy(to, data, len);
	troth_buf_commit(buf, len);
	return TROTH_OK;
}

int troth_buf_append_slice(struct troth_buf *buf, struct troth_slice slice)
{
	return troth_buf_append(buf, slice.data, slice.len);
}

int troth_buf_append_str(struct troth_buf *buf, const char *text)
{
	return troth_buf_append(buf, text, strlen(text));
}

int troth_buf_append_byte(struct troth_buf *buf, uint8_t byte)
{
	return troth_buf_append(buf, &byte, 1);
}

void troth_buf_consume(struct troth_buf *buf, size_t len)
{
	size_t held = troth_buf_len(buf);
	if (len > held)
		len = held;
	if (len > 0)
		sodium_memzero(buf->data + buf->start, len);
	buf->start += len;
	if (buf->start == buf->end)
		buf->start = buf->end = 0;
}

void troth_buf_truncate(struct troth_buf *buf, size_t len)
{
	size_t held = troth_buf_len(buf);
	if (len >= held)
		return;
	sodium_memzero(buf->data + buf->start + len, held - len);
	buf->end = buf->start + len;
}

int troth_buf_move(struct troth_buf *to, struct troth_buf *from)
{
	if (troth_buf_len(to) == 0 && to->max == from->max) {
		struct troth_buf empty = *to;
		*to = *from;
		*from = empty;
		return TROTH_OK;
	}
	int err = troth_buf_append_slice(to, troth_buf_slice(from));
	if (err == TROTH_OK)
		troth_buf_clear(from);
	return err;
}

void troth_buf_relax(struct troth_buf *buf, size_t most)
{
	if (troth_buf_len(buf) == 0 && buf->cap > most)
		troth_buf_fini(buf);
}

int troth_buf_cstr(struct troth_buf *buf, const char **out)
{
	uint8_t *to;
	int err = troth_buf_reserve(buf, 1, &to);
	if (err != TROTH_OK)
		return err;
	*to = 0;
	struct troth_slice s = troth_buf_slice(buf);
	if (s.len > 0 && memchr(s.data, 0, s.len) != NULL)
		return TROTH_E_INVAL;
	*out = (const char *)(buf->data + buf->start);
	return TROTH_OK;
}
