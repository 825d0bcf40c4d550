/* SPDX-License-Identifier: MIT */
/* Addresses of contacts. Layer: store. Hints: no trust is read from them. */
#include "store/changes.h"
#include "store/statement.h"
#include "store/text.h"

#include <troth/err.h>

static int check_holder(struct troth_store *store, int64_t contact,
			const struct troth_store_address *address)
{
	struct troth_store_contact holder;
	int err = troth_store_contact_by_address(store, address->realm, address->address, &holder);
	/* docs/protocol.md, "Identity": "A claimed address held by another contact is refused." */
	if (err == TROTH_OK && holder.id != contact)
		return troth_contact_conflict(store, holder.id, "The address");
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

int troth_address_add(struct troth_store *store, int64_t contact,
		      const struct troth_store_address *address)
{
	int err = troth_text_require(store, address->address, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_text_check(store, address->source, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_contact_require(store, contact);
	if (err == TROTH_OK)
		err = check_holder(store, contact, address);
	if (err != TROTH_OK)
		return err;
	return troth_statement_run(
		store,
		"INSERT INTO address (realm, address, contact, source, first_seen, last_seen)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
		" ON CONFLICT (realm, address) DO UPDATE"
		" SET source = excluded.source, last_seen = excluded.last_seen",
		TROTH_BIND(troth_value_int(address->realm), troth_value_text(address->address),
			   troth_value_int(contact), troth_value_text(address->source),
			   troth_value_int(address->last_seen)));
}

int troth_store_address_note(struct troth_store *store, int64_t contact,
			     const struct troth_store_address *address)
{
	int err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	return troth_store_end(store, troth_address_add(store, contact, address));
}

static int drop(struct troth_store *store, int64_t contact, enum troth_realm realm,
		const char *address)
{
	int err = troth_statement_run(
		store, "DELETE FROM address WHERE contact = ?1 AND realm = ?2 AND address = ?3",
		TROTH_BIND(troth_value_int(contact), troth_value_int(realm),
			   troth_value_text(address)));
	if (err == TROTH_OK && troth_statement_changes(store) == 0)
		return troth_store_fail(store, TROTH_E_NOT_FOUND,
					"The contact has no such address.");
	return err;
}

int troth_store_address_drop(struct troth_store *store, int64_t contact, enum troth_realm realm,
			     const char *address)
{
	int err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	return troth_store_end(store, drop(store, contact, realm, address));
}

int troth_store_address_list(struct troth_store *store, int64_t contact,
			     troth_store_address_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err =
		troth_rows_open(store,
				"SELECT realm, address, source, first_seen, last_seen FROM address"
				" WHERE contact = ?1 ORDER BY last_seen DESC, address",
				TROTH_BIND(troth_value_int(contact)), &rows);
	while (err == TROTH_OK) {
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err != TROTH_OK)
			return err;
		struct troth_store_address row = {
			.realm = troth_rows_int(&rows, 0) == TROTH_REALM_LINK ? TROTH_REALM_LINK
									      : TROTH_REALM_SERVER,
			.address = troth_rows_text(&rows, 1),
			.source = troth_rows_text(&rows, 2),
			.first_seen = troth_rows_int(&rows, 3),
			.last_seen = troth_rows_int(&rows, 4),
		};
		store->in_callback++;
		err = each(user, &row);
		store->in_callback--;
	}
	return err;
}
