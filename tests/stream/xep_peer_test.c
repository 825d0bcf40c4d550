/* SPDX-License-Identifier: MIT */
/* Peers that know only the XEPs, or not even XEP-0250; and what a stream says to them. */
#include "raw.h"

#include <stdio.h>

#define HEADER(from, to)                                                                           \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "    \
	"from='" from "' to='" to "' version='1.0'>"
#define ROMEO HEADER("romeo@forza", "juliet@pronto")
#define JULIET HEADER("juliet@pronto", "romeo@forza")
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define OFFER "<offer xmlns='urn:xmpp:tmp:c2ctls'>"

static struct troth_secret *secret;

struct scene {
	struct party us;
	struct party them; /* for its device only */
	struct raw raw;
};

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

static void with_anybody(struct scene *s)
{
	s->us.known.least = TROTH_LEVEL_UNVERIFIED;
}

static void with_plain(struct scene *s)
{
	s->us.known.least = TROTH_LEVEL_PLAIN;
}

/* ---- XEP-0250 by SRP, without the mark and without XEP-0189 ---- */

static void recipient__does_srp__with_a_peer_that_knows_only_the_xep(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	raw_say(&s.raw, "<?xml version='1.0'?>\n" ROMEO);
	raw_expect(&s.raw, "<srp/>");
	raw_expect(&s.raw, "<required/>");
	raw_say(&s.raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
	raw_expect(&s.raw, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>" OFFER
			   "<srp/></offer></proceed>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza"));
	assert_true(s.raw.tls_done);
	raw_say(&s.raw, ROMEO);
	raw_expect(&s.raw, "<transcript"); /* always sent, whether or not it is looked at */
	raw_expect(&s.raw, "<pubkeys xmlns='urn:xmpp:tmp:pubkey'/>");
	assert_true(s.us.up);
	assert_int_equal(s.us.level, TROTH_LEVEL_VERIFIED);
	assert_false(s.us.transcript);
	raw_say(&s.raw, "<message><body>hello</body></message>");
	assert_string_equal(s.us.heard, "hello");
	close_scene(&s);
}

static void initiator__does_srp__with_a_peer_that_knows_only_the_xep(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_INITIATOR, with_secret);
	raw_expect(&s.raw, "to='juliet@pronto'");
	raw_say(&s.raw,
		JULIET "<stream:features>" STARTTLS "><required/>" OFFER
		       "<unknown xmlns='urn:example'/><srp/></offer></starttls></stream:features>");
	raw_expect(&s.raw, OFFER "<srp/>");
	raw_say_last(&s.raw, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'>" OFFER
			     "<srp/></offer></proceed>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza"));
	raw_expect(&s.raw, "from='romeo@forza'");
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_true(s.us.up);
	assert_false(s.us.transcript);
	close_scene(&s);
}

static void keys__of_a_peer_without_xep_0189__are_no_failure(void **state)
{
	(void)state;
	struct scene s;
	char id[64];
	char error[300];
	const char *heard;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER "<srp/></offer></starttls>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza"));
	raw_say(&s.raw, ROMEO);
	assert_ok(troth_buf_cstr(&s.raw.heard, &heard));
	assert_int_equal(sscanf(strstr(heard, "type='get' id='"), "type='get' id='%63[^']'", id),
			 1);
	(void)snprintf(error, sizeof error,
		       "<iq type='error' id='%s'><error type='cancel'><service-unavailable "
		       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		       id);
	raw_say(&s.raw, error);
	assert_non_null(strstr(s.us.seen, "keys\n"));
	assert_int_equal(s.us.keys, 0);
	assert_true(s.us.up);
	close_scene(&s);
}

/* ---- no offers: RFC 6120 TLS, and SRP at the TLS level (seed 000) ---- */

static void recipient__takes_a_pinned_certificate__without_offers(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_key);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS "/>");
	raw_expect(&s.raw, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s.raw, ROMEO);
	raw_expect(&s.raw, "<transcript");
	assert_true(s.us.up);
	assert_int_equal(s.us.method, TROTH_METHOD_KEY);
	close_scene(&s);
}

static void initiator__takes_a_pinned_certificate__without_offers(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_INITIATOR, with_key);
	raw_say(&s.raw, JULIET "<stream:features>" STARTTLS "/></stream:features>");
	raw_say_last(&s.raw, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, NULL, NULL));
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_true(s.us.up);
	assert_int_equal(s.us.level, TROTH_LEVEL_VERIFIED);
	close_scene(&s);
}

static void initiator__begins_with_srp__when_it_holds_a_secret_and_no_key(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_INITIATOR, with_secret);
	raw_say(&s.raw, JULIET "<stream:features>" STARTTLS "/></stream:features>");
	raw_say_last(&s.raw, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_SERVER, secret, "romeo@forza"));
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_true(s.us.up);
	assert_int_equal(s.us.method, TROTH_METHOD_SRP);
	close_scene(&s);
}

