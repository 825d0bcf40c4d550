/* SPDX-License-Identifier: MIT */
/* What must hold of any history: of order, unrelated words, revocations, clocks. */
#include "belief_history.h"

#include "../test.h"

/* What a standing is worth: what is refused less than a stranger. */
static int worth(enum troth_key_standing s)
{
	return troth_standing_is_believed(s) || s < TROTH_KEY_CERTIFIED ? (int)s : -1;
}

static void check_revocation(const struct history *h, const struct troth_belief_policy *p)
{
	struct history more = *h;
	static const struct word revocations[] = {
		REVOKED(A, A, COMPROMISED), REVOKED(A, U, COMPROMISED), REVOKED(B, A, COMPROMISED),
		REVOKED(C, C, RETIRED),     REVOKED(U, U, LOST),        REVOKED(B, U, RETIRED),
		REVOKED(V, V, COMPROMISED), REVOKED(A, C, LOST),        REVOKED(F, F, COMPROMISED)};
	history_say(&more, &revocations[history_random(sizeof revocations / sizeof *revocations)]);
	struct troth_belief before = history_conclude(h, p, history_end(&more));
	struct troth_belief after = history_conclude(&more, p, history_end(&more));
	EACH_KEY(key, role)
	{
		if (worth(history_stands(&after, key, role)) >
		    worth(history_stands(&before, key, role))) {
			history_print(&more);
			fail_msg("%c rises from %d to %d", "-ABCUVF"[key],
				 (int)history_stands(&before, key, role),
				 (int)history_stands(&after, key, role));
		}
		if (history_stands(&before, key, role) == TROTH_KEY_REVOKED)
			assert_int_equal(history_stands(&after, key, role), TROTH_KEY_REVOKED);
	}
	troth_belief_fini(&before);
	troth_belief_fini(&after);
}

static void revocation__raises_nobody__ever(void **state)
{
	(void)state;
	history_each(check_revocation);
	history_each_succession(check_revocation);
}

static void check_absorbing(const struct history *h, const struct troth_belief_policy *p)
{
	struct history more = *h;
	for (unsigned i = 0; i < 3; i++)
		history_say(&more, &history_words[history_random((unsigned)history_word_count)]);
	struct troth_belief before = history_conclude(h, p, history_end(h));
	struct troth_belief after = history_conclude(&more, p, history_end(&more));
	EACH_KEY(key, role)
	{
		if (history_stands(&before, key, role) == TROTH_KEY_REVOKED &&
		    history_stands(&after, key, role) != TROTH_KEY_REVOKED) {
			history_print(&more);
			fail_msg("%c came back", "-ABCUVF"[key]);
		}
	}
	troth_belief_fini(&before);
	troth_belief_fini(&after);
}

static void revoked__stays_so__whatever_follows(void **state)
{
	(void)state;
	history_each(check_absorbing);
}

static bool names(const struct troth_belief_statement *s)
{
	return (s->kind == TROTH_BELIEF_ENDORSED && s->purpose == TROTH_BELIEF_RENEW);
}

static bool elects(const struct troth_belief_statement *s)
{
	return s->kind == TROTH_BELIEF_SUCCESSOR || s->kind == TROTH_BELIEF_QUORUM;
}

static bool decides(const struct troth_belief_statement *s)
{
	return (s->kind == TROTH_BELIEF_MET && s->how != TROTH_BELIEF_BY_HANDSHAKE) ||
	       (s->kind == TROTH_BELIEF_ENDORSED && s->purpose == TROTH_BELIEF_DEVICE) ||
	       (s->kind == TROTH_BELIEF_ANCHOR && s->issuer.bytes[0] == NOBODY);
}

/* The rules of belief.h that look at the order, for two neighbours, one way round. */
static bool order_matters(const struct troth_belief_statement *x,
			  const struct troth_belief_statement *y)
{
	bool first_user = x->kind == TROTH_BELIEF_ANCHOR || x->kind == TROTH_BELIEF_OPENPGP;
	bool renews = y->kind == TROTH_BELIEF_ENDORSED && y->purpose == TROTH_BELIEF_RENEW;
	bool doubts =
		x->kind == TROTH_BELIEF_REVOKED || x->kind == TROTH_BELIEF_DISPUTED || names(x);
	bool same = troth_pin_equal(&x->subject, &y->subject);
	return x->kind == TROTH_BELIEF_REPAIRED || /* 1 */
	       (x->kind == TROTH_BELIEF_REVOKED &&
		troth_pin_equal(&x->subject, &y->issuer)) ||                           /* 3 */
	       (first_user && renews) ||                                               /* 4 */
	       (names(x) && names(y)) ||                                               /* 5 */
	       (doubts && decides(y) && (same || x->kind != TROTH_BELIEF_REVOKED)) ||  /* 6 */
	       (x->kind == TROTH_BELIEF_OPENPGP && y->kind == TROTH_BELIEF_OPENPGP) || /* 7 */
	       (elects(x) && (elects(y) || decides(y)));                               /* 8 */
}

