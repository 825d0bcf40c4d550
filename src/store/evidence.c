/* SPDX-License-Identifier: MIT */
/* Evidence: appended and read, never changed, never judged here. Layer: store. */
#include "store/changes.h"
#include "store/statement.h"
#include "store/text.h"

#include <troth/err.h>

static int check(struct troth_store *store, const struct troth_store_evidence *evidence)
{
	if (evidence->data.len > TROTH_STORE_BLOB_MAX)
		return troth_store_fail(store, TROTH_E_LIMIT,
					"The evidence is too long: at most %zu bytes.",
					TROTH_STORE_BLOB_MAX);
	int err = troth_text_require(store, evidence->kind, TROTH_STORE_TEXT_MAX);
	return err == TROTH_OK ? troth_text_check(store, evidence->method, TROTH_STORE_TEXT_MAX)
			       : err;
}

static int append(struct troth_store *store, const struct troth_store_evidence *evidence)
{
	int err =
		evidence->contact == 0 ? TROTH_OK : troth_contact_require(store, evidence->contact);
	if (err != TROTH_OK)
		return err;
	return troth_statement_run(
		store,
		"INSERT INTO evidence (contact, pin, kind, method, data, time)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		TROTH_BIND(troth_value_int(evidence->contact), troth_value_pin(&evidence->pin),
			   troth_value_text(evidence->kind), troth_value_text(evidence->method),
			   troth_value_blob(evidence->data), troth_value_int(evidence->time)));
}

int troth_store_evidence_append(struct troth_store *store,
				const struct troth_store_evidence *evidence)
{
	int err = check(store, evidence);
	if (err == TROTH_OK)
		err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, append(store, evidence)) : err;
}

/* One statement for each way to ask, so that each has its index. */
static int open_list(struct troth_store *store, int64_t contact, const struct troth_pin *pin,
		     struct troth_rows *out)
{
#define SELECT_EVIDENCE "SELECT id, contact, pin, kind, method, data, time FROM evidence"
	if (pin != NULL)
		return troth_rows_open(
			store,
			SELECT_EVIDENCE " WHERE pin = ?1 AND (?2 = 0 OR contact = ?2) ORDER BY id",
			TROTH_BIND(troth_value_pin(pin), troth_value_int(contact)), out);
	if (contact != 0)
		return troth_rows_open(store, SELECT_EVIDENCE " WHERE contact = ?1 ORDER BY id",
				       TROTH_BIND(troth_value_int(contact)), out);
	return troth_rows_open(store, SELECT_EVIDENCE " ORDER BY id", NULL, 0, out);
#undef SELECT_EVIDENCE
}

int troth_store_evidence_list(struct troth_store *store, int64_t contact,
			      const struct troth_pin *pin, troth_store_evidence_each *each,
			      void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = open_list(store, contact, pin, &rows);
	while (err == TROTH_OK) {
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err != TROTH_OK)
			return err;
		struct troth_store_evidence row = {
			.id = troth_rows_int(&rows, 0),
			.contact = troth_rows_int(&rows, 1),
			.kind = troth_rows_text(&rows, 3),
			.method = troth_rows_text(&rows, 4),
			.data = troth_rows_blob(&rows, 5),
			.time = troth_rows_int(&rows, 6),
		};
		err = troth_rows_pin(&rows, 2, &row.pin);
		if (err != TROTH_OK)
			return err;
		store->in_callback++;
		err = each(user, &row);
		store->in_callback--;
	}
	return err;
}
