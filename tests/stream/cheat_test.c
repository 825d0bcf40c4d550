/* SPDX-License-Identifier: MIT */
/* Peers that cheat on the way in: addresses, names, certificates, guesses, time. */
#include "scene.h"

#include "base/slice.h"
#include "c2c/method.h"
#include "stream/engine.h"

#include <stdio.h>

static void far_with_secret(struct scene *s)
{
	over_a_server(s);
	s->us.known = (struct troth_known){.pairing = true, .secret = secret};
}

#define KEYINFO "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%s</name></keyinfo>"
#define MARK "<transcript xmlns='urn:xmpp:troth:0'/>"

/* ---- headers ---- */

static void header__that_calls_somebody_else__is_refused(void **state)
{
	(void)state;
	static const char *const headers[] = {
		HEADER("romeo@forza", "nurse@pronto"),
		HEADER("romeo@forza", "Juliet@pronto"), /* labels are compared as bytes */
		HEADER("", "juliet@pronto"),
		HEADER("romeo@forza", ""),
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' to='juliet@pronto' version='1.0'>",
		"<stream:stream xmlns='jabber:server' "
		"xmlns:stream='http://etherx.jabber.org/streams' from='romeo@forza' "
		"to='juliet@pronto' version='1.0'>",
		"<stream xmlns='jabber:client' from='romeo@forza' to='juliet@pronto' "
		"version='1.0'>",
		"<s:stream xmlns='jabber:client' xmlns:s='urn:example' from='romeo@forza' "
		"to='juliet@pronto' version='1.0'>",
	};
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct scene s;
		open_scene(&s, TROTH_RECIPIENT, with_key);
		raw_say(&s.raw, headers[i]);
		assert_true(s.us.closed);
		assert_string_equal(s.us.seen, i < 5 ? "closed\naddress\n" : "closed\nprotocol\n");
		assert_int_equal(troth_buf_len(&s.raw.heard), 0); /* nobody learns who we are */
		close_scene(&s);
	}
}

static void header__a_second_time__is_refused(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, ROMEO STARTTLS "/></stream:stream>");
	assert_err(s.us.err, TROTH_E_NO_TLS);
	assert_false(raw_heard(&s.raw, "<proceed"));
	close_scene(&s);
}

/* ---- what is promised in clear ---- */

static void say_request(struct scene *s, const struct troth_device *named)
{
	char text[400];
	(void)snprintf(text, sizeof text, STARTTLS ">" OFFER KEYINFO "</offer></starttls>",
		       troth_cert_name(troth_device_cert(named)));
	raw_say(&s->raw, text);
}

static void name__of_a_key__without_that_key__is_refused(void **state)
{
	(void)state;
	struct party thief;
	struct scene s;
	char text[600];
	const char *name;
	party_init(&thief, 2, "romeo@forza");
	open_scene(&s, TROTH_RECIPIENT, with_key);
	raw_say(&s.raw, ROMEO);
	say_request(&s, s.them.device);
	s.raw.device = thief.device;
	(void)!raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL);
	assert_err(s.us.err, TROTH_E_KEY_CHANGED);
	assert_int_equal(troth_tls_alert(s.raw.tls), 42); /* bad_certificate */
	assert_null(strstr(s.us.seen, "verdict"));
	close_scene(&s);

	open_scene(&s, TROTH_INITIATOR, with_key);
	name = troth_cert_name(troth_device_cert(s.them.device));
	(void)snprintf(text, sizeof text,
		       JULIET "<stream:features>" STARTTLS ">" OFFER KEYINFO
			      "</offer></starttls></stream:features>",
		       name);
	raw_say(&s.raw, text);
	(void)snprintf(text, sizeof text, PROCEED ">" OFFER KEYINFO "</offer></proceed>", name);
	raw_say_last(&s.raw, text);
	s.raw.device = thief.device;
	(void)!raw_start_tls(&s.raw, TROTH_TLS_SERVER, NULL, NULL);
	assert_err(s.us.err, TROTH_E_KEY_CHANGED);
	assert_null(strstr(s.us.seen, "verdict"));
	close_scene(&s);
	party_fini(&thief);
}

static void mark__that_is_not_honoured_inside__is_an_attack(void **state)
{
	(void)state;
	struct scene s;
	char text[600];
	const char *name;
	open_scene(&s, TROTH_INITIATOR, with_key);
	name = troth_cert_name(troth_device_cert(s.them.device));
	(void)snprintf(text, sizeof text,
		       JULIET "<stream:features>" STARTTLS ">" OFFER KEYINFO MARK
			      "</offer></starttls></stream:features>",
		       name);
	raw_say(&s.raw, text);
	(void)snprintf(text, sizeof text, PROCEED ">" OFFER KEYINFO "</offer></proceed>", name);
	raw_say_last(&s.raw, text);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, NULL, NULL));
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_err(s.us.err, TROTH_E_DOWNGRADE);
	assert_false(s.us.up);
	close_scene(&s);
}