static void check_order(const struct history *h, const struct troth_belief_policy *p)
{
	struct history other = *h;
	size_t at = history_random((unsigned)h->n - 1);
	if (order_matters(&h->s[at], &h->s[at + 1]) || order_matters(&h->s[at + 1], &h->s[at]))
		return;
	other.s[at] = h->s[at + 1];
	other.s[at + 1] = h->s[at];
	struct troth_belief one = history_conclude(h, p, history_end(h));
	struct troth_belief two = history_conclude(&other, p, history_end(h));
	EACH_KEY(key, role)
	{
		if (history_stands(&one, key, role) == history_stands(&two, key, role))
			continue;
		history_print(h);
		fail_msg("%c: %d, but %d when %zu came later", "-ABCUVF"[key],
			 (int)history_stands(&one, key, role), (int)history_stands(&two, key, role),
			 at);
	}
	troth_belief_fini(&one);
	troth_belief_fini(&two);
}

static void order__changes_nothing__but_where_the_rules_say_so(void **state)
{
	(void)state;
	history_each(check_order);
	history_each_succession(check_order);
}

/* All keys that statements tie to this one, as bits. */
static unsigned related(const struct history *h, unsigned key)
{
	unsigned all = 1u << key;
	for (size_t pass = 0; pass < h->n; pass++) {
		for (size_t i = 0; i < h->n; i++) {
			unsigned two = 1u << h->s[i].subject.bytes[0];
			if (h->s[i].issuer.bytes[0] != NOBODY)
				two |= 1u << h->s[i].issuer.bytes[0];
			if ((all & two) != 0)
				all |= two;
		}
	}
	return all;
}

static void check_unrelated(const struct history *h, const struct troth_belief_policy *p)
{
	struct history less = {.n = 0};
	size_t gone = history_random((unsigned)h->n);
	enum troth_belief_kind kind = h->s[gone].kind;
	/* Of these the contact as a whole is spoken of. */
	if (kind == TROTH_BELIEF_REPAIRED || kind == TROTH_BELIEF_ANCHOR ||
	    kind == TROTH_BELIEF_OPENPGP)
		return;
	for (size_t i = 0; i < h->n; i++)
		if (i != gone)
			less.s[less.n++] = h->s[i];
	struct troth_belief with = history_conclude(h, p, history_end(h));
	struct troth_belief without = history_conclude(&less, p, history_end(h));
	EACH_KEY(key, role)
	{
		bool tied = (related(h, key) & 1u << h->s[gone].subject.bytes[0]) != 0;
		enum troth_key_standing now = history_stands(&without, key, role);
		/* "vouched never changes a contact that has keys": whichever keys. */
		if (tied || now == TROTH_KEY_VOUCHED)
			continue;
		assert_int_equal(history_stands(&with, key, role), now);
	}
	troth_belief_fini(&with);
	troth_belief_fini(&without);
}

static void unrelated_words__change_nothing__when_they_are_removed(void **state)
{
	(void)state;
	history_each(check_unrelated);
	history_each_succession(check_unrelated);
}

static bool speaks_against(const struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->s[i].kind == TROTH_BELIEF_REVOKED || h->s[i].kind == TROTH_BELIEF_DISPUTED)
			return true;
	return false;
}

static bool any_believed(const struct troth_belief *b)
{
	for (size_t i = 0; i < b->count; i++)
		if (troth_standing_is_believed(b->keys[i].standing))
			return true;
	return false;
}

/* A successor that was withdrawn: then the old key's end isn't the clock's doing. */
static bool any_withdrawn(const struct troth_belief *b)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->keys[i].standing == TROTH_KEY_SUSPENDED ||
		    b->keys[i].standing == TROTH_KEY_VOID)
			return true;
	return false;
}

static void check_clock(const struct history *h, const struct troth_belief_policy *p)
{
	static const int64_t offsets[] = {0, 40 * DAY, 20 * YEAR, -20 * YEAR, INT64_MAX / 2};
	/* Where a CA is asked for too, the successor may lack its word when the overlap ends. */
	if (speaks_against(h) || p->ca == TROTH_BELIEF_CA_AND_PIN)
		return;
	struct troth_belief right = history_conclude(h, p, history_end(h));
	for (size_t i = 0; !any_withdrawn(&right) && i < sizeof offsets / sizeof *offsets; i++) {
		struct troth_belief wrong = history_conclude(h, p, history_end(h) + offsets[i]);
		if (any_believed(&wrong) != any_believed(&right)) {
			history_print(h);
			fail_msg("a clock that is off by %lld days", (long long)(offsets[i] / DAY));
		}
		troth_belief_fini(&wrong);
	}
	troth_belief_fini(&right);
}

static void wrong_clock__unpairs_nobody__by_twenty_years(void **state)
{
	(void)state;
	history_each(check_clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revocation__raises_nobody__ever),
		cmocka_unit_test(revoked__stays_so__whatever_follows),
		cmocka_unit_test(order__changes_nothing__but_where_the_rules_say_so),
		cmocka_unit_test(unrelated_words__change_nothing__when_they_are_removed),
		cmocka_unit_test(wrong_clock__unpairs_nobody__by_twenty_years),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
