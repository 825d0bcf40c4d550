/* SPDX-License-Identifier: MIT */
/*
 * The verdict over every combination of facts, against the rules of docs/protocol.md
 * ("Identity and stanzas", "Floor") as predicates: each stands by itself and none follows the
 * code's order.
 */
#include "../test.h"

#include "trust/belief.h"
#include "trust/verdict.h"

static const enum troth_method methods[] = {TROTH_METHOD_NONE,     TROTH_METHOD_KEY,
					    TROTH_METHOD_PAKE,     TROTH_METHOD_SRP,
					    TROTH_METHOD_INSECURE, TROTH_METHOD_PLAIN};
static const enum troth_key_standing standings[] = {
	TROTH_KEY_UNKNOWN,  TROTH_KEY_UNPROVEN,  TROTH_KEY_VOUCHED, TROTH_KEY_CERTIFIED,
	TROTH_KEY_OPENPGP,  TROTH_KEY_ENDORSED,  TROTH_KEY_PROVEN,  TROTH_KEY_UNCERTIFIED,
	TROTH_KEY_REPLACED, TROTH_KEY_SUSPENDED, TROTH_KEY_VOID,    TROTH_KEY_REVOKED};
static const enum troth_level levels[] = {TROTH_LEVEL_PLAIN, TROTH_LEVEL_UNVERIFIED,
					  TROTH_LEVEL_VOUCHED, TROTH_LEVEL_VERIFIED};
static const char *const people[] = {NULL, "bob", "carol"};

static bool same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Two names for the same person, or nobody both times. */
static bool equal(const char *a, const char *b)
{
	return a == b || same(a, b);
}

static bool by_certificate(const struct troth_facts *f)
{
	return f->method == TROTH_METHOD_KEY || f->method == TROTH_METHOD_INSECURE;
}

static bool by_secret(const struct troth_facts *f)
{
	return f->method == TROTH_METHOD_PAKE || f->method == TROTH_METHOD_SRP;
}

/* The key stands for somebody now. */
static bool key_counts(const struct troth_facts *f)
{
	return f->key_owner != NULL &&
	       (troth_standing_is_believed(f->key) || f->key == TROTH_KEY_UNPROVEN ||
		f->key == TROTH_KEY_VOUCHED);
}

/* "Identity is the key's: the contact it is pinned to" */
static const char *identity(const struct troth_facts *f)
{
	if (by_certificate(f))
		return key_counts(f) ? f->key_owner : NULL;
	return by_secret(f) ? f->secret_of : NULL;
}

static bool has_key(const struct troth_facts *f, const char *contact)
{
	return (f->chosen_has_key && same(contact, f->chosen)) ||
	       (f->address_owner_has_key && same(contact, f->address_owner));
}

/* ---- what must be refused ---- */

static bool key_is_void(const struct troth_facts *f)
{
	return by_certificate(f) && (f->key == TROTH_KEY_REPLACED ||
				     f->key == TROTH_KEY_SUSPENDED || f->key == TROTH_KEY_REVOKED ||
				     f->key == TROTH_KEY_VOID || f->key == TROTH_KEY_UNCERTIFIED);
}

/* "A stream dialled to a contact must show that contact's key." */
static bool another_answered(const struct troth_facts *f)
{
	return f->chosen != NULL && identity(f) != NULL && !same(identity(f), f->chosen);
}

static bool chosen_key_not_shown(const struct troth_facts *f)
{
	return f->chosen != NULL && has_key(f, f->chosen) && !same(identity(f), f->chosen);
}

/* "A claimed address held by another contact is refused." */
static bool address_is_anothers(const struct troth_facts *f)
{
	return f->address_owner != NULL && identity(f) != NULL &&
	       !same(identity(f), f->address_owner);
}

static bool stranger_takes_address(const struct troth_facts *f)
{
	return f->address_owner != NULL && identity(f) == NULL && has_key(f, f->address_owner);
}

/* "Over a server the bare JID must belong to the identity" */
static bool jid_is_not_the_keys(const struct troth_facts *f)
{
	return !f->link && by_certificate(f) && identity(f) != NULL &&
	       !same(identity(f), f->address_owner);
}

/* "When a promised proof fails there, the stream ends: never a fallback to a weaker method." */
static bool promised_key_is_nobodys(const struct troth_facts *f)
{
	return f->method == TROTH_METHOD_KEY && !key_counts(f);
}

/* "allow-plain is on for link-local strangers that offer no TLS" */
static bool plain_where_it_cannot_be(const struct troth_facts *f)
{
	return f->method == TROTH_METHOD_NONE || (f->method == TROTH_METHOD_PLAIN && !f->link);
}

/* What each method gives at most, and only with something to show for it. */
static enum troth_level worth(const struct troth_facts *f)
{
	/* "vouched: less than verified, shown with who vouched" */
	if (f->method == TROTH_METHOD_KEY && key_counts(f) && f->key == TROTH_KEY_VOUCHED)
		return TROTH_LEVEL_VOUCHED;
	if (by_secret(f) || (f->method == TROTH_METHOD_KEY && key_counts(f)))
		return TROTH_LEVEL_VERIFIED;
	return f->method == TROTH_METHOD_INSECURE ? TROTH_LEVEL_UNVERIFIED : TROTH_LEVEL_PLAIN;
}

