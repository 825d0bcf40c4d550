/* SPDX-License-Identifier: MIT */
/*
 * What this device shows of its keys where servers carry it: an item for each, in a node, or all of
 * them in one answer. Layer: session, used by verbs that need no session. No possession, which
 * needs a stream; no successor, which is named inside TLS alone.
 */
#ifndef TROTH_SESSION_OWN_ITEMS_H
#define TROTH_SESSION_OWN_ITEMS_H

#include "server/pep.h"
#include "session/own.h"

/* The name of an item with a revocation: this, and the pin of the key. */
#define TROTH_OWN_REVOKE "revoke-"
#define TROTH_OWN_REVOKE_SIZE (sizeof TROTH_OWN_REVOKE + 2 * (size_t)TROTH_PIN_LEN)

#define TROTH_OWN_ITEMS_MAX                                                                        \
	(2 + sizeof((struct troth_own *)0)->further / sizeof(struct troth_stated_key) +            \
	 TROTH_OWN_REVOCATIONS)

struct troth_own_items {
	struct troth_pep_item items[TROTH_OWN_ITEMS_MAX];
	size_t count;
	struct troth_stated_key device;
	char names[TROTH_OWN_REVOCATIONS][TROTH_OWN_REVOKE_SIZE];
};

/* Effect: fills *out, which mustn't be moved; everything is borrowed. device: of this device. */
void troth_own_items(struct troth_own_items *out, const struct troth_own *own,
		     const struct troth_cert *device);

#endif
