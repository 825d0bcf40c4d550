/* SPDX-License-Identifier: MIT */
/* Agreeing on a bytestream: XEP-0260's four ways, proxies, and in-band where nothing else works. */
#include "base/digest.h"
#include "base/encode.h"
#include "base/slice.h"
#include "couple.h"

#include <stdio.h>

/* What each side offers; a host that begins with "ok" can be connected to. */
struct setup {
	struct troth_jingle_candidate romeo[2];
	size_t romeo_count;
	struct troth_jingle_candidate juliet[2];
	size_t juliet_count;
};

static void begin(struct couple *c, const struct setup *setup)
{
	couple_init(c);
	c->romeo.offer.candidates = setup->romeo;
	c->romeo.offer.candidate_count = setup->romeo_count;
	c->juliet.offer.candidates = setup->juliet;
	c->juliet.offer.candidate_count = setup->juliet_count;
}

static void run(struct couple *c, const struct setup *setup)
{
	begin(c, setup);
	couple_call(c);
	couple_pump(c);
}

/* Both have the same bytestream, at that place, and agree whose it is. */
static void assert_same_place(const struct couple *c, const char *place)
{
	assert_string_equal(c->romeo.place, place);
	assert_string_equal(c->juliet.place, place);
	assert_string_not_equal(c->romeo.stream, "");
	assert_string_equal(c->romeo.stream, c->juliet.stream);
	assert_string_equal(c->romeo.dstaddr, c->juliet.dstaddr);
	if (strcmp(place, "in-band") != 0)
		assert_true(c->romeo.ours != c->juliet.ours);
}

static void assert_in_band(const struct couple *c)
{
	assert_same_place(c, "in-band");
	assert_int_equal(c->romeo.block_size, c->juliet.block_size);
	/* XEP-0261 2.2: "the initiator now MUST also send the <open/> element" */
	assert_true(c->romeo.opens);
	assert_false(c->juliet.opens);
}

static void candidate__is_used__when_only_one_side_can_connect(void **state)
{
	(void)state;
	struct couple c;
	run(&c, &(struct setup){.romeo = {direct("ok.r", 1, 1)},
				.romeo_count = 1,
				.juliet = {direct("no.j", 1, 9)},
				.juliet_count = 1});
	assert_same_place(&c, "ok.r");
	assert_true(c.romeo.ours);
	couple_fini(&c);
	run(&c, &(struct setup){.romeo = {direct("no.r", 1, 9)},
				.romeo_count = 1,
				.juliet = {direct("ok.j", 1, 1)},
				.juliet_count = 1});
	assert_same_place(&c, "ok.j");
	assert_true(c.juliet.ours);
	couple_fini(&c);
}

/* XEP-0260 2.4: "the candidate with the higher priority shall be considered the nominated" */
static void candidate__of_higher_priority_is_nominated__when_both_connect(void **state)
{
	(void)state;
	struct couple c;
	run(&c, &(struct setup){.romeo = {direct("ok.r", 1, 1)},
				.romeo_count = 1,
				.juliet = {direct("ok.j", 1, 2)},
				.juliet_count = 1});
	assert_same_place(&c, "ok.j");
	couple_fini(&c);
	run(&c, &(struct setup){.romeo = {direct("ok.r", 1, 2)},
				.romeo_count = 1,
				.juliet = {direct("ok.j", 1, 1)},
				.juliet_count = 1});
	assert_same_place(&c, "ok.r");
	couple_fini(&c);
}

/* XEP-0260 2.4: "the same priority, then the candidate chosen by the initiator": Juliet's. */
static void candidate__chosen_by_the_caller_is_nominated__when_priorities_tie(void **state)
{
	(void)state;
	struct couple c;
	run(&c, &(struct setup){.romeo = {direct("ok.r", 1, 5)},
				.romeo_count = 1,
				.juliet = {direct("ok.j", 1, 5)},
				.juliet_count = 1});
	assert_same_place(&c, "ok.j");
	couple_fini(&c);
}

static void candidate__is_tried_in_the_order_of_priority(void **state)
{
	(void)state;
	struct couple c;
	/* The application asserts the order; the second works. */
	run(&c, &(struct setup){.romeo = {direct("ok.low", 1, 1), direct("no.high", 2, 7)},
				.romeo_count = 2});
	assert_same_place(&c, "ok.low");
	couple_fini(&c);
}