static void recipient__wants_a_secret__from_a_client_hello_without_one(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS "/>");
	int err = raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL);
	assert_int_not_equal(err, TROTH_OK);
	assert_true(troth_tls_secret_wanted(s.raw.tls)); /* alert unknown_psk_identity */
	assert_false(s.us.closed);
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza"));
	raw_say(&s.raw, ROMEO);
	assert_true(s.us.up);
	assert_int_equal(s.us.method, TROTH_METHOD_SRP);
	close_scene(&s);
}

static void recipient__takes_srp_at_once__without_offers(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_secret);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS "/>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, secret, "romeo@forza"));
	raw_say(&s.raw, ROMEO);
	assert_true(s.us.up);
	assert_int_equal(s.us.guesses, 1);
	close_scene(&s);
}

static void peers__without_offers_and_unknown__are_unverified_at_most(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_anybody);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS "/>");
	assert_ok(raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s.raw, ROMEO);
	assert_true(s.us.up);
	assert_int_equal(s.us.level, TROTH_LEVEL_UNVERIFIED);
	close_scene(&s);
	/* and by default not at all */
	open_scene(&s, TROTH_RECIPIENT, NULL);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS "/>");
	raw_expect(&s.raw, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
	assert_err(s.us.err, TROTH_E_NO_METHOD);
	close_scene(&s);
}

/* ---- plain ---- */

#define OLD "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

static void plain_peer__is_refused__by_default(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, NULL);
	raw_say(&s.raw, OLD "<message><body>psst</body></message>");
	assert_err(s.us.err, TROTH_E_NO_TLS);
	assert_int_equal(s.us.stanzas, 0);
	assert_false(raw_heard(&s.raw, "features"));
	close_scene(&s);
	open_scene(&s, TROTH_INITIATOR, NULL);
	raw_say(&s.raw, OLD "<message><body>psst</body></message>");
	assert_err(s.us.err, TROTH_E_NO_TLS);
	assert_int_equal(s.us.stanzas, 0);
	close_scene(&s);
}

static void plain_peer__is_shown_as_plain__when_allowed(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_RECIPIENT, with_plain);
	raw_say(&s.raw, OLD "<message><body>psst</body></message>");
	assert_true(s.us.up);
	assert_int_equal(s.us.level, TROTH_LEVEL_PLAIN);
	assert_int_equal(s.us.method, TROTH_METHOD_PLAIN);
	assert_string_equal(s.us.heard, "psst");
	close_scene(&s);
	/* one that knows features and sends without TLS */
	open_scene(&s, TROTH_RECIPIENT, with_plain);
	raw_say(&s.raw, ROMEO);
	assert_false(raw_heard(&s.raw, "<required/>"));
	raw_say(&s.raw, "<message><body>psst</body></message>");
	assert_int_equal(s.us.level, TROTH_LEVEL_PLAIN);
	assert_string_equal(s.us.heard, "psst");
	raw_say(&s.raw, "</stream:stream>");
	assert_ok(s.us.err);
	assert_true(s.us.closed);
	close_scene(&s);
	open_scene(&s, TROTH_INITIATOR, with_plain);
	raw_say(&s.raw, JULIET "<stream:features/>");
	assert_int_equal(s.us.level, TROTH_LEVEL_PLAIN);
	assert_true(s.us.up);
	close_scene(&s);
}

static void plain_peer__is_refused__when_a_key_is_known(void **state)
{
	(void)state;
	struct scene s;
	open_scene(&s, TROTH_INITIATOR, with_key);
	s.us.known.least = TROTH_LEVEL_PLAIN;
	raw_say(&s.raw, OLD "<message><body>psst</body></message>");
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
		cmocka_unit_test(recipient__does_srp__with_a_peer_that_knows_only_the_xep),
		cmocka_unit_test(initiator__does_srp__with_a_peer_that_knows_only_the_xep),
		cmocka_unit_test(keys__of_a_peer_without_xep_0189__are_no_failure),
		cmocka_unit_test(recipient__takes_a_pinned_certificate__without_offers),
		cmocka_unit_test(initiator__takes_a_pinned_certificate__without_offers),
		cmocka_unit_test(initiator__begins_with_srp__when_it_holds_a_secret_and_no_key),
		cmocka_unit_test(recipient__wants_a_secret__from_a_client_hello_without_one),
		cmocka_unit_test(recipient__takes_srp_at_once__without_offers),
		cmocka_unit_test(peers__without_offers_and_unknown__are_unverified_at_most),
		cmocka_unit_test(plain_peer__is_refused__by_default),
		cmocka_unit_test(plain_peer__is_shown_as_plain__when_allowed),
		cmocka_unit_test(plain_peer__is_refused__when_a_key_is_known),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
