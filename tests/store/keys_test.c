/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include "base/slice.h"

static void pin__attaches_the_key__with_its_certificate(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_key k;
	struct troth_buf der;
	troth_buf_init(&der, 100);
	int64_t id = add_contact(store, "anna");
	assert_ok(troth_store_key_pin(store, id, &key, 50));
	home_reopen(*state);
	store = home_store(state);
	assert_ok(troth_store_key_get(store, &pin, &k));
	assert_int_equal(k.contact, id);
	assert_int_equal(k.state, TROTH_STORE_KEY_PROVEN);
	assert_string_equal(k.how, "pake");
	assert_string_equal(k.name, key.name);
	assert_int_equal(k.first_seen, 50);
	assert_memory_equal(k.pin.bytes, pin.bytes, sizeof pin.bytes);
	assert_ok(troth_store_key_der(store, &pin, &der));
	assert_int_equal(troth_buf_len(&der), key.der.len);
	assert_memory_equal(troth_buf_slice(&der).data, key.der.data, key.der.len);
	troth_buf_fini(&der);
	assert_int_equal(log_count(store, "key-pinned"), 1);
}

static void pin__is_refused__when_another_contact_has_the_key(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	int64_t anna = add_contact(store, "Anna");
	int64_t berta = add_contact(store, "Berta");
	const enum troth_store_key_state states[] = {
		TROTH_STORE_KEY_PROVEN, TROTH_STORE_KEY_SUSPENDED, TROTH_STORE_KEY_REPLACED};
	struct troth_store_contact c;
	assert_ok(troth_store_key_pin(store, anna, &key, 1));
	for (size_t i = 0; i < 3; i++) {
		if (i > 0)
			assert_ok(troth_store_key_withdraw(store, &pin, states[i], "", 2));
		int64_t entries = log_count(store, NULL);
		assert_err(troth_store_key_pin(store, berta, &key, 2), TROTH_E_CONFLICT);
		assert_int_equal(troth_store_conflict(store), anna);
		assert_says(store, "\"Anna\"");
		assert_err(troth_store_repair(store, berta, &key, 2), TROTH_E_CONFLICT);
		assert_err(troth_store_key_claim(store, berta, &key, 2), TROTH_E_CONFLICT);
		assert_ok(troth_store_contact_by_pin(store, &pin, &c));
		assert_int_equal(c.id, anna);
		assert_int_equal(state_of(store, &pin), states[i]);
		assert_int_equal(log_count(store, NULL), entries);
	}
}

static void pin__takes_a_key_over__when_it_was_only_claimed(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_contact c;
	int64_t mallory = add_contact(store, "mallory");
	int64_t anna = add_contact(store, "anna");
	assert_ok(troth_store_key_claim(store, mallory, &key, 1));
	assert_ok(troth_store_key_pin(store, anna, &key, 2));
	assert_ok(troth_store_contact_by_pin(store, &pin, &c));
	assert_int_equal(c.id, anna);
	assert_int_equal(log_count(store, "key-lost"), 1);
	assert_err(troth_store_key_claim(store, mallory, &key, 3), TROTH_E_CONFLICT);
}

/* Whoever has read the certificate of a user key can say that it is his device's. */
static void user_key__takes_over__what_was_only_claimed_as_a_device(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_key k;
	int64_t mallory = add_contact(store, "mallory");
	int64_t anna = add_contact(store, "anna");
	assert_ok(troth_store_key_claim(store, mallory, &key, 1));
	key.role = TROTH_ROLE_USER;
	assert_ok(troth_store_key_pin(store, anna, &key, 2));
	assert_ok(troth_store_key_get(store, &pin, &k));
	assert_int_equal(k.contact, anna);
	assert_int_equal(k.role, TROTH_ROLE_USER);
	assert_int_equal(k.state, TROTH_STORE_KEY_PROVEN);
	key.role = TROTH_ROLE_DEVICE;
	assert_err(troth_store_key_claim(store, mallory, &key, 3), TROTH_E_CONFLICT);
}

static void claim__never_weakens__what_the_contact_has(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	int64_t id = add_contact(store, "anna");
	assert_ok(troth_store_key_claim(store, id, &key, 1));
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_UNPROVEN);
	assert_ok(troth_store_key_promote(store, &pin, "keyinfo", 2));
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_PROVEN);
	assert_ok(troth_store_key_promote(store, &pin, "keyinfo", 2));
	assert_ok(troth_store_key_claim(store, id, &key, 3));
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_PROVEN);
	assert_int_equal(log_count(store, "key-proven"), 1);
}

