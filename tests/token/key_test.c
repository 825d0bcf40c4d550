/* SPDX-License-Identifier: MIT */
/* A device whose key is on a token does what any other does. */
#include "../tls/pump.h"
#include "keys/cert.h"
#include "keys/issue.h"
#include "keys/tag.h"
#include "softhsm.h"

#include <openssl/pem.h>
#include <troth/endorsement.h>

static int setup(void **state)
{
	(void)state;
	softhsm_init();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	softhsm_fini();
	return 0;
}

/* ---- a pair of which one end has its key on a token ---- */

static void give(struct end *e, struct troth_device *device)
{
	troth_device_free(e->device);
	e->device = device;
	e->params.device = device;
}

static void key__opens_tls_1_3__as_client_and_as_server(void **state)
{
	(void)state;
	struct pair p;
	pair_init(&p);
	give(&p.client, card_device("one"));
	give(&p.server, card_device("two"));
	pair_open(&p);
	pair_shake(&p);
	assert_shaken(&p);
	assert_non_null(strstr(troth_tls_describe(p.client.tls), "TLSv1.3 TLS_"));
	assert_string_equal(p.client.checked, troth_cert_name(troth_device_cert(p.server.device)));
	assert_string_equal(p.server.checked, troth_cert_name(troth_device_cert(p.client.device)));
	assert_passes(&p, &p.client, &p.server, troth_slice_str("<stream>"));
	pair_fini(&p);
}

static void key__ends_the_handshake_as_its_own_fault__when_the_token_is_removed(void **state)
{
	(void)state;
	for (int server = 0; server < 2; server++) {
		struct pair p;
		pair_init(&p);
		struct end *e = server ? &p.server : &p.client;
		give(e, card_device(server ? "two" : "one"));
		pair_open(&p);
		card_set("removed", true);
		pair_shake(&p);
		assert_err(e->err, TROTH_E_KEY);
		card_set("removed", false);
		/* Back in its place it goes on, without a PIN. */
		pair_open(&p);
		pair_shake(&p);
		assert_shaken(&p);
		pair_fini(&p);
	}
}

/* ---- as a file ---- */

static struct troth_device *read_back(struct troth_slice pem, const char *attributes)
{
	EVP_PKEY *key = NULL;
	struct troth_device *device = NULL;
	struct troth_token_problem problem;
	struct troth_token *token = card_open(attributes);
	assert_ok(troth_token_key(token, &key, &problem));
	assert_ok(troth_device_read_with(&device, pem, key));
	EVP_PKEY_free(key);
	troth_token_close(token);
	return device;
}

static void device__is_read_back__with_the_key_that_its_file_names(void **state)
{
	(void)state;
	const char *uri;
	struct troth_device *again = NULL;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf reference TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *device = card_device("one");
	troth_buf_init(&pem, 65536);
	troth_buf_init(&reference, 4096);
	troth_buf_init(&text, 4096);
	assert_ok(troth_device_write(device, NULL, &pem));
	assert_ok(troth_device_reference(troth_buf_slice(&pem), &reference));
	assert_ok(troth_token_referred(troth_buf_slice(&reference), &text));
	assert_ok(troth_buf_cstr(&text, &uri));
	assert_string_equal(uri, card_uri("token=Card;object=one"));
	assert_err(troth_device_read(&again, troth_buf_slice(&pem), NULL), TROTH_E_KEY);
	again = read_back(troth_buf_slice(&pem), "token=Card;object=one");
	assert_string_equal(troth_cert_name(troth_device_cert(again)),
			    troth_cert_name(troth_device_cert(device)));
	assert_true(troth_slice_equal(troth_device_elsewhere(again), troth_buf_slice(&reference)));
	troth_device_free(again);
	troth_device_free(device);
}

static void device__is_refused__with_another_key_of_the_token(void **state)
{
	(void)state;
	EVP_PKEY *key = NULL;
	struct troth_device *none = NULL;
	struct troth_token_problem problem;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *one = card_device("one"), *two = card_device("two");
	struct troth_token *token = card_open("token=Card;object=two");
	troth_buf_init(&pem, 65536);
	assert_ok(troth_device_write(one, NULL, &pem));
	assert_ok(troth_token_key(token, &key, &problem));
	assert_err(troth_device_read_with(&none, troth_buf_slice(&pem), key), TROTH_E_CERT);
	card_set("removed", true);
	assert_err(troth_device_read_with(&none, troth_buf_slice(&pem), key), TROTH_E_KEY);
	EVP_PKEY_free(key);
	troth_token_close(token);
	troth_device_free(one);
	troth_device_free(two);
}

