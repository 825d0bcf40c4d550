/* SPDX-License-Identifier: MIT */
/*
 * A label for a new contact out of what the peer calls itself. Layer: session. Pure.
 * A label is what our user types: a peer must not be able to choose one that reads as an
 * option, as an address, or as two words.
 */
#ifndef TROTH_SESSION_LABEL_H
#define TROTH_SESSION_LABEL_H

#include "store/store.h"

/* How many labels are tried before the key's own name is taken. */
#define TROTH_LABEL_TRIES 99

/* Effect: the label to try: attempt 0 is the nickname itself, 1 has "-2" behind it, and so
 * on. Without a usable nickname (it may be NULL) it is "peer-" and the first three bytes of
 * the pin in hex. Never empty; at most TROTH_STORE_LABEL_MAX bytes. */
void troth_label_make(char out[TROTH_STORE_LABEL_MAX + 1], const char *nick,
		      const struct troth_pin *pin, unsigned attempt);

#endif
