/* SPDX-License-Identifier: MIT */
/* The short string, and somebody in the middle who wants two of them to be alike. */
#include "../test.h"

#include "base/encode.h"
#include "base/slice.h"
#include "c2c/sas.h"

#include <sodium.h>

static void value_of(uint8_t out[TROTH_SAS_VALUE_LEN], const uint8_t *ni, const uint8_t *nr,
		     const char *ci)
{
	const struct troth_sas_input input = {
		.initiator = ni,
		.recipient = nr,
		.ci = troth_slice_str(ci),
		.sid = troth_slice_str(ci),
	};
	assert_ok(troth_sas_value(out, &input));
}

static void string__is__the_beginning_of_the_value(void **state)
{
	(void)state;
	/* 2^64 - 1 mod 10^12, and six bits each. */
	uint8_t value[TROTH_SAS_VALUE_LEN] = {255, 255, 255, 255, 255, 255, 255, 255};
	struct troth_sas sas;
	troth_sas_show(&sas, value);
	assert_string_equal(sas.digits, "0737 0955 1615");
	for (size_t i = 0; i < TROTH_SAS_EMOJI; i++)
		assert_int_equal(sas.emoji[i], 63);
	/* 000001 000010 000011 000100 000101 000110 000111 and the rest */
	const uint8_t counted[TROTH_SAS_VALUE_LEN] = {0x04, 0x20, 0xc4, 0x14, 0x61, 0xc0};
	troth_sas_show(&sas, counted);
	for (size_t i = 0; i < TROTH_SAS_EMOJI; i++)
		assert_int_equal(sas.emoji[i], i + 1);
	memset(value, 0, sizeof value);
	troth_sas_show(&sas, value);
	assert_string_equal(sas.digits, "0000 0000 0000");
}

/* Computed by another program: Python's hashlib, over lv_cat("troth-sas-0", Ni, Nr, CI, sid) for
 * the nonces 00 to 1f and 20 to 3f, "CI", and 32 times 07. */
#define VALUE                                                                                      \
	"3c0e9fd637f81e6549f07dea2926ef9caaedcc04f85068b1b7fc00e0d271be6e"                         \
	"c06219eed58b6ddfb8a7b7ac8f103f94f40b005f7186eaee6ac5526144f51667"
#define COMMITMENT "7801ca1f72ad53f83eeaea0d0b9612a5ebad5db8f8e1a4388089ed42e1fabf62"

static void value_and_commitment__are__as_described(void **state)
{
	(void)state;
	uint8_t nonces[2 * TROTH_SAS_NONCE_LEN], sid[32], value[TROTH_SAS_VALUE_LEN];
	uint8_t expected[TROTH_SAS_VALUE_LEN], commitment[TROTH_SHA256_LEN];
	for (uint8_t i = 0; i < sizeof nonces; i++)
		nonces[i] = i;
	memset(sid, 7, sizeof sid);
	const struct troth_sas_input input = {
		.initiator = nonces,
		.recipient = nonces + TROTH_SAS_NONCE_LEN,
		.ci = troth_slice_str("CI"),
		.sid = troth_slice_of(sid, sizeof sid),
	};
	struct troth_sas sas;
	assert_ok(troth_sas_value(value, &input));
	assert_ok(troth_unhex(expected, sizeof value, VALUE));
	assert_memory_equal(value, expected, sizeof value);
	troth_sas_show(&sas, value);
	assert_string_equal(sas.digits, "0343 6045 0661");
	assert_ok(troth_sas_commit(commitment, nonces));
	assert_ok(troth_unhex(expected, sizeof commitment, COMMITMENT));
	assert_memory_equal(commitment, expected, sizeof commitment);
}

static void value__changes__with_every_input(void **state)
{
	(void)state;
	uint8_t a[TROTH_SAS_NONCE_LEN] = {1}, b[TROTH_SAS_NONCE_LEN] = {2};
	uint8_t first[TROTH_SAS_VALUE_LEN], other[TROTH_SAS_VALUE_LEN];
	const struct troth_sas_input usual = {a, b, troth_slice_str("ci"), troth_slice_str("sid")};
	struct troth_sas_input changed[] = {usual, usual, usual, usual};
	changed[0].initiator = b;
	changed[1].recipient = a;
	changed[2].ci = troth_slice_str("CI");
	changed[3].sid = troth_slice_str("SID");
	assert_ok(troth_sas_value(first, &usual));
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
		assert_ok(troth_sas_value(other, &changed[i]));
		assert_memory_not_equal(first, other, sizeof first);
	}
}

