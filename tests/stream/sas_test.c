/* SPDX-License-Identifier: MIT */
/* A short string compared on an insecure stream, and everything that isn't in order. */
#include "scene.h"

#include "base/encode.h"
#include "base/limits.h"
#include "c2c/binding.h"
#include "c2c/sas.h"

#include <stdio.h>

#define MARK "<transcript xmlns='urn:xmpp:troth:0'/>"
#define SAS "<sas xmlns='urn:xmpp:troth:0'/>"
#define STEP(name, value) "<sas xmlns='urn:xmpp:troth:0' step='" name "'>" value "</sas>"
#define LONG "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" /* 36 bytes */
#define ZEROS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void say_step(char *out, size_t size, const char *step, struct troth_slice value)
{
	const char *text;
	struct troth_buf base64;
	troth_buf_init(&base64, 100);
	assert_ok(troth_base64_encode(&base64, value));
	assert_ok(troth_buf_cstr(&base64, &text));
	(void)snprintf(out, size, "<sas xmlns='urn:xmpp:troth:0' step='%s'>%s</sas>", step, text);
	troth_buf_fini(&base64);
}

/* ---- two of ours ---- */

struct two {
	struct party romeo, juliet;
};

static void meet(struct two *t)
{
	party_init(&t->romeo, 0, "romeo@forza");
	party_init(&t->juliet, 1, "juliet@pronto");
	struct party *both[] = {&t->romeo, &t->juliet};
	for (int i = 0; i < 2; i++) {
		both[i]->known.least = TROTH_LEVEL_UNVERIFIED;
		both[i]->verdict.level = TROTH_LEVEL_UNVERIFIED;
		both[i]->shows_sas = true;
		both[i]->silent = false;
	}
	party_start(&t->juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(&t->romeo, TROTH_INITIATOR, &t->juliet, 0);
	party_run(&t->romeo, &t->juliet, SIZE_MAX, 0);
	assert_true(t->romeo.up && t->juliet.up);
}

static void part(struct two *t)
{
	party_fini(&t->romeo);
	party_fini(&t->juliet);
}

static void assert_confirmed(struct two *t)
{
	assert_string_equal(t->romeo.sas.digits, t->juliet.sas.digits);
	assert_memory_equal(t->romeo.sas.emoji, t->juliet.sas.emoji, TROTH_SAS_EMOJI);
	assert_int_equal(t->romeo.sas_confirmed, 1);
	assert_int_equal(t->juliet.sas_confirmed, 1);
	assert_true(troth_pin_equal(&t->romeo.shown,
				    troth_cert_pin(troth_device_cert(t->juliet.device))));
	assert_true(troth_pin_equal(&t->juliet.shown,
				    troth_cert_pin(troth_device_cert(t->romeo.device))));
	assert_true(t->romeo.up && t->juliet.up);
	assert_int_equal(t->romeo.level,
			 TROTH_LEVEL_UNVERIFIED); /* this stream stays what it was */
}

static void string__is_the_same__whoever_begins(void **state)
{
	(void)state;
	char first[15] = "";
	for (int who = 0; who < 3; who++) {
		struct two t;
		meet(&t);
		if (who != 1)
			assert_ok(troth_stream_sas(t.romeo.stream));
		if (who != 0)
			assert_ok(troth_stream_sas(t.juliet.stream)); /* 2: both at once */
		party_run(&t.romeo, &t.juliet, 7, 0);
		assert_confirmed(&t);
		assert_string_not_equal(t.romeo.sas.digits, first);
		memcpy(first, t.romeo.sas.digits, sizeof first);
		/* "One run per stream." */
		assert_err(troth_stream_sas(t.romeo.stream), TROTH_E_INVAL);
		assert_err(troth_stream_sas_answer(t.juliet.stream, TROTH_SAS_SAME), TROTH_E_INVAL);
		part(&t);
	}
}

static void nothing__is_confirmed__before_both_have_answered(void **state)
{
	(void)state;
	struct two t;
	meet(&t);
	t.juliet.silent = true;
	assert_ok(troth_stream_sas(t.romeo.stream));
	party_run(&t.romeo, &t.juliet, SIZE_MAX, 0);
	assert_int_equal(t.romeo.sas_confirmed + t.juliet.sas_confirmed, 0);
	assert_ok(troth_stream_sas_answer(t.juliet.stream, TROTH_SAS_SAME));
	party_run(&t.romeo, &t.juliet, SIZE_MAX, 0);
	assert_confirmed(&t);
	part(&t);
}

static void answer__other_than_the_same__ends_both_alike(void **state)
{
	(void)state;
	for (int who = 0; who < 2; who++) {
		for (int i = 0; i < 2; i++) {
			struct two t;
			meet(&t);
			struct party *says = who == 0 ? &t.romeo : &t.juliet;
			struct party *hears = who == 0 ? &t.juliet : &t.romeo;
			says->sas_answer = i == 0 ? TROTH_SAS_DIFFERENT : TROTH_SAS_CANCEL;
			assert_ok(troth_stream_sas(t.romeo.stream));
			party_run(&t.romeo, &t.juliet, SIZE_MAX, 0);
			assert_err(says->err, i == 0 ? TROTH_E_MISMATCH : TROTH_E_REFUSED);
			assert_err(hears->err, i == 0 ? TROTH_E_MISMATCH : TROTH_E_PEER_REFUSED);
			assert_true(hears->by_peer);
			assert_int_equal(t.romeo.sas_confirmed + t.juliet.sas_confirmed, 0);
			part(&t);
		}
	}
}

static void string__is_refused__where_it_would_mean_nothing(void **state)
{
	(void)state;
	struct two t;
	meet(&t);
	assert_err(troth_stream_sas_answer(t.romeo.stream, TROTH_SAS_SAME), TROTH_E_INVAL);
	part(&t);
	/* Who is known already, also by a key that is only claimed; and whose program can't show
	 * it. */
	for (int i = 0; i < 3; i++) {
		party_init(&t.romeo, 0, "romeo@forza");
		party_init(&t.juliet, 1, "juliet@pronto");
		t.romeo.shows_sas = true;
		t.juliet.shows_sas = i != 1;
		t.romeo.known.least = t.juliet.known.least = TROTH_LEVEL_UNVERIFIED;
		if (i != 1) {
			party_knows(&t.romeo, &t.juliet, i == 0);
			party_knows(&t.juliet, &t.romeo, i == 0);
		}
		party_start(&t.juliet, TROTH_RECIPIENT, NULL, 0);
		party_start(&t.romeo, TROTH_INITIATOR, &t.juliet, 0);
		party_run(&t.romeo, &t.juliet, SIZE_MAX, 0);
		assert_true(t.romeo.up);
		assert_int_equal(t.romeo.method, i == 1 ? TROTH_METHOD_INSECURE : TROTH_METHOD_KEY);
		assert_err(troth_stream_sas(t.romeo.stream), TROTH_E_INVAL);
		part(&t);
	}
}

/* ---- one of ours, and somebody who means harm ---- */

static void shows(struct scene *s)
{
	s->us.known.least = s->us.verdict.level = TROTH_LEVEL_UNVERIFIED;
	s->us.shows_sas = true;
}

static bool old_tls; /* 1.2 without extended master secret */

static void come_in_insecure(struct scene *s, enum troth_role us)
{
	char features[300];
	char transcript[64];
	open_scene(s, us, shows);
	s->raw.old_tls = old_tls;
	if (us == TROTH_RECIPIENT) {
		raw_say(&s->raw, ROMEO);
		raw_say(&s->raw, STARTTLS ">" OFFER "<insecure/>" SAS MARK "</offer></starttls>");
		assert_ok(raw_start_tls(&s->raw, TROTH_TLS_CLIENT, NULL, NULL));
		raw_say(&s->raw, ROMEO);
		raw_say_transcript(&s->raw, true, true);
	} else {
		raw_say(&s->raw,
			JULIET "<stream:features>" STARTTLS ">" OFFER "<insecure/>" SAS MARK
			       "</offer></starttls></stream:features>");
		raw_say_last(&s->raw, PROCEED ">" OFFER "<insecure/></offer></proceed>");
		assert_ok(raw_start_tls(&s->raw, TROTH_TLS_SERVER, NULL, NULL));
		raw_transcript(&s->raw, false, transcript);
		(void)snprintf(features, sizeof features,
			       "<stream:features><transcript xmlns='urn:xmpp:troth:0' "
			       "algo='sha-256'>%s</transcript></stream:features>",
			       transcript);
		raw_say(&s->raw, JULIET);
		raw_say(&s->raw, features);
	}
	assert_true(s->us.up);
}

/* "The initiator always commits", and keeps to it. */
static void nonce__that_was_not_committed_to__ends_the_stream(void **state)
{
	(void)state;
	struct scene s;
	come_in_insecure(&s, TROTH_RECIPIENT);
	raw_say(&s.raw, STEP("commit", ZEROS));
	raw_expect(&s.raw, "step='nonce'");
	raw_say(&s.raw, STEP("reveal", ZEROS));
	assert_err(s.us.err, TROTH_E_MISMATCH);
	raw_expect(&s.raw, "<mismatch xmlns='urn:xmpp:troth:0'/>");
	assert_null(strstr(s.us.seen, "sas"));
	close_scene(&s);
}

/* Nearly isn't enough. */
static void nonce__that_nearly_was_committed_to__ends_the_stream(void **state)
{
	(void)state;
	const uint8_t zeros[TROTH_SAS_NONCE_LEN] = {0};
	for (size_t at = 0; at < TROTH_SHA256_LEN; at += TROTH_SHA256_LEN - 1) {
		struct scene s;
		uint8_t hash[TROTH_SHA256_LEN];
		char text[200];
		come_in_insecure(&s, TROTH_RECIPIENT);
		assert_ok(troth_sas_commit(hash, zeros));
		hash[at] ^= 1;
		say_step(text, sizeof text, "commit", troth_slice_of(hash, sizeof hash));
		raw_say(&s.raw, text);
		raw_say(&s.raw, STEP("reveal", ZEROS));
		assert_err(s.us.err, TROTH_E_MISMATCH);
		close_scene(&s);
	}
}

/* What the other side computes with what it has: addresses, certificates, transcript, exporter. */
static void expected_string(struct scene *s, const uint8_t *ni, const uint8_t *nr,
			    struct troth_sas *out)
{
	char transcript[64];
	uint8_t exporter[32], value[TROTH_SAS_VALUE_LEN];
	struct troth_buf ci, bytes;
	struct troth_binding b = {.initiator = "romeo@forza", .recipient = "juliet@pronto"};
	troth_buf_init(&ci, TROTH_BINDING_MAX);
	troth_buf_init(&bytes, 64);
	assert_ok(
		troth_sha256(b.initiator_cert, troth_cert_der(troth_device_cert(s->them.device))));
	assert_ok(troth_sha256(b.recipient_cert, troth_cert_der(troth_device_cert(s->us.device))));
	raw_transcript(&s->raw, true, transcript);
	assert_ok(troth_base64_decode(&bytes, transcript));
	memcpy(b.transcript, troth_buf_slice(&bytes).data, sizeof b.transcript);
	assert_ok(troth_tls_exporter(s->raw.tls, false, exporter));
	assert_ok(troth_binding_append(&ci, &b));
	const struct troth_sas_input input = {ni, nr, troth_buf_slice(&ci),
					      troth_slice_of(exporter, sizeof exporter)};
	assert_ok(troth_sas_value(value, &input));
	troth_sas_show(out, value);
	troth_buf_fini(&ci);
	troth_buf_fini(&bytes);
}

/* "V = SHA-512(lv_cat("troth-sas-0", Ni, Nr, CI, sid))" */
static void string__is_of__this_stream_and_no_other(void **state)
{
	(void)state;
	const uint8_t zeros[TROTH_SAS_NONCE_LEN] = {0};
	uint8_t hash[TROTH_SHA256_LEN];
	char text[200];
	const char *heard;
	struct troth_buf nr;
	struct troth_sas expected;
	struct scene s;
	come_in_insecure(&s, TROTH_RECIPIENT);
	assert_ok(troth_sas_commit(hash, zeros));
	say_step(text, sizeof text, "commit", troth_slice_of(hash, sizeof hash));
	raw_forget(&s.raw);
	raw_say(&s.raw, text);
	raw_pump(&s.raw);
	assert_ok(troth_buf_cstr(&s.raw.heard, &heard));
	assert_non_null(strchr(heard, '>'));
	(void)snprintf(text, sizeof text, "%.44s", strchr(heard, '>') + 1);
	troth_buf_init(&nr, 64);
	assert_ok(troth_base64_decode(&nr, text));
	assert_int_equal(troth_buf_len(&nr), TROTH_SAS_NONCE_LEN);
	raw_say(&s.raw, STEP("reveal", ZEROS));
	expected_string(&s, zeros, troth_buf_slice(&nr).data, &expected);
	assert_string_equal(s.us.sas.digits, expected.digits);
	assert_memory_equal(s.us.sas.emoji, expected.emoji, sizeof expected.emoji);
	troth_buf_fini(&nr);
	close_scene(&s);
}

/* There is nothing that tells this stream from another one. */
static void string__is_refused__without_an_exporter(void **state)
{
	(void)state;
	struct scene s;
	old_tls = true;
	come_in_insecure(&s, TROTH_RECIPIENT);
	old_tls = false;
	assert_err(troth_stream_sas(s.us.stream), TROTH_E_INVAL);
	raw_forget(&s.raw);
	raw_say(&s.raw, STEP("commit", ZEROS));
	assert_false(raw_heard(&s.raw, "nonce"));
	assert_true(s.us.up);
	close_scene(&s);
}

static void string__isnt_confirmed__before_it_is_shown(void **state)
{
	(void)state;
	struct scene s;
	come_in_insecure(&s, TROTH_INITIATOR);
	assert_ok(troth_stream_sas(s.us.stream));
	assert_err(troth_stream_sas_answer(s.us.stream, TROTH_SAS_SAME), TROTH_E_INVAL);
	raw_pump(&s.raw);
	assert_false(raw_heard(&s.raw, "step='same'"));
	close_scene(&s);
}

/* "Where both began at once, one begin after commit is ignored." */
static void begin__is_ignored__once(void **state)
{
	(void)state;
	struct scene s;
	come_in_insecure(&s, TROTH_INITIATOR);
	assert_ok(troth_stream_sas(s.us.stream));
	raw_say(&s.raw, STEP("begin", ""));
	assert_true(s.us.up);
	raw_say(&s.raw, STEP("begin", ""));
	assert_err(s.us.err, TROTH_E_PROTOCOL);
	close_scene(&s);
}

static void same__said_twice__ends_the_stream(void **state)
{
	(void)state;
	struct scene s;
	come_in_insecure(&s, TROTH_INITIATOR);
	s.us.silent = true; /* our user is still comparing */
	assert_ok(troth_stream_sas(s.us.stream));
	raw_pump(&s.raw);
	raw_say(&s.raw, STEP("nonce", ZEROS));
	raw_say(&s.raw, STEP("same", ""));
	assert_true(s.us.up);
	assert_int_equal(s.us.sas_confirmed, 0);
	raw_say(&s.raw, STEP("same", ""));
	assert_err(s.us.err, TROTH_E_PROTOCOL);
	close_scene(&s);
}

/* An initiator says its nonce after the other one alone, a recipient after the commitment alone. */
static void step__out_of_order__ends_the_stream(void **state)
{
	(void)state;
	static const char *const wrong[2][8] = {
		{STEP("begin", ""), STEP("nonce", ZEROS), STEP("reveal", ZEROS), STEP("same", ""),
		 STEP("commit", "AAAA"), STEP("commit", "!"), STEP("other", ""),
		 STEP("commit", LONG)},
		{STEP("commit", ZEROS), STEP("nonce", ZEROS), STEP("reveal", ZEROS),
		 STEP("same", ""), "<sas xmlns='urn:xmpp:troth:0'/>",
		 "<sas xmlns='urn:xmpp:troth:0' step=''/>", STEP("nonce", "AAAA"),
		 STEP("nonce", LONG)},
	};
	for (size_t role = 0; role < 2; role++) {
		for (size_t i = 0; i < 8; i++) {
			struct scene s;
			come_in_insecure(&s, role == 0 ? TROTH_RECIPIENT : TROTH_INITIATOR);
			if (role == 1 && i >= 6) /* due, and of another length */
				raw_say(&s.raw, STEP("begin", ""));
			raw_say(&s.raw, wrong[role][i]);
			assert_err(s.us.err, TROTH_E_PROTOCOL);
			assert_false(raw_heard(&s.raw, "step='reveal'"));
			close_scene(&s);
		}
	}
	struct scene s;
	come_in_insecure(&s, TROTH_INITIATOR);
	raw_say(&s.raw, STEP("begin", ""));
	raw_expect(&s.raw, "step='commit'");
	raw_say(&s.raw, STEP("nonce", ZEROS));
	raw_expect(&s.raw, "step='reveal'");
	assert_int_equal(strlen(s.us.sas.digits), 14);
	raw_say(&s.raw, STEP("nonce", ZEROS)); /* another one, now that ours is known */
	assert_err(s.us.err, TROTH_E_PROTOCOL);
	close_scene(&s);
}

/* Somebody in the middle passes on every message: each stream has its own exporter and
 * certificates, so the strings differ. */
static void string__differs__with_somebody_in_the_middle(void **state)
{
	(void)state;
	struct scene romeo, juliet;
	char text[200];
	come_in_insecure(&romeo, TROTH_INITIATOR);
	come_in_insecure(&juliet, TROTH_RECIPIENT);
	raw_forget(&romeo.raw);
	raw_forget(&juliet.raw);
	assert_ok(troth_stream_sas(romeo.us.stream));
	for (int i = 0; i < 4; i++) {
		struct scene *from = i % 2 == 0 ? &romeo : &juliet;
		struct scene *to = i % 2 == 0 ? &juliet : &romeo;
		const char *heard;
		raw_pump(&from->raw);
		assert_ok(troth_buf_cstr(&from->raw.heard, &heard));
		(void)snprintf(text, sizeof text, "%s", heard);
		raw_forget(&from->raw);
		raw_say(&to->raw, text);
	}
	assert_int_equal(strlen(romeo.us.sas.digits), 14);
	assert_int_equal(strlen(juliet.us.sas.digits), 14);
	assert_string_not_equal(romeo.us.sas.digits, juliet.us.sas.digits);
	close_scene(&romeo);
	close_scene(&juliet);
}

static void stanzas__go_on__meanwhile(void **state)
{
	(void)state;
	struct scene s;
	come_in_insecure(&s, TROTH_RECIPIENT);
	raw_say(&s.raw, STEP("commit", ZEROS));
	raw_say(&s.raw, "<message><body>what does it say?</body></message>");
	assert_int_equal(s.us.stanzas, 1);
	assert_true(s.us.up);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(string__is_the_same__whoever_begins),
		cmocka_unit_test(nothing__is_confirmed__before_both_have_answered),
		cmocka_unit_test(answer__other_than_the_same__ends_both_alike),
		cmocka_unit_test(string__is_refused__where_it_would_mean_nothing),
		cmocka_unit_test(nonce__that_was_not_committed_to__ends_the_stream),
		cmocka_unit_test(nonce__that_nearly_was_committed_to__ends_the_stream),
		cmocka_unit_test(string__is_of__this_stream_and_no_other),
		cmocka_unit_test(string__is_refused__without_an_exporter),
		cmocka_unit_test(string__isnt_confirmed__before_it_is_shown),
		cmocka_unit_test(begin__is_ignored__once),
		cmocka_unit_test(same__said_twice__ends_the_stream),
		cmocka_unit_test(step__out_of_order__ends_the_stream),
		cmocka_unit_test(string__differs__with_somebody_in_the_middle),
		cmocka_unit_test(stanzas__go_on__meanwhile),
	};
	return cmocka_run_group_tests(tests, make_secret, free_secret);
}
