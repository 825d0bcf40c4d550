/* SPDX-License-Identifier: MIT */
/* Two in-band transports in one loop; between them a server that carries stanzas. */
#include "../test.h"

#include "base/limits.h"
#include "base/slice.h"
#include "io/in_band.h"

#include <troth/xml.h>

#define ROMEO "romeo@montague.example/orchard"
#define JULIET "juliet@capulet.example/balcony"

struct stanza {
	struct stanza *next;
	size_t len;
	uint8_t bytes[];
};

struct end {
	struct world *world;
	struct troth_transport *transport;
	const char *name;
	unsigned ids;
	struct stanza *sent; /* and not delivered */
	struct stanza **last;
	struct troth_buf got;
	size_t written;
	bool ended;
	bool finished;
	int finish_err;
	bool leaving; /* closed by us */
	bool closed;
	bool line_cut;
};

struct world {
	uv_loop_t loop;
	uv_idle_t server;
	struct end end[2];
	struct troth_buf data;
	size_t pushed;
};

static int fill(void *user, uint8_t *out, size_t len)
{
	unsigned *count = user;
	memset(out, 0, len);
	memcpy(out, &(unsigned){++*count}, sizeof *count);
	return TROTH_OK;
}

static int on_send(void *user, struct troth_slice stanza)
{
	struct end *e = user;
	if (e->line_cut)
		return TROTH_E_IO;
	struct stanza *s = malloc(sizeof *s + stanza.len);
	assert_non_null(s);
	*s = (struct stanza){.len = stanza.len};
	memcpy(s->bytes, stanza.data, stanza.len);
	*e->last = s;
	e->last = &s->next;
	return TROTH_OK;
}

static void deliver(struct end *from, struct end *to)
{
	while (from->sent != NULL) {
		struct stanza *s = from->sent;
		struct troth_stanza *parsed;
		struct troth_buf xml;
		troth_buf_init(&xml, TROTH_LIMIT_STANZA_BYTES);
		assert_ok(troth_buf_append_str(&xml, "<iq xmlns='jabber:client'"));
		assert_ok(troth_buf_append(&xml, s->bytes + 3, s->len - 3));
		assert_ok(troth_element_parse(&parsed, troth_buf_slice(&xml)));
		if (!to->leaving)
			assert_ok(troth_in_band_feed(to->transport, troth_stanza_root(parsed),
						     from->name));
		troth_stanza_free(parsed);
		troth_buf_fini(&xml);
		from->sent = s->next;
		free(s);
	}
	from->last = &from->sent;
}

static void on_idle(uv_idle_t *idle)
{
	struct world *w = idle->data;
	deliver(&w->end[0], &w->end[1]);
	deliver(&w->end[1], &w->end[0]);
}

static void push(struct end *e);

static void on_arrived(void *user, struct troth_slice bytes)
{
	struct end *e = user;
	assert_ok(troth_buf_append_slice(&e->got, bytes));
}

static void on_ended(void *user)
{
	struct end *e = user;
	assert_false(e->ended);
	e->ended = true;
}

static void on_written(void *user, int err)
{
	struct end *e = user;
	assert_ok(err);
	e->written++;
	push(e);
}

static void on_finished(void *user, int err)
{
	struct end *e = user;
	assert_false(e->finished);
	e->finished = true;
	e->finish_err = err;
}

static void on_closed(void *user)
{
	struct end *e = user;
	e->closed = true;
}

static void end_init(struct world *w, int i)
{
	struct end *e = &w->end[i];
	*e = (struct end){.world = w, .name = i == 0 ? ROMEO : JULIET};
	e->last = &e->sent;
	troth_buf_init(&e->got, (size_t)8 * 1024 * 1024);
	const struct troth_ibb_params ibb = {.opener = i == 0,
					     .peer = i == 0 ? JULIET : ROMEO,
					     .sid = "a",
					     .random = {fill, &e->ids}};
	struct troth_in_band_params params = {
		.loop = &w->loop, .where = "in-band", .send = on_send, .user = e};
	assert_ok(troth_ibb_new(&params.ibb, &ibb));
	assert_ok(troth_in_band_new(&e->transport, &params));
	const struct troth_transport_events events = {on_arrived,  on_ended,  on_written,
						      on_finished, on_closed, e};
	troth_transport_own(e->transport, &events);
	assert_ok(troth_transport_start(e->transport));
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	assert_non_null(w);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	assert_int_equal(uv_idle_init(&w->loop, &w->server), 0);
	w->server.data = w;
	assert_int_equal(uv_idle_start(&w->server, on_idle), 0);
	end_init(w, 0);
	end_init(w, 1);
	troth_buf_init(&w->data, (size_t)8 * 1024 * 1024);
	*state = w;
	return 0;
}

