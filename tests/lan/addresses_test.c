/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "lan/resolve.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static void add(struct troth_lan_addresses *list, const char *text, uint16_t port)
{
	struct sockaddr_storage *s = &list->at[list->count++];
	struct sockaddr_in *in = (struct sockaddr_in *)s;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)s;
	memset(s, 0, sizeof *s);
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		return;
	}
	assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
}

static void assert_order(const struct troth_lan_addresses *list, const char *const *texts)
{
	for (size_t i = 0; i < list->count; i++) {
		char text[INET6_ADDRSTRLEN];
		const struct sockaddr_storage *s = &list->at[i];
		const void *address =
			s->ss_family == AF_INET
				? (const void *)&((const struct sockaddr_in *)s)->sin_addr
				: &((const struct sockaddr_in6 *)s)->sin6_addr;
		assert_non_null(inet_ntop(s->ss_family, address, text, sizeof text));
		assert_string_equal(text, texts[i]);
	}
}

static void sort__lets_families_take_turns__routable_first(void **state)
{
	(void)state;
	struct troth_lan_addresses list = {0};
	static const char *const expected[] = {"fd00::1",     "192.168.0.9", "fd00::2",
					       "169.254.7.1", "fe80::1",     "169.254.7.2"};
	add(&list, "169.254.7.1", 1);
	add(&list, "169.254.7.2", 2);
	add(&list, "fe80::1", 3);
	add(&list, "fd00::1", 4);
	add(&list, "192.168.0.9", 5);
	add(&list, "fd00::2", 6);
	lan_addresses_sort(&list);
	assert_int_equal(list.count, 6);
	assert_int_equal(list.port, 4);
	assert_order(&list, expected);
}

static void sort__keeps_all__of_one_family(void **state)
{
	(void)state;
	struct troth_lan_addresses list = {0};
	static const char *const expected[] = {"10.0.0.2", "10.0.0.1", "169.254.0.1"};
	lan_addresses_sort(&list);
	assert_int_equal(list.count, 0);
	add(&list, "169.254.0.1", 1);
	add(&list, "10.0.0.2", 7);
	add(&list, "10.0.0.1", 1);
	lan_addresses_sort(&list);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.port, 7);
	assert_order(&list, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sort__lets_families_take_turns__routable_first),
		cmocka_unit_test(sort__keeps_all__of_one_family),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