/* ---- what it signs ---- */

static void key__endorses__as_a_user_key_does(void **state)
{
	(void)state;
	struct troth_endorsement *e = NULL;
	struct troth_device *user = card_device("user");
	struct troth_device *device = make_device("romeo@montague.example");
	const struct troth_signer signer = troth_signer_of_device(user);
	const struct troth_endorsement_terms terms = {
		.purpose = TROTH_PURPOSE_DEVICE, .issued = MAKE_NOW, .expires = MAKE_NOW + 86400};
	const struct troth_cert *subject = troth_device_cert(device);
	assert_ok(troth_endorsement_make(&e, &signer, &terms, subject));
	assert_ok(troth_endorsement_verify(e, troth_device_cert(user), subject));
	troth_endorsement_free(e);
	card_set("removed", true);
	assert_err(troth_endorsement_make(&e, &signer, &terms, subject), TROTH_E_KEY);
	troth_device_free(device);
	troth_device_free(user);
}

static void key__requests_a_certificate__that_openssl_verifies(void **state)
{
	(void)state;
	const char *text;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *device = card_device("one");
	troth_buf_init(&pem, 65536);
	assert_ok(troth_device_csr(device, "romeo@montague.example", &pem));
	assert_ok(troth_buf_cstr(&pem, &text));
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
	X509_REQ_free(req);
	BIO_free(bio);
	troth_device_free(device);
}

static void key__makes_the_tags__that_the_other_side_makes(void **state)
{
	(void)state;
	uint8_t here[TROTH_TAG_KEY_LEN], there[TROTH_TAG_KEY_LEN];
	struct troth_device *device = card_device("one");
	struct troth_device *contact = make_device("juliet@capulet.example");
	assert_ok(troth_tag_key(device, troth_device_cert(contact), here));
	assert_ok(troth_tag_key(contact, troth_device_cert(device), there));
	assert_memory_equal(here, there, sizeof here);
	/* docs/protocol.md: "Where a device key can't do ECDH (some tokens), no tags." */
	card_set("no-ecdh", true);
	assert_err(troth_tag_key(device, troth_device_cert(contact), here), TROTH_E_UNSUPPORTED);
	troth_device_free(contact);
	troth_device_free(device);
}

static void key__that_was_made_elsewhere__signs_whatever_its_kind(void **state)
{
	(void)state;
	static const char *const kinds[] = {"P-256", "P-384", "P-521", "RSA2048"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		char attributes[64], id[8];
		struct troth_token_problem problem;
		EVP_PKEY *made = make_key(kinds[i]), *key = NULL;
		struct troth_device *device = NULL;
		struct pair p;
		const struct troth_device_params params = {"romeo@montague.example", MAKE_NOW};
		(void)snprintf(id, sizeof id, "%02zu", i + 1);
		(void)snprintf(attributes, sizeof attributes, "object=%s", kinds[i]);
		softhsm_import(made, kinds[i], id);
		struct troth_token *token = card_open(attributes);
		assert_ok(troth_token_key(token, &key, &problem));
		assert_ok(troth_device_generate_with(&device, &params, key, troth_slice_str("x")));
		assert_int_equal(EVP_PKEY_eq(made, troth_cert_key(troth_device_cert(device))), 1);
		pair_init(&p);
		give(&p.client, device);
		pair_open(&p);
		pair_shake(&p);
		assert_shaken(&p);
		pair_fini(&p);
		EVP_PKEY_free(key);
		EVP_PKEY_free(made);
		troth_token_close(token);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(key__opens_tls_1_3__as_client_and_as_server),
		TEST(key__ends_the_handshake_as_its_own_fault__when_the_token_is_removed),
		TEST(device__is_read_back__with_the_key_that_its_file_names),
		TEST(device__is_refused__with_another_key_of_the_token),
		TEST(key__endorses__as_a_user_key_does),
		TEST(key__requests_a_certificate__that_openssl_verifies),
		TEST(key__makes_the_tags__that_the_other_side_makes),
		TEST(key__that_was_made_elsewhere__signs_whatever_its_kind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
