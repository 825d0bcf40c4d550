/* SPDX-License-Identifier: MIT */
/*
 * Two engines against each other: every order in which a server can deliver, and servers that
 * lose, repeat and reorder. Whatever they do, both sides agree or it ends; nothing waits for ever.
 */
#include "couple.h"

/* The choices of one run, like the digits of a number that is counted up. */
struct path {
	bool taken[64];
	size_t len;
};

/* The next path; false when all have been. */
static bool path_next(struct path *p)
{
	while (p->len > 0 && p->taken[p->len - 1])
		p->len--;
	if (p->len == 0)
		return false;
	p->taken[p->len - 1] = true;
	return true;
}

struct story {
	const struct troth_jingle_candidate *romeo;
	size_t romeo_count;
	const struct troth_jingle_candidate *juliet;
	size_t juliet_count;
	bool both_call;
	bool proxy_fails;
};

static void set(struct couple *c, const struct story *story)
{
	couple_init(c);
	c->romeo.offer.candidates = story->romeo;
	c->romeo.offer.candidate_count = story->romeo_count;
	c->juliet.offer.candidates = story->juliet;
	c->juliet.offer.candidate_count = story->juliet_count;
	c->romeo.proxy_fails = c->juliet.proxy_fails = story->proxy_fails;
	couple_call(c);
	if (story->both_call)
		couple_call_back(c);
}

static void follow(struct couple *c, struct path *path)
{
	size_t step = 0;
	while (c->romeo.on_wire + c->juliet.on_wire > 0) {
		struct side *from = c->romeo.on_wire > 0 ? &c->romeo : &c->juliet;
		if (c->romeo.on_wire > 0 && c->juliet.on_wire > 0) {
			assert_true(step < sizeof path->taken / sizeof *path->taken);
			if (step == path->len)
				path->taken[path->len++] = false;
			if (path->taken[step++])
				from = &c->juliet;
		}
		couple_deliver(c, from, 0, false);
	}
}

static size_t walk(const struct story *story, const char *place)
{
	struct path path = {.len = 0};
	size_t count = 0;
	do {
		struct couple c;
		set(&c, story);
		follow(&c, &path);
		assert_string_equal(c.romeo.place, place);
		assert_string_equal(c.juliet.place, place);
		assert_string_not_equal(c.romeo.stream, "");
		assert_string_equal(c.romeo.stream, c.juliet.stream);
		couple_fini(&c);
		count++;
	} while (path_next(&path));
	return count;
}

static void both__agree__in_every_order_of_delivery(void **state)
{
	(void)state;
	const struct troth_jingle_candidate romeo[] = {direct("ok.r", 1, 2)};
	const struct troth_jingle_candidate juliet[] = {direct("ok.j", 1, 1)};
	const struct troth_jingle_candidate relay[] = {proxy("ok.p", 1)};
	const struct troth_jingle_candidate none[] = {direct("no.r", 1, 2)};
	assert_true(walk(&(struct story){romeo, 1, juliet, 1, false, false}, "ok.r") > 1);
	assert_true(walk(&(struct story){relay, 1, none, 1, false, false}, "ok.p") > 1);
	assert_true(walk(&(struct story){none, 1, relay, 1, false, false}, "ok.p") > 1);
	assert_true(walk(&(struct story){relay, 1, none, 1, false, true}, "in-band") > 1);
	assert_true(walk(&(struct story){none, 1, none, 1, false, false}, "in-band") > 1);
}

/* XEP-0166 7.2.16: two calls at once become one session, the same one for both. */
static void both__agree__in_every_order__when_they_call_at_once(void **state)
{
	(void)state;
	assert_true(walk(&(struct story){.both_call = true}, "in-band") > 1);
}

/* ---- a server that does as it likes ---- */

static uint32_t dice(uint64_t *seed, uint32_t sides)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33) % sides;
}

static void disturb(struct couple *c, uint64_t *seed)
{
	for (int step = 0; step < 200 && c->romeo.on_wire + c->juliet.on_wire > 0; step++) {
		struct side *from = dice(seed, 2) == 0 ? &c->romeo : &c->juliet;
		if (from->on_wire == 0)
			continue;
		const size_t index = dice(seed, (uint32_t)from->on_wire);
		if (dice(seed, 12) == 0) {
			free(from->wire[index]);
			memmove(from->wire + index, from->wire + index + 1,
				(--from->on_wire - index) * sizeof *from->wire);
		} else {
			couple_deliver(c, from, index, from->on_wire < 32 && dice(seed, 8) == 0);
		}
		if (dice(seed, 16) == 0)
			c->now += 1000;
	}
}

static void discard(struct side *s)
{
	while (s->on_wire > 0)
		free(s->wire[--s->on_wire]);
}

/* Time goes on until nobody waits for anything. */
static void let_time_pass(struct couple *c)
{
	for (int i = 0; i < 100; i++) {
		int64_t a = troth_jingle_deadline(c->romeo.j);
		int64_t b = troth_jingle_deadline(c->juliet.j);
		if (a < 0 && b < 0)
			return;
		c->now = a < 0 || (b >= 0 && b < a) ? b : a;
		side_act(&c->romeo, c->now);
		side_act(&c->juliet, c->now);
		discard(&c->romeo);
		discard(&c->juliet);
	}
	fail_msg("somebody waits for ever");
}

static void server__can_only_delay_and_end__when_it_does_as_it_likes(void **state)
{
	(void)state;
	const struct troth_jingle_candidate romeo[] = {direct("ok.r", 1, 2), proxy("ok.p", 1)};
	const struct troth_jingle_candidate juliet[] = {direct("no.j", 1, 1), proxy("ok.q", 2)};
	size_t agreed = 0;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct couple c;
		uint64_t rolling = seed;
		const struct story story = {romeo + seed % 2, 1 + (seed / 2) % 2 * (1 - seed % 2),
					    juliet,           1 + seed / 4 % 2,
					    seed % 5 == 0,    seed % 7 == 0};
		set(&c, &story);
		disturb(&c, &rolling);
		discard(&c.romeo);
		discard(&c.juliet);
		let_time_pass(&c);
		/* Whoever have the same bytestream have it at the same place. */
		if (c.romeo.stream[0] != 0 && strcmp(c.romeo.stream, c.juliet.stream) == 0) {
			assert_string_equal(c.romeo.place, c.juliet.place);
			agreed++;
		}
		couple_fini(&c);
	}
	assert_true(agreed > 300); /* else it was no test */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both__agree__in_every_order_of_delivery),
		cmocka_unit_test(both__agree__in_every_order__when_they_call_at_once),
		cmocka_unit_test(server__can_only_delay_and_end__when_it_does_as_it_likes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
