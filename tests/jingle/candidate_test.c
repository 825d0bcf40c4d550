/* SPDX-License-Identifier: MIT */
/* The candidates of one side, by themselves. */
#include "jingle/candidate.h"

#include "couple.h"

static struct troth_jingle_candidate candidate(const char *cid, uint32_t priority)
{
	return (struct troth_jingle_candidate){
		.cid = cid, .host = "h", .port = 1, .jid = "a@b/c", .priority = priority};
}

static void add(struct troth_candidates *all, const char *cid, uint32_t priority)
{
	const struct troth_jingle_candidate c = candidate(cid, priority);
	assert_ok(troth_candidates_add(all, &c));
}

static void candidate__takes_its_place__among_those_not_told(void **state)
{
	(void)state;
	struct troth_candidates all = {.count = 0};
	size_t index;
	add(&all, "a", 5);
	all.told = 1;
	add(&all, "b", 1);
	add(&all, "c", 9);
	add(&all, "d", 1);
	assert_string_equal(all.list[0].cid, "a");
	assert_string_equal(all.list[1].cid, "c");
	assert_string_equal(all.list[2].cid, "b");
	assert_string_equal(all.list[3].cid, "d");
	assert_true(troth_candidates_find(&all, "d", &index));
	assert_int_equal(index, 3);
	assert_false(troth_candidates_find(&all, "e", &index));
	assert_false(troth_candidates_find(&all, NULL, &index));
	troth_candidates_fini(&all);
}

static void failure__stays_with_its_candidate__when_others_come(void **state)
{
	(void)state;
	struct troth_candidates all = {.count = 0};
	add(&all, "a", 5);
	add(&all, "b", 3);
	troth_candidates_abandon(&all, 4);
	add(&all, "c", 4);
	add(&all, "d", 9);
	static const bool expected[] = {false, false, false, true};
	assert_memory_equal(all.failed, expected, sizeof expected);
	assert_true(troth_candidates_left(&all));
	troth_candidates_abandon(&all, UINT32_MAX);
	assert_false(troth_candidates_left(&all));
	troth_candidates_fini(&all);
}

static void candidate__that_was_told__is_never_pushed_out(void **state)
{
	(void)state;
	struct troth_candidates all = {.count = 0};
	char cid[2] = "a";
	for (size_t i = 0; i < TROTH_LIMIT_JINGLE_CANDIDATES; i++, cid[0]++)
		add(&all, cid, 1);
	all.told = all.count;
	add(&all, "best", 99);
	assert_int_equal(all.count, TROTH_LIMIT_JINGLE_CANDIDATES);
	assert_string_equal(all.list[0].cid, "a");
	assert_string_equal(all.list[all.count - 1].cid, "p");
	troth_candidates_fini(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidate__takes_its_place__among_those_not_told),
		cmocka_unit_test(failure__stays_with_its_candidate__when_others_come),
		cmocka_unit_test(candidate__that_was_told__is_never_pushed_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
