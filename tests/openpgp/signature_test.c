/* SPDX-License-Identifier: MIT */
/* Detached signatures, made and refused. Those to be refused are made by gpg itself. */
#include "keyring.h"

#include <stdio.h>

#define MESSAGE "the certificate of a device\n"
#define WHOLE ((struct troth_slice){(const uint8_t *)MESSAGE, sizeof MESSAGE - 1})
#define YEAR_2010 "--faked-system-time 20100101T000000"

struct blob {
	uint8_t bytes[TROTH_OPENPGP_SIGNATURE_MAX + 2];
	size_t len;
};

/* Effect: gpg signs the message in a home, with these options. */
static struct blob signed_by(const struct keyring *ring, const char *home, struct person who,
			     const char *options)
{
	struct blob blob;
	write_bytes(ring, "message", MESSAGE, sizeof MESSAGE - 1);
	gpg(home, "-u %s -o %s/signature %s %s/message", who.fpr, ring->dir, options, ring->dir);
	blob.len = read_bytes(ring, "signature", blob.bytes, sizeof blob.bytes);
	return blob;
}

static int verify_message(const struct keyring *ring, struct person who, const struct blob *blob,
			  struct troth_slice message)
{
	const struct troth_openpgp_signed s = {
		.fingerprint = who.fpr, .message = message, .signature = {blob->bytes, blob->len}};
	struct troth_openpgp_signature got;
	int err = troth_openpgp_verify(ring->openpgp, &s, &got);
	if (!err)
		assert_string_equal(got.fingerprint, who.fpr);
	return err;
}

static int verify(const struct keyring *ring, struct person who, const struct blob *blob)
{
	return verify_message(ring, who, blob, WHOLE);
}

static struct blob sign(struct troth_openpgp *openpgp, struct person who)
{
	struct blob blob;
	struct troth_buf out;
	troth_buf_init(&out, TROTH_OPENPGP_SIGNATURE_MAX);
	struct troth_openpgp_signing signing = {openpgp, who.fpr};
	int err = troth_openpgp_signer(&signing, WHOLE, &out);
	if (err)
		fail_msg("%s: %s", troth_err_name(err), troth_openpgp_cause(openpgp));
	blob.len = troth_buf_len(&out);
	memcpy(blob.bytes, troth_buf_slice(&out).data, blob.len);
	troth_buf_fini(&out);
	return blob;
}

static int try_sign(struct troth_openpgp *openpgp, struct person who)
{
	struct troth_buf out;
	troth_buf_init(&out, TROTH_OPENPGP_SIGNATURE_MAX);
	int err = troth_openpgp_sign(openpgp, who.fpr, WHOLE, &out);
	assert_true(err == TROTH_OK || troth_buf_len(&out) == 0);
	/* What can be told before the agent is asked, is told the same. */
	if (troth_openpgp_reason(openpgp) != TROTH_OPENPGP_REASON_WEAK_DIGEST)
		assert_err(troth_openpgp_can_sign(openpgp, who.fpr), err);
	troth_buf_fini(&out);
	return err;
}

static struct person juliet(const struct keyring *ring)
{
	struct person who =
		make_key(ring->theirs, "xmpp:juliet@capulet.lit", "ed25519 default never");
	deliver(ring, who);
	return who;
}

static void signature__verifies__when_made_here(void **state)
{
	struct keyring *ring = *state;
	struct blob blob = sign(ring->openpgp, ring->me);
	assert_ok(verify(ring, ring->me, &blob));
	struct person other = juliet(ring);
	blob = signed_by(ring, ring->theirs, other, "-b");
	assert_ok(verify(ring, other, &blob));
}

static void signature__is_refused__when_a_byte_differs(void **state)
{
	struct keyring *ring = *state;
	struct blob blob = sign(ring->openpgp, ring->me);
	struct troth_slice shorter = {WHOLE.data, WHOLE.len - 1};
	assert_reason(ring->openpgp, verify_message(ring, ring->me, &blob, shorter),
		      "bad-signature");
	const char *altered = "The certificate of a device\n";
	assert_reason(ring->openpgp,
		      verify_message(ring, ring->me, &blob,
				     (struct troth_slice){(const uint8_t *)altered, WHOLE.len}),
		      "bad-signature");
	assert_reason(ring->openpgp,
		      verify_message(ring, ring->me, &blob, (struct troth_slice){NULL, 0}),
		      "bad-signature");
}

static void signature__is_refused__when_altered_itself(void **state)
{
	struct keyring *ring = *state;
	struct blob blob = sign(ring->openpgp, ring->me);
	/* RFC 4880 5.2.3: version, type, two algorithms, a length and that many bytes are signed.
	 * What follows only hints at the key and the digest, until the numbers at the end. */
	size_t head = 2, numbers = 2 * 32;
	size_t hashed = head + 6 + (size_t)(blob.bytes[head + 4] << 8 | blob.bytes[head + 5]);
	assert_in_range(hashed, 30, blob.len - numbers);
	for (size_t i = 0; i < blob.len; i++) {
		struct blob changed = blob;
		if (i == hashed)
			i = blob.len - numbers / 2;
		changed.bytes[i] ^= 0x01;
		assert_int_not_equal(verify(ring, ring->me, &changed), TROTH_OK);
	}
}

