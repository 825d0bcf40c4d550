/* SPDX-License-Identifier: MIT */
/* Two streams with one contact: both sides keep the same one. */
#include "../test.h"

#include "session/rivals.h"

static const struct troth_pin small = {.bytes = {1, 200}};
static const struct troth_pin large = {.bytes = {2, 100}};

/* Which stream stays, told by its initiator, as a side sees it that had the one of `first`
 * up first. */
static const struct troth_pin *stays(const struct troth_pin *own, const struct troth_pin *peer,
				     const struct troth_pin *first)
{
	enum troth_role role = first == own ? TROTH_INITIATOR : TROTH_RECIPIENT;
	struct troth_rival older = {role, 1000};
	struct troth_rival newer = {role == TROTH_INITIATOR ? TROTH_RECIPIENT : TROTH_INITIATOR,
				    1300};
	const struct troth_pin *second = first == own ? peer : own;
	return troth_rivals_older_stays(&older, &newer, own, peer) ? first : second;
}

static void rivals__agree_on_both_sides__whichever_came_first(void **state)
{
	(void)state;
	assert_ptr_equal(stays(&small, &large, &small), &small);
	assert_ptr_equal(stays(&small, &large, &large), &small);
	assert_ptr_equal(stays(&large, &small, &small), &small);
	assert_ptr_equal(stays(&large, &small, &large), &small);
}

static void newer__stays__when_the_same_side_dialled_again(void **state)
{
	struct troth_rival older = {TROTH_INITIATOR, 1000};
	struct troth_rival newer = {TROTH_INITIATOR, 1001};
	(void)state;
	assert_false(troth_rivals_older_stays(&older, &newer, &small, &large));
	assert_false(troth_rivals_older_stays(&older, &newer, &large, &small));
}

static void newer__stays__when_the_older_one_is_old(void **state)
{
	struct troth_rival older = {TROTH_INITIATOR, 0};
	struct troth_rival newer = {TROTH_RECIPIENT, TROTH_RIVALS_MS};
	(void)state;
	assert_false(troth_rivals_older_stays(&older, &newer, &small, &large));
	newer.up_at--;
	assert_true(troth_rivals_older_stays(&older, &newer, &small, &large));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rivals__agree_on_both_sides__whichever_came_first),
		cmocka_unit_test(newer__stays__when_the_same_side_dialled_again),
		cmocka_unit_test(newer__stays__when_the_older_one_is_old),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