static void leave(struct end *e)
{
	if (!e->leaving)
		troth_transport_close(e->transport);
	e->leaving = true;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 2; i++)
		leave(&w->end[i]);
	uv_close((uv_handle_t *)&w->server, NULL);
	(void)uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_true(w->end[0].closed && w->end[1].closed);
	deliver(&w->end[0], &w->end[1]); /* to nobody, who is closed */
	deliver(&w->end[1], &w->end[0]);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	for (int i = 0; i < 2; i++)
		troth_buf_fini(&w->end[i].got);
	troth_buf_fini(&w->data);
	free(w);
	return 0;
}

/* Effect: as a connection does: no more while much waits. */
static void push(struct end *e)
{
	struct world *w = e->world;
	struct troth_slice all = troth_buf_slice(&w->data);
	while (e == &w->end[0] && w->pushed < all.len &&
	       troth_transport_waiting(e->transport) < (size_t)256 * 1024) {
		size_t taken;
		assert_ok(troth_transport_write(
			e->transport, troth_slice_of(all.data + w->pushed, all.len - w->pushed),
			&taken));
		w->pushed += taken;
	}
}

static void make_data(struct world *w, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_ok(troth_buf_append_byte(&w->data, (uint8_t)(i * 7 >> 2)));
}

static void turn(struct world *w)
{
	assert_int_not_equal(uv_run(&w->loop, UV_RUN_ONCE), 0);
}

static void bytes__arrive__more_than_fit_at_once(void **state)
{
	struct world *w = *state;
	make_data(w, 2000000);
	push(&w->end[0]);
	assert_true(w->pushed < 2000000);
	while (troth_buf_len(&w->end[1].got) < 2000000)
		turn(w);
	assert_true(troth_slice_equal(troth_buf_slice(&w->data), troth_buf_slice(&w->end[1].got)));
	assert_string_equal(w->end[0].transport->where, "in-band");
}

/* Who doesn't read holds up who writes. */
static void nothing__is_confirmed__while_the_reader_is_stopped(void **state)
{
	struct world *w = *state;
	make_data(w, 1000000);
	assert_ok(troth_transport_stop(w->end[1].transport));
	push(&w->end[0]);
	size_t waiting = troth_transport_waiting(w->end[0].transport);
	for (int i = 0; i < 200; i++)
		turn(w);
	assert_int_equal(troth_buf_len(&w->end[1].got), 0);
	assert_int_equal(troth_transport_waiting(w->end[0].transport), waiting);
	assert_ok(troth_transport_start(w->end[1].transport));
	while (troth_buf_len(&w->end[1].got) < 1000000)
		turn(w);
}

static void both__are_told__of_an_end_in_order(void **state)
{
	struct world *w = *state;
	make_data(w, 100000);
	push(&w->end[0]);
	assert_ok(troth_transport_finish(w->end[0].transport));
	while (!w->end[0].finished || !w->end[1].ended || !w->end[0].ended)
		turn(w);
	assert_ok(w->end[0].finish_err);
	assert_int_equal(troth_buf_len(&w->end[1].got), 100000);
	assert_ok(troth_transport_finish(w->end[1].transport));
	while (!w->end[1].finished)
		turn(w);
	assert_ok(w->end[1].finish_err);
}

static void peer__is_told__when_one_is_closed_at_once(void **state)
{
	struct world *w = *state;
	make_data(w, 10);
	push(&w->end[0]);
	while (troth_buf_len(&w->end[1].got) < 10)
		turn(w);
	leave(&w->end[0]);
	while (!w->end[1].ended)
		turn(w);
}

static void owner__is_told__when_nothing_can_be_sent(void **state)
{
	struct world *w = *state;
	size_t taken;
	w->end[0].line_cut = true;
	while (!w->end[0].ended)
		turn(w);
	assert_err(troth_transport_write(w->end[0].transport, troth_slice_str("hi"), &taken),
		   TROTH_E_IO);
	assert_ok(troth_transport_finish(w->end[0].transport));
	while (!w->end[0].finished)
		turn(w);
	assert_err(w->end[0].finish_err, TROTH_E_TRUNCATED);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(bytes__arrive__more_than_fit_at_once),
		WITH_WORLD(nothing__is_confirmed__while_the_reader_is_stopped),
		WITH_WORLD(both__are_told__of_an_end_in_order),
		WITH_WORLD(peer__is_told__when_one_is_closed_at_once),
		WITH_WORLD(owner__is_told__when_nothing_can_be_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
