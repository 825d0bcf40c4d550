/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "store/database.h"
#include "store/schema.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct heard {
	struct troth_belief_statement s[64];
	size_t n;
	int64_t last;
};

static int hear(void *user, const struct troth_store_statement *s)
{
	struct heard *h = user;
	assert_true(h->n < 64);
	assert_true(s->id > h->last);
	h->last = s->id;
	h->s[h->n++] = s->says;
	return 0;
}

static struct heard all_of(struct troth_store *store, int64_t contact)
{
	struct heard h = {.n = 0};
	assert_ok(troth_store_statement_list(store, contact, hear, &h));
	return h;
}

static enum troth_key_standing stands(struct troth_store *store, int64_t contact, unsigned key)
{
	struct heard h = all_of(store, contact);
	struct troth_belief_policy policy = troth_belief_policy_default();
	struct troth_belief b;
	struct troth_pin pin = pin_of(key);
	const struct troth_belief_question q = {h.s, h.n, &policy, 5000};
	assert_ok(troth_belief_conclude(&b, &q));
	const struct troth_belief_key *k = troth_belief_find(&b, &pin, TROTH_ROLE_DEVICE);
	enum troth_key_standing out = k == NULL ? TROTH_KEY_UNKNOWN : k->standing;
	troth_belief_fini(&b);
	return out;
}

static struct troth_store_statement endorsement(int64_t contact, unsigned issuer, unsigned subject)
{
	return (struct troth_store_statement){
		.contact = contact,
		.says = {.kind = TROTH_BELIEF_ENDORSED,
			 .purpose = TROTH_BELIEF_DEVICE,
			 .presented = true,
			 .subject = pin_of(subject),
			 .issuer = pin_of(issuer),
			 .issued = 900,
			 .expires = 9000,
			 .time = 1000},
		.data = {(const uint8_t *)"signed", 6},
	};
}

static struct troth_store_statement revocation(int64_t contact, unsigned issuer, unsigned subject)
{
	struct troth_store_statement s = endorsement(contact, issuer, subject);
	s.says.kind = TROTH_BELIEF_REVOKED;
	s.says.reason = TROTH_BELIEF_RETIRED;
	s.says.presented = false;
	return s;
}

static void pin_key(struct troth_store *store, int64_t contact, unsigned number)
{
	struct troth_pin pin = pin_of(number);
	struct troth_store_new_key key = key_of(&pin);
	assert_ok(troth_store_key_pin(store, contact, &key, 1000));
}

#define FOUND 4711 /* what a callback gives comes back */
#define FOUND_WITH_DATA 4712

static int read_back(void *user, const struct troth_store_statement *s)
{
	const struct troth_store_statement *want = user;
	assert_int_equal(s->contact, want->contact);
	assert_memory_equal(&s->says.subject, &want->says.subject, sizeof s->says.subject);
	assert_memory_equal(&s->says.issuer, &want->says.issuer, sizeof s->says.issuer);
	assert_memory_equal(&s->says.list, &want->says.list, sizeof s->says.list);
	assert_int_equal(s->says.kind, want->says.kind);
	assert_int_equal(s->says.how, want->says.how);
	assert_int_equal(s->says.purpose, want->says.purpose);
	assert_int_equal(s->says.reason, want->says.reason);
	assert_int_equal(s->says.validity, want->says.validity);
	assert_int_equal(s->says.presented, want->says.presented);
	assert_int_equal(s->says.assigned, want->says.assigned);
	assert_int_equal(s->says.introducer, want->says.introducer);
	assert_int_equal(s->says.depth, want->says.depth);
	assert_int_equal(s->says.issued, want->says.issued);
	assert_int_equal(s->says.expires, want->says.expires);
	assert_int_equal(s->says.time, want->says.time);
	assert_false(s->says.introducer_trusted);
	return s->data.len == 6 ? FOUND_WITH_DATA : FOUND;
}

