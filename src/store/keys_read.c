/* SPDX-License-Identifier: MIT */
/* Keys: looked up and listed. Layer: store. A row that can't be ours fails, never guesses. */
#include "store/statement.h"

#include <troth/err.h>

#define COLUMNS "pin, contact, name, state, how, first_seen, changed, role"

const char *troth_store_key_state_name(enum troth_store_key_state state)
{
	switch (state) {
	case TROTH_STORE_KEY_SEEN:
		return "seen";
	case TROTH_STORE_KEY_UNPROVEN:
		return "unproven";
	case TROTH_STORE_KEY_PROVEN:
		return "proven";
	case TROTH_STORE_KEY_REPLACED:
		return "replaced";
	case TROTH_STORE_KEY_SUSPENDED:
		return "suspended";
	case TROTH_STORE_KEY_REVOKED:
		return "revoked";
	}
	return "unknown";
}

static int read_key(const struct troth_rows *rows, struct troth_store_key *out)
{
	int64_t state = troth_rows_int(rows, 3);
	if (state < TROTH_STORE_KEY_SEEN || state > TROTH_STORE_KEY_REVOKED)
		return troth_store_fail_damaged(rows->store, "a key in no known state");
	struct troth_store_key key = {
		.contact = troth_rows_int(rows, 1),
		.state = (enum troth_store_key_state)state,
		.first_seen = troth_rows_int(rows, 5),
		.changed = troth_rows_int(rows, 6),
		.role = troth_rows_int(rows, 7) != 0 ? TROTH_ROLE_USER : TROTH_ROLE_DEVICE,
	};
	int err = troth_rows_pin(rows, 0, &key.pin);
	if (err == TROTH_OK)
		err = troth_rows_copy(rows, 2, sizeof key.name, key.name);
	if (err == TROTH_OK)
		err = troth_rows_copy(rows, 4, sizeof key.how, key.how);
	if (err == TROTH_OK)
		*out = key;
	return err;
}

int troth_store_key_get(struct troth_store *store, const struct troth_pin *pin,
			struct troth_store_key *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "SELECT " COLUMNS " FROM peer_key WHERE pin = ?1",
				  TROTH_BIND(troth_value_pin(pin)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "key");
	return err == TROTH_OK ? read_key(&rows, out) : err;
}

int troth_store_key_der(struct troth_store *store, const struct troth_pin *pin,
			struct troth_buf *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "SELECT der FROM peer_key WHERE pin = ?1",
				  TROTH_BIND(troth_value_pin(pin)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "key");
	if (err != TROTH_OK)
		return err;
	err = troth_buf_append_slice(out, troth_rows_blob(&rows, 0));
	return err == TROTH_OK
		       ? TROTH_OK
		       : troth_store_fail(store, err, "The certificate is too long to be read.");
}

static int give_each(struct troth_rows *rows, troth_store_key_each *each, void *user)
{
	int err = TROTH_OK;
	while (err == TROTH_OK) {
		struct troth_store_key key;
		err = troth_rows_next(rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err == TROTH_OK)
			err = read_key(rows, &key);
		if (err != TROTH_OK)
			return err;
		rows->store->in_callback++;
		err = each(user, &key);
		rows->store->in_callback--;
	}
	return err;
}

struct listing {
	troth_store_key_each *each;
	void *user;
};

static int list(struct troth_store *store, int64_t contact, enum troth_key_role role,
		const struct listing *to)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT " COLUMNS " FROM peer_key WHERE contact IS ?1"
				  " AND role = ?2 ORDER BY changed DESC, pin",
				  TROTH_BIND(troth_value_contact(contact), troth_value_int(role)),
				  &rows);
	return err == TROTH_OK ? give_each(&rows, to->each, to->user) : err;
}

int troth_store_key_list(struct troth_store *store, int64_t contact, troth_store_key_each *each,
			 void *user)
{
	return list(store, contact, TROTH_ROLE_DEVICE, &(struct listing){each, user});
}

int troth_store_user_key_list(struct troth_store *store, int64_t contact,
			      troth_store_key_each *each, void *user)
{
	return list(store, contact, TROTH_ROLE_USER, &(struct listing){each, user});
}

int troth_store_key_list_nameless(struct troth_store *store, troth_store_key_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT " COLUMNS " FROM peer_key WHERE name = ''"
				  " AND contact IS NOT NULL AND state = ?1 AND role = 0"
				  " ORDER BY changed DESC, pin",
				  TROTH_BIND(troth_value_int(TROTH_STORE_KEY_PROVEN)), &rows);
	return err == TROTH_OK ? give_each(&rows, each, user) : err;
}
