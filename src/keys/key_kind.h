/* SPDX-License-Identifier: MIT */
/*
 * The kinds of public key that are accepted, and how each signs. Layer: keys.
 * A kind that isn't in this table is refused everywhere.
 */
#ifndef TROTH_KEYS_KEY_KIND_H
#define TROTH_KEYS_KEY_KIND_H

#include <openssl/evp.h>

struct troth_key_kind {
	const char *name;   /* for people */
	const char *method; /* on the wire */
	int type;           /* EVP_PKEY_* */
	int curve;          /* NID, or 0 */
	int min_bits;
	int max_bits;
	const char *digest; /* NULL where the method has its own (Ed25519) */
};

/* Returns the kind, or NULL for one that isn't accepted or too weak. Static. */
const struct troth_key_kind *troth_key_kind_of(const EVP_PKEY *key);

#endif
