/* SPDX-License-Identifier: MIT */
/* One device, one owner: claimed once, given away, taken back on the device. */
#include "../test.h"
#include "base/slice.h"
#include "fixture.h"
#include "store/owner.h"
#include <stdio.h>

static int meet(struct troth_store *store, unsigned number, enum troth_store_claim claim,
		int64_t *out)
{
	struct troth_pin pin = pin_of(number);
	struct troth_store_new_key key = key_of(&pin);
	char label[16];
	(void)snprintf(label, sizeof label, "person %u", number);
	const struct troth_store_meeting meeting = {
		.label = label, .key = &key, .claim = claim, .keep_secret = true};
	return troth_store_meeting_commit(store, &meeting, 9, out);
}

static int64_t owner(struct troth_store *store)
{
	int64_t id = -1;
	assert_ok(troth_store_owner_get(store, &id));
	return id;
}

static void owner__is_nobody__at_first_and_after_meetings_without_a_claim(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id;
	assert_int_equal(owner(store), 0);
	assert_ok(meet(store, 1, TROTH_STORE_CLAIM_NONE, &id));
	assert_int_equal(owner(store), 0);
}

static void claim__is_for_one__and_leaves_nothing_of_the_second(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_contact c;
	struct troth_pin second = pin_of(2);
	int64_t first = 0, none = 0;
	assert_ok(meet(store, 1, TROTH_STORE_CLAIM_FIRST, &first));
	assert_int_equal(owner(store), first);
	assert_err(meet(store, 2, TROTH_STORE_CLAIM_FIRST, &none), TROTH_E_REFUSED);
	assert_int_equal(none, 0);
	assert_err(troth_store_contact_by_pin(store, &second, &c), TROTH_E_NOT_FOUND);
	assert_err(troth_store_contact_by_label(store, "person 2", &c), TROTH_E_NOT_FOUND);
	home_reopen(*state);
	assert_int_equal(owner(home_store(state)), first);
	assert_int_equal(log_count(home_store(state), "owner"), 1);
	assert_log_whole(home_store(state));
}

/* Two processes that both wait for their owner: the store decides. */
static void claim__is_for_one__of_two_processes(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store *other = home_open_again(*state);
	int64_t first = 0, none = 0;
	assert_ok(meet(store, 1, TROTH_STORE_CLAIM_FIRST, &first));
	assert_err(meet(other, 2, TROTH_STORE_CLAIM_FIRST, &none), TROTH_E_REFUSED);
	assert_int_equal(owner(other), first);
	troth_store_free(other);
}

static void transfer__forgets_the_former_one(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_contact c;
	struct troth_pin former = pin_of(1);
	int64_t first = 0, second = 0;
	assert_ok(meet(store, 1, TROTH_STORE_CLAIM_FIRST, &first));
	assert_ok(meet(store, 2, TROTH_STORE_CLAIM_TRANSFER, &second));
	assert_int_equal(owner(store), second);
	assert_err(troth_store_contact_by_pin(store, &former, &c), TROTH_E_NOT_FOUND);
	assert_err(troth_store_contact_get(store, first, &c), TROTH_E_NOT_FOUND);
	assert_err(meet(store, 3, TROTH_STORE_CLAIM_FIRST, &first), TROTH_E_REFUSED);
}

static void transfer__to_the_same_one__changes_nothing(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	int64_t first = 0, again = 0;
	assert_ok(meet(store, 1, TROTH_STORE_CLAIM_FIRST, &first));
	const struct troth_store_meeting meeting = {
		.contact = first, .key = &key, .claim = TROTH_STORE_CLAIM_TRANSFER};
	assert_ok(troth_store_meeting_commit(store, &meeting, 9, &again));
	assert_int_equal(again, first);
	assert_int_equal(owner(store), first);
}

static void owner__that_is_forgotten__is_none(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t first = 0, second = 0;
	assert_ok(meet(store, 1, TROTH_STORE_CLAIM_FIRST, &first));
	assert_ok(meet(store, 2, TROTH_STORE_CLAIM_NONE, &second));
	assert_ok(troth_store_contact_forget(store, second, 9));
	assert_int_equal(owner(store), first);
	assert_ok(troth_store_contact_forget(store, first, 9));
	assert_int_equal(owner(store), 0);
	assert_ok(meet(store, 3, TROTH_STORE_CLAIM_FIRST, &first));
}

static int count(void *user, const struct troth_store_contact *contact)
{
	(void)contact;
	++*(int *)user;
	return 0;
}

static void reset__leaves_no_contact__and_every_revocation(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin revoked = pin_of(2);
	struct troth_store_budget budget;
	const struct troth_store_budget_params arm = {.scope = "window:1", .bits = 20};
	int64_t first = 0, second = 0;
	int contacts = 0;
	assert_ok(meet(store, 1, TROTH_STORE_CLAIM_FIRST, &first));
	assert_ok(meet(store, 2, TROTH_STORE_CLAIM_NONE, &second));
	assert_ok(troth_store_key_withdraw(store, &revoked, TROTH_STORE_KEY_REVOKED, "lost", 9));
	assert_ok(troth_store_budget_arm(store, &arm, 9));
	assert_ok(troth_store_owner_reset(store, 10));
	assert_int_equal(owner(store), 0);
	assert_ok(troth_store_contact_list(store, count, &contacts));
	assert_int_equal(contacts, 0);
	assert_int_equal(state_of(store, &revoked), TROTH_STORE_KEY_REVOKED);
	assert_err(troth_store_budget_get(store, "window:1", &budget), TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(store, "reset"), 1);
	assert_log_whole(store);
	assert_ok(meet(store, 3, TROTH_STORE_CLAIM_FIRST, &first));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, home_setup, home_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(owner__is_nobody__at_first_and_after_meetings_without_a_claim),
		TEST(claim__is_for_one__and_leaves_nothing_of_the_second),
		TEST(claim__is_for_one__of_two_processes),
		TEST(transfer__forgets_the_former_one),
		TEST(transfer__to_the_same_one__changes_nothing),
		TEST(owner__that_is_forgotten__is_none),
		TEST(reset__leaves_no_contact__and_every_revocation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
