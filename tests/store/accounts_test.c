/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

struct seen {
	size_t count;
	char text[512];
};

static int see(void *user, const struct troth_store_account *a)
{
	struct seen *s = user;
	size_t len = strlen(s->text);
	s->count++;
	(void)snprintf(s->text + len, sizeof s->text - len, "%s %s %u %s %d %d %s;", a->jid,
		       a->host, a->port, a->ca_file, a->direct_tls, a->certificate,
		       a->password == NULL ? "-" : a->password);
	return TROTH_OK;
}

static void assert_accounts(struct troth_store *store, const char *expected)
{
	struct seen s = {0, ""};
	assert_ok(troth_store_account_list(store, see, &s));
	assert_string_equal(s.text, expected);
}

static void account__is_kept_and_replaced_and_gone(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_account a = {.jid = "romeo@montague.test",
					.host = "",
					.ca_file = "",
					.password = "wherefore",
					.added = 5};
	assert_accounts(store, "");
	assert_ok(troth_store_account_put(store, &a));
	assert_ok(
		troth_store_account_put(store, &(struct troth_store_account){.jid = "a@b.test",
									     .host = "h",
									     .port = 5223,
									     .ca_file = "/ca",
									     .direct_tls = true,
									     .certificate = true}));
	home_reopen(*state);
	store = home_store(state);
	assert_accounts(store, "a@b.test h 5223 /ca 1 1 -;romeo@montague.test  0  0 0 wherefore;");
	a.password = NULL;
	a.host = "other";
	assert_ok(troth_store_account_put(store, &a));
	assert_accounts(store, "a@b.test h 5223 /ca 1 1 -;romeo@montague.test other 0  0 0 -;");
	assert_ok(troth_store_account_remove(store, "romeo@montague.test", 6));
	assert_accounts(store, "a@b.test h 5223 /ca 1 1 -;");
	assert_err(troth_store_account_remove(store, "romeo@montague.test", 7), TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(store, "account-new"), 3);
	assert_int_equal(log_count(store, "account-gone"), 1);
}

static void account__is_refused__when_its_texts_cant_be(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_store_account a = {.jid = "", .host = "", .ca_file = ""};
	assert_err(troth_store_account_put(store, &a), TROTH_E_INVAL);
	a.jid = "a@b.test";
	a.password = "";
	assert_err(troth_store_account_put(store, &a), TROTH_E_INVAL);
	a.password = "\xff";
	assert_err(troth_store_account_put(store, &a), TROTH_E_FORMAT);
	assert_accounts(store, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(account__is_kept_and_replaced_and_gone, home_setup,
						home_teardown),
		cmocka_unit_test_setup_teardown(account__is_refused__when_its_texts_cant_be,
						home_setup, home_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
