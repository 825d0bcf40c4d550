/* SPDX-License-Identifier: MIT */
/* A stranger that pairs honestly, and tries to become somebody else by it. */
#include "base/limits.h"
#include "base/slice.h"
#include "people.h"
#include "session/scope.h"

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

/* Effect: runs the loops by turns until this many news of the type came. */
static void run_both(struct person *a, struct person *b, enum troth_news_type type, unsigned count)
{
	const uint64_t end = uv_hrtime() + UINT64_C(20000000000);
	while (uv_hrtime() < end && b->count[type] < count) {
		(void)uv_run(a->loop, UV_RUN_NOWAIT);
		(void)uv_run(b->loop, UV_RUN_NOWAIT);
	}
	assert_true(b->count[type] >= count);
}

/* "A secret belongs to one contact [...] and is spent on success" */
static void secret__is_spent__when_the_first_of_two_has_proved_it(void **state)
{
	(void)state;
	uv_loop_t here, there, elsewhere;
	assert_int_equal(uv_loop_init(&here), 0);
	assert_int_equal(uv_loop_init(&there), 0);
	assert_int_equal(uv_loop_init(&elsewhere), 0);
	struct person *us = person_new(&here, "us@here", TROTH_LEVEL_VERIFIED);
	struct person *romeo = person_new(&there, "romeo@home", TROTH_LEVEL_VERIFIED);
	struct person *mallory = person_new(&elsewhere, "mallory@home", TROTH_LEVEL_VERIFIED);

	struct troth_pin first = person_pin(romeo), second = person_pin(mallory);
	struct troth_store_key key;

	person_opens_window(us, add_contact(us->home->store, "romeo"), "overheard");
	person_calls(mallory, person_where(us), "overheard");
	run_both(us, mallory, TROTH_NEWS_STATE, 6); /* he begins TLS, and pauses */
	person_calls(romeo, person_where(us), "overheard");
	run_both(romeo, us, TROTH_NEWS_PINNED, 1); /* Romeo hasn't come again by his key */
	run_both(us, mallory, TROTH_NEWS_GAVE_UP, 1);

	assert_int_not_equal(mallory->last[TROTH_NEWS_GAVE_UP].err, TROTH_OK);
	assert_int_equal(state_of(us->home->store, &first), TROTH_STORE_KEY_PROVEN);
	assert_err(troth_store_key_get(us->home->store, &second, &key), TROTH_E_NOT_FOUND);
	people_end(&elsewhere, &mallory, 1);
	people_end(&there, &romeo, 1);
	people_end(&here, &us, 1);
}

static void secret__is_void__when_another_window_was_opened(void **state)
{
	(void)state;
	uv_loop_t here, elsewhere;
	assert_int_equal(uv_loop_init(&here), 0);
	assert_int_equal(uv_loop_init(&elsewhere), 0);
	struct person *us = person_new(&here, "us@here", TROTH_LEVEL_VERIFIED);
	struct person *mallory = person_new(&elsewhere, "mallory@home", TROTH_LEVEL_VERIFIED);
	struct troth_pin his = person_pin(mallory);
	struct troth_store_key key;
	int64_t romeo = add_contact(us->home->store, "romeo");

	person_opens_window(us, romeo, "overheard");
	person_calls(mallory, person_where(us), "overheard");
	run_both(us, mallory, TROTH_NEWS_STATE, 6); /* he begins TLS, and pauses */
	person_opens_window(us, romeo, "a better one");
	run_both(us, mallory, TROTH_NEWS_GAVE_UP, 1);

	assert_int_not_equal(mallory->last[TROTH_NEWS_GAVE_UP].err, TROTH_OK);
	assert_err(troth_store_key_get(us->home->store, &his, &key), TROTH_E_NOT_FOUND);
	people_end(&elsewhere, &mallory, 1);
	people_end(&here, &us, 1);
}

/* Nobody hears whether he guessed a secret that isn't waited for any more, and nothing is paid. */
static void guess__isnt_answered__when_the_window_was_closed(void **state)
{
	(void)state;
	uv_loop_t here, elsewhere;
	assert_int_equal(uv_loop_init(&here), 0);
	assert_int_equal(uv_loop_init(&elsewhere), 0);
	struct person *us = person_new(&here, "us@here", TROTH_LEVEL_VERIFIED);
	struct person *mallory = person_new(&elsewhere, "mallory@home", TROTH_LEVEL_VERIFIED);
	int64_t romeo = add_contact(us->home->store, "romeo");
	struct troth_store_budget budget;
	char scope[TROTH_SCOPE_LEN];

	person_opens_window(us, romeo, "the right one");
	person_calls(mallory, person_where(us), "a guess");
	run_both(us, mallory, TROTH_NEWS_STATE, 6); /* he begins TLS, and pauses */
	troth_session_window_close(us->session);
	run_both(us, mallory, TROTH_NEWS_GAVE_UP, 1);

	assert_int_not_equal(mallory->last[TROTH_NEWS_GAVE_UP].err, TROTH_E_SECRET);
	assert_int_equal(us->count[TROTH_NEWS_WRONG_SECRET], 0);
	assert_ok(troth_store_budget_get(us->home->store, troth_scope_contact(scope, romeo),
					 &budget));
	assert_int_equal(budget.spent, 0);
	people_end(&elsewhere, &mallory, 1);
	people_end(&here, &us, 1);
}

