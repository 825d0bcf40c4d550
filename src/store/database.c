/* SPDX-License-Identifier: MIT */
/*
 * Opening and closing the trust store, transactions, errors. Layer: store.
 * Must not touch a file before knowing that it is one of ours and not newer than we are.
 */
#include "store/database.h"

#include "store/private.h"
#include "store/schema.h"
#include "store/statement.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define WAL_TRIES 50
#define WAL_WAIT_MS (TROTH_STORE_BUSY_MS / WAL_TRIES)

int troth_store_fail(struct troth_store *store, int err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(store->error, sizeof store->error, format, args);
	va_end(args);
	return err;
}

int troth_store_fail_memory(struct troth_store *store)
{
	return troth_store_fail(store, TROTH_E_NOMEM, "Out of memory: close other programs.");
}

int troth_store_fail_damaged(struct troth_store *store, const char *what)
{
	return troth_store_fail(
		store, TROTH_E_STORE,
		"The trust store %s is damaged (%s). Nothing was changed: restore it "
		"from a backup, or move it away and meet your contacts again.",
		store->path, what);
}

static int fail_disk(struct troth_store *store, const char *why)
{
	return troth_store_fail(store, TROTH_E_IO,
				"The trust store %s can't be read or written: %s. Check the disk "
				"and the permissions of its directory, then try again.",
				store->path, why);
}

int troth_store_fail_sqlite(struct troth_store *store, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return troth_store_fail(store, TROTH_E_BUSY,
					"Another program has been using the trust store %s for too "
					"long. Wait for it, or end it, and try again.",
					store->path);
	case SQLITE_NOMEM:
		return troth_store_fail_memory(store);
	case SQLITE_FULL:
		return fail_disk(store, "the disk is full");
	case SQLITE_NOTADB:
		return troth_store_fail(
			store, TROTH_E_FORMAT,
			"%s isn't a trust store. It was left as it is: move it away, or "
			"restore the right file from a backup.",
			store->path);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_NOLFS:
		return fail_disk(store, store->db == NULL ? sqlite3_errstr(rc)
							  : sqlite3_errmsg(store->db));
	case SQLITE_TOOBIG:
		return troth_store_fail(store, TROTH_E_LIMIT, "That is too much for one record.");
	default:
		return troth_store_fail_damaged(
			store, store->db == NULL ? sqlite3_errstr(rc) : sqlite3_errmsg(store->db));
	}
}

int troth_store_new(struct troth_store **out)
{
	if (sodium_init() < 0)
		return TROTH_E_CRYPTO;
	struct troth_store *store = calloc(1, sizeof *store);
	if (store == NULL)
		return TROTH_E_NOMEM;
	store->belief = troth_belief_policy_default();
	*out = store;
	return TROTH_OK;
}

static void close_database(struct troth_store *store)
{
	troth_statement_drop_all(store);
	/* Nothing is prepared any more, so this can't fail; a NULL connection is fine. */
	(void)sqlite3_close(store->db);
	store->db = NULL;
	free(store->path);
	store->path = NULL;
	store->in_transaction = false;
}

void troth_store_free(struct troth_store *store)
{
	if (store == NULL)
		return;
	close_database(store);
	free(store);
}

const char *troth_store_error(const struct troth_store *store)
{
	return store->error;
}

void troth_store_set_belief_policy(struct troth_store *store,
				   const struct troth_belief_policy *policy)
{
	store->belief = *policy;
}

const struct troth_belief_policy *troth_store_belief_policy(const struct troth_store *store)
{
	return &store->belief;
}

int64_t troth_store_conflict(const struct troth_store *store)
{
	return store->conflict;
}

static int set_option(struct troth_store *store, int option, int on)
{
	int got = !on;
	int rc = sqlite3_db_config(store->db, option, on, &got);
	if (rc != SQLITE_OK || got != on)
		return troth_store_fail(store, TROTH_E_UNSUPPORTED,
					"This build of SQLite lacks a protection that the trust "
					"store needs. Install the distribution's own libsqlite3.");
	return TROTH_OK;
}

/* The file may come from anywhere: nothing in its schema may do more than ours does, and
 * nobody's mistake may write around the schema. */
