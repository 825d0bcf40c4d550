/* SPDX-License-Identifier: MIT */
/* Log entries from within a transaction. Layer: store, internal to it. */
#ifndef TROTH_STORE_LOG_H
#define TROTH_STORE_LOG_H

#include "store/database.h"

/* Effect: appends an entry to the transaction that is open. */
int troth_log_add(struct troth_store *store, const struct troth_store_entry *entry) TROTH_MUST_USE;

/* What a change of trust says about itself; contact 0: none. */
struct troth_log_event {
	int64_t time;
	const char *kind;
	int64_t contact;
};
/* Effect: the same with the contact's label and a formatted text. */
int troth_log_event(struct troth_store *store, const struct troth_log_event *event,
		    const char *format, ...) TROTH_PRINTF(3, 4) TROTH_MUST_USE;

#endif
