/* SPDX-License-Identifier: MIT */
/* A contact's new device, recognised by an endorsement in its offer; and those that pretend. */
#include "story.h"

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

/* ---- not recognised ---- */

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

/* ---- inside ---- */

static void run_keys(struct story *s)
{
	s->romeo.now_for_endorsements = NOW;
	s->romeo.endorsed_by = troth_device_cert(user_key);
	believe(s);
	play(s);
	assert_true(s->romeo.up && s->juliet.up);
}

/* The user key's certificate, the next device's key and one that nobody endorsed; a revocation. */
static void push__brings__what_is_endorsed_and_who_signed_it(void **state)
{
	(void)state;
	struct story s;
	struct troth_revocation *revocation = NULL;
	begin(&s);
	run_keys(&s);
	struct troth_signer signer = troth_signer_of_device(user_key);
	s.subject = s.old.device;
	struct troth_endorsement *of_old = endorse(&s);
	const struct troth_endorsement *list[] = {of_old};
	const struct troth_cert *old = troth_device_cert(s.old.device);
	assert_ok(troth_revocation_make(&revocation, &signer, troth_cert_pin(old),
					TROTH_REVOKE_RETIRED, NOW));
	const struct troth_revocation *revocations[] = {revocation};
	const struct troth_stated_key further[] = {
		{.cert = troth_device_cert(user_key)},
		{.cert = troth_device_cert(nurse_key)},
		{.cert = old, .endorsements = list, .endorsement_count = 1},
	};
	s.statements.further = further;
	s.statements.further_count = 3;
	s.statements.revocations = revocations;
	s.statements.revocation_count = 1;
	assert_ok(troth_engine_state(s.juliet.engine, &s.statements));
	assert_ok(troth_stream_push_keys(s.juliet.stream));
	party_run(&s.juliet, &s.romeo, SIZE_MAX, 0);
	assert_int_equal(s.romeo.keys, 3); /* her own, the user key, the other device */
	assert_int_equal(s.romeo.keys_possessed, 1);
	assert_int_equal(s.romeo.keys_further, 2);
	assert_int_equal(s.romeo.keys_endorsed, 2);
	assert_int_equal(s.romeo.revocations, 1);
	assert_true(s.romeo.up);
	/* Asked for, the same. */
	assert_ok(troth_stream_request_keys(s.romeo.stream));
	party_run(&s.romeo, &s.juliet, SIZE_MAX, 0);
	assert_int_equal(s.romeo.keys, 6);
	assert_int_equal(s.romeo.revocations, 2);
	/* And nothing of it where it isn't stated. */
	assert_ok(troth_engine_state(s.juliet.engine, NULL));
	assert_ok(troth_stream_push_keys(s.juliet.stream));
	party_run(&s.juliet, &s.romeo, SIZE_MAX, 0);
	assert_int_equal(s.romeo.keys, 7);
	assert_int_equal(s.romeo.keys_endorsed, 4);
	troth_revocation_free(revocation);
	troth_endorsement_free(of_old);
	end(&s);
}

/* "Statements are for contacts": whom only a CA knows may ask, and hears of one key. */
static void statements__are_not_given__to_whom_the_verdict_names_no_contact(void **state)
{
	(void)state;
	for (int contact = 0; contact < 2; contact++) {
		struct story s;
		begin(&s);
		party_knows(&s.juliet, &s.romeo, true);
		party_knows(&s.romeo, &s.juliet, true);
		s.without_pin = true;
		s.juliet.no_contact = contact == 0;
		const struct troth_stated_key further[] = {{.cert = troth_device_cert(user_key)}};
		s.statements.further = further;
		s.statements.further_count = 1;
		play(&s);
		assert_true(s.romeo.up && s.juliet.up);
		assert_ok(troth_stream_request_keys(s.romeo.stream));
		party_run(&s.romeo, &s.juliet, SIZE_MAX, 0);
		assert_int_equal(s.romeo.keys_possessed, 1);
		assert_int_equal(s.romeo.keys_endorsed, contact);
		assert_int_equal(s.romeo.keys, 1 + contact);
		end(&s);
	}
}

static void statements__are_refused__when_they_are_more_than_a_peer_reads(void **state)
{
	(void)state;
	struct story s;
	begin(&s);
	s.endorsement = endorse(&s);
	const struct troth_endorsement *list[TROTH_LIMIT_KEY_ENDORSEMENTS + 1];
	struct troth_stated_key further[TROTH_LIMIT_STANZA_KEYS];
	for (size_t i = 0; i <= TROTH_LIMIT_KEY_ENDORSEMENTS; i++)
		list[i] = s.endorsement;
	for (size_t i = 0; i < TROTH_LIMIT_STANZA_KEYS; i++)
		further[i] = (struct troth_stated_key){
			.cert = troth_device_cert(user_key),
			.endorsements = list,
			.endorsement_count = TROTH_LIMIT_KEY_ENDORSEMENTS,
		};
	struct troth_statements st = {.endorsements = list,
				      .endorsement_count = TROTH_LIMIT_KEY_ENDORSEMENTS,
				      .further = further,
				      .further_count = 15};
	assert_ok(troth_engine_state(s.juliet.engine, &st));
	st.further_count = 16;
	assert_err(troth_engine_state(s.juliet.engine, &st), TROTH_E_LIMIT);
	st.further_count = 0;
	st.endorsement_count++;
	assert_err(troth_engine_state(s.juliet.engine, &st), TROTH_E_LIMIT);
	end(&s);
}

