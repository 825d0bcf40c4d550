/* SPDX-License-Identifier: MIT */
/* What is shown of keys and what is changed in the user's keyring; the agent; threads. */
#include "keyring.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#define JULIET "juliet@capulet.lit"
#define WHOLE ((struct troth_slice){(const uint8_t *)"x", 1})

/* ---- Opening ---- */

static void open__fails__without_gpg(void **state)
{
	struct troth_openpgp *openpgp;
	const struct troth_openpgp_params params = {.gpg = "/nonexistent/gpg"};
	(void)state;
	assert_ok(troth_openpgp_new(&openpgp));
	assert_reason(openpgp, troth_openpgp_open(openpgp, &params), "no-gpg");
	assert_err(troth_openpgp_open(openpgp, &params), TROTH_E_UNSUPPORTED);
	assert_non_null(strstr(troth_openpgp_cause(openpgp), "GnuPG"));
	assert_non_null(strstr(troth_openpgp_next_step(openpgp), "apt install gnupg"));
	/* Not open: every call says so. */
	assert_err(troth_openpgp_own_list(openpgp, NULL, NULL), TROTH_E_INVAL);
	troth_openpgp_free(openpgp);
	troth_openpgp_free(NULL);
}

static void fingerprint__is_read__as_people_type_it(void **state)
{
	char out[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	(void)state;
	assert_ok(troth_openpgp_fingerprint_read(
		"0x0123 4567 89AB CDEF 0123  4567 89ab cdef 0123 4567", out));
	assert_string_equal(out, "0123456789abcdef0123456789abcdef01234567");
	static const char *const wrong[] = {"",
					    "0x",
					    "0123456789abcdef0123456789abcdef0123456",
					    "0123456789abcdef0123456789abcdef012345678",
					    "g123456789abcdef0123456789abcdef01234567",
					    "0123456789abcdef0123456789abcdef0123456\n"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_err(troth_openpgp_fingerprint_read(wrong[i], out), TROTH_E_FORMAT);
	assert_false(troth_openpgp_fingerprint_ok("0123456789ABCDEF0123456789abcdef01234567"));
}

/* ---- Keys shown ---- */

struct shown {
	size_t count;
	struct troth_openpgp_key last;
	char texts[4][256];
};

static int show(void *user, const struct troth_openpgp_key *key)
{
	struct shown *shown = user;
	shown->count++;
	shown->last = *key;
	for (size_t i = 0; i < key->user_id_count && i < 4; i++)
		snprintf(shown->texts[i], sizeof shown->texts[i], "%s", key->user_ids[i].text);
	return 0;
}

static int stop(void *user, const struct troth_openpgp_key *key)
{
	(void)key;
	++*(int *)user;
	return TROTH_E_REFUSED;
}

static void own_list__shows_own_keys__and_no_others(void **state)
{
	struct keyring *ring = *state;
	struct shown shown = {.count = 0};
	deliver(ring, make_key(ring->theirs, "Juliet", "ed25519 default never"));
	assert_ok(troth_openpgp_own_list(ring->openpgp, show, &shown));
	assert_int_equal(shown.count, 1);
	assert_string_equal(shown.last.fingerprint, ring->me.fpr);
	assert_true(shown.last.secret && shown.last.signs && !shown.last.card);
	assert_string_equal(troth_openpgp_level_name(shown.last.level), "ultimate");
	assert_string_equal(shown.texts[0], "Romeo <xmpp:romeo@montague.lit>");
	make_key(ring->mine, "Cert", "ed25519 cert never");
	assert_ok(troth_openpgp_own_list(ring->openpgp, show, &shown));
	assert_int_equal(shown.count, 3);
	int calls = 0;
	assert_err(troth_openpgp_own_list(ring->openpgp, stop, &calls), TROTH_E_REFUSED);
	assert_int_equal(calls, 1);
}

static void user_id__is_cleaned__before_it_is_shown(void **state)
{
	struct keyring *ring = *state;
	struct shown shown = {.count = 0};
	struct person who = make_key(ring->theirs,
				     "Eve \xe2\x80\xae"
				     "tiliopac \xc2\x9b"
				     "31m",
				     "ed25519 default never");
	deliver(ring, who);
	assert_ok(troth_openpgp_key_get(ring->openpgp, who.fpr, show, &shown));
	assert_string_equal(shown.texts[0], "Eve tiliopac \xef\xbf\xbd"
					    "31m");
	assert_false(shown.last.secret);
	assert_string_equal(troth_openpgp_level_name(shown.last.level), "unknown");
	assert_reason(ring->openpgp,
		      troth_openpgp_key_get(ring->openpgp,
					    "0123456789abcdef0123456789abcdef01234567", show,
					    &shown),
		      "no-key");
}

static void user_ids__are_counted__beyond_those_shown(void **state)
{
	struct keyring *ring = *state;
	struct shown shown = {.count = 0};
	char id[32];
	for (int i = 0; i < TROTH_OPENPGP_USER_IDS_MAX + 2; i++) {
		snprintf(id, sizeof id, "Romeo %d", i);
		gpg(ring->mine, "--quick-add-uid %s '%s'", ring->me.fpr, id);
	}
	assert_ok(troth_openpgp_key_get(ring->openpgp, ring->me.fpr, show, &shown));
	assert_int_equal(shown.last.user_id_count, TROTH_OPENPGP_USER_IDS_MAX);
	assert_int_equal(shown.last.user_ids_more, 3);
}

/* ---- Changes ---- */

static size_t export(const struct keyring *ring, const char *what, uint8_t *out, size_t size)
{
	gpg(ring->theirs, "--pinentry-mode loopback --passphrase '' -o %s/exported %s", ring->dir,
	    what);
	return read_bytes(ring, "exported", out, size);
}

static void import__takes_exactly_the_key_named(void **state)
{
	struct keyring *ring = *state;
	static uint8_t bytes[16384];
	char what[128];
	struct shown shown;
	struct person juliet = make_key(ring->theirs, "xmpp:" JULIET, "ed25519 default never");
	struct person nurse = make_key(ring->theirs, "Nurse", "ed25519 default never");
	snprintf(what, sizeof what, "--export %s %s", juliet.fpr, nurse.fpr);
	size_t len = export(ring, what, bytes, sizeof bytes);
	struct troth_slice both = {bytes, len};
	assert_reason(ring->openpgp, troth_openpgp_import(ring->openpgp, juliet.fpr, both),
		      "not-one-key");
	snprintf(what, sizeof what, "--export-secret-keys %s", juliet.fpr);
	struct troth_slice secret = {bytes, export(ring, what, bytes, sizeof bytes)};
	assert_reason(ring->openpgp, troth_openpgp_import(ring->openpgp, juliet.fpr, secret),
		      "not-one-key");
	snprintf(what, sizeof what, "--export %s", juliet.fpr);
	struct troth_slice one = {bytes, export(ring, what, bytes, sizeof bytes)};
	assert_reason(ring->openpgp, troth_openpgp_import(ring->openpgp, nurse.fpr, one),
		      "not-one-key");
	assert_reason(ring->openpgp, troth_openpgp_import(ring->openpgp, juliet.fpr, WHOLE),
		      "not-one-key");
	/* Nothing of all that left a trace. */
	assert_reason(ring->openpgp, troth_openpgp_key_get(ring->openpgp, juliet.fpr, show, &shown),
		      "no-key");
	assert_reason(ring->openpgp, troth_openpgp_key_get(ring->openpgp, nurse.fpr, show, &shown),
		      "no-key");
	assert_ok(troth_openpgp_import(ring->openpgp, juliet.fpr, one));
	assert_validity(ring, juliet, JULIET, "unknown", "unknown");
	assert_ok(troth_openpgp_import(ring->openpgp, juliet.fpr, one));
	one.len = TROTH_OPENPGP_KEY_BYTES_MAX + 1;
	assert_err(troth_openpgp_import(ring->openpgp, juliet.fpr, one), TROTH_E_LIMIT);
}

/* What can be read in a second keyring is what was meant, without what friends say of it where that
 * is too much; and never a secret part. */
static void export__gives_the_public_part__as_much_as_there_is_room_for(void **state)
{
	struct keyring *ring = *state;
	struct troth_buf whole, less, none;
	struct troth_openpgp *theirs = open_home(ring->theirs);
	struct person nurse =
		make_key(ring->theirs, "xmpp:nurse@capulet.lit", "ed25519 default never");
	struct person friar = make_key(ring->theirs, "Friar", "ed25519 default never");
	troth_buf_init(&whole, TROTH_OPENPGP_KEY_BYTES_MAX);
	assert_ok(troth_openpgp_export(theirs, nurse.fpr, &whole));
	size_t alone = troth_buf_len(&whole);
	troth_buf_clear(&whole);
	gpg(ring->theirs,
	    "--pinentry-mode loopback --passphrase '' --local-user %s --quick-sign-key %s",
	    friar.fpr, nurse.fpr);
	assert_ok(troth_openpgp_export(theirs, nurse.fpr, &whole));
	assert_true(troth_buf_len(&whole) > alone);
	troth_buf_init(&less, troth_buf_len(&whole) - 1);
	assert_ok(troth_openpgp_export(theirs, nurse.fpr, &less));
	assert_int_equal(troth_buf_len(&less), alone);
	troth_buf_init(&none, alone - 1);
	assert_err(troth_openpgp_export(theirs, nurse.fpr, &none), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&none), 0);
	assert_reason(ring->openpgp, troth_openpgp_export(ring->openpgp, nurse.fpr, &none),
		      "no-key");
	assert_ok(troth_openpgp_import(ring->openpgp, nurse.fpr, troth_buf_slice(&less)));
	assert_ok(troth_openpgp_import(ring->openpgp, nurse.fpr, troth_buf_slice(&whole)));
	troth_buf_fini(&whole);
	troth_buf_fini(&less);
	troth_buf_fini(&none);
	troth_openpgp_free(theirs);
}

static int certify(const struct keyring *ring, struct person peer, const char *jid,
		   enum troth_openpgp_level level)
{
	struct troth_openpgp_certification c = {
		.own = ring->me.fpr, .peer = peer.fpr, .level = level};
	struct troth_address *address;
	struct troth_openpgp_validity got;
	assert_ok(troth_address_new(&address, TROTH_REALM_SERVER, jid));
	c.jid = address;
	int err = troth_openpgp_certify(ring->openpgp, &c, &got);
	troth_address_free(address);
	if (!err)
		assert_string_equal(troth_openpgp_level_name(got.user_id), "full");
	return err;
}

static void certify__signs_the_user_id_of_the_jid__and_no_other(void **state)
{
	struct keyring *ring = *state;
	uint8_t bytes[16384];
	struct person juliet = make_key(ring->theirs, "xmpp:" JULIET, "ed25519 default never");
	gpg(ring->theirs, "--quick-add-uid %s 'xmpp:nurse@capulet.lit'", juliet.fpr);
	deliver(ring, juliet);
	assert_reason(ring->openpgp, certify(ring, juliet, JULIET, TROTH_OPENPGP_MARGINAL),
		      "no-level");
	assert_err(certify(ring, juliet, JULIET, TROTH_OPENPGP_UNKNOWN), TROTH_E_INVAL);
	assert_err(certify(ring, juliet, JULIET, TROTH_OPENPGP_ULTIMATE), TROTH_E_INVAL);
	assert_reason(ring->openpgp, certify(ring, juliet, "uliet@capulet.lit", TROTH_OPENPGP_FULL),
		      "no-user-id");
	assert_validity(ring, juliet, JULIET, "unknown", "unknown");
	assert_ok(certify(ring, juliet, JULIET, TROTH_OPENPGP_FULL));
	assert_validity(ring, juliet, "nurse@capulet.lit", "unknown", "full");
	/* Local: what is exported is what was imported. */
	gpg(ring->mine, "-o %s/mine --export %s", ring->dir, juliet.fpr);
	gpg(ring->theirs, "-o %s/theirs --export %s", ring->dir, juliet.fpr);
	size_t len = read_bytes(ring, "mine", bytes, sizeof bytes / 2);
	uint8_t *half = bytes + sizeof bytes / 2;
	assert_int_equal(read_bytes(ring, "theirs", half, sizeof bytes / 2), len);
}

/* ---- The agent ---- */

/* Effect: an agent whose pinentry is this script, and a key that takes a passphrase. */
static struct person guarded(const struct keyring *ring, const char *script)
{
	char conf[128], path[96];
	snprintf(path, sizeof path, "%s/pinentry", ring->dir);
	write_bytes(ring, "pinentry", script, strlen(script));
	assert_int_equal(chmod(path, 0700), 0);
	int len = snprintf(conf, sizeof conf, "pinentry-program %s\ns2k-count 65536\n", path);
	write_bytes(ring, "m/gpg-agent.conf", conf, (size_t)len);
	keyring_kill_agent(ring->mine);
	gpg(ring->mine, "--pinentry-mode loopback --passphrase secret "
			"--quick-generate-key Guarded ed25519 default never");
	struct shown shown = {.count = 0};
	struct person who;
	assert_ok(troth_openpgp_own_list(ring->openpgp, show, &shown));
	assert_int_equal(shown.count, 2);
	memcpy(who.fpr, shown.last.fingerprint, sizeof who.fpr);
	assert_string_not_equal(who.fpr, ring->me.fpr);
	/* It has the passphrase in its cache. */
	keyring_kill_agent(ring->mine);
	return who;
}

static int try_sign(const struct keyring *ring, struct person who)
{
	struct troth_buf out;
	troth_buf_init(&out, TROTH_OPENPGP_SIGNATURE_MAX);
	int err = troth_openpgp_sign(ring->openpgp, who.fpr, WHOLE, &out);
	troth_buf_fini(&out);
	return err;
}

#define PINENTRY(answer)                                                                           \
	"#!/bin/sh\necho OK\nwhile read -r c rest; do case $c in\nGETPIN) " answer " ;;\n"         \
	"BYE) echo OK; exit ;;\n*) echo OK ;;\nesac; done\n"

static void signing__is_refused__when_the_user_says_no(void **state)
{
	struct keyring *ring = *state;
	struct person who =
		guarded(ring, PINENTRY("echo 'ERR 83886179 Operation cancelled <Pinentry>'"));
	assert_reason(ring->openpgp, try_sign(ring, who), "cancelled");
	assert_err(try_sign(ring, who), TROTH_E_REFUSED);
	assert_ok(try_sign(ring, ring->me));
}

static void signing__is_refused__when_the_passphrase_is_wrong(void **state)
{
	struct keyring *ring = *state;
	struct person who = guarded(ring, PINENTRY("echo 'D wrong'; echo OK"));
	assert_reason(ring->openpgp, try_sign(ring, who), "passphrase");
}

static void signing__works__when_the_passphrase_is_right(void **state)
{
	struct keyring *ring = *state;
	struct person who = guarded(ring, PINENTRY("echo 'D secret'; echo OK"));
	assert_ok(try_sign(ring, who));
}

static void signing__names_the_cause__without_a_pinentry(void **state)
{
	struct keyring *ring = *state;
	struct person who = guarded(ring, "#!/bin/sh\nexit 1\n");
	assert_reason(ring->openpgp, try_sign(ring, who), "no-pinentry");
}

/* ---- Threads ---- */

/* One job, as the documentation says: everything in it is its own. */
static void *job(void *user)
{
	const struct keyring *ring = user;
	struct troth_buf out;
	struct troth_openpgp *openpgp = NULL;
	const struct troth_openpgp_params params = {.home = ring->mine};
	troth_buf_init(&out, TROTH_OPENPGP_SIGNATURE_MAX);
	int err = troth_openpgp_new(&openpgp);
	if (!err)
		err = troth_openpgp_open(openpgp, &params);
	if (!err)
		err = troth_openpgp_sign(openpgp, ring->me.fpr, WHOLE, &out);
	const struct troth_openpgp_signed s = {
		.fingerprint = ring->me.fpr, .message = WHOLE, .signature = troth_buf_slice(&out)};
	if (!err)
		err = troth_openpgp_verify(openpgp, &s, NULL);
	troth_openpgp_free(openpgp);
	troth_buf_fini(&out);
	return err ? user : NULL;
}

static void jobs__do_not_disturb_each_other__on_threads(void **state)
{
	pthread_t threads[8];
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, job, *state), 0);
	for (size_t i = 0; i < 8; i++) {
		void *failed;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, keyring_setup, keyring_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open__fails__without_gpg),
		cmocka_unit_test(fingerprint__is_read__as_people_type_it),
		TEST(own_list__shows_own_keys__and_no_others),
		TEST(user_id__is_cleaned__before_it_is_shown),
		TEST(user_ids__are_counted__beyond_those_shown),
		TEST(import__takes_exactly_the_key_named),
		TEST(export__gives_the_public_part__as_much_as_there_is_room_for),
		TEST(certify__signs_the_user_id_of_the_jid__and_no_other),
		TEST(signing__is_refused__when_the_user_says_no),
		TEST(signing__is_refused__when_the_passphrase_is_wrong),
		TEST(signing__works__when_the_passphrase_is_right),
		TEST(signing__names_the_cause__without_a_pinentry),
		TEST(jobs__do_not_disturb_each_other__on_threads),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
