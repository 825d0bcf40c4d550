/* SPDX-License-Identifier: MIT */
/* TLS at once (Jingle-XTLS): two of ours, and who was lied to about what was agreed on. */
#include "meet.h"

#include "base/slice.h"
#include "keys/cert.h"

static const struct troth_tls_first by_key = {.srp = false};
static const struct troth_tls_first by_secret = {.srp = true};
static struct troth_secret *secret;
static struct troth_secret *other_secret;

static void both(struct pair *p, const struct troth_tls_first *first)
{
	p->romeo.first = p->juliet.first = first;
}

static void start_first(struct pair *p)
{
	party_start(&p->juliet, TROTH_RECIPIENT, &p->romeo, 0);
	party_start(&p->romeo, TROTH_INITIATOR, &p->juliet, 0);
}

/* As meet.h's meet, where whoever is called knows who calls. */
static void meet_first(void (*prepare)(struct pair *), void (*check)(struct pair *))
{
	for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
		struct pair p;
		begin(&p);
		prepare(&p);
		start_first(&p);
		party_run(&p.romeo, &p.juliet, slices[i], 0);
		check(&p);
		end(&p);
	}
}

static void know_each_other(struct pair *p)
{
	party_knows(&p->romeo, &p->juliet, true);
	party_knows(&p->juliet, &p->romeo, true);
	both(p, &by_key);
}

static void share(struct pair *p)
{
	p->romeo.known.secret = p->juliet.known.secret = secret;
	p->romeo.known.pairing = p->juliet.known.pairing = true;
	both(p, &by_secret);
}

/* ---- it works ---- */

static void prepare_keys(struct pair *p)
{
	know_each_other(p);
	p->romeo.say = "hello";
	p->juliet.say = "who is there?";
}

static void check_keys(struct pair *p)
{
	assert_true(p->romeo.up && p->juliet.up);
	assert_int_equal(p->romeo.method, TROTH_METHOD_KEY);
	assert_int_equal(p->juliet.method, TROTH_METHOD_KEY);
	assert_int_equal(p->romeo.level, TROTH_LEVEL_VERIFIED);
	assert_int_equal(p->juliet.level, TROTH_LEVEL_VERIFIED);
	assert_string_equal(p->juliet.heard, "hello");
	assert_string_equal(p->romeo.heard, "who is there?");
	/* Nothing was compared, so nobody says that it was. */
	assert_false(p->romeo.transcript || p->juliet.transcript);
}

static void keys__that_both_know__are_enough(void **state)
{
	(void)state;
	meet_first(prepare_keys, check_keys);
}

static void check_secret(struct pair *p)
{
	assert_true(p->romeo.up && p->juliet.up);
	assert_int_equal(p->romeo.method, TROTH_METHOD_SRP);
	assert_int_equal(p->juliet.level, TROTH_LEVEL_VERIFIED);
	assert_int_equal(p->romeo.guesses, 1);
	assert_int_equal(p->juliet.guesses, 1);
	assert_int_equal(p->romeo.keys_possessed, 1);
	assert_int_equal(p->juliet.keys_possessed, 1);
	assert_false(p->romeo.transcript || p->juliet.transcript);
}

static void secret__that_both_have__is_proved__and_keys_are_exchanged(void **state)
{
	(void)state;
	meet_first(share, check_secret);
}

static void prepare_asked(struct pair *p)
{
	share(p);
	p->romeo.known.secret = p->juliet.known.secret = NULL;
	p->romeo.known.may_ask = p->juliet.known.may_ask = true;
	p->romeo.asked = party_secret("a tale of woe");
	p->juliet.asked = party_secret("a tale of woe");
}

static void check_asked(struct pair *p)
{
	check_secret(p);
	assert_int_equal(p->romeo.asks, 1);
	assert_int_equal(p->juliet.asks, 1);
}

static void secret__that_is_missing__is_asked_for(void **state)
{
	(void)state;
	meet_first(prepare_asked, check_asked);
}

