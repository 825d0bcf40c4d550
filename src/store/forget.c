/* SPDX-License-Identifier: MIT */
/*
 * Forgetting a contact. Layer: store. What remains says nothing about where the contact
 * was, except in the log, which nobody shortens.
 */
#include "store/changes.h"
#include "store/log.h"
#include "store/statement.h"

#include <troth/err.h>

/* In this order: keys, addresses, budgets and secrets go by the contact's foreign keys;
 * evidence only when its contact is gone. docs/protocol.md, "Revocation": "Absorbing, kept
 * for good", and so is what it was made of. */
static const char *const steps[] = {
	"UPDATE peer_key SET contact = NULL WHERE contact = ?1 AND state = 5",
	"UPDATE history SET address = '', detail = '' WHERE contact = ?1",
	"DELETE FROM contact WHERE id = ?1",
	"DELETE FROM setting WHERE key IN ('introducer.' || ?1, 'share.' || ?1)",
	"DELETE FROM setting WHERE key = 'owner' AND value = CAST(?1 AS TEXT)",
	("DELETE FROM evidence WHERE contact = ?1"
	 " AND pin NOT IN (SELECT pin FROM peer_key WHERE state = 5)"),
	("DELETE FROM statement WHERE contact = ?1 AND kind <> 5"
	 " AND subject NOT IN (SELECT pin FROM peer_key WHERE state = 5)"),
};

int troth_contact_forget(struct troth_store *store, int64_t id, int64_t now)
{
	int err = troth_log_event(store, &(struct troth_log_event){now, "contact-forgotten", id},
				  "contact %lld", (long long)id);
	for (size_t i = 0; err == TROTH_OK && i < sizeof steps / sizeof *steps; i++)
		err = troth_statement_run(store, steps[i], TROTH_BIND(troth_value_int(id)));
	return err;
}

int troth_store_contact_forget(struct troth_store *store, int64_t id, int64_t now)
{
	int err = troth_store_begin(store);
	if (err == TROTH_OK) {
		err = troth_contact_require(store, id);
		if (err == TROTH_OK)
			err = troth_contact_forget(store, id, now);
		err = troth_store_end(store, err);
	}
	return err;
}
