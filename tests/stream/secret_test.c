/* SPDX-License-Identifier: MIT */
/* Whole meetings by a shared secret: by pake where both can, by srp where one of them can't. */
#include "meet.h"

#include "c2c/method.h"

static struct troth_secret *right;
static struct troth_secret *wrong;

static void share_a_secret(struct pair *p)
{
	p->romeo.known.pairing = p->juliet.known.pairing = true;
	p->romeo.known.secret = right;
	p->juliet.known.secret = right;
	p->romeo.close_after_keys = true;
	p->romeo.close_when_proven = true;
}

static void know_srp_alone(struct pair *p)
{
	party_lacks(&p->romeo, TROTH_MARK_PAKE);
}

/* An OpenSSL without SRP, on either side: nothing changes. */
static void know_pake_alone(struct pair *p)
{
	party_lacks(&p->juliet, TROTH_MARK_SRP);
}

static void share_a_secret_for_srp(struct pair *p)
{
	share_a_secret(p);
	know_srp_alone(p);
}

static void share_a_secret_without_srp(struct pair *p)
{
	share_a_secret(p);
	know_pake_alone(p);
}

static void are_proven(struct pair *p)
{
	struct party *both[] = {&p->romeo, &p->juliet};
	for (int i = 0; i < 2; i++) {
		struct party *other = both[1 - i];
		assert_int_equal(both[i]->method, TROTH_METHOD_PAKE);
		assert_int_equal(both[i]->level, TROTH_LEVEL_VERIFIED);
		assert_true(both[i]->transcript);
		assert_int_equal(both[i]->guesses, 1);
		assert_int_equal(both[i]->keys, 0); /* that of the handshake, and no others */
		assert_true(troth_pin_equal(&both[i]->shown,
					    troth_cert_pin(troth_device_cert(other->device))));
		assert_true(both[i]->closed);
		assert_ok(both[i]->err);
	}
}

static void meeting__goes_by_pake__where_both_can(void **state)
{
	(void)state;
	meet(share_a_secret, are_proven);
}

static void meeting__needs_no_srp__with_pake(void **state)
{
	(void)state;
	meet(share_a_secret_without_srp, are_proven);
}

static void have_exchanged_keys(struct pair *p)
{
	struct party *both[] = {&p->romeo, &p->juliet};
	for (int i = 0; i < 2; i++) {
		struct party *other = both[1 - i];
		assert_int_equal(both[i]->method, TROTH_METHOD_SRP);
		assert_int_equal(both[i]->level, TROTH_LEVEL_VERIFIED);
		assert_int_equal(both[i]->guesses, 1);
		assert_int_equal(both[i]->keys, 1);
		assert_int_equal(both[i]->keys_possessed, 1);
		assert_true(troth_pin_equal(&both[i]->key_pin,
					    troth_cert_pin(troth_device_cert(other->device))));
		assert_true(both[i]->closed);
		assert_ok(both[i]->err);
	}
}

static void meeting__exchanges_keys__after_a_shared_secret_by_srp(void **state)
{
	(void)state;
	meet(share_a_secret_for_srp, have_exchanged_keys);
}

static void ask_both_users(struct pair *p)
{
	p->romeo.known.pairing = p->juliet.known.pairing = true;
	p->romeo.known.may_ask = p->juliet.known.may_ask = true;
	p->romeo.asked = party_secret("open sesame");
	p->juliet.asked = party_secret(" open sesame\n");
	p->romeo.close_after_keys = p->romeo.close_when_proven = true;
}

static void ask_both_users_for_srp(struct pair *p)
{
	ask_both_users(p);
	know_srp_alone(p);
}

static void meeting__asks__the_users_who_lack_the_secret(void **state)
{
	(void)state;
	meet(ask_both_users, are_proven);
	meet(ask_both_users_for_srp, have_exchanged_keys);
}

static void have_different_secrets(struct pair *p)
{
	share_a_secret(p);
	p->juliet.known.secret = wrong;
}

static void have_different_secrets_for_srp(struct pair *p)
{
	have_different_secrets(p);
	know_srp_alone(p);
}

static void have_failed_by_secret(struct pair *p)
{
	assert_err(p->romeo.err, TROTH_E_SECRET);
	assert_err(p->juliet.err, TROTH_E_SECRET);
	assert_false(p->romeo.up || p->juliet.up);
	assert_int_equal(p->romeo.guesses, 1);
	assert_int_equal(p->juliet.guesses, 1);
	assert_int_equal(p->romeo.keys + p->juliet.keys, 0);
}

static void meeting__fails__when_the_secrets_differ(void **state)
{
	(void)state;
	meet(have_different_secrets, have_failed_by_secret);
	meet(have_different_secrets_for_srp, have_failed_by_secret);
}

static void user_refuses(struct pair *p)
{
	share_a_secret(p);
	p->juliet.known.secret = NULL;
	p->juliet.known.may_ask = true; /* and says no: asked is NULL */
}

static void romeo_is_told_no(struct pair *p)
{
	assert_err(p->juliet.err, TROTH_E_REFUSED);
	assert_err(p->romeo.err, TROTH_E_PEER_REFUSED);
	assert_int_equal(p->romeo.guesses + p->juliet.guesses, 0);
}

static void meeting__is_refused__when_the_user_says_no(void **state)
{
	(void)state;
	meet(user_refuses, romeo_is_told_no);
}

static void budget_is_empty(struct pair *p)
{
	share_a_secret(p);
	p->juliet.guess_err = TROTH_E_BUDGET;
}

static void budget_is_empty_for_srp(struct pair *p)
{
	budget_is_empty(p);
	know_srp_alone(p);
}

/* Inside TLS the peer is told that there is no budget, and nothing about the guess. */
static void budget_was_told(struct pair *p)
{
	assert_err(p->juliet.err, TROTH_E_BUDGET);
	assert_err(p->romeo.err, TROTH_E_BUDGET);
	assert_true(p->romeo.by_peer);
	assert_false(p->romeo.up || p->juliet.up);
}

static void wrong_and_budget_is_empty(struct pair *p)
{
	budget_is_empty(p);
	p->juliet.known.secret = wrong;
}

/* The recipient's answer would tell whether the guess was right: it must not leave. */
static void nothing_was_tested(struct pair *p)
{
	assert_err(p->juliet.err, TROTH_E_BUDGET);
	assert_err(p->romeo.err, TROTH_E_TRUNCATED);
	assert_false(p->romeo.up || p->juliet.up);
}

static void guess__tells_the_peer_nothing__when_it_is_not_debited(void **state)
{
	(void)state;
	meet(budget_is_empty_for_srp, nothing_was_tested);
	meet(budget_is_empty, budget_was_told);
	meet(wrong_and_budget_is_empty, budget_was_told);
	/* and with the wrong secret the wire looks the same: see guess_test */
}

static int setup(void **state)
{
	(void)state;
	right = party_secret("open sesame");
	wrong = party_secret("open barley");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	troth_secret_free(right);
	troth_secret_free(wrong);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meeting__goes_by_pake__where_both_can),
		cmocka_unit_test(meeting__needs_no_srp__with_pake),
		cmocka_unit_test(meeting__exchanges_keys__after_a_shared_secret_by_srp),
		cmocka_unit_test(meeting__asks__the_users_who_lack_the_secret),
		cmocka_unit_test(meeting__fails__when_the_secrets_differ),
		cmocka_unit_test(meeting__is_refused__when_the_user_says_no),
		cmocka_unit_test(guess__tells_the_peer_nothing__when_it_is_not_debited),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
