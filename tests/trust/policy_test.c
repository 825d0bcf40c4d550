/* SPDX-License-Identifier: MIT */
/* The policy file: what it says, and where it is wrong. */
#include "../test.h"
#include "base/limits.h"
#include "base/slice.h"
#include "keys/cert.h"
#include "trust/policy.h"

#include <openssl/x509v3.h>

static struct troth_policy *read_text(const char *text)
{
	struct troth_policy *p = NULL;
	struct troth_policy_problem problem;
	int err = troth_policy_read(&p, troth_slice_str(text), &problem);
	if (err != TROTH_OK)
		fail_msg("%u:%u: %s", problem.line, problem.column, problem.text);
	return p;
}

static void policy__says_what_was_written__in_a_whole_one(void **state)
{
	(void)state;
	struct troth_policy *p = read_text("# ours\r\n"
					   "chat unverified\n"
					   "\tfiles verified   # and no less\n"
					   "contact-proxies 1\n"
					   "openpgp marginal\n"
					   "introducers 2\n"
					   "xtls anybody\n"
					   "ca \"Example Corp\"\n"
					   "  trust corp.pem\n"
					   "  intermediates \"mid dle.pem\"\n"
					   "  crl corp.crl\n"
					   "  ocsp corp.ocsp\n"
					   "  for *@example.com *@*.example.com\n"
					   "  for example.com\n"
					   "  subject \"CN=*,O=Foo\\, Inc\"\n"
					   "  proof ca-and-pin\n"
					   "  pin yes\n"
					   "  status required\n"
					   "  proxies 2\n"
					   "ca grid\n"
					   "  trust grid.pem\n"
					   "  for *@grid.example\n"
					   "  identity map\n"
					   "  map \"CN=*,O=Grid\" {CN}@grid.example");
	assert_int_equal(p->least[TROTH_POLICY_CHAT], TROTH_LEVEL_UNVERIFIED);
	assert_true(p->least_given[TROTH_POLICY_CHAT] && p->least_given[TROTH_POLICY_FILES]);
	assert_false(p->least_given[TROTH_POLICY_BOTS]);
	assert_int_equal(p->least[TROTH_POLICY_BOTS], TROTH_LEVEL_VERIFIED);
	assert_int_equal(p->contact_proxies, 1);
	assert_int_equal(p->introducers, 2);
	assert_int_equal(p->xtls, TROTH_POLICY_XTLS_ANYBODY);
	assert_int_equal(p->openpgp, TROTH_BELIEF_MARGINAL);
	assert_int_equal(p->ca_count, 2);
	const struct troth_policy_ca *ca = &p->cas[0];
	assert_string_equal(ca->name, "Example Corp");
	assert_int_equal(ca->line, 8);
	assert_int_equal(ca->file_count, 4);
	assert_string_equal(ca->files[1].path, "mid dle.pem");
	assert_int_equal(ca->files[1].line, 10);
	assert_int_equal(ca->files[1].column, 17);
	assert_int_equal(ca->files[3].kind, TROTH_POLICY_OCSP);
	assert_int_equal(ca->jid_count, 3);
	assert_int_equal(ca->subject_count, 1);
	assert_true(ca->needs_pin && ca->pins && ca->needs_status);
	assert_int_equal(ca->proxies, 2);
	assert_false(p->cas[1].needs_pin || p->cas[1].pins || p->cas[1].needs_status);
	assert_int_equal(p->cas[1].proxies, 0);
	assert_int_equal(p->cas[1].identity, TROTH_POLICY_MAPPED);
	troth_policy_free(p);
	p = read_text("");
	assert_int_equal(p->introducers, 1);
	assert_int_equal(p->xtls, TROTH_POLICY_XTLS_CONTACTS);
	troth_policy_free(p);
	troth_policy_free(read_text("# nothing"));
}

#define CA "ca a\ntrust a.pem\nfor *@a\n"

