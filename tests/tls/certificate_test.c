/* SPDX-License-Identifier: MIT */
#include "pump.h"

static void certificate__opens_tls_1_3__when_both_checks_accept(void **state)
{
	(void)state;
	struct pair p;
	pair_init(&p);
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	assert_non_null(strstr(troth_tls_describe(p.client.tls), "TLSv1.3 TLS_"));
	assert_string_equal(troth_tls_describe(p.client.tls), troth_tls_describe(p.server.tls));
	assert_int_equal(troth_tls_used(p.client.tls), TROTH_TLS_CERTIFICATE);
	assert_int_equal(p.client.checks, 1);
	assert_int_equal(p.server.checks, 1);
	assert_string_equal(p.client.checked, troth_cert_name(troth_device_cert(p.server.device)));
	assert_string_equal(p.server.checked, troth_cert_name(troth_device_cert(p.client.device)));
	assert_string_equal(troth_cert_name(troth_tls_peer(p.server.tls)), p.server.checked);
	assert_int_equal(troth_tls_alert(p.client.tls), 0);
	assert_same_exporter(&p);
	assert_passes(&p, &p.client, &p.server, troth_slice_str("<stream>"));
	assert_passes(&p, &p.server, &p.client, troth_slice_str("<stream>"));
	pair_fini(&p);
}

/* Counts every flight: no ticket may follow the handshake. */
static void certificate__sends_no_tickets__after_the_handshake(void **state)
{
	(void)state;
	struct pair p;
	pair_init(&p);
	pair_open(&p);
	assert_ok(troth_tls_handshake(p.client.tls, &p.client.done));
	assert_true(carry(&p, &p.client, &p.server));
	assert_true(carry(&p, &p.server, &p.client));
	assert_true(p.client.done);
	assert_false(p.server.done);
	assert_true(carry(&p, &p.client, &p.server));
	assert_shaken(&p);
	assert_int_equal(troth_buf_len(troth_tls_output(p.server.tls)), 0);
	assert_int_equal(troth_buf_len(troth_tls_output(p.client.tls)), 0);
	pair_fini(&p);
}

static void certificate__opens__when_fed_byte_by_byte(void **state)
{
	(void)state;
	struct pair p;
	pair_init(&p);
	p.step = 1;
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	assert_same_exporter(&p);
	assert_passes(&p, &p.client, &p.server, troth_slice_str("one"));
	pair_fini(&p);
}

static void certificate__says_why_by_an_alert__when_the_client_refuses(void **state)
{
	(void)state;
	static const struct {
		enum troth_tls_check answer;
		int err;
		int alert;
	} cases[] = {{TROTH_TLS_REJECT, TROTH_E_CERT, 42},
		     {TROTH_TLS_REJECT_REVOKED, TROTH_E_REVOKED, 44},
		     {TROTH_TLS_REJECT_UNKNOWN_CA, TROTH_E_CERT, 48}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pair p;
		pair_init(&p);
		p.client.answer = cases[i].answer;
		pair_open(&p);
		pair_shake(&p);
		assert_err(p.client.err, cases[i].err);
		assert_int_equal(troth_tls_alert(p.client.tls), cases[i].alert);
		assert_err(p.server.err, TROTH_E_PEER_REFUSED);
		assert_int_equal(troth_tls_alert(p.server.tls), cases[i].alert);
		assert_false(p.client.done || p.server.done);
		pair_fini(&p);
	}
}

/* The client has finished by then: it learns of it with its next read. */
static void certificate__reaches_the_client_late__when_the_server_refuses(void **state)
{
	(void)state;
	static const struct {
		enum troth_tls_check answer;
		int err;
		int alert;
	} cases[] = {{TROTH_TLS_REJECT, TROTH_E_CERT, 42},
		     {TROTH_TLS_REJECT_REVOKED, TROTH_E_REVOKED, 44},
		     {TROTH_TLS_REJECT_UNKNOWN_CA, TROTH_E_CERT, 48}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pair p;
		struct troth_buf got;
		bool ended = false;
		uint8_t exporter[32];
		pair_init(&p);
		p.server.answer = cases[i].answer;
		pair_open(&p);
		pair_shake(&p);
		assert_err(p.server.err, cases[i].err);
		assert_false(p.server.done);
		assert_int_equal(troth_tls_alert(p.server.tls), cases[i].alert);
		assert_err(troth_tls_exporter(p.server.tls, true, exporter), TROTH_E_TLS);
		assert_true(p.client.done);
		troth_buf_init(&got, 64);
		assert_err(troth_tls_read(p.client.tls, &got, 64, &ended), TROTH_E_PEER_REFUSED);
		assert_int_equal(troth_tls_alert(p.client.tls), cases[i].alert);
		/* It stays that way. */
		assert_err(troth_tls_read(p.client.tls, &got, 64, &ended), TROTH_E_PEER_REFUSED);
		assert_err(troth_tls_write(p.client.tls, troth_slice_str("x")),
			   TROTH_E_PEER_REFUSED);
		troth_buf_fini(&got);
		pair_fini(&p);
	}
}

