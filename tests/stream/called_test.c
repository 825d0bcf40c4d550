/* SPDX-License-Identifier: MIT */
/* A contact is called, and another key of it answers: a new device, an impostor, a revoked one. */
#include "story.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(called_device__is_recognised__by_what_its_proceed_says),
		cmocka_unit_test(called_device__has_changed_its_key__where_nothing_endorses_that),
		cmocka_unit_test(revoked_key__is_refused_with_the_reason__on_both_sides),
	};
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