static void policy__says_line_and_column__of_the_first_error(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
	} bad[] = {
		{"chatt verified\n", 1, 1},
		{"\n  chat sometimes\n", 2, 8},
		{"chat\n", 1, 5},
		{"chat verified plain\n", 1, 15},
		{"chat verified\nchat plain\n", 2, 1},
		{"chat \"verified\n", 1, 6},
		{"chat ver\"ified\"\n", 1, 9},
		{"chat \"verified\"x\n", 1, 16},
		{"trust a.pem\n", 1, 1},
		{CA "chat verified\n", 4, 1},
		{CA "pin maybe\n", 4, 5},
		{CA "pin yes\npin no\n", 5, 1},
		{"introducers 0\n", 1, 13},
		{"xtls yes\n", 1, 6},
		{"xtls no\nxtls no\n", 2, 1},
		{"introducers 4\n", 1, 13},
		{"introducers 22\n", 1, 13},
		{CA "introducers 2\n", 4, 1},
		{CA "proxies 7\n", 4, 9},
		{CA "proxies -1\n", 4, 9},
		{CA "proxies 1x\n", 4, 9},
		{CA "for *@b ex*@c\n", 4, 9},
		{CA "subject \"CN=*,XX=b\"\n", 4, 15},
		{CA "subject \"CN=\xc3\xa4\xc3\xb6,XX=b\"\n", 4, 16},
		{CA "identity dn\n", 4, 10},
		{CA "identity map\nmap CN=* {CN}@a@b\n", 5, 10},
		{CA "identity map\nmap CN=* a@{CN}\n", 5, 10},
		{CA "identity map\nmap CN=* {NOPE}@a\n", 5, 10},
		{CA "identity map\nmap CN=* {CN@a\n", 5, 10},
		{CA "identity map\nmap CN=* {CN}@a/b\n", 5, 10},
		{CA "identity map\n", 1, 1},
		{CA "map CN=* a@a\n", 1, 1},
		{"chat verified\nca a\nfor *@a\n", 2, 1},
		{"ca a\ntrust a.pem\nca b\ntrust b.pem\nfor *@b\n", 1, 1},
		{CA CA, 4, 4},
		{"ca \"\"\n", 1, 4},
		{"ca a\ntrust \"\"\n", 2, 7},
		{"chat \x1bverified\n", 1, 6},
		{"chat verified\n\xff\n", 2, 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct troth_policy *p = NULL;
		struct troth_policy_problem problem = {0};
		assert_err(troth_policy_read(&p, troth_slice_str(bad[i].text), &problem),
			   TROTH_E_FORMAT);
		assert_null(p);
		if (problem.line != bad[i].line || problem.column != bad[i].column)
			fail_msg("%s: at %u:%u", bad[i].text, problem.line, problem.column);
		assert_true(strlen(problem.text) > 10);
	}
}

static void policy__refuses__nul_and_size(void **state)
{
	struct troth_policy *p;
	struct troth_policy_problem problem;
	(void)state;
	assert_err(troth_policy_read(&p, troth_slice_of("chat\0verified\n", 14), &problem),
		   TROTH_E_FORMAT);
	assert_int_equal(problem.column, 5);
	char *large = malloc(TROTH_LIMIT_POLICY_BYTES + 1);
	memset(large, '\n', TROTH_LIMIT_POLICY_BYTES + 1);
	assert_err(troth_policy_read(&p, troth_slice_of(large, TROTH_LIMIT_POLICY_BYTES + 1),
				     &problem),
		   TROTH_E_LIMIT);
	free(large);
	char words[512] = "ca a\ntrust a\nfor";
	for (int i = 0; i < 70; i++)
		strcat(words, " *@a");
	assert_err(troth_policy_read(&p, troth_slice_str(words), &problem), TROTH_E_FORMAT);
}

/* ---- who the owner of a certificate is ---- */