static void recipients_user__has_time_to_answer(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	prepare_asked(&p);
	p.romeo.known.secret = secret;
	p.juliet.silent = true;
	start_first(&p);
	party_run(&p.romeo, &p.juliet, WHOLE, 0);
	assert_ok(troth_stream_know(p.juliet.stream, &p.juliet.known));
	party_work(&p.juliet, 0);
	assert_int_equal(p.juliet.asks, 1);
	party_work(&p.romeo, 160 * 1000);
	party_work(&p.juliet, 160 * 1000);
	assert_false(p.romeo.closed || p.juliet.closed);
	assert_int_equal(p.romeo.waits, 1);
	p.juliet.silent = false;
	assert_ok(troth_stream_secret(p.juliet.stream, secret));
	party_run(&p.romeo, &p.juliet, WHOLE, 160 * 1000);
	assert_true(p.romeo.up && p.juliet.up);
	end(&p);
}

static void nothing__is_said_in_clear__by_either(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	know_each_other(&p);
	start_first(&p);
	party_work(&p.romeo, 0);
	party_work(&p.juliet, 0);
	struct troth_slice out = troth_stream_output(p.romeo.stream);
	assert_true(out.len > 0);
	assert_int_equal(out.data[0], 22); /* RFC 8446 5.1: handshake */
	assert_int_equal(troth_stream_output(p.juliet.stream).len, 0);
	assert_true(party_carry(&p.romeo, &p.juliet, WHOLE, 0));
	out = troth_stream_output(p.juliet.stream);
	assert_true(out.len > 0);
	assert_int_equal(out.data[0], 22);
	end(&p);
}

static void stream__without_the_peers_address__isnt_made(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	know_each_other(&p);
	const struct troth_stream_params params = {
		.role = TROTH_RECIPIENT, .local = p.juliet.address, .tls_first = &by_key};
	struct troth_stream *stream;
	assert_err(troth_stream_new(&stream, p.juliet.engine, &params, 0), TROTH_E_INVAL);
	end(&p);
}

/* ---- who isn't known ---- */

static void stranger__is_refused__before_a_byte_of_ours(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	party_knows(&p.romeo, &p.juliet, true);
	both(&p, &by_key);
	start_first(&p);
	party_work(&p.romeo, 0);
	assert_true(party_carry(&p.romeo, &p.juliet, WHOLE, 0));
	assert_err(p.juliet.err, TROTH_E_NO_METHOD);
	assert_int_equal(troth_stream_output(p.juliet.stream).len, 0);
	end(&p);
}

static void stranger__is_unverified__where_that_is_allowed(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	both(&p, &by_key);
	p.romeo.known.least = p.juliet.known.least = TROTH_LEVEL_UNVERIFIED;
	p.juliet.shows_sas = p.romeo.shows_sas = true;
	start_first(&p);
	party_run(&p.romeo, &p.juliet, WHOLE, 0);
	assert_true(p.romeo.up && p.juliet.up);
	assert_int_equal(p.romeo.level, TROTH_LEVEL_UNVERIFIED);
	assert_int_equal(p.juliet.level, TROTH_LEVEL_UNVERIFIED);
	/* No offer said that it can be done. */
	assert_err(troth_stream_sas(p.romeo.stream), TROTH_E_INVAL);
	end(&p);
}

static void plain__is_never_had__whatever_the_policy(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	both(&p, &by_key);
	p.juliet.known.least = TROTH_LEVEL_PLAIN;
	party_start(&p.juliet, TROTH_RECIPIENT, &p.romeo, 0);
	party_work(&p.juliet, 0);
	static const char clear[] =
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' from='romeo@forza'>"
		"<message><body>psst</body></message>";
	party_feed(&p.juliet, clear, sizeof clear - 1, 0);
	assert_err(p.juliet.err, TROTH_E_NO_TLS);
	assert_int_equal(p.juliet.stanzas, 0);
	end(&p);
}

static void key__that_isnt_the_known_one__is_refused(void **state)
{
	(void)state;
	struct party tybalt;
	struct pair p;
	begin(&p);
	party_init(&tybalt, 2, "romeo@forza");
	know_each_other(&p);
	party_knows(&tybalt, &p.juliet, true);
	tybalt.first = &by_key;
	party_start(&p.juliet, TROTH_RECIPIENT, &p.romeo, 0);
	party_start(&tybalt, TROTH_INITIATOR, &p.juliet, 0);
	party_run(&tybalt, &p.juliet, WHOLE, 0);
	assert_err(p.juliet.err, TROTH_E_KEY_CHANGED);
	assert_err(tybalt.err, TROTH_E_PEER_REFUSED);
	party_fini(&tybalt);
	end(&p);
}

