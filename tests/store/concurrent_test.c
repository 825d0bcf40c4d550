/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "store/database.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 6
#define ATTEMPTS 20
#define ALLOWED 50

typedef int child_work(struct troth_store *store, unsigned number);

/* Forks and runs; returns the sum of what they returned. Anything unexpected is 200 and more. */
static int run_children(const struct home *home, child_work *work)
{
	pid_t pids[PROCESSES];
	int start[2];
	int sum = 0;
	char byte;
	assert_int_equal(pipe(start), 0);
	for (unsigned i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] != 0)
			continue;
		struct troth_store *store;
		close(start[1]);
		/* All begin when the pipe ends, the opening included. */
		if (read(start[0], &byte, 1) != 0 || troth_store_new(&store) != TROTH_OK)
			_exit(201);
		if (troth_store_open(store, home->dir) != TROTH_OK)
			_exit(202);
		int result = work(store, i);
		troth_store_free(store);
		_exit(result);
	}
	close(start[0]);
	close(start[1]);
	for (unsigned i = 0; i < PROCESSES; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) < 200);
		sum += WEXITSTATUS(status);
	}
	return sum;
}

static int debit_many(struct troth_store *store, unsigned number)
{
	(void)number;
	int got = 0;
	for (int i = 0; i < ATTEMPTS; i++) {
		int err = troth_store_budget_debit(store, "s", NULL);
		if (err == TROTH_OK)
			got++;
		else if (err != TROTH_E_BUDGET)
			return 210;
	}
	return got;
}

static void debits__are_exactly_the_budget__by_many_processes(void **state)
{
	struct home *home = *state;
	struct troth_store_budget_params arm = {.scope = "s", .bits = 20, .allowed = ALLOWED};
	struct troth_store_budget b;
	assert_true(PROCESSES * ATTEMPTS > ALLOWED);
	assert_ok(troth_store_budget_arm(home->store, &arm, 1));
	assert_int_equal(run_children(home, debit_many), ALLOWED);
	assert_ok(troth_store_budget_get(home->store, "s", &b));
	assert_int_equal(b.spent, ALLOWED);
	assert_int_equal(b.remaining, 0);
}

static int pin_the_same(struct troth_store *store, unsigned number)
{
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	char label[16];
	int64_t id;
	snprintf(label, sizeof label, "c%u", number);
	struct troth_store_meeting meeting = {.label = label, .key = &key};
	int err = troth_store_meeting_commit(store, &meeting, 1, &id);
	return err == TROTH_OK ? 1 : err == TROTH_E_CONFLICT ? 0 : 211;
}

static int count_contact(void *user, const struct troth_store_contact *c)
{
	(void)c;
	++*(int *)user;
	return 0;
}

static void key__goes_to_one_contact__when_many_take_it_at_once(void **state)
{
	struct home *home = *state;
	int contacts = 0;
	assert_int_equal(run_children(home, pin_the_same), 1);
	assert_ok(troth_store_contact_list(home->store, count_contact, &contacts));
	assert_int_equal(contacts, 1);
}

static int write_log(struct troth_store *store, unsigned number)
{
	struct troth_store_entry e = {.kind = "test", .text = "x", .time = number};
	for (int i = 0; i < ATTEMPTS; i++) {
		if (troth_store_log_append(store, &e) != TROTH_OK)
			return 212;
	}
	return 1;
}

/* Nobody has made the store yet: its making is part of the race. */
static void log__stays_one_chain__when_many_make_and_write_it(void **state)
{
	struct home *home = *state;
	char path[128];
	troth_store_free(home->store);
	home->store = NULL;
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(run_children(home, write_log), PROCESSES);
	home->store = home_open_again(home);
	assert_int_equal(log_count(home->store, "test"), PROCESSES * ATTEMPTS);
	assert_ok(troth_store_check(home->store));
}

static int read_while_written(void *user, const struct troth_store_contact *c)
{
	struct troth_store *other = user;
	int64_t id;
	(void)c;
	assert_ok(troth_store_contact_create(other, "written meanwhile", 1, &id));
	return 0;
}

static void reader__keeps_its_view__while_another_store_writes(void **state)
{
	struct home *home = *state;
	int contacts = 0;
	add_contact(home->store, "anna");
	struct troth_store *other = home_open_again(home);
	assert_ok(troth_store_contact_list(home->store, read_while_written, other));
	troth_store_free(other);
	assert_ok(troth_store_contact_list(home->store, count_contact, &contacts));
	assert_int_equal(contacts, 2);
}

static void change__is_refused_as_busy__while_another_program_holds_the_store(void **state)
{
	struct home *home = *state;
	struct troth_store_contact c;
	int64_t id;
	struct troth_store *other = home_open_again(home);
	add_contact(home->store, "anna");
	assert_ok(troth_store_begin(other));
	/* As long as in life isn't needed to see what comes of it. */
	assert_int_equal(sqlite3_busy_timeout(home->store->db, 10), SQLITE_OK);
	assert_err(troth_store_contact_create(home->store, "berta", 1, &id), TROTH_E_BUSY);
	assert_says(home->store, "Another program");
	assert_ok(troth_store_contact_by_label(home->store, "anna", &c));
	assert_ok(troth_store_end(other, TROTH_OK));
	add_contact(home->store, "berta");
	troth_store_free(other);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(debits__are_exactly_the_budget__by_many_processes),
		TEST(key__goes_to_one_contact__when_many_take_it_at_once),
		TEST(log__stays_one_chain__when_many_make_and_write_it),
		TEST(change__is_refused_as_busy__while_another_program_holds_the_store),
		TEST(reader__keeps_its_view__while_another_store_writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
