/* SPDX-License-Identifier: MIT */
/* The rules of docs/protocol.md, "Revocation", one by one: what takes a key away. */
#include "talk.h"

static void revocation__is_for_good__by_the_key_or_its_user_key(void **state)
{
	struct talk t = household();
	(void)state;
	revoked(&t, PHONE, STRANGER, TROTH_BELIEF_COMPROMISED);
	revoked(&t, LAPTOP, OTHER_USER, TROTH_BELIEF_COMPROMISED);
	assert_stands(&t, PHONE, PROVEN);
	assert_stands(&t, LAPTOP, ENDORSED);
	revoked(&t, PHONE, PHONE, TROTH_BELIEF_RETIRED);
	revoked(&t, LAPTOP, USER, TROTH_BELIEF_RETIRED);
	assert_stands(&t, PHONE, REVOKED);
	assert_stands(&t, LAPTOP, REVOKED);
	met(&t, PHONE);
	say(&t, TROTH_BELIEF_REPAIRED, PHONE, 0);
	endorsed(&t, USER, LAPTOP);
	assert_stands(&t, PHONE, REVOKED);
	assert_stands(&t, LAPTOP, REVOKED);
}

static void revocation__may_come_first__by_a_user_key_that_is_accepted_later(void **state)
{
	struct talk t = silence();
	(void)state;
	revoked(&t, LAPTOP, USER, TROTH_BELIEF_LOST);
	met(&t, PHONE);
	say(&t, TROTH_BELIEF_ANCHOR, USER, PHONE);
	assert_stands(&t, LAPTOP, UNKNOWN);
	endorsed(&t, USER, LAPTOP);
	assert_stands(&t, LAPTOP, REVOKED);
}

static void replaced_user_key__revokes_nothing__after_a_repair(void **state)
{
	struct talk t = household();
	(void)state;
	say(&t, TROTH_BELIEF_REPAIRED, PHONE, 0);
	assert_user_stands(&t, USER, REPLACED);
	revoked(&t, PHONE, USER, TROTH_BELIEF_COMPROMISED);
	assert_stands(&t, PHONE, PROVEN);
}

static void fellow__only_suspends__until_the_user_key_decides(void **state)
{
	struct talk t = household();
	(void)state;
	revoked(&t, LAPTOP, PHONE, TROTH_BELIEF_LOST);
	assert_stands(&t, LAPTOP, SUSPENDED);
	assert_steps(&t, LAPTOP, STEPS(TROTH_STEP_FELLOW_REVOKED));
	/* What the user key signed before it could know doesn't decide. */
	endorsed(&t, USER, LAPTOP)->issued = START - 10 * DAY;
	assert_stands(&t, LAPTOP, SUSPENDED);
	endorsed(&t, USER, LAPTOP);
	assert_stands(&t, LAPTOP, ENDORSED);
	revoked(&t, LAPTOP, PHONE, TROTH_BELIEF_RETIRED);
	assert_stands(&t, LAPTOP, SUSPENDED);
	revoked(&t, LAPTOP, USER, TROTH_BELIEF_LOST);
	assert_stands(&t, LAPTOP, REVOKED);
	/* A device says nothing about the user key above it. */
	revoked(&t, USER, PHONE, TROTH_BELIEF_COMPROMISED);
	assert_user_stands(&t, USER, PROVEN);
}

static void fellow__is_overruled__by_a_repair(void **state)
{
	struct talk t = silence();
	(void)state;
	met(&t, PHONE);
	met(&t, LAPTOP);
	revoked(&t, PHONE, LAPTOP, TROTH_BELIEF_COMPROMISED);
	renewed(&t, PHONE, TABLET); /* by whoever has the phone now */
	assert_stands(&t, PHONE, SUSPENDED);
	assert_stands(&t, TABLET, SUSPENDED);
	assert_steps(&t, TABLET, STEPS(TROTH_STEP_ISSUER_SUSPENDED));
	say(&t, TROTH_BELIEF_REPAIRED, PHONE, 0);
	assert_stands(&t, PHONE, PROVEN);
	assert_stands(&t, LAPTOP, REPLACED);
	assert_stands(&t, TABLET, REPLACED);
	assert_steps(&t, LAPTOP, STEPS(TROTH_STEP_REPLACED_BY_REPAIR));
}

static void compromised__voids_what_it_endorsed__but_not_what_is_proven(void **state)
{
	struct talk t = household();
	(void)state;
	revoked(&t, USER, USER, TROTH_BELIEF_COMPROMISED);
	assert_user_stands(&t, USER, REVOKED);
	assert_stands(&t, LAPTOP, VOID);
	assert_steps(&t, LAPTOP, STEPS(TROTH_STEP_ISSUER_REVOKED));
	assert_stands(&t, PHONE, PROVEN);
	met(&t, LAPTOP);
	assert_stands(&t, LAPTOP, PROVEN);
}

static void retired__voids_nothing__and_says_nothing_new(void **state)
{
	struct talk t = household();
	(void)state;
	revoked(&t, USER, USER, TROTH_BELIEF_RETIRED);
	assert_stands(&t, LAPTOP, ENDORSED);
	endorsed(&t, USER, TABLET)->issued = START - DAY;
	assert_stands(&t, TABLET, VOID);
}

static void compromised__reaches_whoever_rests_on_it__step_by_step(void **state)
{
	struct talk t = silence();
	(void)state;
	met(&t, PHONE);
	renewed(&t, PHONE, LAPTOP);
	renewed(&t, LAPTOP, TABLET);
	revoked(&t, PHONE, PHONE, TROTH_BELIEF_COMPROMISED);
	assert_stands(&t, LAPTOP, VOID);
	assert_stands(&t, TABLET, VOID);
	assert_steps(&t, TABLET, STEPS(TROTH_STEP_RENEWED, TROTH_STEP_ISSUER_REVOKED));
}

/* Whoever had the phone may have brought a user key of his own. */
static void anchor__falls_with_its_device__unless_the_user_key_itself_revoked_it(void **state)
{
	struct talk t = household();
	(void)state;
	revoked(&t, PHONE, USER, TROTH_BELIEF_COMPROMISED);
	assert_stands(&t, PHONE, REVOKED);
	assert_stands(&t, LAPTOP, ENDORSED);
	t = household();
	revoked(&t, PHONE, PHONE, TROTH_BELIEF_COMPROMISED);
	assert_user_stands(&t, USER, VOID);
	assert_stands(&t, LAPTOP, VOID);
	/* A second road to it holds. */
	met(&t, TABLET);
	say(&t, TROTH_BELIEF_ANCHOR, USER, TABLET);
	assert_stands(&t, LAPTOP, ENDORSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revocation__is_for_good__by_the_key_or_its_user_key),
		cmocka_unit_test(revocation__may_come_first__by_a_user_key_that_is_accepted_later),
		cmocka_unit_test(replaced_user_key__revokes_nothing__after_a_repair),
		cmocka_unit_test(fellow__only_suspends__until_the_user_key_decides),
		cmocka_unit_test(fellow__is_overruled__by_a_repair),
		cmocka_unit_test(compromised__voids_what_it_endorsed__but_not_what_is_proven),
		cmocka_unit_test(retired__voids_nothing__and_says_nothing_new),
		cmocka_unit_test(compromised__reaches_whoever_rests_on_it__step_by_step),
		cmocka_unit_test(
			anchor__falls_with_its_device__unless_the_user_key_itself_revoked_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