static bool below_policy(const struct troth_facts *f)
{
	return worth(f) < f->least;
}

static bool (*const refusals[])(const struct troth_facts *) = {key_is_void,
							       another_answered,
							       chosen_key_not_shown,
							       address_is_anothers,
							       stranger_takes_address,
							       jid_is_not_the_keys,
							       promised_key_is_nobodys,
							       plain_where_it_cannot_be,
							       below_policy};
#define REFUSALS (sizeof refusals / sizeof *refusals)

static bool must_refuse(const struct troth_facts *f)
{
	for (size_t i = 0; i < REFUSALS; i++)
		if (refusals[i](f))
			return true;
	return false;
}

/* ---- every combination ---- */

#define FOR_EACH(i, array) for (size_t i = 0; i < sizeof(array) / sizeof *(array); i++)

static void each_flag(struct troth_facts f, void (*check)(const struct troth_facts *))
{
	for (unsigned bits = 0; bits < 8; bits++) {
		f.chosen_has_key = f.chosen != NULL && (bits & 1) != 0;
		f.address_owner_has_key = f.address_owner != NULL && (bits & 2) != 0;
		f.link = (bits & 4) != 0;
		check(&f);
	}
}

static void each_person(struct troth_facts f, void (*check)(const struct troth_facts *))
{
	FOR_EACH(owner, people)
	FOR_EACH(chosen, people)
	FOR_EACH(address, people)
	FOR_EACH(secret, people)
	{
		f.key_owner = people[owner];
		f.chosen = people[chosen];
		f.address_owner = people[address];
		f.secret_of = people[secret];
		each_flag(f, check);
	}
}

static void each_combination(void (*check)(const struct troth_facts *))
{
	FOR_EACH(method, methods)
	FOR_EACH(key, standings)
	FOR_EACH(least, levels)
	{
		struct troth_facts f = {
			.method = methods[method], .key = standings[key], .least = levels[least]};
		each_person(f, check);
	}
}

static const char *or_nobody(const char *who)
{
	return who != NULL ? who : "-";
}

static void fail_with(const struct troth_facts *f, const struct troth_judgement *j)
{
	fail_msg("method %s, key %d of %s, chosen %s (key %d), secret of %s, address of %s "
		 "(key %d), link %d, least %s: %s %s %s",
		 troth_method_name(f->method), (int)f->key, or_nobody(f->key_owner),
		 or_nobody(f->chosen), f->chosen_has_key, or_nobody(f->secret_of),
		 or_nobody(f->address_owner), f->address_owner_has_key, f->link,
		 troth_level_name(f->least), troth_err_name(j->verdict.err),
		 troth_level_name(j->verdict.level), or_nobody(j->verdict.contact));
}

static void check_refusal(const struct troth_facts *f)
{
	struct troth_judgement j;
	troth_judge(&j, f);
	if ((j.verdict.err != TROTH_OK) != must_refuse(f))
		fail_with(f, &j);
}

static void verdict__refuses__what_the_rules_refuse_and_nothing_else(void **state)
{
	(void)state;
	each_combination(check_refusal);
}

static void check_worth(const struct troth_facts *f)
{
	struct troth_judgement j;
	troth_judge(&j, f);
	bool right = j.verdict.err == TROTH_OK
			     ? j.verdict.level == worth(f) && equal(j.verdict.contact, identity(f))
			     : j.verdict.level == TROTH_LEVEL_PLAIN;
	if (!right)
		fail_with(f, &j);
}

static void verdict__shows__no_more_than_was_proven(void **state)
{
	(void)state;
	each_combination(check_worth);
}

static void check_reasons(const struct troth_facts *f)
{
	struct troth_judgement j;
	troth_judge(&j, f);
	bool right = j.count > 0 && j.count <= TROTH_REASONS_MAX;
	for (size_t i = 0; right && i < j.count; i++) {
		bool wants = strstr(troth_reason_text(j.reasons[i]), "%s") != NULL;
		/* A void key may be nobody's any more. */
		right = wants ? j.about[i] != NULL || key_is_void(f) : true;
	}
	if (!right)
		fail_with(f, &j);
}

static void verdict__says_why__always(void **state)
{
	(void)state;
	each_combination(check_reasons);
}

/* Errors of the class "attack" are shown as such: not for what a policy alone refuses. */
static void check_blame(const struct troth_facts *f)
{
	struct troth_judgement j;
	bool only_policy = below_policy(f);
	troth_judge(&j, f);
	for (size_t i = 0; i < REFUSALS; i++)
		only_policy = only_policy && (refusals[i] == below_policy || !refusals[i](f));
	if (only_policy && j.verdict.err != TROTH_E_FLOOR)
		fail_with(f, &j);
	if (by_certificate(f) && f->key == TROTH_KEY_REVOKED && j.verdict.err != TROTH_E_REVOKED)
		fail_with(f, &j);
	if (chosen_key_not_shown(f) && !key_is_void(f) && !plain_where_it_cannot_be(f) &&
	    j.verdict.err != TROTH_E_KEY_CHANGED)
		fail_with(f, &j);
}

