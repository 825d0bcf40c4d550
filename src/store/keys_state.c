/* SPDX-License-Identifier: MIT */
/* Keys: from one state to another. Layer: store. Revoked is a state without a way out. */
#include "base/encode.h"
#include "base/slice.h"
#include "store/changes.h"
#include "store/log.h"
#include "store/statement.h"
#include "store/text.h"

#include <troth/err.h>

#define HEX_LEN (2 * TROTH_PIN_LEN + 1)

static int set_state(struct troth_store *store, const struct troth_store_key *key)
{
	return troth_statement_run(
		store, "UPDATE peer_key SET state = ?2, how = ?3, changed = ?4 WHERE pin = ?1",
		TROTH_BIND(troth_value_pin(&key->pin), troth_value_int(key->state),
			   troth_value_text(key->how), troth_value_int(key->changed)));
}

static int log_state(struct troth_store *store, const char *kind, const struct troth_store_key *key,
		     const char *why)
{
	char hex[HEX_LEN];
	troth_hex(hex, troth_slice_of(key->pin.bytes, sizeof key->pin.bytes));
	return troth_log_event(store, &(struct troth_log_event){key->changed, kind, key->contact},
			       "key %s%s%s", hex, why == NULL || *why == 0 ? "" : ": ",
			       why == NULL ? "" : why);
}

static int promote(struct troth_store *store, const struct troth_pin *pin, const char *how,
		   int64_t now)
{
	struct troth_store_key key;
	int err = troth_text_check(store, how, TROTH_STORE_HOW_MAX);
	if (err == TROTH_OK)
		err = troth_store_key_get(store, pin, &key);
	if (err != TROTH_OK || key.state == TROTH_STORE_KEY_PROVEN)
		return err;
	if (key.state != TROTH_STORE_KEY_UNPROVEN)
		return troth_store_fail(store, TROTH_E_INVAL,
					"The key is %s, and can't become proven by use.",
					troth_store_key_state_name(key.state));
	key.state = TROTH_STORE_KEY_PROVEN;
	key.changed = now;
	strcpy(key.how, how == NULL ? "" : how); /* its length was judged above */
	err = set_state(store, &key);
	if (err == TROTH_OK)
		err = troth_statement_say(store, TROTH_BELIEF_MET, &key, "keyinfo");
	return err == TROTH_OK ? log_state(store, "key-proven", &key, how) : err;
}

int troth_store_key_promote(struct troth_store *store, const struct troth_pin *pin, const char *how,
			    int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, promote(store, pin, how, now)) : err;
}

/* A revocation may arrive before the key does. */
static int revoke_unknown(struct troth_store *store, const struct troth_pin *pin,
			  const char *reason, int64_t now)
{
	struct troth_store_key key = {
		.pin = *pin, .state = TROTH_STORE_KEY_REVOKED, .changed = now};
	int err = troth_statement_run(
		store,
		"INSERT INTO peer_key (pin, contact, name, der, state, how, first_seen, changed)"
		" VALUES (?1, NULL, '', x'', ?2, '', ?3, ?3)",
		TROTH_BIND(troth_value_pin(pin), troth_value_int(key.state), troth_value_int(now)));
	if (err == TROTH_OK)
		err = troth_statement_say_revoked(store, &key);
	return err == TROTH_OK ? log_state(store, "key-revoked", &key, reason) : err;
}

static const char *kind_of(enum troth_store_key_state state)
{
	switch (state) {
	case TROTH_STORE_KEY_REPLACED:
		return "key-replaced";
	case TROTH_STORE_KEY_SUSPENDED:
		return "key-suspended";
	case TROTH_STORE_KEY_REVOKED:
		return "key-revoked";
	case TROTH_STORE_KEY_SEEN:
	case TROTH_STORE_KEY_UNPROVEN:
	case TROTH_STORE_KEY_PROVEN:
		return NULL;
	}
	return NULL;
}

static int withdraw_known(struct troth_store *store, struct troth_store_key *key,
			  enum troth_store_key_state state, const char *reason)
{
	if (key->state == state)
		return TROTH_OK;
	if (key->state == TROTH_STORE_KEY_REVOKED)
		return troth_store_fail(store, TROTH_E_REVOKED,
					"The key has been revoked, which is for good.");
	/* Nobody's key, or one that was never trusted: only a revocation says anything about it. */
	if (key->state == TROTH_STORE_KEY_SEEN && state != TROTH_STORE_KEY_REVOKED)
		return troth_store_fail(store, TROTH_E_INVAL,
					"The key was only seen, never trusted.");
	key->state = state;
	int err = set_state(store, key);
	if (err == TROTH_OK && state == TROTH_STORE_KEY_REVOKED)
		err = troth_statement_say_revoked(store, key);
	return err == TROTH_OK ? log_state(store, kind_of(state), key, reason) : err;
}

static int withdraw(struct troth_store *store, const struct troth_pin *pin,
		    enum troth_store_key_state state, const char *reason, int64_t now)
{
	struct troth_store_key key;
	int err = troth_store_key_get(store, pin, &key);
	if (err == TROTH_E_NOT_FOUND && state == TROTH_STORE_KEY_REVOKED)
		return revoke_unknown(store, pin, reason, now);
	if (err != TROTH_OK)
		return err;
	key.changed = now;
	return withdraw_known(store, &key, state, reason);
}

int troth_store_key_withdraw(struct troth_store *store, const struct troth_pin *pin,
			     enum troth_store_key_state state, const char *reason, int64_t now)
{
	if (kind_of(state) == NULL)
		return troth_store_fail(store, TROTH_E_INVAL, "That state withdraws nothing.");
	int err = troth_text_check(store, reason, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, withdraw(store, pin, state, reason, now))
			       : err;
}

/* One of the keys that the new one replaces; TROTH_E_NOT_FOUND when there is none left. */
static int next_other(struct troth_store *store, int64_t contact, const struct troth_pin *pin,
		      struct troth_store_key *out)
{
	struct troth_pin found;
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT pin FROM peer_key WHERE contact = ?1 AND pin <> ?2"
				  " AND state IN (?3, ?4, ?5) LIMIT 1",
				  TROTH_BIND(troth_value_int(contact), troth_value_pin(pin),
					     troth_value_int(TROTH_STORE_KEY_PROVEN),
					     troth_value_int(TROTH_STORE_KEY_UNPROVEN),
					     troth_value_int(TROTH_STORE_KEY_SUSPENDED)),
				  &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err == TROTH_OK)
		err = troth_rows_pin(&rows, 0, &found);
	return err == TROTH_OK ? troth_store_key_get(store, &found, out) : err;
}

int troth_key_replace_others(struct troth_store *store, int64_t contact,
			     const struct troth_pin *pin, int64_t now)
{
	const struct troth_store_key proven = {.contact = contact, .pin = *pin, .changed = now};
	int said = troth_statement_say(store, TROTH_BELIEF_REPAIRED, &proven, NULL);
	if (said != TROTH_OK)
		return said;
	for (;;) {
		struct troth_store_key key;
		int err = next_other(store, contact, pin, &key);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err != TROTH_OK)
			return err;
		key.changed = now;
		err = withdraw_known(store, &key, TROTH_STORE_KEY_REPLACED, "by a repair");
		if (err != TROTH_OK)
			return err;
	}
}

int troth_store_repair(struct troth_store *store, int64_t contact,
		       const struct troth_store_new_key *key, int64_t now)
{
	int err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	err = troth_key_add(store, contact, key, now);
	if (err == TROTH_OK)
		err = troth_key_replace_others(store, contact, key->pin, now);
	return troth_store_end(store, err);
}
