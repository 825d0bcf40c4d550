/* SPDX-License-Identifier: MIT */
#include "make.h"

#include "keys/cert.h"

#include <openssl/pem.h>

static void device__carries_its_address_and_dates__when_generated(void **state)
{
	(void)state;
	struct troth_device *d = make_device("j\xc3\xbcrgen@montague.example");
	const struct troth_cert *c = troth_device_cert(d);
	assert_string_equal(troth_cert_xmpp_addr(c, 0), "j\xc3\xbcrgen@montague.example");
	assert_null(troth_cert_xmpp_addr(c, 1));
	assert_string_equal(troth_cert_key_kind(c), "EC P-256");
	assert_int_equal(troth_cert_not_before(c), MAKE_NOW - 2 * 86400);
	/* date -u -d '9999-12-31 23:59:59' +%s */
	assert_int_equal(troth_cert_not_after(c), 253402300799);
	troth_device_free(d);
}

static void device__has_the_extensions_that_tls_peers_check__when_generated(void **state)
{
	(void)state;
	struct troth_device *d = make_device("j\xc3\xbcrgen@montague.example");
	X509 *x = troth_cert_x509(troth_device_cert(d));
	assert_int_equal(X509_get_version(x), X509_VERSION_3);
	assert_int_equal(X509_check_ca(x), 0);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_KEY_AGREEMENT);
	assert_int_equal(X509_get_extended_key_usage(x), XKU_SSL_CLIENT | XKU_SSL_SERVER);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
	assert_int_equal(X509_check_purpose(x, X509_PURPOSE_SSL_CLIENT, 0), 1);
	assert_int_equal(X509_check_purpose(x, X509_PURPOSE_SSL_SERVER, 0), 1);
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	assert_int_equal(sk_GENERAL_NAME_num(names), 2);
	int type = 0;
	ASN1_IA5STRING *uri = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, 1), &type);
	assert_int_equal(type, GEN_URI);
	assert_string_equal((const char *)ASN1_STRING_get0_data(uri),
			    "xmpp:j%C3%BCrgen@montague.example");
	GENERAL_NAMES_free(names);
	troth_device_free(d);
}

static void device__has_its_own_key_and_serial__each_time(void **state)
{
	(void)state;
	struct troth_device *a = make_device("a@example");
	struct troth_device *b = make_device("a@example");
	const ASN1_INTEGER *sa = X509_get0_serialNumber(troth_cert_x509(troth_device_cert(a)));
	const ASN1_INTEGER *sb = X509_get0_serialNumber(troth_cert_x509(troth_device_cert(b)));
	assert_false(troth_pin_equal(troth_cert_pin(troth_device_cert(a)),
				     troth_cert_pin(troth_device_cert(b))));
	assert_int_not_equal(ASN1_INTEGER_cmp(sa, sb), 0);
	assert_int_equal(ASN1_STRING_type(sa), V_ASN1_INTEGER); /* not negative */
	troth_device_free(a);
	troth_device_free(b);
}

static void device__refuses__what_is_no_address(void **state)
{
	(void)state;
	static const char *bad[] = {NULL, "", "a b@example", "a@exam\nple", "\xff@example"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct troth_device *d = NULL;
		struct troth_device_params p = {.address = bad[i], .now = MAKE_NOW};
		assert_err(troth_device_generate(&d, &p), TROTH_E_INVAL);
		assert_null(d);
	}
}

static void device__signs__what_its_certificate_verifies(void **state)
{
	(void)state;
	struct troth_device *d = make_device("a@example");
	struct troth_buf sig;
	troth_buf_init(&sig, 256);
	assert_ok(troth_buf_append_str(&sig, "before"));
	assert_ok(troth_device_sign(d, troth_slice_str("message"), &sig));
	troth_buf_consume(&sig, 6); /* appended, not overwritten */
	assert_ok(troth_cert_verify(troth_device_cert(d), troth_slice_str("message"),
				    troth_buf_slice(&sig)));
	struct troth_buf small;
	troth_buf_init(&small, 10);
	assert_err(troth_device_sign(d, troth_slice_str("message"), &small), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&small), 0);
	troth_buf_fini(&sig);
	troth_device_free(d);
}

static void device__is_the_same__after_writing_and_reading(void **state)
{
	(void)state;
	static const char *passphrases[] = {NULL, "correct horse", ""};
	struct troth_device *d = make_device("a@example");
	for (size_t i = 0; i < sizeof passphrases / sizeof *passphrases; i++) {
		struct troth_buf pem;
		struct troth_device *back = NULL;
		troth_buf_init(&pem, 16384);
		assert_ok(troth_device_write(d, passphrases[i], &pem));
		const char *text;
		assert_ok(troth_buf_cstr(&pem, &text));
		bool encrypted = strstr(text, "BEGIN ENCRYPTED PRIVATE KEY") != NULL;
		assert_int_equal(encrypted, passphrases[i] != NULL);
		assert_int_equal(strstr(text, "BEGIN PRIVATE KEY") != NULL, !encrypted);
		assert_ok(troth_device_read(&back, troth_buf_slice(&pem), passphrases[i]));
		assert_string_equal(troth_cert_name(troth_device_cert(back)),
				    troth_cert_name(troth_device_cert(d)));
		troth_buf_clear(&pem);
		assert_ok(troth_device_sign(back, troth_slice_str("m"), &pem));
		assert_ok(troth_cert_verify(troth_device_cert(d), troth_slice_str("m"),
					    troth_buf_slice(&pem)));
		troth_device_free(back);
		troth_buf_fini(&pem);
	}
	troth_device_free(d);
}

