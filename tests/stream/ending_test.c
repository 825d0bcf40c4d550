/* SPDX-License-Identifier: MIT */
/* Ends of every kind: in order, cut at every byte, too late, too much. */
#include "raw.h"

#include "base/limits.h"

#include <stdio.h>

#define WHOLE ((size_t)1 << 20)
#define HEADER(from, to)                                                                           \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "    \
	"from='" from "' to='" to "' version='1.0'>"
#define ROMEO HEADER("romeo@forza", "juliet@pronto")
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define OFFER "<offer xmlns='urn:xmpp:tmp:c2ctls'>"

static struct troth_secret *secret;

static void by_key(struct party *romeo, struct party *juliet)
{
	party_knows(romeo, juliet, true);
	party_knows(juliet, romeo, true);
}

static void by_secret(struct party *romeo, struct party *juliet)
{
	romeo->known.secret = juliet->known.secret = secret;
}

static void start(struct party *romeo, struct party *juliet,
		  void (*prepare)(struct party *, struct party *))
{
	party_init(romeo, 0, "romeo@forza");
	party_init(juliet, 1, "juliet@pronto");
	prepare(romeo, juliet);
	party_start(juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(romeo, TROTH_INITIATOR, juliet, 0);
}

static void end(struct party *romeo, struct party *juliet)
{
	party_fini(romeo);
	party_fini(juliet);
}

static void stream__ends_well__when_both_say_so(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	start(&romeo, &juliet, by_key);
	romeo.say = "farewell";
	party_run(&romeo, &juliet, WHOLE, 0);
	assert_true(romeo.up && juliet.up);
	troth_stream_close(juliet.stream, 0);
	party_run(&romeo, &juliet, WHOLE, 0);
	assert_true(romeo.closed && juliet.closed);
	assert_ok(romeo.err);
	assert_ok(juliet.err);
	assert_true(romeo.by_peer);
	end(&romeo, &juliet);
}

static void say_sorrow(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", "parting is such sweet sorrow");
	troth_writer_close(w);
}

static void stanzas__sent_before_the_end__still_arrive(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	start(&romeo, &juliet, by_key);
	party_run(&romeo, &juliet, WHOLE, 0);
	/* Juliet closes; what Romeo had sent by then crosses her end on the way (XEP-0174). */
	troth_stream_close(juliet.stream, 0);
	romeo.say = NULL;
	assert_true(troth_stream_is_up(romeo.stream));
	assert_ok(troth_stream_send(romeo.stream, say_sorrow, NULL));
	party_run(&romeo, &juliet, WHOLE, 0);
	assert_string_equal(juliet.heard, "parting is such sweet sorrow");
	assert_ok(juliet.err);
	assert_ok(romeo.err);
	end(&romeo, &juliet);
}

static void stream__cut_before_the_end__is_truncated(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	start(&romeo, &juliet, by_key);
	party_run(&romeo, &juliet, WHOLE, 0);
	troth_stream_feed_end(juliet.stream, 0);
	party_work(&juliet, 0);
	assert_err(juliet.err, TROTH_E_TRUNCATED);
	end(&romeo, &juliet);
}

static void recipient_has_secret(struct party *romeo, struct party *juliet)
{
	juliet->known.secret = secret;
	romeo->known.pairing = romeo->known.may_ask = true;
}

/* "No answer or a refusal: [...] a closed stream from the initiator." It ends in clear where its
 * ClientHello would begin. */
static void refusal__of_the_initiator__is_told_as_one(void **state)
{
	(void)state;
	static const size_t slices[] = {1, 7, WHOLE};
	for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
		struct party romeo;
		struct party juliet;
		start(&romeo, &juliet, recipient_has_secret);
		party_run(&romeo, &juliet, slices[i], 0);
		assert_int_equal(romeo.asks, 1);
		assert_true(romeo.closed && juliet.closed);
		assert_err(romeo.err, TROTH_E_REFUSED);
		assert_err(juliet.err, TROTH_E_PEER_REFUSED);
		assert_true(juliet.by_peer);
		assert_string_equal(juliet.reason, "The other side gave no secret.");
		assert_int_equal(juliet.guesses, 0);
		end(&romeo, &juliet);
	}
}

/* ---- time ---- */

static void expect_timeout(struct party *p, int64_t at, int err)
{
	assert_int_equal(troth_stream_deadline(p->stream), at);
	party_work(p, at - 1);
	assert_false(p->closed);
	party_work(p, at);
	assert_true(p->closed);
	assert_err(p->err, err);
}

static void deadline__ends__a_peer_that_says_nothing(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	start(&romeo, &juliet, by_key);
	expect_timeout(&juliet, TROTH_TIME_HEADER, TROTH_E_TIMEOUT);
	expect_timeout(&romeo, TROTH_TIME_HEADER, TROTH_E_TIMEOUT);
	end(&romeo, &juliet);
}

static void deadline__ends__a_peer_that_never_starts_tls(void **state)
{
	(void)state;
	struct party us;
	struct party them;
	struct raw raw;
	party_init(&us, 1, "juliet@pronto");
	party_init(&them, 0, "romeo@forza");
	party_start(&us, TROTH_RECIPIENT, NULL, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, ROMEO);
	expect_timeout(&us, TROTH_TIME_TLS, TROTH_E_TIMEOUT);
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
}

