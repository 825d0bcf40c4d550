/* SPDX-License-Identifier: MIT */
/*
 * A shared secret, prepared for comparison and kept in guarded memory: locked,
 * left out of core dumps, wiped when freed.
 */
#ifndef TROTH_SECRET_H
#define TROTH_SECRET_H

#include <troth/api.h>
#include <troth/bytes.h>

TROTH_API_BEGIN

struct troth_secret;

/* Effect: prepares text (UTF-8) with SASLprep (RFC 4013) and keeps it. The caller
 * owns *out and wipes its own copy. Surrounding white space is dropped.
 * Errors: TROTH_E_FORMAT for an empty secret or characters that SASLprep forbids,
 * TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_secret_new(struct troth_secret **out, struct troth_slice text) TROTH_MUST_USE;
/* Effect: another one with the same content, to be freed by itself; the memory is shared, and wiped
 * with the last of them. */
int troth_secret_copy(struct troth_secret **out, const struct troth_secret *from) TROTH_MUST_USE;
/* Effect: frees it, and wipes the memory that nobody else has a copy of; NULL is fine. */
void troth_secret_free(struct troth_secret *secret);

/* The prepared bytes, borrowed for the life of the secret; a NUL follows them. */
struct troth_slice troth_secret_bytes(const struct troth_secret *secret);

TROTH_API_END

#endif
