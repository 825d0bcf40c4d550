/* SPDX-License-Identifier: MIT */
/* Revocations: what is signed, every change of it, and by whom. */
#include "keys/revocation.h"

#include "base/digest.h"
#include "base/limits.h"
#include "keys/signer.h"
#include "statement.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <string.h>

static struct troth_revocation *make(const struct troth_device *by, enum troth_revoke_reason reason)
{
	struct troth_revocation *r = NULL;
	struct troth_signer signer = troth_signer_of_device(by);
	assert_ok(
		troth_revocation_make(&r, &signer, troth_cert_pin(cert(device)), reason, MAKE_NOW));
	return r;
}

/* The caller frees. */
static char *write_it(const struct troth_revocation *x)
{
	struct sheet sheet;
	troth_revocation_write(sheet_open(&sheet), x);
	return sheet_close(&sheet);
}

static int read_it(struct troth_revocation **out, const char *xml)
{
	struct troth_stanza *stanza = parsed(xml);
	int err = troth_revocation_read(out, troth_stanza_root(stanza));
	troth_stanza_free(stanza);
	return err;
}

static void revocation__comes_back__as_it_was_made(void **state)
{
	(void)state;
	const struct troth_device *by[] = {device, user};
	for (size_t i = 0; i < 6; i++) {
		enum troth_revoke_reason reason = (enum troth_revoke_reason)(i / 2);
		const struct troth_device *signer = by[i % 2];
		struct troth_revocation *made = make(signer, reason);
		struct troth_revocation *copy = NULL;
		struct troth_revocation *read = NULL;
		assert_ok(troth_revocation_copy(&copy, made));
		char *xml = write_it(copy);
		assert_ok(read_it(&read, xml));
		assert_int_equal(read->reason, reason);
		assert_int_equal(read->own, signer == device);
		assert_int_equal(read->time_at, MAKE_NOW);
		assert_true(troth_pin_equal(&read->key, troth_cert_pin(cert(device))));
		assert_ok(troth_revocation_verify(read, cert(signer)));
		assert_err(troth_revocation_verify(read, cert(by[1 - i % 2])), TROTH_E_CERT);
		troth_revocation_free(made);
		troth_revocation_free(copy);
		troth_revocation_free(read);
		free(xml);
	}
}

static void signature__is__over_exactly_the_string_of_the_protocol(void **state)
{
	(void)state;
	char key[TROTH_ISSUER_LEN + 1];
	char by[TROTH_ISSUER_LEN + 1];
	struct troth_buf m;
	struct troth_revocation *r = make(user, TROTH_REVOKE_LOST);
	troth_buf_init(&m, 65536);
	troth_issuer_of_cert(key, cert(device));
	troth_issuer_of_cert(by, cert(user));
	const char *parts[] = {"troth-revoke-0", key, by, "lost", "2027-01-15T08:00:00Z"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_ok(troth_lv_append_str(&m, parts[i]));
	assert_ok(troth_cert_verify(cert(user), troth_buf_slice(&m), r->signature));
	troth_buf_fini(&m);
	troth_revocation_free(r);
}

static void revocation__is_refused__when_anything_in_it_was_changed(void **state)
{
	(void)state;
	char key[TROTH_ISSUER_LEN + 1];
	char by[TROTH_ISSUER_LEN + 1];
	troth_issuer_of_cert(key, cert(device));
	troth_issuer_of_cert(by, cert(user));
	const char *changes[][2] = {
		{key, by},
		{by, key},
		{by, PGP},
		{"'retired'", "'lost'"},
		{"'retired'", "'compromised'"},
		{"'retired'", "'whatever'"},
		{"08:00:00Z", "08:00:01Z"},
		{"'ECDSA-SHA256'", "'RSA-SHA1'"},
		{"'ECDSA-SHA256'>ME", "'ECDSA-SHA256'>MF"},
	};
	struct troth_revocation *r = make(user, TROTH_REVOKE_RETIRED);
	char *xml = write_it(r);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct troth_revocation *read = NULL;
		char *changed = replace(xml, changes[i][0], changes[i][1]);
		assert_ok(read_it(&read, changed));
		assert_err(troth_revocation_verify(read, cert(user)), TROTH_E_CERT);
		assert_err(troth_revocation_verify(read, cert(device)), TROTH_E_CERT);
		troth_revocation_free(read);
		free(changed);
	}
	free(xml);
	troth_revocation_free(r);
}

static void reason__that_is_unknown__is_the_worst(void **state)
{
	(void)state;
	struct troth_revocation *r = make(user, TROTH_REVOKE_RETIRED);
	struct troth_revocation *read = NULL;
	char *xml = write_it(r);
	char *changed = replace(xml, "'retired'", "'stolen by elves'");
	assert_ok(read_it(&read, changed));
	assert_int_equal(read->reason, TROTH_REVOKE_COMPROMISED);
	assert_string_equal(read->reason_text, "stolen by elves");
	char *back = write_it(read);
	assert_string_equal(back, changed);
	troth_revocation_free(read);
	troth_revocation_free(r);
	free(back);
	free(changed);
	free(xml);
}