/* Eight of the largest don't fit into what is read before TLS: the first ones go. */
static void offer__holds__only_what_fits(void **state)
{
	(void)state;
	struct story s;
	begin(&s);
	believe(&s);
	s.romeo.endorsed_by = troth_device_cert(user_key);
	s.romeo.now_for_endorsements = NOW;
	s.endorsement = endorse(&s);
	struct troth_endorsement large = *s.endorsement;
	uint8_t bytes[1500] = {1};
	large.signature = troth_slice_of(bytes, sizeof bytes);
	const struct troth_endorsement *list[TROTH_LIMIT_KEY_ENDORSEMENTS] = {s.endorsement};
	for (size_t i = 1; i < TROTH_LIMIT_KEY_ENDORSEMENTS; i++)
		list[i] = &large;
	s.statements.endorsements = list;
	s.statements.endorsement_count = TROTH_LIMIT_KEY_ENDORSEMENTS;
	assert_ok(troth_engine_state(s.juliet.engine, &s.statements));
	party_knows(&s.romeo, &s.old, true);
	party_knows(&s.juliet, &s.romeo, true);
	party_start(&s.juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(&s.romeo, TROTH_INITIATOR, &s.juliet, 0);
	party_run(&s.romeo, &s.juliet, SIZE_MAX, 0);
	assert_true(s.romeo.up);
	assert_in_range(s.romeo.endorsements, 1, 3);
	end(&s);
}

/* ---- somebody else's keys ---- */

static void keys_of_another__are_given__by_whom_the_application_vouches_for(void **state)
{
	(void)state;
	for (int vouch = 0; vouch < 2; vouch++) {
		struct story s;
		begin(&s);
		run_keys(&s);
		struct troth_endorsement *vouched = NULL;
		struct troth_signer signer = troth_signer_of_device(s.juliet.device);
		const struct troth_endorsement_terms terms = {.purpose = TROTH_PURPOSE_VOUCH,
							      .jid = "juliet@capulet.example",
							      .issued = NOW,
							      .expires = NOW + DAY};
		const struct troth_cert *nurse = troth_device_cert(nurse_key);
		assert_ok(troth_endorsement_make(&vouched, &signer, &terms, nurse));
		const struct troth_endorsement *list[] = {vouched};
		const struct troth_stated_key key = {
			.cert = nurse, .endorsements = list, .endorsement_count = 1};
		s.juliet.give = vouch ? &key : NULL;
		assert_err(troth_stream_request_keys_of(s.romeo.stream, "@"), TROTH_E_INVAL);
		assert_ok(troth_stream_request_keys_of(s.romeo.stream, "juliet@capulet.example"));
		assert_err(troth_stream_request_keys(s.romeo.stream), TROTH_E_INVAL);
		party_run(&s.romeo, &s.juliet, SIZE_MAX, 0);
		assert_string_equal(s.juliet.wanted, "juliet@capulet.example");
		assert_string_equal(s.romeo.about, "juliet@capulet.example");
		assert_int_equal(s.romeo.keys, vouch);
		assert_int_equal(s.romeo.keys_further, vouch);
		assert_err(troth_stream_give_keys(s.juliet.stream, &key, 1), TROTH_E_INVAL);
		/* The next request is about the peer itself again. */
		assert_ok(troth_stream_request_keys(s.romeo.stream));
		party_run(&s.romeo, &s.juliet, SIZE_MAX, 0);
		assert_string_equal(s.romeo.about, "");
		assert_int_equal(s.romeo.keys, vouch + 1);
		assert_true(s.romeo.up && s.juliet.up);
		troth_endorsement_free(vouched);
		end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_device__is_recognised__by_the_endorsement_of_its_user_key),
		cmocka_unit_test(proceed__never_names__the_user_key),
		cmocka_unit_test(stranger__sees__no_user_key_and_no_endorsement),
		cmocka_unit_test(endorsement__that_is_wrong__ends_in_the_application),
		cmocka_unit_test(endorsement__by_a_key_that_the_contact_has_not__is_none),
		cmocka_unit_test(offer_of_somebody_else__is_refused__when_the_certificate_comes),
		cmocka_unit_test(push__brings__what_is_endorsed_and_who_signed_it),
		cmocka_unit_test(statements__are_not_given__to_whom_the_verdict_names_no_contact),
		cmocka_unit_test(statements__are_refused__when_they_are_more_than_a_peer_reads),
		cmocka_unit_test(offer__holds__only_what_fits),
		cmocka_unit_test(keys_of_another__are_given__by_whom_the_application_vouches_for),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
