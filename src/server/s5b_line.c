/* SPDX-License-Identifier: MIT */
/* The bytes of a bytestream with TLS of its own. Layer: server. Nothing is sent or handed out but
 * by TLS. */
#include "server/s5b_state.h"

#include "base/limits.h"
#include "io/proxied.h"
#include "io/tcp.h"

#define WAITING_MANY 262144

/* ---- sending ---- */

static size_t unsent(const struct troth_s5b *b)
{
	const struct troth_buf *out = troth_secured_output(b->tls);
	return out != NULL ? troth_buf_len(out) : 0;
}

static void on_overdue(uv_timer_t *timer)
{
	s5b_line_close(timer->data);
}

void s5b_line_limit(struct troth_s5b *b)
{
	/* It fails only when closing. */
	(void)uv_timer_start(&b->timer, on_overdue, TROTH_TIME_CLOSE, 0);
}

static void flush(struct troth_s5b *b)
{
	struct troth_buf *out = troth_secured_output(b->tls);
	while (!b->closed && !b->finished && unsent(b) > 0 &&
	       troth_transport_waiting(b->transport) < WAITING_MANY) {
		size_t taken = 0;
		if (troth_transport_write(b->transport, troth_buf_slice(out), &taken) != TROTH_OK) {
			s5b_end(b, TROTH_E_IO);
			s5b_line_close(b);
			return;
		}
		troth_buf_consume(out, taken);
	}
	if (b->closed || !b->ending || b->finished || unsent(b) > 0)
		return;
	b->finished = true;
	if (troth_transport_finish(b->transport) != TROTH_OK)
		s5b_line_close(b);
}

int troth_s5b_write(struct troth_s5b *b, struct troth_slice bytes)
{
	if (b->ending || b->we_ended)
		return TROTH_E_INVAL;
	int err = troth_secured_write(b->tls, bytes);
	if (err == TROTH_OK)
		flush(b);
	return err;
}

size_t troth_s5b_waiting(const struct troth_s5b *b)
{
	return unsent(b) + (b->transport != NULL ? troth_transport_waiting(b->transport) : 0);
}

/* ---- the end ---- */

void s5b_line_end(struct troth_s5b *b)
{
	troth_secured_close(b->tls); /* nothing where TLS has failed: its alert is in the output */
	/* In order, it takes as long as the peer takes to read. */
	if (b->err == TROTH_OK)
		(void)uv_timer_stop(&b->timer); /* always 0 */
	else
		s5b_line_limit(b);
	flush(b);
}

void s5b_line_close(struct troth_s5b *b)
{
	if (b->closed)
		return;
	b->closed = true;
	troth_transport_close(b->transport);
}

void troth_s5b_close(struct troth_s5b *b)
{
	if (b->ending || b->we_ended)
		return;
	if (!troth_secured_is_open(b->tls)) {
		s5b_end(b, TROTH_E_INVAL);
		return;
	}
	b->we_ended = true;
	troth_secured_close(b->tls);
	if (b->peer_ended)
		s5b_end(b, TROTH_OK);
	else
		flush(b);
}

/* ---- what arrives ---- */

static void opened(struct troth_s5b *b)
{
	(void)uv_timer_stop(&b->timer); /* always 0 */
	if (b->callbacks.open != NULL)
		b->callbacks.open(b->callbacks.user);
}

static int deliver(struct troth_s5b *b)
{
	int err;
	do {
		troth_buf_clear(&b->in);
		err = troth_secured_read(b->tls, &b->in, S5B_PIECE);
		if (err == TROTH_OK && troth_buf_len(&b->in) > 0 && b->callbacks.arrived != NULL)
			b->callbacks.arrived(b->callbacks.user, troth_buf_slice(&b->in));
	} while (err == TROTH_OK && troth_buf_len(&b->in) > 0 && !b->ending);
	return err;
}

static void peer_ended(struct troth_s5b *b)
{
	b->peer_ended = true;
	if (b->we_ended)
		s5b_end(b, TROTH_OK);
	else if (b->callbacks.ended != NULL)
		b->callbacks.ended(b->callbacks.user);
}

static void on_arrived(void *user, struct troth_slice bytes)
{
	struct troth_s5b *b = user;
	bool was_open = troth_secured_is_open(b->tls);
	if (b->ending)
		return;
	int err = troth_secured_feed(b->tls, bytes);
	if (err == TROTH_OK && !was_open && troth_secured_is_open(b->tls))
		opened(b);
	if (err == TROTH_OK && !b->ending)
		err = deliver(b);
	if (err == TROTH_E_CERT) /* another one than its IQ had */
		err = TROTH_E_KEY_CHANGED;
	if (err != TROTH_OK) /* "In the event of a security error, [it] should be ended." */
		s5b_end(b, err);
	else if (!b->ending && troth_secured_ended(b->tls))
		peer_ended(b);
	flush(b);
}

static void on_ended(void *user)
{
	struct troth_s5b *b = user;
	int err = troth_secured_feed_end(b->tls);
	b->peer_gone = true;
	/* Whoever doesn't read any more hasn't got what is still to be sent. */
	if (err == TROTH_OK && !b->we_ended && troth_s5b_waiting(b) > 0)
		err = TROTH_E_TRUNCATED;
	if (!b->ending)
		s5b_end(b, err);
	else if (b->finished)
		s5b_line_close(b);
}

static void on_written(void *user, int err)
{
	struct troth_s5b *b = user;
	if (err != TROTH_OK) {
		s5b_end(b, err);
		s5b_line_close(b);
		return;
	}
	flush(b);
	if (!b->ending && b->callbacks.written != NULL)
		b->callbacks.written(b->callbacks.user);
}

/* Closing with unread bytes would make the kernel send a reset, and the peer might lose our last
 * words: its end is waited for. */
static void on_finished(void *user, int err)
{
	struct troth_s5b *b = user;
	if (err != TROTH_OK || b->peer_gone)
		s5b_line_close(b);
	else
		s5b_line_limit(b);
}

/* ---- the beginning ---- */

static void on_closed(void *user)
{
	struct troth_s5b *b = user;
	b->transport = NULL;
	s5b_gone(b);
}

void s5b_begin(struct troth_s5b *b, uv_tcp_t *tcp, bool relayed)
{
	const struct troth_transport_events events = {.arrived = on_arrived,
						      .ended = on_ended,
						      .written = on_written,
						      .finished = on_finished,
						      .closed = on_closed,
						      .user = b};
	int err = relayed ? troth_proxied_new(&b->transport, b->all->loop, tcp)
			  : troth_tcp_new(&b->transport, tcp);
	if (err != TROTH_OK) {
		b->transport = NULL;
		s5b_end(b, err);
		return;
	}
	troth_transport_own(b->transport, &events);
	s5b_patience(b, TROTH_TIME_TLS);
	/* "a TLS (in the case of TCP) [...] session is started by the initiator" */
	err = troth_secured_begin(b->tls, troth_buf_slice(&b->cert));
	if (err == TROTH_OK)
		err = troth_transport_start(b->transport);
	if (err != TROTH_OK)
		s5b_end(b, err);
	else
		flush(b);
}
