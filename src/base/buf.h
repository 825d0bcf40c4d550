/* SPDX-License-Identifier: MIT */
/* What only the inside does with a buffer. Layer: base. */
#ifndef TROTH_BASE_BUF_H
#define TROTH_BASE_BUF_H

#include <troth/bytes.h>

/* Effect: moves all that from holds behind what to holds; without a copy where to is empty
 * and both have the same maximum. Errors: TROTH_E_LIMIT, TROTH_E_NOMEM; then nothing moved. */
int troth_buf_move(struct troth_buf *to, struct troth_buf *from) TROTH_MUST_USE;

/* Effect: releases the memory of an empty buffer that keeps more than `most` bytes of it. */
void troth_buf_relax(struct troth_buf *buf, size_t most);

#endif
