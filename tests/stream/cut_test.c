/* SPDX-License-Identifier: MIT */
/* A line that is cut at every byte, in both directions: slow, and worth it. */
#include "party.h"

#include "c2c/method.h"

#define WHOLE ((size_t)1 << 20)

static struct troth_secret *secret;

static void by_key(struct party *romeo, struct party *juliet)
{
	party_knows(romeo, juliet, true);
	party_knows(juliet, romeo, true);
}

static void by_secret(struct party *romeo, struct party *juliet)
{
	romeo->known.secret = juliet->known.secret = secret;
}

static void by_srp(struct party *romeo, struct party *juliet)
{
	by_secret(romeo, juliet);
	party_lacks(romeo, TROTH_MARK_PAKE);
}

/* Two strangers, who compare a short string. */
static void by_number(struct party *romeo, struct party *juliet)
{
	romeo->known.least = juliet->known.least = TROTH_LEVEL_UNVERIFIED;
	romeo->verdict.level = juliet->verdict.level = TROTH_LEVEL_UNVERIFIED;
	romeo->shows_sas = juliet->shows_sas = true;
	romeo->compares = romeo->close_when_compared = true;
}

static void at_once(struct party *romeo, struct party *juliet)
{
	static const struct troth_tls_first first = {.srp = false};
	by_key(romeo, juliet);
	romeo->first = juliet->first = &first;
}

static void start(struct party *romeo, struct party *juliet,
		  void (*prepare)(struct party *, struct party *))
{
	party_init(romeo, 0, "romeo@forza");
	party_init(juliet, 1, "juliet@pronto");
	prepare(romeo, juliet);
	party_start(juliet, TROTH_RECIPIENT, romeo, 0);
	party_start(romeo, TROTH_INITIATOR, juliet, 0);
}

static void end(struct party *romeo, struct party *juliet)
{
	party_fini(romeo);
	party_fini(juliet);
}

/* Carries until `limit` bytes have gone from a to b, then cuts the line. Returns how many did. */
static size_t run_cut(struct party *a, struct party *b, size_t limit)
{
	size_t gone = 0;
	bool moved = true;
	party_work(a, 0);
	party_work(b, 0);
	while (moved) {
		size_t left = limit - gone;
		struct troth_slice out = troth_stream_output(a->stream);
		size_t n = out.len < left ? out.len : left;
		moved = n > 0;
		if (n > 0) {
			gone += n;
			(void)party_carry(a, b, n, 0);
		}
		moved = party_carry(b, a, WHOLE, 0) || moved;
		if (gone == limit)
			break;
	}
	/* The cut: what hasn't crossed yet never does, in either direction. */
	troth_stream_feed_end(a->stream, 0);
	troth_stream_feed_end(b->stream, 0);
	party_work(a, 0);
	party_work(b, 0);
	return gone;
}

/* Signatures differ in length from run to run by a few bytes; a close_notify has more. */
#define JITTER 16

static size_t run_once(void (*prepare)(struct party *, struct party *), bool from_initiator,
		       size_t limit, size_t total)
{
	struct party romeo;
	struct party juliet;
	start(&romeo, &juliet, prepare);
	romeo.close_when_up = prepare == by_key || prepare == at_once;
	romeo.close_after_keys = prepare == by_srp;
	romeo.close_when_proven = prepare == by_secret;
	size_t gone =
		from_initiator ? run_cut(&romeo, &juliet, limit) : run_cut(&juliet, &romeo, limit);
	assert_true(romeo.closed && juliet.closed);
	assert_false(romeo.up || juliet.up);
	/* Whoever didn't get everything never says that all is well. */
	if (limit + JITTER < total)
		assert_int_not_equal(from_initiator ? juliet.err : romeo.err, TROTH_OK);
	/* Nobody has confirmed what the other one wasn't shown. */
	assert_true(romeo.sas_confirmed + juliet.sas_confirmed == 0 ||
		    strcmp(romeo.sas.digits, juliet.sas.digits) == 0);
	if (gone < limit) {
		assert_ok(romeo.err);
		assert_ok(juliet.err);
		assert_int_equal(romeo.sas_confirmed + juliet.sas_confirmed,
				 prepare == by_number ? 2 : 0);
	}
	end(&romeo, &juliet);
	return gone;
}

static void cut_everywhere(void (*prepare)(struct party *, struct party *), bool from_initiator,
			   size_t stride)
{
	size_t total = run_once(prepare, from_initiator, WHOLE, 0);
	assert_true(total > 500);
	for (size_t limit = 0; limit < total; limit += stride)
		(void)run_once(prepare, from_initiator, limit, total);
}

static void stream__cut_at_every_byte__is_never_taken_for_whole(void **state)
{
	(void)state;
	cut_everywhere(by_key, true, 1);
	cut_everywhere(by_key, false, 1);
	cut_everywhere(by_secret, true, 7);
	cut_everywhere(by_secret, false, 7);
	cut_everywhere(by_srp, true, 13);
	cut_everywhere(by_srp, false, 13);
	cut_everywhere(by_number, true, 7);
	cut_everywhere(by_number, false, 7);
	cut_everywhere(at_once, true, 13);
	cut_everywhere(at_once, false, 13);
}

static int setup(void **state)
{
	(void)state;
	secret = party_secret("parting");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	troth_secret_free(secret);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream__cut_at_every_byte__is_never_taken_for_whole),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
