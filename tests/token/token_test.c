/* SPDX-License-Identifier: MIT */
/* Finding a token, logging in, what it holds, and what may stand in a file. */
#include "keys/cert.h"
#include "softhsm.h"

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

static int open_err(const char *uri)
{
	struct troth_token *token = NULL;
	struct troth_token_problem problem;
	int err = troth_token_open(&token, uri, &problem);
	if (err == TROTH_OK)
		troth_token_close(token);
	else
		assert_string_not_equal(problem.text, "");
	return err;
}

static void token__is_found__by_its_label_among_several(void **state)
{
	(void)state;
	struct troth_token *token = NULL;
	struct troth_token_problem problem;
	struct troth_token_facts facts;
	softhsm_token("Spare");
	assert_ok(troth_token_open(&token, card_uri("token=Spare"), &problem));
	troth_token_facts(token, &facts);
	assert_string_equal(facts.label, "Spare");
	assert_true(facts.needs_pin);
	assert_false(facts.pin_is_locked || facts.last_try || facts.has_pad);
	assert_true(facts.can_agree);
	troth_token_close(token);
	assert_err(open_err(card_uri("object=one")), TROTH_E_CONFLICT);
	assert_err(open_err(card_uri("token=Stolen")), TROTH_E_NOT_FOUND);
}

/* softhsm2 registers itself with p11-kit. */
static void token__is_found__without_a_module_in_the_uri(void **state)
{
	(void)state;
	assert_ok(open_err("pkcs11:token=Card"));
}

static void token__isnt_found__without_the_module(void **state)
{
	(void)state;
	assert_err(open_err("pkcs11:token=Card?module-path=/nonexistent/card.so"),
		   TROTH_E_NOT_FOUND);
	card_set("removed", true);
	assert_err(open_err(card_uri("token=Card")), TROTH_E_NOT_FOUND);
}

static void uri__is_refused__with_a_pin_or_what_isnt_known(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"pkcs11:token=Card?pin-value=271828",
		"pkcs11:token=Card?pin-source=file:/etc/hostname",
		"pkcs11:token=Card;colour=red",
		"pkcs11:token=%zz",
		"pkcs11:token=My Card",
		"pkcs11:token=Card\n",
		"file:/etc/hostname",
		"",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_err(open_err(bad[i]), TROTH_E_FORMAT);
}

static void login__tries_once__when_the_pin_is_wrong(void **state)
{
	(void)state;
	struct troth_token *token = NULL;
	struct troth_token_problem problem;
	struct troth_token_facts facts;
	assert_ok(troth_token_open(&token, card_uri("token=Card"), &problem));
	assert_err(troth_token_login(token, "000000", &problem), TROTH_E_PASSPHRASE);
	assert_string_not_equal(problem.text, "");
	assert_int_equal(card_logins(), 1);
	assert_ok(troth_token_login(token, PIN, &problem));
	assert_int_equal(card_logins(), 2);
	troth_token_facts(token, &facts);
	assert_false(facts.needs_pin);
	/* Whoever is in isn't asked again. */
	assert_ok(troth_token_login(token, "000000", &problem));
	assert_int_equal(card_logins(), 2);
	troth_token_close(token);
}

static void login__says_so__when_the_pin_is_locked(void **state)
{
	(void)state;
	struct troth_token *token = NULL;
	struct troth_token_problem problem;
	struct troth_token_facts facts;
	card_set("locked", true);
	assert_ok(troth_token_open(&token, card_uri("token=Card"), &problem));
	troth_token_facts(token, &facts);
	assert_true(facts.pin_is_locked);
	assert_err(troth_token_login(token, PIN, &problem), TROTH_E_REFUSED);
	troth_token_close(token);
}

static void login__takes_no_pin__when_the_reader_has_a_pad(void **state)
{
	(void)state;
	struct troth_token *token = NULL;
	struct troth_token_problem problem;
	struct troth_token_facts facts;
	card_set("pad", true);
	assert_ok(troth_token_open(&token, card_uri("token=Card"), &problem));
	troth_token_facts(token, &facts);
	assert_true(facts.needs_pin && facts.has_pad);
	assert_ok(troth_token_login(token, NULL, &problem));
	troth_token_facts(token, &facts);
	assert_false(facts.needs_pin);
	troth_token_close(token);
}

static void token__isnt_found__when_it_signs_nothing(void **state)
{
	(void)state;
	card_set("no-signing", true);
	assert_err(open_err(card_uri("token=Card")), TROTH_E_NOT_FOUND);
}

static void key__is_refused__when_it_wants_the_pin_each_time(void **state)
{
	(void)state;
	EVP_PKEY *key = NULL;
	struct troth_token_problem problem;
	troth_device_free(card_device("one"));
	card_set("asks-always", true);
	struct troth_token *token = card_open("token=Card");
	assert_err(troth_token_key(token, &key, &problem), TROTH_E_UNSUPPORTED);
	assert_non_null(strstr(problem.text, "each signature"));
	troth_token_close(token);
}

