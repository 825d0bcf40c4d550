/* SPDX-License-Identifier: MIT */
#include "belief_history.h"

#include "../test.h"

#define LONG_HISTORIES 30000
#define LONGEST 14

const struct word history_words[] = {
	MET(A, BY_SECRET),
	MET(B, BY_HANDSHAKE),
	ANCHOR(U, A),
	ENDORSED(U, A),
	ENDORSED(U, B),
	RENEWED(A, B),
	RENEWED(A, C),
	REVOKED(A, A, COMPROMISED),
	REVOKED(A, B, COMPROMISED),
	REVOKED(A, U, RETIRED),
	REVOKED(U, U, COMPROMISED),
	{TROTH_BELIEF_REPAIRED, B, 0, 0, 0, 0},
	{TROTH_BELIEF_CLAIMED, B, 0, 0, 0, 0},
	{TROTH_BELIEF_CA, B, 0, 0, 0, 10},
	{TROTH_BELIEF_VOUCHED, B, V, 1, -1, 300},
	{TROTH_BELIEF_OPENPGP, F, 0, TROTH_BELIEF_FULL, 0, 0},
	ENDORSED(F, B),
	ENDORSED(V, B),
	SUCCEEDS(V, A),
	/* Those above make the short histories. */
	MET(B, BY_HAND),
	MET(C, BY_SECRET),
	ANCHOR(U, B),
	ANCHOR(V, C),
	ANCHOR(U, NOBODY),
	ENDORSED(U, C),
	ENDORSED(V, A),
	{TROTH_BELIEF_ENDORSED, B, U, TROTH_BELIEF_DEVICE, -200, 300},
	{TROTH_BELIEF_ENDORSED, C, U, TROTH_BELIEF_DEVICE, -400, -1},
	{TROTH_BELIEF_ENDORSED, C, U, TROTH_BELIEF_DEVICE, 3, 300},
	{TROTH_BELIEF_ENDORSED, C, U, -TROTH_BELIEF_DEVICE, -1, 300},
	{TROTH_BELIEF_ENDORSED, C, A, TROTH_BELIEF_VOUCH, -1, 300},
	RENEWED(B, C),
	RENEWED(B, A),
	RENEWED(C, A),
	REVOKED(A, A, RETIRED),
	REVOKED(B, B, LOST),
	REVOKED(B, A, RETIRED),
	REVOKED(B, U, COMPROMISED),
	REVOKED(C, U, LOST),
	REVOKED(U, U, RETIRED),
	REVOKED(V, V, LOST),
	REVOKED(U, A, COMPROMISED),
	{TROTH_BELIEF_REVOKED, C, A, TROTH_BELIEF_COMPROMISED, 100, 0},
	{TROTH_BELIEF_REPAIRED, A, 0, 0, 0, 0},
	{TROTH_BELIEF_CLAIMED, C, 0, 0, 0, 0},
	{TROTH_BELIEF_CA, A, 0, 0, 0, -1},
	{TROTH_BELIEF_CA, C, 0, 0, 0, 10},
	{TROTH_BELIEF_VOUCHED, C, V, 2, -1, 300},
	{TROTH_BELIEF_VOUCHED, C, V, -1, -1, 300},
	{TROTH_BELIEF_VOUCHED, B, V, 2, -1, 300},
	{TROTH_BELIEF_VOUCHED, C, U, 3, -1, 300},
	{TROTH_BELIEF_INTRODUCED, V, F, 1, -1, 300},
	{TROTH_BELIEF_INTRODUCED, V, U, 1, -1, 300},
	{TROTH_BELIEF_INTRODUCED, V, F, -1, -1, 300},
	{TROTH_BELIEF_INTRODUCED, V, F, 1, -300, -1},
	{TROTH_BELIEF_INTRODUCED, U, V, 2, -1, 300},
	{TROTH_BELIEF_OPENPGP, F, 0, TROTH_BELIEF_MARGINAL, 0, 0},
	ENDORSED(F, C),
	SUCCEEDS(V, B),
	SUCCEEDS(F, C),
	NAMED(A, U, 2, 1),
	NAMED(B, U, 2, 1),
	{TROTH_BELIEF_DISPUTED, A, 0, 0, 0, 0},
};
_Static_assert(sizeof history_words / sizeof *history_words > HISTORY_SHORT, "too few words");
const size_t history_word_count = sizeof history_words / sizeof *history_words;

/* What happens before somebody loses a user key, and after. */
static const struct word succession_words[] = {
	MET(A, BY_SECRET),
	MET(B, BY_SECRET),
	ANCHOR(U, A),
	ENDORSED(U, B),
	ENDORSED(U, C),
	NAMED(A, U, 2, 1),
	NAMED(B, U, 2, 1),
	NAMED(C, U, 2, 1),
	NAMED(C, U, 1, 2),
	NAMED(C, V, 2, 3),
	SUCCEEDS(V, A),
	SUCCEEDS(V, B),
	SUCCEEDS(V, C),
	SUCCEEDS(F, B),
	SUCCEEDS(F, C),
	SUCCEEDS(U, A),
	ENDORSED(V, C),
	REVOKED(A, U, LOST),
	REVOKED(B, B, RETIRED),
	REVOKED(U, U, LOST),
	REVOKED(V, V, RETIRED),
	REVOKED(C, A, LOST),
	{TROTH_BELIEF_REPAIRED, A, 0, 0, 0, 0},
};

