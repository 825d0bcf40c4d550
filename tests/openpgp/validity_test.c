/* SPDX-License-Identifier: MIT */
/* The web of trust as GnuPG computes it, on real keyrings. */
#include "keyring.h"

#include <stdio.h>

#define JULIET "juliet@capulet.lit"

static struct person stranger(struct keyring *ring, const char *user_id)
{
	struct person who = make_key(ring->theirs, user_id, "ed25519 default never");
	deliver(ring, who);
	return who;
}

/* Somebody whose key the user signed, by all user IDs that it has now. */
static struct person friend_of(struct keyring *ring, const char *user_id)
{
	struct person who = stranger(ring, user_id);
	gpg(ring->mine, "--quick-lsign-key %s", who.fpr);
	return who;
}

static void key__is_unknown__when_nobody_signed_it(void **state)
{
	struct keyring *ring = *state;
	struct person juliet = stranger(ring, "xmpp:" JULIET);
	assert_validity(ring, juliet, JULIET, "unknown", "unknown");
	assert_validity(ring, ring->me, "romeo@montague.lit", "ultimate", "ultimate");
}

static void key__is_full__when_the_user_signed_it(void **state)
{
	struct keyring *ring = *state;
	assert_validity(ring, friend_of(ring, "xmpp:" JULIET), JULIET, "full", "full");
	assert_validity(ring, friend_of(ring, "Juliet <xmpp:" JULIET ">"), JULIET, "full", "full");
	assert_validity(ring, friend_of(ring, "xmpp:Juliet@CAPULET.lit"), JULIET, "full", "full");
}

static void introducers__make_marginal_or_full__by_their_number(void **state)
{
	struct keyring *ring = *state;
	const char *names[] = {"Tybalt", "Nurse", "Paris"};
	struct person juliet = make_key(ring->theirs, "xmpp:" JULIET, "ed25519 default never");
	const char *levels[] = {"marginal", "marginal", "full"};
	for (size_t i = 0; i < 3; i++) {
		struct person introducer = friend_of(ring, names[i]);
		own_trust(ring, introducer, 4);
		gpg(ring->theirs, "-u %s --quick-sign-key %s", introducer.fpr, juliet.fpr);
		deliver(ring, juliet);
		assert_validity(ring, juliet, JULIET, levels[i], levels[i]);
	}
}

static void introducer__introduces_nobody__when_never_trusted(void **state)
{
	struct keyring *ring = *state;
	struct person paris = friend_of(ring, "Paris");
	struct person juliet = make_key(ring->theirs, "xmpp:" JULIET, "ed25519 default never");
	gpg(ring->theirs, "-u %s --quick-sign-key %s", paris.fpr, juliet.fpr);
	deliver(ring, juliet);
	own_trust(ring, paris, 5);
	assert_validity(ring, juliet, JULIET, "full", "full");
	own_trust(ring, paris, 3);
	assert_validity(ring, juliet, JULIET, "unknown", "unknown");
}

static void key__is_never__when_the_user_called_it_bad(void **state)
{
	struct keyring *ring = *state;
	struct person juliet = friend_of(ring, "xmpp:" JULIET);
	gpg(ring->mine, "--trust-model tofu+pgp --tofu-policy bad %s", juliet.fpr);
	write_bytes(ring, "m/gpg.conf", "trust-model tofu+pgp\n", 21);
	assert_validity(ring, juliet, JULIET, "never", "never");
	write_bytes(ring, "m/gpg.conf", "\n", 1);
}

static void trust_model__makes_nobody_valid__when_it_is_always(void **state)
{
	struct keyring *ring = *state;
	struct person mallory = stranger(ring, "xmpp:" JULIET);
	struct person friend = friend_of(ring, "xmpp:" JULIET);
	write_bytes(ring, "m/gpg.conf", "trust-model always\n", 19);
	assert_validity(ring, mallory, JULIET, "unknown", "unknown");
	assert_validity(ring, friend, JULIET, "full", "full");
	write_bytes(ring, "m/gpg.conf", "\n", 1);
}

static void user_id__is_revoked__and_the_key_is_not(void **state)
{
	struct keyring *ring = *state;
	struct person juliet = make_key(ring->theirs, "Juliet", "ed25519 default never");
	gpg(ring->theirs, "--quick-add-uid %s 'xmpp:" JULIET "'", juliet.fpr);
	deliver(ring, juliet);
	gpg(ring->mine, "--quick-lsign-key %s", juliet.fpr);
	assert_validity(ring, juliet, JULIET, "full", "full");
	gpg(ring->theirs, "--quick-revoke-uid %s 'xmpp:" JULIET "'", juliet.fpr);
	deliver(ring, juliet);
	assert_validity(ring, juliet, JULIET, "revoked", "full");
}

static void key__is_revoked_expired_or_disabled__whoever_signed_it(void **state)
{
	struct keyring *ring = *state;
	struct person juliet = friend_of(ring, "xmpp:" JULIET);
	gpg(ring->mine, "--command-fd 0 --edit-key %s disable save", juliet.fpr);
	assert_validity(ring, juliet, JULIET, "disabled", "disabled");
	gpg(ring->mine, "--command-fd 0 --edit-key %s enable save", juliet.fpr);
	assert_validity(ring, juliet, JULIET, "full", "full");
	revoke_key(ring, juliet);
	assert_validity(ring, juliet, JULIET, "revoked", "revoked");
	assert_validity(ring, juliet, "romeo@montague.lit", "absent", "revoked");
	struct person old = make_key_with(ring->theirs, "--faked-system-time 20100101T000000",
					  "xmpp:" JULIET, "ed25519 default 20110101T000000");
	deliver(ring, old);
	assert_validity(ring, old, JULIET, "expired", "expired");
}

