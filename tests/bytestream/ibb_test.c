/* SPDX-License-Identifier: MIT */
/* In-band bytestreams: two ends that mean well. */
#include "bytestream/ibb_state.h"
#include "ibb_pair.h"

static void both__carry__both_ways(void **state)
{
	struct pair p;
	(void)state;
	pair_init(&p, 0, 0);
	carry(&p);
	assert_state(&p.end[0], TROTH_IBB_OPEN, TROTH_OK);
	assert_state(&p.end[1], TROTH_IBB_OPEN, TROTH_OK);
	assert_carries(&p, 0, 300000);
	assert_carries(&p, 1, 300000);
	assert_carries(&p, 0, 1);
	pair_fini(&p);
}

/* XEP-0047 2.2: "after value 65535 [...] the 'seq' MUST start again at 0". 65533 blocks are taken
 * as sent: they would be most of the time that all tests take. */
static void seq__starts_again__after_65535(void **state)
{
	struct pair p;
	(void)state;
	pair_init(&p, 4, 16);
	carry(&p);
	p.end[0].ibb->seq_out = p.end[1].ibb->seq_in = 65533;
	assert_carries(&p, 0, 3 * 4);
	assert_non_null(strstr(p.end[0].last, "seq='65535'"));
	assert_carries(&p, 0, 1);
	assert_non_null(strstr(p.end[0].last, "seq='0'"));
	assert_state(&p.end[1], TROTH_IBB_OPEN, TROTH_OK);
	pair_fini(&p);
}

/* Nobody consumes at juliet's: her answers are held, and romeo's window stays shut. */
static void sender__stops__at_the_window_while_nobody_reads(void **state)
{
	static const uint8_t bytes[65536];
	struct pair p;
	(void)state;
	pair_init(&p, 1024, 5);
	carry(&p);
	assert_ok(troth_ibb_write(p.end[0].ibb, troth_slice_of(bytes, sizeof bytes)));
	carry(&p);
	assert_int_equal(p.end[0].sent, 5);
	assert_int_equal(troth_ibb_input(p.end[1].ibb).len, 5 * 1024);
	assert_int_equal(troth_ibb_unsent(p.end[0].ibb), sizeof bytes);
	troth_ibb_consume(p.end[1].ibb, 5 * 1024);
	carry(&p);
	assert_int_equal(p.end[0].sent, 10);
	assert_int_equal(troth_ibb_unsent(p.end[0].ibb), sizeof bytes - 5 * 1024);
	pair_fini(&p);
}

static void write__is_refused__when_too_much_waits(void **state)
{
	static const uint8_t bytes[65536];
	struct pair p;
	(void)state;
	pair_init(&p, 0, 0);
	for (size_t i = 0; i < TROTH_LIMIT_IBB_BYTES / sizeof bytes; i++)
		assert_ok(troth_ibb_write(p.end[0].ibb, troth_slice_of(bytes, sizeof bytes)));
	assert_err(troth_ibb_write(p.end[0].ibb, troth_slice_of(bytes, 1)), TROTH_E_LIMIT);
	pair_fini(&p);
}

/* XEP-0047 2.1: "would prefer a smaller block-size" */
static void opener__takes_less__when_the_peer_prefers_that(void **state)
{
	struct pair p;
	(void)state;
	pair_init(&p, 65535, 0);
	carry(&p);
	assert_int_equal(troth_ibb_block(p.end[0].ibb), 8191);
	assert_int_equal(troth_ibb_block(p.end[1].ibb), 8191);
	assert_carries(&p, 0, 100000);
	pair_fini(&p);
}

static void close__comes__after_what_was_written(void **state)
{
	struct pair p;
	(void)state;
	pair_init(&p, 1024, 2);
	carry(&p);
	static const uint8_t bytes[10000];
	assert_ok(troth_ibb_write(p.end[0].ibb, troth_slice_of(bytes, sizeof bytes)));
	assert_ok(troth_ibb_write(p.end[1].ibb, troth_slice_of(bytes, 3000)));
	troth_ibb_close(p.end[0].ibb);
	assert_err(troth_ibb_write(p.end[0].ibb, troth_slice_of(bytes, 1)), TROTH_E_INVAL);
	size_t got[2] = {0};
	for (int round = 0; round < 20; round++) {
		carry(&p);
		for (int i = 0; i < 2; i++) {
			size_t len = troth_ibb_input(p.end[i].ibb).len;
			troth_ibb_consume(p.end[i].ibb, len);
			got[i] += len;
		}
	}
	/* Juliet's bytes as well: she answers the end when hers have left. */
	assert_int_equal(got[1], 10000);
	assert_int_equal(got[0], 3000);
	assert_state(&p.end[0], TROTH_IBB_CLOSED, TROTH_OK);
	assert_state(&p.end[1], TROTH_IBB_CLOSED, TROTH_OK);
	assert_true(troth_ibb_ended(p.end[0].ibb) && troth_ibb_ended(p.end[1].ibb));
	pair_fini(&p);
}

/* Also what was written before there was a bytestream; with nothing written there needn't be one.
 */
static void close__loses_nothing__before_the_open(void **state)
{
	struct pair p;
	(void)state;
	for (int i = 0; i < 2; i++) {
		pair_init(&p, 0, 0);
		assert_ok(troth_ibb_write(p.end[i].ibb, troth_slice_str("hi")));
		troth_ibb_close(p.end[i].ibb);
		carry(&p);
		assert_int_equal(troth_ibb_input(p.end[1 - i].ibb).len, 2);
		troth_ibb_consume(p.end[1 - i].ibb, 2);
		carry(&p);
		assert_state(&p.end[0], TROTH_IBB_CLOSED, TROTH_OK);
		assert_state(&p.end[1], TROTH_IBB_CLOSED, TROTH_OK);
		pair_fini(&p);
	}
	pair_init(&p, 0, 0);
	troth_ibb_close(p.end[0].ibb);
	assert_state(&p.end[0], TROTH_IBB_CLOSED, TROTH_OK);
	carry(&p);
	assert_int_equal(p.end[0].last[0], 0);
	pair_fini(&p);
}

static void both__are_closed__when_both_close_at_once(void **state)
{
	struct pair p;
	(void)state;
	pair_init(&p, 0, 0);
	carry(&p);
	troth_ibb_close(p.end[0].ibb);
	troth_ibb_close(p.end[1].ibb);
	carry(&p);
	assert_state(&p.end[0], TROTH_IBB_CLOSED, TROTH_OK);
	assert_state(&p.end[1], TROTH_IBB_CLOSED, TROTH_OK);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both__carry__both_ways),
		cmocka_unit_test(seq__starts_again__after_65535),
		cmocka_unit_test(sender__stops__at_the_window_while_nobody_reads),
		cmocka_unit_test(write__is_refused__when_too_much_waits),
		cmocka_unit_test(opener__takes_less__when_the_peer_prefers_that),
		cmocka_unit_test(close__comes__after_what_was_written),
		cmocka_unit_test(close__loses_nothing__before_the_open),
		cmocka_unit_test(both__are_closed__when_both_close_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
