/* SPDX-License-Identifier: MIT */
/* Types of attributes, for the two files about names. Layer: keys. */
#ifndef TROTH_KEYS_DN_TYPE_H
#define TROTH_KEYS_DN_TYPE_H

#include <openssl/objects.h>

#define TROTH_DN_TYPE_MAX 64 /* with its NUL */

/* The type that text names, for the caller to free; NULL where there is none. */
ASN1_OBJECT *troth_dn_type(const char *text);

#endif
