/* SPDX-License-Identifier: MIT */
/*
 * Lists of revocations, as a <pubkeys/> holds them. Layer: keys. <troth/endorsement.h> has what
 * can be done with one.
 */
#ifndef TROTH_KEYS_REVOCATION_H
#define TROTH_KEYS_REVOCATION_H

#include <troth/endorsement.h>

struct troth_revocation_list {
	struct troth_revocation **items; /* owned */
	size_t count;
};

/* Effect: reads the <revoke/> children of a <pubkeys/>; those that aren't in the right form are
 * left out. Errors: TROTH_E_LIMIT for more than TROTH_LIMIT_STANZA_REVOCATIONS, TROTH_E_NOMEM. */
int troth_revocation_list_read(struct troth_revocation_list *out,
			       const struct troth_element *pubkeys) TROTH_MUST_USE;
void troth_revocation_list_fini(struct troth_revocation_list *list);

/* For events: the items, never to be changed. */
const struct troth_revocation *const *
troth_revocation_list_view(const struct troth_revocation_list *list);

#endif
