/* SPDX-License-Identifier: MIT */
/* Whole meetings, in slices of every kind: what both applications saw must not depend on them. */
#include "party.h"

#include "c2c/method.h"

#define WHOLE ((size_t)1 << 20)

static const size_t slices[] = {WHOLE, 1, 3, 17, 100};

struct pair {
	struct party romeo;  /* initiator */
	struct party juliet; /* recipient */
};

static void begin(struct pair *p)
{
	party_init(&p->romeo, 0, "romeo@forza");
	party_init(&p->juliet, 1, "juliet@pronto");
}

static void start(struct pair *p)
{
	party_start(&p->juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(&p->romeo, TROTH_INITIATOR, &p->juliet, 0);
}

static void end(struct pair *p)
{
	party_fini(&p->romeo);
	party_fini(&p->juliet);
}

/* Runs a meeting in all kinds of slices; prepare sets answers, check looks at what came. */
static void meet(void (*prepare)(struct pair *), void (*check)(struct pair *))
{
	char first[2][sizeof((struct party *)0)->seen];
	for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
		struct pair p;
		begin(&p);
		prepare(&p);
		start(&p);
		party_run(&p.romeo, &p.juliet, slices[i], 0);
		check(&p);
		if (i == 0) {
			memcpy(first[0], p.romeo.seen, sizeof first[0]);
			memcpy(first[1], p.juliet.seen, sizeof first[1]);
		}
		assert_string_equal(p.romeo.seen, first[0]);
		assert_string_equal(p.juliet.seen, first[1]);
		end(&p);
	}
}

/* ---- by key ---- */

static void know_each_other(struct pair *p)
{
	party_knows(&p->romeo, &p->juliet, true);
	party_knows(&p->juliet, &p->romeo, true);
	p->romeo.say = "good morrow";
	p->juliet.say = "what o'clock tomorrow?";
}

static void are_verified_by_key(struct pair *p)
{
	assert_true(p->romeo.up && p->juliet.up);
	assert_int_equal(p->romeo.level, TROTH_LEVEL_VERIFIED);
	assert_int_equal(p->juliet.level, TROTH_LEVEL_VERIFIED);
	assert_int_equal(p->romeo.method, TROTH_METHOD_KEY);
	assert_true(p->romeo.transcript && p->juliet.transcript);
	assert_string_equal(p->juliet.heard, "good morrow");
	assert_string_equal(p->romeo.heard, "what o'clock tomorrow?");
	assert_int_equal(p->romeo.guesses + p->juliet.guesses, 0);
}

static void meeting__is_verified__by_pinned_keys(void **state)
{
	(void)state;
	meet(know_each_other, are_verified_by_key);
}

static void know_unproven(struct pair *p)
{
	know_each_other(p);
	p->romeo.known_key.proven = false;
	p->juliet.known_key.proven = false;
}

static void meeting__is_verified__by_unproven_keys_at_their_first_handshake(void **state)
{
	(void)state;
	meet(know_unproven, are_verified_by_key);
}

/* ---- by secret ---- */

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

/* ---- refusals ---- */

static void expect_another_key(struct pair *p)
{
	know_each_other(p);
	party_knows(&p->romeo, &p->romeo, true); /* not Juliet's */
}

static void romeo_is_warned(struct pair *p)
{
	assert_err(p->romeo.err, TROTH_E_KEY_CHANGED);
	assert_false(p->romeo.by_peer);
	assert_false(p->romeo.up || p->juliet.up);
	assert_int_not_equal(p->juliet.err, TROTH_OK);
	assert_string_equal(p->juliet.heard, "");
}

static void meeting__is_refused__when_the_recipient_has_another_key(void **state)
{
	(void)state;
	meet(expect_another_key, romeo_is_warned);
}

static void juliet_expects_another_key(struct pair *p)
{
	know_each_other(p);
	party_knows(&p->juliet, &p->juliet, true);
}

static void juliet_is_warned(struct pair *p)
{
	assert_err(p->juliet.err, TROTH_E_KEY_CHANGED);
	assert_err(p->romeo.err, TROTH_E_PEER_REFUSED);
	assert_true(p->romeo.by_peer);
	assert_false(p->romeo.up || p->juliet.up);
}

