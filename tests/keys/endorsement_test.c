/* SPDX-License-Identifier: MIT */
/* Endorsements: what is signed, every change of it, and what may never count. */
#include "keys/endorsement.h"

#include "base/digest.h"
#include "base/encode.h"
#include "keys/signer.h"
#include "statement.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <string.h>

#define DAY ((int64_t)86400)
#define OPEN "<keyinfo xmlns='urn:xmpp:tmp:pubkey'>"
#define CLOSE "</keyinfo>"

static struct troth_endorsement_terms terms(enum troth_purpose purpose)
{
	return (struct troth_endorsement_terms){.purpose = purpose,
						.jid = JID,
						.issued = MAKE_NOW,
						.expires = MAKE_NOW + 400 * DAY};
}

static struct troth_endorsement *make(const struct troth_device *by, enum troth_purpose purpose)
{
	struct troth_endorsement *e = NULL;
	struct troth_signer signer = troth_signer_of_device(by);
	struct troth_endorsement_terms t = terms(purpose);
	assert_ok(troth_endorsement_make(&e, &signer, &t, cert(device)));
	return e;
}

/* The caller frees. */
static char *write_it(const struct troth_endorsement *x)
{
	struct sheet sheet;
	troth_endorsement_write(sheet_open(&sheet), x);
	return sheet_close(&sheet);
}

static int read_it(struct troth_endorsement **out, const char *xml)
{
	struct troth_stanza *stanza = parsed(xml);
	int err = troth_endorsement_read(out, troth_stanza_root(stanza));
	troth_stanza_free(stanza);
	return err;
}

static void endorsement__comes_back__as_it_was_made(void **state)
{
	(void)state;
	for (enum troth_purpose p = TROTH_PURPOSE_DEVICE; p <= TROTH_PURPOSE_SUCCEED; p++) {
		struct troth_endorsement *made = make(user, p);
		struct troth_endorsement *copy = NULL;
		struct troth_endorsement *read = NULL;
		assert_ok(troth_endorsement_copy(&copy, made));
		char *xml = write_it(copy);
		assert_ok(read_it(&read, xml));
		assert_int_equal(read->purpose, p);
		assert_string_equal(read->issuer_name, troth_cert_name(cert(user)));
		assert_string_equal(read->jid, JID);
		assert_string_equal(read->issued, "2027-01-15T08:00:00Z");
		assert_int_equal(read->issued_at, MAKE_NOW);
		assert_int_equal(read->expires_at, MAKE_NOW + 400 * DAY);
		assert_err(troth_endorsement_verify(read, cert(user), cert(device)),
			   p == TROTH_PURPOSE_RENEW ? TROTH_E_CERT : TROTH_OK);
		troth_endorsement_free(made);
		troth_endorsement_free(copy);
		troth_endorsement_free(read);
		free(xml);
	}
}

/* The string of docs/protocol.md, part by part. */
static void signature__is__over_exactly_the_string_of_the_protocol(void **state)
{
	(void)state;
	char issuer[TROTH_ISSUER_LEN + 1];
	struct troth_buf m;
	struct troth_endorsement *e = make(user, TROTH_PURPOSE_DEVICE);
	troth_buf_init(&m, 65536);
	troth_issuer_of_cert(issuer, cert(user));
	assert_int_equal(strlen(issuer), 64);
	const char *parts[] = {"troth-endorse-0",      "device", JID, "2027-01-15T08:00:00Z",
			       "2028-02-19T08:00:00Z", issuer};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_ok(troth_lv_append_str(&m, parts[i]));
	assert_ok(troth_lv_append(&m, troth_cert_der(cert(device))));
	assert_ok(troth_cert_verify(cert(user), troth_buf_slice(&m), e->signature));
	troth_buf_fini(&m);
	troth_endorsement_free(e);
}

