/* SPDX-License-Identifier: MIT */
/* A certificate out of PEM text. Layer: cli. */
#ifndef TROTH_CLI_ID_PEM_H
#define TROTH_CLI_ID_PEM_H

#include <troth/key.h>

#define TROTH_PEM_MAX ((size_t)64 * 1024)

/* Effect: the first certificate in pem, whatever stands around it; the caller owns *out.
 * Errors: TROTH_E_FORMAT when there is none, those of troth_cert_new. */
int troth_pem_cert(struct troth_cert **out, struct troth_slice pem) TROTH_MUST_USE;

/* Effect: the same from a file, "-" for standard input. Errors: TROTH_E_IO with errno set,
 * TROTH_E_LIMIT beyond TROTH_PEM_MAX. */
int troth_pem_cert_file(struct troth_cert **out, const char *path) TROTH_MUST_USE;

#endif
