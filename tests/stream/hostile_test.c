/* SPDX-License-Identifier: MIT */
/* A peer that got through the handshake, or nearly, and then does what no peer should. */
#include "raw.h"

#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"
#include "tls/session.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADER(from, to)                                                                           \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "    \
	"from='" from "' to='" to "' version='1.0'>"
#define ROMEO HEADER("romeo@forza", "juliet@pronto")
#define JULIET HEADER("juliet@pronto", "romeo@forza")
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define PROCEED "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define OFFER "<offer xmlns='urn:xmpp:tmp:c2ctls'>"
#define PUBKEYS "<pubkeys xmlns='urn:xmpp:tmp:pubkey'"

struct scene {
	struct party us;
	struct party them;
	struct raw raw;
};

static struct troth_secret *secret;

static void open_scene(struct scene *s, enum troth_role role, void (*prepare)(struct scene *))
{
	bool recipient = role == TROTH_RECIPIENT;
	party_init(&s->us, 1, recipient ? "juliet@pronto" : "romeo@forza");
	party_init(&s->them, 0, recipient ? "romeo@forza" : "juliet@pronto");
	if (prepare != NULL)
		prepare(s);
	party_start(&s->us, role, &s->them, 0);
	raw_init(&s->raw, &s->us, s->them.device);
	raw_pump(&s->raw);
}

static void close_scene(struct scene *s)
{
	raw_fini(&s->raw);
	party_fini(&s->us);
	party_fini(&s->them);
}

static void with_secret(struct scene *s)
{
	s->us.known.pairing = true;
	s->us.known.secret = secret;
}

static void with_key(struct scene *s)
{
	party_knows(&s->us, &s->them, true);
}

/* Unproven keys give no floor: a secret may take their place. */
static void with_unproven(struct scene *s)
{
	party_knows(&s->us, &s->them, false);
	s->us.known.may_ask = true;
}

/* Without offers: the shortest way in. */
static void come_in(struct scene *s, const struct troth_secret *with)
{
	raw_say(&s->raw, ROMEO);
	raw_say(&s->raw,
		with != NULL ? STARTTLS ">" OFFER "<srp/></offer></starttls>" : STARTTLS "/>");
	assert_ok(raw_start_tls(&s->raw, TROTH_TLS_CLIENT, with, "romeo@forza"));
	raw_say(&s->raw, ROMEO);
	assert_true(s->us.up);
	raw_forget(&s->raw);
}

/* ---- the TLS level ---- */

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

static void move_to_server(struct party *p, const char *jid)
{
	troth_address_free(p->address);
	assert_ok(troth_address_new(&p->address, TROTH_REALM_SERVER, jid));
}

static void over_a_server(struct scene *s)
{
	with_key(s);
	move_to_server(&s->us, "juliet@capulet.example/balcony");
	move_to_server(&s->them, "romeo@montague.example/orchard");
}

#define FAR HEADER("romeo@montague.example/orchard", "juliet@capulet.example")

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

/* ---- keys ---- */

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

static int setup(void **state)
{
	(void)state;
	secret = party_secret("a tale of woe");
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
		cmocka_unit_test(keys__without_an_exporter__are_given_without_possession),
		cmocka_unit_test(initiator__begins_again_with_a_secret__without_offers),
		cmocka_unit_test(initiator__is_not_talked_into_a_prompt__after_offers),
		cmocka_unit_test(stanza__of_another_resource__ends_the_stream),
		cmocka_unit_test(stanza__however_it_writes_its_addresses__gets_the_authenticated),
		cmocka_unit_test(keys__on_a_stream_that_is_not_verified__are_no_keys),
		cmocka_unit_test(keys__unasked_or_for_another_request__are_no_keys),
		cmocka_unit_test(keys__about_somebody_else_or_twice__are_no_keys),
		cmocka_unit_test(questions__without_end__end_the_stream),
		cmocka_unit_test(input__during_a_question__is_limited),
		cmocka_unit_test(refusal__whatever_its_number__is_an_error),
		cmocka_unit_test(floor__fixed_with_the_header__is_not_lowered_by_names),
		cmocka_unit_test(plain_peer__over_a_server__is_refused_whatever_the_policy),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
