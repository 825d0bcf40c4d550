/* SPDX-License-Identifier: MIT */
/* A peer that got through the handshake, or nearly, and then does what no peer should. */
#include "scene.h"

#include "base/limits.h"
#include "base/slice.h"
#include "stream/state.h"

#include <stdio.h>

/* ---- the TLS level ---- */

/* Seed 000: "We start again (on TLS level) and the users have to provide a key." */
static void initiator__begins_again_with_a_secret__without_offers(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_INITIATOR, with_unproven);
	raw_say(&s.raw, JULIET "<stream:features>" STARTTLS "/></stream:features>");
	raw_say_last(&s.raw, PROCEED "/>");
	s.us.silent = true;
	(void)!raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza");
	assert_int_equal(s.us.asks, 1);
	assert_false(s.us.closed);
	s.us.silent = false;
	assert_ok(troth_stream_secret(s.us.stream, secret));
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza"));
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_true(s.us.up);
	assert_int_equal(s.us.method, TROTH_METHOD_SRP);
	assert_int_equal(s.us.guesses, 1);
	close_scene(&s);
}

/* An alert in clear is anybody's: where offers decided the method, it asks nobody for a secret. */
static void initiator__is_not_talked_into_a_prompt__after_offers(void **state)
{
	(void)state;
	struct scene s;
	char text[400];
	const char *name;
	open_scene(&s, TROTH_INITIATOR, with_unproven);
	name = troth_cert_name(troth_device_cert(s.them.device));
	(void)snprintf(text, sizeof text,
		       JULIET "<stream:features>" STARTTLS ">" OFFER
			      "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%s</name></keyinfo>"
			      "</offer></starttls></stream:features>",
		       name);
	raw_say(&s.raw, text);
	(void)snprintf(text, sizeof text,
		       PROCEED ">" OFFER
			       "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%s</name></keyinfo>"
			       "</offer></proceed>",
		       name);
	raw_say_last(&s.raw, text);
	(void)!raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza");
	assert_int_equal(s.us.asks, 0);
	assert_true(s.us.closed);
	close_scene(&s);
}

/* ---- in whose name ---- */

static void come_in_from_afar(struct scene *s)
{
	open_scene(s, TROTH_RECIPIENT, over_a_server);
	raw_say(&s->raw, FAR);
	raw_say(&s->raw, STARTTLS "/>");
	assert_ok(raw_start_tls(&s->raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s->raw, FAR);
	assert_true(s->us.up);
}

static void stanza__of_another_resource__ends_the_stream(void **state)
{
	(void)state;
	const char *stanzas[] = {"<message from='romeo@montague.example/tomb'/>",
				 "<message to='juliet@capulet.example/tomb'/>"};
	for (size_t i = 0; i < 2; i++) {
		struct scene s;
		come_in_from_afar(&s);
		raw_say(&s.raw, stanzas[i]);
		assert_err(s.us.err, TROTH_E_ADDRESS);
		assert_int_equal(s.us.stanzas, 0);
		close_scene(&s);
	}
}

/* "from and to of what arrives are set to the authenticated addresses" */
static void stanza__however_it_writes_its_addresses__gets_the_authenticated(void **state)
{
	(void)state;
	const char *stanzas[] = {
		"<message from='ROMEO@Montague.Example.' to='juliet@capulet.example'/>",
		"<message from='romeo@montague.example/orchard' "
		"to='Juliet@Capulet.Example/balcony'/>",
	};
	struct scene s;
	come_in_from_afar(&s);
	for (size_t i = 0; i < 2; i++) {
		raw_say(&s.raw, stanzas[i]);
		assert_string_equal(s.us.heard_from, "romeo@montague.example/orchard");
		assert_string_equal(s.us.heard_to, "juliet@capulet.example/balcony");
	}
	raw_say(&s.raw, "<message/>");
	assert_string_equal(s.us.heard_from, "");
	assert_int_equal(s.us.stanzas, 3);
	close_scene(&s);
}

/* A question is short and its answer long: who doesn't read gets no more of them. */
static void questions__without_end__end_the_stream(void **state)
{
	(void)state;
	struct scene s;
	const char *question = "<iq type='get' id='1'>" PUBKEYS "/></iq>";
	open_scene(&s, TROTH_RECIPIENT, with_key);
	come_in(&s, NULL);
	for (int i = 0; i < 2000 && !s.us.closed; i++) {
		assert_ok(troth_tls_write(s.raw.tls, troth_slice_str(question)));
		struct troth_buf *out = troth_tls_output(s.raw.tls);
		struct troth_slice bytes = troth_buf_slice(out);
		party_feed(&s.us, bytes.data, bytes.len, 0);
		troth_buf_clear(out);
	}
	assert_err(s.us.err, TROTH_E_LIMIT);
	assert_true(troth_stream_output(s.us.stream).len < 2 * TROTH_LIMIT_ANSWERS_BYTES);
	close_scene(&s);
}

/* The secret is worth more than the stream, and the stream may last for days. */
static void secret__is_forgotten__after_the_handshake(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	come_in(&s, secret);
	assert_null(s.us.stream->known.secret);
	assert_null(s.us.stream->known.view.secret);
	close_scene(&s);
}

/* ---- ending ---- */

static void tls__that_ends_before_the_stream__is_a_cut_line(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	come_in(&s, NULL);
	troth_tls_close(s.raw.tls); /* and the transport stays open */
	raw_pump(&s.raw);
	assert_err(s.us.err, TROTH_E_TRUNCATED);
	close_scene(&s);
}

static void stream__that_said_its_end__says_nothing_after_it(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	come_in(&s, NULL);
	troth_stream_close(s.us.stream, 0);
	raw_expect(&s.raw, "</stream:stream>");
	raw_forget(&s.raw);
	raw_say(&s.raw, "<message from='mercutio@forza'/>");
	assert_err(s.us.err, TROTH_E_ADDRESS);
	assert_int_equal(troth_buf_len(&s.raw.heard), 0);
	close_scene(&s);
}

/* Where TLS was begun, nothing is said in clear any more: not even that we go. */
static void refusal__between_two_handshakes__says_nothing_in_clear(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_INITIATOR, with_unproven);
	raw_say(&s.raw, JULIET "<stream:features>" STARTTLS "/></stream:features>");
	raw_say_last(&s.raw, PROCEED "/>");
	s.us.silent = true;
	(void)!raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza");
	assert_ok(troth_stream_refuse(s.us.stream, TROTH_E_REFUSED));
	party_work(&s.us, 0);
	assert_true(s.us.closed);
	assert_int_equal(troth_stream_output(s.us.stream).len, 0);
	close_scene(&s);
}