static void append__keeps__every_part_of_every_kind(void **state)
{
	struct troth_store *store = home_store(state);
	for (int kind = TROTH_BELIEF_CLAIMED; kind <= TROTH_BELIEF_INTRODUCED; kind++) {
		char label[16];
		snprintf(label, sizeof label, "c%d", kind);
		/* A key of its own: revocations are found from everywhere. */
		struct troth_store_statement s =
			endorsement(add_contact(store, label), 7, 100 + (unsigned)kind);
		s.says.kind = (enum troth_belief_kind)kind;
		s.says.purpose = 0;
		if (kind == TROTH_BELIEF_ENDORSED)
			s.says.purpose = TROTH_BELIEF_RENEW;
		s.says.how = kind == TROTH_BELIEF_MET ? TROTH_BELIEF_BY_HAND : 0;
		s.says.reason = kind == TROTH_BELIEF_REVOKED ? TROTH_BELIEF_LOST : 0;
		s.says.validity = kind == TROTH_BELIEF_OPENPGP ? TROTH_BELIEF_ULTIMATE : 0;
		s.says.assigned = kind % 2 == 0;
		if (kind == TROTH_BELIEF_QUORUM)
			s.says.list = pin_of(99);
		s.says.introducer = 3;
		s.says.introducer_trusted = true;
		s.says.depth = 2;
		s.says.expires = INT64_MAX;
		assert_ok(troth_store_statement_append(store, &s));
		assert_int_equal(troth_store_statement_list(store, s.contact, read_back, &s),
				 FOUND);
		assert_int_equal(
			troth_store_statement_list_by_pin(store, &s.says.subject, read_back, &s),
			FOUND_WITH_DATA);
	}
}

static void append__records_once__what_is_the_same(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = add_contact(store, "anna");
	struct troth_store_statement s = endorsement(id, 7, 8);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	for (int i = 0; i < 3; i++) {
		s.says.time = 1000 + i;
		assert_ok(troth_store_statement_append(store, &s));
	}
	assert_int_equal(all_of(store, id).n, 1);
	s.says.presented = false;
	assert_ok(troth_store_statement_append(store, &s));
	assert_int_equal(all_of(store, id).n, 2);
	/* After a re-pairing the same words count anew; a revocation doesn't need it. */
	struct troth_store_statement r = revocation(id, 8, 8);
	assert_ok(troth_store_statement_append(store, &r));
	assert_ok(troth_store_repair(store, id, &key, 2000));
	size_t before = all_of(store, id).n;
	assert_ok(troth_store_statement_append(store, &r));
	assert_ok(troth_store_statement_append(store, &s));
	assert_ok(troth_store_statement_append(store, &s));
	assert_int_equal(all_of(store, id).n, before + 1);
}

static void append__records_again__what_happens_again(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = add_contact(store, "anna");
	struct troth_store_statement s = {.contact = id, .says = {.kind = TROTH_BELIEF_MET}};
	s.says.how = TROTH_BELIEF_BY_HAND;
	for (int i = 0; i < 4; i++) {
		s.says.time = i / 2;
		assert_ok(troth_store_statement_append(store, &s));
	}
	assert_int_equal(all_of(store, id).n, 2);
	/* Of what the keyring says each change counts. */
	s.says =
		(struct troth_belief_statement){.kind = TROTH_BELIEF_OPENPGP, .subject = pin_of(9)};
	for (int i = 0; i < 6; i++) {
		s.says.validity = i / 2 == 1 ? TROTH_BELIEF_INVALID : TROTH_BELIEF_FULL;
		s.says.time = i;
		assert_ok(troth_store_statement_append(store, &s));
	}
	assert_int_equal(all_of(store, id).n, 5);
}

static void append__refuses__what_is_no_statement(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = add_contact(store, "anna");
	struct troth_store_statement s = endorsement(id, 7, 8);
	s.says.purpose = (enum troth_belief_purpose)4;
	assert_err(troth_store_statement_append(store, &s), TROTH_E_INVAL);
	s.says.kind = (enum troth_belief_kind)14;
	assert_err(troth_store_statement_append(store, &s), TROTH_E_INVAL);
	s = endorsement(id + 1, 7, 8);
	assert_err(troth_store_statement_append(store, &s), TROTH_E_NOT_FOUND);
	s = endorsement(id, 7, 8);
	s.data.len = TROTH_STORE_BLOB_MAX + 1;
	assert_err(troth_store_statement_append(store, &s), TROTH_E_LIMIT);
	assert_int_equal(all_of(store, id).n, 0);
}

static void rows__cannot_be_changed__by_mistake(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_statement s = endorsement(add_contact(store, "anna"), 7, 8);
	assert_ok(troth_store_statement_append(store, &s));
	assert_true(home_sql_result(*state, "UPDATE statement SET kind = 2") != 0);
	assert_true(home_sql_result(*state, "DELETE FROM statement") != 0);
	assert_true(home_sql_result(*state, "REPLACE INTO statement SELECT * FROM statement") != 0);
}

