/* SPDX-License-Identifier: MIT */
/*
 * CPace against the test vectors of draft-irtf-cfrg-cpace, appendix "Test vector for CPace using
 * group ristretto255 and hash SHA-512", and against everything that isn't a right message.
 */
#include "../test.h"

#include "base/encode.h"
#include "base/slice.h"
#include "c2c/binding.h"
#include "c2c/cpace.h"

#include <sodium.h>

#define SID "7e4b4791d6a8ef019b936c79fb7f2c57"
#define SCALAR_A "da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08"
#define SHARE_A "d40fb265a7abeaee7939d91a585fe59f7053f982c296ec413c624c669308f87a"
#define SCALAR_B "d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d"
#define SHARE_B "08bcf6e9777a9c313a3db6daa510f2d398403319c2341bd506a92e672eb7e307"
#define ISK                                                                                        \
	"4c5469a16b2364c4b944ebc1a79e51d1674ad47db26e8718154f59faebfaa52d"                         \
	"8346f30aa58377117eb20d527f2cbc5c76381f7fd372e89df8239f87f2e02ed1"
/* "Invalid inputs for scalar_mult_vfy": no element, and the neutral one. */
#define NO_ELEMENT "2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c"
#define NEUTRAL "0000000000000000000000000000000000000000000000000000000000000000"

#define CI                                                                                         \
	"oc\x0b"                                                                                   \
	"B_responder"                                                                              \
	"\x0b"                                                                                     \
	"A_initiator"

struct run {
	uint8_t sid[16];
	uint8_t random[TROTH_CPACE_RANDOM_LEN];
	struct troth_cpace *cpace;
};

static struct troth_cpace_params params(struct run *r, bool initiator)
{
	assert_ok(troth_unhex(r->sid, sizeof r->sid, SID));
	assert_ok(troth_unhex(r->random, sizeof r->random, initiator ? SCALAR_A : SCALAR_B));
	return (struct troth_cpace_params){
		.initiator = initiator,
		.prs = troth_slice_str("Password"),
		.ci = troth_slice_str(CI),
		.sid = troth_slice_of(r->sid, sizeof r->sid),
		.ad_a = troth_slice_str("ADa"),
		.ad_b = troth_slice_str("ADb"),
		.random = r->random,
	};
}

static struct troth_cpace *begin(bool initiator)
{
	struct run r;
	struct troth_cpace *cpace = NULL;
	const struct troth_cpace_params p = params(&r, initiator);
	assert_ok(troth_cpace_new(&cpace, &p));
	return cpace;
}

static void assert_hex(struct troth_slice bytes, const char *hex)
{
	char text[2 * TROTH_CPACE_KEY_LEN + 1];
	assert_true(bytes.len <= TROTH_CPACE_KEY_LEN);
	troth_hex(text, bytes);
	assert_string_equal(text, hex);
}

static int receive_hex(struct troth_cpace *c, const char *hex)
{
	uint8_t share[TROTH_CPACE_SHARE_LEN];
	assert_ok(troth_unhex(share, sizeof share, hex));
	return troth_cpace_receive(c, troth_slice_of(share, sizeof share));
}

static void cpace__gives__what_the_draft_gives(void **state)
{
	(void)state;
	struct troth_cpace *a = begin(true);
	struct troth_cpace *b = begin(false);
	assert_hex(troth_cpace_share(a), SHARE_A);
	assert_hex(troth_cpace_share(b), SHARE_B);
	assert_ok(receive_hex(a, SHARE_B));
	assert_ok(receive_hex(b, SHARE_A));
	assert_hex(troth_cpace_key(a), ISK);
	assert_hex(troth_cpace_key(b), ISK);
	troth_cpace_free(a);
	troth_cpace_free(b);
}

