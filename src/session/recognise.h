/* SPDX-License-Identifier: MIT */
/*
 * Recognising contacts on a link by the tags of their announcements (docs/protocol.md,
 * "Link-local announcements"), and the tags by which they recognise us. Layer: session.
 * A tag is a hint like any name: "perhaps Juliet". Only a handshake proves.
 */
#ifndef TROTH_SESSION_RECOGNISE_H
#define TROTH_SESSION_RECOGNISE_H

#include "lan/tags.h"
#include "store/store.h"

#include <stdbool.h>
#include <troth/key.h>

struct troth_recognise;

/* The keys by which contacts may know this device. */
struct troth_recognise_self {
	const struct troth_device *device;
	const struct troth_device *former; /* the key that it had before, still known; NULL: none */
};

/* Effect: computes the tags of all contacts' proven keys for the hours before, now and after.
 * now is seconds since 1970. Keys that can't do ECDH with ours are passed over.
 * Errors: those of the store, TROTH_E_NOMEM, TROTH_E_CRYPTO. */
int troth_recognise_new(struct troth_recognise **out, struct troth_store *store,
			const struct troth_recognise_self *self, int64_t now) TROTH_MUST_USE;
void troth_recognise_free(struct troth_recognise *recognise);

/* Whether another hour has begun: make a new one then. */
bool troth_recognise_is_stale(const struct troth_recognise *recognise, int64_t now);

/* Whether an entity with these tags is perhaps a contact; then *out is which. */
bool troth_recognise_find(const struct troth_recognise *recognise, const struct troth_lan_tag *tags,
			  size_t count, struct troth_store_contact *out);

/* Our own tags of this hour, one for each of the TROTH_LAN_TAGS_MAX contacts met last, for
 * struct troth_lan_card; borrowed. *hour is the hour that they are for. */
const struct troth_lan_tag *troth_recognise_own(const struct troth_recognise *recognise,
						size_t *count, int64_t *hour);

#endif
