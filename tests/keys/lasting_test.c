/* SPDX-License-Identifier: MIT */
/* Endorsements without an end, issued whenever. */
#include "../test.h"

#include "keys/endorsement.h"

static int check(enum troth_purpose purpose, const char *issued)
{
	struct troth_endorsement e = {
		.purpose = purpose, .jid = "", .issued = issued, .expires = ""};
	return troth_endorsement_check(&e);
}

static void endorsement__without_an_end__is_refused__but_for_those_that_last(void **state)
{
	static const char *const dates[] = {"2026-11-21T10:00:00Z", "1969-12-31T23:59:59Z",
					    "1013-11-19T00:00:00Z"};
	(void)state;
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		assert_err(check(TROTH_PURPOSE_DEVICE, dates[i]), TROTH_E_FORMAT);
		assert_err(check(TROTH_PURPOSE_VOUCH, dates[i]), TROTH_E_FORMAT);
		assert_ok(check(TROTH_PURPOSE_RENEW, dates[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endorsement__without_an_end__is_refused__but_for_those_that_last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
