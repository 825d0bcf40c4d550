/* SPDX-License-Identifier: MIT */
/* TLS of a bytestream's own: two ends on a real socket pair, IQs between them that an attacker may
 * change, and an attacker on the bytestream. */
#include "../keys/make.h"
#include "base/encode.h"
#include "base/limits.h"
#include "bytestream/s5b_query.h"
#include "bytestream/secured.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define IQ "<iq xmlns='jabber:client' type='set'>"
#define MEDIATES "http://jabber.org/protocol/bytestreams"

struct end {
	struct troth_secured *s;
	int fd;
	int err;
	struct troth_buf got;
	size_t flight; /* the longest that it sent at once before it was open */
};

struct pair {
	struct troth_tls_context *context;
	struct end end[2]; /* requester, target */
};

static void pair_init(struct pair *p)
{
	int fds[2];
	assert_ok(troth_tls_context_new(&p->context));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	for (int i = 0; i < 2; i++) {
		const struct troth_secured_params params = {
			.context = p->context,
			.requester = i == 0,
			.address = i == 0 ? "romeo@montague.example" : "juliet@capulet.example",
			.now = MAKE_NOW};
		p->end[i] = (struct end){.fd = fds[i]};
		assert_int_equal(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
		troth_buf_init(&p->end[i].got, (size_t)4 * 1024 * 1024);
		assert_ok(troth_secured_new(&p->end[i].s, &params));
	}
}

static void hang_up(struct end *e)
{
	if (e->fd >= 0)
		assert_int_equal(close(e->fd), 0);
	e->fd = -1;
}

static void pair_fini(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		troth_secured_free(p->end[i].s);
		troth_buf_fini(&p->end[i].got);
		hang_up(&p->end[i]);
	}
	troth_tls_context_free(p->context);
}

/* ---- the IQs ---- */

static struct troth_stanza *parse(struct troth_buf *xml)
{
	struct troth_stanza *stanza;
	assert_ok(troth_buf_append_str(xml, "</iq>"));
	assert_ok(troth_element_parse(&stanza, troth_buf_slice(xml)));
	return stanza;
}

/* Effect: what requester (0) or target says of its certificate, as the other one reads it. */
static void exchange(struct pair *p, int from, struct troth_buf *der)
{
	struct troth_buf xml;
	struct troth_writer w;
	struct troth_slice cert = troth_secured_cert(p->end[from].s);
	troth_buf_init(&xml, (size_t)64 * 1024);
	assert_ok(troth_buf_append_str(&xml, IQ));
	troth_writer_init(&w, &xml, "jabber:client");
	if (from == 0) {
		const struct troth_s5b_query query = {
			.sid = "mySID",
			.hosts = {{"initiator@host1/foo", "192.168.4.1", 5086}},
			.count = 1,
			.cert = cert};
		troth_s5b_query_write(&w, &query);
	} else {
		const struct troth_s5b_used used = {.jid = "proxy.host3", .cert = cert};
		troth_s5b_used_write(&w, &used);
	}
	assert_ok(troth_writer_finish(&w));
	struct troth_stanza *stanza = parse(&xml);
	if (from == 0) {
		struct troth_s5b_query query;
		assert_ok(troth_s5b_query_read(&query, troth_stanza_root(stanza), der));
		assert_true(troth_slice_equal(query.cert, cert));
	} else {
		struct troth_s5b_used used;
		assert_ok(troth_s5b_used_read(&used, troth_stanza_root(stanza), der));
		assert_true(troth_slice_equal(used.cert, cert));
	}
	troth_stanza_free(stanza);
	troth_buf_fini(&xml);
}

static void begin(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct troth_buf der;
		troth_buf_init(&der, TROTH_LIMIT_CERT_BYTES * 2);
		exchange(p, 1 - i, &der);
		assert_ok(troth_secured_begin(p->end[i].s, troth_buf_slice(&der)));
		troth_buf_fini(&der);
	}
}

/* ---- the bytestream ---- */

static bool push(struct end *e)
{
	struct troth_buf *out = troth_secured_output(e->s);
	if (e->fd < 0 || out == NULL || troth_buf_len(out) == 0)
		return false;
	if (!troth_secured_is_open(e->s) && troth_buf_len(out) > e->flight)
		e->flight = troth_buf_len(out);
	ssize_t n = send(e->fd, troth_buf_slice(out).data, troth_buf_len(out), MSG_NOSIGNAL);
	if (n > 0)
		troth_buf_consume(out, (size_t)n);
	return n > 0;
}