static int harden(struct troth_store *store)
{
	int err = set_option(store, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
	if (err == TROTH_OK)
		err = set_option(store, SQLITE_DBCONFIG_DEFENSIVE, 1);
	if (err == TROTH_OK)
		err = set_option(store, SQLITE_DBCONFIG_ENABLE_FKEY, 1);
	if (err == TROTH_OK)
		err = set_option(store, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1);
	/* Until we know that the file is ours: closing it must not write to it. */
	if (err == TROTH_OK)
		err = set_option(store, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
	return err;
}

static int execute(struct troth_store *store, const char *sql)
{
	int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? TROTH_OK : troth_store_fail_sqlite(store, rc);
}

/* SQLite's busy handler isn't called for every lock that this change takes, so it is
 * tried again here for as long. */
static int enter_wal(struct troth_store *store)
{
	int rc = SQLITE_BUSY;
	for (int i = 0; i < WAL_TRIES && (rc & 0xff) == SQLITE_BUSY; i++) {
		if (i > 0)
			sqlite3_sleep(WAL_WAIT_MS);
		sqlite3_stmt *stmt = NULL;
		rc = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
		if (rc == SQLITE_OK)
			rc = sqlite3_step(stmt);
		bool wal = rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) == SQLITE_TEXT &&
			   strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
		bool refused = rc == SQLITE_ROW && !wal;
		sqlite3_finalize(stmt);
		if (wal)
			return TROTH_OK;
		if (refused)
			return fail_disk(store, "its file system can't share memory between "
						"programs (a network drive?)");
	}
	return troth_store_fail_sqlite(store, rc);
}

static int configure(struct troth_store *store)
{
	int err = enter_wal(store);
	/* synchronous = FULL: a commit that was reported is on the disk, not only on its way.
	 * secure_delete: a spent secret's hash doesn't linger in free pages. */
	if (err == TROTH_OK)
		err = execute(store, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
				     "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;");
	return err;
}

static int prepare(struct troth_store *store)
{
	int err = harden(store);
	if (err == TROTH_OK)
		err = troth_schema_identify(store);
	if (err == TROTH_OK)
		err = configure(store);
	if (err == TROTH_OK)
		err = troth_schema_upgrade(store, troth_schema_steps, troth_schema_version);
	if (err == TROTH_OK)
		err = set_option(store, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0);
	return err;
}

static int open_file(struct troth_store *store, const char *home)
{
	/* The real path: SQLite would refuse a link anywhere in it, and only the last part matters.
	 */
	char *real = realpath(home, NULL);
	if (real == NULL)
		return troth_store_fail(store, TROTH_E_IO, "The directory %s can't be opened: %s.",
					home, strerror(errno));
	int n = asprintf(&store->path, "%s/%s", real, TROTH_STORE_FILE);
	free(real);
	if (n < 0) {
		store->path = NULL;
		return troth_store_fail_memory(store);
	}
	int err = troth_private_create(store->path, store->error);
	if (err != TROTH_OK)
		return err;
	/* SQLite gives -wal and -shm the mode of the file itself. */
	int rc = sqlite3_open_v2(store->path, &store->db,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW |
					 SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
				 NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(store->db, TROTH_STORE_BUSY_MS);
	return rc == SQLITE_OK ? TROTH_OK : troth_store_fail_sqlite(store, rc);
}

int troth_store_open(struct troth_store *store, const char *home)
{
	if (store->db != NULL)
		return troth_store_fail(store, TROTH_E_INVAL, "The trust store is open already.");
	int err = troth_private_directory(home, store->error);
	if (err == TROTH_OK)
		err = open_file(store, home);
	if (err == TROTH_OK)
		err = prepare(store);
	if (err != TROTH_OK)
		close_database(store);
	return err;
}

static int begin(struct troth_store *store, const char *sql)
{
	if (store->db == NULL)
		return troth_store_fail(store, TROTH_E_INVAL, "The trust store isn't open.");
	if (store->in_transaction)
		return troth_store_fail(store, TROTH_E_INVAL, "A transaction is open already.");
	int err = troth_statement_run(store, sql, NULL, 0);
	store->in_transaction = err == TROTH_OK;
	return err;
}

int troth_store_begin(struct troth_store *store)
{
	if (store->in_callback > 0)
		return troth_store_fail(store, TROTH_E_INVAL,
					"A list's callback must not change the trust store.");
	return begin(store, "BEGIN IMMEDIATE");
}

int troth_store_begin_read(struct troth_store *store)
{
	return begin(store, "BEGIN");
}

int troth_store_end(struct troth_store *store, int err)
{
	if (err == TROTH_OK)
		err = troth_statement_run(store, "COMMIT", NULL, 0);
	/* Some errors (a full disk) have rolled back already; then there is nothing to end. */
	if (err != TROTH_OK && sqlite3_get_autocommit(store->db) == 0) {
		int rc = sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			err = troth_store_fail_sqlite(store, rc);
	}
	store->in_transaction = false;
	return err;
}