static void keys__say_how_they_came__in_their_own_transaction(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = add_contact(store, "anna");
	struct troth_pin claimed = pin_of(2);
	struct troth_store_new_key key = key_of(&claimed);
	pin_key(store, id, 1);
	assert_int_equal(stands(store, id, 1), TROTH_KEY_PROVEN);
	assert_ok(troth_store_key_claim(store, id, &key, 1001));
	assert_int_equal(stands(store, id, 2), TROTH_KEY_UNPROVEN);
	assert_ok(troth_store_key_promote(store, &claimed, "keyinfo", 1002));
	assert_int_equal(stands(store, id, 2), TROTH_KEY_PROVEN);
	assert_ok(troth_store_repair(store, id, &key, 1003));
	assert_int_equal(stands(store, id, 1), TROTH_KEY_REPLACED);
	assert_int_equal(stands(store, id, 2), TROTH_KEY_PROVEN);
	assert_ok(troth_store_key_withdraw(store, &claimed, TROTH_STORE_KEY_REVOKED, "", 1004));
	assert_int_equal(stands(store, id, 2), TROTH_KEY_REVOKED);
}

static void withdraw__adds_no_word_of_ours__to_a_signed_revocation(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t id = add_contact(store, "anna");
	struct troth_pin pin = pin_of(8);
	struct troth_store_statement s = revocation(id, 8, 8);
	pin_key(store, id, 8);
	assert_ok(troth_store_statement_append(store, &s));
	assert_ok(troth_store_key_withdraw(store, &pin, TROTH_STORE_KEY_REVOKED, "", 2000));
	assert_int_equal(all_of(store, id).n, 2);
}

static void revocation__is_found__whoever_passed_it_on(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t anna = add_contact(store, "anna");
	int64_t berta = add_contact(store, "berta");
	struct troth_store_statement s = revocation(berta, 8, 8);
	struct troth_store_statement e = endorsement(anna, 8, 9);
	struct troth_pin pin = pin_of(8);
	struct heard h = {.n = 0};
	assert_ok(troth_store_statement_append(store, &s));
	assert_int_equal(all_of(store, anna).n, 0);
	assert_ok(troth_store_statement_append(store, &e));
	assert_int_equal(all_of(store, anna).n, 2);
	s = revocation(0, 9, 9);
	assert_ok(troth_store_statement_append(store, &s));
	assert_int_equal(all_of(store, anna).n, 3);
	assert_ok(troth_store_statement_list_by_pin(store, &pin, hear, &h));
	assert_int_equal(h.n, 2);
}

static void forget__keeps__what_was_said_of_revoked_keys(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t anna = add_contact(store, "anna");
	struct troth_pin gone = pin_of(8);
	struct troth_pin other = pin_of(9);
	struct heard h = {.n = 0};
	struct troth_store_statement e = endorsement(anna, 7, 9);
	pin_key(store, anna, 8);
	pin_key(store, anna, 9);
	assert_ok(troth_store_statement_append(store, &e));
	assert_ok(troth_store_key_withdraw(store, &gone, TROTH_STORE_KEY_REVOKED, "", 2000));
	assert_ok(troth_store_contact_forget(store, anna, 3000));
	assert_ok(troth_store_statement_list_by_pin(store, &other, hear, &h));
	assert_int_equal(h.n, 0);
	assert_ok(troth_store_statement_list_by_pin(store, &gone, hear, &h));
	assert_int_equal(h.n, 2);
	assert_ok(troth_store_check(store));
}

/* ---- user keys ---- */

static int count_key(void *user, const struct troth_store_key *key)
{
	(void)key;
	++*(int *)user;
	return 0;
}

