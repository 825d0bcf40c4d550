/* SPDX-License-Identifier: MIT */
/* The rules of docs/protocol.md, "Keys about keys", one by one: what makes a key the contact's. */
#include "talk.h"

/* ---- learning ---- */

static void key__is_proven__by_what_it_showed_itself(void **state)
{
	struct talk t = silence();
	(void)state;
	assert_stands(&t, PHONE, UNKNOWN);
	say(&t, TROTH_BELIEF_CLAIMED, PHONE, 0);
	assert_stands(&t, PHONE, UNPROVEN);
	say(&t, TROTH_BELIEF_MET, PHONE, 0)->how = TROTH_BELIEF_BY_HANDSHAKE;
	assert_stands(&t, PHONE, PROVEN);
	assert_steps(&t, PHONE, STEPS(TROTH_STEP_MET_BY_HANDSHAKE));
}

static void device__is_endorsed__only_if_it_presents_that_itself(void **state)
{
	struct talk t = household();
	(void)state;
	assert_stands(&t, LAPTOP, ENDORSED);
	assert_steps(&t, LAPTOP,
		     STEPS(TROTH_STEP_ENDORSED, TROTH_STEP_ANCHORED, TROTH_STEP_MET_BY_SECRET));
	endorsed(&t, USER, TABLET)->presented = false;
	assert_stands(&t, TABLET, UNKNOWN);
	endorsed(&t, STRANGER, TABLET);
	assert_stands(&t, TABLET, UNKNOWN);
	endorsed(&t, USER, TABLET);
	assert_stands(&t, TABLET, ENDORSED);
	/* A user key is no device. */
	assert_stands(&t, USER, UNKNOWN);
	assert_user_stands(&t, USER, PROVEN);
}

static void expiry__stops_learning__and_breaks_no_pin(void **state)
{
	struct talk t = household();
	struct troth_belief_statement *s;
	(void)state;
	s = endorsed(&t, USER, TABLET);
	s->expires = s->time - 1;
	assert_stands(&t, TABLET, UNKNOWN);
	s->expires = s->time;
	assert_stands(&t, TABLET, ENDORSED);
	s->issued = s->time + TROTH_BELIEF_CLOCK_SLACK + 1;
	assert_stands(&t, TABLET, UNKNOWN);
	s->issued = s->time + TROTH_BELIEF_CLOCK_SLACK;
	for (int years = -20; years <= 20; years += 40) {
		t.now = START + years * YEAR;
		assert_stands(&t, PHONE, PROVEN);
		assert_stands(&t, LAPTOP, ENDORSED);
		assert_stands(&t, TABLET, ENDORSED);
	}
	t.now = INT64_MAX;
	assert_stands(&t, PHONE, PROVEN);
}

static void authority__counts__as_policy_says(void **state)
{
	struct talk t = silence();
	struct troth_belief_statement *s = say(&t, TROTH_BELIEF_CA, PHONE, 0);
	(void)state;
	assert_stands(&t, PHONE, UNKNOWN);
	t.policy.ca = TROTH_BELIEF_CA_AND_PIN;
	assert_stands(&t, PHONE, UNKNOWN);
	t.policy.ca = TROTH_BELIEF_CA_ENOUGH;
	assert_stands(&t, PHONE, CERTIFIED);
	t.now += 20 * YEAR; /* its end is long past */
	assert_stands(&t, PHONE, CERTIFIED);
	s->expires = s->time - 1;
	assert_stands(&t, PHONE, UNKNOWN);
	met(&t, PHONE);
	assert_stands(&t, PHONE, PROVEN);
	t.policy.ca = TROTH_BELIEF_CA_AND_PIN;
	assert_stands(&t, PHONE, UNCERTIFIED);
	say(&t, TROTH_BELIEF_CA, PHONE, 0);
	assert_stands(&t, PHONE, PROVEN);
}

