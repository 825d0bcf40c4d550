/* SPDX-License-Identifier: MIT */
/*
 * All of a home in one piece of bytes, and back. Layer: store. sealed.h encrypts it.
 *
 * A record for each file: length of its name (1 byte), name, length (8 bytes, big-endian), bytes.
 */
#ifndef TROTH_STORE_BACKUP_H
#define TROTH_STORE_BACKUP_H

#include "store/store.h"

/* Why a call failed, for people; "" on success. */
struct troth_backup_problem {
	char text[512];
};

/* Effect: appends keys, code and the trust store as it is now, whoever else writes to it.
 * Errors: TROTH_E_IO, TROTH_E_STORE, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_backup_make(struct troth_store *store, const char *home, struct troth_buf *out,
		      struct troth_backup_problem *problem) TROTH_MUST_USE;
/* Effect: writes them into a home that has neither key nor store, the device key last; takes back
 * what can't be whole. Then the store is opened once: open guesses and secrets that waited are
 * void, since what was spent after the backup isn't known any more.
 * Errors: TROTH_E_FORMAT for bytes that aren't a backup; TROTH_E_EXISTS; TROTH_E_IO, TROTH_E_STORE.
 */
int troth_backup_restore(const char *home, struct troth_slice plain, int64_t now,
			 struct troth_backup_problem *problem) TROTH_MUST_USE;

#endif