static void revocation__has_no_form__and_is_left_out(void **state)
{
	(void)state;
	static const char *changes[][2] = {
		{" key='", " key='0"},
		{" key='", " clef='"},
		{" by='", " by='0"},
		{" by='", " of='"},
		{"reason='retired'", ""},
		{"'retired'", "''"},
		{"time='2027-01-15T08:00:00Z'", ""},
		{"2027-01-15T08:00:00Z", "2027-01-15"},
		{" method='ECDSA-SHA256'", ""},
		{"'ECDSA-SHA256'>", "'ECDSA-SHA256'>*"},
		{"<value", "<value xmlns='urn:x'"},
	};
	struct troth_revocation *r = make(user, TROTH_REVOKE_RETIRED);
	char *xml = write_it(r);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct troth_revocation *read = NULL;
		char *changed = replace(xml, changes[i][0], changes[i][1]);
		assert_err(read_it(&read, changed), TROTH_E_FORMAT);
		assert_null(read);
		free(changed);
	}
	char *upper = strdup(xml);
	for (char *c = strstr(upper, "key='") + 5; *c != '\''; c++)
		*c = *c >= 'a' ? (char)(*c - 32) : *c;
	struct troth_revocation *read = NULL;
	assert_err(read_it(&read, upper), TROTH_E_FORMAT);
	free(upper);
	free(xml);
	troth_revocation_free(r);
}

static int keep_message(void *to, struct troth_slice message, struct troth_buf *out)
{
	assert_ok(troth_buf_append_slice(to, message));
	return troth_buf_append_str(out, "a signature");
}

static void openpgp__is_verified_elsewhere__over_the_same_message(void **state)
{
	(void)state;
	struct troth_buf signed_, asked;
	struct troth_revocation *r = NULL;
	struct troth_signer signer = {.method = TROTH_METHOD_OPENPGP,
				      .issuer = PGP,
				      .name = PGP,
				      .sign = keep_message,
				      .user = &signed_};
	troth_buf_init(&signed_, 65536);
	troth_buf_init(&asked, 65536);
	assert_ok(troth_revocation_make(&r, &signer, troth_cert_pin(cert(device)),
					TROTH_REVOKE_LOST, MAKE_NOW));
	assert_false(r->own);
	assert_ok(troth_revocation_message(r, &asked));
	assert_true(troth_slice_equal(troth_buf_slice(&signed_), troth_buf_slice(&asked)));
	assert_err(troth_revocation_verify(r, cert(user)), TROTH_E_CERT);
	troth_revocation_free(r);
	r = make(user, TROTH_REVOKE_LOST);
	assert_err(troth_revocation_message(r, &asked), TROTH_E_CERT);
	troth_revocation_free(r);
	troth_buf_fini(&signed_);
	troth_buf_fini(&asked);
}

static void list__leaves_out__what_has_no_form_and_has_an_end(void **state)
{
	(void)state;
	struct troth_revocation *r = make(user, TROTH_REVOKE_LOST);
	char *one = write_it(r);
	for (size_t n = TROTH_LIMIT_STANZA_REVOCATIONS - 1; n <= TROTH_LIMIT_STANZA_REVOCATIONS;
	     n++) {
		struct troth_revocation_list list = {0};
		struct troth_stanza *stanza = NULL;
		struct troth_buf buf;
		troth_buf_init(&buf, 262144);
		assert_ok(troth_buf_append_str(&buf,
					       "<pubkeys xmlns='urn:xmpp:tmp:pubkey'>"
					       "<revoke/><revoke xmlns='urn:xmpp:troth:0'/>"));
		for (size_t i = 0; i < n; i++)
			assert_ok(troth_buf_append_str(&buf, one));
		assert_ok(troth_buf_append_str(&buf, "</pubkeys>"));
		assert_ok(troth_element_parse(&stanza, troth_buf_slice(&buf)));
		bool fits = n < TROTH_LIMIT_STANZA_REVOCATIONS;
		assert_err(troth_revocation_list_read(&list, troth_stanza_root(stanza)),
			   fits ? TROTH_OK : TROTH_E_LIMIT);
		assert_int_equal(list.count, fits ? n : 0);
		troth_revocation_list_fini(&list);
		troth_stanza_free(stanza);
		troth_buf_fini(&buf);
	}
	free(one);
	troth_revocation_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revocation__comes_back__as_it_was_made),
		cmocka_unit_test(signature__is__over_exactly_the_string_of_the_protocol),
		cmocka_unit_test(revocation__is_refused__when_anything_in_it_was_changed),
		cmocka_unit_test(reason__that_is_unknown__is_the_worst),
		cmocka_unit_test(revocation__has_no_form__and_is_left_out),
		cmocka_unit_test(openpgp__is_verified_elsewhere__over_the_same_message),
		cmocka_unit_test(list__leaves_out__what_has_no_form_and_has_an_end),
	};
	return cmocka_run_group_tests(tests, make_them, free_them);
}
