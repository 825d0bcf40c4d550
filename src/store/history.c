/* SPDX-License-Identifier: MIT */
/* The history of connections. Layer: store. */
#include "store/changes.h"
#include "store/statement.h"
#include "store/text.h"

#include <troth/err.h>

static int check(struct troth_store *store, const struct troth_store_connection *row)
{
	const char *const optional[] = {row->address, row->method, row->level, row->detail};
	int err = troth_text_require(store, row->outcome, TROTH_STORE_TEXT_MAX);
	for (size_t i = 0; err == TROTH_OK && i < sizeof optional / sizeof *optional; i++)
		err = troth_text_check(store, optional[i], TROTH_STORE_TEXT_MAX);
	return err;
}

int troth_history_add(struct troth_store *store, const struct troth_store_connection *row)
{
	int err = check(store, row);
	if (err == TROTH_OK && row->contact != 0)
		err = troth_contact_require(store, row->contact);
	if (err != TROTH_OK)
		return err;
	return troth_statement_run(
		store,
		"INSERT INTO history (contact, time, pin, incoming, address, method, level,"
		" transcript, outcome, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
		TROTH_BIND(troth_value_contact(row->contact), troth_value_int(row->time),
			   troth_value_pin(row->pin), troth_value_int(row->incoming),
			   troth_value_text(row->address), troth_value_text(row->method),
			   troth_value_text(row->level), troth_value_int(row->transcript),
			   troth_value_text(row->outcome), troth_value_text(row->detail)));
}

int troth_store_history_append(struct troth_store *store, const struct troth_store_connection *row)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, troth_history_add(store, row)) : err;
}

int troth_store_history_had_transcript(struct troth_store *store, const struct troth_pin *pin,
				       bool *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT EXISTS (SELECT 1 FROM history WHERE pin = ?1"
				  " AND transcript = 1 AND outcome = 'ok')",
				  TROTH_BIND(troth_value_pin(pin)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "key");
	if (err == TROTH_OK)
		*out = troth_rows_int(&rows, 0) != 0;
	return err;
}

int troth_store_history_last_met(struct troth_store *store, int64_t contact, int64_t *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT time FROM history WHERE contact = ?1 AND outcome = 'ok'"
				  " ORDER BY time DESC LIMIT 1",
				  TROTH_BIND(troth_value_int(contact)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_one(&rows, "meeting");
	if (err == TROTH_OK)
		*out = troth_rows_int(&rows, 0);
	return err;
}

static int open_list(struct troth_store *store, int64_t contact, int64_t limit,
		     struct troth_rows *out)
{
#define SELECT_HISTORY                                                                             \
	"SELECT id, contact, time, pin, incoming, address, method, level, transcript, outcome,"    \
	" detail FROM history"
	int64_t rows = limit <= 0 ? -1 : limit;
	if (contact != 0)
		return troth_rows_open(
			store, SELECT_HISTORY " WHERE contact = ?1 ORDER BY id DESC LIMIT ?2",
			TROTH_BIND(troth_value_int(contact), troth_value_int(rows)), out);
	return troth_rows_open(store, SELECT_HISTORY " ORDER BY id DESC LIMIT ?1",
			       TROTH_BIND(troth_value_int(rows)), out);
#undef SELECT_HISTORY
}

static int read_row(const struct troth_rows *rows, struct troth_pin *pin,
		    struct troth_store_connection *out)
{
	*out = (struct troth_store_connection){
		.id = troth_rows_int(rows, 0),
		.contact = troth_rows_int(rows, 1),
		.time = troth_rows_int(rows, 2),
		.incoming = troth_rows_int(rows, 4) != 0,
		.address = troth_rows_text(rows, 5),
		.method = troth_rows_text(rows, 6),
		.level = troth_rows_text(rows, 7),
		.transcript = troth_rows_int(rows, 8) != 0,
		.outcome = troth_rows_text(rows, 9),
		.detail = troth_rows_text(rows, 10),
	};
	if (troth_rows_is_null(rows, 3))
		return TROTH_OK;
	out->pin = pin;
	return troth_rows_pin(rows, 3, pin);
}

int troth_store_history_list(struct troth_store *store, int64_t contact, int64_t limit,
			     troth_store_connection_each *each, void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = open_list(store, contact, limit, &rows);
	while (err == TROTH_OK) {
		struct troth_store_connection row;
		struct troth_pin pin;
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err == TROTH_OK)
			err = read_row(&rows, &pin, &row);
		if (err != TROTH_OK)
			return err;
		store->in_callback++;
		err = each(user, &row);
		store->in_callback--;
	}
	return err;
}
