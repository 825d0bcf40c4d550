/* SPDX-License-Identifier: MIT */
/*
 * Prepared statements: cached by their text, bound from typed values, read row by
 * row. Layer: store, internal to it. No SQL text is ever put together from data.
 */
#ifndef TROTH_STORE_STATEMENT_H
#define TROTH_STORE_STATEMENT_H

#include "base/slice.h"
#include "store/database.h"

struct troth_value {
	enum { TROTH_VALUE_NULL, TROTH_VALUE_INT, TROTH_VALUE_TEXT, TROTH_VALUE_BLOB } kind;
	int64_t number;
	struct troth_slice bytes; /* borrowed until the statement ends */
};

struct troth_value troth_value_int(int64_t number);
/* NULL is "". */
struct troth_value troth_value_text(const char *text);
struct troth_value troth_value_blob(struct troth_slice bytes);
/* A NULL pin is SQL's NULL, and so is contact 0. */
struct troth_value troth_value_pin(const struct troth_pin *pin);
struct troth_value troth_value_contact(int64_t contact);

/* Two arguments: the values and how many they are. */
#define TROTH_BIND(...)                                                                            \
	((const struct troth_value[]){__VA_ARGS__}),                                               \
		(sizeof((const struct troth_value[]){__VA_ARGS__}) / sizeof(struct troth_value))

/* Effect: runs a statement that returns no rows of interest. sql must be a literal. */
int troth_statement_run(struct troth_store *store, const char *sql,
			const struct troth_value *values, size_t count) TROTH_MUST_USE;
/* Rows that the last insert, update or delete changed. */
int64_t troth_statement_changes(struct troth_store *store);
/* Effect: finalizes what is cached. */
void troth_statement_drop_all(struct troth_store *store);

/* Rows being read. Zeroed, it is closed. */
struct troth_rows {
	struct troth_store *store;
	sqlite3_stmt *stmt;
	bool cached;
};

/* Effect: starts reading; before the first row until troth_rows_next. sql must be a literal. */
int troth_rows_open(struct troth_store *store, const char *sql, const struct troth_value *values,
		    size_t count, struct troth_rows *out) TROTH_MUST_USE;
/* Effect: to the next row. Errors: TROTH_E_NOT_FOUND after the last one, without a sentence. */
int troth_rows_next(struct troth_rows *rows) TROTH_MUST_USE;
/* Effect: the same where a row is expected, with a sentence when there is none. `what` is a noun.
 */
int troth_rows_one(struct troth_rows *rows, const char *what) TROTH_MUST_USE;
void troth_rows_close(struct troth_rows *rows);
/* For a local that closes itself. */
#define TROTH_ROWS_AUTO TROTH_CLEANUP(troth_rows_close) = {0}

/* Columns of the current row; text and blob are borrowed until the next call on rows. */
bool troth_rows_is_null(const struct troth_rows *rows, int column);
int64_t troth_rows_int(const struct troth_rows *rows, int column);
const char *troth_rows_text(const struct troth_rows *rows, int column);
/* Whether nothing follows what troth_rows_text gives: SQLite keeps what stands behind a NUL. */
bool troth_rows_text_is_whole(const struct troth_rows *rows, int column);
struct troth_slice troth_rows_blob(const struct troth_rows *rows, int column);
/* Effect: copies, checking the length. Errors: TROTH_E_STORE. */
int troth_rows_pin(const struct troth_rows *rows, int column, struct troth_pin *out) TROTH_MUST_USE;
int troth_rows_copy(const struct troth_rows *rows, int column, size_t size,
		    char *out) TROTH_MUST_USE;

#endif
