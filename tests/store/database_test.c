/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "store/database.h"
#include "store/schema.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t read_file(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	size_t n = fread(out, 1, size, f);
	assert_int_equal(fclose(f), 0);
	return n;
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void close_home(struct home *home)
{
	troth_store_free(home->store);
	home->store = NULL;
}

/* Opening fails so, says so, and the file is what it was. */
static void assert_refused(struct home *home, int err, const char *part)
{
	static char before[1 << 20];
	static char after[1 << 20];
	char path[128];
	struct troth_store *store;
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	size_t len = read_file(path, before, sizeof before);
	assert_ok(troth_store_new(&store));
	assert_err(troth_store_open(store, home->dir), err);
	assert_says(store, part);
	assert_says(store, path);
	troth_store_free(store);
	assert_int_equal(read_file(path, after, sizeof after), len);
	assert_memory_equal(before, after, len);
}

static unsigned mode_of(const struct home *home, const char *file)
{
	struct stat st;
	char path[128];
	home_path(home, file, path, sizeof path);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void open__makes_private_files__in_a_new_directory(void **state)
{
	struct home *home = *state;
	struct home deep;
	struct troth_store *store;
	mode_t old = umask(0);
	assert_true(snprintf(deep.dir, sizeof deep.dir, "%s/x/y", home->dir) > 0);
	assert_ok(troth_store_new(&store));
	assert_ok(troth_store_open(store, deep.dir));
	add_contact(store, "anna");
	umask(old);
	assert_int_equal(mode_of(home, "x"), 0700);
	assert_int_equal(mode_of(&deep, "."), 0700);
	assert_int_equal(mode_of(&deep, TROTH_STORE_FILE), 0600);
	assert_int_equal(mode_of(&deep, TROTH_STORE_FILE "-wal"), 0600);
	assert_int_equal(mode_of(&deep, TROTH_STORE_FILE "-shm"), 0600);
	assert_err(troth_store_open(store, deep.dir), TROTH_E_INVAL);
	troth_store_free(store);
}

static void pragma_is(struct troth_store *store, const char *sql, const char *value)
{
	sqlite3_stmt *stmt;
	assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), value);
	sqlite3_finalize(stmt);
}

static void open__sets_what_durability_rests_on(void **state)
{
	struct troth_store *store = home_store(state);
	pragma_is(store, "PRAGMA journal_mode", "wal");
	pragma_is(store, "PRAGMA synchronous", "2");
	pragma_is(store, "PRAGMA foreign_keys", "1");
	pragma_is(store, "PRAGMA trusted_schema", "0");
	pragma_is(store, "PRAGMA secure_delete", "1");
	pragma_is(store, "PRAGMA busy_timeout", "5000");
	pragma_is(store, "PRAGMA application_id", "1416787048");
	pragma_is(store, "PRAGMA user_version", "3");
}

static void open__refuses__a_newer_schema(void **state)
{
	struct home *home = *state;
	close_home(home);
	home_sql(home, "PRAGMA user_version = 1000; CREATE TABLE later (x)");
	assert_refused(home, TROTH_E_UNSUPPORTED, "newer version");
}

static void open__refuses__what_is_no_trust_store(void **state)
{
	struct home *home = *state;
	char path[128];
	char text[5000];
	close_home(home);
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	memset(text, 'x', sizeof text);
	write_file(path, text, sizeof text);
	assert_refused(home, TROTH_E_FORMAT, "isn't a trust store");
	assert_int_equal(unlink(path), 0);
	home_sql(home, "CREATE TABLE bookmarks (url)");
	assert_int_equal(chmod(path, 0600), 0);
	assert_refused(home, TROTH_E_FORMAT, "another program");
}

static void open__refuses__a_file_that_was_cut(void **state)
{
	struct home *home = *state;
	static char bytes[1 << 20];
	char path[128];
	for (unsigned i = 0; i < 50; i++) {
		char label[16];
		snprintf(label, sizeof label, "c%u", i);
		add_contact(home->store, label);
	}
	close_home(home);
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	size_t len = read_file(path, bytes, sizeof bytes);
	assert_true(len > 16384);
	write_file(path, bytes, 8192);
	assert_refused(home, TROTH_E_STORE, "damaged");
}

static void damage__is_reported__where_it_is_met(void **state)
{
	struct home *home = *state;
	static char bytes[1 << 20];
	char path[128];
	struct troth_store_contact c;
	add_contact(home->store, "anna");
	close_home(home);
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	size_t len = read_file(path, bytes, sizeof bytes);
	memset(bytes + 4096, 0xa5, len - 4096); /* the schema stays, every table goes */
	write_file(path, bytes, len);
	home->store = NULL;
	struct troth_store *store;
	assert_ok(troth_store_new(&store));
	int err = troth_store_open(store, home->dir);
	if (err == TROTH_OK)
		err = troth_store_contact_by_label(store, "anna", &c);
	assert_err(err, TROTH_E_STORE);
	assert_says(store, "damaged");
	troth_store_free(store);
}

