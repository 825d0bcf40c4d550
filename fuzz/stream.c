/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes a stream that answers every question: with arbitrary bytes from the first one on, and
 * with arbitrary bytes inside a TLS session that went as it should (peer.h).
 *
 * The first byte chooses (see enum choice), the second one how the rest is cut. In the rest, the
 * bytes 1 to 4, which XML can't have, stand for what an input can't know: the peer's key name,
 * the stream's key name, the right transcript, the id of the open key request.
 */
#include "peer.h"

#include "base/slice.h"
#include "need.h"

#include <openssl/err.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536
#define EVENTS_MAX 100000

enum choice {
	CHOOSE_INITIATOR = 1,
	CHOOSE_SECRET = 2, /* they share one; else they know each other's keys */
	CHOOSE_LITTLE = 4, /* they know nothing and take what there is */
	CHOOSE_INSIDE = 8,
	CHOOSE_MARK = 16,   /* the peer's offer has the mark: a transcript is due */
	CHOOSE_PAKE = 32,   /* the secret is for pake, and the peer doesn't know it; else for srp */
	CHOOSE_FIRST = 128, /* TLS at once, and never pake */
};

static void know(struct target *t, unsigned choice)
{
	const struct troth_cert *cert = troth_device_cert(peer_devices()->peer);
	t->key = (struct troth_known_key){.pin = *troth_cert_pin(cert), .proven = true};
	memcpy(t->key.name, troth_cert_name(cert), sizeof t->key.name);
	t->known = (struct troth_known){.least = TROTH_LEVEL_VERIFIED, .contact = "peer"};
	if ((choice & CHOOSE_LITTLE) != 0) {
		t->known.least =
			(choice & CHOOSE_SECRET) != 0 ? TROTH_LEVEL_PLAIN : TROTH_LEVEL_UNVERIFIED;
		t->known.contact = NULL;
	} else if ((choice & CHOOSE_SECRET) != 0) {
		t->known.pairing = t->known.may_ask = true;
	} else {
		t->known.keys = &t->key;
		t->known.key_count = 1;
	}
}

/* What the stream may say of itself, by what came before. */
static void judge_secured(const struct target *t, const struct troth_event *e)
{
	bool inside = (t->choice & CHOOSE_INSIDE) != 0;
	bool little = (t->choice & CHOOSE_LITTLE) != 0;
	need(t->up == 0);
	need(e->method != TROTH_METHOD_NONE);
	need((e->method == TROTH_METHOD_PLAIN) == (e->level == TROTH_LEVEL_PLAIN));
	need(inside || (little && e->method == TROTH_METHOD_PLAIN));
	need(little || e->level == TROTH_LEVEL_VERIFIED);
	need(!little || e->level < TROTH_LEVEL_VERIFIED);
	bool first = (t->choice & CHOOSE_FIRST) != 0;
	need(!inside || first || (t->choice & CHOOSE_MARK) == 0 || e->transcript);
	need(!first || (inside && !e->transcript));
	need(e->method != TROTH_METHOD_SRP || t->debits > 0);
	need(e->method != TROTH_METHOD_PAKE); /* which nobody proves by chance */
}

static void answer(struct target *t, const struct troth_event *e)
{
	static const struct troth_verdict verdict = {.level = TROTH_LEVEL_VERIFIED};
	need(!t->closed || e->type == TROTH_EVENT_NONE);
	switch (e->type) {
	case TROTH_EVENT_WHO:
		need(troth_stream_know(t->stream, &t->known) == TROTH_OK);
		break;
	case TROTH_EVENT_ASK_SECRET:
		need(troth_stream_secret(t->stream, peer_devices()->secret) == TROTH_OK);
		break;
	case TROTH_EVENT_GUESS:
		t->debits++;
		need(troth_stream_debited(t->stream) == TROTH_OK);
		break;
	case TROTH_EVENT_VERDICT:
		need(troth_stream_verdict(t->stream, &verdict) == TROTH_OK);
		break;
	case TROTH_EVENT_SECURED:
		judge_secured(t, e);
		t->up++;
		break;
	case TROTH_EVENT_SAS:
		need(t->up == 1 && strlen(e->sas->digits) == 14);
		need(troth_stream_sas_answer(t->stream, TROTH_SAS_SAME) == TROTH_OK);
		break;
	case TROTH_EVENT_SAS_CONFIRMED:
		need(e->method == TROTH_METHOD_INSECURE && e->cert != NULL);
		break;
	case TROTH_EVENT_KEYS:
	case TROTH_EVENT_KEYS_WANTED:
	case TROTH_EVENT_STANZA:
		need(t->up == 1);
		break;
	case TROTH_EVENT_CLOSED:
		need(e->text != NULL);
		t->closed = true;
		break;
	case TROTH_EVENT_WAITING:
	case TROTH_EVENT_STATE:
	case TROTH_EVENT_XML:
	case TROTH_EVENT_NONE:
		break;
	}
}

