/* SPDX-License-Identifier: MIT */
/* A device whose key isn't in its file: any EVP_PKEY that signs. What tokens do is in tests/token.
 */
#include "keys/cert.h"
#include "keys/issue.h"
#include "make.h"

#include <openssl/pem.h>

#define REFERENCE "wherever"

struct world {
	EVP_PKEY *key; /* who reads the file doesn't have it */
	struct troth_device *device;
	struct troth_buf pem;
};

static int setup(void **state)
{
	static struct world w;
	const struct troth_device_params params = {"romeo@montague.example", MAKE_NOW};
	w = (struct world){.key = make_key("P-256")};
	troth_buf_init(&w.pem, 65536);
	assert_ok(
		troth_device_generate_with(&w.device, &params, w.key, troth_slice_str(REFERENCE)));
	assert_ok(troth_device_write(w.device, NULL, &w.pem));
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	troth_device_free(w->device);
	EVP_PKEY_free(w->key);
	troth_buf_fini(&w->pem);
	return 0;
}

static int read_with(struct troth_slice pem, EVP_PKEY *key)
{
	struct troth_device *d = NULL;
	int err = troth_device_read_with(&d, pem, key);
	troth_device_free(d);
	return err;
}

static void device__writes_where_its_key_is__and_never_the_key(void **state)
{
	struct world *w = *state;
	const char *text;
	struct troth_buf reference TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&reference, 4096);
	assert_ok(troth_buf_cstr(&w->pem, &text));
	assert_null(strstr(text, "PRIVATE"));
	assert_ok(troth_device_reference(troth_buf_slice(&w->pem), &reference));
	assert_true(troth_slice_equal(troth_buf_slice(&reference), troth_slice_str(REFERENCE)));
	assert_true(
		troth_slice_equal(troth_device_elsewhere(w->device), troth_slice_str(REFERENCE)));
}

static void device__has_no_reference__when_the_file_has_the_key(void **state)
{
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf out TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *d = make_device("juliet@capulet.example");
	struct world *w = *state;
	troth_buf_init(&pem, 65536);
	troth_buf_init(&out, 4096);
	assert_int_equal(troth_device_elsewhere(d).len, 0);
	assert_ok(troth_device_write(d, "sesame", &pem));
	assert_err(troth_device_reference(troth_buf_slice(&pem), &out), TROTH_E_NOT_FOUND);
	troth_buf_clear(&pem);
	assert_ok(troth_device_write(d, NULL, &pem));
	assert_err(troth_device_reference(troth_buf_slice(&pem), &out), TROTH_E_NOT_FOUND);
	assert_err(read_with(troth_buf_slice(&pem), w->key), TROTH_E_FORMAT);
	assert_err(
		troth_device_reference(troth_slice_str("-----BEGIN CERTIFICATE-----\n?\n"), &out),
		TROTH_E_FORMAT);
	assert_int_equal(troth_buf_len(&out), 0);
	troth_device_free(d);
}

static void device__is_read__only_with_its_own_key(void **state)
{
	struct world *w = *state;
	struct troth_device *d = NULL;
	EVP_PKEY *other = make_key("P-256"), *public = NULL;
	assert_ok(read_with(troth_buf_slice(&w->pem), w->key));
	assert_err(read_with(troth_buf_slice(&w->pem), other), TROTH_E_CERT);
	assert_err(troth_device_read(&d, troth_buf_slice(&w->pem), NULL), TROTH_E_KEY);
	/* The public half alone signs nothing. */
	public = X509_get_pubkey(troth_cert_x509(troth_device_cert(w->device)));
	assert_non_null(public);
	assert_int_not_equal(read_with(troth_buf_slice(&w->pem), public), TROTH_OK);
	EVP_PKEY_free(public);
	EVP_PKEY_free(other);
}

static void device__is_refused__with_two_keys_of_any_sort(void **state)
{
	static const char block[] = "-----BEGIN PKCS#11 PROVIDER URI-----\nAAAA\n"
				    "-----END PKCS#11 PROVIDER URI-----\n";
	struct world *w = *state;
	struct troth_buf both TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *d = make_device("juliet@capulet.example"), *none = NULL;
	troth_buf_init(&both, 65536);
	assert_ok(troth_buf_append_slice(&both, troth_buf_slice(&w->pem)));
	assert_ok(troth_buf_append_str(&both, block));
	assert_err(read_with(troth_buf_slice(&both), w->key), TROTH_E_FORMAT);
	troth_buf_clear(&both);
	assert_ok(troth_device_write(d, NULL, &both));
	assert_ok(troth_buf_append_str(&both, block));
	assert_err(troth_device_read(&none, troth_buf_slice(&both), NULL), TROTH_E_FORMAT);
	assert_err(read_with(troth_buf_slice(&both), troth_device_key(d)), TROTH_E_FORMAT);
	troth_device_free(d);
}

static void chain__changes__and_the_reference_stays(void **state)
{
	struct world *w = *state;
	const char *text;
	struct troth_buf out TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&out, 65536);
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_X509(bio, troth_cert_x509(troth_device_cert(w->device))), 1);
	char *pem = NULL;
	long len = BIO_get_mem_data(bio, &pem);
	assert_ok(troth_device_rechain(&out, troth_buf_slice(&w->pem),
				       troth_slice_of((uint8_t *)pem, (size_t)len)));
	BIO_free(bio);
	assert_ok(read_with(troth_buf_slice(&out), w->key));
	assert_ok(troth_buf_cstr(&out, &text));
	assert_non_null(strstr(text, "PKCS#11 PROVIDER URI"));
}

static void device__isnt_made__without_a_reference_or_an_address(void **state)
{
	struct world *w = *state;
	struct troth_device *d = NULL;
	struct troth_device_params params = {"romeo@montague.example", MAKE_NOW};
	assert_err(troth_device_generate_with(&d, &params, w->key, troth_slice_str("")),
		   TROTH_E_INVAL);
	params.address = "not an address@";
	assert_err(troth_device_generate_with(&d, &params, w->key, troth_slice_str(REFERENCE)),
		   TROTH_E_INVAL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(device__writes_where_its_key_is__and_never_the_key),
		TEST(device__has_no_reference__when_the_file_has_the_key),
		TEST(device__is_read__only_with_its_own_key),
		TEST(device__is_refused__with_two_keys_of_any_sort),
		TEST(chain__changes__and_the_reference_stays),
		TEST(device__isnt_made__without_a_reference_or_an_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
