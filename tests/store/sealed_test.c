/* SPDX-License-Identifier: MIT */
/* Sealed files: opened by their passphrase as they were, and not otherwise. */
#include "../test.h"
#include "base/slice.h"
#include "store/sealed.h"

#include <sodium.h>

static const struct troth_sealed_cost cheap = {1, 8};
#define FRONT (15 + 8 + 16 + 24)

static struct troth_buf sealed_of(const uint8_t *plain, size_t len)
{
	struct troth_buf out;
	troth_buf_init(&out, TROTH_SEALED_MAX);
	assert_ok(troth_sealed_write(&out, troth_slice_of(plain, len), "swordfish", &cheap));
	return out;
}

static int open_with(struct troth_slice sealed, const char *passphrase, struct troth_buf *out)
{
	troth_buf_init(out, TROTH_SEALED_MAX);
	return troth_sealed_read(out, sealed, passphrase);
}

static void sealed__opens_as_it_was__at_any_length(void **state)
{
	(void)state;
	static uint8_t plain[3 * 65536 + 1];
	static const size_t lengths[] = {0, 1, 65535, 65536, 65537, 2 * 65536, sizeof plain};
	randombytes_buf(plain, sizeof plain);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct troth_buf opened, sealed = sealed_of(plain, lengths[i]);
		assert_ok(open_with(troth_buf_slice(&sealed), "swordfish", &opened));
		assert_true(troth_slice_equal(troth_buf_slice(&opened),
					      troth_slice_of(plain, lengths[i])));
		troth_buf_fini(&opened);
		assert_err(open_with(troth_buf_slice(&sealed), "Swordfish", &opened),
			   TROTH_E_PASSPHRASE);
		assert_int_equal(troth_buf_len(&opened), 0);
		troth_buf_fini(&opened);
		troth_buf_fini(&sealed);
	}
}

static void sealed__differs_each_time(void **state)
{
	(void)state;
	struct troth_buf a = sealed_of((const uint8_t *)"x", 1);
	struct troth_buf b = sealed_of((const uint8_t *)"x", 1);
	assert_false(troth_slice_equal(troth_buf_slice(&a), troth_buf_slice(&b)));
	troth_buf_fini(&a);
	troth_buf_fini(&b);
}

static void change__of_any_byte__is_noticed(void **state)
{
	(void)state;
	static const char plain[] = "the keys of a device";
	struct troth_buf sealed = sealed_of((const uint8_t *)plain, sizeof plain);
	struct troth_slice bytes = troth_buf_slice(&sealed);
	uint8_t changed[256];
	assert_true(bytes.len < sizeof changed);
	for (size_t i = 0; i < bytes.len; i++) {
		struct troth_buf out;
		memcpy(changed, bytes.data, bytes.len);
		changed[i] ^= 1;
		assert_true(open_with(troth_slice_of(changed, bytes.len), "swordfish", &out) !=
			    TROTH_OK);
		assert_int_equal(troth_buf_len(&out), 0);
		troth_buf_fini(&out);
	}
	troth_buf_fini(&sealed);
}

static void cut__anywhere__is_noticed(void **state)
{
	(void)state;
	static uint8_t plain[2 * 65536];
	struct troth_buf out, sealed = sealed_of(plain, sizeof plain);
	struct troth_slice bytes = troth_buf_slice(&sealed);
	/* Also between two messages, where nothing but the tag tells. */
	const size_t cuts[] = {0, 10, FRONT, FRONT + 16, FRONT + 65536 + 17, bytes.len - 1};
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		assert_true(open_with(troth_slice_of(bytes.data, cuts[i]), "swordfish", &out) !=
			    TROTH_OK);
		troth_buf_fini(&out);
	}
	assert_ok(troth_buf_append_byte(&sealed, 0)); /* and lengthened */
	assert_true(open_with(troth_buf_slice(&sealed), "swordfish", &out) != TROTH_OK);
	troth_buf_fini(&out);
	troth_buf_fini(&sealed);
}

static void cost__beyond_reason__is_refused_at_once(void **state)
{
	(void)state;
	struct troth_buf out, sealed = sealed_of((const uint8_t *)"x", 1);
	uint8_t bytes[256];
	const size_t len = troth_buf_len(&sealed);
	static const uint8_t wrong[][8] = {
		{0, 0, 0, 0, 0, 0, 0, 8},  /* no work */
		{0, 0, 0, 17, 0, 0, 0, 8}, /* too much */
		{0, 0, 0, 1, 0, 16, 0, 1}, /* more than 1 GiB */
		{0, 0, 0, 1, 0, 0, 0, 0},  /* no memory */
		{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		memcpy(bytes, troth_buf_slice(&sealed).data, len);
		memcpy(bytes + 15, wrong[i], 8);
		assert_err(open_with(troth_slice_of(bytes, len), "swordfish", &out),
			   TROTH_E_FORMAT);
		troth_buf_fini(&out);
	}
	troth_buf_fini(&sealed);
}

/* So that a backup of today opens for ever. */
static void form__is_the_documented_one(void **state)
{
	(void)state;
	struct troth_buf sealed = sealed_of((const uint8_t *)"hi", 2);
	struct troth_slice bytes = troth_buf_slice(&sealed);
	uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES], plain[2], tag;
	crypto_secretstream_xchacha20poly1305_state stream;
	assert_int_equal(bytes.len, FRONT + 2 + 17);
	assert_memory_equal(bytes.data, "troth-backup-1\n\0\0\0\1\0\0\0\10", 23);
	assert_int_equal(crypto_pwhash(key, sizeof key, "swordfish", 9, bytes.data + 23, 1, 8192,
				       crypto_pwhash_ALG_ARGON2ID13),
			 0);
	assert_int_equal(
		crypto_secretstream_xchacha20poly1305_init_pull(&stream, bytes.data + 39, key), 0);
	assert_int_equal(crypto_secretstream_xchacha20poly1305_pull(&stream, plain, NULL, &tag,
								    bytes.data + FRONT, 19,
								    bytes.data, 39),
			 0);
	assert_memory_equal(plain, "hi", 2);
	assert_int_equal(tag, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
	troth_buf_fini(&sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed__opens_as_it_was__at_any_length),
		cmocka_unit_test(sealed__differs_each_time),
		cmocka_unit_test(change__of_any_byte__is_noticed),
		cmocka_unit_test(cut__anywhere__is_noticed),
		cmocka_unit_test(cost__beyond_reason__is_refused_at_once),
		cmocka_unit_test(form__is_the_documented_one),
	};
	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
