/* SPDX-License-Identifier: MIT */
/*
 * What a successful first meeting leaves behind, in one transaction. Layer: store. The proof
 * itself was made elsewhere; here it becomes durable or doesn't.
 */
#include "store/changes.h"
#include "store/log.h"
#include "store/owner.h"

#include <troth/err.h>

static int settle_secret(struct troth_store *store, const struct troth_store_meeting *meeting)
{
	if (meeting->scope == NULL)
		return TROTH_OK;
	int err = troth_budget_give_back(store, meeting->scope);
	if (err == TROTH_OK && !meeting->keep_secret)
		err = troth_secret_erase(store, meeting->scope);
	return err;
}

static int record(struct troth_store *store, const struct troth_store_meeting *meeting,
		  int64_t contact, int64_t now)
{
	int err = TROTH_OK;
	if (meeting->address != NULL)
		err = troth_address_add(store, contact, meeting->address);
	if (err != TROTH_OK || meeting->connection == NULL)
		return err;
	struct troth_store_connection row = *meeting->connection;
	row.contact = contact;
	row.pin = meeting->claimed ? NULL : meeting->key->pin;
	err = troth_history_add(store, &row);
	if (err == TROTH_OK)
		err = troth_log_event(store, &(struct troth_log_event){now, "met", contact},
				      "by %s, %s", row.method == NULL ? "" : row.method,
				      row.level == NULL ? "" : row.level);
	return err;
}

static int commit(struct troth_store *store, const struct troth_store_meeting *meeting, int64_t now,
		  int64_t *contact)
{
	int err = TROTH_OK;
	if (*contact == 0)
		err = troth_contact_add(store, meeting->label, now, contact);
	if (err == TROTH_OK && meeting->claimed)
		err = troth_key_claim(store, *contact, meeting->key, now);
	else if (err == TROTH_OK)
		err = troth_key_add(store, *contact, meeting->key, now);
	if (err == TROTH_OK && meeting->repair)
		err = troth_key_replace_others(store, *contact, meeting->key->pin, now);
	if (err == TROTH_OK)
		err = settle_secret(store, meeting);
	if (err == TROTH_OK)
		err = troth_owner_claim(store, *contact, meeting->claim, now);
	return err == TROTH_OK ? record(store, meeting, *contact, now) : err;
}

int troth_store_meeting_commit(struct troth_store *store, const struct troth_store_meeting *meeting,
			       int64_t now, int64_t *out)
{
	int64_t contact = meeting->contact;
	if (meeting->key == NULL)
		return troth_store_fail(store, TROTH_E_INVAL, "The meeting has no key.");
	if (meeting->claimed && meeting->repair)
		return troth_store_fail(store, TROTH_E_INVAL, "A claim replaces no key.");
	int err = troth_store_begin(store);
	if (err == TROTH_OK)
		err = troth_store_end(store, commit(store, meeting, now, &contact));
	if (err == TROTH_OK)
		*out = contact;
	return err;
}
