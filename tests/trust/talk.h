/* SPDX-License-Identifier: MIT */
/*
 * What is said of a contact's keys, one thing a day, and how they stand then. Keys are numbers.
 */
#ifndef TROTH_TESTS_TRUST_TALK_H
#define TROTH_TESTS_TRUST_TALK_H

#include "../test.h"

#include "trust/belief.h"

#define DAY ((int64_t)24 * 3600)
#define YEAR (365 * DAY)
#define START (50 * YEAR)

enum { PHONE = 1, LAPTOP, TABLET, USER, OTHER_USER, STRANGER };

/* What was said so far. */
struct talk {
	struct troth_belief_statement s[16];
	size_t n;
	struct troth_belief_policy policy;
	int64_t now; /* of the next statement, and of questions */
};

static inline struct troth_pin pin_of(unsigned key)
{
	struct troth_pin pin = {{0}};
	pin.bytes[5] = (uint8_t)key;
	return pin;
}

static inline struct talk silence(void)
{
	return (struct talk){.policy = troth_belief_policy_default(), .now = START};
}

static inline struct troth_belief_statement *say(struct talk *t, enum troth_belief_kind kind,
						 unsigned subject, unsigned issuer)
{
	struct troth_belief_statement *s = &t->s[t->n++];
	*s = (struct troth_belief_statement){.kind = kind,
					     .subject = pin_of(subject),
					     .issuer = pin_of(issuer),
					     .introducer_trusted = true,
					     .depth = 1,
					     .issued = t->now - 3600,
					     .expires = t->now + YEAR,
					     .time = t->now};
	t->now += DAY;
	return s;
}

static inline void met(struct talk *t, unsigned key)
{
	say(t, TROTH_BELIEF_MET, key, 0)->how = TROTH_BELIEF_BY_SECRET;
}

static inline struct troth_belief_statement *endorsed(struct talk *t, unsigned issuer, unsigned key)
{
	struct troth_belief_statement *s = say(t, TROTH_BELIEF_ENDORSED, key, issuer);
	s->purpose = TROTH_BELIEF_DEVICE;
	s->presented = true;
	return s;
}

static inline void renewed(struct talk *t, unsigned old, unsigned new_key)
{
	say(t, TROTH_BELIEF_ENDORSED, new_key, old)->purpose = TROTH_BELIEF_RENEW;
}

static inline void revoked(struct talk *t, unsigned key, unsigned by, enum troth_belief_reason why)
{
	say(t, TROTH_BELIEF_REVOKED, key, by)->reason = why;
}

/* A contact with a phone met by secret, its user key, and a laptop by that. */
static inline struct talk household(void)
{
	struct talk t = silence();
	met(&t, PHONE);
	endorsed(&t, USER, PHONE);
	say(&t, TROTH_BELIEF_ANCHOR, USER, PHONE);
	endorsed(&t, USER, LAPTOP);
	return t;
}

static inline struct troth_belief_key key_of(const struct talk *t, unsigned key,
					     enum troth_key_role role)
{
	struct troth_belief b;
	struct troth_belief_key out = {.standing = TROTH_KEY_UNKNOWN};
	struct troth_pin pin = pin_of(key);
	const struct troth_belief_question q = {t->s, t->n, &t->policy, t->now};
	assert_ok(troth_belief_conclude(&b, &q));
	const struct troth_belief_key *found = troth_belief_find(&b, &pin, role);
	if (found != NULL)
		out = *found;
	troth_belief_fini(&b);
	return out;
}

#define assert_stands(t, key, as)                                                                  \
	assert_int_equal(key_of(t, key, TROTH_ROLE_DEVICE).standing, TROTH_KEY_##as)
#define assert_user_stands(t, key, as)                                                             \
	assert_int_equal(key_of(t, key, TROTH_ROLE_USER).standing, TROTH_KEY_##as)

/* The steps of a device, by their names. */
static inline void assert_steps(const struct talk *t, unsigned key,
				const enum troth_belief_step_kind *steps, size_t count)
{
	struct troth_belief_key k = key_of(t, key, TROTH_ROLE_DEVICE);
	assert_int_equal(k.step_count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(troth_belief_step_text(k.steps[i].kind),
				    troth_belief_step_text(steps[i]));
}
#define STEPS(...)                                                                                 \
	((const enum troth_belief_step_kind[]){__VA_ARGS__}),                                      \
		sizeof((const enum troth_belief_step_kind[]){__VA_ARGS__}) /                       \
			sizeof(enum troth_belief_step_kind)

#endif
