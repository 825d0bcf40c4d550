/* SPDX-License-Identifier: MIT */
/* The listening socket. Layer: io. */
#include "io/listener.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define BACKLOG 64
#define AGAIN_MS 200

struct troth_listener {
	uv_tcp_t tcp;
	uv_timer_t again; /* while one waits for whom there was no memory */
	struct troth_listener_params params;
	uint16_t port;
};

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void free_listener(uv_handle_t *timer)
{
	free(timer->data);
}

static void close_timer(uv_handle_t *tcp)
{
	struct troth_listener *l = tcp->data;
	uv_close((uv_handle_t *)&l->again, free_listener);
}

/* The place for the peer; TROTH_GATE_NONE also when it has gone already. */
static int enter(struct troth_listener *l, const uv_tcp_t *peer)
{
	struct sockaddr_storage from;
	int len = (int)sizeof from;
	memset(&from, 0, sizeof from);
	if (uv_tcp_getpeername(peer, (struct sockaddr *)&from, &len) != 0)
		return TROTH_GATE_NONE;
	return troth_gate_enter(l->params.gate, (const struct sockaddr *)&from);
}

static void on_again(uv_timer_t *timer);

/* libuv listens no more until the one that it told of is accepted: where there is no memory for
 * it, that is a little later. */
static void take(struct troth_listener *l)
{
	int place = TROTH_GATE_NONE;
	uv_tcp_t *peer = calloc(1, sizeof *peer);
	if (peer == NULL || uv_tcp_init(l->params.loop, peer) != 0) {
		free(peer);
		(void)uv_timer_start(&l->again, on_again, AGAIN_MS, 0); /* never fails */
		return;
	}
	if (uv_accept((uv_stream_t *)&l->tcp, (uv_stream_t *)peer) == 0)
		place = enter(l, peer);
	if (place == TROTH_GATE_NONE)
		uv_close((uv_handle_t *)peer, free_handle);
	else
		l->params.accepted(l->params.user, peer, place);
}

static void on_again(uv_timer_t *timer)
{
	take(timer->data);
}

static void on_connection(uv_stream_t *server, int status)
{
	if (status == 0) /* else the kernel dropped one: nothing to close, others follow */
		take(server->data);
}

static int bind_any(struct troth_listener *l)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;
	int err = uv_ip6_addr("::", l->params.port, &six);
	if (err == 0)
		err = uv_tcp_bind(&l->tcp, (const struct sockaddr *)&six, 0);
	if (err == UV_EADDRINUSE || err == 0)
		return err;
	err = uv_ip4_addr("0.0.0.0", l->params.port, &four);
	return err != 0 ? err : uv_tcp_bind(&l->tcp, (const struct sockaddr *)&four, 0);
}

static int read_port(struct troth_listener *l)
{
	struct sockaddr_storage own;
	struct sockaddr_in in;
	int len = (int)sizeof own;
	int err = uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&own, &len);
	if (err != 0)
		return err;
	memcpy(&in, &own, sizeof in); /* the port stands at the same place in both families */
	l->port = ntohs(in.sin_port);
	return 0;
}

int troth_listener_new(struct troth_listener **out, const struct troth_listener_params *params)
{
	struct troth_listener *l = calloc(1, sizeof *l);
	if (l == NULL)
		return TROTH_E_NOMEM;
	l->params = *params;
	if (uv_tcp_init(params->loop, &l->tcp) != 0) {
		free(l);
		return TROTH_E_IO;
	}
	(void)uv_timer_init(params->loop, &l->again); /* always 0 */
	l->tcp.data = l->again.data = l;
	int err = bind_any(l);
	if (err == 0)
		err = uv_listen((uv_stream_t *)&l->tcp, BACKLOG, on_connection);
	if (err == 0)
		err = read_port(l);
	if (err != 0) {
		troth_listener_free(l);
		return err == UV_EADDRINUSE ? TROTH_E_BUSY : TROTH_E_IO;
	}
	*out = l;
	return TROTH_OK;
}

void troth_listener_free(struct troth_listener *listener)
{
	if (listener != NULL)
		uv_close((uv_handle_t *)&listener->tcp, close_timer);
}

uint16_t troth_listener_port(const struct troth_listener *listener)
{
	return listener->port;
}
