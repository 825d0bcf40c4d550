/* SPDX-License-Identifier: MIT */
/* Lost lines: who gets what was said, and who ends what when. */
#include "people.h"

static void call__ends_once__when_its_owner_ends_it_while_told(void **state)
{
	(void)state;
	uv_loop_t loop;
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_VERIFIED);
	struct person *juliet = person_new(&loop, "juliet@home", TROTH_LEVEL_VERIFIED);
	person_knows(us, "juliet", juliet);
	person_knows(juliet, "us", us);

	person_calls(us, person_where(juliet), NULL);
	run_until(us, TROTH_NEWS_UP, 1);
	us->end_on_down = true;
	troth_session_hang_up(juliet->session, juliet->last[TROTH_NEWS_UP].talk);
	run_until(us, TROTH_NEWS_DOWN, 1);

	run_for(&loop, 100);
	assert_int_equal(us->count[TROTH_NEWS_RETRY], 0);
	people_end(&loop, (struct person *[]){us, juliet}, 2);
}

/* Both call: the stream of whose pin is smaller stays. A line a second time would look like a
 * second friend. */
static void stream__that_takes_the_place_of_another__isnt_told_to_people_again(void **state)
{
	(void)state;
	uv_loop_t loop;
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *one = person_new(&loop, "one@here", TROTH_LEVEL_VERIFIED);
	struct person *two = person_new(&loop, "two@home", TROTH_LEVEL_VERIFIED);
	person_knows(one, "two", two);
	person_knows(two, "one", one);
	bool smaller = memcmp(troth_cert_pin(troth_device_cert(one->device)),
			      troth_cert_pin(troth_device_cert(two->device)),
			      sizeof(struct troth_pin)) < 0;
	struct person *first = smaller ? two : one;
	struct person *second = smaller ? one : two;

	person_calls(first, person_where(second), NULL);
	run_until(first, TROTH_NEWS_UP, 1);
	run_until(second, TROTH_NEWS_UP, 1);
	assert_false(first->last[TROTH_NEWS_UP].told);
	unsigned stream = first->last[TROTH_NEWS_UP].stream;
	person_calls(second, person_where(first), NULL);
	run_until(first, TROTH_NEWS_UP, 2);
	run_until(second, TROTH_NEWS_UP, 2);
	assert_true(first->last[TROTH_NEWS_UP].told);
	assert_true(second->last[TROTH_NEWS_UP].told);
	assert_int_not_equal(first->last[TROTH_NEWS_UP].stream, stream);
	assert_int_equal(first->count[TROTH_NEWS_DOWN] + second->count[TROTH_NEWS_DOWN], 0);
	people_end(&loop, (struct person *[]){one, two}, 2);
}

/* Whoever listens there next, by luck or by force, isn't whom our user was talking to. */
static void call__stays_with_the_contact__that_it_has_reached(void **state)
{
	(void)state;
	uv_loop_t loop;
	char where[32], id[TROTH_MESSAGE_ID_LEN + 1];
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_UNVERIFIED);
	struct person *juliet = person_new(&loop, "juliet@home", TROTH_LEVEL_VERIFIED);
	struct person *mallory = person_silent(&loop, "mallory@home", TROTH_LEVEL_UNVERIFIED);
	int64_t contact = person_knows(us, "juliet", juliet);
	person_knows(juliet, "us", us);
	strcpy(where, person_where(juliet));
	uint16_t port = troth_session_port(juliet->session);

	/* Our user takes anyone there, and it is Juliet. */
	person_calls(us, where, NULL);
	run_until(us, TROTH_NEWS_UP, 1);
	assert_int_equal(us->last[TROTH_NEWS_UP].contact, contact);
	person_end(juliet);
	run_until(us, TROTH_NEWS_DOWN, 1);
	assert_ok(troth_session_say(us->session, us->last[TROTH_NEWS_UP].talk, "for you", id));
	assert_ok(troth_session_listen(mallory->session, port));
	run_until(us, TROTH_NEWS_GAVE_UP, 1);

	assert_int_equal(us->count[TROTH_NEWS_UP], 1);
	assert_int_equal(mallory->count[TROTH_NEWS_MESSAGE], 0);
	people_end(&loop, (struct person *[]){us, juliet, mallory}, 3);
}

