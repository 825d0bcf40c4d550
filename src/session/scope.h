/* SPDX-License-Identifier: MIT */
/*
 * The scopes of guess budgets (store/store.h): one text for a contact, wherever a secret
 * that is shared with it is tried. Layer: session.
 */
#ifndef TROTH_SESSION_SCOPE_H
#define TROTH_SESSION_SCOPE_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#define TROTH_SCOPE_LEN 32

/* Effect: the scope of the secret shared with a contact. Returns out. */
static inline const char *troth_scope_contact(char out[TROTH_SCOPE_LEN], int64_t contact)
{
	snprintf(out, TROTH_SCOPE_LEN, "contact:%" PRId64, contact);
	return out;
}

#endif
