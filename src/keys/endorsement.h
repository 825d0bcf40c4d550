/* SPDX-License-Identifier: MIT */
/*
 * Lists of endorsements, as a <keyinfo/> holds them, and their form. Layer: keys.
 * <troth/endorsement.h> has what can be done with one.
 */
#ifndef TROTH_KEYS_ENDORSEMENT_H
#define TROTH_KEYS_ENDORSEMENT_H

#include "base/limits.h"

#include <troth/endorsement.h>

/* Effect: makes the numbers of the texts and checks them all: dates and their distance, the JID
 * (docs/protocol.md, "Endorsements"). Errors: TROTH_E_FORMAT, TROTH_E_NOMEM. */
int troth_endorsement_check(struct troth_endorsement *e) TROTH_MUST_USE;

struct troth_endorsement_list {
	struct troth_endorsement **items; /* owned */
	size_t count;
};

/* Effect: reads the <signature/> children of a <keyinfo/>; those that aren't in the right form
 * are left out. Errors: TROTH_E_LIMIT for more than TROTH_LIMIT_KEY_ENDORSEMENTS, TROTH_E_NOMEM. */
int troth_endorsement_list_read(struct troth_endorsement_list *out,
				const struct troth_element *keyinfo) TROTH_MUST_USE;
void troth_endorsement_list_fini(struct troth_endorsement_list *list);

/* For events and checks: the items, never to be changed. */
const struct troth_endorsement *const *
troth_endorsement_list_view(const struct troth_endorsement_list *list);

#endif
