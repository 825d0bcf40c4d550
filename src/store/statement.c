/* SPDX-License-Identifier: MIT */
/* Prepared statements. Layer: store. Knows no table. */
#include "store/statement.h"

#include <string.h>
#include <troth/err.h>

struct troth_value troth_value_int(int64_t number)
{
	return (struct troth_value){.kind = TROTH_VALUE_INT, .number = number};
}

struct troth_value troth_value_text(const char *text)
{
	if (text == NULL)
		text = "";
	return (struct troth_value){.kind = TROTH_VALUE_TEXT,
				    .bytes = {(const uint8_t *)text, strlen(text)}};
}

struct troth_value troth_value_blob(struct troth_slice bytes)
{
	return (struct troth_value){.kind = TROTH_VALUE_BLOB, .bytes = bytes};
}

struct troth_value troth_value_pin(const struct troth_pin *pin)
{
	if (pin == NULL)
		return (struct troth_value){.kind = TROTH_VALUE_NULL};
	return troth_value_blob((struct troth_slice){pin->bytes, sizeof pin->bytes});
}

struct troth_value troth_value_contact(int64_t contact)
{
	if (contact == 0)
		return (struct troth_value){.kind = TROTH_VALUE_NULL};
	return troth_value_int(contact);
}

/* A statement that is being read (a list whose callback looks something else up by the
 * same text) isn't disturbed: the second reader gets one of its own. */
static int find(struct troth_store *store, const char *sql, struct troth_rows *out)
{
	for (size_t i = 0; i < store->statement_count; i++) {
		if (store->statements[i].sql != sql || sqlite3_stmt_busy(store->statements[i].stmt))
			continue;
		*out = (struct troth_rows){store, store->statements[i].stmt, true};
		return TROTH_OK;
	}
	sqlite3_stmt *stmt = NULL;
	bool keep = store->statement_count < TROTH_STATEMENTS_MAX;
	int rc = sqlite3_prepare_v3(store->db, sql, -1, keep ? SQLITE_PREPARE_PERSISTENT : 0, &stmt,
				    NULL);
	if (rc != SQLITE_OK)
		return troth_store_fail_sqlite(store, rc);
	if (keep)
		store->statements[store->statement_count++] = (struct troth_statement){sql, stmt};
	*out = (struct troth_rows){store, stmt, keep};
	return TROTH_OK;
}

