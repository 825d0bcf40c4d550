/* SPDX-License-Identifier: MIT */
/* Peers that know TLS at once and nothing of ours, and those that mean harm by it. */
#include "scene.h"

static const struct troth_tls_first by_key = {.srp = false};
static const struct troth_tls_first by_secret = {.srp = true};

static void key_first(struct scene *s)
{
	with_key(s);
	s->us.first = &by_key;
}

static void secret_first(struct scene *s)
{
	with_secret(s);
	s->us.first = &by_secret;
}

static void far_first(struct scene *s)
{
	over_a_server(s);
	s->us.first = &by_key;
}

/* As open_scene, whose peer would take our ClientHello for words in clear. */
static void open_first(struct scene *s, enum troth_role role, void (*prepare)(struct scene *))
{
	bool recipient = role == TROTH_RECIPIENT;
	party_init(&s->us, 1, recipient ? "juliet@pronto" : "romeo@forza");
	party_init(&s->them, 0, recipient ? "romeo@forza" : "juliet@pronto");
	prepare(s);
	party_start(&s->us, role, &s->them, 0);
	raw_init(&s->raw, &s->us, s->them.device);
	party_work(&s->us, 0);
}

/* ---- foreign peers ---- */

static void recipient__meets_a_client_of_tls__and_then_its_header(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_RECIPIENT, key_first);
	assert_false(raw_heard(&s.raw, "<"));
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	assert_false(raw_heard(&s.raw, "<")); /* nothing before the header of whoever calls */
	raw_say(&s.raw, "<?xml version='1.0'?>" ROMEO);
	raw_expect(&s.raw, "<stream:features");
	assert_false(raw_heard(&s.raw, "transcript"));
	assert_false(raw_heard(&s.raw, "starttls"));
	assert_true(s.us.up);
	assert_int_equal(s.us.level, TROTH_LEVEL_VERIFIED);
	assert_false(s.us.transcript);
	raw_say(&s.raw, "<message><body>hello</body></message>");
	assert_string_equal(s.us.heard, "hello");
	close_scene(&s);
}

static void initiator__meets_a_server_of_tls__and_then_its_features(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_INITIATOR, key_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, NULL, NULL));
	raw_expect(&s.raw, "from='romeo@forza'");
	raw_expect(&s.raw, "to='juliet@pronto'");
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_true(s.us.up);
	assert_int_equal(s.us.level, TROTH_LEVEL_VERIFIED);
	assert_false(s.us.transcript);
	close_scene(&s);
}

static void secret__is_proved_to_both_roles__and_keys_are_asked_for(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_RECIPIENT, secret_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza"));
	raw_say(&s.raw, ROMEO);
	raw_expect(&s.raw, "<pubkeys xmlns='urn:xmpp:tmp:pubkey'/>");
	assert_true(s.us.up);
	assert_int_equal(s.us.guesses, 1);
	close_scene(&s);
	open_first(&s, TROTH_INITIATOR, secret_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza"));
	raw_say(&s.raw, JULIET "<stream:features/>");
	raw_expect(&s.raw, "<pubkeys xmlns='urn:xmpp:tmp:pubkey'/>");
	assert_true(s.us.up);
	close_scene(&s);
}

static void full_address__over_a_server__is_compared_bare(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_RECIPIENT, far_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s.raw, FAR);
	assert_true(s.us.up);
	close_scene(&s);
	open_first(&s, TROTH_RECIPIENT, far_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s.raw,
		HEADER("romeo@montague.example/elsewhere", "juliet@capulet.example/balcony"));
	assert_true(s.us.up);
	close_scene(&s);
}

/* ---- headers ---- */

static void header__of_somebody_else_or_for_somebody_else__is_refused(void **state)
{
	(void)state;
	static const char *const headers[] = {
		HEADER("tybalt@forza", "juliet@pronto"),
		HEADER("romeo@forza", "tybalt@pronto"),
		HEADER("juliet@pronto", "juliet@pronto"),
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' to='juliet@pronto' version='1.0'>",
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' from='romeo@forza' "
		"to='juliet@pronto'>",
	};
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct scene s;
		open_first(&s, TROTH_RECIPIENT, key_first);
		assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
		raw_say(&s.raw, headers[i]);
		assert_false(s.us.up);
		assert_err(s.us.err, TROTH_E_ADDRESS);
		raw_expect(&s.raw, "<stream:error>");
		close_scene(&s);
	}
}