static void key__isnt_there__until_it_is_made_and_once_only(void **state)
{
	(void)state;
	EVP_PKEY *key = NULL;
	struct troth_token_problem problem;
	struct troth_token *token = card_open("token=Card;object=one");
	assert_err(troth_token_key(token, &key, &problem), TROTH_E_NOT_FOUND);
	assert_ok(troth_token_make(token, &problem));
	assert_err(troth_token_make(token, &problem), TROTH_E_EXISTS);
	assert_ok(troth_token_key(token, &key, &problem));
	assert_int_equal(EVP_PKEY_get_bits(key), 256);
	EVP_PKEY_free(key);
	troth_token_close(token);
	token = card_open("token=Card");
	assert_err(troth_token_make(token, &problem), TROTH_E_FORMAT); /* without a name */
	assert_ok(troth_token_key(token, &key, &problem));             /* the only one needs none */
	EVP_PKEY_free(key);
	troth_token_close(token);
	troth_device_free(card_device("two"));
	token = card_open("token=Card");
	assert_err(troth_token_key(token, &key, &problem), TROTH_E_CONFLICT);
	troth_token_close(token);
}

static void key__keeps_its_token_open__after_everybody_else(void **state)
{
	(void)state;
	struct troth_buf signature TROTH_CLEANUP(troth_buf_fini);
	struct troth_device *device = card_device("one"); /* which closes the token */
	troth_buf_init(&signature, 4096);
	assert_ok(troth_device_sign(device, troth_slice_str("But soft!"), &signature));
	assert_ok(troth_cert_verify(troth_device_cert(device), troth_slice_str("But soft!"),
				    troth_buf_slice(&signature)));
	troth_device_free(device);
}

static void certificates__are_those__that_the_uri_names(void **state)
{
	(void)state;
	struct troth_token_problem problem;
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	const char *text;
	struct troth_device *first = make_device("romeo@montague.example");
	struct troth_device *second = make_device("juliet@capulet.example");
	troth_buf_init(&pem, 65536);
	softhsm_certificate(troth_cert_x509(troth_device_cert(first)), "first", "01");
	softhsm_certificate(troth_cert_x509(troth_device_cert(second)), "second", "02");
	struct troth_token *token = NULL;
	assert_ok(troth_token_open(&token, card_uri("object=second"), &problem));
	assert_ok(troth_token_certs(token, &pem, &problem)); /* they are for everybody */
	troth_token_close(token);
	assert_ok(troth_buf_cstr(&pem, &text));
	const char *begin = strstr(text, "-----BEGIN CERTIFICATE-----");
	assert_non_null(begin);
	assert_null(strstr(begin + 1, "-----BEGIN"));
	token = card_open("object=third");
	assert_err(troth_token_certs(token, &pem, &problem), TROTH_E_NOT_FOUND);
	troth_token_close(token);
	troth_device_free(first);
	troth_device_free(second);
}

/* What pkcs11-provider's own tool writes for such a key. */
static void reference__is_refused__in_any_other_form(void **state)
{
	(void)state;
	struct troth_buf out TROTH_CLEANUP(troth_buf_fini);
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&out, 4096);
	troth_buf_init(&der, 4096);
	assert_err(troth_token_refer("file:/etc/hostname", &der), TROTH_E_FORMAT);
	assert_ok(troth_token_refer("pkcs11:token=Card", &der));
	struct troth_slice whole = troth_buf_slice(&der);
	assert_ok(troth_token_referred(whole, &out));
	for (size_t len = 0; len < whole.len; len++)
		assert_err(troth_token_referred(troth_slice_of(whole.data, len), &out),
			   TROTH_E_FORMAT);
	assert_ok(troth_buf_append_byte(&der, 0));
	assert_err(troth_token_referred(troth_buf_slice(&der), &out), TROTH_E_FORMAT);
	/* The same with an escape in it, as only somebody else's program would write it. */
	assert_err(troth_token_refer("pkcs11:token=\x1b[2J", &der), TROTH_E_FORMAT);
	troth_buf_clear(&der);
	assert_ok(troth_token_refer("pkcs11:token=Card", &der));
	uint8_t bytes[256];
	whole = troth_buf_slice(&der);
	memcpy(bytes, whole.data, whole.len);
	bytes[whole.len - 1] = 0x1b;
	assert_err(troth_token_referred(troth_slice_of(bytes, whole.len), &out), TROTH_E_FORMAT);
	assert_int_equal(troth_buf_len(&out), strlen("pkcs11:token=Card"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(token__is_found__by_its_label_among_several),
		TEST(token__is_found__without_a_module_in_the_uri),
		TEST(token__isnt_found__without_the_module),
		TEST(uri__is_refused__with_a_pin_or_what_isnt_known),
		TEST(login__tries_once__when_the_pin_is_wrong),
		TEST(login__says_so__when_the_pin_is_locked),
		TEST(login__takes_no_pin__when_the_reader_has_a_pad),
		TEST(token__isnt_found__when_it_signs_nothing),
		TEST(key__is_refused__when_it_wants_the_pin_each_time),
		TEST(key__isnt_there__until_it_is_made_and_once_only),
		TEST(key__keeps_its_token_open__after_everybody_else),
		TEST(certificates__are_those__that_the_uri_names),
		cmocka_unit_test(reference__is_refused__in_any_other_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