static void endorsement__is_refused__when_anything_in_it_was_changed(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		const char *to;
	} changes[] = {
		{"purpose='device'", "purpose='vouch'"},
		{"purpose='device'", "purpose='renew'"},
		{"jid='" JID "'", "jid=''"},
		{" jid='" JID "'", ""},
		{"issued='2027-01-15T08:00:00Z'", "issued='2027-01-15T08:00:01Z'"},
		{"issued='2027-01-15T08:00:00Z'", "issued='2027-01-15T08:00:00.0Z'"},
		{"expires='2028-02-19T08:00:00Z'", "expires='2028-02-18T08:00:00Z'"},
		{"'ECDSA-SHA256'", "'RSA-SHA256'"},
		{"'ECDSA-SHA256'", "'RSA-SHA1'"},
		{"'ECDSA-SHA256'", "'OpenPGP'"},
		{"'ECDSA-SHA256'>ME", "'ECDSA-SHA256'>MF"},
	};
	struct troth_endorsement *e = make(user, TROTH_PURPOSE_DEVICE);
	char *xml = write_it(e);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct troth_endorsement *read = NULL;
		char *changed = replace(xml, changes[i].from, changes[i].to);
		assert_ok(read_it(&read, changed));
		assert_err(troth_endorsement_verify(read, cert(user), cert(device)), TROTH_E_CERT);
		troth_endorsement_free(read);
		free(changed);
	}
	/* Another key's, of another key, by a key of its own name, of itself. */
	assert_err(troth_endorsement_verify(e, cert(user), cert(other)), TROTH_E_CERT);
	assert_err(troth_endorsement_verify(e, cert(other), cert(device)), TROTH_E_CERT);
	assert_err(troth_endorsement_verify(e, cert(device), cert(device)), TROTH_E_CERT);
	char *named = replace(xml, troth_cert_name(cert(user)), troth_cert_name(cert(other)));
	struct troth_endorsement *read = NULL;
	assert_ok(read_it(&read, named));
	assert_err(troth_endorsement_verify(read, cert(user), cert(device)), TROTH_E_CERT);
	assert_err(troth_endorsement_verify(read, cert(other), cert(device)), TROTH_E_CERT);
	troth_endorsement_free(read);
	troth_endorsement_free(e);
	free(named);
	free(xml);
}

static void endorsement__has_no_form__and_is_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		const char *to;
	} changes[] = {
		{"purpose='device'", "purpose='owner'"},
		{"purpose='device'", "purpose='none'"},
		{"purpose='device' ", ""},
		{"jid='" JID "'", "jid='Romeo@montague.example'"},
		{"jid='" JID "'", "jid='" JID "/orchard'"},
		{"jid='" JID "'", "jid='romeo@forza'"},
		{"jid='" JID "'", "jid='romeo@forza.local'"},
		{"jid='" JID "'", "jid='@'"},
		{"issued='2027-01-15T08:00:00Z' ", ""},
		{"issued='2027-01-15T08:00:00Z'", "issued='2027-01-15'"},
		{"issued='2027-01-15T08:00:00Z'", "issued='2027-01-14T08:00:00Z'"}, /* 401 days */
		{"issued='2027-01-15T08:00:00Z'", "issued='2028-02-19T08:00:00Z'"},
		{" expires='2028-02-19T08:00:00Z'", ""},
		{"expires='2028-02-19T08:00:00Z'", "expires='never'"},
		{"expires='2028-02-19T08:00:00Z'", "expires='2028-02-19T08:00:01Z'"},
		{"'ECDSA-SHA256'>", "'ECDSA-SHA256'>*"},
		{"method='ECDSA-SHA256'", ""},
		{"method='ECDSA-SHA256'", "method=''"},
		{"<issuer>", "<issuer>0"},
		{"<issuer>", "<issuer xmlns='urn:x'>"},
		{"<value", "<value xmlns='urn:x'"},
	};
	struct troth_endorsement *e = make(user, TROTH_PURPOSE_DEVICE);
	char *xml = write_it(e);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct troth_endorsement *read = NULL;
		char *changed = replace(xml, changes[i].from, changes[i].to);
		assert_err(read_it(&read, changed), TROTH_E_FORMAT);
		assert_null(read);
		free(changed);
	}
	free(xml);
	troth_endorsement_free(e);
}

