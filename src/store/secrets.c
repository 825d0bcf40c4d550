/* SPDX-License-Identifier: MIT */
/*
 * Secrets that wait for their first meeting: none is kept, only what recognises the same one
 * given twice. Layer: store. docs/protocol.md, "Guesses": "A secret belongs to one contact".
 */
#include "base/slice.h"
#include "store/changes.h"
#include "store/statement.h"
#include "store/text.h"

#include <sodium.h>
#include <troth/err.h>

#define TAG_LEN 32

/* crypto_pwhash: who steals the file has to try secrets at its price, one at a time. The salt is
 * the same throughout one store, because equal secrets must be found, and differs between stores.
 */
static int make_tag(struct troth_store *store, const uint8_t *salt,
		    const struct troth_secret *secret, uint8_t *out)
{
	struct troth_slice bytes = troth_secret_bytes(secret);
	if (crypto_pwhash(out, TAG_LEN, (const char *)bytes.data, bytes.len, salt,
			  crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
			  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return troth_store_fail_memory(store);
	return TROTH_OK;
}

static int read_salt(struct troth_store *store, uint8_t *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err =
		troth_rows_open(store, "SELECT salt FROM secret_salt WHERE id = 1", NULL, 0, &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err != TROTH_OK)
		return err;
	struct troth_slice salt = troth_rows_blob(&rows, 0);
	if (salt.len != crypto_pwhash_SALTBYTES)
		return troth_store_fail_damaged(store, "the salt");
	memcpy(out, salt.data, salt.len);
	return TROTH_OK;
}

/* Made at the first use; whoever comes second takes what is there. */
static int get_salt(struct troth_store *store, uint8_t *out)
{
	uint8_t fresh[crypto_pwhash_SALTBYTES];
	int err = read_salt(store, out);
	if (err != TROTH_E_NOT_FOUND)
		return err;
	randombytes_buf(fresh, sizeof fresh);
	err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	err = troth_statement_run(
		store, "INSERT OR IGNORE INTO secret_salt (id, salt) VALUES (1, ?1)",
		TROTH_BIND(troth_value_blob(troth_slice_of(fresh, sizeof fresh))));
	if (err == TROTH_OK)
		err = read_salt(store, out);
	return troth_store_end(store, err);
}

static int check_other(struct troth_store *store, const char *scope, struct troth_value tag)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err =
		troth_rows_open(store, "SELECT contact FROM secret WHERE tag = ?1 AND scope <> ?2",
				TROTH_BIND(tag, troth_value_text(scope)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err != TROTH_OK)
		return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
	int64_t contact = troth_rows_int(&rows, 0);
	if (contact != 0)
		return troth_contact_conflict(store, contact, "The secret");
	store->conflict = 0;
	return troth_store_fail(
		store, TROTH_E_CONFLICT,
		"The same secret is waiting for somebody else already. Each contact "
		"needs one of its own: choose another one.");
}

static int claim(struct troth_store *store, const char *scope, int64_t contact,
		 struct troth_value tag, int64_t now)
{
	int err = contact == 0 ? TROTH_OK : troth_contact_require(store, contact);
	if (err == TROTH_OK)
		err = check_other(store, scope, tag);
	if (err != TROTH_OK)
		return err;
	return troth_statement_run(
		store,
		"INSERT INTO secret (scope, contact, tag, time) VALUES (?1, ?2, ?3, ?4)"
		" ON CONFLICT (scope) DO UPDATE SET contact = excluded.contact,"
		" tag = excluded.tag, time = excluded.time",
		TROTH_BIND(troth_value_text(scope), troth_value_contact(contact), tag,
			   troth_value_int(now)));
}

int troth_store_secret_claim(struct troth_store *store, const char *scope, int64_t contact,
			     const struct troth_secret *secret, int64_t now)
{
	uint8_t salt[crypto_pwhash_SALTBYTES];
	uint8_t tag[TAG_LEN];
	int err = troth_text_require(store, scope, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = get_salt(store, salt);
	/* Outside of the transaction: others needn't wait for a hash that is slow on purpose. */
	if (err == TROTH_OK)
		err = make_tag(store, salt, secret, tag);
	if (err == TROTH_OK)
		err = troth_store_begin(store);
	if (err == TROTH_OK) {
		struct troth_value value = troth_value_blob(troth_slice_of(tag, sizeof tag));
		err = troth_store_end(store, claim(store, scope, contact, value, now));
	}
	sodium_memzero(tag, sizeof tag);
	return err;
}

int troth_secret_erase(struct troth_store *store, const char *scope)
{
	return troth_statement_run(store, "DELETE FROM secret WHERE scope = ?1",
				   TROTH_BIND(troth_value_text(scope)));
}

int troth_store_secret_spent(struct troth_store *store, const char *scope)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, troth_secret_erase(store, scope)) : err;
}
