/* SPDX-License-Identifier: MIT */
#include "base/slice.h"
#include "fixture.h"

#include <stdio.h>

static struct troth_secret *secret_of(const char *text)
{
	struct troth_secret *s;
	assert_ok(troth_secret_new(&s, troth_slice_str(text)));
	return s;
}

static int claim(struct troth_store *store, const char *scope, int64_t contact, const char *text)
{
	struct troth_secret *s = secret_of(text);
	int err = troth_store_secret_claim(store, scope, contact, s, 1);
	troth_secret_free(s);
	return err;
}

static void claim__is_refused__when_the_same_secret_waits_elsewhere(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t anna = add_contact(store, "Anna");
	int64_t berta = add_contact(store, "Berta");
	assert_ok(claim(store, "a", anna, "swordfish"));
	assert_ok(claim(store, "a", anna, "swordfish"));
	home_reopen(*state);
	store = home_store(state);
	assert_err(claim(store, "b", berta, " swordfish "), TROTH_E_CONFLICT);
	assert_int_equal(troth_store_conflict(store), anna);
	assert_says(store, "Anna");
	assert_ok(claim(store, "b", berta, "other"));
	/* given up for another one */
	assert_ok(claim(store, "a", anna, "third"));
	assert_ok(claim(store, "c", 0, "swordfish"));
	assert_err(claim(store, "d", 0, "swordfish"), TROTH_E_CONFLICT);
	assert_int_equal(troth_store_conflict(store), 0);
	assert_err(claim(store, "e", 99, "fourth"), TROTH_E_NOT_FOUND);
}

static void spent__frees_the_secret(void **state)
{
	struct troth_store *store = home_store(state);
	assert_ok(claim(store, "a", 0, "swordfish"));
	assert_ok(troth_store_secret_spent(store, "a"));
	assert_ok(claim(store, "b", 0, "swordfish"));
	assert_ok(troth_store_secret_spent(store, "nothing waits here"));
}

/* "It is spent on success, device secrets excepted." */
static void meeting__spends_the_secret__unless_it_is_the_devices(void **state)
{
	struct troth_store *store = home_store(state);
	for (int kept = 0; kept < 2; kept++) {
		char scope[] = {(char)('a' + kept), 0}, other[] = {(char)('x' + kept), 0};
		char label[] = {(char)('A' + kept), 0};
		const char *text = kept == 0 ? "swordfish" : "of the device";
		struct troth_pin pin = pin_of((unsigned char)(kept + 1));
		const struct troth_store_new_key key = key_of(&pin);
		const struct troth_store_budget_params arm = {.scope = scope};
		const struct troth_store_meeting meeting = {
			.label = label, .key = &key, .scope = scope, .keep_secret = kept == 1};
		int64_t id;
		assert_ok(claim(store, scope, 0, text));
		assert_ok(troth_store_budget_arm(store, &arm, 1));
		assert_ok(troth_store_budget_debit(store, scope, NULL));
		assert_ok(troth_store_meeting_commit(store, &meeting, 2, &id));
		assert_err(claim(store, other, 0, text), kept == 1 ? TROTH_E_CONFLICT : TROTH_OK);
	}
}

static void forget__frees_the_secret(void **state)
{
	struct troth_store *store = home_store(state);
	int64_t anna = add_contact(store, "Anna");
	assert_ok(claim(store, "a", anna, "swordfish"));
	assert_ok(troth_store_contact_forget(store, anna, 1));
	assert_ok(claim(store, "b", 0, "swordfish"));
}

static void secret__is_in_no_file(void **state)
{
	const struct home *home = *state;
	assert_ok(claim(home_store(state), "a", 0, "xyzzy-plugh-plover"));
	const char *files[] = {TROTH_STORE_FILE, TROTH_STORE_FILE "-wal"};
	size_t total = 0;
	for (size_t i = 0; i < 2; i++) {
		char path[128];
		static char bytes[1 << 20];
		home_path(home, files[i], path, sizeof path);
		FILE *f = fopen(path, "rb");
		assert_non_null(f);
		size_t n = fread(bytes, 1, sizeof bytes, f);
		fclose(f);
		assert_null(memmem(bytes, n, "plugh", 5));
		total += n;
	}
	assert_true(total > 4096);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(claim__is_refused__when_the_same_secret_waits_elsewhere),
		TEST(spent__frees_the_secret),
		TEST(meeting__spends_the_secret__unless_it_is_the_devices),
		TEST(forget__frees_the_secret),
		TEST(secret__is_in_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
