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
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
