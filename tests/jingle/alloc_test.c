/* SPDX-License-Identifier: MIT */
/*
 * Every allocation fails once, in turn, in whole negotiations: a side says so or doesn't need that
 * piece, nothing leaks, and in the end both have the same bytestream or nobody waits for one. The
 * linker puts __wrap_ in front of the allocations of our own code.
 */
#include "couple.h"

#include <stdio.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

static size_t allocations;
static size_t failing; /* the one that fails, counted from 1 */
static bool counting;
static bool has_failed;

static bool fails(void)
{
	if (!counting)
		return false;
	const bool now = ++allocations == failing;
	has_failed = has_failed || now;
	return now;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

static void hints(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_leaf(w, "urn:xmpp:troth:0", "hint", "hint");
}

static void negotiate(struct couple *c)
{
	counting = true;
	couple_call(c);
	couple_pump(c);
	if (c->romeo.stream[0] != 0) {
		int err = troth_jingle_stalled(c->romeo.j, c->romeo.session, c->now);
		assert_true(err == TROTH_OK || err == TROTH_E_NOMEM);
		couple_pump(c);
	}
	counting = false;
}

/* Until nobody waits for anything. */
static void let_time_pass(struct couple *c)
{
	for (int i = 0; i < 50; i++) {
		int64_t a = troth_jingle_deadline(c->romeo.j);
		int64_t b = troth_jingle_deadline(c->juliet.j);
		if (a < 0 && b < 0)
			return;
		c->now = a < 0 || (b >= 0 && b < a) ? b : a;
		couple_pump(c);
	}
	fail_msg("somebody waits for ever");
}

static void negotiation__ends_or_agrees__when_any_allocation_fails(void **state)
{
	(void)state;
	const struct troth_jingle_candidate one = proxy("ok.p", 1);
	size_t agreed = 0;
	size_t ended = 0;
	do {
		struct couple c;
		allocations = 0;
		failing++;
		has_failed = false;
		couple_init(&c);
		c.romeo.forgetful = c.juliet.forgetful = true;
		c.romeo.offer = (struct troth_jingle_offer){
			.candidates = &one, .candidate_count = 1, .hints = hints};
		c.juliet.offer.hints = hints;
		negotiate(&c);
		let_time_pass(&c);
		if (c.romeo.stream[0] != 0 && c.juliet.stream[0] != 0)
			agreed++;
		else
			ended++;
		couple_fini(&c);
	} while (has_failed);
	assert_true(failing > 200);
	assert_true(agreed >= 1);
	assert_true(ended >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negotiation__ends_or_agrees__when_any_allocation_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
