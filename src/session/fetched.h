/* SPDX-License-Identifier: MIT */
/*
 * Keys of a contact as servers give them (XEP-0189): from its node, from a client that was asked,
 * or sent: evidence, and no trust. Layer: session; needs none.
 */
#ifndef TROTH_SESSION_FETCHED_H
#define TROTH_SESSION_FETCHED_H

#include "keys/keyinfo.h"
#include "store/store.h"

/* How evidence of that kind is called in the store; its method says where the key was first seen.
 */
#define FETCHED_EVIDENCE "published"
#define FETCHED_NODE "node"
#define FETCHED_CLIENT "client"
#define FETCHED_SENT "sent"
#define FETCHED_MAX 64 /* of one contact */

struct troth_fetched_of {
	struct troth_store *store;
	int64_t contact;
	const char *from; /* one of those above */
	int64_t now;
};
struct troth_fetched {
	size_t keys;    /* that were shown */
	size_t fresh;   /* of them, for the first time */
	size_t known;   /* of them, keys that the contact has here */
	size_t revoked; /* keys of the contact that are revoked since */
};

/* Effect: records that a server says these to be keys of a contact: nobody is known by one for
 * that. Revocations among them that a key of the contact signed are applied. Errors: the store's.
 */
int troth_fetched_take(const struct troth_fetched_of *of, const struct troth_keyinfo_list *list,
		       struct troth_fetched *out) TROTH_MUST_USE;

#endif
