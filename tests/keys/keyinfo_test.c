/* SPDX-License-Identifier: MIT */
#include "make.h"

#include "base/encode.h"
#include "base/limits.h"
#include "keys/possession.h"

#include <stdio.h>

#define OPEN "<pubkeys xmlns='urn:xmpp:tmp:pubkey'>"
#define CLOSE "</pubkeys>"
#define PGP_NAME "89d099a3428481cc63fe3fa44e7df2d002b4ce44"

static const uint8_t exporter[32] = {1, 2, 3};
static const uint8_t other_exporter[32] = {1, 2, 4};
static const struct troth_possession_context romeo = {
	.initiator = true, .address = "romeo@montague.example", .exporter = exporter};

static struct troth_device *device;

static int make_it(void **state)
{
	(void)state;
	device = make_device("romeo@montague.example");
	return 0;
}

static int free_it(void **state)
{
	(void)state;
	troth_device_free(device);
	return 0;
}

static int read_text(struct troth_keyinfo_list *out, const char *xml,
		     const struct troth_possession_context *signer)
{
	struct troth_stanza *stanza = NULL;
	assert_ok(troth_element_parse(&stanza, troth_slice_str(xml)));
	int err = troth_keyinfo_read(out, troth_stanza_root(stanza), signer);
	troth_stanza_free(stanza);
	return err;
}

/* <pubkeys/> with our own key; the caller frees. */
static char *write_own(void)
{
	struct troth_buf buf;
	struct troth_writer w;
	const char *text;
	troth_buf_init(&buf, 16384);
	troth_writer_init(&w, &buf, "jabber:client");
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	assert_ok(troth_keyinfo_write_own(&w, device, &romeo, NULL));
	troth_writer_close(&w);
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_buf_cstr(&buf, &text));
	char *copy = strdup(text);
	troth_buf_fini(&buf);
	return copy;
}

/* The certificate as base64 in lines, as XEP-0189 shows it; the caller frees. */
static char *own_base64(void)
{
	struct troth_buf buf;
	const char *text;
	troth_buf_init(&buf, 16384);
	assert_ok(troth_base64_encode(&buf, troth_cert_der(troth_device_cert(device))));
	assert_ok(troth_buf_cstr(&buf, &text));
	char *lines = NULL;
	assert_true(asprintf(&lines, "\n    %.64s\n    %s\n", text, text + 64) > 0);
	troth_buf_fini(&buf);
	return lines;
}

static void keyinfo__comes_back_possessed__when_we_wrote_it(void **state)
{
	(void)state;
	struct troth_keyinfo_list list;
	char *xml = write_own();
	assert_ok(read_text(&list, xml, &romeo));
	assert_int_equal(list.count, 1);
	assert_true(list.items[0].possessed);
	assert_string_equal(list.items[0].name, troth_cert_name(troth_device_cert(device)));
	assert_true(troth_pin_equal(troth_cert_pin(list.items[0].cert),
				    troth_cert_pin(troth_device_cert(device))));
	troth_keyinfo_list_fini(&list);
	assert_ok(read_text(&list, xml, NULL));
	assert_false(list.items[0].possessed);
	troth_keyinfo_list_fini(&list);
	free(xml);
}

/* Sent on by somebody else, back to its maker, on another stream: worth nothing. */
static void possession__is_refused__for_any_other_stream_role_or_address(void **state)
{
	(void)state;
	struct troth_possession_context others[] = {romeo, romeo, romeo};
	others[0].initiator = false;
	others[1].address = "romeo@montague.exampl";
	others[2].exporter = other_exporter;
	char *xml = write_own();
	for (size_t i = 0; i < 3; i++) {
		struct troth_keyinfo_list list;
		assert_err(read_text(&list, xml, &others[i]), TROTH_E_CERT);
	}
	free(xml);
}

static void possession__is_refused__under_another_method_or_malformed(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		const char *to;
	} changes[] = {{"'ECDSA-SHA256'", "'RSA-SHA256'"},
		       {"method=", "m______="},
		       {"ECDSA-SHA256'>", "ECDSA-SHA256'>AAAA"},
		       {"ECDSA-SHA256'>M", "ECDSA-SHA256'>*"}};
	char *xml = write_own();
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct troth_keyinfo_list list;
		char *changed = NULL;
		const char *at = strstr(xml, changes[i].from);
		assert_non_null(at);
		assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - xml), xml, changes[i].to,
				     at + strlen(changes[i].from)) > 0);
		assert_err(read_text(&list, changed, &romeo), TROTH_E_CERT);
		free(changed);
	}
	free(xml);
}

