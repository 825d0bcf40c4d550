/* SPDX-License-Identifier: MIT */
/* host:port as people write it. */
#include "../test.h"

#include "io/where.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static void read__gives_host_and_port__for_every_form(void **state)
{
	static const char *const rows[][3] = {
		{"192.0.2.1:5298", "192.0.2.1", "5298"},
		{"example.org:1", "example.org", "1"},
		{"[2001:db8::1]:65535", "2001:db8::1", "65535"},
		{"[fe80::1%eth0]:5298", "fe80::1%eth0", "5298"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct troth_where where;
		assert_ok(troth_where_read(&where, rows[i][0]));
		assert_string_equal(where.host, rows[i][1]);
		assert_string_equal(where.port, rows[i][2]);
	}
}

static void read__refuses__what_is_something_else(void **state)
{
	static const char *const rows[] = {
		"",       ":",           "host",         "host:",         ":5298",
		"host:0", "host:65536",  "host:-1",      "host:12a",      "fe80::1:5298",
		"[]:1",   "[::1]",       "[::1:5298",    "juliet@pronto", "juliet@pronto:5298",
		"a b:1",  "host:999999", "host/path:80",
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct troth_where where;
		if (troth_where_read(&where, rows[i]) != TROTH_E_FORMAT)
			fail_msg("%s was read", rows[i]);
	}
}

static void write__shows_a_mapped_address__as_ipv4(void **state)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(5298)};
	char text[TROTH_WHERE_TEXT];
	(void)state;
	assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.1", &six.sin6_addr), 1);
	troth_where_write(text, (const struct sockaddr *)&six);
	assert_string_equal(text, "192.0.2.1:5298");
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::1", &six.sin6_addr), 1);
	troth_where_write(text, (const struct sockaddr *)&six);
	assert_string_equal(text, "[2001:db8::1]:5298");
	six.sin6_family = AF_UNSPEC;
	troth_where_write(text, (const struct sockaddr *)&six);
	assert_string_equal(text, "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read__gives_host_and_port__for_every_form),
		cmocka_unit_test(read__refuses__what_is_something_else),
		cmocka_unit_test(write__shows_a_mapped_address__as_ipv4),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
