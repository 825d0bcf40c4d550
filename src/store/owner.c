/* SPDX-License-Identifier: MIT */
/*
 * The owner of a device. Layer: store. The claim is in the transaction of the meeting: of two who
 * come at once, by whatever process, one is refused with all that it brought.
 */
#include "store/owner.h"

#include "store/changes.h"
#include "store/log.h"
#include "store/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <troth/err.h>

/* A setting, so that no store has to be upgraded; forgetting the contact removes it. */
#define OWNER "owner"

int troth_store_owner_get(struct troth_store *store, int64_t *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT contact.id FROM setting JOIN contact"
				  " ON setting.value = CAST(contact.id AS TEXT)"
				  " WHERE setting.key = '" OWNER "'",
				  NULL, 0, &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err != TROTH_OK && err != TROTH_E_NOT_FOUND)
		return err;
	*out = err == TROTH_OK ? troth_rows_int(&rows, 0) : 0;
	return TROTH_OK;
}

static int set(struct troth_store *store, int64_t contact)
{
	char text[24];
	(void)snprintf(text, sizeof text, "%" PRId64, contact);
	return troth_statement_run(store,
				   "INSERT INTO setting (key, value) VALUES ('" OWNER "', ?1)"
				   " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
				   TROTH_BIND(troth_value_text(text)));
}

int troth_owner_claim(struct troth_store *store, int64_t contact, enum troth_store_claim claim,
		      int64_t now)
{
	int64_t former = 0;
	if (claim == TROTH_STORE_CLAIM_NONE)
		return TROTH_OK;
	int err = troth_store_owner_get(store, &former);
	if (err != TROTH_OK || former == contact)
		return err;
	if (former != 0 && claim == TROTH_STORE_CLAIM_FIRST)
		return troth_store_fail(store, TROTH_E_REFUSED, "This device has an owner.");
	err = set(store, contact);
	if (err == TROTH_OK)
		err = troth_log_event(store, &(struct troth_log_event){now, "owner", contact},
				      former == 0 ? "the device has an owner now"
						  : "the device has another owner now");
	return err == TROTH_OK && former != 0 ? troth_contact_forget(store, former, now) : err;
}

/* Effect: any contact that is left. */
static int some_contact(struct troth_store *store, int64_t *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "SELECT id FROM contact LIMIT 1", NULL, 0, &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err == TROTH_OK)
		*out = troth_rows_int(&rows, 0);
	return err;
}

static int reset(struct troth_store *store, int64_t now)
{
	int64_t contact = 0;
	int err = troth_log_event(store, &(struct troth_log_event){now, "reset", 0},
				  "the device has no owner and no contacts any more");
	while (err == TROTH_OK) {
		err = some_contact(store, &contact);
		if (err == TROTH_E_NOT_FOUND)
			break;
		if (err == TROTH_OK)
			err = troth_contact_forget(store, contact, now);
	}
	if (err == TROTH_E_NOT_FOUND)
		err = troth_statement_run(store, "DELETE FROM budget", NULL, 0);
	return err == TROTH_OK ? troth_statement_run(store, "DELETE FROM secret", NULL, 0) : err;
}

int troth_store_owner_reset(struct troth_store *store, int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, reset(store, now)) : err;
}
