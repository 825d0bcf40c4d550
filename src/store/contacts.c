/* SPDX-License-Identifier: MIT */
/* Contacts: added, found, listed, renamed. Layer: store. */
#include "store/changes.h"
#include "store/log.h"
#include "store/statement.h"
#include "store/text.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define COLUMNS "contact.id, contact.label, contact.created"

static void free_text(char **text)
{
	free(*text);
}

static int read_contact(const struct troth_rows *rows, struct troth_store_contact *out)
{
	struct troth_store_contact contact = {.id = troth_rows_int(rows, 0),
					      .created = troth_rows_int(rows, 2)};
	int err = troth_rows_copy(rows, 1, sizeof contact.label, contact.label);
	if (err == TROTH_OK)
		*out = contact;
	return err;
}

static int find(struct troth_store *store, const char *sql, const struct troth_value *values,
		size_t count, struct troth_store_contact *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, sql, values, count, &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "contact");
	return err == TROTH_OK ? read_contact(&rows, out) : err;
}

int troth_store_contact_get(struct troth_store *store, int64_t id, struct troth_store_contact *out)
{
	return find(store, "SELECT " COLUMNS " FROM contact WHERE id = ?1",
		    TROTH_BIND(troth_value_int(id)), out);
}

int troth_store_contact_by_label(struct troth_store *store, const char *label,
				 struct troth_store_contact *out)
{
	char *folded TROTH_CLEANUP(free_text) = NULL;
	int err = troth_label_fold(store, label, &folded);
	if (err != TROTH_OK)
		return err;
	return find(store, "SELECT " COLUMNS " FROM contact WHERE folded = ?1",
		    TROTH_BIND(troth_value_text(folded)), out);
}

int troth_store_contact_by_pin(struct troth_store *store, const struct troth_pin *pin,
			       struct troth_store_contact *out)
{
	return find(store,
		    "SELECT " COLUMNS " FROM peer_key JOIN contact ON contact.id = peer_key.contact"
		    " WHERE pin = ?1 AND state <> ?2 AND role = 0",
		    TROTH_BIND(troth_value_pin(pin), troth_value_int(TROTH_STORE_KEY_SEEN)), out);
}

int troth_store_contact_by_name(struct troth_store *store, const char *name,
				struct troth_store_contact *out)
{
	struct troth_store_contact contact;
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(
		store,
		"SELECT DISTINCT " COLUMNS
		" FROM peer_key JOIN contact ON contact.id = peer_key.contact"
		" WHERE name = ?1 AND state <> ?2 LIMIT 2",
		TROTH_BIND(troth_value_text(name), troth_value_int(TROTH_STORE_KEY_SEEN)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "contact");
	if (err == TROTH_OK)
		err = read_contact(&rows, &contact);
	if (err != TROTH_OK)
		return err;
	/* SHA-1 collides for those who want it to: a name that could mean two people means none. */
	err = troth_rows_next(&rows);
	if (err == TROTH_OK)
		return troth_contact_conflict(store, contact.id, "A key of the same name");
	if (err != TROTH_E_NOT_FOUND)
		return err;
	*out = contact;
	return TROTH_OK;
}

int troth_store_contact_by_address(struct troth_store *store, enum troth_realm realm,
				   const char *address, struct troth_store_contact *out)
{
	return find(store,
		    "SELECT " COLUMNS " FROM address JOIN contact ON contact.id = address.contact"
		    " WHERE realm = ?1 AND address = ?2",
		    TROTH_BIND(troth_value_int(realm), troth_value_text(address)), out);
}

int troth_store_contact_list(struct troth_store *store, troth_store_contact_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "SELECT " COLUMNS " FROM contact ORDER BY folded", NULL, 0,
				  &rows);
	while (err == TROTH_OK) {
		struct troth_store_contact contact;
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err == TROTH_OK)
			err = read_contact(&rows, &contact);
		if (err != TROTH_OK)
			return err;
		store->in_callback++;
		err = each(user, &contact);
		store->in_callback--;
	}
	return err;
}

int troth_contact_require(struct troth_store *store, int64_t contact)
{
	struct troth_store_contact found;
	return troth_store_contact_get(store, contact, &found);
}

int troth_contact_conflict(struct troth_store *store, int64_t contact, const char *what)
{
	struct troth_store_contact other;
	int err = troth_store_contact_get(store, contact, &other);
	if (err != TROTH_OK)
		return err;
	store->conflict = contact;
	return troth_store_fail(
		store, TROTH_E_CONFLICT,
		"%s belongs to the contact \"%s\" already. If they are the same, use "
		"that contact; if \"%s\" is wrong, forget it first.",
		what, other.label, other.label);
}

/* Errors: TROTH_E_EXISTS when a contact other than `self` (0: any) has the label. */
static int check_free(struct troth_store *store, const char *folded, int64_t self)
{
	struct troth_store_contact other;
	int err = find(store, "SELECT " COLUMNS " FROM contact WHERE folded = ?1",
		       TROTH_BIND(troth_value_text(folded)), &other);
	if (err == TROTH_E_NOT_FOUND || (err == TROTH_OK && other.id == self))
		return TROTH_OK;
	if (err != TROTH_OK)
		return err;
	return troth_store_fail(store, TROTH_E_EXISTS,
				"There is a contact called \"%s\" already. Choose another name.",
				other.label);
}

int troth_contact_add(struct troth_store *store, const char *label, int64_t now, int64_t *out)
{
	char *folded TROTH_CLEANUP(free_text) = NULL;
	int err = troth_label_fold(store, label, &folded);
	if (err == TROTH_OK)
		err = check_free(store, folded, 0);
	if (err == TROTH_OK)
		err = troth_statement_run(
			store, "INSERT INTO contact (label, folded, created) VALUES (?1, ?2, ?3)",
			TROTH_BIND(troth_value_text(label), troth_value_text(folded),
				   troth_value_int(now)));
	if (err != TROTH_OK)
		return err;
	int64_t id = sqlite3_last_insert_rowid(store->db);
	err = troth_log_event(store, &(struct troth_log_event){now, "contact-new", id},
			      "contact %lld", (long long)id);
	if (err == TROTH_OK)
		*out = id;
	return err;
}

int troth_store_contact_create(struct troth_store *store, const char *label, int64_t now,
			       int64_t *out)
{
	int64_t id = 0;
	int err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	err = troth_store_end(store, troth_contact_add(store, label, now, &id));
	if (err == TROTH_OK)
		*out = id;
	return err;
}

static int rename_contact(struct troth_store *store, int64_t id, const char *label, int64_t now)
{
	struct troth_store_contact old;
	char *folded TROTH_CLEANUP(free_text) = NULL;
	int err = troth_label_fold(store, label, &folded);
	if (err == TROTH_OK)
		err = troth_store_contact_get(store, id, &old);
	if (err == TROTH_OK)
		err = check_free(store, folded, id);
	if (err == TROTH_OK)
		err = troth_statement_run(
			store, "UPDATE contact SET label = ?2, folded = ?3 WHERE id = ?1",
			TROTH_BIND(troth_value_int(id), troth_value_text(label),
				   troth_value_text(folded)));
	if (err == TROTH_OK)
		err = troth_log_event(store, &(struct troth_log_event){now, "contact-renamed", id},
				      "was \"%s\"", old.label);
	return err;
}

int troth_store_contact_rename(struct troth_store *store, int64_t id, const char *label,
			       int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, rename_contact(store, id, label, now))
			       : err;
}
