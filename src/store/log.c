/* SPDX-License-Identifier: MIT */
/*
 * The event log: each entry's hash covers the one before, so that what is changed, left
 * out or cut off is noticed. Layer: store. Entries are added, never changed.
 */
#include "store/log.h"

#include "base/digest.h"
#include "store/statement.h"
#include "store/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define NUMBER_LEN 24
#define ENTRY_MAX ((size_t)1024 * 1024)

/* SHA-256(lv_cat("troth-log-0", previous hash, seq, time, kind, contact, text)) */
static int chain(const uint8_t *before, const struct troth_store_entry *entry, uint8_t *out)
{
	char seq[NUMBER_LEN];
	char time[NUMBER_LEN];
	snprintf(seq, sizeof seq, "%" PRId64, entry->seq);
	snprintf(time, sizeof time, "%" PRId64, entry->time);
	struct troth_buf buf TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&buf, ENTRY_MAX);
	int err = troth_lv_append_str(&buf, "troth-log-0");
	if (err == TROTH_OK)
		err = troth_lv_append(&buf, troth_slice_of(before, TROTH_STORE_HASH_LEN));
	const char *const parts[] = {seq, time, entry->kind, entry->contact, entry->text};
	for (size_t i = 0; err == TROTH_OK && i < sizeof parts / sizeof *parts; i++)
		err = troth_lv_append_str(&buf, parts[i] == NULL ? "" : parts[i]);
	return err == TROTH_OK ? troth_sha256(out, troth_buf_slice(&buf)) : err;
}

static int read_head(struct troth_store *store, int64_t *seq, uint8_t *hash)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store, "SELECT seq, hash FROM log_head WHERE id = 1", NULL, 0,
				  &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err == TROTH_E_NOT_FOUND)
		return troth_store_fail_damaged(store, "the log has lost its head");
	if (err != TROTH_OK)
		return err;
	struct troth_slice blob = troth_rows_blob(&rows, 1);
	if (blob.len != TROTH_STORE_HASH_LEN)
		return troth_store_fail_damaged(store, "the head of the log");
	*seq = troth_rows_int(&rows, 0);
	memcpy(hash, blob.data, TROTH_STORE_HASH_LEN);
	return TROTH_OK;
}

int troth_log_add(struct troth_store *store, const struct troth_store_entry *entry)
{
	struct troth_store_entry e = *entry;
	uint8_t before[TROTH_STORE_HASH_LEN];
	uint8_t hash[TROTH_STORE_HASH_LEN];
	int err = read_head(store, &e.seq, before);
	if (err != TROTH_OK)
		return err;
	e.seq++;
	err = chain(before, &e, hash);
	if (err != TROTH_OK)
		return troth_store_fail(store, err, "The log entry's hash can't be made.");
	struct troth_value hash_value = troth_value_blob(troth_slice_of(hash, sizeof hash));
	err = troth_statement_run(store,
				  "INSERT INTO log (seq, time, kind, contact, text, hash)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
				  TROTH_BIND(troth_value_int(e.seq), troth_value_int(e.time),
					     troth_value_text(e.kind), troth_value_text(e.contact),
					     troth_value_text(e.text), hash_value));
	if (err == TROTH_OK)
		err = troth_statement_run(store,
					  "UPDATE log_head SET seq = ?1, hash = ?2 WHERE id = 1",
					  TROTH_BIND(troth_value_int(e.seq), hash_value));
	return err;
}

int troth_log_event(struct troth_store *store, const struct troth_log_event *event,
		    const char *format, ...)
{
	struct troth_store_contact contact = {0};
	int err = TROTH_OK;
	if (event->contact != 0)
		err = troth_store_contact_get(store, event->contact, &contact);
	if (err != TROTH_OK)
		return err;
	va_list args;
	va_start(args, format);
	char *text = NULL;
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		return troth_store_fail_memory(store);
	err = troth_log_add(store, &(struct troth_store_entry){.time = event->time,
							       .kind = event->kind,
							       .contact = contact.label,
							       .text = text});
	free(text);
	return err;
}

