/* SPDX-License-Identifier: MIT */
/*
 * Keys: pinned, claimed, seen. Layer: store. One pin has one row, so what another contact
 * has is always in the way and never overlooked.
 */
#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"
#include "store/changes.h"
#include "store/log.h"
#include "store/statement.h"
#include "store/text.h"

#include <string.h>
#include <troth/err.h>

#define HEX_LEN (2 * TROTH_PIN_LEN + 1)

static void pin_hex(const struct troth_pin *pin, char *out)
{
	troth_hex(out, troth_slice_of(pin->bytes, sizeof pin->bytes));
}

static int check_new(struct troth_store *store, const struct troth_store_new_key *key)
{
	if (key->pin == NULL)
		return troth_store_fail(store, TROTH_E_INVAL, "The key's pin is missing.");
	if (key->der.len > TROTH_LIMIT_CERT_BYTES)
		return troth_store_fail(store, TROTH_E_LIMIT, "The certificate is too long.");
	bool pin_alone = key->name != NULL && key->name[0] == 0 && key->der.len == 0;
	int err = pin_alone ? TROTH_OK : troth_text_check_name(store, key->name);
	if (err == TROTH_OK)
		err = troth_text_check(store, key->how, TROTH_STORE_HOW_MAX);
	if (err == TROTH_OK)
		err = troth_text_check(store, key->detail, TROTH_STORE_TEXT_MAX);
	return err;
}

static int fail_revoked(struct troth_store *store)
{
	return troth_store_fail(store, TROTH_E_REVOKED,
				"The key has been revoked, which is for good. Ask your contact to "
				"make a new one.");
}

/* The whole row, new or over the one that was there. A name and certificate that the contact
 * has shown stay when only the pin is given again; what was merely said to be them doesn't. */
#define KEEPS "excluded.name = '' AND contact IS excluded.contact AND state IN (2, 3, 4)"
static int adopt(struct troth_store *store, const struct troth_store_new_key *key,
		 const struct troth_store_key *as)
{
	return troth_statement_run(
		store,
		"INSERT INTO peer_key (pin, contact, name, der, state, how, first_seen, changed,"
		" role) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)"
		" ON CONFLICT (pin) DO UPDATE SET contact = excluded.contact,"
		" name = iif(" KEEPS ", name, excluded.name),"
		" der = iif(" KEEPS ", der, excluded.der),"
		" state = excluded.state, how = excluded.how, changed = excluded.changed,"
		" role = excluded.role",
		TROTH_BIND(troth_value_pin(key->pin), troth_value_contact(as->contact),
			   troth_value_text(key->name), troth_value_blob(key->der),
			   troth_value_int(as->state), troth_value_text(key->how),
			   troth_value_int(as->changed), troth_value_int(key->role)));
}

static int log_key(struct troth_store *store, const struct troth_log_event *event,
		   const struct troth_store_new_key *key)
{
	char hex[HEX_LEN];
	pin_hex(key->pin, hex);
	const char *how = key->how == NULL ? "" : key->how;
	const char *detail = key->detail == NULL ? "" : key->detail;
	return troth_log_event(store, event, "%skey %s by %s%s%s",
			       key->role == TROTH_ROLE_USER ? "user " : "", hex, how,
			       *detail == 0 ? "" : ": ", detail);
}

/* A user key is never the pin of a handshake, whoever says so later. What was only said of a key
 * gives way to what was proven: anybody can say that somebody's user key is his device's. */
static int check_role(struct troth_store *store, const struct troth_store_key *old,
		      const struct troth_store_new_key *key)
{
	if (old->role == key->role || old->state == TROTH_STORE_KEY_SEEN ||
	    old->state == TROTH_STORE_KEY_UNPROVEN)
		return TROTH_OK;
	return troth_store_fail(
		store, TROTH_E_INVAL,
		"A user key can't be the key of a device, nor the other way round.");
}

/* The key is somebody else's, who has only said so and never shown it: whoever shows it is
 * its owner. Otherwise anybody could keep us from meeting a person by claiming her key. */
static int take_over(struct troth_store *store, const struct troth_store_key *old, int64_t now)
{
	char hex[HEX_LEN];
	pin_hex(&old->pin, hex);
	return troth_log_event(store, &(struct troth_log_event){now, "key-lost", old->contact},
			       "key %s was claimed without proof and belongs to another contact",
			       hex);
}

static int judge_holder(struct troth_store *store, int64_t contact,
			const struct troth_store_key *old, int64_t now)
{
	if (old->state == TROTH_STORE_KEY_REVOKED)
		return fail_revoked(store);
	if (old->contact == contact || old->state == TROTH_STORE_KEY_SEEN)
		return TROTH_OK;
	if (old->state == TROTH_STORE_KEY_UNPROVEN)
		return take_over(store, old, now);
	return troth_contact_conflict(store, old->contact, "The key");
}

int troth_key_add(struct troth_store *store, int64_t contact, const struct troth_store_new_key *key,
		  int64_t now)
{
	struct troth_store_key old;
	int err = check_new(store, key);
	if (err == TROTH_OK)
		err = troth_contact_require(store, contact);
	if (err != TROTH_OK)
		return err;
	err = troth_store_key_get(store, key->pin, &old);
	if (err == TROTH_OK) {
		err = judge_holder(store, contact, &old, now);
		if (err == TROTH_OK)
			err = check_role(store, &old, key);
	} else if (err == TROTH_E_NOT_FOUND)
		err = TROTH_OK;
	if (err != TROTH_OK)
		return err;
	struct troth_store_key as = {.contact = contact,
				     .pin = *key->pin,
				     .role = key->role,
				     .state = TROTH_STORE_KEY_PROVEN,
				     .changed = now};
	err = adopt(store, key, &as);
	if (err == TROTH_OK && !key->concluded)
		err = troth_statement_say(store, TROTH_BELIEF_MET, &as, key->how);
	if (err == TROTH_OK)
		err = log_key(store, &(struct troth_log_event){now, "key-pinned", contact}, key);
	return err;
}

