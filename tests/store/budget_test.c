/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static void arm(struct troth_store *store, unsigned bits, int64_t allowed)
{
	struct troth_store_budget_params params = {
		.scope = "anna", .bits = bits, .allowed = allowed};
	assert_ok(troth_store_budget_arm(store, &params, 5));
}

static void debit__counts_down__and_then_refuses(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_budget b;
	arm(store, TROTH_WEAK_SECRET_BITS - 1, 0);
	for (int i = 1; i <= TROTH_LIMIT_GUESSES; i++) {
		assert_ok(troth_store_budget_debit(store, "anna", &b));
		assert_int_equal(b.remaining, TROTH_LIMIT_GUESSES - i);
		assert_int_equal(b.spent, i);
	}
	home_reopen(*state);
	store = home_store(state);
	assert_err(troth_store_budget_debit(store, "anna", &b), TROTH_E_BUDGET);
	assert_err(troth_store_budget_debit(store, "anna", NULL), TROTH_E_BUDGET);
	assert_says(store, "locked");
	arm(store, 20, 3);
	assert_ok(troth_store_budget_debit(store, "anna", &b));
	assert_int_equal(b.remaining, 2);
	assert_int_equal(log_count(store, "secret-new"), 2);
}

static void arm__is_logged__once_for_what_changes_nothing(void **state)
{
	struct troth_store *store = home_store(state);
	for (int i = 0; i < 3; i++)
		arm(store, 20, 0);
	assert_int_equal(log_count(store, "secret-new"), 1);
	arm(store, 20, 3);
	assert_int_equal(log_count(store, "secret-new"), 2);
	arm(store, 30, 3);
	assert_int_equal(log_count(store, "secret-new"), 3);
	assert_ok(troth_store_budget_debit(store, "anna", NULL));
	arm(store, 30, 3); /* a guess is given back: that is worth a line */
	assert_int_equal(log_count(store, "secret-new"), 4);
}

static void debit__is_refused__when_nothing_is_armed(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_budget b;
	assert_err(troth_store_budget_debit(store, "anna", &b), TROTH_E_NOT_FOUND);
	assert_err(troth_store_budget_credit(store, "anna"), TROTH_E_NOT_FOUND);
	arm(store, 20, 0);
	assert_ok(troth_store_budget_disarm(store, "anna"));
	assert_err(troth_store_budget_debit(store, "anna", &b), TROTH_E_NOT_FOUND);
	assert_err(troth_store_budget_get(store, "anna", &b), TROTH_E_NOT_FOUND);
}

static void debit__only_counts__when_the_secret_is_strong(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_budget b;
	arm(store, TROTH_WEAK_SECRET_BITS, 1);
	for (int i = 1; i <= 2 * TROTH_LIMIT_GUESSES; i++) {
		assert_ok(troth_store_budget_debit(store, "anna", &b));
		assert_true(b.unlimited);
		assert_int_equal(b.spent, i);
		assert_true(b.remaining == INT64_MAX);
	}
}

static void credit__gives_back__only_what_was_taken(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_budget b;
	arm(store, 20, 1);
	assert_err(troth_store_budget_credit(store, "anna"), TROTH_E_INVAL);
	assert_ok(troth_store_budget_debit(store, "anna", &b));
	assert_err(troth_store_budget_debit(store, "anna", &b), TROTH_E_BUDGET);
	assert_ok(troth_store_budget_credit(store, "anna"));
	assert_ok(troth_store_budget_get(store, "anna", &b));
	assert_int_equal(b.remaining, 1);
	assert_err(troth_store_budget_credit(store, "anna"), TROTH_E_INVAL);
}

static void arm__is_refused__when_malformed(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_budget_params params = {.scope = "", .bits = 20};
	assert_err(troth_store_budget_arm(store, &params, 1), TROTH_E_INVAL);
	params = (struct troth_store_budget_params){.scope = "s", .allowed = -1};
	assert_err(troth_store_budget_arm(store, &params, 1), TROTH_E_INVAL);
	params = (struct troth_store_budget_params){.scope = "s", .contact = 5};
	assert_err(troth_store_budget_arm(store, &params, 1), TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(store, NULL), 0);
}

struct told {
	char text[600];
};

static int gather(void *user, const struct troth_store_entry *entry)
{
	struct told *t = user;
	size_t len = strlen(t->text);
	snprintf(t->text + len, sizeof t->text - len, "%s %s|", entry->contact, entry->text);
	return 0;
}

static void arm__is_logged__in_words_for_people(void **state)
{
	struct troth_store *store = home_store(state);
	struct told told = {""};
	struct troth_store_budget_params params = {.scope = "window:0a0b", .bits = 44};
	assert_ok(troth_store_budget_arm(store, &params, 1));
	params = (struct troth_store_budget_params){.scope = "contact:1", .bits = 110};
	params.contact = add_contact(store, "Juliet");
	assert_ok(troth_store_budget_arm(store, &params, 2));
	assert_true(troth_store_log_list(store, 0, gather, &told) >= 0);
	assert_non_null(
		strstr(told.text, "a new secret: at most 10 guesses at it, none used yet|"));
	assert_non_null(strstr(told.text, "Juliet a new secret of 110 bits: guesses are counted"));
	assert_null(strstr(told.text, "window:"));
	assert_null(strstr(told.text, "contact:"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(debit__counts_down__and_then_refuses),
		TEST(arm__is_logged__once_for_what_changes_nothing),
		TEST(debit__is_refused__when_nothing_is_armed),
		TEST(debit__only_counts__when_the_secret_is_strong),
		TEST(credit__gives_back__only_what_was_taken),
		TEST(arm__is_refused__when_malformed),
		TEST(arm__is_logged__in_words_for_people),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
