/* SPDX-License-Identifier: MIT */
/*
 * A child works and reports each success over a pipe. It is killed in the middle of its
 * n-th write, for every n, with half of that write done: what was reported must be
 * there, and nothing half made.
 */
#include "fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEPS 4
#define GUESSES 1000

/* Step n: one debit, then a meeting with contact n, which gives it back, then its user key. The
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
	if (err == TROTH_OK)
		err = troth_store_meeting_commit(store, &meeting, n, &id);
	if (err != TROTH_OK)
		return err;
	const struct troth_store_statement anchor = {
		.contact = id,
		.says = {.kind = TROTH_BELIEF_ANCHOR, .subject = pin_of(1000 + n), .issuer = pin}};
	return troth_store_statement_append(store, &anchor);
}

/* SQLite's own writes, counted down to the deadly one. */
static unsigned writes_left;

static ssize_t deadly_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	if (--writes_left == 0) {
		(void)!pwrite(fd, bytes, len / 2, at);
		(void)raise(SIGKILL);
	}
	return pwrite(fd, bytes, len, at);
}

static bool count_writes(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	const char *names[] = {"pwrite", "pwrite64"};
	bool found = false;
	for (size_t i = 0; i < 2; i++) {
		if (vfs->xGetSystemCall(vfs, names[i]) == NULL)
			continue;
		if (vfs->xSetSystemCall(vfs, names[i], (sqlite3_syscall_ptr)deadly_pwrite) !=
		    SQLITE_OK)
			return false;
		found = true;
	}
	return found;
}

static void child(const struct home *home, int report)
{
	struct troth_store *store;
	if (!count_writes() || troth_store_new(&store) != TROTH_OK ||
	    troth_store_open(store, home->dir) != TROTH_OK)
		_exit(1);
	for (unsigned n = 0; n < STEPS; n++) {
		char byte = (char)n;
		if (work(store, n) != TROTH_OK || write(report, &byte, 1) != 1)
			_exit(1);
	}
	troth_store_free(store);
	_exit(0);
}

struct outcome {
	unsigned reported;
	bool killed;
};

/* Runs a child that dies in its write number `at`, if it gets there. */
static struct outcome run_and_kill(const struct home *home, unsigned at)
{
	struct outcome out = {0, false};
	int ends[2];
	int status;
	char byte;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		writes_left = at;
		child(home, ends[1]);
	}
	close(ends[1]);
	while (read(ends[0], &byte, 1) == 1)
		out.reported++;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	out.killed = WIFSIGNALED(status);
	assert_true(out.killed || WEXITSTATUS(status) == 0);
	return out;
}

struct tally {
	struct troth_store *store;
	int64_t contacts, anchors;
};

struct belief_of {
	struct troth_pin pin;
	unsigned met, anchored;
};

static int take_statement(void *user, const struct troth_store_statement *s)
{
	struct belief_of *b = user;
	b->met += s->says.kind == TROTH_BELIEF_MET && troth_pin_equal(&s->says.subject, &b->pin);
	b->anchored += s->says.kind == TROTH_BELIEF_ANCHOR;
	return 0;
}

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
	struct belief_of belief = {.pin = pin};
	assert_ok(troth_store_statement_list(tally->store, c->id, take_statement, &belief));
	assert_int_equal(belief.met, 1);
	tally->anchors += belief.anchored;
	assert_ok(troth_store_history_last_met(tally->store, c->id, &met));
	assert_int_equal(met, n);
	return 0;
}

static void examine_all(struct troth_store *store, unsigned reported)
{
	struct tally tally = {store, 0, 0};
	struct troth_store_budget budget;
	assert_ok(troth_store_check(store));
	assert_ok(troth_store_contact_list(store, examine, &tally));
	/* One more may have been done than could be reported. */
	assert_true(tally.contacts == reported || tally.contacts == reported + 1);
	assert_true(tally.anchors >= reported && tally.anchors <= tally.contacts);
	assert_int_equal(log_count(store, "contact-new"), tally.contacts);
	assert_int_equal(log_count(store, "key-pinned"), tally.contacts);
	assert_int_equal(log_count(store, "met"), tally.contacts);
	/* Two debits a step, one back with its meeting: a step cut short has one or two out. */
	assert_ok(troth_store_budget_get(store, "s", &budget));
	assert_true(budget.spent >= tally.contacts && budget.spent <= tally.contacts + 2);
}

static struct outcome cut_work(unsigned at, bool keep_open)
{
	void *own = NULL;
	struct troth_store_budget_params arm = {.scope = "s", .bits = 20, .allowed = GUESSES};
	assert_int_equal(home_setup(&own), 0);
	struct home *home = own;
	assert_ok(troth_store_budget_arm(home->store, &arm, 1));
	/* With another connection open nobody moves the log of writes into the file at the end;
	 * without one, the child does, and dies of that as well. */
	if (!keep_open) {
		troth_store_free(home->store);
		home->store = NULL;
	}
	struct outcome out = run_and_kill(home, at);
	if (home->store == NULL)
		home->store = home_open_again(home);
	examine_all(home->store, out.reported);
	assert_int_equal(home_teardown(&own), 0);
	return out;
}

static void store__keeps_what_was_reported__when_killed_in_any_write(void **state)
{
	(void)state;
	for (int keep_open = 0; keep_open < 2; keep_open++) {
		struct outcome out = {.killed = true};
		unsigned at = 0;
		unsigned seen = 0; /* which numbers of reports a kill has left, as bits */
		while (out.killed) {
			out = cut_work(++at, keep_open != 0);
			seen |= out.killed ? 1u << out.reported : 0;
		}
		assert_int_equal(out.reported, STEPS);
		assert_true(at > 10 * STEPS);
		assert_int_equal(seen & ((1u << STEPS) - 1), (1u << STEPS) - 1);
	}
}

/* Returns whether the child was killed before the store was open. */
static bool make_and_die(const struct home *home, unsigned at)
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct troth_store *store;
		writes_left = at;
		if (!count_writes() || troth_store_new(&store) != TROTH_OK)
			_exit(1);
		_exit(troth_store_open(store, home->dir) == TROTH_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status);
}

/* Killed while making the store: the next one makes it whole. */
static void store__is_made_whole__when_its_maker_was_killed(void **state)
{
	(void)state;
	bool killed = true;
	unsigned at;
	for (at = 1; killed; at++) {
		void *own = NULL;
		char path[128];
		assert_int_equal(home_setup(&own), 0);
		struct home *home = own;
		troth_store_free(home->store);
		home->store = NULL;
		home_path(home, TROTH_STORE_FILE, path, sizeof path);
		assert_int_equal(unlink(path), 0);
		killed = make_and_die(home, at);
		home->store = home_open_again(home);
		add_contact(home->store, "after");
		assert_ok(troth_store_check(home->store));
		assert_int_equal(home_teardown(&own), 0);
	}
	assert_true(at > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(store__keeps_what_was_reported__when_killed_in_any_write),
		cmocka_unit_test(store__is_made_whole__when_its_maker_was_killed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
