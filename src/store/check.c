/* SPDX-License-Identifier: MIT */
/* The whole store examined, for doctor. Layer: store. Repairs nothing. */
#include "store/statement.h"

#include <string.h>
#include <troth/err.h>

static int check_structure(struct troth_store *store)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "PRAGMA integrity_check(1)", NULL, 0, &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "structure");
	if (err != TROTH_OK)
		return err;
	const char *said = troth_rows_text(&rows, 0);
	return strcmp(said, "ok") == 0 ? TROTH_OK : troth_store_fail_damaged(store, said);
}

static int check_references(struct troth_store *store)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "PRAGMA foreign_key_check", NULL, 0, &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err == TROTH_OK)
		return troth_store_fail_damaged(store, "a record of a contact that isn't there");
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

int troth_store_check(struct troth_store *store)
{
	int64_t broken = 0;
	int err = check_structure(store);
	if (err == TROTH_OK)
		err = check_references(store);
	if (err == TROTH_OK)
		err = troth_store_log_verify(store, &broken);
	if (err == TROTH_OK && broken != 0)
		return troth_store_fail(
			store, TROTH_E_STORE,
			"The event log was changed at entry %lld. Somebody wrote to %s "
			"by another program: check who can, and your contacts' keys.",
			(long long)broken, store->path);
	return err;
}