/* The draft has no vectors for the confirmation: its formula, by other means. */
static void confirmation__is__what_the_draft_describes(void **state)
{
	(void)state;
	uint8_t text[8 + 16 + 64];
	uint8_t key[64];
	uint8_t message[1 + 32 + 1 + 3];
	uint8_t tag[64];
	crypto_auth_hmacsha512_state mac;
	struct troth_cpace *a = begin(true);
	assert_ok(receive_hex(a, SHARE_B));
	memcpy(text, "CPaceMac", 8);
	assert_ok(troth_unhex(text + 8, 16, SID));
	assert_ok(troth_unhex(text + 24, 64, ISK));
	crypto_hash_sha512(key, text, sizeof text);
	message[0] = 32;
	assert_ok(troth_unhex(message + 1, 32, SHARE_A));
	memcpy(message + 33,
	       "\x03"
	       "ADa",
	       4);
	crypto_auth_hmacsha512_init(&mac, key, sizeof key);
	crypto_auth_hmacsha512_update(&mac, message, sizeof message);
	crypto_auth_hmacsha512_final(&mac, tag);
	struct troth_slice ours = troth_cpace_tag(a);
	assert_int_equal(ours.len, sizeof tag);
	assert_memory_equal(ours.data, tag, sizeof tag);
	troth_cpace_free(a);
}

/* ---- two sides ---- */

static void meet(struct troth_cpace *a, struct troth_cpace *b)
{
	assert_ok(troth_cpace_receive(a, troth_cpace_share(b)));
	assert_ok(troth_cpace_receive(b, troth_cpace_share(a)));
}

static void sides__that_share_the_secret__confirm_each_other(void **state)
{
	(void)state;
	struct troth_cpace *a = begin(true);
	struct troth_cpace *b = begin(false);
	meet(a, b);
	assert_ok(troth_cpace_confirm(a, troth_cpace_tag(b)));
	assert_ok(troth_cpace_confirm(b, troth_cpace_tag(a)));
	/* One's own confirmation, sent back, is none. */
	assert_err(troth_cpace_confirm(a, troth_cpace_tag(a)), TROTH_E_SECRET);
	assert_err(troth_cpace_confirm(b, troth_cpace_tag(b)), TROTH_E_SECRET);
	troth_cpace_free(a);
	troth_cpace_free(b);
}

/* Every input is in the key: what differs in anything isn't confirmed by anybody. */
static void difference__in_any_input__is_no_confirmation(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct run r;
		struct troth_cpace *a = begin(true);
		struct troth_cpace *b = NULL;
		struct troth_cpace_params p = params(&r, false);
		struct troth_slice *fields[] = {&p.prs, &p.ci, &p.sid, &p.ad_a, &p.ad_b};
		if (i < 5)
			*fields[i] = troth_slice_str("something else");
		assert_ok(troth_cpace_new(&b, &p));
		meet(a, b);
		int expected = i < 5 ? TROTH_E_SECRET : TROTH_OK;
		int by_a = troth_cpace_confirm(a, troth_cpace_tag(b));
		int by_b = troth_cpace_confirm(b, troth_cpace_tag(a));
		assert_err(by_a, expected);
		assert_err(by_b, expected);
		troth_cpace_free(a);
		troth_cpace_free(b);
	}
}