static void openpgp__counts__while_the_keyring_finds_it_valid(void **state)
{
	struct talk t = silence();
	(void)state;
	endorsed(&t, USER, PHONE);
	say(&t, TROTH_BELIEF_OPENPGP, USER, 0)->validity = TROTH_BELIEF_MARGINAL;
	assert_stands(&t, PHONE, UNKNOWN);
	t.policy.openpgp = TROTH_BELIEF_MARGINAL;
	assert_stands(&t, PHONE, OPENPGP);
	t.policy.openpgp = TROTH_BELIEF_FULL;
	struct troth_belief_statement *s = say(&t, TROTH_BELIEF_OPENPGP, USER, 0);
	s->validity = TROTH_BELIEF_ULTIMATE;
	s->assigned = true;
	assert_stands(&t, PHONE, OPENPGP);
	assert_steps(&t, PHONE, STEPS(TROTH_STEP_ENDORSED, TROTH_STEP_ASSIGNED));
	say(&t, TROTH_BELIEF_OPENPGP, USER, 0)->validity = TROTH_BELIEF_INVALID;
	assert_stands(&t, PHONE, VOID);
	assert_steps(&t, PHONE, STEPS(TROTH_STEP_ENDORSED, TROTH_STEP_OPENPGP_INVALID));
}

/* Benvolio takes the word of Mercutio, who vouches for the phone. */
enum { BENVOLIO = 20, MERCUTIO, VALENTINE };

static struct talk chain(struct troth_belief_statement **vouched,
			 struct troth_belief_statement **link)
{
	static struct talk t;
	t = silence();
	*vouched = say(&t, TROTH_BELIEF_VOUCHED, PHONE, MERCUTIO);
	*link = say(&t, TROTH_BELIEF_INTRODUCED, MERCUTIO, BENVOLIO);
	(*vouched)->depth = 2;
	return t;
}

static void chain__counts__as_far_as_policy_goes(void **state)
{
	struct troth_belief_statement *vouched, *link;
	struct talk t = chain(&vouched, &link);
	(void)state;
	assert_stands(&t, PHONE, UNKNOWN); /* the depth is 1 by default */
	t.policy.depth = 2;
	assert_stands(&t, PHONE, VOUCHED);
	assert_stands(&t, MERCUTIO, UNKNOWN);
	assert_steps(&t, PHONE, STEPS(TROTH_STEP_VOUCHED_BEHIND, TROTH_STEP_INTRODUCED));
	/* Three. */
	t.s[0].depth = 3;
	t.s[0].issuer = pin_of(VALENTINE);
	say(&t, TROTH_BELIEF_INTRODUCED, VALENTINE, MERCUTIO)->depth = 2;
	assert_stands(&t, PHONE, UNKNOWN);
	t.policy.depth = 3;
	assert_stands(&t, PHONE, VOUCHED);
	assert_steps(&t, PHONE,
		     STEPS(TROTH_STEP_VOUCHED_BEHIND, TROTH_STEP_INTRODUCED_BEHIND,
			   TROTH_STEP_INTRODUCED));
}

static void chain__is_void__as_soon_as_a_link_is(void **state)
{
	struct troth_belief_statement *vouched, *link;
	(void)state;
	for (unsigned broken = 0; broken < 8; broken++) {
		struct talk t = chain(&vouched, &link);
		t.policy.depth = 2;
		assert_stands(&t, PHONE, VOUCHED);
		if (broken == 0)
			revoked(&t, MERCUTIO, MERCUTIO, TROTH_BELIEF_COMPROMISED);
		else if (broken == 1)
			revoked(&t, BENVOLIO, BENVOLIO, TROTH_BELIEF_LOST);
		else if (broken == 2)
			t.s[0].introducer_trusted = false;
		else if (broken == 3)
			t.s[1].introducer_trusted = false;
		else if (broken == 4)
			t.s[1].introducer = 7; /* the link is another introducer's */
		else if (broken == 5)
			t.s[1].subject = pin_of(VALENTINE);
		else if (broken == 6)
			t.s[1].expires = t.s[1].time - 1;
		else
			t.s[1].depth = 2; /* whose beginning is missing */
		assert_stands(&t, PHONE, UNKNOWN);
	}
}