static int bind(sqlite3_stmt *stmt, int at, const struct troth_value *value)
{
	/* A NULL pointer would bind NULL, where an empty value is meant. */
	const void *bytes = value->bytes.len == 0 ? (const void *)"" : value->bytes.data;
	switch (value->kind) {
	case TROTH_VALUE_NULL:
		return sqlite3_bind_null(stmt, at);
	case TROTH_VALUE_INT:
		return sqlite3_bind_int64(stmt, at, value->number);
	case TROTH_VALUE_TEXT:
		return sqlite3_bind_text64(stmt, at, bytes, value->bytes.len, SQLITE_STATIC,
					   SQLITE_UTF8);
	case TROTH_VALUE_BLOB:
		return sqlite3_bind_blob64(stmt, at, bytes, value->bytes.len, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

int troth_rows_open(struct troth_store *store, const char *sql, const struct troth_value *values,
		    size_t count, struct troth_rows *out)
{
	struct troth_rows rows = {0};
	if (store->db == NULL)
		return troth_store_fail(store, TROTH_E_INVAL, "The trust store isn't open.");
	int err = find(store, sql, &rows);
	if (err != TROTH_OK)
		return err;
	for (size_t i = 0; i < count; i++) {
		int rc = bind(rows.stmt, (int)i + 1, &values[i]);
		if (rc != SQLITE_OK) {
			troth_rows_close(&rows);
			return troth_store_fail_sqlite(store, rc);
		}
	}
	*out = rows;
	return TROTH_OK;
}

/* Has every text of the row in memory, so that a later NULL means NULL and never a failed
 * allocation. */
static int fetch_texts(struct troth_rows *rows)
{
	int count = sqlite3_column_count(rows->stmt);
	for (int i = 0; i < count; i++) {
		if (sqlite3_column_type(rows->stmt, i) == SQLITE_TEXT &&
		    sqlite3_column_text(rows->stmt, i) == NULL)
			return troth_store_fail_memory(rows->store);
	}
	return TROTH_OK;
}

int troth_rows_next(struct troth_rows *rows)
{
	int rc = sqlite3_step(rows->stmt);
	if (rc == SQLITE_ROW)
		return fetch_texts(rows);
	if (rc != SQLITE_DONE)
		return troth_store_fail_sqlite(rows->store, rc);
	return TROTH_E_NOT_FOUND;
}

int troth_rows_one(struct troth_rows *rows, const char *what)
{
	int err = troth_rows_next(rows);
	if (err == TROTH_E_NOT_FOUND)
		return troth_store_fail(rows->store, err, "The trust store knows no such %s.",
					what);
	return err;
}

void troth_rows_close(struct troth_rows *rows)
{
	if (rows->stmt == NULL)
		return;
	/* The result of the last step again, which was dealt with then. */
	(void)sqlite3_reset(rows->stmt);
	(void)sqlite3_clear_bindings(rows->stmt);
	if (!rows->cached)
		(void)sqlite3_finalize(rows->stmt);
	rows->stmt = NULL;
}

int troth_statement_run(struct troth_store *store, const char *sql,
			const struct troth_value *values, size_t count)
{
	struct troth_rows rows = {0};
	int err = troth_rows_open(store, sql, values, count, &rows);
	if (err != TROTH_OK)
		return err;
	int rc;
	do
		rc = sqlite3_step(rows.stmt);
	while (rc == SQLITE_ROW);
	if (rc != SQLITE_DONE)
		err = troth_store_fail_sqlite(store, rc);
	troth_rows_close(&rows);
	return err;
}

int64_t troth_statement_changes(struct troth_store *store)
{
	return sqlite3_changes64(store->db);
}

void troth_statement_drop_all(struct troth_store *store)
{
	for (size_t i = 0; i < store->statement_count; i++)
		(void)sqlite3_finalize(store->statements[i].stmt);
	store->statement_count = 0;
}

bool troth_rows_is_null(const struct troth_rows *rows, int column)
{
	return sqlite3_column_type(rows->stmt, column) == SQLITE_NULL;
}

int64_t troth_rows_int(const struct troth_rows *rows, int column)
{
	return sqlite3_column_int64(rows->stmt, column);
}

const char *troth_rows_text(const struct troth_rows *rows, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows->stmt, column);
	return text == NULL ? "" : text;
}

bool troth_rows_text_is_whole(const struct troth_rows *rows, int column)
{
	return strlen(troth_rows_text(rows, column)) ==
	       (size_t)sqlite3_column_bytes(rows->stmt, column);
}

struct troth_slice troth_rows_blob(const struct troth_rows *rows, int column)
{
	const uint8_t *data = sqlite3_column_blob(rows->stmt, column);
	return (struct troth_slice){data, (size_t)sqlite3_column_bytes(rows->stmt, column)};
}

int troth_rows_pin(const struct troth_rows *rows, int column, struct troth_pin *out)
{
	struct troth_slice blob = troth_rows_blob(rows, column);
	if (blob.len != sizeof out->bytes || blob.data == NULL)
		return troth_store_fail_damaged(rows->store, "a pin of wrong length");
	memcpy(out->bytes, blob.data, sizeof out->bytes);
	return TROTH_OK;
}

int troth_rows_copy(const struct troth_rows *rows, int column, size_t size, char *out)
{
	const char *text = troth_rows_text(rows, column);
	size_t len = strlen(text);
	if (len >= size)
		return troth_store_fail_damaged(rows->store, "a text that is too long");
	memcpy(out, text, len + 1);
	return TROTH_OK;
}