static void confirmation__with_any_bit_changed__is_none(void **state)
{
	(void)state;
	struct troth_cpace *a = begin(true);
	struct troth_cpace *b = begin(false);
	uint8_t tag[TROTH_CPACE_TAG_LEN];
	meet(a, b);
	memcpy(tag, troth_cpace_tag(b).data, sizeof tag);
	for (size_t bit = 0; bit < 8 * sizeof tag; bit++) {
		tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_err(troth_cpace_confirm(a, troth_slice_of(tag, sizeof tag)), TROTH_E_SECRET);
		tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_err(troth_cpace_confirm(a, troth_slice_of(tag, sizeof tag - 1)), TROTH_E_SECRET);
	assert_ok(troth_cpace_confirm(a, troth_slice_of(tag, sizeof tag)));
	troth_cpace_free(a);
	troth_cpace_free(b);
}

/* "the protocol MUST abort": and then there is no key that anybody could know. */
static void share__that_is_no_element_or_neutral__aborts(void **state)
{
	(void)state;
	const char *shares[] = {NO_ELEMENT, NEUTRAL};
	for (int i = 0; i < 4; i++) {
		struct troth_cpace *c = begin(i % 2 == 0);
		const uint8_t zeros[TROTH_CPACE_TAG_LEN] = {0};
		assert_err(receive_hex(c, shares[i / 2]), TROTH_E_SECRET);
		assert_int_equal(troth_cpace_tag(c).len, 0);
		assert_int_equal(troth_cpace_key(c).len, 0);
		assert_err(troth_cpace_confirm(c, troth_slice_of(zeros, sizeof zeros)),
			   TROTH_E_SECRET);
		assert_err(receive_hex(c, SHARE_A), TROTH_E_INVAL); /* no second chance */
		troth_cpace_free(c);
	}
}

static void share__of_another_length__aborts(void **state)
{
	(void)state;
	uint8_t share[TROTH_CPACE_SHARE_LEN + 1] = {0};
	assert_ok(troth_unhex(share, TROTH_CPACE_SHARE_LEN, SHARE_B));
	for (size_t len = 0; len <= sizeof share; len++) {
		struct troth_cpace *c = begin(true);
		int expected = len == TROTH_CPACE_SHARE_LEN ? TROTH_OK : TROTH_E_SECRET;
		assert_err(troth_cpace_receive(c, troth_slice_of(share, len)), expected);
		troth_cpace_free(c);
	}
}

/* Longer than a block of the hash, where no padding is left. */
/* "G.sample_scalar(): [...] clear the most significant bits larger than G.group_size_bits" */
static void scalar__has__no_more_bits_than_the_group(void **state)
{
	(void)state;
	struct run r;
	struct troth_cpace *cpace[2];
	for (int i = 0; i < 2; i++) {
		struct troth_cpace_params p = params(&r, true);
		r.random[TROTH_CPACE_RANDOM_LEN - 1] |= i == 0 ? 0 : 0x70;
		assert_ok(troth_cpace_new(&cpace[i], &p));
	}
	assert_true(troth_slice_equal(troth_cpace_share(cpace[0]), troth_cpace_share(cpace[1])));
	troth_cpace_free(cpace[0]);
	troth_cpace_free(cpace[1]);
}

static void secret__of_any_length__works(void **state)
{
	(void)state;
	static char secret[1025];
	memset(secret, 'x', sizeof secret - 1);
	for (size_t len = 1; len < sizeof secret; len += 31) {
		struct run ra, rb;
		struct troth_cpace *a = NULL;
		struct troth_cpace *b = NULL;
		struct troth_cpace_params pa = params(&ra, true);
		struct troth_cpace_params pb = params(&rb, false);
		pa.prs = pb.prs = troth_slice_of(secret, len);
		assert_ok(troth_cpace_new(&a, &pa));
		assert_ok(troth_cpace_new(&b, &pb));
		meet(a, b);
		assert_ok(troth_cpace_confirm(a, troth_cpace_tag(b)));
		troth_cpace_free(a);
		troth_cpace_free(b);
	}
}

/* The example of docs/protocol.md, "Binding", which a test of the documents checks as well. */
static void binding__is__that_of_the_example(void **state)
{
	(void)state;
	struct troth_binding b = {.initiator = "romeo@forza", .recipient = "juliet@pronto"};
	uint8_t expected[8 + 12 + 14 + 3 * 33];
	uint8_t *at = expected;
	memcpy(at, "\x07troth-0", 8);
	memcpy(at + 8, "\x0bromeo@forza", 12);
	memcpy(at + 20, "\x0djuliet@pronto", 14);
	at += 34;
	for (uint8_t i = 0; i < 96; i++) {
		uint8_t *to = i < 32 ? b.initiator_cert : i < 64 ? b.recipient_cert : b.transcript;
		to[i % 32] = i;
		if (i % 32 == 0)
			*at++ = 32;
		*at++ = i;
	}
	struct troth_buf ci;
	troth_buf_init(&ci, TROTH_BINDING_MAX);
	assert_ok(troth_binding_append(&ci, &b));
	assert_int_equal(troth_buf_len(&ci), sizeof expected);
	assert_memory_equal(troth_buf_slice(&ci).data, expected, sizeof expected);
	troth_buf_fini(&ci);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpace__gives__what_the_draft_gives),
		cmocka_unit_test(confirmation__is__what_the_draft_describes),
		cmocka_unit_test(sides__that_share_the_secret__confirm_each_other),
		cmocka_unit_test(difference__in_any_input__is_no_confirmation),
		cmocka_unit_test(confirmation__with_any_bit_changed__is_none),
		cmocka_unit_test(share__that_is_no_element_or_neutral__aborts),
		cmocka_unit_test(share__of_another_length__aborts),
		cmocka_unit_test(scalar__has__no_more_bits_than_the_group),
		cmocka_unit_test(secret__of_any_length__works),
		cmocka_unit_test(binding__is__that_of_the_example),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
