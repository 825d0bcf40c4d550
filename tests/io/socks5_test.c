/* SPDX-License-Identifier: MIT */
/* Reaching and being reached for a bytestream, on loopback, both ends in one loop. */
#include "../test.h"

#include "io/listener.h"
#include "io/own_addresses.h"
#include "io/socks5_dial.h"
#include "io/socks5_line.h"
#include "io/socks5_listener.h"
#include "io/tcp.h"

#include <stdio.h>

#define DST "972b7bf47291ca609517f67f86b5081086052dad"
#define OTHER "1a12fb7bc625e55f3ed5b29a53dbe0e4aa7d80ba"

struct world {
	uv_loop_t loop;
	struct troth_gate gate;
	struct troth_socks5_listener *listener;
	struct troth_gate silent_gate;
	struct troth_listener *silent; /* takes connections and says nothing */
	uv_tcp_t *held;                /* the one that it took */
	struct troth_socks5_line line; /* of held, when it speaks after all */
	struct troth_socks5_dial *dial;
	uv_tcp_t *reached;
	size_t index;
	int err;
	bool over;
	uv_tcp_t *accepted[4];
	size_t accepted_count;
	int place;
	bool wake_held; /* when somebody is accepted */
	char got[64];
	size_t got_len;
};

static void close_handle(uv_tcp_t **tcp)
{
	if (*tcp != NULL)
		uv_close((uv_handle_t *)*tcp, (uv_close_cb)free);
	*tcp = NULL;
}

static void on_held_turn(struct troth_socks5_line *line, int err)
{
	if (err == TROTH_OK && troth_socks5_state(&line->socks) == TROTH_SOCKS5_ASKED) {
		troth_socks5_answer(&line->socks, true);
		troth_socks5_line_go(line);
	}
}

static void on_accepted(void *user, uv_tcp_t *tcp, int place)
{
	struct world *w = user;
	assert_true(w->accepted_count < 4);
	w->accepted[w->accepted_count++] = tcp;
	w->place = place;
	if (!w->wake_held)
		return;
	w->line.tcp = w->held;
	w->line.turn = on_held_turn;
	troth_socks5_server(&w->line.socks);
	troth_socks5_line_go(&w->line);
}

static void on_silent(void *user, uv_tcp_t *tcp, int place)
{
	struct world *w = user;
	(void)place;
	assert_null(w->held);
	w->held = tcp;
}

static void on_done(void *user, uv_tcp_t *tcp, size_t index, int err)
{
	struct world *w = user;
	w->reached = tcp;
	w->index = index;
	w->err = err;
	w->over = true;
	w->dial = NULL;
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	assert_non_null(w);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	const struct troth_socks5_listener_params params = {.loop = &w->loop, .gate = &w->gate};
	assert_ok(troth_socks5_listener_new(&w->listener, &params));
	const struct troth_listener_params silent = {
		.loop = &w->loop, .gate = &w->silent_gate, .accepted = on_silent, .user = w};
	assert_ok(troth_listener_new(&w->silent, &silent));
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	troth_socks5_dial_cancel(w->dial);
	troth_socks5_listener_free(w->listener);
	troth_listener_free(w->silent);
	close_handle(&w->held);
	close_handle(&w->reached);
	for (size_t i = 0; i < w->accepted_count; i++)
		close_handle(&w->accepted[i]);
	(void)uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	free(w);
	return 0;
}

static void expect_dst(struct world *w, const char *dst)
{
	const struct troth_socks5_expected e = {.dst = dst, .accepted = on_accepted, .user = w};
	assert_ok(troth_socks5_listener_expect(w->listener, &e));
}

static void dial(struct world *w, const struct troth_socks5_candidate *candidates, size_t count)
{
	const struct troth_socks5_dial_params params = {.loop = &w->loop,
							.candidates = candidates,
							.count = count,
							.done = on_done,
							.user = w};
	w->over = false;
	assert_ok(troth_socks5_dial_new(&w->dial, &params));
	while (!w->over)
		assert_int_not_equal(uv_run(&w->loop, UV_RUN_ONCE), 0);
}

static struct troth_socks5_candidate here(const struct world *w, uint32_t priority)
{
	return (struct troth_socks5_candidate){.host = "127.0.0.1",
					       .port = troth_socks5_listener_port(w->listener),
					       .priority = priority,
					       .dst = DST};
}

static struct troth_socks5_candidate nowhere_soon(const struct world *w, uint32_t priority)
{
	return (struct troth_socks5_candidate){.host = "127.0.0.1",
					       .port = troth_listener_port(w->silent),
					       .priority = priority,
					       .dst = DST};
}

/* ---- bytes right behind the negotiation ---- */

static void on_arrived(void *user, struct troth_slice bytes)
{
	struct world *w = user;
	assert_true(bytes.len <= sizeof w->got - w->got_len);
	memcpy(w->got + w->got_len, bytes.data, bytes.len);
	w->got_len += bytes.len;
}