/* RFC 7914 by RFC 8018: id-scrypt 1.3.6.1.4.1.11591.4.11, and N = 16384 as INTEGER. */
static void device__derives_the_file_key_by_scrypt__when_encrypted(void **state)
{
	(void)state;
	static const uint8_t scrypt[] = {0x06, 0x09, 0x2b, 0x06, 0x01, 0x04,
					 0x01, 0xda, 0x47, 0x04, 0x0b};
	static const uint8_t cost[] = {0x02, 0x02, 0x40, 0x00, 0x02, 0x01, 0x08, 0x02, 0x01, 0x04};
	struct troth_device *d = make_device("a@example");
	struct troth_buf pem;
	troth_buf_init(&pem, 16384);
	assert_ok(troth_device_write(d, "correct horse", &pem));
	struct troth_slice s = troth_buf_slice(&pem);
	BIO *bio = BIO_new_mem_buf(s.data, (int)s.len);
	uint8_t *der = NULL;
	long len = 0;
	assert_int_equal(PEM_bytes_read_bio(&der, &len, NULL, PEM_STRING_PKCS8, bio, NULL, NULL),
			 1);
	assert_non_null(memmem(der, (size_t)len, scrypt, sizeof scrypt));
	assert_non_null(memmem(der, (size_t)len, cost, sizeof cost));
	OPENSSL_free(der);
	BIO_free(bio);
	troth_buf_fini(&pem);
	troth_device_free(d);
}

static void device__refuses__a_wrong_or_missing_passphrase(void **state)
{
	(void)state;
	struct troth_device *d = make_device("a@example");
	struct troth_device *back = NULL;
	struct troth_buf pem;
	troth_buf_init(&pem, 16384);
	assert_ok(troth_device_write(d, "correct horse", &pem));
	assert_err(troth_device_read(&back, troth_buf_slice(&pem), "correct Horse"),
		   TROTH_E_PASSPHRASE);
	assert_err(troth_device_read(&back, troth_buf_slice(&pem), NULL), TROTH_E_PASSPHRASE);
	assert_null(back);
	troth_buf_fini(&pem);
	troth_device_free(d);
}

static void split(struct troth_buf *pem, struct troth_slice *cert, struct troth_slice *key)
{
	struct troth_slice s = troth_buf_slice(pem);
	const char *mark = "-----END CERTIFICATE-----\n";
	const uint8_t *end = memmem(s.data, s.len, mark, strlen(mark));
	assert_non_null(end);
	size_t n = (size_t)(end - s.data) + strlen(mark);
	*cert = troth_slice_of(s.data, n);
	*key = troth_slice_of(s.data + n, s.len - n);
}

static int read_two(struct troth_slice first, struct troth_slice second)
{
	struct troth_buf both;
	struct troth_device *d = NULL;
	troth_buf_init(&both, 32768);
	assert_ok(troth_buf_append_slice(&both, first));
	assert_ok(troth_buf_append_slice(&both, second));
	int err = troth_device_read(&d, troth_buf_slice(&both), NULL);
	troth_device_free(d);
	troth_buf_fini(&both);
	return err;
}

static void device__reads_its_parts__in_any_order_and_no_others(void **state)
{
	(void)state;
	struct troth_device *a = make_device("a@example");
	struct troth_device *b = make_device("b@example");
	struct troth_buf pa;
	struct troth_buf pb;
	struct troth_slice ca, ka, cb, kb;
	troth_buf_init(&pa, 16384);
	troth_buf_init(&pb, 16384);
	assert_ok(troth_device_write(a, NULL, &pa));
	assert_ok(troth_device_write(b, NULL, &pb));
	split(&pa, &ca, &ka);
	split(&pb, &cb, &kb);
	assert_ok(read_two(ca, ka));
	assert_ok(read_two(ka, ca));
	assert_err(read_two(ca, kb), TROTH_E_CERT);
	assert_err(read_two(ca, cb), TROTH_E_FORMAT);
	assert_err(read_two(ka, ka), TROTH_E_FORMAT);
	assert_err(read_two(ca, (struct troth_slice){0}), TROTH_E_FORMAT);
	assert_err(read_two(ca, troth_slice_of(ka.data, ka.len - 30)), TROTH_E_FORMAT);
	assert_err(read_two((struct troth_slice){0}, (struct troth_slice){0}), TROTH_E_FORMAT);
	assert_err(read_two(troth_slice_str("nothing of the kind\n"), (struct troth_slice){0}),
		   TROTH_E_FORMAT);
	troth_buf_fini(&pa);
	troth_buf_fini(&pb);
	troth_device_free(a);
	troth_device_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device__carries_its_address_and_dates__when_generated),
		cmocka_unit_test(device__has_the_extensions_that_tls_peers_check__when_generated),
		cmocka_unit_test(device__has_its_own_key_and_serial__each_time),
		cmocka_unit_test(device__refuses__what_is_no_address),
		cmocka_unit_test(device__signs__what_its_certificate_verifies),
		cmocka_unit_test(device__is_the_same__after_writing_and_reading),
		cmocka_unit_test(device__derives_the_file_key_by_scrypt__when_encrypted),
		cmocka_unit_test(device__refuses__a_wrong_or_missing_passphrase),
		cmocka_unit_test(device__reads_its_parts__in_any_order_and_no_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
