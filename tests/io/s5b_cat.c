/* SPDX-License-Identifier: MIT */
/*
 * One end of a SOCKS5 bytestream for tests: what it reads goes through the proxy, what comes from
 * there is written out. s5b_cat HOST PORT DST [direct]: direct leaves out what io/proxied.h does.
 * It says "connected" on standard error, and ends with either end.
 */
#include "io/proxied.h"
#include "io/socks5_dial.h"
#include "io/tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

struct cat {
	uv_loop_t loop;
	uv_pipe_t in;
	struct troth_transport *transport;
	bool direct;
	bool input_ended;
	char *bytes;
	size_t len; /* read and not taken */
};

#define MOST ((size_t)1024 * 1024)

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "s5b_cat: %s\n", what);
	exit(1);
}

static void push(struct cat *c);

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct cat *c = handle->data;
	(void)suggested;
	*buf = uv_buf_init(c->bytes + c->len, (unsigned)(MOST - c->len));
}

static void on_input(uv_stream_t *in, ssize_t len, const uv_buf_t *buf)
{
	struct cat *c = in->data;
	(void)buf;
	if (len < 0) {
		(void)uv_read_stop(in);
		c->input_ended = true;
		need(c->len == 0 && troth_transport_finish(c->transport) == TROTH_OK, "finish");
		return;
	}
	c->len += (size_t)len;
	push(c);
}

/* Standard input waits while the line is full. */
static void push(struct cat *c)
{
	while (c->len > 0 && troth_transport_waiting(c->transport) < MOST / 4) {
		size_t taken;
		struct troth_slice bytes = {(const uint8_t *)c->bytes, c->len};
		need(troth_transport_write(c->transport, bytes, &taken) == TROTH_OK, "write");
		c->len -= taken;
		memmove(c->bytes, c->bytes + taken, c->len);
	}
	if (c->input_ended)
		return;
	if (c->len > 0)
		(void)uv_read_stop((uv_stream_t *)&c->in);
	else
		(void)uv_read_start((uv_stream_t *)&c->in, on_alloc, on_input);
}

static void on_arrived(void *user, struct troth_slice bytes)
{
	(void)user;
	while (bytes.len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes.data, bytes.len);
		need(n > 0, "standard output");
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
}

static void on_ended(void *user)
{
	struct cat *c = user;
	troth_transport_close(c->transport);
	uv_close((uv_handle_t *)&c->in, NULL);
}

static void on_written(void *user, int err)
{
	need(err == TROTH_OK, "written");
	push(user);
}

static void on_finished(void *user, int err)
{
	(void)user;
	need(err == TROTH_OK, "finished");
}

static void on_closed(void *user)
{
	(void)user;
}

static void on_connected(void *user, uv_tcp_t *tcp, size_t index, int err)
{
	struct cat *c = user;
	const struct troth_transport_events events = {on_arrived,  on_ended,  on_written,
						      on_finished, on_closed, c};
	(void)index;
	need(err == TROTH_OK, troth_err_text(err));
	need((c->direct ? troth_tcp_new(&c->transport, tcp)
			: troth_proxied_new(&c->transport, &c->loop, tcp)) == TROTH_OK,
	     "transport");
	troth_transport_own(c->transport, &events);
	need(troth_transport_start(c->transport) == TROTH_OK, "start");
	need(uv_read_start((uv_stream_t *)&c->in, on_alloc, on_input) == 0, "standard input");
	fprintf(stderr, "connected\n");
}

int main(int argc, char **argv)
{
	static struct cat c;
	struct troth_socks5_dial *dial;
	need(argc >= 4, "usage: s5b_cat HOST PORT DST [direct]");
	c.direct = argc > 4;
	c.bytes = malloc(MOST);
	need(c.bytes != NULL && uv_loop_init(&c.loop) == 0, "memory");
	need(uv_pipe_init(&c.loop, &c.in, 0) == 0 && uv_pipe_open(&c.in, STDIN_FILENO) == 0,
	     "standard input");
	c.in.data = &c;
	const struct troth_socks5_candidate at = {
		.host = argv[1], .port = (uint16_t)strtoul(argv[2], NULL, 10), .dst = argv[3]};
	const struct troth_socks5_dial_params params = {
		.loop = &c.loop, .candidates = &at, .count = 1, .done = on_connected, .user = &c};
	need(troth_socks5_dial_new(&dial, &params) == TROTH_OK, "dial");
	(void)uv_run(&c.loop, UV_RUN_DEFAULT);
	need(uv_loop_close(&c.loop) == 0, "something is left open");
	free(c.bytes);
	return 0;
}