/* XEP-0260 2.4: whoever offered the proxy activates it and says so; the other waits for that. */
static void proxy__is_activated_by_whose_it_is__before_anybody_uses_it(void **state)
{
	(void)state;
	struct couple c;
	begin(&c, &(struct setup){.romeo = {proxy("ok.proxy", 1)}, .romeo_count = 1});
	c.romeo.waits = true;
	couple_call(&c);
	couple_pump(&c);
	assert_non_null(strstr(c.romeo.log, "activate "));
	assert_string_equal(c.romeo.place, "");
	assert_string_equal(c.juliet.place, "");
	assert_ok(troth_jingle_activated(c.romeo.j, c.romeo.session, c.now));
	couple_pump(&c);
	assert_same_place(&c, "ok.proxy");
	couple_fini(&c);
	/* The answerer's proxy. */
	run(&c, &(struct setup){.juliet = {proxy("ok.proxy", 1)}, .juliet_count = 1});
	assert_same_place(&c, "ok.proxy");
	assert_non_null(strstr(c.juliet.log, "activate socks5 "));
	assert_null(strstr(c.romeo.log, "activate"));
	couple_fini(&c);
}

static void proxy__gives_way_to_in_band__when_it_cannot_be_activated(void **state)
{
	(void)state;
	for (int whose = 0; whose < 2; whose++) {
		struct couple c;
		struct setup setup = {.romeo = {proxy("ok.proxy", 1)},
				      .romeo_count = whose == 0,
				      .juliet = {proxy("ok.proxy", 1)},
				      .juliet_count = whose == 1};
		begin(&c, &setup);
		c.romeo.proxy_fails = c.juliet.proxy_fails = true;
		couple_call(&c);
		couple_pump(&c);
		assert_in_band(&c);
		couple_fini(&c);
	}
}

static void in_band__takes_over__when_nobody_can_connect(void **state)
{
	(void)state;
	struct couple c;
	run(&c, &(struct setup){.romeo = {direct("no.r", 1, 1)},
				.romeo_count = 1,
				.juliet = {direct("no.j", 1, 1)},
				.juliet_count = 1});
	assert_in_band(&c);
	couple_fini(&c);
	run(&c, &(struct setup){.romeo_count = 0});
	assert_in_band(&c);
	couple_fini(&c);
}

/* A proxy that swallows bytes is noticed by either side, or by both at once. */
static void in_band__takes_over__when_a_stall_is_noticed(void **state)
{
	(void)state;
	for (int who = 1; who < 4; who++) {
		struct couple c;
		run(&c, &(struct setup){.romeo = {proxy("ok.proxy", 1)}, .romeo_count = 1});
		assert_same_place(&c, "ok.proxy");
		if (who & 1)
			assert_ok(troth_jingle_stalled(c.romeo.j, c.romeo.session, c.now));
		if (who & 2)
			assert_ok(troth_jingle_stalled(c.juliet.j, c.juliet.session, c.now));
		couple_pump(&c);
		assert_in_band(&c);
		/* Each was told once. */
		assert_string_equal(strstr(c.romeo.log, "in-band "), "in-band ");
		assert_string_equal(strstr(c.juliet.log, "in-band "), "in-band ");
		couple_fini(&c);
	}
}

static void in_band__has_nothing_behind_it__when_it_fails(void **state)
{
	(void)state;
	struct couple c;
	run(&c, &(struct setup){.romeo_count = 0});
	assert_ok(troth_jingle_stalled(c.juliet.j, c.juliet.session, c.now));
	couple_pump(&c);
	assert_int_equal(c.romeo.reason, TROTH_JINGLE_REASON_FAILED_TRANSPORT);
	assert_err(c.romeo.err, TROTH_E_UNREACHABLE);
	assert_err(c.juliet.err, TROTH_E_UNREACHABLE);
	couple_fini(&c);
}

/* XEP-0261 2.2, XEP-0260 3: the smaller block size counts, whoever wants it. */
static void block_size__is_the_smaller_one(void **state)
{
	(void)state;
	static const uint16_t sizes[][2] = {{1024, 8192}, {8192, 1024}, {8192, 8192}};
	for (size_t i = 0; i < 6; i++) {
		struct couple c;
		couple_init(&c);
		c.romeo.offer.transport = i < 3 ? TROTH_JINGLE_IBB : TROTH_JINGLE_SOCKS5;
		c.romeo.offer.block_size = sizes[i % 3][0];
		c.juliet.offer.block_size = sizes[i % 3][1];
		couple_call(&c);
		couple_pump(&c);
		assert_in_band(&c);
		assert_int_equal(c.romeo.block_size, i % 3 == 2 ? 8192 : 1024);
		couple_fini(&c);
	}
}