static struct troth_cert *cert_of(const char *organisation, const char *cn, const char *san)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	struct troth_cert *cert;
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)organisation,
				   -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_version(x, X509_VERSION_3);
	ASN1_TIME_set(X509_getm_notBefore(x), 0);
	ASN1_TIME_set(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	if (san != NULL) {
		X509_EXTENSION *e =
			X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, (char *)san);
		assert_int_equal(X509_add_ext(x, e, -1), 1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	assert_ok(troth_cert_from_x509(&cert, x));
	X509_free(x);
	EVP_PKEY_free(key);
	return cert;
}

static void assert_identity(const struct troth_policy_ca *ca, struct troth_cert *cert,
			    const char *first)
{
	struct troth_address *jid = NULL;
	if (first == NULL) {
		assert_err(troth_policy_ca_identity(ca, cert, 0, &jid), TROTH_E_NOT_FOUND);
	} else {
		assert_ok(troth_policy_ca_identity(ca, cert, 0, &jid));
		assert_string_equal(troth_address_full(jid), first);
	}
	troth_address_free(jid);
	troth_cert_free(cert);
}

#define ADDR "otherName:1.3.6.1.5.5.7.8.5;UTF8:"

static void policy_identity__is_the_xmpp_addr__that_the_ca_may_speak_for(void **state)
{
	struct troth_address *jid;
	(void)state;
	struct troth_policy *p = read_text("ca a\ntrust a.pem\nfor *@example.com\n");
	const struct troth_policy_ca *ca = p->cas;
	assert_identity(ca, cert_of("o", "c", ADDR "Romeo@Example.com"), "romeo@example.com");
	assert_identity(ca, cert_of("o", "c", ADDR "romeo@evil.net"), NULL);
	assert_identity(ca, cert_of("o", "c", NULL), NULL);
	assert_identity(ca, cert_of("o", "romeo@example.com", "email:romeo@example.com"), NULL);
	struct troth_cert *two =
		cert_of("o", "c", ADDR "x@evil.net," ADDR "a@example.com," ADDR "b@example.com");
	assert_ok(troth_policy_ca_identity(ca, two, 1, &jid));
	assert_string_equal(troth_address_full(jid), "b@example.com");
	troth_address_free(jid);
	assert_err(troth_policy_ca_identity(ca, two, 2, &jid), TROTH_E_NOT_FOUND);
	assert_identity(ca, two, "a@example.com");
	troth_policy_free(p);
}

static void policy_identity__is_mapped__by_the_first_rule_that_fits(void **state)
{
	(void)state;
	struct troth_policy *p = read_text("ca grid\ntrust a.pem\nfor *@grid.example\n"
					   "identity map\n"
					   "map \"CN=Boss,O=Grid\" chief@grid.example\n"
					   "map \"CN=*,O=Grid\" {CN}@grid.example\n"
					   "map \"CN=*,O=Other\" {CN}@other.example\n");
	const struct troth_policy_ca *ca = p->cas;
	assert_identity(ca, cert_of("Grid", "Boss", NULL), "chief@grid.example");
	assert_identity(ca, cert_of("Grid", "Ian Stokes", NULL), "ian\\20stokes@grid.example");
	/* Whatever stands in a name, the domain is the policy's. */
	assert_identity(ca, cert_of("Grid", "a@evil.net/x", NULL),
			"a\\40evil.net\\2fx@grid.example");
	assert_identity(ca, cert_of("Grid", "a\\40b", NULL), "a\\5c40b@grid.example");
	assert_identity(ca, cert_of("Grid", "a\\b", NULL), "a\\b@grid.example");
	assert_identity(ca, cert_of("Other", "Ian", NULL), NULL);
	assert_identity(ca, cert_of("Third", "Ian", NULL), NULL);
	/* The certificate's own addresses don't count there. */
	assert_identity(ca, cert_of("Third", "Ian", ADDR "ian@grid.example"), NULL);
	troth_policy_free(p);
}

static void policy_subject__is_taken__when_a_pattern_fits(void **state)
{
	(void)state;
	struct troth_policy *p = read_text("ca a\ntrust a.pem\nfor *@a\n"
					   "subject CN=*,O=Staff\nsubject CN=Root,O=Ops\n");
	struct troth_cert *staff = cert_of("Staff", "x", NULL), *ops = cert_of("Ops", "x", NULL);
	assert_true(troth_policy_ca_takes(p->cas, staff));
	assert_false(troth_policy_ca_takes(p->cas, ops));
	troth_cert_free(staff);
	troth_cert_free(ops);
	troth_policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy__says_what_was_written__in_a_whole_one),
		cmocka_unit_test(policy__says_line_and_column__of_the_first_error),
		cmocka_unit_test(policy__refuses__nul_and_size),
		cmocka_unit_test(policy_identity__is_the_xmpp_addr__that_the_ca_may_speak_for),
		cmocka_unit_test(policy_identity__is_mapped__by_the_first_rule_that_fits),
		cmocka_unit_test(policy_subject__is_taken__when_a_pattern_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
