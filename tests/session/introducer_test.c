/* SPDX-License-Identifier: MIT */
#include "../store/fixture.h"
#include "session/introducer.h"

#include <string.h>
#include <troth/err.h>

#define NOW 5000
#define YEAR ((int64_t)365 * 24 * 3600)

/* Benvolio, an introducer with the proven key 1, vouches for Mercutio's key 10. */
struct cast {
	struct troth_store *store;
	int64_t benvolio, mercutio;
};

static void proves(struct troth_store *store, int64_t contact, unsigned number)
{
	struct troth_pin pin = pin_of(number);
	struct troth_store_new_key key = key_of(&pin);
	assert_ok(troth_store_key_pin(store, contact, &key, 1000));
}

static int vouch(struct troth_store *store, int64_t contact, int64_t introducer, unsigned issuer,
		 unsigned number)
{
	struct troth_pin pin = pin_of(number);
	struct troth_store_new_key key = key_of(&pin);
	const struct troth_store_statement says = {
		.says = {.kind = TROTH_BELIEF_VOUCHED,
			 .subject = pin,
			 .issuer = pin_of(issuer),
			 .introducer = introducer,
			 .depth = 1,
			 .issued = 1500,
			 .expires = 1500 + YEAR,
			 .time = 2000},
		.data = {(const uint8_t *)"signed", 6},
	};
	const struct troth_store_vouch v = {
		.contact = contact, .label = "mercutio", .key = &key, .says = &says};
	int64_t id;
	key.how = TROTH_STORE_HOW_VOUCHED;
	key.concluded = true;
	return troth_store_vouch_commit(store, &v, 2000, &id);
}

static struct cast cast_of(void **state)
{
	struct cast c = {.store = home_store(state)};
	c.benvolio = add_contact(c.store, "benvolio");
	proves(c.store, c.benvolio, 1);
	assert_ok(troth_store_leave_set(c.store, c.benvolio, TROTH_STORE_LEAVE_INTRODUCE, true,
					1100));
	assert_ok(vouch(c.store, 0, c.benvolio, 1, 10));
	struct troth_store_contact found;
	assert_ok(troth_store_contact_by_label(c.store, "mercutio", &found));
	c.mercutio = found.id;
	return c;
}

static int voucher(const struct cast *c, unsigned number, int64_t *out)
{
	const struct troth_believed_of of = {.store = c->store, .contact = c->mercutio, .now = NOW};
	struct troth_pin pin = pin_of(number);
	struct troth_voucher by = {.depth = 0};
	int err = troth_introducer_of(&of, &pin, &by);
	*out = by.introducer.id;
	return err;
}

static void assert_vouched_by(const struct cast *c, unsigned number, int64_t who)
{
	int64_t by;
	assert_ok(voucher(c, number, &by));
	assert_int_equal(by, who);
}

static void assert_nobody(const struct cast *c, unsigned number)
{
	int64_t by;
	assert_err(voucher(c, number, &by), TROTH_E_NOT_FOUND);
}

/* ---- whose word counts ---- */

static void word__counts__while_its_giver_is_an_introducer(void **state)
{
	struct cast c = cast_of(state);
	assert_vouched_by(&c, 10, c.benvolio);
	assert_ok(troth_store_leave_set(c.store, c.benvolio, TROTH_STORE_LEAVE_INTRODUCE, false,
					3000));
	assert_nobody(&c, 10);
	assert_ok(troth_store_leave_set(c.store, c.benvolio, TROTH_STORE_LEAVE_INTRODUCE, true,
					3100));
	assert_vouched_by(&c, 10, c.benvolio);
	assert_int_equal(log_count(c.store, "introducer-set"), 2);
	assert_int_equal(log_count(c.store, "introducer-removed"), 1);
}