static void open__refuses__files_that_others_can_reach(void **state)
{
	struct home *home = *state;
	char path[128];
	char moved[128];
	close_home(home);
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	home_path(home, "moved", moved, sizeof moved);
	assert_int_equal(chmod(path, 0640), 0);
	assert_refused(home, TROTH_E_IO, "chmod 600");
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_refused(home, TROTH_E_IO, "another user");
		assert_int_equal(chown(path, 0, 0), 0);
	}
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(symlink(moved, path), 0);
	assert_refused(home, TROTH_E_IO, "link");
	struct troth_store *store;
	assert_ok(troth_store_new(&store));
	assert_int_equal(chmod(home->dir, 0777), 0);
	assert_err(troth_store_open(store, home->dir), TROTH_E_IO);
	assert_says(store, "chmod 700");
	assert_int_equal(chmod(home->dir, 0700), 0);
	troth_store_free(store);
}

/* In a child, as nobody when we are root: permissions mean nothing to root. */
static void open__says_why__in_a_read_only_directory(void **state)
{
	struct home *home = *state;
	char dir[128];
	home_path(home, "ro", dir, sizeof dir);
	assert_int_equal(chmod(home->dir, 0755), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(dir, 65534, 65534), 0);
	assert_int_equal(chmod(dir, 0500), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct troth_store *store;
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		if (troth_store_new(&store) != TROTH_OK)
			_exit(3);
		int err = troth_store_open(store, dir);
		bool said = strstr(troth_store_error(store), "Permission denied") != NULL;
		troth_store_free(store);
		_exit(err == TROTH_E_IO && said ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void closed_store__refuses_every_call(void **state)
{
	(void)state;
	struct troth_store *store;
	struct troth_store_contact c;
	struct troth_store_budget b;
	int64_t n;
	assert_ok(troth_store_new(&store));
	assert_string_equal(troth_store_error(store), "");
	assert_err(troth_store_contact_create(store, "anna", 1, &n), TROTH_E_INVAL);
	assert_err(troth_store_contact_get(store, 1, &c), TROTH_E_INVAL);
	assert_err(troth_store_budget_debit(store, "s", &b), TROTH_E_INVAL);
	assert_err(troth_store_log_verify(store, &n), TROTH_E_INVAL);
	assert_err(troth_store_check(store), TROTH_E_INVAL);
	assert_err(troth_store_open(store, ""), TROTH_E_IO);
	assert_err(troth_store_open(store, "/dev/null"), TROTH_E_IO);
	troth_store_free(store);
	troth_store_free(NULL);
}

static void full_disk__loses_nothing__that_was_reported(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_contact c;
	char label[32];
	int64_t id;
	unsigned done = 0;
	int err;
	assert_int_equal(sqlite3_exec(store->db, "PRAGMA max_page_count = 60", NULL, NULL, NULL),
			 0);
	for (;; done++) {
		snprintf(label, sizeof label, "contact %u", done);
		err = troth_store_contact_create(store, label, 1, &id);
		if (err != TROTH_OK)
			break;
		assert_true(done < 100000);
	}
	assert_err(err, TROTH_E_IO);
	assert_says(store, "disk is full");
	assert_true(done > 10);
	assert_int_equal(
		sqlite3_exec(store->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL), 0);
	add_contact(store, "room again");
	home_reopen(*state);
	store = home_store(state);
	assert_err(troth_store_contact_by_label(store, label, &c), TROTH_E_NOT_FOUND);
	for (unsigned i = 0; i < done; i++) {
		snprintf(label, sizeof label, "contact %u", i);
		assert_ok(troth_store_contact_by_label(store, label, &c));
	}
	assert_int_equal(log_count(store, "contact-new"), done + 1);
	assert_ok(troth_store_check(store));
}

static void upgrade__takes_the_missing_steps__and_keeps_what_is_there(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_contact c;
	int64_t id = add_contact(store, "anna");
	const char *const steps[] = {troth_schema_steps[0], troth_schema_steps[1],
				     troth_schema_steps[2],
				     "ALTER TABLE contact ADD COLUMN note TEXT NOT NULL DEFAULT ''",
				     "CREATE TABLE third (x); INSERT INTO third VALUES (3)"};
	assert_ok(troth_schema_upgrade(store, steps, 5));
	pragma_is(store, "PRAGMA user_version", "5");
	pragma_is(store, "SELECT note = '' FROM contact", "1");
	pragma_is(store, "SELECT x FROM third", "3");
	assert_ok(troth_store_contact_get(store, id, &c));
	assert_log_whole(store);
	assert_ok(troth_schema_upgrade(store, steps, 5));
	assert_err(troth_schema_upgrade(store, steps, 4), TROTH_E_UNSUPPORTED);
	close_home(*state);
	assert_refused(*state, TROTH_E_UNSUPPORTED, "newer version");
}

static void upgrade__leaves_the_older_schema__when_a_step_fails(void **state)
{
	struct troth_store *store = home_store(state);
	const char *const steps[] = {troth_schema_steps[0], troth_schema_steps[1],
				     troth_schema_steps[2],
				     "CREATE TABLE half (x); INSERT INTO missing VALUES (1)"};
	assert_err(troth_schema_upgrade(store, steps, 4), TROTH_E_STORE);
	pragma_is(store, "PRAGMA user_version", "3");
	pragma_is(store, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'", "0");
	add_contact(store, "anna");
}

static void open__brings_an_empty_file_up_to_date(void **state)
{
	struct home *home = *state;
	char path[128];
	close_home(home);
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	/* as left by a program killed between making the file and its tables */
	assert_int_equal(unlink(path), 0);
	home_sql(home, "PRAGMA journal_mode = WAL");
	assert_int_equal(chmod(path, 0600), 0);
	home->store = home_open_again(home);
	add_contact(home->store, "anna");
	home_reopen(home);
	assert_int_equal(log_count(home->store, NULL), 1);
}

static void plan_uses_index(struct troth_store *store, const char *sql)
{
	sqlite3_stmt *stmt;
	char explain[512];
	snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql);
	assert_int_equal(sqlite3_prepare_v2(store->db, explain, -1, &stmt, NULL), SQLITE_OK);
	int rows = 0;
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		rows++;
		const char *detail = (const char *)sqlite3_column_text(stmt, 3);
		if (strncmp(detail, "SCAN", 4) == 0 && strstr(detail, "CONSTANT") == NULL)
			fail_msg("%s: %s", sql, detail);
	}
	assert_true(rows > 0);
	sqlite3_finalize(stmt);
}

static int pass_over(void *user, const struct troth_store_statement *statement)
{
	(void)user;
	(void)statement;
	return 0;
}

static void lookups__never_scan_a_table(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_contact c;
	struct troth_store_key key;
	struct troth_store_budget b;
	struct troth_pin pin = pin_of(1);
	bool had;
	int64_t met;
	int64_t id = add_contact(store, "anna");
	struct troth_store_new_key new_key = key_of(&pin);
	assert_ok(troth_store_key_pin(store, id, &new_key, 1));
	assert_ok(troth_store_contact_by_label(store, "anna", &c));
	assert_ok(troth_store_contact_by_pin(store, &pin, &c));
	assert_ok(troth_store_contact_by_name(store, new_key.name, &c));
	assert_err(troth_store_contact_by_address(store, TROTH_REALM_LINK, "x", &c),
		   TROTH_E_NOT_FOUND);
	assert_ok(troth_store_key_get(store, &pin, &key));
	assert_err(troth_store_budget_debit(store, "s", &b), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_history_had_transcript(store, &pin, &had));
	assert_err(troth_store_history_last_met(store, id, &met), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_repair(store, id, &new_key, 2));
	struct troth_store_statement said = {
		.contact = id, .says = {.kind = TROTH_BELIEF_ANCHOR, .subject = pin_of(3)}};
	assert_ok(troth_store_statement_append(store, &said));
	assert_ok(troth_store_statement_list(store, id, pass_over, NULL));
	assert_ok(troth_store_statement_list_by_pin(store, &pin, pass_over, NULL));
	assert_ok(troth_store_key_withdraw(store, &pin, TROTH_STORE_KEY_REVOKED, "", 3));
	/* All that ran so far is cached: none of it may grow with the number of contacts. */
	size_t planned = 0;
	for (size_t i = 0; i < store->statement_count; i++) {
		const char *sql = store->statements[i].sql;
		if (strncmp(sql, "SELECT", 6) == 0 || strncmp(sql, "UPDATE", 6) == 0) {
			plan_uses_index(store, sql);
			planned++;
		}
	}
	assert_true(planned >= 14);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(open__makes_private_files__in_a_new_directory),
		TEST(open__sets_what_durability_rests_on),
		TEST(open__refuses__a_newer_schema),
		TEST(open__refuses__what_is_no_trust_store),
		TEST(open__refuses__a_file_that_was_cut),
		TEST(damage__is_reported__where_it_is_met),
		TEST(open__refuses__files_that_others_can_reach),
		TEST(open__says_why__in_a_read_only_directory),
		cmocka_unit_test(closed_store__refuses_every_call),
		TEST(full_disk__loses_nothing__that_was_reported),
		TEST(upgrade__takes_the_missing_steps__and_keeps_what_is_there),
		TEST(upgrade__leaves_the_older_schema__when_a_step_fails),
		TEST(open__brings_an_empty_file_up_to_date),
		TEST(lookups__never_scan_a_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