static void on_nothing(void *user)
{
	(void)user;
}

static void on_written(void *user, int err)
{
	(void)user;
	assert_ok(err);
}

static struct troth_transport *transport(struct world *w, uv_tcp_t **tcp)
{
	const struct troth_transport_events events = {.arrived = on_arrived,
						      .ended = on_nothing,
						      .written = on_written,
						      .finished = on_written,
						      .closed = on_nothing,
						      .user = w};
	struct troth_transport *t;
	assert_ok(troth_tcp_new(&t, *tcp));
	*tcp = NULL;
	troth_transport_own(t, &events);
	assert_ok(troth_transport_start(t));
	return t;
}

static void both__have_a_line__when_one_is_expected(void **state)
{
	struct world *w = *state;
	const struct troth_socks5_candidate at = here(w, 1);
	struct troth_slice hi = {(const uint8_t *)"hello", 5};
	size_t taken;
	expect_dst(w, DST);
	dial(w, &at, 1);
	assert_ok(w->err);
	struct troth_transport *a = transport(w, &w->reached);
	assert_ok(troth_transport_write(a, hi, &taken));
	assert_int_equal(taken, hi.len);
	while (w->accepted_count == 0)
		(void)uv_run(&w->loop, UV_RUN_ONCE);
	struct troth_transport *b = transport(w, &w->accepted[0]);
	while (w->got_len < 5)
		(void)uv_run(&w->loop, UV_RUN_ONCE);
	assert_memory_equal(w->got, "hello", 5);
	/* The place in the gate came along, and is the only one that is taken. */
	assert_true(w->place != TROTH_GATE_NONE && w->gate.place[w->place].taken);
	troth_gate_leave(&w->gate, w->place);
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED; i++)
		assert_false(w->gate.place[i].taken);
	troth_transport_close(a);
	troth_transport_close(b);
}

static void stranger__is_turned_away__who_names_another_bytestream(void **state)
{
	struct world *w = *state;
	const struct troth_socks5_candidate at = here(w, 1);
	expect_dst(w, OTHER);
	dial(w, &at, 1);
	assert_err(w->err, TROTH_E_UNREACHABLE);
	troth_socks5_listener_forget(w->listener, OTHER);
	dial(w, &at, 1);
	assert_err(w->err, TROTH_E_UNREACHABLE);
	assert_int_equal(w->accepted_count, 0);
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED; i++)
		assert_false(w->gate.place[i].taken);
}

static void expect__is_refused__for_the_same_twice_and_for_no_hash(void **state)
{
	struct world *w = *state;
	struct troth_socks5_expected e = {.dst = DST, .accepted = on_accepted, .user = w};
	assert_ok(troth_socks5_listener_expect(w->listener, &e));
	assert_err(troth_socks5_listener_expect(w->listener, &e), TROTH_E_EXISTS);
	e.dst = "romeo";
	assert_err(troth_socks5_listener_expect(w->listener, &e), TROTH_E_INVAL);
}

/* A proxy that takes the connection and never speaks doesn't hold up the next one. */
static void worse_one__is_taken__when_the_better_one_is_silent(void **state)
{
	struct world *w = *state;
	const struct troth_socks5_candidate at[] = {here(w, 1), nowhere_soon(w, 9)};
	expect_dst(w, DST);
	dial(w, at, 2);
	assert_ok(w->err);
	assert_int_equal(w->index, 0);
	assert_non_null(w->held);
}

/* The better one speaks once the worse one has succeeded: within the moment that it has. */
static void better_one__is_taken__when_it_is_only_a_little_later(void **state)
{
	struct world *w = *state;
	const struct troth_socks5_candidate at[] = {here(w, 1), nowhere_soon(w, 9)};
	expect_dst(w, DST);
	w->wake_held = true;
	dial(w, at, 2);
	assert_ok(w->err);
	assert_int_equal(w->index, 1);
}

static void next_one__is_tried_at_once__when_one_fails(void **state)
{
	struct world *w = *state;
	struct troth_socks5_candidate at[12];
	uint64_t began;
	for (size_t i = 0; i < 12; i++) { /* nobody listens on port 1 */
		at[i] = here(w, (uint32_t)(100 - i));
		at[i].port = i < 11 ? 1 : at[i].port;
	}
	expect_dst(w, DST);
	began = uv_hrtime();
	dial(w, at, 12);
	assert_ok(w->err);
	assert_int_equal(w->index, 11);
	/* Eleven waits of 200 ms would be more. */
	assert_true(uv_hrtime() - began < (uint64_t)2200 * 1000 * 1000);
}

static void best_sixteen__are_tried__of_more(void **state)
{
	struct world *w = *state;
	struct troth_socks5_candidate at[20];
	for (size_t i = 0; i < 20; i++) {
		at[i] = here(w, (uint32_t)i);
		at[i].port = i == 19 ? at[i].port : 1;
	}
	expect_dst(w, DST);
	dial(w, at, 20);
	assert_ok(w->err);
	assert_int_equal(w->index, 19);
}