void target_work(struct target *t)
{
	struct troth_event e;
	size_t count = 0;
	do {
		troth_stream_next(t->stream, t->now, &e);
		answer(t, &e);
		need(++count < EVENTS_MAX);
	} while (e.type != TROTH_EVENT_NONE);
}

void target_feed(struct target *t, struct troth_slice bytes)
{
	troth_stream_feed(t->stream, bytes, t->now);
	target_work(t);
}

static enum troth_method method(unsigned choice)
{
	if ((choice & CHOOSE_SECRET) == 0 || (choice & CHOOSE_LITTLE) != 0)
		return (choice & CHOOSE_LITTLE) != 0 ? TROTH_METHOD_INSECURE : TROTH_METHOD_KEY;
	return (choice & CHOOSE_PAKE) != 0 && (choice & CHOOSE_FIRST) == 0 ? TROTH_METHOD_PAKE
									   : TROTH_METHOD_SRP;
}

static void open_stream(struct target *t, unsigned choice)
{
	bool initiator = (choice & CHOOSE_INITIATOR) != 0;
	const struct troth_tls_first first = {.srp = method(choice) == TROTH_METHOD_SRP};
	*t = (struct target){.choice = choice, .initiator = initiator};
	know(t, choice);
	struct troth_stream_params params = {
		.role = initiator ? TROTH_INITIATOR : TROTH_RECIPIENT,
		.local = peer_devices()->stream_address,
		.known = &t->known,
		.sas = true,
		.trace = (choice & CHOOSE_MARK) != 0,
		.peer = (choice & CHOOSE_FIRST) != 0 ? peer_devices()->peer_address : NULL,
		.tls_first = (choice & CHOOSE_FIRST) != 0 ? &first : NULL,
	};
	need(troth_stream_new(&t->stream, peer_devices()->engine, &params, 0) == TROTH_OK);
	target_work(t);
}

static const char *stands_for(const struct target *t, const struct peer *p, uint8_t byte)
{
	switch (byte) {
	case 1:
		return troth_cert_name(troth_device_cert(peer_devices()->peer));
	case 2:
		return troth_cert_name(troth_device_cert(peer_devices()->own));
	case 3:
		return p->transcript;
	case 4:
		return peer_request_id(t);
	default:
		return NULL;
	}
}

static void expand(struct troth_buf *out, const struct target *t, const struct peer *p,
		   struct troth_slice in)
{
	for (size_t i = 0; i < in.len; i++) {
		const char *text = stands_for(t, p, in.data[i]);
		int err = text != NULL ? troth_buf_append_str(out, text)
				       : troth_buf_append_byte(out, in.data[i]);
		if (err != TROTH_OK)
			return; /* full: enough */
	}
}

static void feed_all(struct target *t, struct peer *p, struct troth_slice bytes, size_t step)
{
	for (size_t at = 0; at < bytes.len && !t->closed; at += step) {
		size_t n = bytes.len - at < step ? bytes.len - at : step;
		struct troth_slice piece = troth_slice_of(bytes.data + at, n);
		if ((t->choice & CHOOSE_INSIDE) != 0) {
			peer_say_inside(p, t, piece);
		} else {
			target_feed(t, piece);
			troth_stream_sent(t->stream, troth_stream_output(t->stream).len);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct target t;
	struct peer p = {0};
	struct troth_buf bytes;
	if (size < 2 || size > INPUT_MAX)
		return 0;
	unsigned choice = data[0] & (CHOOSE_FIRST | 63U);
	open_stream(&t, choice);
	if ((choice & CHOOSE_INSIDE) != 0)
		peer_meet(&p, &t,
			  &(struct peer_way){method(choice), (choice & CHOOSE_MARK) != 0,
					     (choice & CHOOSE_FIRST) != 0});
	troth_buf_init(&bytes, INPUT_MAX);
	expand(&bytes, &t, &p, troth_slice_of(data + 2, size - 2));
	feed_all(&t, &p, troth_buf_slice(&bytes), data[1] % 2 == 0 ? INPUT_MAX : data[1]);
	troth_stream_feed_end(t.stream, t.now);
	target_work(&t);
	need(t.closed);
	need(ERR_peek_error() == 0);
	troth_stream_free(t.stream);
	peer_fini(&p);
	troth_buf_fini(&bytes);
	return 0;
}