static void word__is_void__when_its_giver_is_forgotten(void **state)
{
	struct cast c = cast_of(state);
	bool set = true;
	assert_ok(troth_store_contact_forget(c.store, c.benvolio, 3000));
	assert_nobody(&c, 10);
	assert_ok(troth_store_leave_get(c.store, c.benvolio, TROTH_STORE_LEAVE_INTRODUCE, &set));
	assert_false(set);
	/* The same person again is another contact, who hasn't said anything yet. */
	c.benvolio = add_contact(c.store, "benvolio");
	proves(c.store, c.benvolio, 1);
	assert_ok(troth_store_leave_set(c.store, c.benvolio, TROTH_STORE_LEAVE_INTRODUCE, true,
					3100));
	assert_nobody(&c, 10);
}

static void word__is_void__when_the_key_that_gave_it_is_withdrawn(void **state)
{
	static const enum troth_store_key_state states[] = {
		TROTH_STORE_KEY_SUSPENDED, TROTH_STORE_KEY_REPLACED, TROTH_STORE_KEY_REVOKED};
	struct cast c = cast_of(state);
	struct troth_pin pin = pin_of(1);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		assert_ok(troth_store_key_withdraw(c.store, &pin, states[i], "test", 3000));
		assert_nobody(&c, 10);
	}
}

static void word__is_void__by_a_key_of_somebody_else(void **state)
{
	struct cast c = cast_of(state);
	int64_t tybalt = add_contact(c.store, "tybalt");
	proves(c.store, tybalt, 2);
	assert_ok(vouch(c.store, c.mercutio, c.benvolio, 2, 11));
	assert_ok(vouch(c.store, c.mercutio, c.benvolio, 3, 12)); /* a key that nobody knows */
	assert_nobody(&c, 11);
	assert_nobody(&c, 12);
	assert_vouched_by(&c, 10, c.benvolio);
}

/* "Never transitive beyond the depth": Mercutio is known by a word alone. */
static void word__isnt_passed_on(void **state)
{
	struct cast c = cast_of(state);
	struct cast second = {.store = c.store};
	assert_ok(troth_store_leave_set(c.store, c.mercutio, TROTH_STORE_LEAVE_INTRODUCE, true,
					3000));
	second.mercutio = add_contact(c.store, "tybalt");
	assert_ok(vouch(c.store, second.mercutio, c.mercutio, 10, 20));
	assert_nobody(&second, 20);
	assert_vouched_by(&c, 10, c.benvolio);
}

/* Two people who vouch for each other, and whom nobody has met. */
static void introducers__dont_hold_each_other_up(void **state)
{
	struct cast c = cast_of(state);
	struct cast other = {.store = c.store, .mercutio = add_contact(c.store, "paris")};
	for (size_t i = 0; i < 2; i++)
		assert_ok(troth_store_leave_set(c.store, i == 0 ? c.mercutio : other.mercutio,
						TROTH_STORE_LEAVE_INTRODUCE, true, 3000));
	assert_ok(vouch(c.store, other.mercutio, c.mercutio, 10, 30));
	assert_ok(vouch(c.store, c.mercutio, other.mercutio, 30, 10));
	assert_vouched_by(&c, 10, c.benvolio);
	assert_nobody(&other, 30);
	assert_ok(troth_store_leave_set(c.store, c.benvolio, TROTH_STORE_LEAVE_INTRODUCE, false,
					3100));
	assert_nobody(&c, 10);
}

static void word__says_nothing__once_the_contact_has_a_key(void **state)
{
	struct cast c = cast_of(state);
	proves(c.store, c.mercutio, 40);
	assert_nobody(&c, 10);
}

/* ---- what a word takes from nobody ---- */

static void word__changes_no_contact__that_has_keys(void **state)
{
	struct cast c = cast_of(state);
	struct troth_pin pin = pin_of(50);
	int64_t rosaline = add_contact(c.store, "rosaline");
	proves(c.store, rosaline, 50);
	assert_err(vouch(c.store, rosaline, c.benvolio, 1, 51), TROTH_E_CONFLICT);
	assert_says(c.store, "has keys already");
	assert_ok(troth_store_key_withdraw(c.store, &pin, TROTH_STORE_KEY_SUSPENDED, "test", 3000));
	assert_err(vouch(c.store, rosaline, c.benvolio, 1, 51), TROTH_E_CONFLICT);
	pin = pin_of(51);
	struct troth_store_key key;
	assert_err(troth_store_key_get(c.store, &pin, &key), TROTH_E_NOT_FOUND);
}

