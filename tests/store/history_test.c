/* SPDX-License-Identifier: MIT */
#include "base/slice.h"
#include "fixture.h"

#include <stdio.h>

static struct troth_store_connection row_of(int64_t contact, const struct troth_pin *pin,
					    int64_t time)
{
	return (struct troth_store_connection){.contact = contact,
					       .time = time,
					       .pin = pin,
					       .incoming = true,
					       .address = "anna@box",
					       .method = "keyinfo",
					       .level = "verified",
					       .outcome = "ok"};
}

static void had_transcript__is_true__only_after_a_good_one(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_pin other = pin_of(2);
	struct troth_store_connection row = row_of(0, &pin, 10);
	bool had = true;
	assert_ok(troth_store_history_append(store, &row));
	assert_ok(troth_store_history_had_transcript(store, &pin, &had));
	assert_false(had);
	row.transcript = true;
	row.outcome = "downgrade";
	assert_ok(troth_store_history_append(store, &row));
	assert_ok(troth_store_history_had_transcript(store, &pin, &had));
	assert_false(had);
	row.outcome = "ok";
	assert_ok(troth_store_history_append(store, &row));
	assert_ok(troth_store_history_had_transcript(store, &pin, &had));
	assert_true(had);
	assert_ok(troth_store_history_had_transcript(store, &other, &had));
	assert_false(had);
}

static int keep_row(void *user, const struct troth_store_connection *r)
{
	char line[128];
	snprintf(line, sizeof line, "%d %s %s %s;", (int)r->time, r->pin == NULL ? "-" : "pin",
		 r->address, r->outcome);
	strcat(user, line);
	return 0;
}

static void history__is_listed__newest_first(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	int64_t anna = add_contact(store, "anna");
	int64_t met = 0;
	char all[512] = "";
	assert_err(troth_store_history_last_met(store, anna, &met), TROTH_E_NOT_FOUND);
	struct troth_store_connection row = row_of(anna, &pin, 10);
	assert_ok(troth_store_history_append(store, &row));
	row = row_of(anna, NULL, 20);
	row.outcome = "timeout";
	assert_ok(troth_store_history_append(store, &row));
	row = row_of(0, NULL, 30);
	assert_ok(troth_store_history_append(store, &row));
	assert_ok(troth_store_history_list(store, anna, 0, keep_row, all));
	assert_string_equal(all, "20 - anna@box timeout;10 pin anna@box ok;");
	all[0] = 0;
	assert_ok(troth_store_history_list(store, 0, 1, keep_row, all));
	assert_string_equal(all, "30 - anna@box ok;");
	assert_ok(troth_store_history_last_met(store, anna, &met));
	assert_int_equal(met, 10);
	row.contact = 99;
	assert_err(troth_store_history_append(store, &row), TROTH_E_NOT_FOUND);
	row = row_of(anna, NULL, 1);
	row.detail = "\xc3";
	assert_err(troth_store_history_append(store, &row), TROTH_E_FORMAT);
	assert_ok(troth_store_contact_forget(store, anna, 40));
	all[0] = 0;
	assert_ok(troth_store_history_list(store, 0, 0, keep_row, all));
	assert_string_equal(all, "30 - anna@box ok;20 -  timeout;10 pin  ok;");
}

static int keep_evidence(void *user, const struct troth_store_evidence *e)
{
	char line[64];
	snprintf(line, sizeof line, "%s/%s/%.*s@%d;", e->kind, e->method, (int)e->data.len,
		 (const char *)e->data.data, (int)e->time);
	strcat(user, line);
	return 0;
}

static void evidence__is_kept_in_order__and_never_changed(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_pin other = pin_of(2);
	int64_t anna = add_contact(store, "anna");
	char all[256] = "";
	struct troth_store_evidence e = {.contact = anna,
					 .pin = pin,
					 .kind = "ca",
					 .method = "X",
					 .data = troth_slice_str("abc"),
					 .time = 3};
	assert_ok(troth_store_evidence_append(store, &e));
	e = (struct troth_store_evidence){.pin = other, .kind = "revocation", .time = 4};
	assert_ok(troth_store_evidence_append(store, &e));
	assert_ok(troth_store_evidence_list(store, 0, NULL, keep_evidence, all));
	assert_string_equal(all, "ca/X/abc@3;revocation//@4;");
	all[0] = 0;
	assert_ok(troth_store_evidence_list(store, anna, NULL, keep_evidence, all));
	assert_ok(troth_store_evidence_list(store, 0, &other, keep_evidence, all));
	assert_ok(troth_store_evidence_list(store, anna, &other, keep_evidence, all));
	assert_string_equal(all, "ca/X/abc@3;revocation//@4;");
	assert_true(home_sql_result(*state, "UPDATE evidence SET kind = 'x'") != 0);
	assert_true(home_sql_result(*state, "DELETE FROM evidence WHERE id = 1") != 0);
	assert_true(home_sql_result(*state, "DELETE FROM evidence WHERE id = 2") != 0);
	assert_true(home_sql_result(*state, "REPLACE INTO evidence SELECT id, contact, pin, 'x',"
					    " method, data, time FROM evidence") != 0);
	e.contact = 99;
	assert_err(troth_store_evidence_append(store, &e), TROTH_E_NOT_FOUND);
}

