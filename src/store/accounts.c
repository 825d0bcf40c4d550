/* SPDX-License-Identifier: MIT */
/* The accounts that this device signs in to. Layer: store. The log never holds a password. */
#include "base/limits.h"
#include "store/log.h"
#include "store/statement.h"
#include "store/text.h"

#include <troth/err.h>

static int check(struct troth_store *store, const struct troth_store_account *a)
{
	int err = troth_text_require(store, a->jid, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_text_check(store, a->host, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_text_check(store, a->ca_file, TROTH_STORE_TEXT_MAX);
	return err == TROTH_OK && a->password != NULL
		       ? troth_text_require(store, a->password, TROTH_LIMIT_SECRET_BYTES)
		       : err;
}

/* NULL, rather than "", where there is no password. */
static int keep_password(struct troth_store *store, const struct troth_store_account *a)
{
	if (a->password == NULL)
		return troth_statement_run(store,
					   "UPDATE account SET password = NULL WHERE jid = ?1",
					   TROTH_BIND(troth_value_text(a->jid)));
	return troth_statement_run(
		store, "UPDATE account SET password = ?2 WHERE jid = ?1",
		TROTH_BIND(troth_value_text(a->jid), troth_value_text(a->password)));
}

static int note(struct troth_store *store, const char *kind, const char *jid, int64_t now)
{
	const struct troth_store_entry entry = {
		.time = now, .kind = kind, .contact = "", .text = jid};
	return troth_log_add(store, &entry);
}

static int put(struct troth_store *store, const struct troth_store_account *a)
{
	int err = troth_statement_run(
		store,
		"INSERT INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, ?7)"
		" ON CONFLICT (jid) DO UPDATE SET host = excluded.host, port = excluded.port,"
		" ca_file = excluded.ca_file, direct_tls = excluded.direct_tls,"
		" certificate = excluded.certificate, added = excluded.added",
		TROTH_BIND(troth_value_text(a->jid), troth_value_text(a->host),
			   troth_value_int(a->port), troth_value_text(a->ca_file),
			   troth_value_int(a->direct_tls), troth_value_int(a->certificate),
			   troth_value_int(a->added)));
	if (err == TROTH_OK)
		err = keep_password(store, a);
	return err == TROTH_OK ? note(store, "account-new", a->jid, a->added) : err;
}

int troth_store_account_put(struct troth_store *store, const struct troth_store_account *account)
{
	int err = check(store, account);
	if (err == TROTH_OK)
		err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, put(store, account)) : err;
}

static int remove_account(struct troth_store *store, const char *jid, int64_t now)
{
	int err = troth_statement_run(store, "DELETE FROM account WHERE jid = ?1",
				      TROTH_BIND(troth_value_text(jid)));
	if (err == TROTH_OK && troth_statement_changes(store) == 0)
		return troth_store_fail(store, TROTH_E_NOT_FOUND,
					"This device doesn't sign in to %s.", jid);
	return err == TROTH_OK ? note(store, "account-gone", jid, now) : err;
}

int troth_store_account_remove(struct troth_store *store, const char *jid, int64_t now)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, remove_account(store, jid, now)) : err;
}

int troth_store_account_list(struct troth_store *store, troth_store_account_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT jid, host, port, ca_file, direct_tls, certificate,"
				  " password, added FROM account ORDER BY jid",
				  NULL, 0, &rows);
	while (err == TROTH_OK) {
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err != TROTH_OK)
			return err;
		const struct troth_store_account account = {
			.jid = troth_rows_text(&rows, 0),
			.host = troth_rows_text(&rows, 1),
			.port = (uint16_t)troth_rows_int(&rows, 2),
			.ca_file = troth_rows_text(&rows, 3),
			.direct_tls = troth_rows_int(&rows, 4) != 0,
			.certificate = troth_rows_int(&rows, 5) != 0,
			.password = troth_rows_is_null(&rows, 6) ? NULL : troth_rows_text(&rows, 6),
			.added = troth_rows_int(&rows, 7),
		};
		store->in_callback++;
		err = each(user, &account);
		store->in_callback--;
	}
	return err;
}