static void meeting__is_refused__when_the_initiator_has_another_key(void **state)
{
	(void)state;
	meet(juliet_expects_another_key, juliet_is_warned);
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

static void verdict_is_no(struct pair *p)
{
	know_each_other(p);
	p->juliet.verdict.err = TROTH_E_REFUSED;
}

static void meeting__is_refused_inside__when_the_verdict_is_no(void **state)
{
	(void)state;
	meet(verdict_is_no, romeo_is_told_no);
}

/* ---- strangers ---- */

static void accept_anybody(struct pair *p)
{
	p->romeo.known.least = p->juliet.known.least = TROTH_LEVEL_UNVERIFIED;
	p->romeo.say = "who's there?";
}

static void are_unverified(struct pair *p)
{
	assert_true(p->romeo.up && p->juliet.up);
	/* The verdict said verified; the method can't give more than unverified. */
	assert_int_equal(p->romeo.level, TROTH_LEVEL_UNVERIFIED);
	assert_int_equal(p->juliet.level, TROTH_LEVEL_UNVERIFIED);
	assert_int_equal(p->juliet.method, TROTH_METHOD_INSECURE);
	assert_string_equal(p->juliet.heard, "who's there?");
}

static void meeting__is_never_more_than_unverified__when_insecure(void **state)
{
	(void)state;
	meet(accept_anybody, are_unverified);
}

static void nothing(struct pair *p)
{
	(void)p;
}

static void have_no_method(struct pair *p)
{
	assert_err(p->romeo.err, TROTH_E_NO_METHOD);
	assert_err(p->juliet.err, TROTH_E_PEER_REFUSED);
}

static void meeting__fails__between_strangers_by_default(void **state)
{
	(void)state;
	meet(nothing, have_no_method);
}

/* ---- by a pin read aloud: the key's name isn't known ---- */

/* As an application gives it for somebody that nothing names: without promise, without floor. */
static void could_be_anybody(struct party *p)
{
	p->known_key.name[0] = 0;
	p->known_key.proven = false;
	p->known.contact = NULL;
}

static void pinned_by_fingerprint(struct pair *p)
{
	know_each_other(p);
	p->romeo.known_key.name[0] = p->juliet.known_key.name[0] = 0;
}

static void pinned_by_fingerprint_and_named_by_nothing(struct pair *p)
{
	know_each_other(p);
	could_be_anybody(&p->romeo);
	could_be_anybody(&p->juliet);
}

static void meeting__is_verified__by_keys_pinned_by_fingerprint(void **state)
{
	(void)state;
	meet(pinned_by_fingerprint, are_verified_by_key);
	meet(pinned_by_fingerprint_and_named_by_nothing, are_verified_by_key);
}

static void juliet_knows_another_fingerprint(struct pair *p)
{
	know_each_other(p);
	p->juliet.known_key.name[0] = 0;
	p->juliet.known_key.pin.bytes[0] ^= 1;
}

static void meeting__is_an_attack__when_a_contact_hasnt_the_fingerprint(void **state)
{
	(void)state;
	meet(juliet_knows_another_fingerprint, juliet_is_warned);
}

static void nobody_has_the_fingerprint(struct pair *p)
{
	juliet_knows_another_fingerprint(p);
	could_be_anybody(&p->juliet);
}

static void romeo_is_nobody(struct pair *p)
{
	assert_false(p->romeo.up || p->juliet.up);
	assert_err(p->juliet.err, TROTH_E_NO_METHOD);
	assert_string_equal(p->juliet.reason, "Nobody that we know has that key.");
	assert_err(p->romeo.err, TROTH_E_PEER_REFUSED);
	assert_true(p->romeo.by_peer);
}

static void romeo_calls_a_stranger(struct pair *p)
{
	pinned_by_fingerprint_and_named_by_nothing(p);
	p->romeo.known_key.pin.bytes[0] ^= 1;
}

static void juliet_is_nobody(struct pair *p)
{
	assert_false(p->romeo.up || p->juliet.up);
	assert_err(p->romeo.err, TROTH_E_NO_METHOD);
	assert_err(p->juliet.err, TROTH_E_PEER_REFUSED);
}

static void meeting__is_no_attack__when_nobody_has_the_fingerprint(void **state)
{
	(void)state;
	meet(nobody_has_the_fingerprint, romeo_is_nobody);
	meet(romeo_calls_a_stranger, juliet_is_nobody);
}

static void anybody_may_come(struct pair *p)
{
	nobody_has_the_fingerprint(p);
	p->juliet.known.least = TROTH_LEVEL_UNVERIFIED;
}

static void romeo_is_somebody_unverified(struct pair *p)
{
	assert_true(p->romeo.up && p->juliet.up);
	assert_int_equal(p->romeo.level, TROTH_LEVEL_VERIFIED);
	assert_int_equal(p->juliet.method, TROTH_METHOD_INSECURE);
	assert_int_equal(p->juliet.level, TROTH_LEVEL_UNVERIFIED);
}

static void stranger__stays_unverified__beside_keys_pinned_by_fingerprint(void **state)
{
	(void)state;
	meet(anybody_may_come, romeo_is_somebody_unverified);
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
		cmocka_unit_test(meeting__is_verified__by_pinned_keys),
		cmocka_unit_test(meeting__is_verified__by_unproven_keys_at_their_first_handshake),
		cmocka_unit_test(meeting__goes_by_pake__where_both_can),
		cmocka_unit_test(meeting__needs_no_srp__with_pake),
		cmocka_unit_test(meeting__exchanges_keys__after_a_shared_secret_by_srp),
		cmocka_unit_test(meeting__asks__the_users_who_lack_the_secret),
		cmocka_unit_test(meeting__fails__when_the_secrets_differ),
		cmocka_unit_test(meeting__is_refused__when_the_recipient_has_another_key),
		cmocka_unit_test(meeting__is_refused__when_the_initiator_has_another_key),
		cmocka_unit_test(meeting__is_refused__when_the_user_says_no),
		cmocka_unit_test(guess__tells_the_peer_nothing__when_it_is_not_debited),
		cmocka_unit_test(meeting__is_refused_inside__when_the_verdict_is_no),
		cmocka_unit_test(meeting__is_never_more_than_unverified__when_insecure),
		cmocka_unit_test(meeting__fails__between_strangers_by_default),
		cmocka_unit_test(meeting__is_verified__by_keys_pinned_by_fingerprint),
		cmocka_unit_test(meeting__is_an_attack__when_a_contact_hasnt_the_fingerprint),
		cmocka_unit_test(meeting__is_no_attack__when_nobody_has_the_fingerprint),
		cmocka_unit_test(stranger__stays_unverified__beside_keys_pinned_by_fingerprint),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