static void deadline__gives_users_three_minutes(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	start(&romeo, &juliet, by_secret);
	juliet.known.secret = NULL;
	juliet.known.pairing = juliet.known.may_ask = true;
	juliet.silent = false;
	party_work(&romeo, 0);
	while (juliet.asks == 0) {
		juliet.silent = strstr(juliet.seen, "who\nwho") != NULL;
		if (!party_carry(&romeo, &juliet, WHOLE, 0) &&
		    !party_carry(&juliet, &romeo, WHOLE, 0))
			break;
	}
	assert_int_equal(juliet.asks, 1);
	end(&romeo, &juliet);
	/* again, with a user who never answers */
	start(&romeo, &juliet, by_secret);
	juliet.known.secret = NULL;
	juliet.known.pairing = juliet.known.may_ask = true;
	while (strstr(juliet.seen, "who") == NULL)
		(void)party_carry(&romeo, &juliet, WHOLE, 0);
	while (party_carry(&juliet, &romeo, WHOLE, 0))
		;
	struct troth_slice request = troth_stream_output(romeo.stream);
	troth_stream_feed(juliet.stream, request, 0);
	struct troth_event e;
	troth_stream_next(juliet.stream, 0, &e);
	assert_int_equal(e.type, TROTH_EVENT_WHO);
	assert_ok(troth_stream_know(juliet.stream, &juliet.known));
	juliet.silent = true;
	party_work(&juliet, 0);
	assert_int_equal(juliet.asks, 1);
	/* Romeo is told after a second that somebody is being asked. */
	party_work(&romeo, TROTH_TIME_WAITING_NOTICE);
	assert_int_equal(romeo.waits, 1);
	expect_timeout(&juliet, TROTH_TIME_ANSWER, TROTH_E_REFUSED);
	expect_timeout(&romeo, TROTH_TIME_ASK, TROTH_E_TIMEOUT);
	end(&romeo, &juliet);
}

static void deadline__is_none__once_up(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	start(&romeo, &juliet, by_key);
	party_run(&romeo, &juliet, WHOLE, 0);
	assert_int_equal(troth_stream_deadline(romeo.stream), -1);
	assert_int_equal(troth_stream_deadline(juliet.stream), -1);
	/* A peer that never ends its side is left after five seconds. */
	troth_stream_close(romeo.stream, 10);
	expect_timeout(&romeo, 10 + TROTH_TIME_CLOSE, TROTH_E_TRUNCATED);
	end(&romeo, &juliet);
}

/* ---- too much ---- */

static void flood(const char *piece, size_t times, int err)
{
	struct party us;
	struct party them;
	struct raw raw;
	party_init(&us, 1, "juliet@pronto");
	party_init(&them, 0, "romeo@forza");
	party_start(&us, TROTH_RECIPIENT, NULL, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, ROMEO);
	for (size_t i = 0; i < times && !us.closed; i++)
		party_feed(&us, piece, strlen(piece), 0);
	assert_true(us.closed);
	assert_err(us.err, err);
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
}

static void clear_text__is_limited(void **state)
{
	(void)state;
	flood("            ", 1000, TROTH_E_LIMIT);
	flood("<a xmlns='b'>", 17, TROTH_E_LIMIT);
	flood("<x>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</x", 1000, TROTH_E_XML);
	flood("<!-- -->", 1, TROTH_E_XML);
	flood("<?pi?>", 1, TROTH_E_XML);
	flood("<a>&b;</a>", 1, TROTH_E_XML);
	flood("\xff", 1, TROTH_E_XML);
}

static void offer__with_too_many_keys__is_refused(void **state)
{
	(void)state;
	struct party us;
	struct party them;
	struct raw raw;
	char key[200];
	party_init(&us, 1, "juliet@pronto");
	party_init(&them, 0, "romeo@forza");
	party_start(&us, TROTH_RECIPIENT, NULL, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, ROMEO);
	raw_say(&raw, STARTTLS ">" OFFER);
	for (int i = 0; i <= TROTH_LIMIT_OFFER_KEYS; i++) {
		(void)snprintf(key, sizeof key,
			       "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%040d</name></keyinfo>",
			       i);
		raw_say(&raw, key);
	}
	raw_say(&raw, "</offer></starttls>");
	assert_err(us.err, TROTH_E_LIMIT);
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
}

static int setup(void **state)
{
	(void)state;
	secret = party_secret("parting");
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
		cmocka_unit_test(stream__ends_well__when_both_say_so),
		cmocka_unit_test(stanzas__sent_before_the_end__still_arrive),
		cmocka_unit_test(stream__cut_before_the_end__is_truncated),
		cmocka_unit_test(refusal__of_the_initiator__is_told_as_one),
		cmocka_unit_test(deadline__ends__a_peer_that_says_nothing),
		cmocka_unit_test(deadline__ends__a_peer_that_never_starts_tls),
		cmocka_unit_test(deadline__gives_users_three_minutes),
		cmocka_unit_test(deadline__is_none__once_up),
		cmocka_unit_test(clear_text__is_limited),
		cmocka_unit_test(offer__with_too_many_keys__is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
