/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdio.h>

static void contact__is_found__by_every_road(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_contact c;
	struct troth_pin pin = pin_of(7);
	struct troth_store_new_key key = key_of(&pin);
	int64_t id = add_contact(store, "Anna");
	struct troth_store_address address = {TROTH_REALM_SERVER, "anna@example.org", "user", 0, 5};
	assert_ok(troth_store_key_pin(store, id, &key, 1001));
	assert_ok(troth_store_address_note(store, id, &address));
	home_reopen(*state);
	store = home_store(state);
	assert_ok(troth_store_contact_get(store, id, &c));
	assert_string_equal(c.label, "Anna");
	assert_int_equal(c.created, 1000);
	c.id = 0;
	assert_ok(troth_store_contact_by_label(store, "aNNA", &c));
	assert_int_equal(c.id, id);
	assert_ok(troth_store_contact_by_pin(store, &pin, &c));
	assert_int_equal(c.id, id);
	assert_ok(troth_store_contact_by_name(store, key.name, &c));
	assert_int_equal(c.id, id);
	assert_ok(
		troth_store_contact_by_address(store, TROTH_REALM_SERVER, "anna@example.org", &c));
	assert_int_equal(c.id, id);
	assert_err(troth_store_contact_by_address(store, TROTH_REALM_LINK, "anna@example.org", &c),
		   TROTH_E_NOT_FOUND);
	assert_err(troth_store_contact_by_label(store, "Berta", &c), TROTH_E_NOT_FOUND);
	assert_says(store, "no such contact");
}

static void label__is_taken__when_it_only_looks_different(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id;
	add_contact(store, "Stra\u00dfe 1");
	add_contact(store, "Ali");
	/* upper case, sharp s as two, full width, a joiner nobody sees, a variation selector */
	const char *same[] = {"STRASSE 1", "stra\u00dfe 1", "\xef\xbc\xa1li", "A\xe2\x80\x8dli",
			      "Ali\xef\xb8\x8f"};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		assert_err(troth_store_contact_create(store, same[i], 1, &id), TROTH_E_EXISTS);
	assert_says(store, "Ali");
	add_contact(store, "Alia");
	add_contact(store, "\xd8\xb9\xd9\x84\xdb\x8c\xe2\x80\x8c\xd8\xb1\xd8\xb6\xd8\xa7");
	add_contact(store, "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7");
}

static void label__is_refused__when_hostile(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = 77;
	const char *bad[] = {"",
			     " ",
			     " a",
			     "a ",
			     "a\nb",
			     "a\tb",
			     "\x1b[31mred",
			     "a\x7f",
			     "a\xc2\x85z",
			     "a\xc2\x9b[m",
			     "a\xe2\x80\xaez",
			     "a\xe2\x81\xa6z",
			     "a\xe2\x80\xa8z",
			     "a\xe2\x80\x8bz",
			     "\xef\xbb\xbfz",
			     "a\xc2\xa0z",
			     "\xff",
			     "\xc0\xaf",
			     "\xed\xa0\x80",
			     "a\xef\xbf\xbf",
			     "\xe2\x80\x8d",
			     "a\xee\x80\x80",
			     NULL};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_err(troth_store_contact_create(store, bad[i], 1, &id), TROTH_E_FORMAT);
	char text[TROTH_STORE_LABEL_MAX + 2];
	memset(text, 'x', sizeof text);
	text[TROTH_STORE_LABEL_MAX + 1] = 0;
	assert_err(troth_store_contact_create(store, text, 1, &id), TROTH_E_LIMIT);
	assert_int_equal(id, 77);
	assert_int_equal(log_count(store, NULL), 0);
	text[TROTH_STORE_LABEL_MAX] = 0;
	add_contact(store, text);
}

static void rename__changes_the_label__unless_it_is_taken(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_contact c;
	int64_t anna = add_contact(store, "anna");
	add_contact(store, "berta");
	assert_err(troth_store_contact_rename(store, anna, "BERTA", 1), TROTH_E_EXISTS);
	assert_ok(troth_store_contact_rename(store, anna, "Anna", 1)); /* its own, in other case */
	assert_ok(troth_store_contact_rename(store, anna, "Clara", 1));
	assert_err(troth_store_contact_rename(store, 999, "Dora", 1), TROTH_E_NOT_FOUND);
	assert_err(troth_store_contact_by_label(store, "anna", &c), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_contact_by_label(store, "clara", &c));
	assert_int_equal(c.id, anna);
	assert_int_equal(log_count(store, "contact-renamed"), 2);
}

static int keep_labels(void *user, const struct troth_store_contact *c)
{
	strcat(user, c->label);
	strcat(user, " ");
	return 0;
}

static int stop(void *user, const struct troth_store_contact *c)
{
	(void)c;
	++*(int *)user;
	return TROTH_E_REFUSED;
}

static void list__gives_all_by_label__and_stops_when_told(void **state)
{
	struct troth_store *store = home_store(state);
	char all[64] = "";
	int calls = 0;
	add_contact(store, "berta");
	add_contact(store, "Clara");
	add_contact(store, "Anna");
	assert_ok(troth_store_contact_list(store, keep_labels, all));
	assert_string_equal(all, "Anna berta Clara ");
	assert_err(troth_store_contact_list(store, stop, &calls), TROTH_E_REFUSED);
	assert_int_equal(calls, 1);
}