/* In clear anybody can say anything: it is neither an attack seen nor a secret that differs. */
static void error__in_clear__is_nobodys_statement(void **state)
{
	(void)state;
	static const char *const children[] = {"downgrade", "guess", "budget", "refused",
					       "expired"};
	for (size_t i = 0; i < sizeof children / sizeof *children; i++) {
		struct scene s;
		char text[400];
		open_scene(&s, TROTH_INITIATOR, with_key);
		(void)snprintf(text, sizeof text,
			       JULIET "<stream:error><not-authorized "
				      "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
				      "<%s xmlns='urn:xmpp:troth:0'/></stream:error>",
			       children[i]);
		raw_say(&s.raw, text);
		assert_err(s.us.err, TROTH_E_PEER_ERROR);
		assert_true(s.us.by_peer);
		close_scene(&s);
	}
}

static void with_prompt(struct scene *s)
{
	s->us.known.may_ask = true;
	s->us.silent = false;
}

static void bytes_in_clear__while_the_user_is_asked__are_fatal(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_prompt);
	raw_say(&s.raw, ROMEO);
	/* WHO is answered and ASK isn't. */
	troth_stream_feed(s.us.stream,
			  troth_slice_str(STARTTLS ">" OFFER "<srp/></offer></starttls>"), 0);
	struct troth_event e;
	troth_stream_next(s.us.stream, 0, &e);
	assert_int_equal(e.type, TROTH_EVENT_WHO);
	assert_ok(troth_stream_know(s.us.stream, &s.us.known));
	troth_stream_next(s.us.stream, 0, &e);
	assert_int_equal(e.type, TROTH_EVENT_ASK_SECRET);
	troth_stream_feed(s.us.stream, troth_slice_str("\x16"), 0);
	assert_ok(troth_stream_secret(s.us.stream, secret));
	raw_pump(&s.raw);
	assert_err(s.us.err, TROTH_E_PROTOCOL);
	assert_false(raw_heard(&s.raw, "<proceed"));
	close_scene(&s);
}

/* ---- guesses ---- */

/* Only what tests a guess costs one: not whoever merely begins. */
static void guess__is_not_debited__before_it_could_be_tested(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
	/* A ClientHello, to which our ServerHello and key exchange may go out. */
	struct troth_tls_params params = {.role = TROTH_TLS_CLIENT,
					  .credential = TROTH_TLS_SRP,
					  .secret = secret,
					  .srp_user = "romeo@forza"};
	bool done = false;
	assert_ok(troth_tls_new(&s.raw.tls, s.raw.context, &params));
	assert_ok(troth_tls_handshake(s.raw.tls, &done));
	struct troth_slice hello = troth_buf_slice(troth_tls_output(s.raw.tls));
	party_feed(&s.us, hello.data, hello.len, 0);
	assert_true(troth_stream_output(s.us.stream).len > 0);
	assert_int_equal(s.us.guesses, 0);
	troth_stream_feed_end(s.us.stream, 0);
	party_work(&s.us, 0);
	assert_int_equal(s.us.guesses, 0);
	assert_true(s.us.closed);
	close_scene(&s);
}

/* "the recipient takes it as received if its bare form equals the header's, and otherwise fails
 * exactly as for a wrong secret" */
static void user_name__of_somebody_else__fails_as_a_wrong_secret(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool same;
	} rows[] = {
		{"romeo@montague.example", true},      {"ROMEO@Montague.Example", true},
		{"romeo@montague.example/tomb", true}, {"romeo@montague.example.", true},
		{"mercutio@montague.example", false},  {"romeo@montague.example@x", false},
		{"montague.example", false},           {"romeo", false},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scene s;
		open_scene(&s, TROTH_RECIPIENT, far_with_secret);
		raw_say(&s.raw, FAR);
		raw_say(&s.raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
		int err = raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, rows[i].name);
		assert_int_equal(s.us.guesses, 1);
		assert_int_equal(s.raw.tls_done, rows[i].same);
		if (!rows[i].same) {
			assert_err(s.us.err, TROTH_E_SECRET);
			assert_err(err, TROTH_E_SECRET);
			assert_int_equal(troth_tls_alert(s.raw.tls), 20);
		}
		close_scene(&s);
	}
}

static void key_and_prompt(struct scene *s)
{
	with_key(s);
	s->us.known.may_ask = true;
}

/* The floor of a known key holds at the TLS level too. */
static void alert__that_asks_for_a_secret__never_goes_below_a_key(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_INITIATOR, key_and_prompt);
	raw_say(&s.raw, JULIET "<stream:features>" STARTTLS "/></stream:features>");
	raw_say_last(&s.raw, PROCEED "/>");
	(void)!raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza");
	assert_int_equal(s.us.asks, 0);
	assert_err(s.us.err, TROTH_E_PEER_REFUSED);
	close_scene(&s);
}

/* ---- our own streams, joined by somebody ---- */

