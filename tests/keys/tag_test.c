/* SPDX-License-Identifier: MIT */
#include "make.h"

#include "keys/cert.h"
#include "keys/tag.h"

/* Keys for this test alone, made by openssl ecparam and openssl req. */
static const char pem_a[] = "-----BEGIN CERTIFICATE-----\n"
			    "MIIBbjCCARWgAwIBAgIUWirjHj9KUla9EY0LLUHdCBAZaOcwCgYIKoZIzj0EAwIw\n"
			    "DDEKMAgGA1UEAwwBYTAgFw0yNjExMjEwMjI4MTRaGA8yMDU0MDQwNzAyMjgxNFow\n"
			    "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOaqwobBRnt/\n"
			    "xDIYUI828aHXrkJx+GGgtu9lCGDEVGpZbB43amyWxnIq/YYLH/JGRF6ziJcjxx6D\n"
			    "DFiDOlyuKR+jUzBRMB0GA1UdDgQWBBSKuba83dnNUS6HsXn9ptvLSvWOPTAfBgNV\n"
			    "HSMEGDAWgBSKuba83dnNUS6HsXn9ptvLSvWOPTAPBgNVHRMBAf8EBTADAQH/MAoG\n"
			    "CCqGSM49BAMCA0cAMEQCIBhIvGTc532ImYnfBpPTOJAsvTw8cCp7oL2FIpSmK9S7\n"
			    "AiAJ9U4d/F6Bo/fAWzqwy3ohxNGuKHveJEfkbY2Ii6zx2A==\n"
			    "-----END CERTIFICATE-----\n"
			    "-----BEGIN PRIVATE KEY-----\n"
			    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7SPQ85Ry1HtHvNwp\n"
			    "R5IOKHX43IqJaNXJx5X29utr57OhRANCAATmqsKGwUZ7f8QyGFCPNvGh165Ccfhh\n"
			    "oLbvZQhgxFRqWWweN2pslsZyKv2GCx/yRkRes4iXI8cegwxYgzpcrikf\n"
			    "-----END PRIVATE KEY-----\n";
static const char pem_b[] = "-----BEGIN CERTIFICATE-----\n"
			    "MIIBcDCCARWgAwIBAgIUc9M0YUQRCjH45MpdgtLZpZT/kcEwCgYIKoZIzj0EAwIw\n"
			    "DDEKMAgGA1UEAwwBYjAgFw0yNjExMjEwMjI4MTRaGA8yMDU0MDQwNzAyMjgxNFow\n"
			    "DDEKMAgGA1UEAwwBYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABK+NZETp7NcB\n"
			    "7H8ciK49gGyo18OH/o9LYEliAGv6KVQ/HXTbJPXDXOj/35uCKESZT/q3y7nAwhwg\n"
			    "pidci0vSWMmjUzBRMB0GA1UdDgQWBBQWVPHr8AHgAZb4iPmAT2m19FIaBzAfBgNV\n"
			    "HSMEGDAWgBQWVPHr8AHgAZb4iPmAT2m19FIaBzAPBgNVHRMBAf8EBTADAQH/MAoG\n"
			    "CCqGSM49BAMCA0kAMEYCIQCubv2hesQXKVQX2Wnb+kJGKl3qTy+Q14gnO0FV4SA/\n"
			    "awIhAI0EOsK+b6jx7ExOabc+91cUOJcKopqDq5k/kE7bPolm\n"
			    "-----END CERTIFICATE-----\n"
			    "-----BEGIN PRIVATE KEY-----\n"
			    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5Qg/V/5z01minWRU\n"
			    "ZiyamWo5vYS4osaZT71pl4tDgzShRANCAASvjWRE6ezXAex/HIiuPYBsqNfDh/6P\n"
			    "S2BJYgBr+ilUPx102yT1w1zo/9+bgihEmU/6t8u5wMIcIKYnXItL0ljJ\n"
			    "-----END PRIVATE KEY-----\n";

static struct troth_device *read_device(const char *pem)
{
	struct troth_device *d = NULL;
	assert_ok(troth_device_read(&d, troth_slice_str(pem), NULL));
	return d;
}

