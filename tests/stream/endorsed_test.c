/* SPDX-License-Identifier: MIT */
/* A contact's new device, recognised by an endorsement in its offer; and those that pretend. */
#include "endorsing.h"

/* ---- recognised ---- */

static void new_device__is_recognised__by_the_endorsement_of_its_user_key(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct story s;
		begin(&s);
		s.juliet_calls = i % 2 == 1;
		s.without_pin = i / 2 == 1;
		believe(&s);
		s.romeo.now_for_endorsements = NOW;
		s.romeo.endorsed_by = troth_device_cert(user_key);
		play(&s);
		assert_true(s.romeo.up && s.juliet.up);
		assert_int_equal(s.romeo.method, TROTH_METHOD_KEY);
		assert_int_equal(s.romeo.level, TROTH_LEVEL_VERIFIED);
		assert_int_equal(s.romeo.endorsements, 1);
		assert_true(s.romeo.transcript && s.juliet.transcript);
		end(&s);
	}
}

static void proceed__never_names__the_user_key(void **state)
{
	(void)state;
	for (int calls = 0; calls < 2; calls++) {
		struct story s;
		begin(&s);
		s.juliet_calls = calls == 1;
		s.user_key_name = troth_cert_name(troth_device_cert(user_key));
		believe(&s);
		s.romeo.endorsed_by = troth_device_cert(user_key);
		s.romeo.now_for_endorsements = NOW;
		play(&s);
		assert_true(s.romeo.up && s.juliet.up);
		assert_non_null(strstr(s.sent, "<hash"));
		assert_non_null(strstr(s.sent, s.user_key_name));
		char *proceed = strstr(s.sent, "<proceed");
		assert_int_equal(proceed != NULL, calls == 0);
		/* Who answers is asked who that may be, with the names that may tell. */
		assert_string_equal(s.romeo.issuer, calls == 1 ? s.user_key_name : "");
		if (proceed != NULL) {
			*strchr(proceed, '\n') = 0;
			/* As a key of its own; who calls is a contact, and learns who endorses. */
			char name[64];
			snprintf(name, sizeof name, "<name>%s", s.user_key_name);
			assert_null(strstr(proceed, name));
			assert_non_null(strstr(proceed, "<signature"));
			assert_non_null(strstr(
				proceed, troth_cert_name(troth_device_cert(s.juliet.device))));
		}
		end(&s);
	}
}

/* "Towards an address that no contact holds: device name and methods only." */
static void stranger__sees__no_user_key_and_no_endorsement(void **state)
{
	(void)state;
	for (int calls = 0; calls < 2; calls++) {
		struct story s;
		begin(&s);
		s.juliet_calls = calls == 1;
		s.user_key_name = troth_cert_name(troth_device_cert(user_key));
		believe(&s);
		party_knows(&s.juliet, &s.romeo, false);
		s.juliet.known.contact = NULL; /* a pin that was read aloud, or nobody */
		s.juliet.known.least = TROTH_LEVEL_UNVERIFIED;
		s.without_pin = true;
		s.statements.user_key = s.user_key_name;
		s.endorsement = endorse(&s);
		s.shown[0] = s.endorsement;
		s.statements.endorsements = s.shown;
		s.statements.endorsement_count = 1;
		assert_ok(troth_engine_state(s.juliet.engine, &s.statements));
		struct party *caller = calls ? &s.juliet : &s.romeo;
		struct party *called = calls ? &s.romeo : &s.juliet;
		party_start(called, TROTH_RECIPIENT, NULL, 0);
		party_start(caller, TROTH_INITIATOR, called, 0);
		party_run(caller, called, SIZE_MAX, 0);
		assert_non_null(strstr(s.sent, "<offer"));
		assert_null(strstr(s.sent, s.user_key_name));
		assert_null(strstr(s.sent, "<signature"));
		assert_null(strstr(s.sent, "<hash"));
		assert_false(s.romeo.up);
		end(&s);
	}
}

/* On a link addresses are random: who calls is known by the keys of the request alone, which comes
 * after the features. */
static void called_device__is_recognised__by_what_its_proceed_says(void **state)
{
	(void)state;
	struct story s;
	begin(&s);
	believe(&s);
	s.juliet.stranger_by_header = true;
	s.romeo.now_for_endorsements = NOW;
	s.romeo.endorsed_by = troth_device_cert(user_key);
	play(&s);
	assert_true(s.romeo.up && s.juliet.up);
	assert_int_equal(s.romeo.level, TROTH_LEVEL_VERIFIED);
	char *features = strstr(s.sent, "<stream:features");
	char *proceed = strstr(s.sent, "<proceed");
	assert_true(features != NULL && proceed != NULL && features < proceed);
	assert_non_null(strstr(proceed, "<signature"));
	*strchr(features, '\n') = 0;
	assert_null(strstr(features, "<signature"));
	end(&s);
}

/* ---- not recognised ---- */

static void called_device__has_changed_its_key__where_nothing_endorses_that(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct story s;
		begin(&s);
		believe(&s);
		s.by = NULL;
		s.juliet.stranger_by_header = true;
		if (i == 1) { /* she doesn't know him, either: <failure/> */
			s.juliet.known.contact = "somebody";
			s.juliet.known.least = TROTH_LEVEL_VERIFIED;
		}
		s.romeo.now_for_endorsements = NOW;
		play(&s);
		assert_false(s.romeo.up || s.juliet.up);
		assert_err(s.romeo.err, TROTH_E_KEY_CHANGED);
		end(&s);
	}
}