int troth_store_log_append(struct troth_store *store, const struct troth_store_entry *entry)
{
	int err = troth_text_require(store, entry->kind, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_text_check(store, entry->contact, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_text_check(store, entry->text, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, troth_log_add(store, entry)) : err;
}

static struct troth_store_entry read_entry(const struct troth_rows *rows)
{
	struct troth_slice hash = troth_rows_blob(rows, 5);
	return (struct troth_store_entry){
		.seq = troth_rows_int(rows, 0),
		.time = troth_rows_int(rows, 1),
		.kind = troth_rows_text(rows, 2),
		.contact = troth_rows_text(rows, 3),
		.text = troth_rows_text(rows, 4),
		.hash = hash.len == TROTH_STORE_HASH_LEN ? hash.data : NULL,
	};
}

static bool has_whole_texts(const struct troth_rows *rows)
{
	return troth_rows_text_is_whole(rows, 2) && troth_rows_text_is_whole(rows, 3) &&
	       troth_rows_text_is_whole(rows, 4);
}

int troth_store_log_list(struct troth_store *store, int64_t since, troth_store_entry_each *each,
			 void *user)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(store,
				  "SELECT seq, time, kind, contact, text, hash FROM log"
				  " WHERE seq > ?1 ORDER BY seq",
				  TROTH_BIND(troth_value_int(since)), &rows);
	while (err == TROTH_OK) {
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err != TROTH_OK)
			return err;
		struct troth_store_entry entry = read_entry(&rows);
		if (entry.hash == NULL)
			return troth_store_fail_damaged(store, "a log entry without a hash");
		store->in_callback++;
		err = each(user, &entry);
		store->in_callback--;
	}
	return err;
}

/* How far the chain holds. */
struct walk {
	int64_t seq; /* the last good entry, 0: none */
	uint8_t hash[TROTH_STORE_HASH_LEN];
	bool broken; /* something follows that doesn't fit */
};

static int step(struct troth_store *store, const struct troth_store_entry *entry, struct walk *walk)
{
	uint8_t expected[TROTH_STORE_HASH_LEN];
	walk->broken = true;
	if (entry->seq != walk->seq + 1 || entry->hash == NULL)
		return TROTH_OK;
	int err = chain(walk->hash, entry, expected);
	if (err != TROTH_OK)
		return troth_store_fail(store, err, "The log's hashes can't be made.");
	if (memcmp(expected, entry->hash, sizeof expected) != 0)
		return TROTH_OK;
	walk->seq = entry->seq;
	memcpy(walk->hash, expected, sizeof expected);
	walk->broken = false;
	return TROTH_OK;
}

static int follow(struct troth_store *store, struct walk *walk)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(
		store, "SELECT seq, time, kind, contact, text, hash FROM log ORDER BY seq", NULL, 0,
		&rows);
	while (err == TROTH_OK && !walk->broken) {
		err = troth_rows_next(&rows);
		if (err == TROTH_E_NOT_FOUND)
			return TROTH_OK;
		if (err != TROTH_OK)
			return err;
		struct troth_store_entry entry = read_entry(&rows);
		if (!has_whole_texts(&rows)) /* no entry of ours, whatever its hash */
			entry.hash = NULL;
		err = step(store, &entry, walk);
	}
	return err;
}

static int verify(struct troth_store *store, int64_t *out)
{
	struct walk walk = {0};
	uint8_t head_hash[TROTH_STORE_HASH_LEN];
	int64_t head = 0;
	int err = follow(store, &walk);
	if (err == TROTH_OK)
		err = read_head(store, &head, head_hash);
	if (err != TROTH_OK)
		return err;
	bool same_hash = memcmp(walk.hash, head_hash, sizeof head_hash) == 0;
	if (walk.broken || walk.seq != head)
		*out = (walk.seq < head ? walk.seq : head) + 1;
	else if (!same_hash)
		*out = head == 0 ? 1 : head;
	else
		*out = 0;
	return TROTH_OK;
}

int troth_store_log_verify(struct troth_store *store, int64_t *out)
{
	int err = troth_store_begin_read(store);
	if (err != TROTH_OK)
		return err;
	int64_t broken = 0;
	err = troth_store_end(store, verify(store, &broken));
	if (err == TROTH_OK)
		*out = broken;
	return err;
}
