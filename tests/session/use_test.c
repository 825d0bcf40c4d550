/* SPDX-License-Identifier: MIT */
/* What policy lets a stream be used for. */
#include "people.h"

#include "base/slice.h"
#include "session/state.h"
#include "trust/authority.h"

/* Two strangers, who take each other as such. */
struct scene {
	uv_loop_t loop;
	struct person *us, *stranger;
	struct troth_authorities *all;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	assert_non_null(s);
	assert_int_equal(uv_loop_init(&s->loop), 0);
	s->us = person_new(&s->loop, "romeo@forza", TROTH_LEVEL_UNVERIFIED);
	s->stranger = person_new(&s->loop, "tybalt@pronto", TROTH_LEVEL_UNVERIFIED);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	people_end(&s->loop, (struct person *[]){s->us, s->stranger}, 2);
	troth_authorities_free(s->all);
	free(s);
	return 0;
}

/* Effect: our policy from now on. */
static void policy_is(struct scene *s, const char *text)
{
	struct troth_policy *policy;
	struct troth_policy_problem problem;
	troth_authorities_free(s->all);
	assert_ok(troth_policy_read(&policy, troth_slice_str(text), &problem));
	assert_ok(troth_authorities_new(&s->all, policy));
	s->us->session->authorities = s->all;
}

static unsigned meet(struct scene *s)
{
	person_calls(s->us, person_where(s->stranger), NULL);
	run_until(s->us, TROTH_NEWS_UP, 1);
	run_until(s->stranger, TROTH_NEWS_UP, 1);
	return s->us->session->links->number;
}

static void uses__need__what_policy_says_of_each(void **state)
{
	static const struct {
		const char *policy;
		bool may[TROTH_POLICY_USES];
	} rows[] = {
		{"", {true, false, false}},
		{"bots unverified\n", {true, false, true}},
		{"files plain\n", {true, true, false}},
		{"chat verified\nfiles unverified\n", {false, true, false}},
	};
	struct scene *s = *state;
	unsigned stream = meet(s);
	assert_true(troth_session_may(s->us->session, stream, TROTH_POLICY_CHAT)); /* none at all */
	assert_false(troth_session_may(s->us->session, stream, TROTH_POLICY_BOTS));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		policy_is(s, rows[i].policy);
		for (int use = 0; use < TROTH_POLICY_USES; use++)
			assert_int_equal(troth_session_may(s->us->session, stream, use),
					 rows[i].may[use]);
	}
	assert_false(troth_session_may(s->us->session, stream + 100, TROTH_POLICY_CHAT));
}

static void chat__comes_and_goes__only_where_policy_lets_it(void **state)
{
	struct scene *s = *state;
	char id[TROTH_MESSAGE_ID_LEN + 1];
	(void)meet(s);
	unsigned ours = s->us->last[TROTH_NEWS_UP].talk;
	unsigned theirs = s->stranger->last[TROTH_NEWS_UP].talk;
	assert_ok(troth_session_say(s->stranger->session, theirs, "one", id));
	run_until(s->us, TROTH_NEWS_MESSAGE, 1);
	policy_is(s, "chat verified\n");
	assert_ok(troth_session_say(s->stranger->session, theirs, "two", id));
	run_until(s->us, TROTH_NEWS_WARNING, 1);
	assert_int_equal(s->us->count[TROTH_NEWS_MESSAGE], 1);
	assert_int_equal(troth_session_unreceived(s->stranger->session, theirs), 1);
	assert_ok(troth_session_say(s->us->session, ours, "three", id));
	policy_is(s, "chat unverified\n");
	assert_ok(troth_session_say(s->us->session, ours, "four", id));
	run_until(s->stranger, TROTH_NEWS_MESSAGE, 2);
	assert_string_equal(s->stranger->last[TROTH_NEWS_MESSAGE].text, "four");
}

/* It was the caller's own --accept that let strangers be called, whatever `chat` said. */
static void call__to_a_stranger__is_refused__below_chat(void **state)
{
	struct scene *s = *state;
	policy_is(s, "chat verified\n");
	person_calls(s->us, person_where(s->stranger), NULL);
	run_until(s->us, TROTH_NEWS_GAVE_UP, 1);
	assert_int_equal(s->us->count[TROTH_NEWS_UP] + s->stranger->count[TROTH_NEWS_UP], 0);
	assert_int_equal(s->us->last[TROTH_NEWS_GAVE_UP].err, TROTH_E_NO_METHOD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(uses__need__what_policy_says_of_each),
		TEST(chat__comes_and_goes__only_where_policy_lets_it),
		TEST(call__to_a_stranger__is_refused__below_chat),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