static void note(struct end *e, int err)
{
	if (e->err == TROTH_OK)
		e->err = err;
}

static bool pull(struct end *e)
{
	uint8_t bytes[5000];
	if (e->fd < 0)
		return false;
	ssize_t n = recv(e->fd, bytes, sizeof bytes, 0);
	if (n < 0)
		return false;
	if (n == 0) {
		note(e, troth_secured_feed_end(e->s));
		hang_up(e);
		return false;
	}
	note(e, troth_secured_feed(e->s, troth_slice_of(bytes, (size_t)n)));
	if (e->err == TROTH_OK)
		note(e, troth_secured_read(e->s, &e->got, SIZE_MAX));
	return true;
}

static void carry(struct pair *p)
{
	bool moved = true;
	while (moved) {
		moved = false;
		for (int i = 0; i < 2; i++) {
			while (push(&p->end[i]))
				moved = true;
			moved = pull(&p->end[1 - i]) || moved;
		}
	}
}

static void assert_ends(struct pair *p, int requester, int target)
{
	assert_err(p->end[0].err, requester);
	assert_err(p->end[1].err, target);
	for (int i = 0; i < 2; i++)
		if (p->end[i].err != TROTH_OK) {
			assert_false(troth_secured_is_open(p->end[i].s));
			assert_err(troth_secured_write(p->end[i].s, troth_slice_str("x")),
				   TROTH_E_INVAL);
		}
}

static void both__talk__by_what_the_iqs_said(void **state)
{
	static uint8_t much[300000];
	struct pair p;
	(void)state;
	pair_init(&p);
	begin(&p);
	carry(&p);
	assert_ends(&p, TROTH_OK, TROTH_OK);
	for (int i = 0; i < 2; i++) {
		assert_true(troth_secured_is_open(p.end[i].s));
		/* What proxies pass on at once. */
		assert_true(p.end[i].flight > 0 && p.end[i].flight <= 4096);
		memset(much, 'a' + i, sizeof much);
		assert_ok(troth_secured_write(p.end[i].s, troth_slice_of(much, sizeof much)));
		carry(&p);
		assert_true(troth_slice_equal(troth_buf_slice(&p.end[1 - i].got),
					      troth_slice_of(much, sizeof much)));
	}
	troth_secured_close(p.end[0].s);
	troth_secured_close(p.end[1].s);
	carry(&p);
	hang_up(&p.end[0]);
	carry(&p);
	assert_ends(&p, TROTH_OK, TROTH_OK);
	assert_true(troth_secured_ended(p.end[1].s));
	pair_fini(&p);
}

static void certificates__are_new__for_each_bytestream(void **state)
{
	struct pair p, q;
	(void)state;
	pair_init(&p);
	pair_init(&q);
	assert_false(
		troth_slice_equal(troth_secured_cert(p.end[0].s), troth_secured_cert(q.end[0].s)));
	pair_fini(&p);
	pair_fini(&q);
}

/* ---- attacks ---- */

/* A server puts another certificate into the IQ to one of them. */
static void nothing__passes__when_an_iq_was_changed(void **state)
{
	(void)state;
	for (int victim = 0; victim < 2; victim++) {
		struct pair p, other;
		pair_init(&p);
		pair_init(&other);
		assert_ok(troth_secured_begin(p.end[victim].s, troth_secured_cert(other.end[0].s)));
		assert_ok(troth_secured_begin(p.end[1 - victim].s,
					      troth_secured_cert(p.end[victim].s)));
		carry(&p);
		assert_ends(&p, victim == 0 ? TROTH_E_CERT : TROTH_E_PEER_REFUSED,
			    victim == 0 ? TROTH_E_PEER_REFUSED : TROTH_E_CERT);
		assert_int_equal(troth_buf_len(&p.end[0].got) + troth_buf_len(&p.end[1].got), 0);
		pair_fini(&p);
		pair_fini(&other);
	}
}

