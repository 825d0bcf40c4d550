/* SPDX-License-Identifier: MIT */
/* Belief against the oracle, over all short histories and many long ones. */
#include "belief_history.h"

#include "../test.h"

static void check(const struct history *h, const struct troth_belief_policy *p, int64_t now)
{
	struct troth_belief b = history_conclude(h, p, now);
	EACH_KEY(key, role)
	{
		enum troth_key_standing want = oracle_stands(h, p, now, key, role);
		struct troth_pin pin = pin_of_key(key);
		/* A key that was only ever revoked is listed once. */
		bool listed =
			role == TROTH_ROLE_DEVICE || troth_belief_find(&b, &pin, role) != NULL;
		if (history_stands(&b, key, role) == want || (!listed && want == TROTH_KEY_REVOKED))
			continue;
		history_print(h);
		fail_msg("%c role %d: %d, the oracle has %d", "-ABCUVF"[key], (int)role,
			 (int)history_stands(&b, key, role), (int)want);
	}
	for (size_t i = 0; i < b.count; i++) {
		bool silent = b.keys[i].standing == TROTH_KEY_UNKNOWN;
		assert_true(silent == (b.keys[i].step_count == 0));
		for (size_t k = 0; k < b.keys[i].step_count; k++) {
			size_t at = b.keys[i].steps[k].statement;
			assert_true(at < h->n || at == TROTH_BELIEF_NO_STATEMENT);
		}
	}
	troth_belief_fini(&b);
}

/* ---- generated ---- */

static void each_longer(struct history h, size_t more, const struct troth_belief_policy *p)
{
	check(&h, p, history_end(&h));
	for (size_t i = 0; more > 0 && i < HISTORY_SHORT; i++) {
		struct history longer = h;
		history_say(&longer, &history_words[i]);
		each_longer(longer, more - 1, p);
	}
}

static void belief__is_the_oracles__for_all_short_histories(void **state)
{
	struct troth_belief_policy p = troth_belief_policy_default();
	(void)state;
	each_longer((struct history){.n = 0}, 3, &p);
	p.ca = TROTH_BELIEF_CA_ENOUGH;
	p.overlap = 5 * DAY;
	each_longer((struct history){.n = 0}, 3, &p);
}

static void check_now(const struct history *h, const struct troth_belief_policy *p)
{
	check(h, p, history_end(h) + (int64_t)history_random(60) * DAY);
}

static void belief__is_the_oracles__for_long_histories(void **state)
{
	(void)state;
	history_each(check_now);
}

static unsigned succeeded;

static void check_succession(const struct history *h, const struct troth_belief_policy *p)
{
	struct troth_belief b = history_conclude(h, p, history_end(h));
	succeeded += troth_standing_is_believed(history_stands(&b, V, TROTH_ROLE_USER));
	troth_belief_fini(&b);
	check_now(h, p);
}

static void belief__is_the_oracles__when_user_keys_are_lost(void **state)
{
	(void)state;
	history_each_succession(check_succession);
	assert_true(succeeded > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(belief__is_the_oracles__for_all_short_histories),
		cmocka_unit_test(belief__is_the_oracles__for_long_histories),
		cmocka_unit_test(belief__is_the_oracles__when_user_keys_are_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
