/* SPDX-License-Identifier: MIT */
/* Several entities that look like one contact: which one is called. */
#include "../test.h"

#include "base/limits.h"
#include "session/state.h"

#include <stdio.h>

static char real_name[] = "real@home", other_name[] = "other@home", copy_name[] = "copy@cellar";
static struct seen_entity real = {.contact = 1, .name = real_name};
static struct seen_entity other = {.next = &real, .contact = 2, .name = other_name};
static struct seen_entity copy = {.next = &other, .contact = 1, .name = copy_name};

static int setup(void **state)
{
	static struct troth_session s;
	memset(&s, 0, sizeof s);
	s.seen = &copy;
	copy.failures = other.failures = real.failures = 0;
	*state = &s;
	return 0;
}

static void seen__turns_to_the_next__when_one_has_disappointed(void **state)
{
	struct troth_session *s = *state;
	assert_string_equal(seen_contact(s, 1)->name, "copy@cellar");
	seen_called(s, "copy@cellar", NULL, false);
	assert_true(seen_untried(s, 1));
	assert_string_equal(seen_contact(s, 1)->name, "real@home");
	seen_called(s, "real@home", NULL, false);
	assert_false(seen_untried(s, 1));
	/* Both did, and by turns they are tried again. */
	seen_called(s, "copy@cellar", NULL, false);
	assert_string_equal(seen_contact(s, 1)->name, "real@home");
}

static void seen__stays__with_whom_it_found(void **state)
{
	struct troth_session *s = *state;
	seen_called(s, "copy@cellar", NULL, false);
	seen_called(s, "real@home", NULL, false);
	seen_called(s, "real@home", NULL, true);
	assert_string_equal(seen_contact(s, 1)->name, "real@home");
	assert_string_equal(seen_contact(s, 2)->name, "other@home");
	assert_null(seen_contact(s, 3));
	assert_false(seen_untried(s, 3));
	assert_true(seen_other(s, 1, "real@home"));
	assert_false(seen_other(s, 2, "other@home"));
	seen_called(s, "gone@home", NULL, false);
}

/* One person on the link and over a server: "the LAN is used when both are on it", until it has
 * disappointed. */
static void seen__prefers_the_link__to_a_server(void **state)
{
	struct troth_session *s = *state;
	struct online *account = (struct online *)s; /* never looked into */
	char jid[] = "juliet@capulet.lit/balcony", second[] = "juliet@capulet.lit/phone";
	struct seen_entity phone = {.contact = 1, .name = second, .online = account, .priority = 1};
	struct seen_entity balcony = {
		.next = &phone, .contact = 1, .name = jid, .online = account, .priority = 5};
	copy.contact = 2;
	real.next = &balcony;
	assert_string_equal(seen_contact(s, 1)->name, "real@home");
	seen_called(s, "real@home", NULL, false);
	assert_string_equal(seen_contact(s, 1)->name, jid);
	assert_string_equal(seen_jid(s, "juliet@capulet.lit")->name, jid);
	assert_string_equal(seen_jid(s, second)->name, second);
	assert_null(seen_jid(s, "juliet@capulet.li"));
	assert_null(seen_jid(s, "real@home"));
	seen_called(s, jid, account, false);
	assert_string_equal(seen_contact(s, 1)->name, second);
	real.next = NULL;
	copy.contact = 1;
}

static size_t count_of(const struct troth_session *s)
{
	size_t count = 0;
	for (const struct seen_entity *e = s->seen; e != NULL; e = e->next)
		count++;
	return count;
}

/* What any account can send: presence, as often as it likes. */
static void seen__keeps_few__of_the_clients_that_a_server_shows(void **state)
{
	struct troth_session *s = *state;
	struct online *account = (struct online *)s; /* never looked into */
	char jid[64];
	s->seen = NULL;
	for (int client = 0; client < 1000; client++) {
		(void)snprintf(jid, sizeof jid, "mallory@capulet.lit/%d", client);
		seen_here(s, jid, account, 0, 0);
	}
	assert_int_equal(count_of(s), TROTH_LIMIT_JID_RESOURCES);
	assert_false(s->seen->told); /* nor is a program told of each that comes and goes */
	assert_true(s->seen->next->told);
	seen_here(s, "juliet@capulet.lit/balcony", account, 0, 0);
	assert_true(s->seen->told);
	assert_non_null(seen_jid(s, "juliet@capulet.lit"));
	for (int person = 0; person < 2 * TROTH_LIMIT_RESOURCES; person++) {
		(void)snprintf(jid, sizeof jid, "m%d@capulet.lit/x", person);
		seen_here(s, jid, account, 0, 0);
	}
	assert_int_equal(count_of(s), TROTH_LIMIT_RESOURCES);
	seen_free(s);
}

/* Somebody shows as many clients of a contact as are kept, and more, before and after its own. */
static void seen__keeps_the_clients__that_have_proved_something(void **state)
{
	struct troth_session *s = *state;
	struct online *account = (struct online *)s; /* never looked into */
	const char *own = "juliet@capulet.lit/balcony";
	char jid[64];
	s->seen = NULL;
	for (int client = 0; client < TROTH_LIMIT_JID_RESOURCES; client++) {
		(void)snprintf(jid, sizeof jid, "juliet@capulet.lit/%d", client);
		seen_here(s, jid, account, 0, 0);
		assert_int_equal(seen_is_crowded(s, s->seen),
				 client + 1 == TROTH_LIMIT_JID_RESOURCES);
	}
	seen_here(s, own, account, 0, -1); /* whatever its priority */
	assert_non_null(seen_find(s, own, account));
	seen_find(s, own, account)->offers = SEEN_KEY;
	for (int client = 0; client < 1000; client++) {
		(void)snprintf(jid, sizeof jid, "juliet@capulet.lit/again-%d", client);
		seen_here(s, jid, account, 0, 100);
	}
	assert_ptr_equal(seen_jid(s, "juliet@capulet.lit"), seen_find(s, own, account));
	assert_int_equal(count_of(s), TROTH_LIMIT_JID_RESOURCES);
	/* What was called in vain goes first, whatever it says. */
	seen_called(s, own, account, false);
	seen_here(s, "juliet@capulet.lit/last", account, 0, 0);
	assert_null(seen_find(s, own, account));
	assert_non_null(seen_find(s, "juliet@capulet.lit/last", account));
	/* Where all have said to be it none makes room. */
	for (struct seen_entity *e = s->seen; e != NULL; e = e->next)
		e->offers = SEEN_KEY;
	seen_here(s, own, account, 0, 0);
	assert_null(seen_find(s, own, account));
	seen_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(seen__turns_to_the_next__when_one_has_disappointed, setup),
		cmocka_unit_test_setup(seen__stays__with_whom_it_found, setup),
		cmocka_unit_test_setup(seen__prefers_the_link__to_a_server, setup),
		cmocka_unit_test_setup(seen__keeps_few__of_the_clients_that_a_server_shows, setup),
		cmocka_unit_test_setup(seen__keeps_the_clients__that_have_proved_something, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
