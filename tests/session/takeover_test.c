/* SPDX-License-Identifier: MIT */
/* A stranger that pairs honestly, and tries to become somebody else by it. */
#include "people.h"

static void secret__gives_no_contact__whose_address_the_peer_claims(void **state)
{
	(void)state;
	uv_loop_t loop;
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_VERIFIED);
	struct person *juliet = person_new(&loop, "juliet@home", TROTH_LEVEL_VERIFIED);
	struct person *mallory = person_new(&loop, "juliet@home", TROTH_LEVEL_VERIFIED);
	struct troth_pin hers = person_pin(juliet), his = person_pin(mallory);
	struct troth_store_contact owner;
	int64_t contact = person_knows(us, "juliet", juliet);

	/* Our user wants to meet Mallory, at the host and port that he told. */
	person_opens_window(mallory, 0, "a secret with mallory");
	person_calls(us, person_where(mallory), "a secret with mallory");
	run_until(us, TROTH_NEWS_GAVE_UP, 1);

	assert_int_equal(state_of(us->home->store, &hers), TROTH_STORE_KEY_PROVEN);
	if (troth_store_contact_by_pin(us->home->store, &his, &owner) == TROTH_OK)
		assert_int_not_equal(owner.id, contact);
	people_end(&loop, (struct person *[]){us, juliet, mallory}, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret__gives_no_contact__whose_address_the_peer_claims),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
