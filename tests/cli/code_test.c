/* SPDX-License-Identifier: MIT */
/* Device codes: as made, as typed, as mistyped. The vectors are those of BIP-350. */
#include "../test.h"
#include "base/slice.h"
#include "cli/bot/code.h"

#include <ctype.h>
#include <stdio.h>

static void bech32m__is_that_of_bip_350(void **state)
{
	(void)state;
	static const char *const valid[] = {
		"A1LQFN3A",
		"a1lqfn3a",
		"an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber"
		"11sg7hg6",
		"abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
		"11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
		"llllludsr8",
		"split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
		"?1v759aa",
	};
	static const char *const invalid[] = {
		"\x20"
		"1xj0phk",
		"\x7f"
		"1g6xzxy",
		"qyrz8wqd2c9m",
		"1qyrz8wqd2c9m",
		"y1b0jsk6g",
		"lt1igcx5c0",
		"in1muywd",
		"mm1crxm3i",
		"au1s5cgom",
		"M1VUXWEZ",
		"16plkw9",
		"1p2gdwpf",
		"A1LQFn3A",
	};
	for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
		if (!troth_code_is_bech32m(troth_slice_str(valid[i])))
			fail_msg("refused: %s", valid[i]);
	for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
		if (troth_code_is_bech32m(troth_slice_str(invalid[i])))
			fail_msg("taken: %s", invalid[i]);
}

static void made__is_read__as_people_type(void **state)
{
	(void)state;
	char code[TROTH_CODE_LEN + 1], read[TROTH_CODE_LEN + 1], grouped[TROTH_CODE_GROUPED];
	for (int i = 0; i < 1000; i++) {
		troth_code_make(code);
		assert_int_equal(strlen(code), TROTH_CODE_LEN);
		assert_true(troth_code_is_bech32m(troth_slice_str(code)));
		troth_code_group(grouped, code);
		assert_int_equal(strlen(grouped), TROTH_CODE_LEN + 6);
		assert_ok(troth_code_read(read, troth_slice_str(grouped)));
		assert_string_equal(read, code);
		for (char *c = grouped; *c; c++)
			*c = (char)(*c == ' ' ? '-' : toupper((unsigned char)*c));
		assert_ok(troth_code_read(read, troth_slice_str(grouped)));
		assert_string_equal(read, code);
		grouped[1] = (char)tolower((unsigned char)grouped[1]);
		assert_ok(troth_code_read(read, troth_slice_str(grouped)));
	}
}

static void made__differ(void **state)
{
	(void)state;
	char a[TROTH_CODE_LEN + 1], b[TROTH_CODE_LEN + 1];
	troth_code_make(a);
	troth_code_make(b);
	assert_string_not_equal(a, b);
}

static void mistyped__is_noticed__wherever_it_is(void **state)
{
	(void)state;
	static const char typed[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7lbio1";
	char code[TROTH_CODE_LEN + 1], read[TROTH_CODE_LEN + 1];
	troth_code_make(code);
	for (size_t at = 6; at < TROTH_CODE_LEN; at++) {
		for (const char *c = typed; *c; c++) {
			char wrong[TROTH_CODE_LEN + 1];
			memcpy(wrong, code, sizeof wrong);
			wrong[at] = *c;
			assert_int_equal(troth_code_read(read, troth_slice_str(wrong)),
					 *c == code[at] ? TROTH_OK : TROTH_E_FORMAT);
		}
	}
	for (size_t at = 6; at + 1 < TROTH_CODE_LEN; at++) { /* two that changed places */
		char wrong[TROTH_CODE_LEN + 1];
		memcpy(wrong, code, sizeof wrong);
		wrong[at] = code[at + 1];
		wrong[at + 1] = code[at];
		assert_int_equal(troth_code_read(read, troth_slice_str(wrong)),
				 code[at] == code[at + 1] ? TROTH_OK : TROTH_E_FORMAT);
	}
	assert_err(troth_code_read(read, troth_slice_of(code, TROTH_CODE_LEN - 1)), TROTH_E_FORMAT);
	char longer[TROTH_CODE_LEN + 2];
	(void)snprintf(longer, sizeof longer, "%sq", code);
	assert_err(troth_code_read(read, troth_slice_str(longer)), TROTH_E_FORMAT);
}

/* Bech32m of another length has its own right checks, and is no code of ours. */
static void other_bech32m__is_none(void **state)
{
	(void)state;
	char read[TROTH_CODE_LEN + 1];
	assert_err(troth_code_read(read, troth_slice_str("a1lqfn3a")), TROTH_E_FORMAT);
}

static void meaning_a_code__is_its_beginning(void **state)
{
	(void)state;
	assert_true(troth_code_is_meant(troth_slice_str("troth1")));
	assert_true(troth_code_is_meant(troth_slice_str(" TROTH 1-abcd")));
	assert_false(troth_code_is_meant(troth_slice_str("troth")));
	assert_false(troth_code_is_meant(troth_slice_str("truth is the daughter of time")));
	assert_false(troth_code_is_meant(troth_slice_str("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bech32m__is_that_of_bip_350),
		cmocka_unit_test(made__is_read__as_people_type),
		cmocka_unit_test(made__differ),
		cmocka_unit_test(mistyped__is_noticed__wherever_it_is),
		cmocka_unit_test(other_bech32m__is_none),
		cmocka_unit_test(meaning_a_code__is_its_beginning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