/* XEP-0189 1.3: "This document only defines 'RSA-SHA1' at this time." */
static void signature_of_the_xep__is_read__and_never_trusted(void **state)
{
	(void)state;
	/* Even a right signature over the bare certificate says nothing. */
	char *xml = NULL;
	struct troth_buf bare, text;
	const char *base64;
	struct troth_endorsement *e = NULL;
	troth_buf_init(&bare, 1024);
	troth_buf_init(&text, 4096);
	assert_ok(troth_device_sign(user, troth_cert_der(cert(device)), &bare));
	assert_ok(troth_base64_encode(&text, troth_buf_slice(&bare)));
	assert_ok(troth_buf_cstr(&text, &base64));
	static const char *methods[] = {"RSA-SHA1", "ECDSA-SHA256"};
	for (size_t i = 0; i < 2; i++) {
		assert_true(asprintf(&xml,
				     "<signature xmlns='urn:xmpp:tmp:pubkey'>"
				     "<issuer jid='juliet@capulet.com'>%s</issuer>"
				     "<value method='%s'>\n  %s\n</value></signature>",
				     troth_cert_name(cert(user)), methods[i], base64) > 0);
		assert_ok(read_it(&e, xml));
		assert_int_equal(e->purpose, TROTH_PURPOSE_NONE);
		assert_string_equal(e->issuer_jid, "juliet@capulet.com");
		assert_err(troth_endorsement_verify(e, cert(user), cert(device)), TROTH_E_CERT);
		assert_false(troth_endorsement_in_force(e, 0));
		char *back = write_it(e);
		assert_null(strstr(back, "endorsed"));
		troth_endorsement_free(e);
		free(back);
		free(xml);
	}
	troth_buf_fini(&bare);
	troth_buf_fini(&text);
}

static void endorsement__is_not_made__on_terms_that_nobody_reads(void **state)
{
	(void)state;
	struct troth_signer signer = troth_signer_of_device(user);
	struct troth_endorsement *e = NULL;
	struct troth_endorsement_terms bad[12];
	for (size_t i = 0; i < 12; i++)
		bad[i] = terms(TROTH_PURPOSE_DEVICE);
	bad[0].purpose = TROTH_PURPOSE_NONE;
	bad[1].jid = "juliet@capulet.example"; /* not the subject's */
	bad[2].jid = JID "/orchard";
	bad[3].jid = "romeo@forza";
	bad[4].expires = INT64_MAX;
	bad[5].expires++;
	bad[6].expires = bad[6].issued;
	bad[7].issued = INT64_MIN;
	bad[8].old_issuer = signer.issuer;
	bad[9].purpose = TROTH_PURPOSE_VOUCH;
	bad[9].expires++;
	bad[10].purpose = TROTH_PURPOSE_RENEW;
	bad[10].old_issuer = "somebody";
	bad[11].jid = "ROMEO@montague.example";
	for (size_t i = 0; i < 12; i++)
		assert_err(troth_endorsement_make(&e, &signer, &bad[i], cert(device)),
			   TROTH_E_INVAL);
	struct troth_endorsement_terms good = terms(TROTH_PURPOSE_DEVICE);
	signer.issuer[0] = 'X';
	assert_err(troth_endorsement_make(&e, &signer, &good, cert(device)), TROTH_E_INVAL);
	assert_null(e);
}

static int fail_to_sign(void *err, struct troth_slice message, struct troth_buf *out)
{
	(void)message;
	(void)out;
	return *(int *)err;
}

static void signer__that_fails_or_is_silent__makes_nothing(void **state)
{
	(void)state;
	int errs[] = {TROTH_E_PASSPHRASE, TROTH_OK};
	struct troth_endorsement_terms good = terms(TROTH_PURPOSE_DEVICE);
	for (size_t i = 0; i < 2; i++) {
		struct troth_endorsement *e = NULL;
		struct troth_signer signer = troth_signer_of_cert(cert(user));
		signer.sign = fail_to_sign;
		signer.user = &errs[i];
		assert_err(troth_endorsement_make(&e, &signer, &good, cert(device)),
			   errs[i] != TROTH_OK ? errs[i] : TROTH_E_CRYPTO);
	}
}

static void endorsement__holds__from_its_beginning_less_a_skew_to_its_end(void **state)
{
	(void)state;
	struct troth_endorsement *e = make(user, TROTH_PURPOSE_DEVICE);
	assert_true(troth_endorsement_in_force(e, MAKE_NOW));
	assert_true(troth_endorsement_in_force(e, MAKE_NOW - 2 * DAY));
	assert_false(troth_endorsement_in_force(e, MAKE_NOW - 2 * DAY - 1));
	assert_true(troth_endorsement_in_force(e, MAKE_NOW + 400 * DAY - 1));
	assert_false(troth_endorsement_in_force(e, MAKE_NOW + 400 * DAY));
	troth_endorsement_free(e);
}