static void message__isnt_sent__to_another_stranger(void **state)
{
	(void)state;
	uv_loop_t loop;
	char where[32], id[TROTH_MESSAGE_ID_LEN + 1];
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_UNVERIFIED);
	struct person *one = person_new(&loop, "stranger@home", TROTH_LEVEL_UNVERIFIED);
	struct person *two = person_silent(&loop, "stranger@home", TROTH_LEVEL_UNVERIFIED);
	strcpy(where, person_where(one));
	uint16_t port = troth_session_port(one->session);

	person_calls(us, where, NULL);
	run_until(us, TROTH_NEWS_UP, 1);
	person_end(one);
	run_until(us, TROTH_NEWS_DOWN, 1);
	assert_ok(troth_session_say(us->session, us->last[TROTH_NEWS_UP].talk, "between us", id));
	assert_ok(troth_session_listen(two->session, port));
	run_until(us, TROTH_NEWS_UP, 2);
	assert_int_equal(us->count[TROTH_NEWS_WARNING], 1);
	assert_ok(troth_session_say(us->session, us->last[TROTH_NEWS_UP].talk, "hello", id));
	run_until(two, TROTH_NEWS_MESSAGE, 1);

	assert_string_equal(two->last[TROTH_NEWS_MESSAGE].text, "hello");
	people_end(&loop, (struct person *[]){us, one, two}, 3);
}

static void message__isnt_sent__to_a_contact_in_a_stranger_s_place(void **state)
{
	(void)state;
	uv_loop_t loop;
	char where[32], id[TROTH_MESSAGE_ID_LEN + 1];
	assert_int_equal(uv_loop_init(&loop), 0);
	struct person *us = person_new(&loop, "us@here", TROTH_LEVEL_UNVERIFIED);
	struct person *one = person_new(&loop, "stranger@home", TROTH_LEVEL_UNVERIFIED);
	struct person *mallory = person_silent(&loop, "mallory@home", TROTH_LEVEL_UNVERIFIED);
	int64_t contact = person_knows(us, "mallory", mallory);
	person_knows(mallory, "us", us);
	strcpy(where, person_where(one));
	uint16_t port = troth_session_port(one->session);

	person_calls(us, where, NULL);
	run_until(us, TROTH_NEWS_UP, 1);
	person_end(one);
	run_until(us, TROTH_NEWS_DOWN, 1);
	assert_ok(troth_session_say(us->session, us->last[TROTH_NEWS_UP].talk, "between us", id));
	assert_ok(troth_session_listen(mallory->session, port));
	run_until(us, TROTH_NEWS_UP, 2);
	assert_int_equal(us->last[TROTH_NEWS_UP].contact, contact);
	assert_int_equal(us->count[TROTH_NEWS_WARNING], 1);
	assert_ok(troth_session_say(us->session, us->last[TROTH_NEWS_UP].talk, "hello", id));
	run_until(mallory, TROTH_NEWS_MESSAGE, 1);

	assert_string_equal(mallory->last[TROTH_NEWS_MESSAGE].text, "hello");
	people_end(&loop, (struct person *[]){us, one, mallory}, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call__ends_once__when_its_owner_ends_it_while_told),
		cmocka_unit_test(
			stream__that_takes_the_place_of_another__isnt_told_to_people_again),
		cmocka_unit_test(call__stays_with_the_contact__that_it_has_reached),
		cmocka_unit_test(message__isnt_sent__to_another_stranger),
		cmocka_unit_test(message__isnt_sent__to_a_contact_in_a_stranger_s_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
