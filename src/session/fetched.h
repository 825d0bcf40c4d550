/* SPDX-License-Identifier: MIT */
/*
 * Keys of a contact as its account shows them (XEP-0189 on PEP): evidence, and no trust. Layer:
 * session; needs none.
 */
#ifndef TROTH_SESSION_FETCHED_H
#define TROTH_SESSION_FETCHED_H

#include "keys/keyinfo.h"
#include "store/store.h"

/* How evidence of that kind is called in the store. */
#define FETCHED_EVIDENCE "published"
#define FETCHED_MAX 64 /* of one contact */

struct troth_fetched {
	size_t keys;    /* that were shown */
	size_t fresh;   /* of them, for the first time */
	size_t known;   /* of them, keys that the contact has here */
	size_t revoked; /* keys of the contact that are revoked since */
};

/* Effect: records that a server shows these keys for a contact: nobody is known by one for that.
 * Revocations among them that a key of the contact signed are applied. Errors: the store's. */
int troth_fetched_take(struct troth_store *store, int64_t contact,
		       const struct troth_keyinfo_list *list, int64_t now,
		       struct troth_fetched *out) TROTH_MUST_USE;

#endif