/* ---- revoked ---- */

static void revoked_key__is_refused_with_the_reason__on_both_sides(void **state)
{
	(void)state;
	for (int calls = 0; calls < 2; calls++) {
		struct story s;
		begin(&s);
		s.by = NULL;
		s.juliet_calls = calls == 1;
		party_knows(&s.romeo, &s.juliet, true);
		s.romeo.known_key.revoked = true;
		s.without_pin = true;
		play(&s);
		assert_false(s.romeo.up || s.juliet.up);
		assert_err(s.romeo.err, TROTH_E_REVOKED);
		assert_err(s.juliet.err, TROTH_E_PEER_REFUSED);
		assert_non_null(strstr(s.juliet.reason, "revoked"));
		end(&s);
	}
}

static void play_refused(struct story *s, int err)
{
	s->romeo.now_for_endorsements =
		s->romeo.now_for_endorsements != 0 ? s->romeo.now_for_endorsements : NOW;
	s->romeo.endorsed_by = troth_device_cert(user_key);
	play(s);
	assert_false(s->romeo.up);
	assert_false(s->juliet.up);
	assert_err(s->romeo.err, err);
	end(s);
}

/* Everything but the signature is right: the application sees that it isn't. */
static void endorsement__that_is_wrong__ends_in_the_application(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		struct story s;
		begin(&s);
		s.juliet_calls = i % 2 == 1;
		believe(&s);
		/* Even a policy that takes anybody isn't what this falls back to. */
		s.romeo.known.least = TROTH_LEVEL_UNVERIFIED;
		s.romeo.verdict.level = TROTH_LEVEL_VERIFIED;
		switch (i / 2) {
		case 0: /* of another key, under the name of the right one */
			s.by = nurse_key;
			memcpy(s.issuer.name, troth_cert_name(troth_device_cert(nurse_key)),
			       sizeof s.issuer.name);
			break;
		case 1: /* of another device of hers */
			s.subject = s.old.device;
			break;
		case 2: /* no longer */
			s.romeo.now_for_endorsements = NOW + 100 * DAY;
			break;
		case 3: /* not for devices */
			s.purpose = TROTH_PURPOSE_RENEW;
			break;
		}
		play_refused(&s, TROTH_E_KEY_CHANGED);
	}
}

static void endorsement__by_a_key_that_the_contact_has_not__is_none(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct story s;
		begin(&s);
		s.juliet_calls = i % 2 == 1;
		if (i / 2 == 0) {
			s.by = nurse_key;
			believe(&s);
		}
		/* As the recipient Romeo answers <failure/>; both reasons are the same to him. */
		play_refused(&s, TROTH_E_KEY_CHANGED);
	}
}

/* Eve copies Juliet's offer, with Juliet's endorsement, and has another key. */
static void offer_of_somebody_else__is_refused__when_the_certificate_comes(void **state)
{
	(void)state;
	struct story s;
	begin(&s);
	believe(&s);
	s.romeo.known.least = TROTH_LEVEL_UNVERIFIED;
	party_knows(&s.romeo, &s.old, true);
	party_knows(&s.juliet, &s.romeo, true);
	s.endorsement = endorse(&s);
	s.shown[0] = s.endorsement;
	s.statements.endorsements = s.shown;
	s.statements.endorsement_count = 1;
	assert_ok(troth_engine_state(s.juliet.engine, &s.statements));
	struct party eve;
	party_init(&eve, 3, "juliet@pronto");
	party_knows(&eve, &s.romeo, true);
	party_start(&s.juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(&eve, TROTH_RECIPIENT, NULL, 0);
	party_start(&s.romeo, TROTH_INITIATOR, &s.juliet, 0);
	/* The request goes to both; what Romeo gets in clear is Juliet's, and then Eve's TLS. */
	party_work(&s.romeo, 0);
	struct troth_slice out = troth_stream_output(s.romeo.stream);
	party_feed(&s.juliet, out.data, out.len, 0);
	party_feed(&eve, out.data, out.len, 0);
	troth_stream_sent(s.romeo.stream, out.len);
	out = troth_stream_output(s.juliet.stream);
	party_feed(&s.romeo, out.data, out.len, 0);
	troth_stream_sent(eve.stream, troth_stream_output(eve.stream).len);
	party_run(&s.romeo, &eve, SIZE_MAX, 0);
	assert_true(s.romeo.closed);
	assert_err(s.romeo.err, TROTH_E_KEY_CHANGED);
	assert_null(strstr(s.romeo.seen, "verdict"));
	party_fini(&eve);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_device__is_recognised__by_the_endorsement_of_its_user_key),
		cmocka_unit_test(called_device__is_recognised__by_what_its_proceed_says),
		cmocka_unit_test(called_device__has_changed_its_key__where_nothing_endorses_that),
		cmocka_unit_test(revoked_key__is_refused_with_the_reason__on_both_sides),
		cmocka_unit_test(proceed__never_names__the_user_key),
		cmocka_unit_test(stranger__sees__no_user_key_and_no_endorsement),
		cmocka_unit_test(endorsement__that_is_wrong__ends_in_the_application),
		cmocka_unit_test(endorsement__by_a_key_that_the_contact_has_not__is_none),
		cmocka_unit_test(offer_of_somebody_else__is_refused__when_the_certificate_comes),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
