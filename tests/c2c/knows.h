/* SPDX-License-Identifier: MIT */
/* What a side may know and offer, for tests of choices. */
#ifndef TROTH_TESTS_C2C_KNOWS_H
#define TROTH_TESTS_C2C_KNOWS_H

#include "../test.h"
#include "base/slice.h"
#include "c2c/choose.h"

#define OURS "1111111111111111111111111111111111111111"
#define THEIRS "2222222222222222222222222222222222222222"
#define OTHER "3333333333333333333333333333333333333333"

static struct troth_secret *secret;

/* What a side may know; combined below. */
enum knows {
	NOTHING = 0,
	PROVEN = 1 << 0,   /* a proven key of theirs */
	UNPROVEN = 1 << 1, /* an unproven one */
	SECRET = 1 << 2,
	PAIRING = 1 << 3,
	MAY_ASK = 1 << 4,
	ANYBODY = 1 << 5, /* policy: unverified is enough */
	PLAIN = 1 << 6,   /* policy: plain is enough */
	CA = 1 << 7       /* a CA may say whose any key is */
};

struct side {
	struct troth_known known;
	struct troth_known_key key;
	struct troth_side view;
};

static inline const struct troth_side *make(struct side *s, unsigned knows, const char *key_name)
{
	*s = (struct side){.known = {.least = TROTH_LEVEL_VERIFIED}};
	if ((knows & (PROVEN | UNPROVEN)) != 0) {
		memcpy(s->key.name, key_name, strlen(key_name) + 1);
		s->key.proven = (knows & PROVEN) != 0;
		s->known.keys = &s->key;
		s->known.key_count = 1;
	}
	s->known.secret = (knows & SECRET) != 0 ? secret : NULL;
	s->known.pairing = (knows & PAIRING) != 0;
	s->known.may_ask = (knows & MAY_ASK) != 0;
	s->known.may_try = (knows & CA) != 0;
	if ((knows & ANYBODY) != 0)
		s->known.least = TROTH_LEVEL_UNVERIFIED;
	if ((knows & PLAIN) != 0)
		s->known.least = TROTH_LEVEL_PLAIN;
	s->view = (struct troth_side){&s->known, OURS, TROTH_MARK_SRP | TROTH_MARK_INSECURE};
	return &s->view;
}

static inline struct troth_offer offer(unsigned marks, const char *name)
{
	struct troth_offer o = {.marks = marks | TROTH_MARK_TRANSCRIPT};
	if (name != NULL)
		assert_ok(troth_offer_add_name(&o, name));
	return o;
}

static inline int setup(void **state)
{
	(void)state;
	return troth_secret_new(&secret, troth_slice_str("correct horse"));
}

static inline int teardown(void **state)
{
	(void)state;
	troth_secret_free(secret);
	return 0;
}

#endif