/* ---- every kind of key ---- */

static void endorsement__is_verified__for_every_kind_of_key(void **state)
{
	(void)state;
	static const struct {
		const char *kind;
		const char *method;
	} kinds[] = {{"ED25519", "Ed25519"}, {"RSA2048", "RSA-SHA256"}, {"P-384", "ECDSA-SHA256"}};
	for (size_t i = 0; i < 3; i++) {
		struct troth_device *by = NULL;
		struct troth_cert *c = NULL;
		EVP_PKEY *key = make_key(kinds[i].kind);
		X509 *x = make_x509(key, troth_slice_of("", 0));
		assert_ok(troth_cert_from_x509(&c, x));
		assert_ok(troth_device_join(&by, c, key));
		struct troth_endorsement *e = make(by, TROTH_PURPOSE_DEVICE);
		assert_string_equal(e->method, kinds[i].method);
		assert_ok(troth_endorsement_verify(e, cert(by), cert(device)));
		troth_endorsement_free(e);
		troth_device_free(by);
		X509_free(x);
	}
}

/* What GPGME would be: it keeps the message that it was to sign. */
static int keep_message(void *to, struct troth_slice message, struct troth_buf *out)
{
	assert_ok(troth_buf_append_slice(to, message));
	return troth_buf_append_str(out, "a signature");
}

static void openpgp__is_verified_elsewhere__over_the_same_message(void **state)
{
	(void)state;
	struct troth_buf signed_, asked;
	struct troth_endorsement *e = NULL;
	struct troth_signer signer = {.method = TROTH_METHOD_OPENPGP,
				      .issuer = PGP,
				      .name = PGP,
				      .sign = keep_message,
				      .user = &signed_};
	struct troth_endorsement_terms t = terms(TROTH_PURPOSE_DEVICE);
	troth_buf_init(&signed_, 65536);
	troth_buf_init(&asked, 65536);
	assert_ok(troth_endorsement_make(&e, &signer, &t, cert(device)));
	assert_ok(troth_endorsement_message(e, PGP, cert(device), &asked));
	assert_true(troth_slice_equal(troth_buf_slice(&signed_), troth_buf_slice(&asked)));
	char pgp[] = PGP;
	pgp[0] = '9';
	assert_err(troth_endorsement_message(e, pgp, cert(device), &asked), TROTH_E_CERT);
	assert_err(troth_endorsement_message(e, "", cert(device), &asked), TROTH_E_CERT);
	assert_err(troth_endorsement_verify(e, cert(user), cert(device)), TROTH_E_CERT);
	troth_endorsement_free(e);
	e = make(user, TROTH_PURPOSE_DEVICE);
	assert_err(troth_endorsement_message(e, e->issuer_name, cert(device), &asked),
		   TROTH_E_CERT);
	troth_endorsement_free(e);
	troth_buf_fini(&signed_);
	troth_buf_fini(&asked);
}

/* ---- renewal: `user` is the old key, `device` the new one ---- */

static struct troth_endorsement *half(const struct troth_device *by, int64_t issued)
{
	char old[TROTH_ISSUER_LEN + 1];
	struct troth_endorsement *e = NULL;
	struct troth_signer signer = troth_signer_of_device(by);
	troth_issuer_of_cert(old, cert(user));
	struct troth_endorsement_terms t = {.purpose = TROTH_PURPOSE_RENEW,
					    .issued = issued,
					    .expires = INT64_MAX,
					    .old_issuer = by == user ? NULL : old};
	assert_ok(troth_endorsement_make(&e, &signer, &t, cert(device)));
	return e;
}

static int renew(const struct troth_endorsement *a, const struct troth_endorsement *b)
{
	const struct troth_endorsement *list[] = {a, b};
	return troth_renewal_verify(cert(user), cert(device), list, b != NULL ? 2 : 1);
}

