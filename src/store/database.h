/* SPDX-License-Identifier: MIT */
/*
 * The open database behind a store: its connection, its transactions, and how a
 * failure becomes an error with a sentence. Layer: store, internal to it.
 */
#ifndef TROTH_STORE_DATABASE_H
#define TROTH_STORE_DATABASE_H

#include "store/private.h"
#include "store/store.h"

#include <sqlite3.h>

#define TROTH_STATEMENTS_MAX 96
#define TROTH_STORE_BUSY_MS 5000

/* A prepared statement is found again by the address of its text, a literal. */
struct troth_statement {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct troth_store {
	sqlite3 *db; /* NULL when closed */
	char *path;
	struct troth_statement statements[TROTH_STATEMENTS_MAX];
	size_t statement_count;
	unsigned in_callback; /* lists whose callback is running: no changes then */
	bool in_transaction;
	int64_t conflict;
	struct troth_belief_policy belief; /* carried for whoever concludes */
	char error[TROTH_PROBLEM_LEN];
};

/* Effect: remembers the sentence; returns err. */
int troth_store_fail(struct troth_store *store, int err, const char *format, ...)
	TROTH_PRINTF(3, 4);
/* Effect: the same for what SQLite reported last. Never TROTH_OK. */
int troth_store_fail_sqlite(struct troth_store *store, int rc);
/* Effect: the same for memory. */
int troth_store_fail_memory(struct troth_store *store);
/* Effect: the same for a row that can't be as this program writes it. */
int troth_store_fail_damaged(struct troth_store *store, const char *what);

/* Effect: takes the write lock (BEGIN IMMEDIATE), waiting as long as the busy handler does.
 * Errors: TROTH_E_BUSY; TROTH_E_INVAL on a closed store or within a list's callback. */
int troth_store_begin(struct troth_store *store) TROTH_MUST_USE;
/* Effect: a consistent view over several reads; ended by troth_store_end likewise. */
int troth_store_begin_read(struct troth_store *store) TROTH_MUST_USE;
/* Effect: commits when err is TROTH_OK, rolls back otherwise. Returns err, or why the
 * commit failed. */
int troth_store_end(struct troth_store *store, int err) TROTH_MUST_USE;

#endif