/* ---- while a question is open ---- */

static void input__during_a_question__is_limited(void **state)
{
	(void)state;
	struct scene s;
	static const char blanks[1024] = {0};
	size_t fed = 0;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	s.us.silent = true;
	raw_say(&s.raw, ROMEO);
	assert_string_equal(s.us.seen, "who\n");
	for (; !s.us.closed && fed < TROTH_LIMIT_INPUT_BYTES; fed += sizeof blanks)
		party_feed(&s.us, blanks, sizeof blanks, 0);
	assert_err(s.us.err, TROTH_E_LIMIT);
	assert_true(fed <= TROTH_LIMIT_CLEAR_BYTES + sizeof blanks);
	close_scene(&s);
}

/* A refusal that names no reason isn't an end in order. */
static void refusal__whatever_its_number__is_an_error(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
	s.us.silent = true;
	(void)!raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza");
	assert_int_equal(s.us.guesses, 1);
	assert_err(troth_stream_verdict(s.us.stream, &s.us.verdict), TROTH_E_INVAL);
	assert_err(troth_stream_know(s.us.stream, &s.us.known), TROTH_E_INVAL);
	assert_err(troth_stream_secret(s.us.stream, secret), TROTH_E_INVAL);
	assert_ok(troth_stream_refuse(s.us.stream, TROTH_OK));
	assert_err(troth_stream_refuse(s.us.stream, TROTH_E_BUDGET), TROTH_E_INVAL);
	assert_err(troth_stream_debited(s.us.stream), TROTH_E_INVAL);
	raw_pump(&s.raw);
	assert_err(s.us.err, TROTH_E_REFUSED);
	assert_false(s.raw.tls_done);
	close_scene(&s);
}

/* ---- the floor ---- */

/* Key names in clear are anybody's: an answer about them may narrow the floor, not lower it. */
static void floor__fixed_with_the_header__is_not_lowered_by_names(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	raw_say(&s.raw, ROMEO);
	s.us.known = (struct troth_known){.least = TROTH_LEVEL_UNVERIFIED};
	raw_say(&s.raw, STARTTLS "/>");
	assert_err(s.us.err, TROTH_E_FLOOR);
	assert_false(raw_heard(&s.raw, "<proceed"));
	close_scene(&s);
}

static void plain_over_a_server(struct scene *s)
{
	over_a_server(s);
	s->us.known = (struct troth_known){.least = TROTH_LEVEL_PLAIN};
}

static void plain_peer__over_a_server__is_refused_whatever_the_policy(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, plain_over_a_server);
	raw_say(&s.raw, FAR);
	raw_expect(&s.raw, "<required/>");
	raw_say(&s.raw, "<message/>");
	assert_err(s.us.err, TROTH_E_NO_TLS);
	assert_int_equal(s.us.stanzas, 0);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initiator__begins_again_with_a_secret__without_offers),
		cmocka_unit_test(initiator__is_not_talked_into_a_prompt__after_offers),
		cmocka_unit_test(stanza__of_another_resource__ends_the_stream),
		cmocka_unit_test(stanza__however_it_writes_its_addresses__gets_the_authenticated),
		cmocka_unit_test(questions__without_end__end_the_stream),
		cmocka_unit_test(secret__is_forgotten__after_the_handshake),
		cmocka_unit_test(tls__that_ends_before_the_stream__is_a_cut_line),
		cmocka_unit_test(stream__that_said_its_end__says_nothing_after_it),
		cmocka_unit_test(refusal__between_two_handshakes__says_nothing_in_clear),
		cmocka_unit_test(input__during_a_question__is_limited),
		cmocka_unit_test(refusal__whatever_its_number__is_an_error),
		cmocka_unit_test(floor__fixed_with_the_header__is_not_lowered_by_names),
		cmocka_unit_test(plain_peer__over_a_server__is_refused_whatever_the_policy),
	};
	return cmocka_run_group_tests(tests, make_secret, free_secret);
}
