/* SPDX-License-Identifier: MIT */
#include "make.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/limits.h"

#include <openssl/ec.h>
#include <openssl/pem.h>

/* The certificate of XEP-0189 v0.8, example 1: RSA of 1024 bits. */
static const char xep_cert[] = "MIICCTCCAXKgAwIBAgIJALhU0Id6xxwQMA0GCSqGSIb3DQEBBQUAMA4xDDAKBgNV"
			       "BAMTA2ZvbzAeFw0wNzEyMjgyMDA1MTRaFw0wODEyMjcyMDA1MTRaMA4xDDAKBgNV"
			       "BAMTA2ZvbzCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEA0DPcfeJzKWLGE22p"
			       "RMINLKr+CxqozF14DqkXkLUwGzTqYRi49yK6aebZ9ssFspTTjqa2uNpw1U32748t"
			       "qU6bpACWHbcC+eZ/hm5KymXBhL3Vjfb/dW0xrtxjI9JRFgrgWAyxndlNZUpN2s3D"
			       "hKDfVgpPSx/Zp8d/ubbARxqZZZkCAwEAAaNvMG0wHQYDVR0OBBYEFJWwFqmSRGcx"
			       "YXmQfdF+XBWkeML4MD4GA1UdIwQ3MDWAFJWwFqmSRGcxYXmQfdF+XBWkeML4oRKk"
			       "EDAOMQwwCgYDVQQDEwNmb2+CCQC4VNCHesccEDAMBgNVHRMEBTADAQH/MA0GCSqG"
			       "SIb3DQEBBQUAA4GBAIhlUeGZ0d0msNVxYWAXg2lRsJt9INHJQTCJMmoUeTtaRjyp"
			       "ffJtuopguNNBDn+MjrEp2/+zLNMahDYLXaTVmBf6zvY0hzB9Ih0kNTh23Fb5j+yK"
			       "QChPXQUo0EGCaODWhfhKRNdseUozfNWOz9iTgMGw8eYNLllQRL//iAOfOr/8";

static void cert__has_the_sha1_of_its_der_as_name__when_read(void **state)
{
	(void)state;
	struct troth_device *d = make_device("romeo@montague.example");
	const struct troth_cert *c = troth_device_cert(d);
	uint8_t sha1[TROTH_SHA1_LEN];
	char hex[2 * TROTH_SHA1_LEN + 1];
	assert_ok(troth_sha1(sha1, troth_cert_der(c)));
	troth_hex(hex, troth_slice_of(sha1, sizeof sha1));
	assert_string_equal(troth_cert_name(c), hex);
	troth_device_free(d);
}

/* P-256's SPKI is 91 bytes and ends the TBS but for the extensions: found by its fixed start. */
static void cert__pins_the_whole_spki__when_read(void **state)
{
	(void)state;
	static const uint8_t start[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
					0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
	struct troth_device *d = make_device("romeo@montague.example");
	struct troth_slice der = troth_cert_der(troth_device_cert(d));
	const uint8_t *spki = memmem(der.data, der.len, start, sizeof start);
	assert_non_null(spki);
	struct troth_pin pin;
	assert_ok(troth_sha256(pin.bytes, troth_slice_of(spki, 91)));
	assert_true(troth_pin_equal(&pin, troth_cert_pin(troth_device_cert(d))));
	pin.bytes[31] ^= 1;
	assert_false(troth_pin_equal(&pin, troth_cert_pin(troth_device_cert(d))));
	troth_device_free(d);
}

static void cert__accepts_strong_keys__and_refuses_the_rest(void **state)
{
	(void)state;
	static const struct {
		const char *kind;
		const char *name; /* NULL: refused */
		const char *method;
	} keys[] = {
		{"P-256", "EC P-256", "ECDSA-SHA256"},
		{"P-384", "EC P-384", "ECDSA-SHA256"},
		{"P-521", "EC P-521", "ECDSA-SHA256"},
		{"ED25519", "Ed25519", "Ed25519"},
		{"RSA2048", "RSA 2048", "RSA-SHA256"},
		{"RSA2056", "RSA", "RSA-SHA256"},
		{"RSA1024", NULL, NULL},
		{"RSA2040", NULL, NULL},
		{"P-224", NULL, NULL},
		{"secp256k1", NULL, NULL},
	};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct troth_cert *c = NULL;
		int err = make_cert_of_kind(&c, keys[i].kind);
		assert_err(err, keys[i].name != NULL ? TROTH_OK : TROTH_E_CERT);
		if (keys[i].name == NULL) {
			assert_null(c);
			continue;
		}
		assert_string_equal(troth_cert_key_kind(c), keys[i].name);
		assert_string_equal(troth_cert_method(c), keys[i].method);
		troth_cert_free(c);
	}
}