static void own_key__is_refused(void **state)
{
	(void)state;
	struct party clone;
	struct pair p;
	begin(&p);
	party_init(&clone, 1, "romeo@forza");
	know_each_other(&p);
	party_knows(&clone, &p.juliet, true);
	clone.first = &by_key;
	party_start(&p.juliet, TROTH_RECIPIENT, &p.romeo, 0);
	party_start(&clone, TROTH_INITIATOR, &p.juliet, 0);
	party_run(&clone, &p.juliet, WHOLE, 0);
	assert_err(p.juliet.err, TROTH_E_SELF);
	party_fini(&clone);
	end(&p);
}

/* ---- fingerprints ---- */

/* Effect: what each has heard of the other's certificate; NULL: nothing. Returns both errors. */
static void with_fingerprints(const char *of_juliet, const char *of_romeo, int err[2])
{
	const struct troth_tls_first heard[2] = {{.fingerprint = of_juliet},
						 {.fingerprint = of_romeo}};
	struct pair p;
	begin(&p);
	know_each_other(&p);
	p.romeo.first = &heard[0];
	p.juliet.first = &heard[1];
	start_first(&p);
	party_run(&p.romeo, &p.juliet, WHOLE, 0);
	assert_true(p.romeo.up == p.juliet.up);
	assert_true(p.romeo.up || (p.romeo.closed && p.juliet.closed));
	err[0] = p.romeo.err;
	err[1] = p.juliet.err;
	end(&p);
}

static void fingerprint__of_another_certificate__is_an_attack__and_none_is_none(void **state)
{
	(void)state;
	static const char wrong[] = "00112233445566778899aabbccddeeff00112233";
	char names[2][TROTH_NAME_LEN + 1];
	struct pair p;
	int err[2];
	begin(&p);
	memcpy(names[0], troth_cert_name(troth_device_cert(p.juliet.device)), sizeof names[0]);
	memcpy(names[1], troth_cert_name(troth_device_cert(p.romeo.device)), sizeof names[1]);
	end(&p);
	with_fingerprints(names[0], names[1], err);
	assert_ok(err[0]);
	assert_ok(err[1]);
	with_fingerprints(NULL, NULL, err); /* evidence, and no condition */
	assert_ok(err[0]);
	assert_ok(err[1]);
	with_fingerprints(wrong, names[1], err);
	assert_err(err[0], TROTH_E_DOWNGRADE);
	assert_err(err[1], TROTH_E_PEER_REFUSED);
	with_fingerprints(names[0], wrong, err);
	assert_err(err[0], TROTH_E_PEER_REFUSED);
	assert_err(err[1], TROTH_E_DOWNGRADE);
	with_fingerprints(names[1], NULL, err); /* our own */
	assert_err(err[0], TROTH_E_DOWNGRADE);
}

static void fingerprint__that_is_none__makes_no_stream(void **state)
{
	(void)state;
	const struct troth_tls_first first = {.fingerprint = "RomeoX509CertificateHash"};
	struct troth_stream *stream;
	struct pair p;
	begin(&p);
	const struct troth_stream_params params = {.role = TROTH_RECIPIENT,
						   .local = p.juliet.address,
						   .peer = p.romeo.address,
						   .tls_first = &first};
	assert_err(troth_stream_new(&stream, p.juliet.engine, &params, 0), TROTH_E_FORMAT);
	end(&p);
}

/* ---- the method ---- */

static void method__below_the_floor__is_refused__before_a_byte_of_ours(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	know_each_other(&p);
	p.juliet.known.secret = secret; /* that merely lies there */
	both(&p, &by_secret);
	start_first(&p);
	party_work(&p.romeo, 0);
	party_work(&p.juliet, 0);
	assert_err(p.romeo.err, TROTH_E_FLOOR);
	assert_err(p.juliet.err, TROTH_E_FLOOR);
	assert_int_equal(troth_stream_output(p.romeo.stream).len, 0);
	assert_int_equal(troth_stream_output(p.juliet.stream).len, 0);
	end(&p);
	begin(&p);
	share(&p);
	both(&p, &by_key);
	start_first(&p);
	party_work(&p.romeo, 0);
	party_work(&p.juliet, 0);
	assert_err(p.romeo.err, TROTH_E_FLOOR);
	assert_err(p.juliet.err, TROTH_E_FLOOR);
	end(&p);
}