static void stanza__in_the_place_of_a_header__is_refused(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_RECIPIENT, key_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s.raw, "<message xmlns='jabber:client'><body>psst</body></message>");
	assert_err(s.us.err, TROTH_E_PROTOCOL);
	assert_int_equal(s.us.stanzas, 0);
	close_scene(&s);
}

/* ---- what isn't there is never shown ---- */

/* SHA-256 of twice SHA-256 of nothing: what it would be, were there one. */
#define OF_NOTHING                                                                                 \
	"<transcript xmlns='urn:xmpp:troth:0' algo='sha-256'>"                                     \
	"LbpdvDOecxauomg/r4OcG3se4jE9t5IRJYgRjfBmqjU=</transcript>"

static void transcript__of_a_peer__is_compared_with_nothing(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_INITIATOR, key_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, NULL, NULL));
	raw_say(&s.raw, JULIET "<stream:features>" OF_NOTHING "</stream:features>");
	assert_true(s.us.up);
	assert_false(s.us.transcript);
	assert_false(raw_heard(&s.raw, "transcript"));
	close_scene(&s);
	open_first(&s, TROTH_RECIPIENT, key_first);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s.raw, ROMEO OF_NOTHING);
	assert_false(s.us.transcript);
	assert_false(raw_heard(&s.raw, "transcript"));
	close_scene(&s);
}

/* ---- the method stays what was agreed on ---- */

static void certificate__where_a_secret_was_agreed_on__ends_it(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_RECIPIENT, secret_first);
	assert_int_not_equal(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL), TROTH_OK);
	assert_true(s.us.closed);
	assert_err(s.us.err, TROTH_E_TLS);
	assert_int_equal(s.us.guesses, 0);
	close_scene(&s);
}

/* unknown_psk_identity, which without offers begins again with a secret. */
static void alert__that_wants_a_secret__starts_nothing_anew(void **state)
{
	(void)state;
	static const uint8_t alert[] = {21, 3, 3, 0, 2, 2, 115};
	struct scene s;
	open_first(&s, TROTH_INITIATOR, key_first);
	s.us.known.may_ask = true;
	party_feed(&s.us, alert, sizeof alert, 0);
	assert_true(s.us.closed);
	assert_int_equal(s.us.asks, 0);
	close_scene(&s);
}

static void user_name__of_somebody_else__is_a_wrong_secret(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_RECIPIENT, secret_first);
	assert_err(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "tybalt@forza"), TROTH_E_SECRET);
	assert_err(s.us.err, TROTH_E_SECRET);
	assert_int_equal(s.us.guesses, 1);
	close_scene(&s);
}

/* Without the extended master secret there is nothing that binds a proof to the stream. */
static void old_tls__with_a_secret__learns_keys_as_unproven(void **state)
{
	(void)state;
	struct scene s;
	open_first(&s, TROTH_RECIPIENT, secret_first);
	s.raw.old_tls = true;
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza"));
	raw_say(&s.raw, ROMEO "<iq type='get' id='k'>" PUBKEYS "/></iq>");
	raw_expect(&s.raw, "<keyinfo");
	assert_false(raw_heard(&s.raw, "possession"));
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipient__meets_a_client_of_tls__and_then_its_header),
		cmocka_unit_test(initiator__meets_a_server_of_tls__and_then_its_features),
		cmocka_unit_test(secret__is_proved_to_both_roles__and_keys_are_asked_for),
		cmocka_unit_test(full_address__over_a_server__is_compared_bare),
		cmocka_unit_test(header__of_somebody_else_or_for_somebody_else__is_refused),
		cmocka_unit_test(stanza__in_the_place_of_a_header__is_refused),
		cmocka_unit_test(transcript__of_a_peer__is_compared_with_nothing),
		cmocka_unit_test(certificate__where_a_secret_was_agreed_on__ends_it),
		cmocka_unit_test(alert__that_wants_a_secret__starts_nothing_anew),
		cmocka_unit_test(user_name__of_somebody_else__is_a_wrong_secret),
		cmocka_unit_test(old_tls__with_a_secret__learns_keys_as_unproven),
	};
	return cmocka_run_group_tests(tests, make_secret, free_secret);
}