static void vouched__changes_no_contact__that_has_keys(void **state)
{
	struct talk t = silence();
	struct troth_belief_statement *s = say(&t, TROTH_BELIEF_VOUCHED, PHONE, STRANGER);
	(void)state;
	assert_stands(&t, PHONE, VOUCHED);
	s->introducer_trusted = false;
	assert_stands(&t, PHONE, UNKNOWN);
	s->introducer_trusted = true;
	s->depth = 2;
	assert_stands(&t, PHONE, UNKNOWN);
	t.policy.depth = 2;
	assert_stands(&t, PHONE, UNKNOWN);
	s->depth = 1;
	assert_stands(&t, PHONE, VOUCHED);
	t.policy.vouched = TROTH_LEVEL_UNVERIFIED;
	assert_stands(&t, PHONE, UNKNOWN);
	t.policy = troth_belief_policy_default();
	s->depth = 1;
	/* Nothing follows from a key that is vouched for. */
	renewed(&t, PHONE, LAPTOP);
	assert_stands(&t, LAPTOP, UNKNOWN);
	say(&t, TROTH_BELIEF_ENDORSED, TABLET, STRANGER)->purpose = TROTH_BELIEF_VOUCH;
	assert_stands(&t, TABLET, UNKNOWN);
	met(&t, TABLET);
	assert_stands(&t, PHONE, UNKNOWN);
	revoked(&t, TABLET, TABLET, TROTH_BELIEF_COMPROMISED);
	assert_stands(&t, PHONE, UNKNOWN);
}

/* ---- renewal ---- */

static void renewal__gives_way__after_the_overlap(void **state)
{
	struct talk t = silence();
	(void)state;
	met(&t, PHONE);
	renewed(&t, PHONE, LAPTOP);
	assert_stands(&t, LAPTOP, ENDORSED);
	assert_stands(&t, PHONE, PROVEN);
	assert_steps(&t, PHONE, STEPS(TROTH_STEP_OVERLAP, TROTH_STEP_MET_BY_SECRET));
	t.now = t.s[1].time + 30 * DAY - 1;
	assert_stands(&t, PHONE, PROVEN);
	t.now++;
	assert_stands(&t, PHONE, REPLACED);
	assert_stands(&t, LAPTOP, ENDORSED);
	/* Somebody compared it by hand afterwards. */
	say(&t, TROTH_BELIEF_MET, PHONE, 0)->how = TROTH_BELIEF_BY_HAND;
	assert_stands(&t, PHONE, PROVEN);
}

static void second_successor__suspends_both__until_decided(void **state)
{
	struct talk t = silence();
	(void)state;
	met(&t, PHONE);
	renewed(&t, PHONE, LAPTOP);
	renewed(&t, PHONE, LAPTOP);
	assert_stands(&t, LAPTOP, ENDORSED);
	renewed(&t, PHONE, TABLET);
	assert_stands(&t, LAPTOP, SUSPENDED);
	assert_stands(&t, TABLET, SUSPENDED);
	assert_stands(&t, PHONE, SUSPENDED);
	assert_steps(&t, LAPTOP, STEPS(TROTH_STEP_TWO_SUCCESSORS));
	t.now += YEAR;
	assert_stands(&t, PHONE, SUSPENDED);
	/* Heard again, decides nothing; a handshake neither. */
	renewed(&t, PHONE, TABLET);
	say(&t, TROTH_BELIEF_MET, TABLET, 0)->how = TROTH_BELIEF_BY_HANDSHAKE;
	assert_stands(&t, TABLET, SUSPENDED);
	met(&t, TABLET);
	assert_stands(&t, TABLET, PROVEN);
	assert_stands(&t, LAPTOP, SUSPENDED);
}

static void disagreement__suspends_both__during_the_overlap(void **state)
{
	struct talk t = silence();
	(void)state;
	met(&t, PHONE);
	say(&t, TROTH_BELIEF_DISPUTED, PHONE, 0);
	assert_stands(&t, PHONE, PROVEN);
	renewed(&t, PHONE, LAPTOP);
	assert_stands(&t, PHONE, SUSPENDED);
	assert_stands(&t, LAPTOP, SUSPENDED);
}

static void renewal__needs_the_user_key__where_there_is_one(void **state)
{
	struct talk t = household();
	(void)state;
	renewed(&t, PHONE, TABLET);
	t.now += YEAR;
	assert_stands(&t, TABLET, UNKNOWN);
	assert_stands(&t, PHONE, PROVEN);
	endorsed(&t, USER, TABLET);
	assert_stands(&t, TABLET, ENDORSED);
	assert_stands(&t, PHONE, REPLACED);
	/* A renewal from before the user key stays. */
	t = silence();
	met(&t, PHONE);
	renewed(&t, PHONE, TABLET);
	say(&t, TROTH_BELIEF_ANCHOR, USER, PHONE);
	assert_stands(&t, TABLET, ENDORSED);
}

