/* SPDX-License-Identifier: MIT */
/* A listener goes on when there was no memory for somebody. The linker puts __wrap_calloc in front
 * of our own allocations. */
#include "../test.h"

#include "io/listener.h"

#include <stdlib.h>
#include <troth/err.h>

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static unsigned failures; /* to come */

void *__wrap_calloc(size_t count, size_t size)
{
	if (failures == 0)
		return __real_calloc(count, size);
	failures--;
	return NULL;
}

struct world {
	uv_loop_t loop;
	struct troth_gate gate;
	struct troth_listener *listener;
	unsigned accepted;
	unsigned expected;
};

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void on_accepted(void *user, uv_tcp_t *tcp, int place)
{
	struct world *w = user;
	troth_gate_leave(&w->gate, place);
	uv_close((uv_handle_t *)tcp, free_handle);
	if (++w->accepted == w->expected)
		uv_stop(&w->loop);
}

static void on_connected(uv_connect_t *connect, int status)
{
	assert_int_equal(status, 0);
	uv_close((uv_handle_t *)connect->handle, NULL);
}

static void on_overdue(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

static void listener__listens_on__when_memory_is_back(void **state)
{
	struct world w = {.expected = 2};
	uv_tcp_t callers[2];
	uv_connect_t connects[2];
	uv_timer_t overdue;
	struct sockaddr_in there;
	(void)state;
	assert_int_equal(uv_loop_init(&w.loop), 0);
	const struct troth_listener_params params = {
		.loop = &w.loop, .gate = &w.gate, .accepted = on_accepted, .user = &w};
	assert_int_equal(troth_listener_new(&w.listener, &params), TROTH_OK);
	assert_int_equal(uv_ip4_addr("127.0.0.1", troth_listener_port(w.listener), &there), 0);
	failures = 3; /* for the first, and again; the second waits behind it */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(uv_tcp_init(&w.loop, &callers[i]), 0);
		assert_int_equal(uv_tcp_connect(&connects[i], &callers[i],
						(const struct sockaddr *)&there, on_connected),
				 0);
	}
	uv_timer_init(&w.loop, &overdue);
	uv_timer_start(&overdue, on_overdue, 10000, 0);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(failures, 0);
	assert_int_equal(w.accepted, 2);
	uv_close((uv_handle_t *)&overdue, NULL);
	troth_listener_free(w.listener);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void listener__ends__while_one_waits(void **state)
{
	struct world w = {.expected = 1};
	uv_tcp_t caller;
	uv_connect_t connect;
	struct sockaddr_in there;
	(void)state;
	assert_int_equal(uv_loop_init(&w.loop), 0);
	const struct troth_listener_params params = {
		.loop = &w.loop, .gate = &w.gate, .accepted = on_accepted, .user = &w};
	assert_int_equal(troth_listener_new(&w.listener, &params), TROTH_OK);
	assert_int_equal(uv_ip4_addr("127.0.0.1", troth_listener_port(w.listener), &there), 0);
	failures = 1000;
	assert_int_equal(uv_tcp_init(&w.loop, &caller), 0);
	assert_int_equal(
		uv_tcp_connect(&connect, &caller, (const struct sockaddr *)&there, on_connected),
		0);
	while (failures == 1000)
		uv_run(&w.loop, UV_RUN_ONCE);
	failures = 0;
	troth_listener_free(w.listener);
	uv_run(&w.loop, UV_RUN_DEFAULT);
	assert_int_equal(w.accepted, 0);
	assert_int_equal(uv_loop_close(&w.loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listener__listens_on__when_memory_is_back),
		cmocka_unit_test(listener__ends__while_one_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
