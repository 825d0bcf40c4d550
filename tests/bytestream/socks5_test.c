/* SPDX-License-Identifier: MIT */
/* The negotiation of SOCKS5, each side against the other and against rubbish. */
#include "../test.h"

#include "base/slice.h"
#include "bytestream/socks5.h"

#define DST "972b7bf47291ca609517f67f86b5081086052dad"
#define BYTES(text) troth_slice_of(text, sizeof(text) - 1)

/* Effect: as much of text as is wanted at each time, step bytes at most; returns what wasn't. */
static struct troth_slice feed(struct troth_socks5 *s, struct troth_slice text, size_t step,
			       int *err)
{
	*err = TROTH_OK;
	while (text.len > 0 && troth_socks5_wants(s) > 0 && *err == TROTH_OK) {
		size_t n = troth_socks5_wants(s) < text.len ? troth_socks5_wants(s) : text.len;
		n = n < step ? n : step;
		*err = troth_socks5_feed(s, troth_slice_of(text.data, n));
		text.data += n;
		text.len -= n;
	}
	return text;
}

static void assert_says(struct troth_socks5 *s, struct troth_slice bytes)
{
	assert_true(troth_slice_equal(troth_socks5_output(s), bytes));
	troth_socks5_sent(s, bytes.len);
	assert_int_equal(troth_socks5_output(s).len, 0);
}

static void carry(struct troth_socks5 *from, struct troth_socks5 *to, size_t step)
{
	int err;
	struct troth_slice left = feed(to, troth_socks5_output(from), step, &err);
	assert_ok(err);
	assert_int_equal(left.len, 0);
	troth_socks5_sent(from, troth_socks5_output(from).len);
}

static void both__are_done__whatever_the_pieces(void **state)
{
	(void)state;
	for (size_t step = 1; step < 50; step += 3) {
		struct troth_socks5 c, s;
		assert_ok(troth_socks5_client(&c, DST));
		troth_socks5_server(&s);
		carry(&c, &s, step);
		carry(&s, &c, step);
		carry(&c, &s, step);
		assert_int_equal(troth_socks5_state(&s), TROTH_SOCKS5_ASKED);
		assert_string_equal(troth_socks5_asked(&s), DST);
		assert_int_equal(troth_socks5_wants(&s), 0);
		troth_socks5_answer(&s, true);
		carry(&s, &c, step);
		assert_int_equal(troth_socks5_state(&s), TROTH_SOCKS5_DONE);
		assert_int_equal(troth_socks5_state(&c), TROTH_SOCKS5_DONE);
	}
}

/* The bytes as RFC 1928 has them, and what follows them isn't touched. */
static void client__writes_and_reads__what_the_rfc_says(void **state)
{
	struct troth_socks5 c;
	int err;
	(void)state;
	assert_ok(troth_socks5_client(&c, DST));
	assert_says(&c, BYTES("\5\1\0"));
	assert_ok(troth_socks5_feed(&c, BYTES("\5\0")));
	assert_says(&c, BYTES("\5\1\0\3\50" DST "\0\0"));
	struct troth_slice left = feed(&c, BYTES("\5\0\0\3\50" DST "\0\0\x16\3"), 99, &err);
	assert_ok(err);
	assert_int_equal(troth_socks5_state(&c), TROTH_SOCKS5_DONE);
	assert_true(troth_slice_equal(left, BYTES("\x16\3")));
}

/* Proxies drop a request that comes in one piece with the greeting. */
static void client__waits_for_the_method__before_it_asks(void **state)
{
	struct troth_socks5 c;
	(void)state;
	assert_ok(troth_socks5_client(&c, DST));
	assert_int_equal(troth_socks5_output(&c).len, 3);
	troth_socks5_sent(&c, 3);
	assert_ok(troth_socks5_feed(&c, BYTES("\5")));
	assert_int_equal(troth_socks5_output(&c).len, 0);
	assert_ok(troth_socks5_feed(&c, troth_slice_of("\0", 1)));
	assert_int_equal(troth_socks5_output(&c).len, 47);
}

static void client__takes_any_address__in_the_reply(void **state)
{
	static const struct {
		const char *reply;
		size_t len;
	} replies[] = {{"\5\0\0\1\1\2\3\4\0\0", 10},
		       {"\5\0\0\3\0\0\0", 7},
		       {"\5\0\0\4\1\2\3\4\5\6\7\1\1\2\3\4\5\6\7\1\0\0", 22}};
	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		struct troth_socks5 c;
		int err;
		assert_ok(troth_socks5_client(&c, DST));
		assert_ok(troth_socks5_feed(&c, BYTES("\5\0")));
		struct troth_slice reply = troth_slice_of(replies[i].reply, replies[i].len);
		assert_int_equal(feed(&c, reply, 99, &err).len, 0);
		assert_int_equal(troth_socks5_state(&c), TROTH_SOCKS5_DONE);
	}
}

struct wrong {
	const char *text;
	size_t len;
	int err;
	const char *says;
	size_t says_len;
};

#define WRONG(text, err, says)                                                                     \
	{                                                                                          \
		text, sizeof(text) - 1, err, says, sizeof(says) - 1                                \
	}

