/* SPDX-License-Identifier: MIT */
/* The rules of docs/protocol.md, "A lost user key", one by one. */
#include "talk.h"

static struct troth_belief_statement *named(struct talk *t, unsigned device, unsigned need)
{
	struct troth_belief_statement *s = say(t, TROTH_BELIEF_QUORUM, device, USER);
	s->depth = need;
	s->list.bytes[0] = 1;
	return s;
}

static void elects(struct talk *t, unsigned device)
{
	say(t, TROTH_BELIEF_SUCCESSOR, OTHER_USER, device);
}

/* Phone and laptop are known, a tablet isn't; any two of them may name a user key. */
static struct talk named_household(void)
{
	struct talk t = household();
	named(&t, PHONE, 2);
	named(&t, LAPTOP, 2);
	named(&t, TABLET, 2);
	return t;
}

static void quorum__names_the_next_user_key(void **state)
{
	struct talk t = named_household();
	(void)state;
	elects(&t, PHONE);
	assert_user_stands(&t, OTHER_USER, UNKNOWN);
	elects(&t, LAPTOP);
	assert_user_stands(&t, OTHER_USER, ENDORSED);
	endorsed(&t, OTHER_USER, STRANGER);
	assert_stands(&t, STRANGER, ENDORSED);
	assert_stands(&t, LAPTOP, ENDORSED);
}

static void fewer__name_nobody(void **state)
{
	struct talk t = named_household();
	(void)state;
	elects(&t, PHONE);
	elects(&t, PHONE);
	assert_user_stands(&t, OTHER_USER, UNKNOWN);
	elects(&t, STRANGER); /* nobody's device */
	assert_user_stands(&t, OTHER_USER, UNKNOWN);
	elects(&t, TABLET); /* named, and never met */
	assert_user_stands(&t, OTHER_USER, UNKNOWN);
	t = named_household();
	elects(&t, PHONE);
	endorsed(&t, USER, TABLET);
	elects(&t, TABLET);
	assert_user_stands(&t, OTHER_USER, ENDORSED);
}

static void one__names_nobody__whatever_the_user_key_said(void **state)
{
	for (unsigned need = 0; need < 2; need++) {
		struct talk t = household();
		(void)state;
		named(&t, PHONE, need);
		elects(&t, PHONE);
		elects(&t, LAPTOP);
		assert_user_stands(&t, OTHER_USER, UNKNOWN);
	}
}

static void revoked_device__names_nobody__before_or_after(void **state)
{
	struct talk t = named_household();
	(void)state;
	elects(&t, PHONE);
	elects(&t, LAPTOP);
	revoked(&t, LAPTOP, USER, TROTH_BELIEF_LOST);
	assert_user_stands(&t, OTHER_USER, VOID);
	t = named_household();
	revoked(&t, LAPTOP, LAPTOP, TROTH_BELIEF_RETIRED);
	elects(&t, PHONE);
	elects(&t, LAPTOP);
	assert_user_stands(&t, OTHER_USER, VOID);
}

static void suspended_device__names_nobody__as_long_as_it_is(void **state)
{
	struct talk t = named_household();
	(void)state;
	revoked(&t, LAPTOP, PHONE, TROTH_BELIEF_LOST);
	elects(&t, PHONE);
	elects(&t, LAPTOP);
	assert_user_stands(&t, OTHER_USER, SUSPENDED);
	endorsed(&t, USER, LAPTOP);
	assert_user_stands(&t, OTHER_USER, SUSPENDED); /* it came after the succession */
	met(&t, LAPTOP);
	assert_user_stands(&t, OTHER_USER, ENDORSED);
}

static void second_quorum__of_a_stolen_user_key__is_none(void **state)
{
	struct talk t = named_household();
	(void)state;
	endorsed(&t, USER, STRANGER);
	named(&t, STRANGER, 2)->list.bytes[0] = 2;
	named(&t, PHONE, 2)->list.bytes[0] = 2;
	elects(&t, PHONE);
	elects(&t, STRANGER);
	assert_user_stands(&t, OTHER_USER, UNKNOWN);
	elects(&t, LAPTOP);
	assert_user_stands(&t, OTHER_USER, ENDORSED);
}

static void second_successor__is_none(void **state)
{
	struct talk t = named_household();
	(void)state;
	endorsed(&t, USER, TABLET);
	elects(&t, PHONE);
	elects(&t, LAPTOP);
	say(&t, TROTH_BELIEF_SUCCESSOR, STRANGER, TABLET);
	say(&t, TROTH_BELIEF_SUCCESSOR, STRANGER, LAPTOP);
	assert_user_stands(&t, OTHER_USER, ENDORSED);
	assert_user_stands(&t, STRANGER, UNKNOWN);
}

static void lost_user_key__adds_nothing_more__and_still_takes_away(void **state)
{
	struct talk t = named_household();
	(void)state;
	elects(&t, PHONE);
	elects(&t, LAPTOP);
	endorsed(&t, USER, STRANGER);
	assert_stands(&t, STRANGER, VOID);
	assert_stands(&t, LAPTOP, ENDORSED);
	revoked(&t, LAPTOP, USER, TROTH_BELIEF_RETIRED);
	assert_stands(&t, LAPTOP, REVOKED);
}

static void quorum__stands__when_the_user_key_is_revoked_later(void **state)
{
	struct talk t = named_household();
	(void)state;
	met(&t, LAPTOP);
	revoked(&t, USER, USER, TROTH_BELIEF_LOST);
	elects(&t, PHONE);
	elects(&t, LAPTOP);
	assert_user_stands(&t, OTHER_USER, ENDORSED);
	t = household();
	met(&t, LAPTOP);
	revoked(&t, USER, USER, TROTH_BELIEF_LOST);
	named(&t, PHONE, 2);
	named(&t, LAPTOP, 2);
	elects(&t, PHONE);
	elects(&t, LAPTOP);
	assert_user_stands(&t, OTHER_USER, VOID);
}

static void repair__begins_anew(void **state)
{
	struct talk t = named_household();
	(void)state;
	elects(&t, PHONE);
	say(&t, TROTH_BELIEF_REPAIRED, PHONE, 0);
	elects(&t, LAPTOP);
	elects(&t, PHONE);
	assert_user_stands(&t, OTHER_USER, UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quorum__names_the_next_user_key),
		cmocka_unit_test(fewer__name_nobody),
		cmocka_unit_test(one__names_nobody__whatever_the_user_key_said),
		cmocka_unit_test(revoked_device__names_nobody__before_or_after),
		cmocka_unit_test(suspended_device__names_nobody__as_long_as_it_is),
		cmocka_unit_test(second_quorum__of_a_stolen_user_key__is_none),
		cmocka_unit_test(second_successor__is_none),
		cmocka_unit_test(lost_user_key__adds_nothing_more__and_still_takes_away),
		cmocka_unit_test(quorum__stands__when_the_user_key_is_revoked_later),
		cmocka_unit_test(repair__begins_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
