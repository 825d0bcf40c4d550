/* SPDX-License-Identifier: MIT */
/*
 * Whether what a key says of another one, for a JID, is said of a contact's. Layer: session, on the
 * store alone. Judges no signature.
 */
#ifndef TROTH_SESSION_WHOSE_H
#define TROTH_SESSION_WHOSE_H

#include "store/store.h"

struct troth_whose {
	struct troth_store *store;
	int64_t contact; /* 0: somebody new */
	/* Where that key is met, or asked for; NULL, or on a link: nowhere that says an account. */
	const struct troth_address *at;
};

/* Effect: *out tells whether an endorsement for `jid` ("" for none) speaks of that contact's key:
 * not if another contact has that account, nor if the contact has accounts and that one isn't among
 * them; of one without any, over a server, only for the account where it is. Errors: the store's.
 */
int troth_whose_key(const struct troth_whose *whose, const char *jid, bool *out) TROTH_MUST_USE;

#endif
