/* SPDX-License-Identifier: MIT */
#include "socks.h"

#include "io/socks5_dial.h"
#include "io/tcp.h"
#include "sample.h"

#include <string.h>
#include <troth/err.h>

#define DST "972b7bf47291ca609517f67f86b5081086052dad"

static void on_arrived(void *user, struct troth_slice bytes)
{
	const struct socks_side *side = user;
	while (bytes.len > 0) {
		size_t taken;
		sample_need(troth_transport_write(side->other->transport, bytes, &taken) ==
				    TROTH_OK,
			    "the proxy can't write");
		bytes.data += taken;
		bytes.len -= taken;
	}
	/* As a proxy does: no more than it can pass on. */
	if (troth_transport_waiting(side->other->transport) > (size_t)256 * 1024)
		sample_need(troth_transport_stop(side->transport) == TROTH_OK, "no proxy");
}

static void on_written(void *user, int err)
{
	const struct socks_side *side = user;
	sample_need(err == TROTH_OK, "the proxy can't write");
	if (troth_transport_waiting(side->transport) == 0)
		sample_need(troth_transport_start(side->other->transport) == TROTH_OK, "no proxy");
}

static void on_ended(void *user)
{
	(void)user;
}

static void on_finished(void *user, int err)
{
	(void)user;
	(void)err;
}

static void on_accepted(void *user, uv_tcp_t *tcp, int place)
{
	struct socks *s = user;
	troth_gate_leave(&s->gate, place);
	sample_need(s->sides < 2, "too many at the proxy");
	struct socks_side *side = &s->side[s->sides++];
	sample_need(troth_tcp_new(&side->transport, tcp) == TROTH_OK, "no proxy");
	for (size_t i = 0; i < 2 && s->sides == 2; i++) {
		struct socks_side *one = &s->side[i];
		const struct troth_transport_events events = {on_arrived,  on_ended, on_written,
							      on_finished, on_ended, one};
		one->other = &s->side[1 - i];
		troth_transport_own(one->transport, &events);
		sample_need(troth_transport_start(one->transport) == TROTH_OK, "no proxy");
	}
}

static void on_reached(void *user, uv_tcp_t *tcp, size_t index, int err)
{
	struct socks *s = user;
	(void)index;
	sample_need(err == TROTH_OK, "the proxy can't be reached");
	s->end[s->ends++] = tcp;
}

void socks_init(struct socks *s, const struct socks_path *path)
{
	memset(s, 0, sizeof *s);
	s->path = path;
	const struct troth_socks5_listener_params params = {.loop = &s->loop, .gate = &s->gate};
	const struct troth_socks5_expected expected = {
		.dst = DST, .accepted = on_accepted, .user = s};
	sample_need(uv_loop_init(&s->loop) == 0, "no loop");
	if (path != NULL)
		return;
	sample_need(troth_socks5_listener_new(&s->listener, &params) == TROTH_OK &&
			    troth_socks5_listener_expect(s->listener, &expected) == TROTH_OK,
		    "no proxy");
}

void socks_connect(struct socks *s)
{
	const struct troth_socks5_candidate at = {
		.host = "127.0.0.1",
		.port = s->path != NULL ? s->path->port : troth_socks5_listener_port(s->listener),
		.dst = s->path != NULL ? s->path->dst : DST};
	const struct troth_socks5_dial_params params = {
		.loop = &s->loop, .candidates = &at, .count = 1, .done = on_reached, .user = s};
	for (int i = 0; i < 2; i++) {
		struct troth_socks5_dial *dial;
		sample_need(troth_socks5_dial_new(&dial, &params) == TROTH_OK, "no dial");
	}
	while (s->ends < 2 || (s->path == NULL && s->sides < 2))
		(void)uv_run(&s->loop, UV_RUN_ONCE);
	if (s->path != NULL)
		s->path->activate();
}

void socks_hang_up(struct socks *s)
{
	for (size_t i = 0; i < s->sides; i++)
		troth_transport_close(s->side[i].transport);
	s->sides = s->ends = 0;
}

void socks_fini(struct socks *s)
{
	troth_socks5_listener_free(s->listener);
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	sample_need(uv_loop_close(&s->loop) == 0, "something is left open");
}