static void signature__is_refused__when_by_another_key(void **state)
{
	struct keyring *ring = *state;
	struct person other = juliet(ring);
	struct blob blob = signed_by(ring, ring->theirs, other, "-b");
	assert_reason(ring->openpgp, verify(ring, ring->me, &blob), "other-key");
	struct person unknown = make_key(ring->theirs, "Mallory", "ed25519 default never");
	blob = signed_by(ring, ring->theirs, unknown, "-b");
	assert_reason(ring->openpgp, verify(ring, ring->me, &blob), "other-key");
	assert_reason(ring->openpgp, verify(ring, unknown, &blob), "no-key");
}

static void digest__is_refused__when_weaker_than_sha256(void **state)
{
	struct keyring *ring = *state;
	struct person who = make_key(ring->theirs, "R", "rsa2048 sign never");
	deliver(ring, who);
	static const char *const weak[] = {"SHA1", "RIPEMD160", "SHA224"};
	static const char *const good[] = {"SHA256", "SHA384", "SHA512"};
	char options[64];
	for (size_t i = 0; i < 3; i++) {
		snprintf(options, sizeof options, "--digest-algo %s -b", weak[i]);
		struct blob blob = signed_by(ring, ring->theirs, who, options);
		assert_reason(ring->openpgp, verify(ring, who, &blob), "weak-digest");
		snprintf(options, sizeof options, "--digest-algo %s -b", good[i]);
		blob = signed_by(ring, ring->theirs, who, options);
		assert_ok(verify(ring, who, &blob));
	}
	write_bytes(ring, "m/gpg.conf", "digest-algo SHA1\n", 17);
	assert_reason(ring->openpgp, try_sign(ring->openpgp, ring->me), "weak-digest");
}

static void form__is_refused__when_not_one_detached_over_a_binary(void **state)
{
	struct keyring *ring = *state;
	static const char *const forms[] = {"--textmode -b", "--sign", "--clear-sign", "--store"};
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct blob blob = signed_by(ring, ring->mine, ring->me, forms[i]);
		assert_reason(ring->openpgp, verify(ring, ring->me, &blob), "other-form");
	}
	struct blob twice = signed_by(ring, ring->mine, ring->me, "-b");
	memcpy(twice.bytes + twice.len, twice.bytes, twice.len);
	twice.len *= 2;
	assert_reason(ring->openpgp, verify(ring, ring->me, &twice), "other-form");
	struct person other = juliet(ring);
	struct blob both = signed_by(ring, ring->theirs, other, "-b");
	memcpy(both.bytes + both.len, twice.bytes, twice.len / 2);
	both.len += twice.len / 2;
	assert_reason(ring->openpgp, verify(ring, ring->me, &both), "other-form");
	struct blob nothing = {.len = 0};
	assert_int_not_equal(verify(ring, ring->me, &nothing), TROTH_OK);
	struct blob noise = {.bytes = "no signature at all", .len = 19};
	assert_reason(ring->openpgp, verify(ring, ring->me, &noise), "other-form");
	noise.len = sizeof noise.bytes;
	assert_err(verify(ring, ring->me, &noise), TROTH_E_LIMIT);
}

static void signature__is_refused__when_it_or_the_key_has_expired(void **state)
{
	struct keyring *ring = *state;
	struct person old = make_key_with(ring->theirs, YEAR_2010, "J", "ed25519 default never");
	deliver(ring, old);
	struct blob blob =
		signed_by(ring, ring->theirs, old, YEAR_2010 " --default-sig-expire 30d -b");
	assert_reason(ring->openpgp, verify(ring, old, &blob), "expired-signature");
	blob = signed_by(ring, ring->theirs, old, "-b");
	assert_ok(verify(ring, old, &blob));
	gpg(ring->theirs, YEAR_2010 " --quick-set-expire %s 20110101T000000", old.fpr);
	deliver(ring, old);
	assert_reason(ring->openpgp, verify(ring, old, &blob), "expired");
}

static void signature__is_refused__when_the_key_is_disabled_or_revoked(void **state)
{
	struct keyring *ring = *state;
	struct person other = juliet(ring);
	struct blob blob = signed_by(ring, ring->theirs, other, "-b");
	assert_ok(verify(ring, other, &blob));
	gpg(ring->mine, "--command-fd 0 --edit-key %s disable save", other.fpr);
	assert_reason(ring->openpgp, verify(ring, other, &blob), "disabled");
	gpg(ring->mine, "--command-fd 0 --edit-key %s enable save", other.fpr);
	assert_ok(verify(ring, other, &blob));
	/* Made before the revocation or after it: all the same. */
	struct blob later = signed_by(ring, ring->theirs, other, "-b");
	revoke_key(ring, other);
	assert_reason(ring->openpgp, verify(ring, other, &blob), "revoked");
	assert_reason(ring->openpgp, verify(ring, other, &later), "revoked");
}