static void jid__is_absent__when_the_user_id_is_of_somebody_else(void **state)
{
	struct keyring *ring = *state;
	assert_validity(ring, friend_of(ring, "xmpp:mallory@capulet.lit"), JULIET, "absent",
			"full");
	/* Longer, shorter, inside, other scheme, with a resource, not at the end, a nested one. */
	static const char *const near[] = {
		"xmpp:juliet@capulet.lit.evil.example",
		"xmpp:njuliet@capulet.lit",
		"xmpp:juliet@capulet.li",
		"xmpp:juliet@capulet.lit/balcony",
		"juliet@capulet.lit",
		"Juliet <juliet@capulet.lit>",
		"Juliet <xmpp:juliet@capulet.lit> (on the balcony)",
		"Juliet <xmpp:juliet@capulet.lit> <xmpp:mallory@capulet.lit>",
		"Mallory xmpp:juliet@capulet.lit",
		"sip:juliet@capulet.lit",
		"xmpp:juliet@capulet.lit?message",
		"Juliet<xmpp:juliet@capulet.lit>",
	};
	for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
		struct person who = make_key(ring->theirs, "J", "ed25519 default never");
		gpg(ring->theirs, "--allow-freeform-uid --quick-add-uid %s '%s'", who.fpr, near[i]);
		deliver(ring, who);
		gpg(ring->mine, "--quick-lsign-key %s", who.fpr);
		assert_validity(ring, who, JULIET, "absent", "full");
	}
}

static void user_id__is_unknown__when_added_after_the_key_was_signed(void **state)
{
	struct keyring *ring = *state;
	struct person mallory = friend_of(ring, "xmpp:mallory@capulet.lit");
	gpg(ring->theirs, "--quick-add-uid %s 'xmpp:" JULIET "'", mallory.fpr);
	deliver(ring, mallory);
	/* key: what a JID would have that the user assigned to it. */
	assert_validity(ring, mallory, JULIET, "unknown", "full");
	assert_validity(ring, mallory, "mallory@capulet.lit", "full", "full");
}

static void validity__is_refused__for_what_is_no_jid_and_no_key(void **state)
{
	struct keyring *ring = *state;
	struct troth_address *link, *jid;
	struct troth_openpgp_validity got;
	assert_ok(troth_address_new(&link, TROTH_REALM_LINK, "romeo@montague.lit"));
	assert_ok(troth_address_new(&jid, TROTH_REALM_SERVER, "romeo@montague.lit"));
	assert_err(troth_openpgp_validity(ring->openpgp, ring->me.fpr, link, &got), TROTH_E_INVAL);
	assert_err(troth_openpgp_validity(ring->openpgp, "romeo@montague.lit", jid, &got),
		   TROTH_E_FORMAT);
	assert_reason(ring->openpgp,
		      troth_openpgp_validity(ring->openpgp,
					     "0123456789abcdef0123456789abcdef01234567", jid, &got),
		      "no-key");
	troth_address_free(link);
	troth_address_free(jid);
}

static void subkey__finds_no_key__since_only_primaries_are_named(void **state)
{
	struct keyring *ring = *state;
	struct troth_address *jid;
	struct troth_openpgp_validity got;
	char fpr[TROTH_OPENPGP_FINGERPRINT_LEN + 1], listing[4096];
	gpg(ring->mine, "--pinentry-mode loopback --passphrase '' --quick-add-key %s ed25519 sign",
	    ring->me.fpr);
	gpg(ring->mine, "--with-colons --with-subkey-fingerprint --list-keys %s | tee %s/listing",
	    ring->me.fpr, ring->dir);
	size_t len = read_bytes(ring, "listing", (uint8_t *)listing, sizeof listing);
	listing[len] = '\0';
	const char *sub = strstr(listing, "\nsub:");
	assert_non_null(sub);
	sub = strstr(sub, "\nfpr:::::::::") + 13;
	char *end = strchr(sub, ':');
	*end = '\0';
	assert_ok(troth_openpgp_fingerprint_read(sub, fpr));
	assert_ok(troth_address_new(&jid, TROTH_REALM_SERVER, "romeo@montague.lit"));
	assert_reason(ring->openpgp, troth_openpgp_validity(ring->openpgp, fpr, jid, &got),
		      "no-key");
	troth_address_free(jid);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, keyring_setup, keyring_teardown)
	const struct CMUnitTest tests[] = {
		TEST(key__is_unknown__when_nobody_signed_it),
		TEST(key__is_full__when_the_user_signed_it),
		TEST(introducers__make_marginal_or_full__by_their_number),
		TEST(introducer__introduces_nobody__when_never_trusted),
		TEST(key__is_never__when_the_user_called_it_bad),
		TEST(trust_model__makes_nobody_valid__when_it_is_always),
		TEST(user_id__is_revoked__and_the_key_is_not),
		TEST(key__is_revoked_expired_or_disabled__whoever_signed_it),
		TEST(jid__is_absent__when_the_user_id_is_of_somebody_else),
		TEST(user_id__is_unknown__when_added_after_the_key_was_signed),
		TEST(validity__is_refused__for_what_is_no_jid_and_no_key),
		TEST(subkey__finds_no_key__since_only_primaries_are_named),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