static void put_sha1(char out[2 * TROTH_SHA1_LEN + 1], const char *a, const char *b, const char *c)
{
	char text[512];
	uint8_t digest[TROTH_SHA1_LEN];
	(void)snprintf(text, sizeof text, "%s%s%s", a, b, c);
	assert_ok(troth_sha1(digest, troth_slice_str(text)));
	troth_hex(out, troth_slice_of(digest, sizeof digest));
}

/* XEP-0260 2.2: of whose candidate it is, that JID comes first. */
static void dstaddr__begins_with_the_jid_of_whose_candidate_it_is(void **state)
{
	(void)state;
	char expected[2 * TROTH_SHA1_LEN + 1];
	struct couple c;
	run(&c, &(struct setup){.romeo = {direct("ok.r", 1, 1)}, .romeo_count = 1});
	put_sha1(expected, c.romeo.stream, ROMEO, JULIET);
	assert_string_equal(c.romeo.dstaddr, expected);
	assert_string_equal(troth_jingle_dstaddr(c.romeo.j, c.romeo.session), expected);
	couple_fini(&c);
	run(&c, &(struct setup){.juliet = {direct("ok.j", 1, 1)}, .juliet_count = 1});
	put_sha1(expected, c.juliet.stream, JULIET, ROMEO);
	assert_string_equal(c.romeo.dstaddr, expected);
	assert_string_equal(troth_jingle_dstaddr(c.juliet.j, c.juliet.session), expected);
	couple_fini(&c);
}

/* XEP-0260 2.3: what a better one has beaten isn't tried any more. */
static void candidate__is_abandoned__when_the_peer_has_a_better_one(void **state)
{
	(void)state;
	struct couple c;
	struct setup setup = {.romeo = {direct("ok.r", 1, 9)},
			      .romeo_count = 1,
			      .juliet = {direct("slow.j", 1, 5)},
			      .juliet_count = 1};
	begin(&c, &setup);
	c.romeo.waits = true; /* still connecting */
	couple_call(&c);
	couple_pump(&c);
	assert_same_place(&c, "ok.r");
	assert_string_equal(c.romeo.log, "accepted connect abandon socks5 ");
	couple_fini(&c);
	/* A better one of theirs is still tried. */
	setup.juliet[0] = direct("slow.j", 1, 10);
	begin(&c, &setup);
	c.romeo.waits = true;
	couple_call(&c);
	couple_pump(&c);
	assert_string_equal(c.romeo.place, "");
	assert_ok(troth_jingle_failed(c.romeo.j, c.romeo.session, NULL, c.now));
	couple_pump(&c);
	assert_same_place(&c, "ok.r");
	couple_fini(&c);
}

/* XEP-0260 2.2: "MUST NOT offer as a candidate any host/port combination that has already been
 * offered by the initiator" */
static void answerer__offers_no_place_of_the_caller(void **state)
{
	(void)state;
	struct couple c;
	struct setup setup = {.romeo = {proxy("Shared.Proxy", 1)},
			      .romeo_count = 1,
			      .juliet = {proxy("shared.proxy", 1), direct("own.j", 4, 1)},
			      .juliet_count = 2};
	begin(&c, &setup);
	c.juliet.waits = true;
	couple_call(&c);
	couple_deliver(&c, &c.romeo, 0, false);
	assert_ok(troth_jingle_accept(c.juliet.j, c.juliet.session, &c.juliet.offer, c.now));
	side_act(&c.juliet, c.now);
	assert_said(&c.juliet, "type='result'");
	const char *accept = side_said(&c.juliet);
	assert_null(strstr(accept, "shared.proxy"));
	assert_non_null(strstr(accept, "own.j"));
	assert_null(strstr(accept, "mode="));
	couple_fini(&c);
}