static void dial__is_refused__for_what_cant_be_dialled(void **state)
{
	struct world *w = *state;
	struct troth_socks5_candidate at = here(w, 1);
	struct troth_socks5_dial_params params = {
		.loop = &w->loop, .candidates = &at, .count = 0, .done = on_done, .user = w};
	assert_err(troth_socks5_dial_new(&w->dial, &params), TROTH_E_INVAL);
	params.count = 1;
	at.dst = "romeo";
	assert_err(troth_socks5_dial_new(&w->dial, &params), TROTH_E_INVAL);
	at = here(w, 1);
	at.port = 0;
	assert_err(troth_socks5_dial_new(&w->dial, &params), TROTH_E_INVAL);
}

/* With connections at every stage: what is left open, the end of the test finds. */
static void dial__leaves_nothing__when_it_is_cancelled(void **state)
{
	struct world *w = *state;
	const struct troth_socks5_candidate at[] = {nowhere_soon(w, 2), nowhere_soon(w, 1)};
	const struct troth_socks5_dial_params params = {
		.loop = &w->loop, .candidates = at, .count = 1, .done = on_done, .user = w};
	assert_ok(troth_socks5_dial_new(&w->dial, &params));
	troth_socks5_dial_cancel(w->dial);
	assert_ok(troth_socks5_dial_new(&w->dial, &params));
	while (w->held == NULL)
		(void)uv_run(&w->loop, UV_RUN_ONCE);
	troth_socks5_dial_cancel(w->dial);
	w->dial = NULL;
	assert_false(w->over);
}

static int taken_places(const struct world *w)
{
	int taken = 0;
	for (int i = 0; i < TROTH_LIMIT_UNAUTHENTICATED; i++)
		taken += w->gate.place[i].taken;
	return taken;
}

/* Those who say nothing take a place each, and there are few for one address. */
static void silent_guests__are_bounded__by_the_gate(void **state)
{
	struct world *w = *state;
	uv_tcp_t *guests[TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS + 2];
	uv_connect_t requests[TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS + 2];
	struct sockaddr_in at;
	expect_dst(w, DST);
	assert_int_equal(uv_ip4_addr("127.0.0.1", troth_socks5_listener_port(w->listener), &at), 0);
	for (size_t i = 0; i < sizeof guests / sizeof *guests; i++) {
		guests[i] = calloc(1, sizeof *guests[i]);
		assert_non_null(guests[i]);
		assert_int_equal(uv_tcp_init(&w->loop, guests[i]), 0);
		assert_int_equal(
			uv_tcp_connect(&requests[i], guests[i], (const struct sockaddr *)&at, NULL),
			0);
	}
	while (taken_places(w) < TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS)
		(void)uv_run(&w->loop, UV_RUN_ONCE);
	for (int i = 0; i < 50; i++) /* all are connected by now, in the kernel at least */
		(void)uv_run(&w->loop, UV_RUN_NOWAIT);
	assert_int_equal(taken_places(w), TROTH_LIMIT_UNAUTHENTICATED_PER_ADDRESS);
	for (size_t i = 0; i < sizeof guests / sizeof *guests; i++)
		close_handle(&guests[i]);
}

static void own_addresses__are_none_of_the_loopback(void **state)
{
	struct troth_own_address own[TROTH_OWN_ADDRESSES_MAX];
	size_t count = 99;
	(void)state;
	assert_ok(troth_own_addresses(own, &count));
	assert_true(count <= TROTH_OWN_ADDRESSES_MAX);
	for (size_t i = 0; i < count; i++) {
		assert_int_not_equal(strncmp(own[i].host, "127.", 4), 0);
		assert_string_not_equal(own[i].host, "::1");
		assert_int_not_equal(strncmp(own[i].host, "fe80", 4), 0);
		assert_true(i == 0 || own[i - 1].global || !own[i].global);
	}
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(both__have_a_line__when_one_is_expected),
		WITH_WORLD(stranger__is_turned_away__who_names_another_bytestream),
		WITH_WORLD(expect__is_refused__for_the_same_twice_and_for_no_hash),
		WITH_WORLD(worse_one__is_taken__when_the_better_one_is_silent),
		WITH_WORLD(better_one__is_taken__when_it_is_only_a_little_later),
		WITH_WORLD(next_one__is_tried_at_once__when_one_fails),
		WITH_WORLD(best_sixteen__are_tried__of_more),
		WITH_WORLD(dial__is_refused__for_what_cant_be_dialled),
		WITH_WORLD(dial__leaves_nothing__when_it_is_cancelled),
		WITH_WORLD(silent_guests__are_bounded__by_the_gate),
		cmocka_unit_test(own_addresses__are_none_of_the_loopback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