static void certificate__gives_no_exporter__before_the_end(void **state)
{
	(void)state;
	struct pair p;
	uint8_t out[32];
	pair_init(&p);
	pair_open(&p);
	assert_err(troth_tls_exporter(p.client.tls, true, out), TROTH_E_TLS);
	assert_ok(troth_tls_handshake(p.client.tls, &p.client.done));
	assert_err(troth_tls_exporter(p.client.tls, true, out), TROTH_E_TLS);
	assert_true(carry(&p, &p.client, &p.server));
	assert_err(troth_tls_exporter(p.server.tls, true, out), TROTH_E_TLS);
	assert_err(troth_tls_write(p.server.tls, troth_slice_str("early")), TROTH_E_INVAL);
	pair_fini(&p);
}

/* RFC 8446 5.1: legacy_record_version "MUST be ignored for all purposes"; in the first
 * record that leaves one byte which may differ: 0301 or 0300. All others count. */
static void certificate__never_opens__with_any_other_byte_flipped(void **state)
{
	(void)state;
	struct pair p;
	pair_init(&p);
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	size_t total = p.client.sent;
	for (p.flip_at = 1; p.flip_at <= total; p.flip_at++) {
		pair_open(&p);
		pair_shake(&p);
		/* Signatures differ in length: this time there may be no such byte. */
		bool harmless = p.flip_at == 3 || p.flip_at > p.client.sent;
		assert_int_equal(p.server.err == TROTH_OK && p.server.done, harmless);
	}
	pair_fini(&p);
}

static void certificate__carries_large_data__both_ways(void **state)
{
	(void)state;
	struct pair p;
	size_t len = 3 * 1024 * 1024 + 17;
	uint8_t *big = malloc(len);
	for (size_t i = 0; i < len; i++)
		big[i] = (uint8_t)(i * 31 + (i >> 9));
	pair_init(&p);
	pair_open(&p);
	pair_shake(&p);
	assert_passes(&p, &p.client, &p.server, troth_slice_of(big, len));
	assert_passes(&p, &p.server, &p.client, troth_slice_of(big, len));
	free(big);
	pair_fini(&p);
}

static void certificate__reads_no_more_than_asked__and_keeps_the_rest(void **state)
{
	(void)state;
	struct pair p;
	struct troth_buf got;
	bool ended = true;
	pair_init(&p);
	pair_open(&p);
	pair_shake(&p);
	troth_buf_init(&got, 64);
	assert_ok(troth_tls_write(p.client.tls, troth_slice_str("0123456789")));
	(void)carry(&p, &p.client, &p.server);
	assert_ok(troth_tls_read(p.server.tls, &got, 4, &ended));
	assert_true(troth_slice_equal(troth_buf_slice(&got), troth_slice_str("0123")));
	assert_ok(troth_tls_read(p.server.tls, &got, 60, &ended));
	assert_true(troth_slice_equal(troth_buf_slice(&got), troth_slice_str("0123456789")));
	assert_false(ended);
	troth_buf_fini(&got);
	pair_fini(&p);
}

static void certificate__refuses_to_write__more_than_the_output_holds(void **state)
{
	(void)state;
	struct pair p;
	uint8_t *big = calloc(1, TROTH_LIMIT_OUTPUT_BYTES);
	pair_init(&p);
	pair_open(&p);
	pair_shake(&p);
	assert_err(troth_tls_write(p.client.tls, troth_slice_of(big, TROTH_LIMIT_OUTPUT_BYTES)),
		   TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(troth_tls_output(p.client.tls)), 0);
	assert_passes(&p, &p.client, &p.server, troth_slice_str("still alive"));
	free(big);
	pair_fini(&p);
}

