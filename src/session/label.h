/* SPDX-License-Identifier: MIT */
/*
 * Labels for new contacts and for strangers out of what the peer calls itself. Layer: session.
 * Pure.
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

#define TROTH_SHOWN_MAX 191 /* bytes */

/* Effect: an address that anybody may claim, as our user is shown it: short, without blanks,
 * brackets and colons, and with an '@', so that it can't be read as a contact's label, as a level,
 * or as the beginning of a message. */
void troth_label_shown(char out[TROTH_SHOWN_MAX + 1], const char *address);

#endif
