/* SPDX-License-Identifier: MIT */
/* Settings: key and value. Layer: store. No setting is a secret. */
#include "store/statement.h"
#include "store/text.h"

#include <troth/err.h>

int troth_store_setting_get(struct troth_store *store, const char *key, struct troth_buf *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "SELECT value FROM setting WHERE key = ?1",
				  TROTH_BIND(troth_value_text(key)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "setting");
	if (err != TROTH_OK)
		return err;
	err = troth_buf_append_str(out, troth_rows_text(&rows, 0));
	return err == TROTH_OK
		       ? TROTH_OK
		       : troth_store_fail(store, err, "The setting is too long to be read.");
}

static int set(struct troth_store *store, const char *key, const char *value)
{
	if (value == NULL)
		return troth_statement_run(store, "DELETE FROM setting WHERE key = ?1",
					   TROTH_BIND(troth_value_text(key)));
	return troth_statement_run(store,
				   "INSERT INTO setting (key, value) VALUES (?1, ?2)"
				   " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
				   TROTH_BIND(troth_value_text(key), troth_value_text(value)));
}

int troth_store_setting_set(struct troth_store *store, const char *key, const char *value)
{
	int err = troth_text_require(store, key, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_text_check(store, value, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, set(store, key, value)) : err;
}

int troth_store_setting_list(struct troth_store *store, const char *prefix,
			     troth_store_setting_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	/* By code points on both sides: LIKE takes letters of either case. */
	int err = troth_rows_open(store,
				  "SELECT key, value FROM setting"
				  " WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key",
				  TROTH_BIND(troth_value_text(prefix)), &rows);
	while (err == TROTH_OK) {
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err != TROTH_OK)
			return err;
		store->in_callback++;
		err = each(user, troth_rows_text(&rows, 0), troth_rows_text(&rows, 1));
		store->in_callback--;
	}
	return err;
}

int troth_store_version(struct troth_store *store, int64_t *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "PRAGMA data_version", NULL, 0, &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "version");
	if (err == TROTH_OK)
		*out = troth_rows_int(&rows, 0);
	return err;
}