static void promote__is_refused__from_any_other_state(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_pin seen = pin_of(2);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_new_key seen_key = key_of(&seen);
	int64_t id = add_contact(store, "anna");
	assert_err(troth_store_key_promote(store, &pin, "x", 1), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_key_see(store, id, &seen_key, 1));
	assert_err(troth_store_key_promote(store, &seen, "x", 1), TROTH_E_INVAL);
	assert_ok(troth_store_key_pin(store, id, &key, 1));
	const enum troth_store_key_state states[] = {
		TROTH_STORE_KEY_REPLACED, TROTH_STORE_KEY_SUSPENDED, TROTH_STORE_KEY_REVOKED};
	for (size_t i = 0; i < 3; i++) {
		assert_ok(troth_store_key_withdraw(store, &pin, states[i], "", 2));
		assert_err(troth_store_key_promote(store, &pin, "x", 3), TROTH_E_INVAL);
		assert_says(store, troth_store_key_state_name(states[i]));
	}
}

static void seen__blocks_nobody__and_changes_nothing(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_contact c;
	int64_t mallory = add_contact(store, "mallory");
	int64_t anna = add_contact(store, "anna");
	assert_ok(troth_store_key_see(store, mallory, &key, 1));
	assert_err(troth_store_contact_by_pin(store, &pin, &c), TROTH_E_NOT_FOUND);
	assert_err(troth_store_contact_by_name(store, key.name, &c), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_key_pin(store, anna, &key, 2));
	assert_ok(troth_store_key_see(store, mallory, &key, 3));
	assert_ok(troth_store_contact_by_pin(store, &pin, &c));
	assert_int_equal(c.id, anna);
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_PROVEN);
	for (unsigned i = 0; i <= TROTH_STORE_SEEN_MAX; i++) {
		struct troth_pin other = pin_of(100 + i);
		struct troth_store_new_key k = key_of(&other);
		int err = troth_store_key_see(store, 0, &k, 4);
		assert_err(err, i < TROTH_STORE_SEEN_MAX ? TROTH_OK : TROTH_E_LIMIT);
	}
}

static void repair__replaces_the_older_keys__and_they_may_return(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pins[5];
	struct troth_store_new_key keys[5];
	int64_t id = add_contact(store, "anna");
	for (unsigned i = 0; i < 5; i++) {
		pins[i] = pin_of(i + 1);
		keys[i] = key_of(&pins[i]);
		if (i < 4)
			assert_ok(troth_store_key_pin(store, id, &keys[i], 1));
	}
	assert_ok(troth_store_key_withdraw(store, &pins[2], TROTH_STORE_KEY_SUSPENDED, "", 2));
	assert_ok(troth_store_key_withdraw(store, &pins[3], TROTH_STORE_KEY_REVOKED, "", 2));
	assert_ok(troth_store_repair(store, id, &keys[4], 3));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(state_of(store, &pins[i]), TROTH_STORE_KEY_REPLACED);
	assert_int_equal(state_of(store, &pins[3]), TROTH_STORE_KEY_REVOKED);
	assert_int_equal(state_of(store, &pins[4]), TROTH_STORE_KEY_PROVEN);
	assert_int_equal(log_count(store, "key-replaced"), 3);
	assert_ok(troth_store_key_pin(store, id, &keys[0], 4));
	assert_int_equal(state_of(store, &pins[0]), TROTH_STORE_KEY_PROVEN);
	assert_err(troth_store_repair(store, id, &keys[3], 5), TROTH_E_REVOKED);
	/* The repair that failed replaced nothing. */
	assert_int_equal(state_of(store, &pins[4]), TROTH_STORE_KEY_PROVEN);
}

