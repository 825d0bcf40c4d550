/* SPDX-License-Identifier: MIT */
/*
 * Single changes for use inside a transaction that is open, so that a first meeting can be
 * made of them. Layer: store, internal to it. Arguments are judged here; commit isn't.
 */
#ifndef TROTH_STORE_CHANGES_H
#define TROTH_STORE_CHANGES_H

#include "store/database.h"

/* Errors: TROTH_E_NOT_FOUND. */
int troth_contact_require(struct troth_store *store, int64_t contact) TROTH_MUST_USE;
/* Effect: remembers whose it is and says so with the label. Returns TROTH_E_CONFLICT, or why the
 * label can't be read. `what` begins the sentence: "The key". */
int troth_contact_conflict(struct troth_store *store, int64_t contact, const char *what);

int troth_contact_add(struct troth_store *store, const char *label, int64_t now,
		      int64_t *out) TROTH_MUST_USE;
/* Effect: as troth_store_contact_forget. The contact is there. */
int troth_contact_forget(struct troth_store *store, int64_t id, int64_t now) TROTH_MUST_USE;
int troth_address_add(struct troth_store *store, int64_t contact,
		      const struct troth_store_address *address) TROTH_MUST_USE;
int troth_key_add(struct troth_store *store, int64_t contact, const struct troth_store_new_key *key,
		  int64_t now) TROTH_MUST_USE;
/* Effect: the same, unproven: takes no place of another key. */
int troth_key_claim(struct troth_store *store, int64_t contact,
		    const struct troth_store_new_key *key, int64_t now) TROTH_MUST_USE;
/* Effect: other keys of the contact than `pin` become replaced. */
int troth_key_replace_others(struct troth_store *store, int64_t contact,
			     const struct troth_pin *pin, int64_t now) TROTH_MUST_USE;
/* Effect: records what was said, however much there is already. */
int troth_statement_record(struct troth_store *store,
			   const struct troth_store_statement *statement) TROTH_MUST_USE;
/* Effect: records that the key, as of its `changed`, was claimed, met (`how` as in struct
 * troth_store_new_key) or repaired. */
int troth_statement_say(struct troth_store *store, enum troth_belief_kind kind,
			const struct troth_store_key *key, const char *how) TROTH_MUST_USE;
/* Effect: records our user's own revocation, unless there is one of the key. */
int troth_statement_say_revoked(struct troth_store *store,
				const struct troth_store_key *key) TROTH_MUST_USE;
int troth_budget_give_back(struct troth_store *store, const char *scope) TROTH_MUST_USE;
int troth_secret_erase(struct troth_store *store, const char *scope) TROTH_MUST_USE;
int troth_history_add(struct troth_store *store,
		      const struct troth_store_connection *row) TROTH_MUST_USE;

#endif
