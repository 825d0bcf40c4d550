/* SPDX-License-Identifier: MIT */
/*
 * Presence that is taken back from whom our user forgets. Layer: session, used by verbs that need
 * no session. Who was a contact may see when we are there, as long as we are in each other's
 * roster: what is to be withdrawn is noted in the store, and done by whoever is signed in next.
 */
#ifndef TROTH_SESSION_WITHDRAW_H
#define TROTH_SESSION_WITHDRAW_H

#include "store/store.h"

struct online;

/* Effect: notes that the contact is to be taken out of the rosters of all our accounts, under each
 * of its addresses; *count is how many that are. Called before it is forgotten. Errors: those of
 * the store, TROTH_E_LIMIT. */
int troth_withdraw_note(struct troth_store *store, int64_t contact, size_t *count) TROTH_MUST_USE;

/* Effect: does what is noted for an account that is up, unless the address is a contact's again.
 * (Inside.) */
void online_withdraw(struct online *o);

#endif