/* Other processes of the same store count, too. */
static void guess__isnt_answered__when_none_is_left(void **state)
{
	(void)state;
	uv_loop_t loop;
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_VERIFIED);
	struct person *mallory = person_new(&loop, "mallory@home", TROTH_LEVEL_VERIFIED);
	struct troth_pin his = person_pin(mallory);
	struct troth_store_key key;
	int64_t romeo = add_contact(us->home->store, "romeo");
	char scope[TROTH_SCOPE_LEN];

	person_opens_window(us, romeo, "the right one");
	(void)troth_scope_contact(scope, romeo);
	for (int i = 0; i < TROTH_LIMIT_GUESSES; i++)
		assert_ok(troth_store_budget_debit(us->home->store, scope, NULL));
	person_calls(mallory, person_where(us), "the right one"); /* and he isn't told so */
	run_until(mallory, TROTH_NEWS_GAVE_UP, 1);

	assert_err(mallory->last[TROTH_NEWS_GAVE_UP].err, TROTH_E_BUDGET);
	assert_err(troth_store_key_get(us->home->store, &his, &key), TROTH_E_NOT_FOUND);
	people_end(&loop, (struct person *[]){us, mallory}, 2);
}

/* "A secret belongs to one contact (a second contact with the same one is refused)", also where it
 * is given for a call while a window waits with it. */
static void secret__of_one_contact__is_refused_for_another(void **state)
{
	(void)state;
	uv_loop_t loop;
	struct troth_secret *shared;
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_VERIFIED);
	(void)add_contact(us->home->store, "juliet");
	person_opens_window(us, add_contact(us->home->store, "romeo"), "for both");
	assert_ok(troth_secret_new(&shared, troth_slice_str("for both")));
	const struct troth_call_params params = {.peer = "juliet",
						 .at = person_where(us),
						 .pairing = true,
						 .secret = shared,
						 .least = TROTH_LEVEL_VERIFIED};
	struct troth_call *call = NULL;
	assert_err(troth_session_call(us->session, &params, &call), TROTH_E_CONFLICT);
	assert_null(call);
	troth_secret_free(shared);
	people_end(&loop, &us, 1);
}

/* "Only a correct proof gives that one debit back", and the secret waits for nobody any more. */
static void proof__gives_the_guess_back__and_spends_the_secret(void **state)
{
	(void)state;
	uv_loop_t loop;
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_VERIFIED);
	struct person *friend = person_new(&loop, "friend@home", TROTH_LEVEL_VERIFIED);
	struct troth_store *store = us->home->store;
	struct troth_store_budget budget;
	char scope[TROTH_SCOPE_LEN];
	int64_t contact = add_contact(store, "friend");
	(void)troth_scope_contact(scope, contact);

	person_opens_window(us, contact, "between us");
	person_calls(friend, person_where(us), "between you"); /* the wrong one first */
	run_until(friend, TROTH_NEWS_GAVE_UP, 1);
	assert_ok(troth_store_budget_get(store, scope, &budget));
	assert_int_equal(budget.spent, 1);
	person_calls(friend, person_where(us), "between us");
	run_until(us, TROTH_NEWS_PAIRED, 1);
	assert_ok(troth_store_budget_get(store, scope, &budget));
	assert_int_equal(budget.spent, 1); /* that one stays */
	person_opens_window(us, add_contact(store, "another"), "between us");
	people_end(&loop, (struct person *[]){us, friend}, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret__gives_no_contact__whose_address_the_peer_claims),
		cmocka_unit_test(secret__is_spent__when_the_first_of_two_has_proved_it),
		cmocka_unit_test(guess__isnt_answered__when_the_window_was_closed),
		cmocka_unit_test(guess__isnt_answered__when_none_is_left),
		cmocka_unit_test(secret__of_one_contact__is_refused_for_another),
		cmocka_unit_test(proof__gives_the_guess_back__and_spends_the_secret),
		cmocka_unit_test(secret__is_void__when_another_window_was_opened),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
