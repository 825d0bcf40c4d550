/* SPDX-License-Identifier: MIT */
/* Through a SOCKS5 proxy: a stream with all of src/io, and TLS alone. */
#include "base/limits.h"
#include "base/slice.h"
#include "bytestream/secured.h"
#include "bytestreams.h"
#include "duo.h"
#include "io/connection.h"
#include "io/proxied.h"
#include "sample.h"
#include "socks.h"

#include <string.h>
#include <troth/err.h>

#define WAITING (8 * STANZA_BYTES) /* more isn't given to the line at once */

static char body[STANZA_BYTES + 1];
static const struct socks_path *path;
static double (*read_clock)(void) = sample_cpu;

void through_proxy_at(const struct socks_path *at)
{
	path = at;
	read_clock = at != NULL ? sample_wall : sample_cpu;
}

/* ---- a stream ---- */

struct streaming {
	struct socks socks;
	struct duo duo;
	struct troth_stream *stream; /* of who sends; the connection's */
	struct troth_connection *connection[2];
	size_t received;
};

static void write_message(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", body);
	troth_writer_close(w);
}

static void on_event(void *user, const struct troth_event *event)
{
	struct streaming *s = user;
	sample_need(event->type == TROTH_EVENT_STANZA, "the stream failed");
	s->received++;
}

static void on_gone(void *user)
{
	(void)user;
}

static void streaming_connect(struct streaming *s)
{
	duo_init(&s->duo);
	duo_by_key(&s->duo);
	duo_connect(&s->duo, NULL);
	socks_init(&s->socks, path);
	socks_connect(&s->socks);
	s->stream = s->duo.end[0].stream;
	s->received = 0;
	for (int i = 0; i < 2; i++) {
		struct troth_connection_params params = {.loop = &s->socks.loop,
							 .stream = s->duo.end[i].stream,
							 .event = on_event,
							 .gone = on_gone,
							 .user = s};
		s->duo.end[i].stream = NULL;
		sample_need(troth_proxied_new(&params.transport, &s->socks.loop, s->socks.end[i]) ==
					    TROTH_OK &&
				    troth_connection_new(&s->connection[i], &params) == TROTH_OK,
			    "no connection");
	}
}

double through_proxy_stream(size_t stanzas)
{
	static struct streaming s;
	memset(body, 'x', STANZA_BYTES);
	streaming_connect(&s);
	double start = read_clock();
	for (size_t sent = 0; s.received < stanzas;) {
		while (sent < stanzas && troth_connection_unsent(s.connection[0]) < WAITING) {
			sample_need(troth_stream_send(s.stream, write_message, NULL) == TROTH_OK,
				    "nothing was sent");
			troth_connection_wake(s.connection[0]);
			sent++;
		}
		(void)uv_run(&s.socks.loop, UV_RUN_ONCE);
	}
	double took = read_clock() - start;
	troth_connection_drop(s.connection[0]);
	troth_connection_drop(s.connection[1]);
	socks_hang_up(&s.socks);
	socks_fini(&s.socks);
	duo_fini(&s.duo);
	return took;
}

/* ---- TLS alone ----
 * On the same transport: on a bare socket it would stop at a proxy that keeps its end. */

struct plain {
	struct troth_secured *tls;
	struct troth_transport *transport;
	struct troth_buf got;
	size_t received;
};

static void flush(struct plain *p)
{
	struct troth_buf *out = troth_secured_output(p->tls);
	while (troth_buf_len(out) > 0 && troth_transport_waiting(p->transport) < WAITING) {
		size_t taken;
		sample_need(troth_transport_write(p->transport, troth_buf_slice(out), &taken) ==
				    TROTH_OK,
			    "nothing was sent");
		troth_buf_consume(out, taken);
	}
}

static void on_arrived(void *user, struct troth_slice bytes)
{
	struct plain *p = user;
	sample_need(troth_secured_feed(p->tls, bytes) == TROTH_OK &&
			    troth_secured_read(p->tls, &p->got, SIZE_MAX) == TROTH_OK,
		    "TLS failed");
	p->received += troth_buf_len(&p->got);
	troth_buf_clear(&p->got);
	flush(p);
}

static void on_ended(void *user)
{
	(void)user;
}

static void on_written(void *user, int err)
{
	sample_need(err == TROTH_OK, "nothing was written");
	flush(user);
}

static void plain_connect(struct plain p[2], struct socks *socks, struct troth_tls_context *context)
{
	for (int i = 0; i < 2; i++) {
		const struct troth_secured_params params = {.context = context,
							    .requester = i == 0,
							    .address = "romeo@forza",
							    .now = 1};
		troth_buf_init(&p[i].got, TROTH_LIMIT_INPUT_BYTES);
		sample_need(troth_secured_new(&p[i].tls, &params) == TROTH_OK &&
				    troth_proxied_new(&p[i].transport, &socks->loop,
						      socks->end[i]) == TROTH_OK,
			    "no TLS");
	}
	for (int i = 0; i < 2; i++) {
		const struct troth_transport_events events = {on_arrived, on_ended, on_written,
							      on_written, on_ended, &p[i]};
		troth_transport_own(p[i].transport, &events);
		sample_need(troth_secured_begin(p[i].tls, troth_secured_cert(p[1 - i].tls)) ==
					    TROTH_OK &&
				    troth_transport_start(p[i].transport) == TROTH_OK,
			    "no TLS");
		flush(&p[i]);
	}
	while (!troth_secured_is_open(p[0].tls) || !troth_secured_is_open(p[1].tls))
		(void)uv_run(&socks->loop, UV_RUN_ONCE);
}

double through_proxy_tls(size_t stanzas)
{
	static struct socks socks;
	struct plain p[2] = {{0}};
	struct troth_tls_context *context;
	const size_t len = duo_message_len("") + STANZA_BYTES;
	sample_need(troth_tls_context_new(&context) == TROTH_OK, "no TLS");
	socks_init(&socks, path);
	socks_connect(&socks);
	plain_connect(p, &socks, context);
	static char bytes[STANZA_BYTES + 64];
	double start = read_clock();
	for (size_t sent = 0; p[1].received < stanzas * len;) {
		while (sent < stanzas && troth_transport_waiting(p[0].transport) < WAITING) {
			sample_need(troth_secured_write(p[0].tls, troth_slice_of(bytes, len)) ==
					    TROTH_OK,
				    "nothing was sent");
			flush(&p[0]);
			sent++;
		}
		(void)uv_run(&socks.loop, UV_RUN_ONCE);
	}
	double took = read_clock() - start;
	for (int i = 0; i < 2; i++)
		troth_transport_close(p[i].transport);
	socks_hang_up(&socks);
	socks_fini(&socks);
	for (int i = 0; i < 2; i++) {
		troth_secured_free(p[i].tls);
		troth_buf_fini(&p[i].got);
	}
	troth_tls_context_free(context);
	return took;
}
