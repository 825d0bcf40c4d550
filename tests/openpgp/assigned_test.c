/* SPDX-License-Identifier: MIT */
/* The user's choices about OpenPGP in the trust store. */
#include "../store/fixture.h"
#include "openpgp/assigned.h"

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

static int assign(struct troth_store *store, const char *jid, const char *fingerprint)
{
	struct troth_address *address;
	assert_ok(troth_address_new(&address, TROTH_REALM_SERVER, jid));
	int err = troth_openpgp_assign(store, address, fingerprint, 7);
	troth_address_free(address);
	return err;
}

static int assigned(struct troth_store *store, const char *jid, char *out)
{
	struct troth_address *address;
	assert_ok(troth_address_new(&address, TROTH_REALM_SERVER, jid));
	int err = troth_openpgp_assigned(store, address, out);
	troth_address_free(address);
	return err;
}

static void choice__is_kept__until_removed(void **state)
{
	struct troth_store *store = home_store(state);
	char out[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	assert_err(troth_openpgp_chosen(store, out), TROTH_E_NOT_FOUND);
	assert_ok(troth_openpgp_choose(store, ONE, 7));
	assert_ok(troth_openpgp_choose(store, TWO, 7));
	home_reopen(*state);
	store = home_store(state);
	assert_ok(troth_openpgp_chosen(store, out));
	assert_string_equal(out, TWO);
	assert_err(troth_openpgp_choose(store, "abc", 7), TROTH_E_FORMAT);
	assert_ok(troth_openpgp_choose(store, NULL, 7));
	assert_err(troth_openpgp_chosen(store, out), TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(store, "openpgp-chosen"), 3);
}

static void assignment__is_found__by_the_same_bare_jid(void **state)
{
	struct troth_store *store = home_store(state);
	char out[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	assert_ok(assign(store, "Juliet@Capulet.lit/balcony", ONE));
	assert_ok(assigned(store, "juliet@capulet.lit", out));
	assert_string_equal(out, ONE);
	assert_err(assigned(store, "uliet@capulet.lit", out), TROTH_E_NOT_FOUND);
	assert_err(assigned(store, "juliet@capulet.li", out), TROTH_E_NOT_FOUND);
	assert_ok(assign(store, "juliet@capulet.lit", TWO));
	assert_ok(assigned(store, "juliet@capulet.lit", out));
	assert_string_equal(out, TWO);
	assert_err(assign(store, "nurse@capulet.lit", NULL), TROTH_E_NOT_FOUND);
	assert_ok(assign(store, "juliet@capulet.lit", NULL));
	assert_err(assigned(store, "juliet@capulet.lit", out), TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(store, "openpgp-assigned"), 3);
	assert_log_whole(store);
}

static void assignment__is_refused__for_what_is_no_jid_or_key(void **state)
{
	struct troth_store *store = home_store(state);
	char out[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	struct troth_address *link;
	assert_ok(troth_address_new(&link, TROTH_REALM_LINK, "juliet@balcony"));
	assert_err(troth_openpgp_assign(store, link, ONE, 7), TROTH_E_INVAL);
	assert_err(troth_openpgp_assigned(store, link, out), TROTH_E_INVAL);
	troth_address_free(link);
	assert_err(assign(store, "juliet@capulet.lit", ONE "1"), TROTH_E_FORMAT);
	assert_int_equal(log_count(store, "openpgp-assigned"), 0);
}

struct seen {
	char text[512];
};

static int see(void *user, const char *jid, const char *fingerprint)
{
	struct seen *seen = user;
	strcat(seen->text, jid);
	strcat(seen->text, "=");
	strncat(seen->text, fingerprint, 1);
	strcat(seen->text, " ");
	return strcmp(jid, "stop@capulet.lit") == 0 ? TROTH_E_REFUSED : 0;
}

static void assignments__are_listed__by_jid(void **state)
{
	struct troth_store *store = home_store(state);
	struct seen seen = {""};
	assert_ok(troth_store_setting_set(store, "nick", "Romeo"));
	assert_ok(troth_openpgp_choose(store, ONE, 7));
	assert_ok(troth_openpgp_assigned_list(store, see, &seen));
	assert_string_equal(seen.text, "");
	assert_ok(assign(store, "nurse@capulet.lit", TWO));
	assert_ok(assign(store, "juliet@capulet.lit", ONE));
	assert_ok(troth_openpgp_assigned_list(store, see, &seen));
	assert_string_equal(seen.text, "juliet@capulet.lit=1 nurse@capulet.lit=2 ");
	assert_ok(assign(store, "stop@capulet.lit", ONE));
	assert_err(troth_openpgp_assigned_list(store, see, &seen), TROTH_E_REFUSED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(choice__is_kept__until_removed),
		TEST(assignment__is_found__by_the_same_bare_jid),
		TEST(assignment__is_refused__for_what_is_no_jid_or_key),
		TEST(assignments__are_listed__by_jid),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