/* lv_cat by hand: 0f "troth-possess-0" 09 "recipient" 03 "a@b" 20 exporter. */
static void possession__signs__exactly_the_message_of_the_protocol(void **state)
{
	(void)state;
	struct troth_possession_context who = {.address = "a@b", .exporter = exporter};
	uint8_t message[64] = "\x0f"
			      "troth-possess-0\x09recipient\x03"
			      "a@b\x20";
	size_t head = 1 + 15 + 1 + 9 + 1 + 3 + 1;
	struct troth_buf sig;
	troth_buf_init(&sig, 256);
	memcpy(message + head, exporter, 32);
	assert_ok(troth_possession_sign(device, &who, &sig));
	assert_ok(troth_cert_verify(troth_device_cert(device), troth_slice_of(message, head + 32),
				    troth_buf_slice(&sig)));
	troth_buf_fini(&sig);
}

static void keyinfo__reads__both_names_of_the_data_and_none(void **state)
{
	(void)state;
	static const char *tags[] = {"x509cert", "x509"};
	const char *name = troth_cert_name(troth_device_cert(device));
	char *base64 = own_base64();
	for (size_t i = 0; i < 2; i++) {
		struct troth_keyinfo_list list;
		char *xml = NULL;
		assert_true(asprintf(&xml,
				     OPEN "<fprint>x</fprint><other xmlns='urn:x'/>"
					  "<keyinfo><name>%s</name><%s>%s</%s></keyinfo>"
					  "<keyinfo><name>" PGP_NAME
					  "</name><pgpdata>mQGi</pgpdata>"
					  "</keyinfo><keyinfo><name>" PGP_NAME "</name></keyinfo>"
					  "<keyinfo><openpgp>mQGi</openpgp></keyinfo>" CLOSE,
				     name, tags[i], base64, tags[i]) > 0);
		assert_ok(read_text(&list, xml, &romeo));
		assert_int_equal(list.count, 3);
		assert_non_null(list.items[0].cert);
		assert_false(list.items[0].possessed);
		assert_string_equal(list.items[1].name, PGP_NAME);
		assert_null(list.items[1].cert);
		assert_null(list.items[2].cert);
		troth_keyinfo_list_fini(&list);
		free(xml);
	}
	free(base64);
}

/* What is too long, or no base64, is known by its name. */
static void openpgp_key__comes_back_as_it_was__up_to_its_limit(void **state)
{
	(void)state;
	static uint8_t key[TROTH_LIMIT_OPENPGP_KEY_BYTES + 1] = {0x98, 0x33};
	static const size_t lens[] = {1, 100, TROTH_LIMIT_OPENPGP_KEY_BYTES,
				      TROTH_LIMIT_OPENPGP_KEY_BYTES + 1};
	for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
		struct troth_keyinfo_list list;
		struct troth_buf buf;
		struct troth_writer w;
		const char *text;
		size_t wanted = lens[i] <= TROTH_LIMIT_OPENPGP_KEY_BYTES ? lens[i] : 0;
		troth_buf_init(&buf, TROTH_LIMIT_STANZA_BYTES);
		troth_writer_init(&w, &buf, "jabber:client");
		troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
		troth_keyinfo_write_openpgp(&w, PGP_NAME, troth_slice_of(key, lens[i]));
		troth_writer_close(&w);
		assert_ok(troth_writer_finish(&w));
		assert_ok(troth_buf_cstr(&buf, &text));
		assert_ok(read_text(&list, text, &romeo));
		assert_int_equal(list.count, 1);
		assert_string_equal(list.items[0].name, PGP_NAME);
		assert_null(list.items[0].cert);
		struct troth_slice got = troth_buf_slice(&list.items[0].openpgp);
		assert_int_equal(got.len, wanted);
		assert_memory_equal(got.data == NULL ? key : got.data, key, got.len);
		troth_keyinfo_list_fini(&list);
		troth_buf_fini(&buf);
	}
}