static void meeting__leaves_everything__or_nothing(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_secret *secret;
	struct troth_store_contact c;
	struct troth_store_budget b;
	struct troth_store_address address = {TROTH_REALM_LINK, "anna@box", "meeting", 0, 9};
	struct troth_store_connection row = row_of(0, NULL, 9);
	struct troth_store_budget_params arm = {.scope = "s", .bits = 20};
	struct troth_store_meeting meeting = {.label = "anna",
					      .key = &key,
					      .scope = "s",
					      .address = &address,
					      .connection = &row};
	int64_t id = 0;
	int64_t met = 0;
	row.method = "pake";
	row.transcript = true;
	/* Nothing was debited, so nothing can be given back: the whole meeting fails. */
	assert_ok(troth_store_budget_arm(store, &arm, 1));
	assert_err(troth_store_meeting_commit(store, &meeting, 9, &id), TROTH_E_INVAL);
	assert_err(troth_store_contact_by_label(store, "anna", &c), TROTH_E_NOT_FOUND);
	assert_err(troth_store_contact_by_pin(store, &pin, &c), TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(store, NULL), 1);
	assert_int_equal(id, 0);

	assert_ok(troth_secret_new(&secret, troth_slice_str("swordfish")));
	assert_ok(troth_store_secret_claim(store, "s", 0, secret, 1));
	assert_ok(troth_store_budget_debit(store, "s", &b));
	assert_ok(troth_store_meeting_commit(store, &meeting, 9, &id));
	home_reopen(*state);
	store = home_store(state);
	assert_ok(troth_store_contact_by_pin(store, &pin, &c));
	assert_int_equal(c.id, id);
	assert_string_equal(c.label, "anna");
	assert_ok(troth_store_contact_by_address(store, TROTH_REALM_LINK, "anna@box", &c));
	assert_ok(troth_store_budget_get(store, "s", &b));
	assert_int_equal(b.spent, 0);
	assert_ok(troth_store_history_last_met(store, id, &met));
	assert_int_equal(met, 9);
	bool had = false;
	assert_ok(troth_store_history_had_transcript(store, &pin, &had));
	assert_true(had);
	assert_int_equal(log_count(store, "met"), 1);
	assert_ok(troth_store_secret_claim(store, "other", 0, secret, 1)); /* it was spent */
	troth_secret_free(secret);
	assert_log_whole(store);
	/* The same label again is not the same person. */
	struct troth_pin second = pin_of(2);
	key = key_of(&second);
	meeting.scope = NULL;
	assert_err(troth_store_meeting_commit(store, &meeting, 10, &id), TROTH_E_EXISTS);
	meeting.contact = id;
	meeting.repair = true;
	assert_ok(troth_store_meeting_commit(store, &meeting, 10, &id));
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_REPLACED);
	assert_int_equal(state_of(store, &second), TROTH_STORE_KEY_PROVEN);
}

static void meeting__replaces_nothing__by_a_key_without_possession(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pinned = pin_of(1);
	struct troth_pin claimed = pin_of(2);
	struct troth_store_new_key key = key_of(&pinned);
	struct troth_store_connection row = row_of(0, NULL, 9);
	int64_t id = 0;
	int64_t met = 0;
	int64_t anna = add_contact(store, "anna");
	assert_ok(troth_store_key_pin(store, anna, &key, 1));
	key = key_of(&claimed);
	struct troth_store_meeting meeting = {
		.contact = anna, .key = &key, .claimed = true, .connection = &row};
	assert_ok(troth_store_meeting_commit(store, &meeting, 9, &id));
	assert_int_equal(id, anna);
	assert_int_equal(state_of(store, &pinned), TROTH_STORE_KEY_PROVEN);
	assert_int_equal(state_of(store, &claimed), TROTH_STORE_KEY_UNPROVEN);
	assert_ok(troth_store_history_last_met(store, anna, &met));
	assert_int_equal(met, 9);
	/* The key of another contact isn't taken, and nothing of the meeting stays. */
	key = key_of(&pinned);
	meeting = (struct troth_store_meeting){.label = "berta", .key = &key, .claimed = true};
	assert_err(troth_store_meeting_commit(store, &meeting, 10, &id), TROTH_E_CONFLICT);
	struct troth_store_contact c;
	assert_err(troth_store_contact_by_label(store, "berta", &c), TROTH_E_NOT_FOUND);
}

