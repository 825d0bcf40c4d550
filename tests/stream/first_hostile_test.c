/* SPDX-License-Identifier: MIT */
/* TLS at once, and somebody who has the bytes of both in hand. */
#include "meet.h"

static const struct troth_tls_first by_key = {.srp = false};

static void start_first(struct pair *p)
{
	party_knows(&p->romeo, &p->juliet, true);
	party_knows(&p->juliet, &p->romeo, true);
	p->romeo.first = p->juliet.first = &by_key;
	party_start(&p->juliet, TROTH_RECIPIENT, &p->romeo, 0);
	party_start(&p->romeo, TROTH_INITIATOR, &p->juliet, 0);
}

static void roles__that_were_swapped__end_both(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		enum troth_role role = i == 0 ? TROTH_INITIATOR : TROTH_RECIPIENT;
		struct pair p;
		begin(&p);
		party_knows(&p.romeo, &p.juliet, true);
		party_knows(&p.juliet, &p.romeo, true);
		p.romeo.first = p.juliet.first = &by_key;
		party_start(&p.juliet, role, &p.romeo, 0);
		party_start(&p.romeo, role, &p.juliet, 0);
		party_run(&p.romeo, &p.juliet, WHOLE, 0);
		party_work(&p.romeo, 60 * 1000); /* two who wait */
		party_work(&p.juliet, 60 * 1000);
		assert_true(p.romeo.closed && p.juliet.closed);
		assert_true(p.romeo.err != TROTH_OK && p.juliet.err != TROTH_OK);
		end(&p);
	}
}

/* Two calls at once: the server gives each what belongs to the other. */
static void streams__that_were_spliced__end(void **state)
{
	(void)state;
	struct pair p[2];
	for (int i = 0; i < 2; i++) {
		begin(&p[i]);
		start_first(&p[i]);
		party_work(&p[i].romeo, 0);
		assert_true(party_carry(&p[i].romeo, &p[i].juliet, WHOLE, 0)); /* ClientHello */
	}
	party_run(&p[0].romeo, &p[1].juliet, WHOLE, 0);
	party_run(&p[1].romeo, &p[0].juliet, WHOLE, 0);
	for (int i = 0; i < 2; i++) {
		assert_true(p[i].romeo.closed && p[i].juliet.closed);
		assert_true(p[i].romeo.err != TROTH_OK && p[i].juliet.err != TROTH_OK);
		end(&p[i]);
	}
}

static void bytes__in_front_of_tls__end_it(void **state)
{
	(void)state;
	static const char *const fronts[] = {"<", " ", "<?xml version='1.0'?>", "\x15\x03\x03"};
	for (size_t i = 0; i < 2 * (sizeof fronts / sizeof *fronts); i++) {
		struct pair p;
		begin(&p);
		p.romeo.say = "hello";
		start_first(&p);
		party_work(&p.romeo, 0);
		party_work(&p.juliet, 0);
		const char *front = fronts[i / 2];
		party_feed(i % 2 == 0 ? &p.juliet : &p.romeo, front, strlen(front), 0);
		party_run(&p.romeo, &p.juliet, WHOLE, 0);
		party_work(&p.romeo, 60 * 1000);
		party_work(&p.juliet, 60 * 1000);
		assert_true(p.romeo.closed && p.juliet.closed);
		assert_int_equal(p.juliet.stanzas, 0);
		end(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles__that_were_swapped__end_both),
		cmocka_unit_test(streams__that_were_spliced__end),
		cmocka_unit_test(bytes__in_front_of_tls__end_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