static void renewal__takes__both_keys_over_the_same_terms(void **state)
{
	(void)state;
	struct troth_endorsement *by_old = half(user, MAKE_NOW);
	struct troth_endorsement *by_new = half(device, MAKE_NOW);
	struct troth_endorsement *later = half(device, MAKE_NOW + 1);
	struct troth_endorsement *by_other = half(other, MAKE_NOW);
	struct troth_endorsement *alone = make(user, TROTH_PURPOSE_DEVICE);
	assert_ok(renew(by_old, by_new));
	assert_ok(renew(by_new, by_old));
	assert_err(renew(by_old, NULL), TROTH_E_CERT);
	assert_err(renew(by_new, NULL), TROTH_E_CERT);
	assert_err(renew(by_old, by_old), TROTH_E_CERT);
	assert_err(renew(by_old, later), TROTH_E_CERT);
	assert_err(renew(by_old, by_other), TROTH_E_CERT);
	assert_err(renew(by_other, by_new), TROTH_E_CERT);
	assert_err(renew(alone, by_new), TROTH_E_CERT);
	const struct troth_endorsement *list[] = {later, by_other, by_old, by_new};
	assert_ok(troth_renewal_verify(cert(user), cert(device), list, 4));
	assert_err(troth_renewal_verify(cert(other), cert(device), list, 4), TROTH_E_CERT);
	assert_err(troth_renewal_verify(cert(user), cert(other), list, 4), TROTH_E_CERT);
	assert_err(troth_renewal_verify(cert(device), cert(device), list, 4), TROTH_E_CERT);
	char *xml = write_it(by_old);
	assert_null(strstr(xml, "expires"));
	assert_true(troth_endorsement_in_force(by_old, INT64_MAX - 1));
	free(xml);
	troth_endorsement_free(by_old);
	troth_endorsement_free(by_new);
	troth_endorsement_free(later);
	troth_endorsement_free(by_other);
	troth_endorsement_free(alone);
}

/* ---- lists ---- */

static void list__leaves_out__what_has_no_form_and_has_an_end(void **state)
{
	(void)state;
	struct troth_endorsement *e = make(user, TROTH_PURPOSE_DEVICE);
	char *one = write_it(e);
	char *bad = replace(one, "purpose='device'", "purpose='owner'");
	for (size_t n = TROTH_LIMIT_KEY_ENDORSEMENTS - 1; n <= TROTH_LIMIT_KEY_ENDORSEMENTS; n++) {
		struct troth_endorsement_list list = {0};
		struct troth_stanza *stanza = NULL;
		struct troth_buf buf;
		troth_buf_init(&buf, 65536);
		assert_ok(troth_buf_append_str(&buf, OPEN "<signature xmlns='urn:x'/>"));
		for (size_t i = 0; i < n; i++)
			assert_ok(troth_buf_append_str(&buf, one));
		assert_ok(troth_buf_append_str(&buf, bad));
		assert_ok(troth_buf_append_str(&buf, CLOSE));
		assert_ok(troth_element_parse(&stanza, troth_buf_slice(&buf)));
		bool fits = n < TROTH_LIMIT_KEY_ENDORSEMENTS;
		assert_err(troth_endorsement_list_read(&list, troth_stanza_root(stanza)),
			   fits ? TROTH_OK : TROTH_E_LIMIT);
		assert_int_equal(list.count, fits ? n : 0);
		troth_endorsement_list_fini(&list);
		troth_stanza_free(stanza);
		troth_buf_fini(&buf);
	}
	free(bad);
	free(one);
	troth_endorsement_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endorsement__comes_back__as_it_was_made),
		cmocka_unit_test(signature__is__over_exactly_the_string_of_the_protocol),
		cmocka_unit_test(endorsement__is_refused__when_anything_in_it_was_changed),
		cmocka_unit_test(endorsement__has_no_form__and_is_left_out),
		cmocka_unit_test(signature_of_the_xep__is_read__and_never_trusted),
		cmocka_unit_test(endorsement__is_not_made__on_terms_that_nobody_reads),
		cmocka_unit_test(signer__that_fails_or_is_silent__makes_nothing),
		cmocka_unit_test(endorsement__holds__from_its_beginning_less_a_skew_to_its_end),
		cmocka_unit_test(endorsement__is_verified__for_every_kind_of_key),
		cmocka_unit_test(openpgp__is_verified_elsewhere__over_the_same_message),
		cmocka_unit_test(renewal__takes__both_keys_over_the_same_terms),
		cmocka_unit_test(list__leaves_out__what_has_no_form_and_has_an_end),
	};
	return cmocka_run_group_tests(tests, make_them, free_them);
}
