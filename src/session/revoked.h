/* SPDX-License-Identifier: MIT */
/*
 * Signed revocations: verified, recorded, applied, wherever they came from: they are absorbing, and
 * nobody can make one who hasn't the key. Layer: session. The first needs no session.
 */
#ifndef TROTH_SESSION_REVOKED_H
#define TROTH_SESSION_REVOKED_H

#include "store/store.h"

#include <troth/endorsement.h>

struct link;
struct troth_session;

/* Effect: records it, if a key of the contact signed it; troth_believed_settle applies it. Nothing
 * otherwise. Errors: those of the store. */
int troth_revoked_learn(struct troth_store *store, int64_t contact,
			const struct troth_revocation *r, int64_t now) TROTH_MUST_USE;

/* Whether it says to be by our own user key. */
bool revoked_by_us(const struct troth_session *s, const struct troth_revocation *r);
/* Effect: a device of ours was revoked on another one: we refuse it, too, and pass that on. l: who
 * said it; NULL: nobody in particular. */
int revoked_own(struct troth_session *s, struct link *l,
		const struct troth_revocation *r) TROTH_MUST_USE;

#endif