static void verdict__blames__the_right_thing(void **state)
{
	(void)state;
	each_combination(check_blame);
}

static void verdict__notes__a_transcript_that_is_missing(void **state)
{
	(void)state;
	struct troth_judgement j;
	struct troth_facts f = {.method = TROTH_METHOD_KEY,
				.key = TROTH_KEY_PROVEN,
				.key_owner = "bob",
				.link = true,
				.transcript_before = true};
	troth_judge(&j, &f);
	assert_ok(j.verdict.err);
	assert_int_equal(j.count, 2);
	assert_int_equal(j.reasons[1], TROTH_REASON_TRANSCRIPT_MISSING);
	f.transcript = true;
	troth_judge(&j, &f);
	assert_int_equal(j.count, 1);
}

static void verdict__says_how_the_key_is_the_contacts__whichever_way(void **state)
{
	static const struct {
		enum troth_key_standing key;
		enum troth_reason why;
	} ways[] = {
		{TROTH_KEY_UNPROVEN, TROTH_REASON_KEY_FIRST_PROOF},
		{TROTH_KEY_VOUCHED, TROTH_REASON_KEY_VOUCHED},
		{TROTH_KEY_CERTIFIED, TROTH_REASON_KEY_CERTIFIED},
		{TROTH_KEY_OPENPGP, TROTH_REASON_KEY_OPENPGP},
		{TROTH_KEY_ENDORSED, TROTH_REASON_KEY_ENDORSED},
		{TROTH_KEY_PROVEN, TROTH_REASON_KEY_PINNED},
		{TROTH_KEY_UNCERTIFIED, TROTH_REASON_KEY_UNCERTIFIED},
		{TROTH_KEY_VOID, TROTH_REASON_KEY_IS_VOID},
	};
	(void)state;
	FOR_EACH(i, ways)
	{
		struct troth_judgement j;
		struct troth_facts f = {.method = TROTH_METHOD_KEY,
					.key = ways[i].key,
					.key_owner = "bob",
					.voucher = "carol",
					.link = true};
		bool vouched = ways[i].key == TROTH_KEY_VOUCHED;
		troth_judge(&j, &f);
		assert_int_equal(j.reasons[0], ways[i].why);
		assert_string_equal(j.about[0], "bob");
		assert_int_equal(j.count, vouched ? 2 : 1);
		if (vouched)
			assert_string_equal(j.about[1], "carol");
	}
}

static const enum troth_openpgp_word words[] = {
#define WORD(symbol, text) TROTH_OPENPGP_WORD_##symbol,
	TROTH_OPENPGP_WORDS(WORD)
#undef WORD
};

/* Whatever a keyring says: it makes a key nobody's or explains it, and never makes it somebody's.
 */
static void openpgp__gives_the_reason__and_never_the_trust(void **state)
{
	(void)state;
	FOR_EACH(i, words)
	{
		struct troth_judgement j;
		struct troth_facts f = {.method = TROTH_METHOD_KEY,
					.openpgp = words[i],
					.openpgp_of = "juliet@capulet.lit",
					.link = true};
		const enum troth_key_standing nobody[] = {TROTH_KEY_UNKNOWN, TROTH_KEY_SUSPENDED};
		FOR_EACH(k, nobody)
		{
			f.key = nobody[k];
			troth_judge(&j, &f);
			assert_int_equal(j.verdict.err, troth_openpgp_word_err(words[i]));
			assert_int_not_equal(j.verdict.err, TROTH_OK);
			assert_int_equal(j.verdict.level, TROTH_LEVEL_PLAIN);
			assert_int_equal(j.reasons[0], TROTH_REASON_OPENPGP_SAYS);
			assert_string_equal(j.about[0], "juliet@capulet.lit");
		}
		f.key = TROTH_KEY_REVOKED;
		troth_judge(&j, &f);
		assert_int_equal(j.verdict.err, TROTH_E_REVOKED);
		assert_int_equal(j.reasons[0], TROTH_REASON_KEY_IS_REVOKED);
		f.key = TROTH_KEY_OPENPGP;
		f.key_owner = "bob";
		troth_judge(&j, &f);
		assert_ok(j.verdict.err);
		assert_string_equal(j.verdict.contact, "bob");
		assert_int_equal(j.reasons[1], TROTH_REASON_OPENPGP_SAYS);
		assert_non_null(strstr(troth_openpgp_word_text(words[i]), "%s"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict__refuses__what_the_rules_refuse_and_nothing_else),
		cmocka_unit_test(verdict__shows__no_more_than_was_proven),
		cmocka_unit_test(verdict__says_why__always),
		cmocka_unit_test(verdict__blames__the_right_thing),
		cmocka_unit_test(verdict__says_how_the_key_is_the_contacts__whichever_way),
		cmocka_unit_test(openpgp__gives_the_reason__and_never_the_trust),
		cmocka_unit_test(verdict__notes__a_transcript_that_is_missing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