static void word__takes_no_key__of_another_contact(void **state)
{
	struct cast c = cast_of(state);
	struct troth_store_contact found;
	assert_err(vouch(c.store, c.mercutio, c.benvolio, 1, 1), TROTH_E_CONFLICT);
	int64_t rosaline = add_contact(c.store, "rosaline");
	assert_err(vouch(c.store, rosaline, c.benvolio, 1, 10), TROTH_E_CONFLICT);
	struct troth_pin pin = pin_of(1);
	assert_ok(troth_store_contact_by_pin(c.store, &pin, &found));
	assert_int_equal(found.id, c.benvolio);
}

static void word__revives_no_key__that_was_revoked(void **state)
{
	struct cast c = cast_of(state);
	struct troth_pin pin = pin_of(60);
	assert_ok(troth_store_key_withdraw(c.store, &pin, TROTH_STORE_KEY_REVOKED, "test", 3000));
	assert_err(vouch(c.store, c.mercutio, c.benvolio, 1, 60), TROTH_E_REVOKED);
}

static void word__makes_no_contact__when_it_is_refused(void **state)
{
	struct cast c = cast_of(state);
	struct troth_store_contact found;
	assert_ok(troth_store_contact_rename(c.store, c.mercutio, "il conte", 3000));
	assert_err(vouch(c.store, 0, c.benvolio, 1, 1), TROTH_E_CONFLICT);
	assert_err(troth_store_contact_by_label(c.store, "mercutio", &found), TROTH_E_NOT_FOUND);
}

/* The owner's own claim is more than somebody's word: it proves itself at the next handshake. */
static void claim__takes_the_place__of_a_word(void **state)
{
	struct cast c = cast_of(state);
	struct troth_pin pin = pin_of(10);
	struct troth_store_new_key claimed = key_of(&pin);
	struct troth_store_key key;
	claimed.how = "srp";
	assert_ok(troth_store_key_claim(c.store, c.mercutio, &claimed, 3000));
	assert_ok(troth_store_key_get(c.store, &pin, &key));
	assert_false(troth_key_is_vouched(&key));
	assert_nobody(&c, 10);
	assert_ok(troth_store_key_promote(c.store, &pin, "key", 3100));
}

static void leave__is_nobodys__by_default(void **state)
{
	struct cast c = cast_of(state);
	bool set = true;
	assert_ok(troth_store_leave_get(c.store, c.benvolio, TROTH_STORE_LEAVE_ASK, &set));
	assert_false(set);
	assert_ok(troth_store_leave_set(c.store, c.benvolio, TROTH_STORE_LEAVE_ASK, true, 3000));
	assert_ok(troth_store_leave_set(c.store, c.benvolio, TROTH_STORE_LEAVE_ASK, true, 3001));
	assert_ok(troth_store_leave_get(c.store, c.benvolio, TROTH_STORE_LEAVE_ASK, &set));
	assert_true(set);
	assert_int_equal(log_count(c.store, "sharing-on"), 1);
	assert_err(troth_store_leave_set(c.store, 999, TROTH_STORE_LEAVE_ASK, true, 3000),
		   TROTH_E_NOT_FOUND);
	assert_log_whole(c.store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, home_setup, home_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(word__counts__while_its_giver_is_an_introducer),
		TEST(word__is_void__when_its_giver_is_forgotten),
		TEST(word__is_void__when_the_key_that_gave_it_is_withdrawn),
		TEST(word__is_void__by_a_key_of_somebody_else),
		TEST(word__isnt_passed_on),
		TEST(introducers__dont_hold_each_other_up),
		TEST(word__says_nothing__once_the_contact_has_a_key),
		TEST(word__changes_no_contact__that_has_keys),
		TEST(word__takes_no_key__of_another_contact),
		TEST(word__revives_no_key__that_was_revoked),
		TEST(word__makes_no_contact__when_it_is_refused),
		TEST(claim__takes_the_place__of_a_word),
		TEST(leave__is_nobodys__by_default),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
