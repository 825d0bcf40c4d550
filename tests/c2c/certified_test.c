/* SPDX-License-Identifier: MIT */
/* Choices where a CA may say whose a key is. */
#include "knows.h"

static void ca__tries__any_key_that_nobody_is_known_by(void **state)
{
	static const struct {
		unsigned knows;
		bool tries;
	} rows[] = {
		{CA, true},
		{CA | ANYBODY, true},
		{CA | UNPROVEN, true},
		{CA | PAIRING, false},
		{CA | PROVEN, false},
		{CA | SECRET, false},
		{NOTHING, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct side s;
		const struct troth_side *us = make(&s, rows[i].knows, THEIRS);
		struct troth_offer theirs = offer(0, OTHER), ours = {0}, none = offer(0, NULL);
		enum troth_method method = TROTH_METHOD_NONE;
		struct troth_offer proceed = {0}, request = offer(0, OURS);
		assert_ok(troth_offer_add_name(&proceed, OTHER));
		assert_int_equal(troth_choose_request(&ours, us, &theirs) == TROTH_OK,
				 rows[i].tries);
		assert_int_equal(troth_choose_proceed(&method, us, &ours, &theirs) == TROTH_OK &&
					 method == TROTH_METHOD_KEY,
				 rows[i].tries);
		assert_int_equal(troth_choose_accept(&method, us, &request, &proceed) == TROTH_OK,
				 rows[i].tries);
		/* Who names no key has nothing that a CA could know. */
		assert_int_not_equal(troth_choose_request(&ours, us, &none), TROTH_OK);
	}
}

static void ca__comes_last__without_offers(void **state)
{
	struct side s;
	enum troth_method method;
	(void)state;
	assert_ok(troth_choose_without_offers(&method, make(&s, CA, THEIRS)));
	assert_int_equal(method, TROTH_METHOD_KEY);
	assert_ok(troth_choose_without_offers(&method, make(&s, CA | MAY_ASK, THEIRS)));
	assert_int_equal(method, TROTH_METHOD_SRP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ca__tries__any_key_that_nobody_is_known_by),
		cmocka_unit_test(ca__comes_last__without_offers),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
