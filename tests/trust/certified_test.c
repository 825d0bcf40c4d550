/* SPDX-License-Identifier: MIT */
/* The verdict about peers that a CA speaks for: over every combination, by rules that each stand by
 * themselves; and the few cases that people ask about. */
#include "../test.h"

#include "trust/verdict.h"

static struct troth_judgement judge(const struct troth_facts *f)
{
	struct troth_judgement j;
	troth_judge(&j, f);
	return j;
}

static const enum troth_key_standing standings[] = {TROTH_KEY_UNKNOWN,   TROTH_KEY_UNPROVEN,
						    TROTH_KEY_PROVEN,    TROTH_KEY_REPLACED,
						    TROTH_KEY_SUSPENDED, TROTH_KEY_REVOKED};
static const int errors[] = {TROTH_OK, TROTH_E_EXPIRED, TROTH_E_REVOKED, TROTH_E_CERT};

/* What a CA may change: nothing but what is said of a key that is nobody's. */
static void check(const struct troth_facts *f)
{
	struct troth_facts without = *f;
	without.ca = NULL;
	struct troth_judgement with_ca = judge(f), alone = judge(&without);
	bool good = with_ca.verdict.err == TROTH_OK;
	if (f->ca->err == TROTH_E_REVOKED)
		assert_false(good);
	if (f->ca->err != TROTH_OK && f->key == TROTH_KEY_UNKNOWN)
		assert_false(good);
	if (f->key != TROTH_KEY_UNKNOWN && f->ca->err != TROTH_E_REVOKED) {
		assert_int_equal(with_ca.verdict.err, alone.verdict.err);
		assert_int_equal(with_ca.verdict.level, alone.verdict.level);
		assert_ptr_equal(with_ca.verdict.contact, alone.verdict.contact);
	}
	/* More than without it only by its own good word, and never without that. */
	if (with_ca.verdict.level > alone.verdict.level)
		assert_true(f->ca->err == TROTH_OK && !f->ca->needs_pin);
	if (good && f->key == TROTH_KEY_UNKNOWN && f->method == TROTH_METHOD_KEY) {
		assert_int_equal(with_ca.verdict.level, TROTH_LEVEL_VERIFIED);
		assert_ptr_equal(with_ca.verdict.contact, f->ca->contact);
		assert_true(f->link || f->ca->claimed);
		/* "That contact's keys, by whatever road." */
		assert_false(f->ca->contact != NULL && f->ca->contact_has_key);
		assert_true(f->chosen == NULL || f->ca->contact == f->chosen);
	}
	/* The method caps what any proof is worth. */
	if (good && f->method == TROTH_METHOD_INSECURE)
		assert_int_equal(with_ca.verdict.level, TROTH_LEVEL_UNVERIFIED);
	if (!good)
		assert_int_equal(with_ca.verdict.level, TROTH_LEVEL_PLAIN);
	assert_true(with_ca.count > 0);
}

static void verdict_ca__keeps_the_rules__in_every_combination(void **state)
{
	static const char bob[] = "bob", carol[] = "carol";
	size_t count = 0;
	(void)state;
	for (unsigned bits = 0; bits < 1U << 10; bits++) {
		for (size_t k = 0; k < 6 * 4; k++) {
			struct troth_ca_fact ca = {
				.err = errors[k / 6],
				.why = "why",
				.who = "bob@example.com",
				.contact = bits & 1 ? bob : NULL,
				.claimed = bits & 2,
				.needs_pin = bits & 4,
				.proxied = (bits & 9) == 8,
				.contact_has_key = bits & 512,
			};
			struct troth_facts f = {
				.method = bits & 16 ? TROTH_METHOD_KEY : TROTH_METHOD_INSECURE,
				.key = standings[k % 6],
				.key_owner = standings[k % 6] != TROTH_KEY_UNKNOWN ? carol : NULL,
				.chosen = bits & 32 ? bob : NULL,
				.ca = &ca,
				.tried = bits & 64,
				.link = bits & 128,
				.least = bits & 256 ? TROTH_LEVEL_VERIFIED : TROTH_LEVEL_UNVERIFIED,
			};
			check(&f);
			count++;
		}
	}
	assert_int_equal(count, 1024 * 24);
}

static struct troth_facts stranger(void)
{
	return (struct troth_facts){.method = TROTH_METHOD_KEY,
				    .key = TROTH_KEY_UNKNOWN,
				    .tried = true,
				    .link = true,
				    .least = TROTH_LEVEL_VERIFIED};
}

static void verdict_ca__refuses_whom_no_ca_knows__unless_policy_lets_strangers_in(void **state)
{
	struct troth_facts f = stranger();
	(void)state;
	struct troth_judgement j = judge(&f);
	assert_err(j.verdict.err, TROTH_E_NO_METHOD);
	assert_int_equal(j.reasons[j.count - 1], TROTH_REASON_CA_SILENT);
	f.least = TROTH_LEVEL_UNVERIFIED;
	j = judge(&f);
	assert_ok(j.verdict.err);
	assert_int_equal(j.verdict.level, TROTH_LEVEL_UNVERIFIED);
	f.tried = false;
	assert_err(judge(&f).verdict.err, TROTH_E_KEY_CHANGED);
}

static void verdict_ca__tells_a_job__from_its_owner(void **state)
{
	struct troth_ca_fact ca = {.who = "bob@example.com", .proxied = true};
	struct troth_facts f = stranger();
	(void)state;
	f.ca = &ca;
	struct troth_judgement j = judge(&f);
	assert_ok(j.verdict.err);
	assert_null(j.verdict.contact);
	assert_int_equal(j.reasons[0], TROTH_REASON_CA_PROXY);
	assert_string_equal(j.about[0], "bob@example.com");
}

static void verdict_ca__names_the_fault__last(void **state)
{
	struct troth_ca_fact ca = {.err = TROTH_E_REVOKED, .why = "It was revoked."};
	struct troth_facts f = stranger();
	(void)state;
	f.ca = &ca;
	f.key = TROTH_KEY_PROVEN;
	f.key_owner = "bob";
	struct troth_judgement j = judge(&f);
	assert_err(j.verdict.err, TROTH_E_REVOKED);
	assert_int_equal(j.reasons[j.count - 1], TROTH_REASON_CA_REFUSES);
	assert_string_equal(j.about[j.count - 1], "It was revoked.");
	ca.err = TROTH_E_EXPIRED;
	assert_ok(judge(&f).verdict.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_ca__keeps_the_rules__in_every_combination),
		cmocka_unit_test(
			verdict_ca__refuses_whom_no_ca_knows__unless_policy_lets_strangers_in),
		cmocka_unit_test(verdict_ca__tells_a_job__from_its_owner),
		cmocka_unit_test(verdict_ca__names_the_fault__last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
