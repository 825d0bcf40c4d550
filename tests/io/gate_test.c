/* SPDX-License-Identifier: MIT */
/* Places for peers that haven't proved anything. */
#include "../test.h"

#include "io/gate.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static struct sockaddr_storage at(const char *text)
{
	struct sockaddr_storage out;
	struct sockaddr_in *four = (struct sockaddr_in *)&out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&out;
	memset(&out, 0, sizeof out);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		four->sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
		six->sin6_family = AF_INET6;
	return out;
}

static int enter(struct troth_gate *gate, const char *text)
{
	struct sockaddr_storage from = at(text);
	return troth_gate_enter(gate, (const struct sockaddr *)&from);
}

static void gate__is_shut__after_eight_of_one_address(void **state)
{
	struct troth_gate gate = {0};
	(void)state;
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS; i++)
		assert_int_not_equal(enter(&gate, "192.0.2.1"), TROTH_GATE_NONE);
	assert_int_equal(enter(&gate, "192.0.2.1"), TROTH_GATE_NONE);
	/* The same machine through a socket for both families. */
	assert_int_equal(enter(&gate, "::ffff:192.0.2.1"), TROTH_GATE_NONE);
	assert_int_not_equal(enter(&gate, "192.0.2.2"), TROTH_GATE_NONE);
}

static void gate__counts_a_network__when_it_is_ipv6(void **state)
{
	struct troth_gate gate = {0};
	char text[64];
	(void)state;
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS; i++) {
		(void)snprintf(text, sizeof text, "2001:db8:0:7::%x", i + 1);
		assert_int_not_equal(enter(&gate, text), TROTH_GATE_NONE);
	}
	assert_int_equal(enter(&gate, "2001:db8:0:7:ffff::1"), TROTH_GATE_NONE);
	assert_int_not_equal(enter(&gate, "2001:db8:0:8::1"), TROTH_GATE_NONE);
}

static void gate__takes_over__a_place_of_another_one(void **state)
{
	struct troth_gate from = {0}, to = {0};
	(void)state;
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS; i++) {
		int place = enter(&from, "192.0.2.1");
		assert_int_not_equal(troth_gate_move(&from, place, &to), TROTH_GATE_NONE);
	}
	/* The first one has its place again, and the second one is full. */
	int place = enter(&from, "192.0.2.1");
	assert_int_not_equal(place, TROTH_GATE_NONE);
	assert_int_equal(troth_gate_move(&from, place, &to), TROTH_GATE_NONE);
	assert_true(from.place[place].taken);
	assert_int_equal(troth_gate_move(&from, TROTH_GATE_NONE, &to), TROTH_GATE_NONE);
}

static void gate__lets_the_next_one_ask__when_the_last_was_answered(void **state)
{
	struct troth_gate gate = {0};
	(void)state;
	int one = enter(&gate, "192.0.2.1"), two = enter(&gate, "192.0.2.1");
	assert_true(troth_gate_ask(&gate, one));
	assert_false(troth_gate_ask(&gate, two));
	troth_gate_asked(&gate, one);
	assert_true(troth_gate_ask(&gate, two));
}

static void gate__is_shut__when_all_places_are_taken(void **state)
{
	struct troth_gate gate = {0};
	char text[64];
	int last = TROTH_GATE_NONE;
	(void)state;
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED; i++) {
		(void)snprintf(text, sizeof text, "192.0.2.%d", i + 1);
		last = enter(&gate, text);
		assert_int_not_equal(last, TROTH_GATE_NONE);
	}
	assert_int_equal(enter(&gate, "198.51.100.1"), TROTH_GATE_NONE);
	troth_gate_leave(&gate, last);
	assert_int_equal(enter(&gate, "198.51.100.1"), last);
	troth_gate_leave(&gate, TROTH_GATE_NONE);
}

static void ask__is_refused__when_the_same_address_asks_already(void **state)
{
	struct troth_gate gate = {0};
	int first = enter(&gate, "192.0.2.1");
	int second = enter(&gate, "192.0.2.1");
	(void)state;
	assert_true(troth_gate_ask(&gate, first));
	assert_true(troth_gate_ask(&gate, first)); /* still the same question */
	assert_false(troth_gate_ask(&gate, second));
	troth_gate_leave(&gate, first);
	assert_true(troth_gate_ask(&gate, second));
}

static void ask__is_refused__when_four_wait(void **state)
{
	struct troth_gate gate = {0};
	char text[64];
	(void)state;
	for (int i = 0; i < TROTH_LIMIT_ASKING; i++) {
		(void)snprintf(text, sizeof text, "192.0.2.%d", i + 1);
		assert_true(troth_gate_ask(&gate, enter(&gate, text)));
	}
	assert_false(troth_gate_ask(&gate, enter(&gate, "192.0.2.99")));
	assert_true(troth_gate_ask(&gate, TROTH_GATE_NONE)); /* our own call */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate__is_shut__after_eight_of_one_address),
		cmocka_unit_test(gate__counts_a_network__when_it_is_ipv6),
		cmocka_unit_test(gate__takes_over__a_place_of_another_one),
		cmocka_unit_test(gate__lets_the_next_one_ask__when_the_last_was_answered),
		cmocka_unit_test(gate__is_shut__when_all_places_are_taken),
		cmocka_unit_test(ask__is_refused__when_the_same_address_asks_already),
		cmocka_unit_test(ask__is_refused__when_four_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
