/* SPDX-License-Identifier: MIT */
/* How much is kept of what is said about a contact's keys, and what has room always. */
#include "fixture.h"

static struct troth_store_statement said(enum troth_belief_kind kind, int64_t contact,
					 unsigned issuer, unsigned subject)
{
	struct troth_store_statement s = {.contact = contact,
					  .says = {.kind = kind,
						   .subject = pin_of(subject),
						   .issuer = pin_of(issuer),
						   .issued = 900,
						   .time = 1000},
					  .data = {(const uint8_t *)"signed", 6}};
	if (kind == TROTH_BELIEF_REVOKED)
		s.says.reason = TROTH_BELIEF_RETIRED;
	else
		s.says.purpose = TROTH_BELIEF_DEVICE;
	return s;
}

static void pin_key(struct troth_store *store, int64_t contact, unsigned number)
{
	struct troth_pin pin = pin_of(number);
	struct troth_store_new_key key = key_of(&pin);
	assert_ok(troth_store_key_pin(store, contact, &key, 1000));
}

/* Effect: as much was said about the first contact as is kept. */
static void fill(struct home *home)
{
	home_sql(home, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		       " WHERE i < 1024) INSERT INTO statement SELECT NULL, 1, 4,"
		       " zeroblob(32), zeroblob(32), 1, 0, 0, 0, 0, i, 0, 0, x'', x'' FROM n");
}

static void append__has_an_end__but_not_for_revocations(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = add_contact(store, "anna");
	struct troth_store_statement s = said(TROTH_BELIEF_ENDORSED, id, 7, 8);
	pin_key(store, id, 8);
	fill(*state);
	assert_err(troth_store_statement_append(store, &s), TROTH_E_LIMIT);
	s = said(TROTH_BELIEF_REVOKED, id, 99, 99);
	assert_err(troth_store_statement_append(store, &s), TROTH_E_LIMIT);
	s = said(TROTH_BELIEF_REVOKED, id, 8, 8);
	assert_ok(troth_store_statement_append(store, &s));
	pin_key(store, id, 10);
}

/* How many of 100 are kept, each of another time. */
static int kept_of(struct troth_store *store, struct troth_store_statement s)
{
	int kept = 0;
	for (int i = 0; i < 100; i++) {
		s.says.issued = i;
		kept += troth_store_statement_append(store, &s) == TROTH_OK;
	}
	return kept;
}

/* By any key of its own a contact can revoke any key, which changes nothing, as often as it likes.
 */
static void append__has_an_end__also_for_revocations_of_known_keys(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = add_contact(store, "anna");
	pin_key(store, id, 8);
	fill(*state);
	assert_int_equal(kept_of(store, said(TROTH_BELIEF_REVOKED, id, 8, 8)),
			 TROTH_STORE_REVOCATIONS_MAX);
	/* What one issuer has said leaves room for what another one says. */
	struct troth_store_statement s = said(TROTH_BELIEF_REVOKED, id, 7, 8);
	assert_ok(troth_store_statement_append(store, &s));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(append__has_an_end__but_not_for_revocations),
		TEST(append__has_an_end__also_for_revocations_of_known_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