static void client__fails__when_the_proxy_refuses_or_isnt_one(void **state)
{
	static const struct wrong wrongs[] = {
		WRONG("\5\377", TROTH_E_PEER_REFUSED, ""),
		WRONG("\5\2", TROTH_E_PROTOCOL, ""),
		WRONG("\4\0", TROTH_E_PROTOCOL, ""),
		WRONG("HTTP/1.1 400", TROTH_E_PROTOCOL, ""),
		WRONG("\5\0\5\1\0\3\0\0\0", TROTH_E_PEER_REFUSED, "\5\1\0\3\50" DST "\0\0"),
		WRONG("\5\0\5\0\1\3\0\0\0", TROTH_E_PROTOCOL, "\5\1\0\3\50" DST "\0\0"),
		WRONG("\5\0\5\0\0\2\0\0\0", TROTH_E_PROTOCOL, "\5\1\0\3\50" DST "\0\0"),
		WRONG("\5\0\4\0\0\3\0\0\0", TROTH_E_PROTOCOL, "\5\1\0\3\50" DST "\0\0"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		struct troth_socks5 c;
		int err;
		assert_ok(troth_socks5_client(&c, DST));
		troth_socks5_sent(&c, 3);
		(void)feed(&c, troth_slice_of(wrongs[i].text, wrongs[i].len), 99, &err);
		assert_err(err, wrongs[i].err);
		assert_says(&c, troth_slice_of(wrongs[i].says, wrongs[i].says_len));
		assert_int_equal(troth_socks5_wants(&c), 0);
		assert_err(troth_socks5_feed(&c, BYTES("\5")), wrongs[i].err);
	}
}

static void server__refuses__what_isnt_a_bytestream(void **state)
{
	static const struct wrong wrongs[] = {
		WRONG("\4\1\0", TROTH_E_PROTOCOL, ""),
		WRONG("GET / HTTP/1.1", TROTH_E_PROTOCOL, ""),
		WRONG("\5\0", TROTH_E_PROTOCOL, ""),
		WRONG("\5\2\1\2", TROTH_E_PROTOCOL, "\5\377"),
		WRONG("\5\1\0\5\2\0\3\50", TROTH_E_PROTOCOL, "\5\0\5\7\0\1\0\0\0\0\0\0"),
		WRONG("\5\1\0\5\1\0\1\177", TROTH_E_PROTOCOL, "\5\0\5\10\0\1\0\0\0\0\0\0"),
		WRONG("\5\1\0\5\1\0\3\51", TROTH_E_PROTOCOL, "\5\0\5\10\0\1\0\0\0\0\0\0"),
		WRONG("\5\1\0\5\1\0\3\50" DST "\0\1", TROTH_E_PROTOCOL, "\5\0\5\2\0\1\0\0\0\0\0\0"),
		WRONG("\5\1\0\5\1\0\3\50972B7bf47291ca609517f67f86b5081086052dad\0\0",
		      TROTH_E_PROTOCOL, "\5\0\5\2\0\1\0\0\0\0\0\0"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		struct troth_socks5 s;
		int err;
		troth_socks5_server(&s);
		(void)feed(&s, troth_slice_of(wrongs[i].text, wrongs[i].len), 99, &err);
		assert_err(err, wrongs[i].err);
		assert_says(&s, troth_slice_of(wrongs[i].says, wrongs[i].says_len));
	}
}

static void server__says_no__when_nobody_expects_that(void **state)
{
	struct troth_socks5 s;
	int err;
	(void)state;
	troth_socks5_server(&s);
	(void)feed(&s, BYTES("\5\3\2\1\0\5\1\0\3\50" DST "\0\0"), 99, &err);
	assert_ok(err);
	troth_socks5_answer(&s, false);
	assert_says(&s, BYTES("\5\0\5\2\0\3\50" DST "\0\0"));
	assert_int_equal(troth_socks5_state(&s), TROTH_SOCKS5_FAILED);
}

static void feed__fails__beyond_what_is_wanted(void **state)
{
	struct troth_socks5 c;
	(void)state;
	assert_ok(troth_socks5_client(&c, DST));
	assert_err(troth_socks5_feed(&c, BYTES("\5\0\5")), TROTH_E_INVAL);
	assert_err(troth_socks5_client(&c, "romeo"), TROTH_E_INVAL);
	assert_err(troth_socks5_client(&c, DST "0"), TROTH_E_INVAL);
}

/* The example of XEP-0260 2.2. */
static void dst__is_the_hash__of_the_document(void **state)
{
	char dst[TROTH_SOCKS5_DST_SIZE];
	(void)state;
	assert_ok(troth_socks5_dst(dst, "vj3hs98y", "romeo@montague.lit/orchard",
				   "juliet@capulet.lit/balcony"));
	assert_string_equal(dst, DST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both__are_done__whatever_the_pieces),
		cmocka_unit_test(client__writes_and_reads__what_the_rfc_says),
		cmocka_unit_test(client__waits_for_the_method__before_it_asks),
		cmocka_unit_test(client__takes_any_address__in_the_reply),
		cmocka_unit_test(client__fails__when_the_proxy_refuses_or_isnt_one),
		cmocka_unit_test(server__refuses__what_isnt_a_bytestream),
		cmocka_unit_test(server__says_no__when_nobody_expects_that),
		cmocka_unit_test(feed__fails__beyond_what_is_wanted),
		cmocka_unit_test(dst__is_the_hash__of_the_document),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
