/* SPDX-License-Identifier: MIT */
/*
 * An answer about a third person that is being put together (docs/protocol.md, "Third party").
 * Layer: session, internal to it.
 */
#ifndef TROTH_SESSION_ANSWER_H
#define TROTH_SESSION_ANSWER_H

#include "session/state.h"

struct answer {
	struct troth_session *session;
	int64_t asker;
	const char *jid; /* asked for, bare */
	struct troth_stated_key keys[KEYS_MAX];
	struct troth_endorsement *words[KEYS_MAX]; /* one for each */
	size_t count;
};

/* Effect: the certificate of a key that the store has; the caller owns it. TROTH_E_NOT_FOUND: only
 * its fingerprint is known. */
int answer_cert(struct troth_store *store, const struct troth_pin *pin,
		struct troth_cert **out) TROTH_MUST_USE;
/* Effect: appends; takes both over, also on error. A key that is there already is left out. */
int answer_add(struct answer *a, struct troth_cert *cert,
	       struct troth_endorsement *word) TROTH_MUST_USE;
/* Effect: signs a word on cert with this device's key. */
int answer_sign(const struct answer *a, const struct troth_cert *cert, enum troth_purpose purpose,
		struct troth_endorsement **out) TROTH_MUST_USE;
/* Effect: appends a key that is known by an introducer's word alone, and every link of the chain
 * that it rests on, as far as policy goes; nothing where it doesn't. */
int answer_add_behind(struct answer *a, const struct troth_store_key *key) TROTH_MUST_USE;

#endif