static void revoked__has_no_way_out(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	int64_t id = add_contact(store, "anna");
	/* before the key was ever met */
	assert_ok(troth_store_key_withdraw(store, &pin, TROTH_STORE_KEY_REVOKED, "found", 1));
	assert_err(troth_store_key_pin(store, id, &key, 2), TROTH_E_REVOKED);
	assert_err(troth_store_key_claim(store, id, &key, 2), TROTH_E_REVOKED);
	assert_err(troth_store_repair(store, id, &key, 2), TROTH_E_REVOKED);
	assert_err(troth_store_key_withdraw(store, &pin, TROTH_STORE_KEY_REPLACED, "", 2),
		   TROTH_E_REVOKED);
	assert_ok(troth_store_key_withdraw(store, &pin, TROTH_STORE_KEY_REVOKED, "", 2));
	assert_err(troth_store_key_withdraw(store, &pin, TROTH_STORE_KEY_PROVEN, "", 2),
		   TROTH_E_INVAL);
	assert_true(home_sql_result(*state, "UPDATE peer_key SET state = 2") != 0);
	assert_true(home_sql_result(*state, "DELETE FROM peer_key") != 0);
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_REVOKED);
}

static void key__is_refused__when_malformed(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	int64_t id = add_contact(store, "anna");
	struct troth_store_new_key bad = key;
	bad.name = "00";
	assert_err(troth_store_key_pin(store, id, &bad, 1), TROTH_E_FORMAT);
	bad.name = "ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD";
	assert_err(troth_store_key_pin(store, id, &bad, 1), TROTH_E_FORMAT);
	bad.name = ""; /* with a certificate it has one */
	assert_err(troth_store_key_pin(store, id, &bad, 1), TROTH_E_FORMAT);
	bad = key;
	bad.how = "a word that is longer than it may be";
	assert_err(troth_store_key_pin(store, id, &bad, 1), TROTH_E_LIMIT);
	bad = key;
	bad.detail = "\xff";
	assert_err(troth_store_key_pin(store, id, &bad, 1), TROTH_E_FORMAT);
	bad = key;
	bad.pin = NULL;
	assert_err(troth_store_key_pin(store, id, &bad, 1), TROTH_E_INVAL);
	assert_err(troth_store_key_pin(store, id + 1, &key, 1), TROTH_E_NOT_FOUND);
}

static void name__finds_nobody__when_two_contacts_have_it(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin one = pin_of(1);
	struct troth_pin two = pin_of(2);
	struct troth_store_new_key key = key_of(&one);
	struct troth_store_contact c;
	assert_ok(troth_store_key_pin(store, add_contact(store, "anna"), &key, 1));
	key.pin = &two; /* a second certificate with the same SHA-1 */
	assert_ok(troth_store_key_pin(store, add_contact(store, "berta"), &key, 1));
	assert_err(troth_store_contact_by_name(store, key.name, &c), TROTH_E_CONFLICT);
}

static int count_key(void *user, const struct troth_store_key *key)
{
	assert_int_equal(key->state, TROTH_STORE_KEY_PROVEN);
	++*(int *)user;
	return 0;
}

static void key_list__gives_the_contacts_own(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t anna = add_contact(store, "anna");
	int64_t berta = add_contact(store, "berta");
	int count = 0;
	for (unsigned i = 0; i < 3; i++) {
		struct troth_pin pin = pin_of(i);
		struct troth_store_new_key key = key_of(&pin);
		assert_ok(troth_store_key_pin(store, i < 2 ? anna : berta, &key, 1));
	}
	assert_ok(troth_store_key_list(store, anna, count_key, &count));
	assert_int_equal(count, 2);
	count = 0;
	assert_ok(troth_store_key_list(store, 0, count_key, &count));
	assert_int_equal(count, 0);
}

/* ---- pinned by a fingerprint alone ---- */

static struct troth_store_new_key alone(const struct troth_pin *pin)
{
	return (struct troth_store_new_key){.pin = pin, .name = "", .how = "manual"};
}

static size_t der_len(struct troth_store *store, const struct troth_pin *pin)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&der, 100);
	assert_ok(troth_store_key_der(store, pin, &der));
	return troth_buf_len(&der);
}

static void pin_alone__is_listed__until_its_certificate_is_shown(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1), other = pin_of(2);
	struct troth_store_new_key key = alone(&pin), whole = key_of(&pin), named = key_of(&other);
	struct troth_store_contact c;
	struct troth_store_key k;
	int count = 0;
	int64_t id = add_contact(store, "anna");
	assert_ok(troth_store_key_pin(store, id, &key, 1));
	assert_ok(troth_store_key_pin(store, id, &named, 1));
	assert_ok(troth_store_key_list_nameless(store, count_key, &count));
	assert_int_equal(count, 1);
	assert_err(troth_store_contact_by_name(store, whole.name, &c), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_key_complete(store, &whole, 2));
	assert_ok(troth_store_contact_by_name(store, whole.name, &c));
	assert_int_equal(c.id, id);
	assert_ok(troth_store_key_get(store, &pin, &k));
	assert_string_equal(k.how, "manual"); /* trust came by the fingerprint */
	assert_int_equal(k.changed, 1);
	assert_int_equal(der_len(store, &pin), whole.der.len);
	assert_ok(troth_store_key_list_nameless(store, count_key, &count));
	assert_int_equal(count, 1);
	assert_int_equal(log_count(store, "key-shown"), 1);
	assert_log_whole(store);
}