/* Each was told another one: neither goes over to the other's, and nothing begins again. */
static void method__that_each_heard_otherwise__ends_both(void **state)
{
	(void)state;
	for (int secret_first = 0; secret_first < 2; secret_first++) {
		struct pair p;
		begin(&p);
		share(&p);
		struct party *odd = secret_first != 0 ? &p.juliet : &p.romeo;
		odd->known.pairing = false;
		odd->known.secret = secret;
		party_knows(odd, secret_first != 0 ? &p.romeo : &p.juliet, true);
		odd->first = &by_key;
		start_first(&p);
		party_run(&p.romeo, &p.juliet, WHOLE, 0);
		assert_false(p.romeo.up || p.juliet.up);
		assert_true(p.romeo.closed && p.juliet.closed);
		assert_int_equal(odd->guesses, 0);
		assert_int_equal(p.juliet.guesses,
				 0); /* whoever calls can't tell an alert from one */
		end(&p);
	}
}

/* ---- secrets ---- */

static void wrong_secret__costs_each_a_guess__before_it_shows(void **state)
{
	(void)state;
	struct pair p;
	begin(&p);
	share(&p);
	p.juliet.known.secret = other_secret;
	start_first(&p);
	party_run(&p.romeo, &p.juliet, WHOLE, 0);
	assert_err(p.romeo.err, TROTH_E_SECRET);
	assert_err(p.juliet.err, TROTH_E_SECRET);
	assert_int_equal(p.romeo.guesses, 1);
	assert_int_equal(p.juliet.guesses, 1);
	end(&p);
}

/* "A debit is on disk before bytes leave that let the peer test a guess": the second flight. */
static void guess__that_isnt_paid_for__leaves_nothing(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		struct pair p;
		begin(&p);
		share(&p);
		struct party *poor = who == 0 ? &p.romeo : &p.juliet;
		struct party *other = who == 0 ? &p.juliet : &p.romeo;
		poor->guess_err = TROTH_E_BUDGET;
		start_first(&p);
		party_work(&p.romeo, 0);
		party_work(&p.juliet, 0);
		while (!poor->closed && (party_carry(&p.romeo, &p.juliet, WHOLE, 0) ||
					 party_carry(&p.juliet, &p.romeo, WHOLE, 0)))
			;
		assert_err(poor->err, TROTH_E_BUDGET);
		assert_int_equal(troth_stream_output(poor->stream).len, 0);
		assert_false(other->up);
		end(&p);
	}
}

static int setup(void **state)
{
	(void)state;
	secret = party_secret("a tale of woe");
	other_secret = party_secret("a tale of joy");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	troth_secret_free(secret);
	troth_secret_free(other_secret);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys__that_both_know__are_enough),
		cmocka_unit_test(secret__that_both_have__is_proved__and_keys_are_exchanged),
		cmocka_unit_test(secret__that_is_missing__is_asked_for),
		cmocka_unit_test(recipients_user__has_time_to_answer),
		cmocka_unit_test(nothing__is_said_in_clear__by_either),
		cmocka_unit_test(stream__without_the_peers_address__isnt_made),
		cmocka_unit_test(stranger__is_refused__before_a_byte_of_ours),
		cmocka_unit_test(stranger__is_unverified__where_that_is_allowed),
		cmocka_unit_test(plain__is_never_had__whatever_the_policy),
		cmocka_unit_test(key__that_isnt_the_known_one__is_refused),
		cmocka_unit_test(own_key__is_refused),
		cmocka_unit_test(
			fingerprint__of_another_certificate__is_an_attack__and_none_is_none),
		cmocka_unit_test(fingerprint__that_is_none__makes_no_stream),
		cmocka_unit_test(method__below_the_floor__is_refused__before_a_byte_of_ours),
		cmocka_unit_test(method__that_each_heard_otherwise__ends_both),
		cmocka_unit_test(wrong_secret__costs_each_a_guess__before_it_shows),
		cmocka_unit_test(guess__that_isnt_paid_for__leaves_nothing),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