/* Signing by a subkey: the primary one can only certify. */
static struct person with_subkey(const char *home, const char *user_id)
{
	struct person who = make_key(home, user_id, "ed25519 cert never");
	gpg(home, "--pinentry-mode loopback --passphrase '' --quick-add-key %s ed25519 sign",
	    who.fpr);
	return who;
}

static void subkey__signs_for_its_primary_key__until_revoked(void **state)
{
	struct keyring *ring = *state;
	struct person own = with_subkey(ring->mine, "Own");
	struct blob blob = sign(ring->openpgp, own);
	assert_ok(verify(ring, own, &blob));
	struct person other = with_subkey(ring->theirs, "Other");
	deliver(ring, other);
	blob = signed_by(ring, ring->theirs, other, "-b");
	assert_ok(verify(ring, other, &blob));
	assert_reason(ring->openpgp, verify(ring, own, &blob), "other-key");
	static const char answers[] = "key 1\nrevkey\ny\n0\n\ny\nsave\n";
	write_bytes(ring, "answers", answers, sizeof answers - 1);
	gpg(ring->theirs, "--no-batch --command-file %s/answers --edit-key %s", ring->dir,
	    other.fpr);
	deliver(ring, other);
	assert_reason(ring->openpgp, verify(ring, other, &blob), "revoked");
}

static void key__is_refused__when_short(void **state)
{
	struct keyring *ring = *state;
	struct person who = make_key(ring->theirs, "R", "rsa1024 sign never");
	deliver(ring, who);
	struct blob blob = signed_by(ring, ring->theirs, who, "-b");
	assert_reason(ring->openpgp, verify(ring, who, &blob), "weak-key");
}

static void signing__names_the_cause__when_the_key_cannot(void **state)
{
	struct keyring *ring = *state;
	struct person nobody = {"0123456789abcdef0123456789abcdef01234567"};
	assert_reason(ring->openpgp, try_sign(ring->openpgp, nobody), "no-key");
	assert_non_null(strstr(troth_openpgp_next_step(ring->openpgp), "gpg --list-keys"));
	assert_reason(ring->openpgp, try_sign(ring->openpgp, juliet(ring)), "no-secret");
	struct person cert = make_key(ring->mine, "C", "ed25519 cert never");
	assert_reason(ring->openpgp, try_sign(ring->openpgp, cert), "cant-sign");
	struct person old =
		make_key_with(ring->mine, YEAR_2010, "J", "ed25519 default 20110101T000000");
	assert_reason(ring->openpgp, try_sign(ring->openpgp, old), "expired");
	struct person shouted = ring->me;
	shouted.fpr[0] = 'X';
	assert_err(try_sign(ring->openpgp, shouted), TROTH_E_FORMAT);
	/* It speaks for itself; what was said before is not about this. */
	assert_string_equal(troth_openpgp_cause(ring->openpgp), "");
}

static void signing__appends_nothing__when_there_is_no_room(void **state)
{
	struct keyring *ring = *state;
	struct troth_buf out;
	troth_buf_init(&out, 20);
	assert_err(troth_openpgp_sign(ring->openpgp, ring->me.fpr, WHOLE, &out), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&out), 0);
	troth_buf_fini(&out);
}

static void keyserver__is_not_asked__whatever_gpg_conf_says(void **state)
{
	struct keyring *ring = *state;
	static const char conf[] = "auto-key-retrieve\nkeyserver hkp://127.0.0.1:1\n";
	struct person unknown = make_key(ring->theirs, "Mallory", "ed25519 default never");
	struct blob blob = signed_by(ring, ring->theirs, unknown, "-b");
	write_bytes(ring, "m/gpg.conf", conf, sizeof conf - 1);
	assert_reason(ring->openpgp, verify(ring, ring->me, &blob), "other-key");
	char path[96];
	snprintf(path, sizeof path, "%s/S.dirmngr", ring->mine);
	FILE *started = fopen(path, "r");
	assert_null(started);
	/* The same by hand does start what asks keyservers. */
	char command[512];
	snprintf(command, sizeof command,
		 "gpg --homedir %s --batch --verify %s/signature %s/message 2>&1 | "
		 "grep -q . && test -S %s",
		 ring->mine, ring->dir, ring->dir, path);
	assert_int_equal(system(command), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, keyring_setup, keyring_teardown)
	const struct CMUnitTest tests[] = {
		TEST(signature__verifies__when_made_here),
		TEST(signature__is_refused__when_a_byte_differs),
		TEST(signature__is_refused__when_altered_itself),
		TEST(signature__is_refused__when_by_another_key),
		TEST(digest__is_refused__when_weaker_than_sha256),
		TEST(form__is_refused__when_not_one_detached_over_a_binary),
		TEST(signature__is_refused__when_it_or_the_key_has_expired),
		TEST(signature__is_refused__when_the_key_is_disabled_or_revoked),
		TEST(subkey__signs_for_its_primary_key__until_revoked),
		TEST(key__is_refused__when_short),
		TEST(signing__names_the_cause__when_the_key_cannot),
		TEST(signing__appends_nothing__when_there_is_no_room),
		TEST(keyserver__is_not_asked__whatever_gpg_conf_says),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
