/* SPDX-License-Identifier: MIT */
/* Whole meetings of two streams, by key and otherwise. */
#include "meet.h"

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

static void romeo_is_told_no(struct pair *p)
{
	assert_err(p->juliet.err, TROTH_E_REFUSED);
	assert_err(p->romeo.err, TROTH_E_PEER_REFUSED);
	assert_int_equal(p->romeo.guesses + p->juliet.guesses, 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meeting__is_verified__by_pinned_keys),
		cmocka_unit_test(meeting__is_verified__by_unproven_keys_at_their_first_handshake),
		cmocka_unit_test(meeting__is_refused__when_the_recipient_has_another_key),
		cmocka_unit_test(meeting__is_refused__when_the_initiator_has_another_key),
		cmocka_unit_test(meeting__is_refused_inside__when_the_verdict_is_no),
		cmocka_unit_test(meeting__is_never_more_than_unverified__when_insecure),
		cmocka_unit_test(meeting__fails__between_strangers_by_default),
		cmocka_unit_test(meeting__is_verified__by_keys_pinned_by_fingerprint),
		cmocka_unit_test(meeting__is_an_attack__when_a_contact_hasnt_the_fingerprint),
		cmocka_unit_test(meeting__is_no_attack__when_nobody_has_the_fingerprint),
		cmocka_unit_test(stranger__stays_unverified__beside_keys_pinned_by_fingerprint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
