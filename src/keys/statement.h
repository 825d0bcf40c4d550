/* SPDX-License-Identifier: MIT */
/*
 * What endorsements and revocations have in common: texts that are kept as they were written, a
 * signature with its method, and the check of it. Layer: keys.
 */
#ifndef TROTH_KEYS_STATEMENT_H
#define TROTH_KEYS_STATEMENT_H

#include <troth/endorsement.h>

/* Room for what is signed: a certificate, a JID and the small parts. */
#define TROTH_STATEMENT_BYTES (TROTH_LIMIT_CERT_BYTES + 4 * TROTH_LIMIT_JID_PART)

/* Effect: a copy of text, NULL for NULL; TROTH_E_NOMEM. */
int troth_statement_keep(const char **out, const char *text) TROTH_MUST_USE;
int troth_statement_keep_bytes(struct troth_slice *out, struct troth_slice bytes) TROTH_MUST_USE;
/* Effect: frees such a copy. */
void troth_statement_drop(const void *kept);

/* Effect: reads a <value/>: the method as it is written, and the signature, which must be base64
 * of at least one byte and at most TROTH_LIMIT_SIGNATURE_BYTES. Errors: TROTH_E_FORMAT. */
int troth_statement_read_value(const char **method, struct troth_slice *signature,
			       const struct troth_element *value) TROTH_MUST_USE;

/* Effect: signs; the copy is the caller's. Errors: the signer's; TROTH_E_CRYPTO for an empty
 * signature, TROTH_E_LIMIT for one that is too long. */
int troth_statement_sign(const struct troth_signer *signer, struct troth_slice message,
			 struct troth_slice *out) TROTH_MUST_USE;

#endif