static void certificate__tells_close_notify__from_a_cut_line(void **state)
{
	(void)state;
	struct pair p;
	struct troth_buf got;
	bool ended = true;
	pair_init(&p);
	pair_open(&p);
	pair_shake(&p);
	troth_buf_init(&got, 64);
	/* Nothing more arrives: that alone is never an end. */
	assert_ok(troth_tls_write(p.client.tls, troth_slice_str("bye")));
	(void)carry(&p, &p.client, &p.server);
	assert_ok(troth_tls_read(p.server.tls, &got, 64, &ended));
	assert_false(ended);
	troth_tls_close(p.client.tls);
	troth_tls_close(p.client.tls); /* once is enough */
	assert_err(troth_tls_write(p.client.tls, troth_slice_str("x")), TROTH_E_INVAL);
	(void)carry(&p, &p.client, &p.server);
	assert_ok(troth_tls_read(p.server.tls, &got, 64, &ended));
	assert_true(ended);
	/* The other direction is still open. */
	assert_passes(&p, &p.server, &p.client, troth_slice_str("not yet"));
	troth_tls_close(p.server.tls);
	(void)carry(&p, &p.server, &p.client);
	assert_ok(troth_tls_read(p.client.tls, &got, 64, &ended));
	assert_true(ended);
	assert_int_equal(troth_tls_alert(p.client.tls), 0);
	assert_int_equal(troth_tls_alert(p.server.tls), 0);
	troth_buf_fini(&got);
	pair_fini(&p);
}

static void certificate__fails__on_a_damaged_record(void **state)
{
	(void)state;
	struct pair p;
	struct troth_buf got;
	bool ended = false;
	pair_init(&p);
	pair_open(&p);
	pair_shake(&p);
	troth_buf_init(&got, 64);
	assert_ok(troth_tls_write(p.client.tls, troth_slice_str("whole")));
	assert_ok(troth_tls_write(p.client.tls, troth_slice_str("damaged")));
	p.flip_at = p.client.sent + troth_buf_len(troth_tls_output(p.client.tls));
	(void)carry(&p, &p.client, &p.server);
	assert_err(troth_tls_read(p.server.tls, &got, 64, &ended), TROTH_E_TLS);
	/* What came before it was whole, and is there. */
	assert_true(troth_slice_equal(troth_buf_slice(&got), troth_slice_str("whole")));
	assert_int_equal(troth_tls_alert(p.server.tls), 20);
	troth_buf_fini(&got);
	pair_fini(&p);
}

static void session__refuses__parameters_that_do_not_fit(void **state)
{
	(void)state;
	struct pair p;
	struct troth_tls *t = NULL;
	pair_init(&p);
	struct troth_tls_params q = p.client.params;
	q.check = NULL; /* nobody would judge */
	assert_err(troth_tls_new(&t, p.context, &q), TROTH_E_INVAL);
	q = p.client.params;
	q.device = NULL;
	assert_err(troth_tls_new(&t, p.context, &q), TROTH_E_INVAL);
	q = p.client.params;
	q.credential = TROTH_TLS_EITHER;
	assert_err(troth_tls_new(&t, p.context, &q), TROTH_E_INVAL);
	q.credential = TROTH_TLS_SRP;
	assert_err(troth_tls_new(&t, p.context, &q), TROTH_E_INVAL);
	assert_null(t);
	pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate__opens_tls_1_3__when_both_checks_accept),
		cmocka_unit_test(certificate__sends_no_tickets__after_the_handshake),
		cmocka_unit_test(certificate__opens__when_fed_byte_by_byte),
		cmocka_unit_test(certificate__says_why_by_an_alert__when_the_client_refuses),
		cmocka_unit_test(certificate__reaches_the_client_late__when_the_server_refuses),
		cmocka_unit_test(certificate__gives_no_exporter__before_the_end),
		cmocka_unit_test(certificate__never_opens__with_any_other_byte_flipped),
		cmocka_unit_test(certificate__carries_large_data__both_ways),
		cmocka_unit_test(certificate__reads_no_more_than_asked__and_keeps_the_rest),
		cmocka_unit_test(certificate__refuses_to_write__more_than_the_output_holds),
		cmocka_unit_test(certificate__tells_close_notify__from_a_cut_line),
		cmocka_unit_test(certificate__fails__on_a_damaged_record),
		cmocka_unit_test(session__refuses__parameters_that_do_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
