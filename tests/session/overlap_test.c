/* SPDX-License-Identifier: MIT */
/* A key that was renewed, in a handshake after the overlap, by somebody who named another key. */
#include "people.h"
#include "session/believed.h"

#include <string.h>
#include <time.h>

#define DAY ((int64_t)24 * 3600)

struct scene {
	uv_loop_t loop;
	struct person *us, *thief;
	struct troth_device *successor;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	assert_non_null(s);
	assert_int_equal(uv_loop_init(&s->loop), 0);
	s->us = person_new(&s->loop, "romeo@forza", TROTH_LEVEL_VERIFIED);
	s->thief = person_new(&s->loop, "tybalt@pronto", TROTH_LEVEL_VERIFIED);
	const struct troth_device_params params = {"juliet@troth.invalid", (int64_t)time(NULL)};
	assert_ok(troth_device_generate(&s->successor, &params));
	(void)person_knows(s->thief, "romeo", s->us);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	people_end(&s->loop, (struct person *[]){s->us, s->thief}, 2);
	troth_device_free(s->successor);
	free(s);
	return 0;
}

/* Effect: Juliet is known by the key that the thief has, which selects whatever key is named, and
 * by its successor; the overlap began so many days ago. */
static void renewed(struct scene *s, int64_t days)
{
	struct troth_store *store = s->us->home->store;
	int64_t then = (int64_t)time(NULL) - days * DAY;
	const struct troth_cert *cert = troth_device_cert(s->successor);
	struct troth_pin old = person_pin(s->thief);
	int64_t juliet = add_contact(store, "juliet");
	const struct troth_store_new_key first = {.pin = &old, .name = "", .how = "manual"};
	const struct troth_store_new_key second = {.pin = troth_cert_pin(cert),
						   .name = troth_cert_name(cert),
						   .der = troth_cert_der(cert),
						   .how = HOW_RENEWED,
						   .concluded = true};
	const struct troth_store_statement says = {
		.contact = juliet,
		.says = {.kind = TROTH_BELIEF_ENDORSED,
			 .purpose = TROTH_BELIEF_RENEW,
			 .subject = *second.pin,
			 .issuer = old,
			 .presented = true,
			 .issued = then,
			 .expires = INT64_MAX,
			 .time = then},
	};
	assert_ok(troth_store_key_pin(store, juliet, &first, then - DAY));
	assert_ok(troth_store_statement_append(store, &says));
	assert_ok(troth_store_key_pin(store, juliet, &second, then));
}

static void old_key__is_taken__during_the_overlap(void **state)
{
	struct scene *s = *state;
	renewed(s, 29);
	person_calls(s->thief, person_where(s->us), NULL);
	run_until(s->us, TROTH_NEWS_UP, 1);
}

static void old_key__is_refused__after_it__whatever_key_was_named(void **state)
{
	struct scene *s = *state;
	renewed(s, 31);
	person_calls(s->thief, person_where(s->us), NULL);
	while (s->us->count[TROTH_NEWS_UP] + s->thief->count[TROTH_NEWS_GAVE_UP] == 0)
		run_for(&s->loop, 10);
	assert_int_equal(s->us->count[TROTH_NEWS_UP], 0);
	struct troth_pin old = person_pin(s->thief);
	struct troth_store_key key;
	assert_ok(troth_store_key_get(s->us->home->store, &old, &key));
	assert_int_equal(key.state, TROTH_STORE_KEY_REPLACED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(old_key__is_taken__during_the_overlap),
		TEST(old_key__is_refused__after_it__whatever_key_was_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
