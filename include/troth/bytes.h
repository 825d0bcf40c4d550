/* SPDX-License-Identifier: MIT */
/*
 * Bytes: a borrowed range, and the one owned buffer type.
 *
 * A slice never owns. A buffer owns its bytes, never grows beyond the maximum
 * that it was given, and wipes what it held when it shrinks, moves or ends.
 */
#ifndef TROTH_BYTES_H
#define TROTH_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <troth/api.h>

TROTH_API_BEGIN

#ifdef __GNUC__
#define TROTH_MUST_USE __attribute__((warn_unused_result))
#define TROTH_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define TROTH_MUST_USE
#define TROTH_PRINTF(f, a)
#endif

/* A range of bytes that somebody else owns. data may be NULL when len is 0. */
struct troth_slice {
	const uint8_t *data;
	size_t len;
};

/* Members are private: use the functions. A zeroed struct is an empty buffer
 * that accepts nothing; call troth_buf_init first. */
struct troth_buf {
	uint8_t *data;
	size_t start;
	size_t end;
	size_t cap;
	size_t max;
};

/* Effect: an empty buffer that will hold at most max bytes. Never fails. */
void troth_buf_init(struct troth_buf *buf, size_t max);

/* Effect: wipes and releases. The buffer is empty afterwards and keeps its maximum. */
void troth_buf_fini(struct troth_buf *buf);

/* Effect: wipes the content, keeps the memory. */
void troth_buf_clear(struct troth_buf *buf);

/* Effect: copies len bytes to the end; all of them or none.
 * Errors: TROTH_E_LIMIT beyond the maximum, TROTH_E_NOMEM. */
int troth_buf_append(struct troth_buf *buf, const void *data, size_t len) TROTH_MUST_USE;
int troth_buf_append_slice(struct troth_buf *buf, struct troth_slice slice) TROTH_MUST_USE;
int troth_buf_append_str(struct troth_buf *buf, const char *text) TROTH_MUST_USE;
int troth_buf_append_byte(struct troth_buf *buf, uint8_t byte) TROTH_MUST_USE;

/* Effect: makes room for len more bytes and returns where they go in *out; they
 * count only after troth_buf_commit. *out is valid until the next call. */
int troth_buf_reserve(struct troth_buf *buf, size_t len, uint8_t **out) TROTH_MUST_USE;
void troth_buf_commit(struct troth_buf *buf, size_t len);

/* Effect: drops len bytes from the front, wiping them. len beyond the content drops all. */
void troth_buf_consume(struct troth_buf *buf, size_t len);

/* Effect: shortens the content to len bytes, wiping the rest. */
void troth_buf_truncate(struct troth_buf *buf, size_t len);

/* Returns the content, borrowed until the next call that changes the buffer. */
struct troth_slice troth_buf_slice(const struct troth_buf *buf);
size_t troth_buf_len(const struct troth_buf *buf);

/* Effect: returns the content as a NUL-terminated string in *out, borrowed
 * likewise. Errors: TROTH_E_INVAL when it holds a NUL, TROTH_E_NOMEM, TROTH_E_LIMIT. */
int troth_buf_cstr(struct troth_buf *buf, const char **out) TROTH_MUST_USE;

TROTH_API_END

#endif