static void keys_that_renew_each_other__are_not_all_refused(void **state)
{
	struct talk t = silence();
	(void)state;
	met(&t, PHONE);
	renewed(&t, PHONE, LAPTOP);
	renewed(&t, LAPTOP, TABLET);
	renewed(&t, TABLET, PHONE);
	t.now += YEAR;
	assert_stands(&t, PHONE, REPLACED);
	assert_stands(&t, LAPTOP, REPLACED);
	assert_stands(&t, TABLET, ENDORSED);
}

/* ---- the rest ---- */

static void floor__stays__when_all_keys_are_withdrawn(void **state)
{
	struct talk t = silence();
	struct troth_belief b;
	(void)state;
	for (int i = 0; i < 3; i++) {
		const struct troth_belief_question q = {t.s, t.n, &t.policy, t.now};
		assert_ok(troth_belief_conclude(&b, &q));
		assert_int_equal(troth_belief_has_key(&b), i > 0);
		troth_belief_fini(&b);
		if (i == 0)
			met(&t, PHONE);
		else
			revoked(&t, PHONE, PHONE, TROTH_BELIEF_LOST);
	}
}

static void nonsense__is_refused__whatever_it_is(void **state)
{
	struct talk t = silence();
	struct troth_belief b;
	(void)state;
	say(&t, TROTH_BELIEF_ENDORSED, PHONE, USER); /* for no purpose */
	const struct troth_belief_question q = {t.s, t.n, &t.policy, t.now};
	assert_err(troth_belief_conclude(&b, &q), TROTH_E_INVAL);
	t.s[0].kind = (enum troth_belief_kind)99;
	assert_err(troth_belief_conclude(&b, &q), TROTH_E_INVAL);
}

static void long_chain__is_believed__and_its_reasons_are_cut(void **state)
{
	struct troth_belief_statement s[200] = {
		{.kind = TROTH_BELIEF_MET, .how = TROTH_BELIEF_BY_SECRET, .subject = pin_of(200)}};
	struct troth_belief_policy policy = troth_belief_policy_default();
	struct troth_belief b;
	struct troth_pin last = pin_of(1);
	(void)state;
	for (unsigned i = 199; i >= 1; i--) /* each before the one that it rests on */
		s[i] = (struct troth_belief_statement){.kind = TROTH_BELIEF_ENDORSED,
						       .purpose = TROTH_BELIEF_RENEW,
						       .issuer = pin_of(i + 1),
						       .subject = pin_of(i)};
	const struct troth_belief_question q = {s, 200, &policy, 0};
	assert_ok(troth_belief_conclude(&b, &q));
	const struct troth_belief_key *k = troth_belief_find(&b, &last, TROTH_ROLE_DEVICE);
	assert_int_equal(k->standing, TROTH_KEY_ENDORSED);
	assert_int_equal(k->step_count, TROTH_BELIEF_STEPS_MAX);
	troth_belief_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key__is_proven__by_what_it_showed_itself),
		cmocka_unit_test(device__is_endorsed__only_if_it_presents_that_itself),
		cmocka_unit_test(expiry__stops_learning__and_breaks_no_pin),
		cmocka_unit_test(authority__counts__as_policy_says),
		cmocka_unit_test(openpgp__counts__while_the_keyring_finds_it_valid),
		cmocka_unit_test(vouched__changes_no_contact__that_has_keys),
		cmocka_unit_test(chain__counts__as_far_as_policy_goes),
		cmocka_unit_test(chain__is_void__as_soon_as_a_link_is),
		cmocka_unit_test(renewal__gives_way__after_the_overlap),
		cmocka_unit_test(second_successor__suspends_both__until_decided),
		cmocka_unit_test(disagreement__suspends_both__during_the_overlap),
		cmocka_unit_test(renewal__needs_the_user_key__where_there_is_one),
		cmocka_unit_test(keys_that_renew_each_other__are_not_all_refused),
		cmocka_unit_test(floor__stays__when_all_keys_are_withdrawn),
		cmocka_unit_test(nonsense__is_refused__whatever_it_is),
		cmocka_unit_test(long_chain__is_believed__and_its_reasons_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