void history_say(struct history *h, const struct word *w)
{
	int64_t time = START + (int64_t)h->n * 10 * DAY;
	struct troth_belief_statement s = {
		.kind = w->kind,
		.subject = pin_of_key(w->subject),
		.issuer = pin_of_key(w->issuer),
		.issued = time + w->issued * DAY,
		.expires = time + w->expires * DAY,
		.time = time,
	};
	unsigned detail = (unsigned)abs(w->detail);
	if (w->kind == TROTH_BELIEF_MET)
		s.how = (enum troth_belief_how)detail;
	else if (w->kind == TROTH_BELIEF_ENDORSED)
		s.purpose = (enum troth_belief_purpose)detail;
	else if (w->kind == TROTH_BELIEF_REVOKED)
		s.reason = (enum troth_belief_reason)detail;
	else if (w->kind == TROTH_BELIEF_OPENPGP)
		s.validity = (enum troth_belief_validity)detail;
	else
		s.depth = detail;
	if (w->kind == TROTH_BELIEF_QUORUM) {
		s.list.bytes[0] = (uint8_t)w->issued;
		s.issued = time;
	}
	s.presented = s.introducer_trusted = w->detail > 0;
	h->s[h->n++] = s;
}

struct troth_belief history_conclude(const struct history *h, const struct troth_belief_policy *p,
				     int64_t now)
{
	struct troth_belief out;
	const struct troth_belief_question q = {h->s, h->n, p, now};
	assert_ok(troth_belief_conclude(&out, &q));
	return out;
}

enum troth_key_standing history_stands(const struct troth_belief *b, unsigned key,
				       enum troth_key_role role)
{
	struct troth_pin pin = pin_of_key(key);
	const struct troth_belief_key *k = troth_belief_find(b, &pin, role);
	return k == NULL ? TROTH_KEY_UNKNOWN : k->standing;
}

void history_print(const struct history *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct troth_belief_statement *s = &h->s[i];
		print_message("%zu: kind %d %c by %c how %d purpose %d reason %d validity %d "
			      "presented %d issued %lld time %lld\n",
			      i, (int)s->kind, "-ABCUVF"[s->subject.bytes[0]],
			      "-ABCUVF"[s->issuer.bytes[0]], (int)s -> how, (int)s -> purpose,
			      (int)s -> reason, (int)s -> validity, s -> presented,
			      (long long)((s->issued - START) / DAY),
			      (long long)((s->time - START) / DAY));
	}
}

int64_t history_end(const struct history *h)
{
	return START + (int64_t)h->n * 10 * DAY;
}

static uint64_t seed;

/* xorshift64*: the same histories in each run. */
unsigned history_random(unsigned limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * 2685821657736338717ull) >> 33) % limit;
}

static struct history random_history(const struct word *words, size_t count)
{
	struct history h = {.n = 0};
	size_t n = 3 + history_random(LONGEST - 2);
	while (h.n < n)
		history_say(&h, &words[history_random((unsigned)count)]);
	return h;
}

static struct troth_belief_policy random_policy(void)
{
	struct troth_belief_policy p = troth_belief_policy_default();
	p.ca = (enum troth_belief_ca_policy)history_random(3);
	p.depth = history_random(4);
	p.vouched = history_random(4) == 0 ? TROTH_LEVEL_UNVERIFIED : TROTH_LEVEL_VOUCHED;
	p.openpgp = history_random(2) == 0 ? TROTH_BELIEF_MARGINAL : TROTH_BELIEF_FULL;
	return p;
}

void history_each(void (*property)(const struct history *, const struct troth_belief_policy *))
{
	seed = 0x7e0f2a11;
	for (unsigned i = 0; i < LONG_HISTORIES; i++) {
		struct history h = random_history(history_words, history_word_count);
		struct troth_belief_policy p = random_policy();
		property(&h, &p);
	}
}

/* Mostly in its order, so that something comes of it. */
static struct history succession_history(void)
{
	static const size_t count = sizeof succession_words / sizeof *succession_words;
	struct history h = {.n = 0};
	for (size_t i = 0; i < count && h.n < LONGEST; i++) {
		if (history_random(4) != 0)
			history_say(&h, &succession_words[i]);
		if (history_random(6) == 0)
			history_say(&h, &succession_words[history_random((unsigned)count)]);
	}
	return h;
}

void history_each_succession(void (*property)(const struct history *,
					      const struct troth_belief_policy *))
{
	seed = 0x51ccee0d;
	for (unsigned i = 0; i < LONG_HISTORIES / 2; i++) {
		struct history h = i % 2 == 0 ? succession_history()
					      : random_history(succession_words,
							       sizeof succession_words /
								       sizeof *succession_words);
		struct troth_belief_policy p = random_policy();
		property(&h, &p);
	}
}