/* Computed by the openssl command alone: Z by "pkeyutl -derive -inkey a -peerkey b", K by
 * "kdf -kdfopt digest:SHA256 -kdfopt hexkey:Z -kdfopt info:troth-lan-0 HKDF", the pin
 * by "pkey -pubin -outform DER | dgst -sha256", the tag by "mac -digest SHA256 HMAC" over
 * 0b "troth-lan-0" 20 pin 06 "500000". */
static void tag__is_that_of_the_openssl_command__for_fixed_keys(void **state)
{
	(void)state;
	static const uint8_t expected_key[] = {0xa0, 0xfb, 0x2b, 0xd1, 0x97, 0x33, 0x70, 0x0d,
					       0xc9, 0x06, 0x72, 0x53, 0xb4, 0x20, 0xf1, 0x9e,
					       0x21, 0x36, 0xa2, 0xdc, 0x3d, 0x39, 0xf1, 0x55,
					       0xce, 0xbd, 0x83, 0x4a, 0x46, 0x9d, 0x09, 0x57};
	static const uint8_t expected[] = {0x62, 0x1e, 0x71, 0x10, 0xa2, 0x5b, 0xc2, 0x49};
	struct troth_device *a = read_device(pem_a);
	struct troth_device *b = read_device(pem_b);
	const struct troth_pin *pin = troth_cert_pin(troth_device_cert(a));
	uint8_t key[TROTH_TAG_KEY_LEN];
	uint8_t tag[TROTH_TAG_LEN];
	assert_ok(troth_tag_key(a, troth_device_cert(b), key));
	assert_memory_equal(key, expected_key, sizeof key);
	assert_ok(troth_tag_make(key, pin, 500000, tag));
	assert_memory_equal(tag, expected, sizeof tag);
	assert_ok(troth_tag(b, troth_device_cert(a), pin, 500000, tag));
	assert_memory_equal(tag, expected, sizeof tag);
	troth_device_free(a);
	troth_device_free(b);
}

static void tag__is_for_two__and_for_nobody_else(void **state)
{
	(void)state;
	struct troth_device *a = make_device("a@example");
	struct troth_device *b = make_device("b@example");
	struct troth_device *c = make_device("c@example");
	const struct troth_cert *ca = troth_device_cert(a);
	const struct troth_cert *cb = troth_device_cert(b);
	uint8_t shown[TROTH_TAG_LEN];
	uint8_t other[TROTH_TAG_LEN];
	assert_ok(troth_tag(a, cb, troth_cert_pin(ca), 1, shown));
	assert_ok(troth_tag(b, ca, troth_cert_pin(ca), 1, other));
	assert_memory_equal(shown, other, sizeof shown);
	/* A third sees both certificates, and makes something else of them. */
	assert_ok(troth_tag(c, ca, troth_cert_pin(ca), 1, other));
	assert_memory_not_equal(shown, other, sizeof shown);
	assert_ok(troth_tag(c, cb, troth_cert_pin(ca), 1, other));
	assert_memory_not_equal(shown, other, sizeof shown);
	/* Another hour, and the other's announcement, look unlike it. */
	assert_ok(troth_tag(a, cb, troth_cert_pin(ca), 2, other));
	assert_memory_not_equal(shown, other, sizeof shown);
	assert_ok(troth_tag(a, cb, troth_cert_pin(cb), 1, other));
	assert_memory_not_equal(shown, other, sizeof shown);
	troth_device_free(a);
	troth_device_free(b);
	troth_device_free(c);
}

static void tag__is_unsupported__where_keys_cannot_agree(void **state)
{
	(void)state;
	static const char *kinds[] = {"RSA2048", "ED25519", "P-384"};
	struct troth_device *a = make_device("a@example");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct troth_cert *c = NULL;
		uint8_t tag[TROTH_TAG_LEN] = {7};
		assert_ok(make_cert_of_kind(&c, kinds[i]));
		assert_err(troth_tag(a, c, troth_cert_pin(c), 1, tag), TROTH_E_UNSUPPORTED);
		assert_int_equal(tag[0], 7);
		troth_cert_free(c);
	}
	troth_device_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tag__is_that_of_the_openssl_command__for_fixed_keys),
		cmocka_unit_test(tag__is_for_two__and_for_nobody_else),
		cmocka_unit_test(tag__is_unsupported__where_keys_cannot_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
