/* SPDX-License-Identifier: MIT */
/* Small helpers on slices, and the one cleanup attribute. Layer: base. */
#ifndef TROTH_BASE_SLICE_H
#define TROTH_BASE_SLICE_H

#include <stdbool.h>
#include <string.h>
#include <troth/bytes.h>

static inline struct troth_slice troth_slice_of(const void *data, size_t len)
{
	return (struct troth_slice){data, len};
}

static inline struct troth_slice troth_slice_str(const char *text)
{
	return (struct troth_slice){(const uint8_t *)text, strlen(text)};
}

static inline bool troth_slice_equal(struct troth_slice a, struct troth_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Runs fn(&variable) when the variable goes out of scope. */
#define TROTH_CLEANUP(fn) __attribute__((cleanup(fn)))

#endif
