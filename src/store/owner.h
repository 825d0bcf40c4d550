/* SPDX-License-Identifier: MIT */
/*
 * Who a device belongs to: the one contact that claimed it. Layer: store. The claim itself is part
 * of a first meeting (store.h, `claim`); here it is read, and undone on the device.
 */
#ifndef TROTH_STORE_OWNER_H
#define TROTH_STORE_OWNER_H

#include "store/store.h"

/* Effect: *out is the owner; 0: nobody yet. */
int troth_store_owner_get(struct troth_store *store, int64_t *out) TROTH_MUST_USE;
/* Effect: back as it was made, in one transaction: no owner, no contacts, no open guesses. Revoked
 * keys stay revoked; history and log stay. Errors: TROTH_E_STORE. */
int troth_store_owner_reset(struct troth_store *store, int64_t now) TROTH_MUST_USE;

/* Inside of a transaction, for a meeting. Effect: nothing for TROTH_STORE_CLAIM_NONE; else
 * `contact` becomes the owner, and by a transfer the former one is forgotten. Errors:
 * TROTH_E_REFUSED when a first claim finds another owner, and then nothing may be kept. */
int troth_owner_claim(struct troth_store *store, int64_t contact, enum troth_store_claim claim,
		      int64_t now) TROTH_MUST_USE;

#endif