static void candidates__beyond_the_limit__are_the_worst_ones(void **state)
{
	(void)state;
	struct troth_jingle_candidate many[TROTH_LIMIT_JINGLE_CANDIDATES + 8];
	char hosts[TROTH_LIMIT_JINGLE_CANDIDATES + 8][16];
	const size_t count = sizeof many / sizeof *many;
	struct couple c;
	couple_init(&c);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(hosts[i], sizeof hosts[i], "h%zu.test", i);
		many[i] = direct(hosts[i], 1, (uint16_t)(i + 1));
	}
	c.romeo.offer.candidates = many;
	c.romeo.offer.candidate_count = count;
	couple_call(&c);
	const char *initiate = c.romeo.wire[0];
	assert_null(strstr(initiate, "host='h7.test'"));
	assert_non_null(strstr(initiate, "host='h8.test'"));
	assert_non_null(strstr(initiate, "host='h23.test'"));
	couple_fini(&c);
}

static void wrong_call__changes_nothing(void **state)
{
	(void)state;
	struct couple c;
	run(&c, &(struct setup){.romeo = {direct("ok.r", 1, 1)}, .romeo_count = 1});
	const uint64_t s = c.romeo.session;
	assert_err(troth_jingle_connected(c.romeo.j, s, "x", c.now), TROTH_E_INVAL);
	assert_err(troth_jingle_failed(c.romeo.j, s, NULL, c.now), TROTH_E_INVAL);
	assert_err(troth_jingle_activated(c.romeo.j, s, c.now), TROTH_E_INVAL);
	assert_err(troth_jingle_admit(c.romeo.j, s, c.now), TROTH_E_INVAL);
	assert_err(troth_jingle_ignore(c.romeo.j, s), TROTH_E_INVAL);
	assert_err(troth_jingle_accept(c.romeo.j, s, &c.romeo.offer, c.now), TROTH_E_INVAL);
	assert_err(troth_jingle_offer(c.romeo.j, s, &c.romeo.offer, c.now), TROTH_E_INVAL);
	assert_err(troth_jingle_choose(c.romeo.j, s, NULL, c.now), TROTH_E_INVAL);
	assert_err(troth_jingle_stalled(c.romeo.j, s + 99, c.now), TROTH_E_INVAL);
	couple_pump(&c);
	assert_same_place(&c, "ok.r");
	couple_fini(&c);
}

static void offer__can_be_repeated__when_it_was_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		uint16_t port;
		const char *jid;
	} wrong[] = {{"", 1, NULL},   {"a b", 1, NULL}, {"a'/>", 1, NULL},
		     {"-o", 1, NULL}, {"h", 0, NULL},   {"h", 1, "@"}};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct couple c;
		struct troth_jingle_candidate bad = direct(wrong[i].host, wrong[i].port, 1);
		bad.jid = wrong[i].jid;
		couple_init(&c);
		struct troth_jingle_offer offer = {.candidates = &bad, .candidate_count = 1};
		assert_ok(troth_jingle_prepare(c.romeo.j, JULIET, &c.romeo.session));
		assert_err(troth_jingle_offer(c.romeo.j, c.romeo.session, &offer, c.now),
			   TROTH_E_INVAL);
		assert_int_equal(troth_jingle_output(c.romeo.j).len, 0);
		offer.candidate_count = 0;
		assert_ok(troth_jingle_offer(c.romeo.j, c.romeo.session, &offer, c.now));
		couple_pump(&c);
		assert_in_band(&c);
		couple_fini(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(candidate__is_used__when_only_one_side_can_connect),
		cmocka_unit_test(candidate__of_higher_priority_is_nominated__when_both_connect),
		cmocka_unit_test(candidate__chosen_by_the_caller_is_nominated__when_priorities_tie),
		cmocka_unit_test(candidate__is_tried_in_the_order_of_priority),
		cmocka_unit_test(proxy__is_activated_by_whose_it_is__before_anybody_uses_it),
		cmocka_unit_test(proxy__gives_way_to_in_band__when_it_cannot_be_activated),
		cmocka_unit_test(in_band__takes_over__when_nobody_can_connect),
		cmocka_unit_test(in_band__takes_over__when_a_stall_is_noticed),
		cmocka_unit_test(in_band__has_nothing_behind_it__when_it_fails),
		cmocka_unit_test(block_size__is_the_smaller_one),
		cmocka_unit_test(dstaddr__begins_with_the_jid_of_whose_candidate_it_is),
		cmocka_unit_test(candidate__is_abandoned__when_the_peer_has_a_better_one),
		cmocka_unit_test(answerer__offers_no_place_of_the_caller),
		cmocka_unit_test(candidates__beyond_the_limit__are_the_worst_ones),
		cmocka_unit_test(wrong_call__changes_nothing),
		cmocka_unit_test(offer__can_be_repeated__when_it_was_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
