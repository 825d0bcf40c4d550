/* SPDX-License-Identifier: MIT */
/*
 * Signers as <troth/endorsement.h> declares them, from inside: one way to sign and one to check
 * for all statements. Layer: keys.
 */
#ifndef TROTH_KEYS_SIGNER_H
#define TROTH_KEYS_SIGNER_H

#include <troth/endorsement.h>

/* Effect: the key's hash as signed texts name it. */
void troth_issuer_of_cert(char out[TROTH_ISSUER_LEN + 1], const struct troth_cert *cert);

/* Whether text is a hash that can stand in a signed text, and a name of XEP-0189. NULL isn't. */
bool troth_is_issuer(const char *text);
bool troth_is_name(const char *text);

#endif