static void cert__refuses__the_weak_key_of_the_xep(void **state)
{
	(void)state;
	struct troth_cert *c = NULL;
	struct troth_buf der;
	troth_buf_init(&der, 4096);
	assert_ok(troth_base64_decode(&der, xep_cert));
	assert_err(troth_cert_new(&c, troth_buf_slice(&der)), TROTH_E_CERT);
	troth_buf_fini(&der);
}

static void cert__refuses__explicit_curve_parameters(void **state)
{
	(void)state;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1), 1);
	assert_int_equal(EVP_PKEY_CTX_set_ec_param_enc(ctx, OPENSSL_EC_EXPLICIT_CURVE), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	struct troth_cert *c = NULL;
	assert_err(make_cert(&c, key, (struct troth_slice){0}), TROTH_E_CERT);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
}

static void cert__refuses__anything_cut_or_followed_by_bytes(void **state)
{
	(void)state;
	struct troth_device *d = make_device("romeo@montague.example");
	struct troth_slice der = troth_cert_der(troth_device_cert(d));
	uint8_t bytes[2048] = {0};
	struct troth_cert *c = NULL;
	assert_true(der.len < sizeof bytes);
	memcpy(bytes, der.data, der.len);
	for (size_t n = 0; n < der.len; n++)
		assert_err(troth_cert_new(&c, troth_slice_of(bytes, n)), TROTH_E_CERT);
	assert_err(troth_cert_new(&c, troth_slice_of(bytes, der.len + 1)), TROTH_E_CERT);
	assert_ok(troth_cert_new(&c, troth_slice_of(bytes, der.len)));
	troth_cert_free(c);
	troth_device_free(d);
}

/* BER allows a longer length field, and so a second name for the same certificate. */
static void cert__refuses__ber_that_is_not_der(void **state)
{
	(void)state;
	struct troth_device *d = make_device("romeo@montague.example");
	struct troth_slice der = troth_cert_der(troth_device_cert(d));
	assert_memory_equal(der.data, "\x30\x82", 2);
	uint8_t ber[2048] = {0x30, 0x83, 0x00};
	memcpy(ber + 3, der.data + 2, der.len - 2);
	struct troth_cert *c = NULL;
	assert_err(troth_cert_new(&c, troth_slice_of(ber, der.len + 1)), TROTH_E_CERT);
	troth_device_free(d);
}

static void cert__survives__any_flipped_byte(void **state)
{
	(void)state;
	struct troth_device *d = make_device("romeo@montague.example");
	struct troth_slice der = troth_cert_der(troth_device_cert(d));
	uint8_t bytes[2048];
	memcpy(bytes, der.data, der.len);
	for (size_t i = 0; i < der.len; i++) {
		struct troth_cert *c = NULL;
		bytes[i] ^= 0xff;
		int err = troth_cert_new(&c, troth_slice_of(bytes, der.len));
		if (err == TROTH_OK)
			assert_string_not_equal(troth_cert_name(c),
						troth_cert_name(troth_device_cert(d)));
		else
			assert_err(err, TROTH_E_CERT);
		troth_cert_free(c);
		bytes[i] ^= 0xff;
	}
	troth_device_free(d);
}

/* SEQUENCE { [0] { OID 1.3.6.1.5.5.7.8.5, [0] { string of the given tag } } } */
static struct troth_slice xmpp_addr_san(uint8_t tag, const char *text, size_t len)
{
	static uint8_t der[128];
	static const uint8_t oid[] = {0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x05};
	uint8_t *p = der;
	*p++ = 0x30;
	*p++ = (uint8_t)(len + 16);
	*p++ = 0xa0;
	*p++ = (uint8_t)(len + 14);
	memcpy(p, oid, sizeof oid);
	p += sizeof oid;
	*p++ = 0xa0;
	*p++ = (uint8_t)(len + 2);
	*p++ = tag;
	*p++ = (uint8_t)len;
	memcpy(p, text, len);
	return troth_slice_of(der, (size_t)(p + len - der));
}