/* Somebody on the way of the bytes with a certificate of his own. */
static void nothing__passes__when_another_certificate_is_shown(void **state)
{
	(void)state;
	for (int victim = 0; victim < 2; victim++) {
		struct pair p, evil;
		pair_init(&p);
		pair_init(&evil);
		assert_ok(troth_secured_begin(p.end[victim].s,
					      troth_secured_cert(p.end[1 - victim].s)));
		assert_ok(troth_secured_begin(evil.end[1 - victim].s,
					      troth_secured_cert(p.end[victim].s)));
		troth_secured_free(p.end[1 - victim].s);
		p.end[1 - victim].s = evil.end[1 - victim].s;
		evil.end[1 - victim].s = NULL;
		carry(&p);
		assert_err(p.end[victim].err, TROTH_E_CERT);
		assert_false(troth_secured_is_open(p.end[victim].s));
		pair_fini(&p);
		pair_fini(&evil);
	}
}

static void nothing__passes__without_tls(void **state)
{
	static const char *const texts[] = {"<stream:stream xmlns='jabber:client'>",
					    "hello, I am the file"};
	(void)state;
	for (int victim = 0; victim < 2; victim++) {
		struct pair p;
		pair_init(&p);
		begin(&p);
		const char *text = texts[victim];
		assert_int_equal(send(p.end[1 - victim].fd, text, strlen(text), 0), strlen(text));
		assert_true(pull(&p.end[victim]));
		assert_err(p.end[victim].err, TROTH_E_TLS);
		assert_false(troth_secured_is_open(p.end[victim].s));
		assert_int_equal(troth_buf_len(&p.end[victim].got), 0);
		pair_fini(&p);
	}
}

static void end__is_an_error__when_the_line_was_cut(void **state)
{
	struct pair p;
	(void)state;
	for (int opened = 0; opened < 2; opened++) {
		pair_init(&p);
		begin(&p);
		if (opened == 1) {
			carry(&p);
			assert_ok(troth_secured_write(p.end[0].s, troth_slice_str("half of it")));
			carry(&p);
		}
		hang_up(&p.end[0]);
		carry(&p);
		assert_err(p.end[1].err, TROTH_E_TRUNCATED);
		assert_false(troth_secured_is_open(p.end[1].s));
		pair_fini(&p);
	}
}

static void end__is_an_error__when_a_byte_was_changed(void **state)
{
	struct pair p;
	(void)state;
	pair_init(&p);
	begin(&p);
	carry(&p);
	assert_ok(troth_secured_write(p.end[0].s, troth_slice_str("pay romeo")));
	struct troth_buf *out = troth_secured_output(p.end[0].s);
	((uint8_t *)troth_buf_slice(out).data)[troth_buf_len(out) / 2] ^= 1;
	carry(&p);
	assert_err(p.end[1].err, TROTH_E_TLS);
	assert_int_equal(troth_buf_len(&p.end[1].got), 0);
	pair_fini(&p);
}

static void begin__is_refused__by_what_cant_be_a_peer(void **state)
{
	struct pair p;
	EVP_PKEY *weak = make_key("RSA1024");
	X509 *x = make_x509(weak, (struct troth_slice){NULL, 0});
	uint8_t *der = NULL;
	int len = i2d_X509(x, &der);
	(void)state;
	assert_true(len > 0);
	pair_init(&p);
	assert_err(troth_secured_begin(p.end[0].s, troth_slice_of(der, (size_t)len)), TROTH_E_CERT);
	assert_err(troth_secured_begin(p.end[1].s, (struct troth_slice){NULL, 0}), TROTH_E_CERT);
	pair_fini(&p);
	pair_init(&p);
	/* Our own, sent back to us. */
	assert_err(troth_secured_begin(p.end[0].s, troth_secured_cert(p.end[0].s)), TROTH_E_SELF);
	assert_null(troth_secured_output(p.end[0].s));
	/* For good. */
	assert_err(troth_secured_begin(p.end[0].s, troth_secured_cert(p.end[1].s)), TROTH_E_SELF);
	assert_err(troth_secured_feed(p.end[1].s, troth_slice_str("x")), TROTH_E_PROTOCOL);
	pair_fini(&p);
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(weak);
}

/* ---- reading the IQs ---- */

static int read_query(struct troth_s5b_query *out, const char *xml, struct troth_stanza **stanza,
		      struct troth_buf *der)
{
	assert_ok(troth_element_parse(stanza, troth_slice_str(xml)));
	return troth_s5b_query_read(out, troth_stanza_root(*stanza), der);
}