int troth_store_key_pin(struct troth_store *store, int64_t contact,
			const struct troth_store_new_key *key, int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, troth_key_add(store, contact, key, now))
			       : err;
}

/* What an introducer has said of the key before is less than what its owner says now. */
static bool claims_vouched(const struct troth_store_key *old, const struct troth_store_new_key *key)
{
	return old->state == TROTH_STORE_KEY_UNPROVEN && !key->concluded &&
	       strcmp(old->how, TROTH_STORE_HOW_VOUCHED) == 0;
}

int troth_key_claim(struct troth_store *store, int64_t contact,
		    const struct troth_store_new_key *key, int64_t now)
{
	struct troth_store_key old;
	int err = check_new(store, key);
	if (err == TROTH_OK)
		err = troth_contact_require(store, contact);
	if (err != TROTH_OK)
		return err;
	err = troth_store_key_get(store, key->pin, &old);
	if (err == TROTH_OK && old.state == TROTH_STORE_KEY_REVOKED)
		return fail_revoked(store);
	/* docs/protocol.md, "Possession": an unproven key "never takes a key that another
	 * contact has". One that was only seen is nobody's. */
	if (err == TROTH_OK && old.state != TROTH_STORE_KEY_SEEN && old.contact != contact)
		return troth_contact_conflict(store, old.contact, "The key");
	if (err == TROTH_OK && old.state != TROTH_STORE_KEY_SEEN && !claims_vouched(&old, key))
		return TROTH_OK;
	if (err != TROTH_OK && err != TROTH_E_NOT_FOUND)
		return err;
	struct troth_store_key as = {.contact = contact,
				     .pin = *key->pin,
				     .role = key->role,
				     .state = TROTH_STORE_KEY_UNPROVEN,
				     .changed = now};
	err = adopt(store, key, &as);
	if (err == TROTH_OK && !key->concluded)
		err = troth_statement_say(store, TROTH_BELIEF_CLAIMED, &as, NULL);
	if (err == TROTH_OK)
		err = log_key(store, &(struct troth_log_event){now, "key-claimed", contact}, key);
	return err;
}

int troth_store_key_claim(struct troth_store *store, int64_t contact,
			  const struct troth_store_new_key *key, int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, troth_key_claim(store, contact, key, now))
			       : err;
}

/* Peers may show as many keys as they like; they don't get our disk for it. */
static int check_seen_room(struct troth_store *store, int64_t contact)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(
		store, "SELECT count(*) FROM peer_key WHERE contact IS ?1 AND state = ?2",
		TROTH_BIND(troth_value_contact(contact), troth_value_int(TROTH_STORE_KEY_SEEN)),
		&rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "key");
	if (err == TROTH_OK && troth_rows_int(&rows, 0) >= TROTH_STORE_SEEN_MAX)
		err = troth_store_fail(store, TROTH_E_LIMIT,
				       "Too many unproven keys were shown; this one isn't kept.");
	return err;
}

static int see(struct troth_store *store, int64_t contact, const struct troth_store_new_key *key,
	       int64_t now)
{
	struct troth_store_key old;
	int err = check_new(store, key);
	if (err == TROTH_OK && contact != 0)
		err = troth_contact_require(store, contact);
	if (err != TROTH_OK)
		return err;
	err = troth_store_key_get(store, key->pin, &old);
	if (err != TROTH_E_NOT_FOUND)
		return err;
	err = check_seen_room(store, contact);
	struct troth_store_key as = {
		.contact = contact, .state = TROTH_STORE_KEY_SEEN, .changed = now};
	return err == TROTH_OK ? adopt(store, key, &as) : err;
}

int troth_store_key_see(struct troth_store *store, int64_t contact,
			const struct troth_store_new_key *key, int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, see(store, contact, key, now)) : err;
}

static int complete(struct troth_store *store, const struct troth_store_new_key *key, int64_t now)
{
	char hex[HEX_LEN];
	struct troth_store_key old;
	int err = check_new(store, key);
	if (err == TROTH_OK)
		err = troth_text_check_name(store, key->name);
	if (err == TROTH_OK)
		err = troth_store_key_get(store, key->pin, &old);
	if (err != TROTH_OK || old.name[0] != 0)
		return err;
	if (old.contact == 0)
		return troth_store_fail(store, TROTH_E_INVAL, "The key is no contact's.");
	pin_hex(key->pin, hex);
	err = troth_statement_run(store, "UPDATE peer_key SET name = ?2, der = ?3 WHERE pin = ?1",
				  TROTH_BIND(troth_value_pin(key->pin), troth_value_text(key->name),
					     troth_value_blob(key->der)));
	return err != TROTH_OK
		       ? err
		       : troth_log_event(
				 store, &(struct troth_log_event){now, "key-shown", old.contact},
				 "key %s was shown with its certificate, %s", hex, key->name);
}

int troth_store_key_complete(struct troth_store *store, const struct troth_store_new_key *key,
			     int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, complete(store, key, now)) : err;
}