static void cert__gives_addresses__only_in_the_right_form(void **state)
{
	(void)state;
	static const struct {
		uint8_t tag;
		const char *text;
		size_t len;
		bool good;
	} sans[] = {
		{0x0c, "a@b.example", 11, true},
		{0x0c, "\xc3\xa4@b.example", 12, true},
		{0x16, "a@b.example", 11, false},        /* IA5String */
		{0x0c, "a@b.example\0.evil", 17, false}, /* would compare as shorter */
		{0x0c, "\xc3@b.example", 11, false},     /* not UTF-8 */
		{0x0c, "", 0, false},
	};
	EVP_PKEY *key = make_key("P-256");
	for (size_t i = 0; i < sizeof sans / sizeof *sans; i++) {
		struct troth_cert *c = NULL;
		int err = make_cert(&c, key, xmpp_addr_san(sans[i].tag, sans[i].text, sans[i].len));
		assert_err(err, sans[i].good ? TROTH_OK : TROTH_E_CERT);
		if (!sans[i].good)
			continue;
		assert_string_equal(troth_cert_xmpp_addr(c, 0), sans[i].text);
		assert_null(troth_cert_xmpp_addr(c, 1));
		troth_cert_free(c);
	}
	struct troth_cert *c = NULL;
	assert_err(make_cert(&c, key, troth_slice_str("\x30\x7f")), TROTH_E_CERT);
	assert_ok(make_cert(&c, key, (struct troth_slice){0}));
	assert_null(troth_cert_xmpp_addr(c, 0));
	assert_int_equal(troth_cert_not_before(c), MAKE_NOW);
	assert_int_equal(troth_cert_not_after(c), MAKE_NOW + 86400);
	troth_cert_free(c);
	EVP_PKEY_free(key);
}

static void sign_with(EVP_PKEY *key, const char *md, struct troth_slice m, struct troth_buf *out)
{
	uint8_t sig[1024];
	size_t len = sizeof sig;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, md, NULL, NULL, key, NULL), 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &len, m.data, m.len), 1);
	EVP_MD_CTX_free(ctx);
	troth_buf_clear(out);
	assert_ok(troth_buf_append(out, sig, len));
}

static void cert__verifies__only_the_right_signature(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *others;
	} rows[] = {{"P-256", "P-256"},
		    {"P-384", "P-384"},
		    {"ED25519", "ED25519"},
		    {"RSA2048", "RSA2056"}};
	struct troth_slice m = troth_slice_str("message");
	struct troth_buf sig;
	troth_buf_init(&sig, 1024);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		EVP_PKEY *key = make_key(rows[i].kind);
		struct troth_cert *c = NULL;
		struct troth_cert *other = NULL;
		bool own_hash = EVP_PKEY_is_a(key, "ED25519");
		assert_ok(make_cert(&c, key, (struct troth_slice){0}));
		assert_ok(make_cert_of_kind(&other, rows[i].others));
		sign_with(key, own_hash ? NULL : "SHA256", m, &sig);
		assert_ok(troth_cert_verify(c, m, troth_buf_slice(&sig)));
		assert_err(troth_cert_verify(other, m, troth_buf_slice(&sig)), TROTH_E_CERT);
		assert_err(troth_cert_verify(c, troth_slice_str("messagf"), troth_buf_slice(&sig)),
			   TROTH_E_CERT);
		assert_err(troth_cert_verify(c, m, (struct troth_slice){0}), TROTH_E_CERT);
		if (!own_hash) {
			sign_with(key, "SHA1", m, &sig);
			assert_err(troth_cert_verify(c, m, troth_buf_slice(&sig)), TROTH_E_CERT);
		}
		troth_cert_free(c);
		troth_cert_free(other);
		EVP_PKEY_free(key);
	}
	troth_buf_fini(&sig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cert__has_the_sha1_of_its_der_as_name__when_read),
		cmocka_unit_test(cert__pins_the_whole_spki__when_read),
		cmocka_unit_test(cert__accepts_strong_keys__and_refuses_the_rest),
		cmocka_unit_test(cert__refuses__the_weak_key_of_the_xep),
		cmocka_unit_test(cert__refuses__explicit_curve_parameters),
		cmocka_unit_test(cert__refuses__anything_cut_or_followed_by_bytes),
		cmocka_unit_test(cert__refuses__ber_that_is_not_der),
		cmocka_unit_test(cert__survives__any_flipped_byte),
		cmocka_unit_test(cert__gives_addresses__only_in_the_right_form),
		cmocka_unit_test(cert__verifies__only_the_right_signature),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