static void query__is_read__as_the_document_has_it(void **state)
{
	struct troth_s5b_query q;
	struct troth_stanza *stanza;
	struct troth_buf der;
	(void)state;
	troth_buf_init(&der, TROTH_LIMIT_CERT_BYTES * 2);
	assert_ok(read_query(&q,
			     IQ "<query xmlns='" MEDIATES "' sid='mySID' mode='tcp'>"
				"<streamhost jid='a@b/c' host='192.168.4.1' port='5086'/>"
				"<streamhost jid='no' host='port'/>"
				"<streamhost jid='bad' host='port' port='65536'/>"
				"<streamhost jid='odd' host='-oProxyCommand=x' port='1'/>"
				"<streamhost jid='odd' host='a b' port='1'/>"
				"<streamhost jid='proxy.host3' host='24.24.24.1' port='7777'/>"
				"<cert xmlns='bytestreams:secure'>\nAQID\nBA==\n</cert>"
				"</query></iq>",
			     &stanza, &der));
	assert_string_equal(q.sid, "mySID");
	assert_null(q.dstaddr);
	assert_int_equal(q.count, 2);
	assert_string_equal(q.hosts[1].jid, "proxy.host3");
	assert_int_equal(q.hosts[1].port, 7777);
	assert_true(troth_slice_equal(q.cert, troth_slice_of("\1\2\3\4", 4)));
	troth_stanza_free(stanza);
	troth_buf_fini(&der);
}

/* A certificate that can't be read is never taken for none. */
static void query__is_refused__when_it_isnt_right(void **state)
{
	static const struct {
		const char *xml;
		int err;
	} bads[] = {
#define QUERY(attrs, inside)                                                                       \
	IQ "<query xmlns='" MEDIATES "' sid='a'" attrs ">" inside "</query></iq>"
#define HOST "<streamhost jid='a' host='b' port='1'/>"
#define CERT(text) "<cert xmlns='bytestreams:secure'>" text "</cert>"
		{IQ "</iq>", TROTH_E_NOT_FOUND},
		{QUERY("", ""), TROTH_E_PROTOCOL},
		{QUERY(" mode='udp'", HOST), TROTH_E_PROTOCOL},
		{QUERY("", HOST CERT("")), TROTH_E_CERT},
		{QUERY("", HOST CERT("!!!!")), TROTH_E_CERT},
		{QUERY("", HOST CERT("AQID") CERT("AQID")), TROTH_E_CERT},
	};
	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		struct troth_s5b_query q;
		struct troth_stanza *stanza;
		struct troth_buf der;
		troth_buf_init(&der, TROTH_LIMIT_CERT_BYTES * 2);
		assert_err(read_query(&q, bads[i].xml, &stanza, &der), bads[i].err);
		troth_stanza_free(stanza);
		troth_buf_fini(&der);
	}
}

static void activate__is_written__as_the_document_has_it(void **state)
{
	struct troth_buf xml;
	struct troth_writer w;
	(void)state;
	troth_buf_init(&xml, 1024);
	troth_writer_init(&w, &xml, "jabber:client");
	troth_s5b_activate_write(&w, "vxf9n471bn46", "juliet@capulet.lit/balcony");
	assert_ok(troth_writer_finish(&w));
	assert_true(troth_slice_equal(
		troth_buf_slice(&xml),
		troth_slice_str("<query xmlns='" MEDIATES "' sid='vxf9n471bn46'>"
				"<activate>juliet@capulet.lit/balcony</activate></query>")));
	troth_buf_fini(&xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both__talk__by_what_the_iqs_said),
		cmocka_unit_test(certificates__are_new__for_each_bytestream),
		cmocka_unit_test(nothing__passes__when_an_iq_was_changed),
		cmocka_unit_test(nothing__passes__when_another_certificate_is_shown),
		cmocka_unit_test(nothing__passes__without_tls),
		cmocka_unit_test(end__is_an_error__when_the_line_was_cut),
		cmocka_unit_test(end__is_an_error__when_a_byte_was_changed),
		cmocka_unit_test(begin__is_refused__by_what_cant_be_a_peer),
		cmocka_unit_test(query__is_read__as_the_document_has_it),
		cmocka_unit_test(query__is_refused__when_it_isnt_right),
		cmocka_unit_test(activate__is_written__as_the_document_has_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