static void openpgp_key__is_read_by_both_names__and_known_by_its_own_where_it_is_none(void **state)
{
	(void)state;
	struct troth_keyinfo_list list;
	assert_ok(read_text(&list,
			    OPEN
			    "<keyinfo><name>" PGP_NAME "</name><pgpdata>mQ Gi</pgpdata></keyinfo>"
			    "<keyinfo><name>" PGP_NAME "</name><openpgp>mQGi</openpgp></keyinfo>"
			    "<keyinfo><name>" PGP_NAME "</name><openpgp>m(</openpgp></keyinfo>"
			    "<keyinfo><name>" PGP_NAME "</name></keyinfo>" CLOSE,
			    NULL));
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(troth_buf_len(&list.items[i].openpgp), i < 2 ? 3 : 0);
	troth_keyinfo_list_fini(&list);
}

static void keyinfo__refuses_the_list__when_a_name_is_not_that_of_its_data(void **state)
{
	(void)state;
	char upper[TROTH_NAME_LEN + 1];
	char *base64 = own_base64();
	const char *name = troth_cert_name(troth_device_cert(device));
	for (size_t i = 0; i <= TROTH_NAME_LEN; i++)
		upper[i] = (char)(name[i] >= 'a' ? name[i] - 32 : name[i]);
	const char *names[] = {PGP_NAME, "", "zz", upper, name + 1};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct troth_keyinfo_list list;
		char *xml = NULL;
		assert_true(
			asprintf(&xml,
				 OPEN
				 "<keyinfo><name>%s</name><x509cert>%s</x509cert></keyinfo>"
				 "<keyinfo><name>%s</name><x509cert>%s</x509cert></keyinfo>" CLOSE,
				 name, base64, names[i], base64) > 0);
		assert_err(read_text(&list, xml, &romeo), TROTH_E_CERT);
		free(xml);
	}
	free(base64);
}

/* SHA-1 of "Hello" names the data rightly; it is no certificate all the same. */
static void keyinfo__keeps_the_name_alone__of_data_that_is_no_certificate(void **state)
{
	(void)state;
	struct troth_keyinfo_list list;
	assert_ok(read_text(&list,
			    OPEN "<keyinfo><name>f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0</name>"
				 "<x509cert>SGVsbG8=</x509cert></keyinfo>" CLOSE,
			    &romeo));
	assert_int_equal(list.count, 1);
	assert_null(list.items[0].cert);
	assert_false(list.items[0].possessed);
	troth_keyinfo_list_fini(&list);
	assert_err(read_text(&list,
			     OPEN "<keyinfo><name>f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0</name>"
				  "<x509cert>SGVsbG8</x509cert></keyinfo>" CLOSE,
			     &romeo),
		   TROTH_E_CERT);
}

static void keyinfo__refuses__more_keys_than_the_limit(void **state)
{
	(void)state;
	static const char one[] = "<keyinfo><name>" PGP_NAME "</name></keyinfo>";
	for (size_t n = TROTH_LIMIT_STANZA_KEYS; n <= TROTH_LIMIT_STANZA_KEYS + 1; n++) {
		struct troth_keyinfo_list list = {0};
		struct troth_buf buf;
		const char *xml;
		troth_buf_init(&buf, 65536);
		assert_ok(troth_buf_append_str(&buf, OPEN));
		for (size_t i = 0; i < n; i++)
			assert_ok(troth_buf_append_str(&buf, one));
		assert_ok(troth_buf_append_str(&buf, CLOSE));
		assert_ok(troth_buf_cstr(&buf, &xml));
		bool fits = n == TROTH_LIMIT_STANZA_KEYS;
		assert_err(read_text(&list, xml, &romeo), fits ? TROTH_OK : TROTH_E_LIMIT);
		assert_int_equal(list.count, fits ? n : 0);
		troth_keyinfo_list_fini(&list);
		troth_buf_fini(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyinfo__comes_back_possessed__when_we_wrote_it),
		cmocka_unit_test(possession__is_refused__for_any_other_stream_role_or_address),
		cmocka_unit_test(possession__is_refused__under_another_method_or_malformed),
		cmocka_unit_test(possession__signs__exactly_the_message_of_the_protocol),
		cmocka_unit_test(keyinfo__reads__both_names_of_the_data_and_none),
		cmocka_unit_test(openpgp_key__comes_back_as_it_was__up_to_its_limit),
		cmocka_unit_test(
			openpgp_key__is_read_by_both_names__and_known_by_its_own_where_it_is_none),
		cmocka_unit_test(keyinfo__refuses_the_list__when_a_name_is_not_that_of_its_data),
		cmocka_unit_test(keyinfo__keeps_the_name_alone__of_data_that_is_no_certificate),
		cmocka_unit_test(keyinfo__refuses__more_keys_than_the_limit),
	};
	return cmocka_run_group_tests(tests, make_it, free_it);
}
