/* SPDX-License-Identifier: MIT */
/* Two ends in one process, and the line between them. */
#ifndef TROTH_TESTS_TLS_PUMP_H
#define TROTH_TESTS_TLS_PUMP_H

#include "../keys/make.h"
#include "base/limits.h"
#include "tls/tls.h"

#include <openssl/ssl.h>
#include <stdio.h>

/* One end: what it is made of, what it answers, what it saw. */
struct end {
	struct troth_tls *tls;
	struct troth_device *device;
	struct troth_tls_params params;
	enum troth_tls_check answer;
	unsigned checks;
	char checked[TROTH_NAME_LEN + 1];
	int err;
	bool done;
	size_t sent;
};

struct pair {
	struct troth_tls_context *context;
	struct end client;
	struct end server;
	size_t step;     /* bytes handed over at a time; 0: all that there are */
	size_t flip_at;  /* the client's byte to damage, counted from 1; 0: none */
	char wire[4096]; /* what passed, as "c16.0303.len " for each record */
};

static inline enum troth_tls_check on_check(void *user, const struct troth_cert *cert)
{
	struct end *e = user;
	e->checks++;
	memcpy(e->checked, troth_cert_name(cert), sizeof e->checked);
	return e->answer;
}

static inline void end_init(struct end *e, enum troth_tls_role role, const char *address)
{
	*e = (struct end){.device = make_device(address)};
	e->params = (struct troth_tls_params){.role = role,
					      .credential = TROTH_TLS_CERTIFICATE,
					      .device = e->device,
					      .check = on_check,
					      .user = e};
}

static inline struct troth_secret *make_secret(const char *text)
{
	struct troth_secret *s = NULL;
	assert_ok(troth_secret_new(&s, troth_slice_str(text)));
	return s;
}

/* Both by certificate until a test says otherwise; then pair_open. */
static inline void pair_init(struct pair *p)
{
	*p = (struct pair){0};
	assert_ok(troth_tls_context_new(&p->context));
	end_init(&p->client, TROTH_TLS_CLIENT, "romeo@montague.example");
	end_init(&p->server, TROTH_TLS_SERVER, "juliet@capulet.example");
}

static inline void end_set_secret(struct end *e, const char *user, struct troth_secret *secret)
{
	e->params.credential = TROTH_TLS_SRP;
	e->params.srp_user = user;
	e->params.secret = secret;
}

static inline void end_open(struct pair *p, struct end *e)
{
	troth_tls_free(e->tls);
	e->tls = NULL;
	e->err = TROTH_OK;
	e->done = false;
	e->sent = 0;
	assert_ok(troth_tls_new(&e->tls, p->context, &e->params));
}

static inline void pair_open(struct pair *p)
{
	p->wire[0] = 0;
	end_open(p, &p->client);
	end_open(p, &p->server);
}

static inline void pair_fini(struct pair *p)
{
	troth_tls_free(p->client.tls);
	troth_tls_free(p->server.tls);
	troth_device_free(p->client.device);
	troth_device_free(p->server.device);
	troth_tls_context_free(p->context);
}

/* Notes each record's type, version and length: what an eavesdropper sees. */
static inline void note(struct pair *p, char who, struct troth_slice s)
{
	size_t at = 0;
	while (at + 5 <= s.len) {
		size_t len = (size_t)s.data[at + 3] << 8 | s.data[at + 4];
		size_t used = strlen(p->wire);
		snprintf(p->wire + used, sizeof p->wire - used, "%c%d.%02x%02x.%zu ", who,
			 s.data[at], s.data[at + 1], s.data[at + 2], len);
		at += 5 + len;
	}
}

static inline void feed(struct pair *p, const struct end *from, struct end *to,
			struct troth_slice s)
{
	uint8_t bytes[65536];
	assert_true(s.len <= sizeof bytes);
	memcpy(bytes, s.data, s.len);
	if (from == &p->client && p->flip_at > from->sent && p->flip_at <= from->sent + s.len)
		bytes[p->flip_at - from->sent - 1] ^= 0x01;
	assert_ok(troth_tls_feed(to->tls, troth_slice_of(bytes, s.len)));
}

/* Hands over what `from` has to say; the other side goes on after each step. */
static inline bool carry(struct pair *p, struct end *from, struct end *to)
{
	struct troth_buf *out = troth_tls_output(from->tls);
	bool any = troth_buf_len(out) > 0;
	note(p, from == &p->client ? 'c' : 's', troth_buf_slice(out));
	while (troth_buf_len(out) > 0) {
		struct troth_slice s = troth_buf_slice(out);
		if (p->step > 0 && s.len > p->step)
			s.len = p->step;
		if (s.len > 16384)
			s.len = 16384;
		feed(p, from, to, s);
		from->sent += s.len;
		troth_buf_consume(out, s.len);
		if (to->err == TROTH_OK && !to->done)
			to->err = troth_tls_handshake(to->tls, &to->done);
	}
	return any;
}

static inline void pair_shake(struct pair *p)
{
	p->client.err = troth_tls_handshake(p->client.tls, &p->client.done);
	bool moved = true;
	while (moved) {
		moved = carry(p, &p->client, &p->server);
		moved = carry(p, &p->server, &p->client) || moved;
	}
}

static inline void assert_shaken(struct pair *p)
{
	assert_ok(p->client.err);
	assert_ok(p->server.err);
	assert_true(p->client.done);
	assert_true(p->server.done);
}

static inline void assert_same_exporter(struct pair *p)
{
	uint8_t a[32] = {0};
	uint8_t b[32] = {1};
	assert_ok(troth_tls_exporter(p->client.tls, false, a));
	assert_ok(troth_tls_exporter(p->server.tls, false, b));
	assert_memory_equal(a, b, 32);
}

/* One side writes, the other must read the same. */
static inline void assert_passes(struct pair *p, struct end *from, struct end *to,
				 struct troth_slice text)
{
	struct troth_buf *out = troth_tls_output(from->tls);
	struct troth_buf got;
	bool ended = true;
	troth_buf_init(&got, text.len + 1);
	assert_ok(troth_tls_write(from->tls, text));
	while (troth_buf_len(out) > 0) {
		struct troth_slice s = troth_buf_slice(out);
		s.len = s.len < 10000 ? s.len : 10000; /* records come in pieces */
		feed(p, from, to, s);
		from->sent += s.len;
		troth_buf_consume(out, s.len);
		assert_ok(
			troth_tls_read(to->tls, &got, text.len + 1 - troth_buf_len(&got), &ended));
		assert_false(ended);
	}
	assert_int_equal(troth_tls_unread(to->tls), 0);
	assert_true(troth_slice_equal(troth_buf_slice(&got), text));
	troth_buf_fini(&got);
}

#endif
