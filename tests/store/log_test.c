/* SPDX-License-Identifier: MIT */
#include "base/digest.h"
#include "base/slice.h"
#include "fixture.h"

#define DROP_GUARDS                                                                                \
	"DROP TRIGGER log_insert; DROP TRIGGER log_update; DROP TRIGGER log_delete;"               \
	"DROP TRIGGER log_head_update; DROP TRIGGER log_head_delete;"

static void fill(struct troth_store *store, int count)
{
	for (int i = 0; i < count; i++) {
		struct troth_store_entry e = {
			.time = i, .kind = "test", .contact = "anna", .text = "t"};
		assert_ok(troth_store_log_append(store, &e));
	}
}

static int keep_hash(void *user, const struct troth_store_entry *e)
{
	memcpy((uint8_t *)user + (e->seq - 1) * TROTH_STORE_HASH_LEN, e->hash,
	       TROTH_STORE_HASH_LEN);
	return 0;
}

static void expect_hash(const uint8_t *before, const char *const *parts, const uint8_t *got)
{
	struct troth_buf buf;
	uint8_t hash[TROTH_STORE_HASH_LEN];
	troth_buf_init(&buf, 1000);
	assert_ok(troth_lv_append_str(&buf, "troth-log-0"));
	assert_ok(troth_lv_append(&buf, troth_slice_of(before, TROTH_STORE_HASH_LEN)));
	for (size_t i = 0; i < 5; i++)
		assert_ok(troth_lv_append_str(&buf, parts[i]));
	assert_ok(troth_sha256(hash, troth_buf_slice(&buf)));
	troth_buf_fini(&buf);
	assert_memory_equal(hash, got, sizeof hash);
}

static void log__is_chained__over_every_field(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_entry one = {.time = 17, .kind = "k", .contact = "anna", .text = "text"};
	struct troth_store_entry two = {.time = -3, .kind = "k2"};
	uint8_t hashes[3 * TROTH_STORE_HASH_LEN] = {0};
	assert_ok(troth_store_log_append(store, &one));
	assert_ok(troth_store_log_append(store, &two));
	assert_ok(troth_store_log_list(store, 0, keep_hash, hashes + TROTH_STORE_HASH_LEN));
	expect_hash(hashes, (const char *[]){"1", "17", "k", "anna", "text"}, hashes + 32);
	expect_hash(hashes + 32, (const char *[]){"2", "-3", "k2", "", ""}, hashes + 64);
	assert_log_whole(store);
}

static int keep_seq(void *user, const struct troth_store_entry *e)
{
	*(int64_t *)user = *(int64_t *)user * 10 + e->seq;
	return 0;
}

static void log__is_listed__since_an_entry(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t seqs = 0;
	fill(store, 5);
	assert_ok(troth_store_log_list(store, 2, keep_seq, &seqs));
	assert_int_equal(seqs, 345);
	struct troth_store_entry bad = {.kind = ""};
	assert_err(troth_store_log_append(store, &bad), TROTH_E_INVAL);
	bad = (struct troth_store_entry){.kind = "k", .text = "\xff"};
	assert_err(troth_store_log_append(store, &bad), TROTH_E_FORMAT);
}

static void log__resists__other_programs_mistakes(void **state)
{
	struct troth_store *store = home_store(state);
	fill(store, 3);
	const char *attempts[] = {
		"UPDATE log SET text = 'x' WHERE seq = 2",
		"DELETE FROM log WHERE seq = 3",
		"DELETE FROM log",
		("REPLACE INTO log SELECT seq, time, kind, contact, 'x', hash FROM log WHERE seq = "
		 "2"),
		"INSERT INTO log VALUES (7, 1, 'k', '', '', zeroblob(32))",
		"INSERT INTO log VALUES (NULL, 1, 'k', '', '', zeroblob(32))",
		"DELETE FROM log_head",
		"UPDATE log_head SET seq = 2",
	};
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
		assert_true(home_sql_result(*state, attempts[i]) != 0);
	assert_int_equal(log_count(store, NULL), 3);
	assert_log_whole(store);
}

static void verify__names_the_first_broken_entry(void **state)
{
	const struct {
		const char *sql;
		int64_t broken;
	} rows[] = {
		{"UPDATE log SET text = 'x' WHERE seq = 4", 4},
		{"UPDATE log SET time = 99 WHERE seq = 1", 1},
		{"UPDATE log SET contact = 'eve' WHERE seq = 6", 6},
		{"UPDATE log SET text = text || char(0) || 'x' WHERE seq = 2", 2},
		{"UPDATE log SET hash = zeroblob(32) WHERE seq = 3", 3},
		{"DELETE FROM log WHERE seq = 2", 2},
		{"DELETE FROM log WHERE seq = 6", 6},
		{"DELETE FROM log WHERE seq > 3", 4},
		{"DELETE FROM log", 1},
		{"DELETE FROM log WHERE seq = 6; UPDATE log_head SET seq = 5", 5},
		{"INSERT INTO log VALUES (7, 1, 'k', '', '', zeroblob(32))", 7},
		{"INSERT INTO log SELECT 7, time, kind, contact, text, hash FROM log WHERE seq = 6",
		 7},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		void *own = NULL;
		int64_t broken = -1;
		assert_int_equal(home_setup(&own), 0);
		fill(home_store(&own), 6);
		assert_ok(troth_store_check(home_store(&own)));
		home_sql(own, DROP_GUARDS);
		home_sql(own, rows[i].sql);
		home_reopen(own);
		assert_ok(troth_store_log_verify(home_store(&own), &broken));
		assert_int_equal(broken, rows[i].broken);
		assert_err(troth_store_check(home_store(&own)), TROTH_E_STORE);
		assert_int_equal(home_teardown(&own), 0);
	}
	(void)state;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(log__is_chained__over_every_field),
		TEST(log__is_listed__since_an_entry),
		TEST(log__resists__other_programs_mistakes),
		cmocka_unit_test(verify__names_the_first_broken_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
