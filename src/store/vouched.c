/* SPDX-License-Identifier: MIT */
/*
 * A key on somebody else's word, with that word, in one transaction. Layer: store. Whether the word
 * counts is found out anew for each judgement; here it only takes nothing from anybody.
 */
#include "store/changes.h"
#include "store/statement.h"

#include <troth/err.h>

/* "Never changes a contact that has keys": whatever state they are in. */
static int check_keyless(struct troth_store *store, int64_t contact)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT 1 FROM peer_key WHERE contact = ?1 AND state <> ?2"
				  " AND NOT (state = ?3 AND how = ?4) LIMIT 1",
				  TROTH_BIND(troth_value_int(contact),
					     troth_value_int(TROTH_STORE_KEY_SEEN),
					     troth_value_int(TROTH_STORE_KEY_UNPROVEN),
					     troth_value_text(TROTH_STORE_HOW_VOUCHED)),
				  &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err == TROTH_E_NOT_FOUND)
		return TROTH_OK;
	if (err != TROTH_OK)
		return err;
	store->conflict = contact;
	return troth_store_fail(
		store, TROTH_E_CONFLICT,
		"The contact has keys already, and no word of others changes them.");
}

static int record(struct troth_store *store, int64_t contact,
		  const struct troth_store_statement *given)
{
	struct troth_store_statement says = *given;
	says.contact = contact;
	return troth_statement_record(store, &says);
}

static int commit(struct troth_store *store, const struct troth_store_vouch *vouch, int64_t now,
		  int64_t *contact)
{
	int err = TROTH_OK;
	if (*contact == 0)
		err = troth_contact_add(store, vouch->label, now, contact);
	else
		err = check_keyless(store, *contact);
	if (err == TROTH_OK)
		err = troth_key_claim(store, *contact, vouch->key, now);
	if (err == TROTH_OK)
		err = record(store, *contact, vouch->says);
	for (size_t i = 0; err == TROTH_OK && i < vouch->link_count; i++)
		err = record(store, *contact, &vouch->links[i]);
	return err;
}

int troth_store_vouch_commit(struct troth_store *store, const struct troth_store_vouch *vouch,
			     int64_t now, int64_t *out)
{
	int64_t contact = vouch->contact;
	if (!vouch->key->concluded || vouch->says->says.kind != TROTH_BELIEF_VOUCHED)
		return troth_store_fail(store, TROTH_E_INVAL, "That isn't an introducer's word.");
	int err = troth_store_begin(store);
	if (err == TROTH_OK)
		err = troth_store_end(store, commit(store, vouch, now, &contact));
	if (err == TROTH_OK)
		*out = contact;
	return err;
}