static void user_key__finds_its_contact_by_name__and_is_no_device(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t anna = add_contact(store, "anna");
	struct troth_pin pin = pin_of(5);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_contact c;
	struct troth_store_key row;
	int devices = 0, users = 0;
	key.role = TROTH_ROLE_USER;
	assert_ok(troth_store_key_pin(store, anna, &key, 1000));
	assert_ok(troth_store_contact_by_name(store, key.name, &c));
	assert_int_equal(c.id, anna);
	assert_err(troth_store_contact_by_pin(store, &pin, &c), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_key_list(store, anna, count_key, &devices));
	assert_ok(troth_store_user_key_list(store, anna, count_key, &users));
	assert_int_equal(devices, 0);
	assert_int_equal(users, 1);
	assert_ok(troth_store_key_get(store, &pin, &row));
	assert_int_equal(row.role, TROTH_ROLE_USER);
	key.role = TROTH_ROLE_DEVICE;
	assert_err(troth_store_key_pin(store, anna, &key, 1001), TROTH_E_INVAL);
	/* A pin read aloud, of which no name is known, sets no floor for strangers either. */
	pin = pin_of(6);
	key = (struct troth_store_new_key){
		.pin = &pin, .name = "", .how = "manual", .role = TROTH_ROLE_USER};
	assert_ok(troth_store_key_pin(store, anna, &key, 1002));
	assert_ok(troth_store_key_list_nameless(store, count_key, &devices));
	assert_int_equal(devices, 0);
}

/* ---- how much is read ---- */

#define CROWD "200"
#define EACH_SAYS 16

/* As it comes over the years: everybody says something in turn. */
static void let_all_speak(struct home *home)
{
	home_sql(home, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
		       " WHERE i < " CROWD ") INSERT INTO contact"
		       " SELECT i, 'c' || i, 'c' || i, 1 FROM c");
	for (int i = 0; i < EACH_SAYS; i++)
		home_sql(home, "INSERT INTO statement (contact, kind, subject, issuer, detail,"
			       " presented, assigned, introducer, depth, issued, expires, time,"
			       " data) SELECT id, 4, randomblob(32), zeroblob(32), 1, 1, 0, 0, 0,"
			       " 0, 9, 1, zeroblob(300) FROM contact");
}

static int pages_missed(struct troth_store *store)
{
	int missed = 0;
	int most = 0;
	assert_int_equal(
		sqlite3_db_status(store->db, SQLITE_DBSTATUS_CACHE_MISS, &missed, &most, 1),
		SQLITE_OK);
	return missed;
}

static void list__reads_few_pages__however_scattered_the_rows_are(void **state)
{
	let_all_speak(*state);
	home_reopen(*state);
	struct troth_store *store = home_store(state);
	assert_int_equal(all_of(store, 7).n, EACH_SAYS); /* and the tables' description is read */
	(void)pages_missed(store);
	assert_int_equal(sqlite3_db_release_memory(store->db), SQLITE_OK);
	assert_int_equal(all_of(store, 100).n, EACH_SAYS);
	int missed = pages_missed(store);
	assert_true(missed > 0 && missed < EACH_SAYS);
}

/* ---- an older file ---- */

#define KEY(pin, contact, state, how, time)                                                        \
	"INSERT INTO peer_key VALUES (CAST(x'" pin "' || zeroblob(28) AS BLOB), " contact          \
	", '', x'', " state ", '" how "', " time ", " time ");"

static void upgrade__hands_down__what_is_known_of_keys(void **state)
{
	struct home *home = *state;
	char path[128];
	troth_store_free(home->store);
	home->store = NULL;
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	assert_int_equal(unlink(path), 0);
	home_sql(home, troth_schema_steps[0]);
	home_sql(home,
		 "PRAGMA user_version = 1;"
		 "INSERT INTO contact VALUES (1, 'anna', 'anna', 1), (2, 'berta', 'berta', 1),"
		 " (3, 'carla', 'carla', 1);" KEY("01000000", "1", "3", "srp", "10") KEY(
			 "02000000", "1", "2", "srp", "20") KEY("03000000", "1", "1", "srp", "30")
			 KEY("04000000", "2", "2", "manual", "10")
				 KEY("05000000", "2", "5", "", "20")
					 KEY("06000000", "3", "3", "srp", "10")
						 KEY("07000000", "NULL", "5", "", "20"));
	assert_int_equal(chmod(path, 0600), 0);
	home->store = home_open_again(home);
	assert_ok(troth_store_check(home->store));
	assert_int_equal(stands(home->store, 1, 1), TROTH_KEY_REPLACED);
	assert_int_equal(stands(home->store, 1, 2), TROTH_KEY_PROVEN);
	assert_int_equal(stands(home->store, 1, 3), TROTH_KEY_UNPROVEN);
	assert_int_equal(stands(home->store, 2, 4), TROTH_KEY_PROVEN);
	assert_int_equal(stands(home->store, 2, 5), TROTH_KEY_REVOKED);
	assert_int_equal(stands(home->store, 3, 6), TROTH_KEY_UNKNOWN);
	assert_int_equal(all_of(home->store, 2).s[0].how, TROTH_BELIEF_BY_HAND);
	pin_key(home->store, 1, 9);
	assert_int_equal(stands(home->store, 1, 9), TROTH_KEY_PROVEN);
}