static void complete__changes_nothing__of_a_key_with_a_name(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1), unknown = pin_of(2);
	struct troth_store_new_key key = key_of(&pin), second = key_of(&unknown);
	struct troth_store_key k;
	assert_err(troth_store_key_complete(store, &key, 1), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_key_pin(store, add_contact(store, "anna"), &key, 1));
	second.pin = &pin;
	assert_ok(troth_store_key_complete(store, &second, 2));
	assert_ok(troth_store_key_get(store, &pin, &k));
	assert_string_equal(k.name, key.name);
	assert_int_equal(log_count(store, "key-shown"), 0);
	second = alone(&pin);
	assert_err(troth_store_key_complete(store, &second, 2), TROTH_E_FORMAT);
	/* Revoked before anybody had it: it stays as it is. */
	assert_ok(troth_store_key_withdraw(store, &unknown, TROTH_STORE_KEY_REVOKED, "", 3));
	second = key_of(&unknown);
	assert_err(troth_store_key_complete(store, &second, 4), TROTH_E_INVAL);
}

static void pin_alone__keeps_the_certificate__that_the_contact_has_shown(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1), claimed = pin_of(2);
	struct troth_store_new_key key = key_of(&pin), again = alone(&pin);
	struct troth_store_key k;
	int64_t id = add_contact(store, "anna");
	assert_ok(troth_store_key_pin(store, id, &key, 1));
	assert_ok(troth_store_key_pin(store, id, &again, 2));
	assert_ok(troth_store_key_get(store, &pin, &k));
	assert_string_equal(k.name, key.name);
	assert_int_equal(der_len(store, &pin), key.der.len);
	/* What was only said to be its certificate may be any: it doesn't become the pinned one. */
	key = key_of(&claimed);
	again = alone(&claimed);
	assert_ok(troth_store_key_claim(store, id, &key, 3));
	assert_ok(troth_store_key_pin(store, id, &again, 4));
	assert_ok(troth_store_key_get(store, &claimed, &k));
	assert_string_equal(k.name, "");
	assert_int_equal(der_len(store, &claimed), 0);
}

static void nameless_keys__are_only_those_that_count(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1), revoked = pin_of(2);
	struct troth_store_new_key key = alone(&pin);
	int count = 0;
	assert_ok(troth_store_key_withdraw(store, &revoked, TROTH_STORE_KEY_REVOKED, "", 1));
	assert_ok(troth_store_key_pin(store, add_contact(store, "anna"), &key, 1));
	assert_ok(troth_store_key_withdraw(store, &pin, TROTH_STORE_KEY_REPLACED, "", 2));
	assert_ok(troth_store_key_list_nameless(store, count_key, &count));
	assert_int_equal(count, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(pin__attaches_the_key__with_its_certificate),
		TEST(pin__is_refused__when_another_contact_has_the_key),
		TEST(pin__takes_a_key_over__when_it_was_only_claimed),
		TEST(user_key__takes_over__what_was_only_claimed_as_a_device),
		TEST(claim__never_weakens__what_the_contact_has),
		TEST(promote__is_refused__from_any_other_state),
		TEST(seen__blocks_nobody__and_changes_nothing),
		TEST(repair__replaces_the_older_keys__and_they_may_return),
		TEST(revoked__has_no_way_out),
		TEST(key__is_refused__when_malformed),
		TEST(name__finds_nobody__when_two_contacts_have_it),
		TEST(key_list__gives_the_contacts_own),
		TEST(pin_alone__is_listed__until_its_certificate_is_shown),
		TEST(complete__changes_nothing__of_a_key_with_a_name),
		TEST(pin_alone__keeps_the_certificate__that_the_contact_has_shown),
		TEST(nameless_keys__are_only_those_that_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
