/* SPDX-License-Identifier: MIT */
/* What a device says about keys inside the stream: its own, and those of others. */
#include "endorsing.h"

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
		cmocka_unit_test(push__brings__what_is_endorsed_and_who_signed_it),
		cmocka_unit_test(statements__are_refused__when_they_are_more_than_a_peer_reads),
		cmocka_unit_test(offer__holds__only_what_fits),
		cmocka_unit_test(keys_of_another__are_given__by_whom_the_application_vouches_for),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
