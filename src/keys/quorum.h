/* SPDX-License-Identifier: MIT */
/*
 * The quorum of a <pubkeys/>. Layer: keys. <troth/endorsement.h> has what can be done with one.
 */
#ifndef TROTH_KEYS_QUORUM_H
#define TROTH_KEYS_QUORUM_H

#include <troth/endorsement.h>

/* Effect: reads the first <quorum/> of a <pubkeys/>: a key names one. *out is the caller's; NULL
 * where there is none, or where it isn't in the right form. Errors: TROTH_E_NOMEM. */
int troth_quorum_find(struct troth_quorum **out,
		      const struct troth_element *pubkeys) TROTH_MUST_USE;

#endif
