/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/slice.h"
#include "need.h"
#include "stream/state.h"

#define BYTES_MAX ((size_t)1 << 24)
#define HEADER                                                                                     \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "                               \
	"xmlns:stream='http://etherx.jabber.org/streams' version='1.0' from='romeo@forza' "        \
	"to='juliet@pronto' id='1'>"
#define TLS "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"

const struct peer_devices *peer_devices(void)
{
	static struct peer_devices d;
	if (d.engine != NULL)
		return &d;
	struct troth_device_params own = {.address = "juliet@pronto", .now = 1700000000};
	struct troth_device_params peer = {.address = "romeo@forza", .now = 1700000000};
	need(troth_device_generate(&d.own, &own) == TROTH_OK);
	need(troth_device_generate(&d.peer, &peer) == TROTH_OK);
	need(troth_tls_context_new(&d.context) == TROTH_OK);
	need(troth_address_new(&d.stream_address, TROTH_REALM_LINK, own.address) == TROTH_OK);
	need(troth_address_new(&d.peer_address, TROTH_REALM_LINK, peer.address) == TROTH_OK);
	need(troth_secret_new(&d.secret, troth_slice_str("wherefore")) == TROTH_OK);
	struct troth_engine_params params = {.device = d.own};
	need(troth_engine_new(&d.engine, &params) == TROTH_OK);
	return &d;
}

const char *peer_request_id(const struct target *t)
{
	return t->stream->key_request;
}

static void hear(struct peer *p, struct target *t)
{
	struct troth_slice out = troth_stream_output(t->stream);
	if (p->tls != NULL)
		need(troth_tls_feed(p->tls, out) == TROTH_OK);
	else
		need(troth_buf_append_slice(&p->heard, out) == TROTH_OK);
	troth_stream_sent(t->stream, out.len);
}

static void say(struct peer *p, struct target *t, const char *text)
{
	need(troth_buf_append_str(&p->sent, text) == TROTH_OK);
	target_feed(t, troth_slice_str(text));
}

static const char *offered(enum troth_method method)
{
	return method == TROTH_METHOD_SRP    ? "<srp/>"
	       : method == TROTH_METHOD_PAKE ? "<pake xmlns='urn:xmpp:troth:0' "
					       "suite='CPACE-RISTR255-SHA512'/>"
					     : "<insecure/>";
}

/* A child of starttls or proceed. */
static void say_offer(struct peer *p, struct target *t, const char *before,
		      enum troth_method method, bool mark)
{
	char key[160];
	char text[800];
	(void)snprintf(key, sizeof key,
		       "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%s</name></keyinfo>",
		       troth_cert_name(troth_device_cert(peer_devices()->peer)));
	bool proceed = strncmp(before, "<proceed", 8) == 0;
	bool sas = method == TROTH_METHOD_INSECURE && !proceed;
	(void)snprintf(text, sizeof text, "%s<offer xmlns='urn:xmpp:tmp:c2ctls'>%s%s%s</offer>",
		       before, method == TROTH_METHOD_KEY ? key : offered(method),
		       sas ? "<sas xmlns='urn:xmpp:troth:0'/>" : "",
		       mark ? "<transcript xmlns='urn:xmpp:troth:0'/>" : "");
	size_t len = strlen(text);
	(void)snprintf(text + len, sizeof text - len, "%s",
		       strncmp(before, "<stream:features>", 17) == 0
			       ? "</starttls></stream:features>"
		       : strncmp(before, "<starttls", 9) == 0 ? "</starttls>"
							      : "</proceed>");
	say(p, t, text);
}

static void clear_part(struct peer *p, struct target *t, enum troth_method method, bool mark)
{
	hear(p, t);
	say(p, t, HEADER);
	if (t->initiator) {
		say_offer(p, t, "<stream:features><starttls " TLS ">", method, mark);
		hear(p, t);
		say_offer(p, t, "<proceed " TLS ">", method, false);
	} else {
		hear(p, t);
		say_offer(p, t, "<starttls " TLS ">", method, mark);
	}
}

static void make_transcript(struct peer *p, const struct target *t)
{
	uint8_t hash[64];
	uint8_t value[32];
	struct troth_buf text;
	const char *s;
	/* The stream's side of the clear text ends where its ClientHello begins. */
	struct troth_slice heard = troth_buf_slice(&p->heard);
	need(troth_sha256(t->initiator ? hash + 32 : hash, troth_buf_slice(&p->sent)) == TROTH_OK);
	need(troth_sha256(t->initiator ? hash : hash + 32, heard) == TROTH_OK);
	need(troth_sha256(value, troth_slice_of(hash, sizeof hash)) == TROTH_OK);
	troth_buf_init(&text, 64);
	need(troth_base64_encode(&text, troth_slice_of(value, sizeof value)) == TROTH_OK);
	need(troth_buf_cstr(&text, &s) == TROTH_OK);
	(void)snprintf(p->transcript, sizeof p->transcript, "%s", s);
	troth_buf_fini(&text);
}

static enum troth_tls_check accept(void *user, const struct troth_cert *cert)
{
	(void)user;
	(void)cert;
	return TROTH_TLS_ACCEPT;
}

static void pump(struct peer *p, struct target *t)
{
	bool ended = false;
	for (;;) {
		hear(p, t);
		int err = p->done ? troth_tls_read(p->tls, &p->plain, BYTES_MAX, &ended)
				  : troth_tls_handshake(p->tls, &p->done);
		troth_buf_clear(&p->plain);
		struct troth_buf *out = troth_tls_output(p->tls);
		if (troth_buf_len(out) > 0)
			target_feed(t, troth_buf_slice(out));
		bool moved = troth_buf_len(out) > 0 || troth_stream_output(t->stream).len > 0;
		troth_buf_clear(out);
		if (err != TROTH_OK || !moved)
			return;
	}
}

void peer_meet(struct peer *p, struct target *t, const struct peer_way *way)
{
	troth_buf_init(&p->sent, BYTES_MAX);
	troth_buf_init(&p->heard, BYTES_MAX);
	troth_buf_init(&p->plain, BYTES_MAX);
	struct troth_tls_params params = {
		.role = t->initiator ? TROTH_TLS_SERVER : TROTH_TLS_CLIENT,
		.credential =
			way->method == TROTH_METHOD_SRP ? TROTH_TLS_SRP : TROTH_TLS_CERTIFICATE,
		.device = peer_devices()->peer,
		.secret = peer_devices()->secret,
		.srp_user = t->initiator ? "juliet@pronto" : "romeo@forza",
		.check = accept,
	};
	if (!way->first) {
		clear_part(p, t, way->method, way->mark);
		if (!t->initiator)
			hear(p, t);
		if (t->closed)
			return;
	}
	make_transcript(p, t); /* TLS at once: of nothing */
	need(troth_tls_new(&p->tls, peer_devices()->context, &params) == TROTH_OK);
	pump(p, t);
	need(p->done);
}

void peer_say_inside(struct peer *p, struct target *t, struct troth_slice bytes)
{
	if (!p->done || troth_tls_write(p->tls, bytes) != TROTH_OK)
		return;
	pump(p, t);
}

void peer_fini(struct peer *p)
{
	troth_tls_free(p->tls);
	troth_buf_fini(&p->sent);
	troth_buf_fini(&p->heard);
	troth_buf_fini(&p->plain);
}