/* Known here, by other means: SHA-256 of 0b "troth-sas-0" 20 and 32 zero bytes. */
static void commitment__is__to_the_nonce_alone(void **state)
{
	(void)state;
	uint8_t text[1 + 11 + 1 + 32] = "\x0btroth-sas-0\x20";
	uint8_t expected[32], out[32];
	const uint8_t zeros[TROTH_SAS_NONCE_LEN] = {0};
	crypto_hash_sha256(expected, text, sizeof text);
	assert_ok(troth_sas_commit(out, zeros));
	assert_memory_equal(out, expected, sizeof out);
}

static void emoji__have__names_of_their_own(void **state)
{
	(void)state;
	for (uint8_t i = 0; i < 64; i++) {
		assert_true(strlen(troth_sas_emoji(i)) >= 3);
		assert_true(strlen(troth_sas_emoji_name(i)) >= 3);
		for (uint8_t k = 0; k < i; k++) {
			assert_string_not_equal(troth_sas_emoji(i), troth_sas_emoji(k));
			assert_string_not_equal(troth_sas_emoji_name(i), troth_sas_emoji_name(k));
		}
	}
}

/* ---- in the middle ---- */

#define BITS 6 /* in place of 42, or of 12 digits: what is left to chance can be counted */
#define TRIES 6000

struct middle {
	uint8_t ni[TROTH_SAS_NONCE_LEN];     /* Romeo's */
	uint8_t nr[TROTH_SAS_NONCE_LEN];     /* Juliet's */
	uint8_t his_ni[TROTH_SAS_NONCE_LEN]; /* as initiator towards Juliet */
	uint8_t his_nr[TROTH_SAS_NONCE_LEN]; /* as recipient towards Romeo */
};

static unsigned shown(const uint8_t *ni, const uint8_t *nr, const char *between)
{
	uint8_t value[TROTH_SAS_VALUE_LEN];
	value_of(value, ni, nr, between);
	return value[0] >> (8 - BITS);
}

static bool are_alike(const struct middle *m)
{
	return shown(m->ni, m->his_nr, "romeo and mallory") ==
	       shown(m->his_ni, m->nr, "mallory and juliet");
}

/* He searches for a nonce of his that makes the strings alike, as long as he may. */
static void search(struct middle *m, uint8_t *nonce)
{
	for (int i = 0; i < 40 << BITS && !are_alike(m); i++)
		randombytes_buf(nonce, TROTH_SAS_NONCE_LEN);
}

/* As the protocol has it: Romeo is committed and hasn't said Ni when Mallory must say his Nr; and
 * Mallory is committed before Juliet says hers. Whatever he searched before, he searched without.
 */
static bool by_the_protocol(void)
{
	struct middle m;
	uint8_t commitment[TROTH_SHA256_LEN], again[TROTH_SHA256_LEN];
	randombytes_buf(&m, sizeof m);
	assert_ok(troth_sas_commit(commitment, m.his_ni)); /* to Juliet */
	uint8_t committed[TROTH_SAS_NONCE_LEN];
	memcpy(committed, m.his_ni, sizeof committed);
	randombytes_buf(m.nr, sizeof m.nr); /* she answers */
	randombytes_buf(m.ni, sizeof m.ni); /* Romeo reveals, to his Nr */
	bool alike = are_alike(&m);
	if (!alike) { /* another Ni would do: Juliet sees that it isn't the one */
		search(&m, m.his_ni);
		assert_ok(troth_sas_commit(again, m.his_ni));
		assert_memory_not_equal(commitment, again, sizeof again);
	}
	return alike;
}

/* Without the commitment: he sees Juliet's nonce and then chooses his own. */
static bool without_commitment(void)
{
	struct middle m;
	randombytes_buf(&m, sizeof m);
	search(&m, m.his_ni);
	return are_alike(&m);
}

static void middle__succeeds__once_in_as_many_as_there_are_strings(void **state)
{
	(void)state;
	int alike = 0, free_choice = 0;
	for (int i = 0; i < TRIES; i++)
		alike += by_the_protocol();
	for (int i = 0; i < 200; i++)
		free_choice += without_commitment();
	/* TRIES / 2^BITS = 94, standard deviation 9.6: six of them on either side. */
	int expected = TRIES >> BITS;
	print_message("%d of %d, expected about %d; without a commitment %d of 200\n", alike, TRIES,
		      expected, free_choice);
	assert_in_range(alike, expected - 58, expected + 58);
	assert_in_range(free_choice, 190, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(string__is__the_beginning_of_the_value),
		cmocka_unit_test(value_and_commitment__are__as_described),
		cmocka_unit_test(value__changes__with_every_input),
		cmocka_unit_test(commitment__is__to_the_nonce_alone),
		cmocka_unit_test(emoji__have__names_of_their_own),
		cmocka_unit_test(middle__succeeds__once_in_as_many_as_there_are_strings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
