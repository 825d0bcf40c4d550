/* SPDX-License-Identifier: MIT */
/*
 * A child works and reports each success over a pipe; it is killed at one moment or
 * another; everything reported must be there, and nothing half made.
 */
#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEPS 40
#define GUESSES 1000

/* Step n: one debit, then a meeting with contact n, which gives it back. The
 * contacts are many, so that the kill falls into all parts of it. */
static int work(struct troth_store *store, unsigned n)
{
	char label[32];
	struct troth_pin pin = pin_of(n + 1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_connection row = {.time = n,
					     .method = "pake",
					     .level = "verified",
					     .transcript = true,
					     .outcome = "ok"};
	struct troth_store_meeting meeting = {
		.label = label, .key = &key, .scope = "s", .connection = &row};
	int64_t id;
	snprintf(label, sizeof label, "contact %u", n);
	int err = troth_store_budget_debit(store, "s", NULL);
	if (err == TROTH_OK)
		err = troth_store_budget_debit(store, "s", NULL);
	return err == TROTH_OK ? troth_store_meeting_commit(store, &meeting, n, &id) : err;
}

static void child(const struct home *home, int report)
{
	struct troth_store *store;
	if (troth_store_new(&store) != TROTH_OK || troth_store_open(store, home->dir) != TROTH_OK)
		_exit(1);
	for (unsigned n = 0; n < STEPS; n++) {
		char byte = (char)n;
		if (work(store, n) != TROTH_OK || write(report, &byte, 1) != 1)
			_exit(1);
	}
	/* Without closing the store: the end is as sudden as any. */
	_exit(0);
}

static unsigned run_and_kill(const struct home *home, long delay_ns)
{
	int ends[2];
	unsigned reported = 0;
	char byte;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		child(home, ends[1]);
	}
	close(ends[1]);
	struct timespec delay = {0, delay_ns};
	nanosleep(&delay, NULL);
	kill(pid, SIGKILL);
	while (read(ends[0], &byte, 1) == 1)
		reported++;
	close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return reported;
}

struct tally {
	struct troth_store *store;
	int64_t contacts;
};

/* No contact without its key, its history and its log entries: they are one. */
static int examine(void *user, const struct troth_store_contact *c)
{
	struct tally *tally = user;
	struct troth_store_contact by_pin;
	int64_t met;
	unsigned n;
	tally->contacts++;
	assert_int_equal(sscanf(c->label, "contact %u", &n), 1);
	struct troth_pin pin = pin_of(n + 1);
	assert_ok(troth_store_contact_by_pin(tally->store, &pin, &by_pin));
	assert_int_equal(by_pin.id, c->id);
	assert_int_equal(state_of(tally->store, &pin), TROTH_STORE_KEY_PROVEN);
	assert_ok(troth_store_history_last_met(tally->store, c->id, &met));
	assert_int_equal(met, n);
	return 0;
}

static void examine_all(struct troth_store *store, unsigned reported)
{
	struct tally tally = {store, 0};
	struct troth_store_budget budget;
	assert_ok(troth_store_check(store));
	assert_ok(troth_store_contact_list(store, examine, &tally));
	/* One more may have been done than could be reported. */
	assert_true(tally.contacts == reported || tally.contacts == reported + 1);
	assert_int_equal(log_count(store, "contact-new"), tally.contacts);
	assert_int_equal(log_count(store, "key-pinned"), tally.contacts);
	assert_int_equal(log_count(store, "met"), tally.contacts);
	/* Two debits a step, one back with its meeting: a step cut short has one or two out. */
	assert_ok(troth_store_budget_get(store, "s", &budget));
	assert_true(budget.spent >= tally.contacts && budget.spent <= tally.contacts + 2);
}

static void store__keeps_what_was_reported__when_killed_anywhere(void **state)
{
	(void)state;
	bool cut = false;
	/* From before the store is open to after the last step, in uneven distances. */
	for (unsigned i = 0; i < 60; i++) {
		void *own = NULL;
		struct troth_store_budget_params arm = {
			.scope = "s", .bits = 20, .allowed = GUESSES};
		assert_int_equal(home_setup(&own), 0);
		struct home *home = own;
		assert_ok(troth_store_budget_arm(home->store, &arm, 1));
		/* The last connection that closes cleans up; every other time ours doesn't. */
		if (i % 2 == 0) {
			troth_store_free(home->store);
			home->store = NULL;
		}
		unsigned reported = run_and_kill(home, 100000L + (long)i * 733331L);
		if (reported > 0 && reported < STEPS)
			cut = true;
		if (home->store == NULL)
			home->store = home_open_again(home);
		examine_all(home->store, reported);
		assert_int_equal(home_teardown(&own), 0);
	}
	assert_true(cut);
}

/* Killed while making the store: the next one makes it whole. */
static void store__is_made_whole__when_its_maker_was_killed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		void *own = NULL;
		char path[128];
		const char *files[] = {TROTH_STORE_FILE, TROTH_STORE_FILE "-wal",
				       TROTH_STORE_FILE "-shm"};
		assert_int_equal(home_setup(&own), 0);
		struct home *home = own;
		troth_store_free(home->store);
		home->store = NULL;
		for (size_t f = 0; f < 3; f++) {
			home_path(home, files[f], path, sizeof path);
			(void)unlink(path);
		}
		(void)run_and_kill(home, 50000L + (long)i * 400000L);
		home->store = home_open_again(home);
		add_contact(home->store, "after");
		assert_ok(troth_store_check(home->store));
		assert_int_equal(home_teardown(&own), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store__keeps_what_was_reported__when_killed_anywhere),
		cmocka_unit_test(store__is_made_whole__when_its_maker_was_killed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
