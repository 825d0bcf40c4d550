/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

struct troth_store *home_open_again(const struct home *home)
{
	struct troth_store *store;
	assert_ok(troth_store_new(&store));
	int err = troth_store_open(store, home->dir);
	if (err != TROTH_OK)
		fail_msg("%s", troth_store_error(store));
	return store;
}

int home_setup(void **state)
{
	struct home *home = calloc(1, sizeof *home);
	assert_non_null(home);
	strcpy(home->dir, "/tmp/troth-store-XXXXXX");
	assert_non_null(mkdtemp(home->dir));
	home->store = home_open_again(home);
	*state = home;
	return 0;
}

int home_teardown(void **state)
{
	struct home *home = *state;
	troth_store_free(home->store);
	int rc = nftw(home->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(home);
	return rc;
}

struct troth_store *home_store(void **state)
{
	return ((struct home *)*state)->store;
}

void home_reopen(struct home *home)
{
	troth_store_free(home->store);
	home->store = NULL;
	home->store = home_open_again(home);
}

void home_path(const struct home *home, const char *file, char *out, size_t size)
{
	assert_true(snprintf(out, size, "%s/%s", home->dir, file) < (int)size);
}

int home_sql_result(const struct home *home, const char *sql)
{
	char path[128];
	sqlite3 *db = NULL;
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return rc;
}

void home_sql(const struct home *home, const char *sql)
{
	assert_int_equal(home_sql_result(home, sql), SQLITE_OK);
}

struct troth_pin pin_of(unsigned number)
{
	struct troth_pin pin = {{0}};
	memcpy(pin.bytes, &number, sizeof number);
	return pin;
}

struct troth_store_new_key key_of(const struct troth_pin *pin)
{
	static char names[8][TROTH_NAME_LEN + 1];
	static unsigned next;
	static const uint8_t der[] = {0x30, 0x03, 0x02, 0x01, 0x00};
	unsigned number;
	char *name = names[next++ % 8];
	memcpy(&number, pin->bytes, sizeof number);
	snprintf(name, sizeof names[0], "%040x", number);
	return (struct troth_store_new_key){
		.pin = pin, .name = name, .der = {der, sizeof der}, .how = "pake"};
}

int64_t add_contact(struct troth_store *store, const char *label)
{
	int64_t id = 0;
	assert_ok(troth_store_contact_create(store, label, 1000, &id));
	assert_true(id > 0);
	return id;
}

enum troth_store_key_state state_of(struct troth_store *store, const struct troth_pin *pin)
{
	struct troth_store_key key;
	assert_ok(troth_store_key_get(store, pin, &key));
	return key.state;
}

struct count {
	const char *kind;
	int64_t found;
};

static int count_entry(void *user, const struct troth_store_entry *entry)
{
	struct count *count = user;
	if (count->kind == NULL || strcmp(count->kind, entry->kind) == 0)
		count->found++;
	return 0;
}

int64_t log_count(struct troth_store *store, const char *kind)
{
	struct count count = {kind, 0};
	assert_ok(troth_store_log_list(store, 0, count_entry, &count));
	return count.found;
}

void assert_log_whole(struct troth_store *store)
{
	int64_t broken = -1;
	assert_ok(troth_store_log_verify(store, &broken));
	assert_int_equal(broken, 0);
}

void assert_says(struct troth_store *store, const char *part)
{
	if (strstr(troth_store_error(store), part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", troth_store_error(store), part);
}
