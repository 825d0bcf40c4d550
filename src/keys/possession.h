/* SPDX-License-Identifier: MIT */
/*
 * Proof that the sender of a key holds it: a signature over this very stream
 * (docs/protocol.md, "Possession"). Layer: keys.
 */
#ifndef TROTH_KEYS_POSSESSION_H
#define TROTH_KEYS_POSSESSION_H

#include "keys/keyinfo.h"

/* Effect: appends the signature by the device's key. */
int troth_possession_sign(const struct troth_device *device,
			  const struct troth_possession_context *self,
			  struct troth_buf *out) TROTH_MUST_USE;

/* Effect: TROTH_OK only when the signature is that of cert's key, made by `signer`. Errors:
 * TROTH_E_CERT. */
int troth_possession_verify(const struct troth_cert *cert,
			    const struct troth_possession_context *signer,
			    struct troth_slice signature) TROTH_MUST_USE;

#endif