static void upgrade__keeps_what_was_said__and_what_will_be_asked(void **state)
{
	struct home *home = *state;
	char path[128];
	troth_store_free(home->store);
	home->store = NULL;
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	assert_int_equal(unlink(path), 0);
	home_sql(home, troth_schema_steps[0]);
	home_sql(home, troth_schema_steps[1]);
	home_sql(home,
		 "PRAGMA user_version = 2;"
		 "INSERT INTO contact VALUES (1, 'anna', 'anna', 1);"
		 "INSERT INTO statement VALUES (41, 1, 2, CAST(x'01' || zeroblob(31) AS BLOB),"
		 " zeroblob(32), 1, 0, 0, 0, 0, 0, 0, 10, x''),"
		 " (42, 1, 5, CAST(x'02' || zeroblob(31) AS BLOB),"
		 " CAST(x'02' || zeroblob(31) AS BLOB), 1, 0, 0, 0, 0, 5, 0, 11, x'616263')");
	assert_int_equal(chmod(path, 0600), 0);
	home->store = home_open_again(home);
	assert_ok(troth_store_check(home->store));
	assert_int_equal(stands(home->store, 1, 1), TROTH_KEY_PROVEN);
	assert_int_equal(stands(home->store, 1, 2), TROTH_KEY_REVOKED);
	struct heard h = all_of(home->store, 1);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.last, 42);
	assert_int_equal(h.s[1].issued, 5);
	struct troth_store_statement s = endorsement(1, 1, 3);
	assert_ok(troth_store_statement_append(home->store, &s));
	h = all_of(home->store, 1);
	assert_int_equal(h.last, 43); /* a number is never used again */
	assert_true(home_sql_result(home, "DELETE FROM statement") != 0);
	assert_true(home_sql_result(home, "UPDATE statement SET kind = 2") != 0);
}

static void upgrade__uses_no_number_again__of_what_was_forgotten(void **state)
{
	struct home *home = *state;
	char path[128];
	troth_store_free(home->store);
	home->store = NULL;
	home_path(home, TROTH_STORE_FILE, path, sizeof path);
	assert_int_equal(unlink(path), 0);
	home_sql(home, troth_schema_steps[0]);
	home_sql(home, troth_schema_steps[1]);
	home_sql(home, "PRAGMA user_version = 2;"
		       "INSERT INTO contact VALUES (1, 'anna', 'anna', 1);"
		       "INSERT INTO statement VALUES (77, 2, 2, zeroblob(32), zeroblob(32),"
		       " 1, 0, 0, 0, 0, 0, 0, 10, x''); DELETE FROM statement WHERE id = 77");
	assert_int_equal(chmod(path, 0600), 0);
	home->store = home_open_again(home);
	struct troth_store_statement s = endorsement(1, 1, 3);
	assert_ok(troth_store_statement_append(home->store, &s));
	assert_int_equal(all_of(home->store, 1).last, 78);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(append__keeps__every_part_of_every_kind),
		TEST(append__records_once__what_is_the_same),
		TEST(append__records_again__what_happens_again),
		TEST(append__refuses__what_is_no_statement),
		TEST(rows__cannot_be_changed__by_mistake),
		TEST(keys__say_how_they_came__in_their_own_transaction),
		TEST(withdraw__adds_no_word_of_ours__to_a_signed_revocation),
		TEST(revocation__is_found__whoever_passed_it_on),
		TEST(forget__keeps__what_was_said_of_revoked_keys),
		TEST(user_key__finds_its_contact_by_name__and_is_no_device),
		TEST(list__reads_few_pages__however_scattered_the_rows_are),
		TEST(upgrade__hands_down__what_is_known_of_keys),
		TEST(upgrade__keeps_what_was_said__and_what_will_be_asked),
		TEST(upgrade__uses_no_number_again__of_what_was_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
