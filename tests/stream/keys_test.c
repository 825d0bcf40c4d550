/* SPDX-License-Identifier: MIT */
/* Keys on a stream: whose, when, and with what proof. */
#include "scene.h"

#include "keys/keyinfo.h"

/* A peer on TLS 1.2 without extended master secret has no exporter: no possession. */
static void keys__without_an_exporter__are_given_without_possession(void **state)
{
	(void)state;
	for (int by_secret = 0; by_secret < 2; by_secret++) {
		struct scene s;
		open_scene(&s, TROTH_RECIPIENT, by_secret ? with_secret : with_key);
		s.raw.old_tls = true;
		come_in(&s, by_secret ? secret : NULL);
		raw_say(&s.raw, "<iq type='get' id='1'>" PUBKEYS "/></iq>");
		raw_expect(&s.raw, "<x509cert>");
		assert_false(raw_heard(&s.raw, "<possession"));
		troth_stream_close(s.us.stream, 0);
		raw_expect(&s.raw, "</stream:stream>");
		close_scene(&s);
	}
}

static void with_secret_worth_little(struct scene *s)
{
	with_secret(s);
	s->us.verdict.level = TROTH_LEVEL_UNVERIFIED;
}

/* "Keys are asked for, and accepted, only on a verified stream" */
static void keys__on_a_stream_that_is_not_verified__are_no_keys(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret_worth_little);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza"));
	raw_say(&s.raw, ROMEO);
	assert_false(raw_heard(&s.raw, "<pubkeys"));
	raw_say(&s.raw, "<message>" PUBKEYS "/></message>");
	assert_null(strstr(s.us.seen, "keys\n"));
	raw_say(&s.raw, "<iq type='get' id='1'>" PUBKEYS "/></iq>");
	raw_expect(&s.raw, "<service-unavailable");
	assert_false(raw_heard(&s.raw, "<keyinfo"));
	assert_err(troth_stream_request_keys(s.us.stream), TROTH_E_INVAL);
	troth_stream_close(s.us.stream, 0);
	raw_expect(&s.raw, "</stream:stream>");
	assert_false(raw_heard(&s.raw, "<keyinfo"));
	close_scene(&s);
}

static void keys__unasked_or_for_another_request__are_no_keys(void **state)
{
	(void)state;
	const char *stanzas[] = {
		"<message>" PUBKEYS "/></message>",
		"<iq type='result' id='1'>" PUBKEYS "/></iq>",
		"<iq type='result' id=''>" PUBKEYS "/></iq>",
		"<iq type='set' id='1'>" PUBKEYS "/></iq>",
		"<presence>" PUBKEYS "/></presence>",
	};
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	come_in(&s, NULL);
	for (int asked = 0; asked < 2; asked++) {
		for (size_t i = 0; i < sizeof stanzas / sizeof *stanzas; i++)
			raw_say(&s.raw, stanzas[i]);
		assert_null(strstr(s.us.seen, "keys\n"));
		assert_true(s.us.up);
		if (!asked)
			assert_ok(troth_stream_request_keys(s.us.stream));
	}
	assert_err(troth_stream_request_keys(s.us.stream), TROTH_E_INVAL); /* one at a time */
	close_scene(&s);
}

/* On a fresh stream by secret a message counts as the answer, but not about somebody else, and
 * only once. */
static void keys__about_somebody_else_or_twice__are_no_keys(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	come_in(&s, secret);
	raw_say(&s.raw, "<message>" PUBKEYS " jid='nurse@pronto'/></message>");
	assert_null(strstr(s.us.seen, "keys\n"));
	raw_say(&s.raw, "<message>" PUBKEYS "/></message>");
	const char *first = strstr(s.us.seen, "keys\n");
	assert_non_null(first);
	raw_say(&s.raw, "<message>" PUBKEYS "/></message>");
	assert_null(strstr(first + 1, "keys\n"));
	raw_say(&s.raw, "<iq type='get' id='1'>" PUBKEYS " jid='nurse@pronto'/></iq>");
	raw_expect(&s.raw, "<item-not-found");
	close_scene(&s);
}

/* What the peer would have to sign: another role, address or stream is somebody else's proof. */
struct claim {
	bool initiator;
	const char *address;
	uint8_t twist; /* of the exporter */
	bool right;
};

static void say_keys(struct scene *s, const struct claim *claim)
{
	uint8_t exporter[32];
	struct troth_buf xml;
	struct troth_writer w;
	const char *text;
	assert_ok(troth_tls_exporter(s->raw.tls, false, exporter));
	exporter[0] ^= claim->twist;
	struct troth_possession_context signer = {claim->initiator, claim->address, exporter};
	troth_buf_init(&xml, 1 << 16);
	troth_writer_init(&w, &xml, "jabber:client");
	troth_writer_open(&w, "jabber:client", "message");
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	assert_ok(troth_keyinfo_write_own(&w, s->them.device, &signer, NULL));
	troth_writer_close(&w);
	troth_writer_close(&w);
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_buf_cstr(&xml, &text));
	raw_say(&s->raw, text);
	troth_buf_fini(&xml);
}

static void come_out(struct scene *s)
{
	raw_say(&s->raw, JULIET "<stream:features>" STARTTLS "/></stream:features>");
	raw_say_last(&s->raw, PROCEED "/>");
	assert_ok(raw_start_tls(&s->raw, TROTH_TLS_SERVER, secret, "romeo@forza"));
	raw_say(&s->raw, JULIET "<stream:features/>");
	assert_true(s->us.up);
}

static void possession__of_another_role_address_or_stream__is_refused(void **state)
{
	(void)state;
	static const struct claim claims[] = {
		{true, "romeo@forza", 0, true},    {false, "romeo@forza", 0, false},
		{true, "juliet@pronto", 0, false}, {true, "romeo@forza", 1, false},
		{false, "juliet@pronto", 0, true}, {true, "juliet@pronto", 0, false},
	};
	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
		struct scene s;
		bool recipient = i < 4;
		open_scene(&s, recipient ? TROTH_RECIPIENT : TROTH_INITIATOR, with_secret);
		if (recipient)
			come_in(&s, secret);
		else
			come_out(&s);
		say_keys(&s, &claims[i]);
		assert_int_equal(s.us.keys_possessed, claims[i].right);
		assert_int_equal(s.us.keys, claims[i].right);
		if (!claims[i].right)
			assert_err(s.us.err, TROTH_E_CERT);
		close_scene(&s);
	}
}

/* Each is answered before the next is looked at, and none is left in memory. */
static void questions__in_one_piece__are_all_answered(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	come_in(&s, NULL);
	raw_say(&s.raw,
		"<iq type='get' id='1'>" PUBKEYS "/></iq>"
		"<iq type='get' id='2'>" PUBKEYS "/></iq><message><body>x</body></message>");
	raw_expect(&s.raw, "id='1'");
	raw_expect(&s.raw, "id='2'");
	assert_string_equal(s.us.heard, "x");
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys__without_an_exporter__are_given_without_possession),
		cmocka_unit_test(keys__on_a_stream_that_is_not_verified__are_no_keys),
		cmocka_unit_test(keys__unasked_or_for_another_request__are_no_keys),
		cmocka_unit_test(keys__about_somebody_else_or_twice__are_no_keys),
		cmocka_unit_test(possession__of_another_role_address_or_stream__is_refused),
		cmocka_unit_test(questions__in_one_piece__are_all_answered),
	};
	return cmocka_run_group_tests(tests, make_secret, free_secret);
}