static void stream__that_ends_at_our_own_other_end__is_a_relay(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	party_init(&romeo, 0, "romeo@forza");
	party_init(&juliet, 0, "juliet@pronto");
	struct troth_engine *own = juliet.engine;
	juliet.engine = romeo.engine;
	party_lacks(&romeo, TROTH_MARK_PAKE); /* which would show the key, and stop there */
	romeo.known.secret = juliet.known.secret = secret;
	party_start(&juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(&romeo, TROTH_INITIATOR, &juliet, 0);
	party_run(&romeo, &juliet, 1 << 20, 0);
	assert_false(romeo.level == TROTH_LEVEL_VERIFIED || juliet.level == TROTH_LEVEL_VERIFIED);
	assert_true(romeo.err == TROTH_E_RELAY || juliet.err == TROTH_E_RELAY);
	troth_stream_free(juliet.stream);
	juliet.stream = NULL;
	juliet.engine = own;
	party_fini(&romeo);
	party_fini(&juliet);
}

static void exporter__of_another_live_stream__is_a_relay(void **state)
{
	(void)state;
	struct troth_engine engine = {0};
	struct troth_live a = {.exporter = {1}};
	struct troth_live b = {.exporter = {1}};
	struct troth_live c = {.exporter = {2}};
	assert_ok(troth_engine_enter(&engine, &a));
	assert_err(troth_engine_enter(&engine, &b), TROTH_E_RELAY);
	assert_ok(troth_engine_enter(&engine, &c));
	troth_engine_leave(&a);
	assert_ok(troth_engine_enter(&engine, &b));
	assert_err(troth_engine_enter(&engine, &a), TROTH_E_RELAY);
	troth_engine_leave(&c);
	troth_engine_leave(&b);
	assert_null(engine.live);
}

/* ---- time ---- */

/* A byte now and then must not keep a phase going: the deadline of a state never moves, but once,
 * when the peer's user has begun the handshake. */
static void deadline__is_not_moved__by_single_bytes(void **state)
{
	(void)state;
	struct scene s;
	char text[600];
	open_scene(&s, TROTH_RECIPIENT, with_key);
	(void)snprintf(text, sizeof text, ROMEO STARTTLS ">" OFFER KEYINFO "</offer></starttls>",
		       troth_cert_name(troth_device_cert(s.them.device)));
	const char *before = "";
	int64_t deadline = 0;
	for (size_t i = 0; text[i] != 0; i++) {
		party_feed(&s.us, &text[i], 1, (int64_t)i);
		if (strcmp(before, troth_stream_state(s.us.stream)) == 0)
			assert_int_equal(deadline, troth_stream_deadline(s.us.stream));
		before = troth_stream_state(s.us.stream);
		deadline = troth_stream_deadline(s.us.stream);
	}
	assert_string_equal(before, "TLS handshake");
	/* The longest ClientHello: a record that never ends. */
	const uint8_t record[] = {22, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb};
	int64_t now = 1000;
	int64_t first = 0;
	for (size_t i = 0; i < 100 && !s.us.closed; i++, now += 1000) {
		party_feed(&s.us, i < sizeof record ? &record[i] : record + 3, 1, now);
		if (i == 0)
			first = troth_stream_deadline(s.us.stream);
	}
	assert_err(s.us.err, TROTH_E_TIMEOUT);
	assert_true(now <= first + 2000);
	close_scene(&s);
}

/* Our certificate is no secret: whoever shows it, and can't prove the key, is no copy of us. */
static void own_certificate__without_its_key__is_no_copy_of_this_device(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct scene s;
		open_scene(&s, TROTH_RECIPIENT, NULL);
		s.us.known = (struct troth_known){.least = TROTH_LEVEL_UNVERIFIED};
		s.raw.device = s.us.device;
		s.raw.old_tls = true;
		s.raw.proofless = i == 0;
		raw_say(&s.raw, ROMEO);
		raw_say(&s.raw, STARTTLS ">" OFFER "<insecure/></offer></starttls>");
		(void)!raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL);
		assert_err(s.us.err, i == 0 ? TROTH_E_CERT : TROTH_E_SELF);
		assert_false(s.us.up);
		close_scene(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header__that_calls_somebody_else__is_refused),
		cmocka_unit_test(header__a_second_time__is_refused),
		cmocka_unit_test(name__of_a_key__without_that_key__is_refused),
		cmocka_unit_test(mark__that_is_not_honoured_inside__is_an_attack),
		cmocka_unit_test(error__in_clear__is_nobodys_statement),
		cmocka_unit_test(own_certificate__without_its_key__is_no_copy_of_this_device),
		cmocka_unit_test(bytes_in_clear__while_the_user_is_asked__are_fatal),
		cmocka_unit_test(guess__is_not_debited__before_it_could_be_tested),
		cmocka_unit_test(user_name__of_somebody_else__fails_as_a_wrong_secret),
		cmocka_unit_test(alert__that_asks_for_a_secret__never_goes_below_a_key),
		cmocka_unit_test(stream__that_ends_at_our_own_other_end__is_a_relay),
		cmocka_unit_test(exporter__of_another_live_stream__is_a_relay),
		cmocka_unit_test(deadline__is_not_moved__by_single_bytes),
	};
	return cmocka_run_group_tests(tests, make_secret, free_secret);
}