static int look_and_change(void *user, const struct troth_store_contact *c)
{
	struct troth_store *store = user;
	struct troth_store_contact again;
	char inner[64] = "";
	int64_t id;
	assert_ok(troth_store_contact_by_label(store, c->label, &again));
	assert_int_equal(again.id, c->id);
	assert_ok(troth_store_contact_list(store, keep_labels, inner));
	assert_string_equal(inner, "anna berta ");
	assert_err(troth_store_contact_create(store, "new", 1, &id), TROTH_E_INVAL);
	return 0;
}

static void list__lets_its_callback_read__and_not_change(void **state)
{
	struct troth_store *store = home_store(state);
	add_contact(store, "anna");
	add_contact(store, "berta");
	assert_ok(troth_store_contact_list(store, look_and_change, store));
	add_contact(store, "new");
}

static void forget__removes_all_but_log_and_revocations(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_pin bad = pin_of(2);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_new_key bad_key = key_of(&bad);
	struct troth_store_contact c;
	struct troth_store_key k;
	struct troth_store_budget b;
	int64_t id = add_contact(store, "anna");
	struct troth_store_address address = {TROTH_REALM_LINK, "anna@box", "", 0, 5};
	struct troth_store_budget_params arm = {.scope = "s", .contact = id, .bits = 20};
	struct troth_store_evidence evidence = {.contact = id, .pin = pin, .kind = "ca"};
	assert_ok(troth_store_key_pin(store, id, &key, 1));
	assert_ok(troth_store_key_pin(store, id, &bad_key, 1));
	assert_ok(troth_store_key_withdraw(store, &bad, TROTH_STORE_KEY_REVOKED, "stolen", 2));
	assert_ok(troth_store_address_note(store, id, &address));
	assert_ok(troth_store_budget_arm(store, &arm, 3));
	assert_ok(troth_store_evidence_append(store, &evidence));
	int64_t entries = log_count(store, NULL);
	assert_ok(troth_store_contact_forget(store, id, 9));
	assert_err(troth_store_contact_get(store, id, &c), TROTH_E_NOT_FOUND);
	assert_err(troth_store_key_get(store, &pin, &k), TROTH_E_NOT_FOUND);
	assert_err(troth_store_budget_get(store, "s", &b), TROTH_E_NOT_FOUND);
	assert_err(troth_store_contact_by_address(store, TROTH_REALM_LINK, "anna@box", &c),
		   TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(store, NULL), entries + 1);
	assert_ok(troth_store_key_get(store, &bad, &k));
	assert_int_equal(k.state, TROTH_STORE_KEY_REVOKED);
	assert_int_equal(k.contact, 0);
	assert_err(troth_store_contact_forget(store, id, 9), TROTH_E_NOT_FOUND);
	/* The id never comes to mean somebody else, and the revoked key comes back for nobody. */
	int64_t again = add_contact(store, "anna");
	assert_true(again > id);
	assert_err(troth_store_key_pin(store, again, &bad_key, 10), TROTH_E_REVOKED);
	assert_ok(troth_store_key_pin(store, again, &key, 10));
	assert_ok(troth_store_check(store));
}

static int keep_address(void *user, const struct troth_store_address *a)
{
	char line[64];
	snprintf(line, sizeof line, "%s %s %d-%d;", a->address, a->source, (int)a->first_seen,
		 (int)a->last_seen);
	strcat(user, line);
	return 0;
}

static void address__belongs_to_one_contact__until_dropped(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t anna = add_contact(store, "anna");
	int64_t berta = add_contact(store, "berta");
	char all[256] = "";
	struct troth_store_address a = {TROTH_REALM_LINK, "a@box", "user", 0, 5};
	struct troth_store_address b = {TROTH_REALM_LINK, "b@box", "meeting", 0, 7};
	assert_ok(troth_store_address_note(store, anna, &a));
	assert_ok(troth_store_address_note(store, anna, &b));
	a.last_seen = 9;
	assert_ok(troth_store_address_note(store, anna, &a));
	assert_ok(troth_store_address_list(store, anna, keep_address, all));
	assert_string_equal(all, "a@box user 5-9;b@box meeting 7-7;");
	assert_err(troth_store_address_note(store, berta, &a), TROTH_E_CONFLICT);
	assert_int_equal(troth_store_conflict(store), anna);
	assert_says(store, "anna");
	assert_err(troth_store_address_drop(store, berta, TROTH_REALM_LINK, "a@box"),
		   TROTH_E_NOT_FOUND);
	assert_ok(troth_store_address_drop(store, anna, TROTH_REALM_LINK, "a@box"));
	assert_ok(troth_store_address_note(store, berta, &a));
	a.address = "\xff";
	assert_err(troth_store_address_note(store, berta, &a), TROTH_E_FORMAT);
	a.address = "x";
	assert_err(troth_store_address_note(store, 999, &a), TROTH_E_NOT_FOUND);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(contact__is_found__by_every_road),
		TEST(label__is_taken__when_it_only_looks_different),
		TEST(label__is_refused__when_hostile),
		TEST(rename__changes_the_label__unless_it_is_taken),
		TEST(list__gives_all_by_label__and_stops_when_told),
		TEST(list__lets_its_callback_read__and_not_change),
		TEST(forget__removes_all_but_log_and_revocations),
		TEST(address__belongs_to_one_contact__until_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