static void meeting__is_refused__when_another_contact_has_the_key(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_contact c;
	int64_t id = 0;
	int64_t anna = add_contact(store, "anna");
	assert_ok(troth_store_key_pin(store, anna, &key, 1));
	struct troth_store_meeting meeting = {.label = "berta", .key = &key};
	assert_err(troth_store_meeting_commit(store, &meeting, 2, &id), TROTH_E_CONFLICT);
	assert_int_equal(troth_store_conflict(store), anna);
	assert_says(store, "anna");
	assert_err(troth_store_contact_by_label(store, "berta", &c), TROTH_E_NOT_FOUND);
	meeting.claimed = true;
	assert_err(troth_store_meeting_commit(store, &meeting, 2, &id), TROTH_E_CONFLICT);
	assert_err(troth_store_contact_by_label(store, "berta", &c), TROTH_E_NOT_FOUND);
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_PROVEN);
}

static void meeting__proves_nothing__by_a_claim(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_pin pin = pin_of(1);
	struct troth_store_new_key key = key_of(&pin);
	struct troth_store_meeting meeting = {.label = "anna", .key = &key, .claimed = true};
	int64_t id = 0;
	assert_ok(troth_store_meeting_commit(store, &meeting, 2, &id));
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_UNPROVEN);
	struct troth_pin second = pin_of(2);
	key = key_of(&second);
	meeting.contact = id;
	meeting.repair = true;
	assert_err(troth_store_meeting_commit(store, &meeting, 3, &id), TROTH_E_INVAL);
	assert_int_equal(state_of(store, &pin), TROTH_STORE_KEY_UNPROVEN);
}

static void setting__is_kept__until_removed(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_buf value;
	const char *text;
	troth_buf_init(&value, 100);
	assert_err(troth_store_setting_get(store, "nick", &value), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_setting_set(store, "nick", "Anna"));
	assert_ok(troth_store_setting_set(store, "nick", "Bert\xc3\xa4"));
	home_reopen(*state);
	store = home_store(state);
	assert_ok(troth_store_setting_get(store, "nick", &value));
	assert_ok(troth_buf_cstr(&value, &text));
	assert_string_equal(text, "Bert\xc3\xa4");
	assert_ok(troth_store_setting_set(store, "nick", NULL));
	assert_err(troth_store_setting_get(store, "nick", &value), TROTH_E_NOT_FOUND);
	assert_err(troth_store_setting_set(store, "", "x"), TROTH_E_INVAL);
	assert_err(troth_store_setting_set(store, "x", "\xff"), TROTH_E_FORMAT);
	troth_buf_fini(&value);
}

struct settings {
	struct troth_store *store;
	char text[256];
};

static int join(void *user, const char *key, const char *value)
{
	struct settings *seen = user;
	snprintf(seen->text + strlen(seen->text), sizeof seen->text - strlen(seen->text), "%s=%s ",
		 key, value);
	/* A list may be read from, not changed under. */
	assert_err(troth_store_setting_set(seen->store, "nick", "x"), TROTH_E_INVAL);
	return strcmp(key, "a.stop") == 0 ? TROTH_E_NOT_FOUND : 0;
}

static void settings__are_listed__by_an_exact_prefix(void **state)
{
	struct settings seen = {home_store(state), ""};
	static const char *const keys[] = {"a.2", "a.1", "A.3", "aX4", "b.a.5", "a._", "a.%"};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_ok(troth_store_setting_set(seen.store, keys[i], "v"));
	assert_ok(troth_store_setting_list(seen.store, "a.", join, &seen));
	assert_string_equal(seen.text, "a.%=v a.1=v a.2=v a._=v ");
	*seen.text = '\0';
	assert_ok(troth_store_setting_list(seen.store, "a.%", join, &seen));
	assert_string_equal(seen.text, "a.%=v ");
	/* What the callback returns comes back, whatever it is. */
	assert_ok(troth_store_setting_set(seen.store, "a.stop", "v"));
	assert_err(troth_store_setting_list(seen.store, "a.", join, &seen), TROTH_E_NOT_FOUND);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(had_transcript__is_true__only_after_a_good_one),
		TEST(history__is_listed__newest_first),
		TEST(evidence__is_kept_in_order__and_never_changed),
		TEST(meeting__leaves_everything__or_nothing),
		TEST(meeting__replaces_nothing__by_a_key_without_possession),
		TEST(meeting__is_refused__when_another_contact_has_the_key),
		TEST(meeting__proves_nothing__by_a_claim),
		TEST(setting__is_kept__until_removed),
		TEST(settings__are_listed__by_an_exact_prefix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
