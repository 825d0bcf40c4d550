/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "lan/lan.h"
#include "lan/name.h"

/* XEP-0174 3: "adding the character "-" and digit "1" to the end". */
static void name__is_numbered__part_by_part(void **state)
{
	(void)state;
	struct lan_name name;
	char instance[LAN_LABEL_MAX + 1];
	char host[LAN_LABEL_MAX + 8];
	assert_ok(lan_name_set(&name, "juliet", "pronto"));
	lan_name_instance(&name, instance);
	lan_name_host(&name, host);
	assert_string_equal(instance, "juliet@pronto");
	assert_string_equal(host, "pronto.local");
	name.machine_try = 2;
	name.user_try = 1;
	lan_name_instance(&name, instance);
	lan_name_host(&name, host);
	assert_string_equal(instance, "juliet-1@pronto-2");
	assert_string_equal(host, "pronto-2.local");
}

static void name__stays_within_a_label__however_often_it_collides(void **state)
{
	(void)state;
	struct lan_name name;
	char instance[LAN_LABEL_MAX + 1];
	char user[LAN_NAME_MAX];
	memset(user, 'u', sizeof user);
	user[LAN_NAME_MAX - 2] = 0;
	assert_ok(lan_name_set(&name, user, "m"));
	name.user_try = 99;
	name.machine_try = 100;
	lan_name_instance(&name, instance);
	assert_int_equal(strlen(instance), LAN_LABEL_MAX);
	user[LAN_NAME_MAX - 2] = 'u';
	user[LAN_NAME_MAX - 1] = 0;
	assert_err(lan_name_set(&name, user, "m"), TROTH_E_FORMAT);
}

static void name__refuses__what_no_host_or_person_is_called(void **state)
{
	(void)state;
	struct lan_name name;
	static const char *const machines[] = {"", "-a", "a-", "a.b", "a b", "a_b", "\xc3\xa4"};
	static const char *const users[] = {"", "a@b", "a\nb", "\x7f", "\xff"};
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		assert_err(lan_name_set(&name, "u", machines[i]), TROTH_E_FORMAT);
	for (size_t i = 0; i < sizeof users / sizeof *users; i++)
		assert_err(lan_name_set(&name, users[i], "m"), TROTH_E_FORMAT);
	assert_err(lan_name_set(&name, NULL, "m"), TROTH_E_FORMAT);
	assert_ok(lan_name_set(&name, "Zo\xc3\xab M.", "M-1a"));
}

static void random_name__is_fresh_and_valid__each_time(void **state)
{
	(void)state;
	char user[2][TROTH_LAN_RANDOM_NAME];
	char machine[2][TROTH_LAN_RANDOM_NAME];
	struct lan_name name;
	for (int i = 0; i < 2; i++) {
		assert_ok(troth_lan_random_name(user[i], machine[i]));
		assert_int_equal(strlen(user[i]), 10);
		assert_string_not_equal(user[i], machine[i]);
		assert_ok(lan_name_set(&name, user[i], machine[i]));
	}
	assert_string_not_equal(user[0], user[1]);
	assert_string_not_equal(machine[0], machine[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name__is_numbered__part_by_part),
		cmocka_unit_test(name__stays_within_a_label__however_often_it_collides),
		cmocka_unit_test(name__refuses__what_no_host_or_person_is_called),
		cmocka_unit_test(random_name__is_fresh_and_valid__each_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
