/* SPDX-License-Identifier: MIT */
#include "duo.h"

#include "base/slice.h"
#include "c2c/method.h"
#include "sample.h"
#include "stream/engine.h"

#include <errno.h>
#include <sys/socket.h>

static const char *const names[2] = {"romeo@forza", "juliet@pronto"};

static void init_end(struct duo_end *e, const char *name)
{
	struct troth_device_params params = {.address = name, .now = 1700000000};
	sample_need(troth_device_generate(&e->device, &params) == TROTH_OK &&
			    troth_address_new(&e->address, TROTH_REALM_LINK, name) == TROTH_OK,
		    "no device");
	struct troth_engine_params engine = {.device = e->device};
	sample_need(troth_engine_new(&e->engine, &engine) == TROTH_OK, "no engine");
}

void duo_init(struct duo *d)
{
	*d = (struct duo){0};
	init_end(&d->end[0], names[0]);
	init_end(&d->end[1], names[1]);
	sample_need(troth_secret_new(&d->secret, troth_slice_str("wherefore")) == TROTH_OK,
		    "no secret");
}

void duo_fini(struct duo *d)
{
	duo_close(d);
	for (int i = 0; i < 2; i++) {
		troth_engine_free(d->end[i].engine);
		troth_device_free(d->end[i].device);
		troth_address_free(d->end[i].address);
	}
	troth_secret_free(d->secret);
}

void duo_by_key(struct duo *d)
{
	for (int i = 0; i < 2; i++) {
		struct duo_end *e = &d->end[i];
		const struct troth_cert *cert = troth_device_cert(d->end[1 - i].device);
		e->key = (struct troth_known_key){.pin = *troth_cert_pin(cert), .proven = true};
		memcpy(e->key.name, troth_cert_name(cert), sizeof e->key.name);
		e->known = (struct troth_known){.contact = names[1 - i],
						.keys = &e->key,
						.key_count = 1,
						.least = TROTH_LEVEL_VERIFIED};
	}
}

void duo_by_secret(struct duo *d, bool pake)
{
	unsigned mark = TROTH_MARK_PAKE;
	unsigned *can = &d->end[0].engine->can;
	*can = pake ? *can | mark : *can & ~mark;
	for (int i = 0; i < 2; i++)
		d->end[i].known = (struct troth_known){.contact = names[1 - i],
						       .secret = d->secret,
						       .pairing = true,
						       .least = TROTH_LEVEL_VERIFIED};
}

static void answer(struct duo_end *e, const struct troth_event *event)
{
	static const struct troth_verdict verdict = {.level = TROTH_LEVEL_VERIFIED};
	int err = TROTH_OK;
	if (event->type == TROTH_EVENT_WHO)
		err = troth_stream_know(e->stream, &e->known);
	else if (event->type == TROTH_EVENT_GUESS)
		err = troth_stream_debited(e->stream);
	else if (event->type == TROTH_EVENT_VERDICT)
		err = troth_stream_verdict(e->stream, &verdict);
	else if (event->type == TROTH_EVENT_SECURED)
		e->up = event->level == TROTH_LEVEL_VERIFIED;
	else if (event->type == TROTH_EVENT_KEYS)
		e->has_keys = true;
	else if (event->type == TROTH_EVENT_STANZA)
		e->received++;
	else
		sample_need(event->type == TROTH_EVENT_NONE, "the stream failed");
	sample_need(err == TROTH_OK, "an answer was refused");
}

static void work(struct duo_end *e)
{
	struct troth_event event;
	do {
		troth_stream_next(e->stream, 0, &event);
		answer(e, &event);
	} while (event.type != TROTH_EVENT_NONE);
}

static void send_out(struct duo *d, const struct line *line, int from)
{
	struct troth_stream *s = d->end[from].stream;
	struct troth_slice out = troth_stream_output(s);
	if (out.len == 0)
		return;
	if (line == NULL) {
		troth_stream_feed(d->end[1 - from].stream, out, 0);
		troth_stream_sent(s, out.len);
		return;
	}
	ssize_t n = send(line->end[from], out.data, out.len, MSG_NOSIGNAL);
	sample_need(n > 0 || errno == EAGAIN, "nothing was sent");
	troth_stream_sent(s, n > 0 ? (size_t)n : 0);
}

static void take_in(struct duo *d, const struct line *line, int to)
{
	uint8_t bytes[16384];
	if (line != NULL) {
		ssize_t n = recv(line->end[to], bytes, sizeof bytes, 0);
		sample_need(n > 0 || (n < 0 && errno == EAGAIN), "the line was cut");
		if (n <= 0)
			return;
		troth_stream_feed(d->end[to].stream, troth_slice_of(bytes, (size_t)n), 0);
	}
	work(&d->end[to]);
}

static bool is_ready(const struct duo_end *e)
{
	return e->up && (e->has_keys || troth_stream_method(e->stream) != TROTH_METHOD_SRP);
}

void duo_connect(struct duo *d, const struct line *line)
{
	for (int i = 0; i < 2; i++) {
		struct duo_end *e = &d->end[i];
		struct troth_stream_params params = {
			.role = i == 0 ? TROTH_INITIATOR : TROTH_RECIPIENT,
			.local = e->address,
			.peer = i == 0 ? d->end[1].address : NULL,
			.known = &e->known,
		};
		e->up = e->has_keys = false;
		sample_need(troth_stream_new(&e->stream, e->engine, &params, 0) == TROTH_OK,
			    "no stream");
	}
	while (!is_ready(&d->end[0]) || !is_ready(&d->end[1])) {
		for (int i = 0; i < 2; i++) {
			send_out(d, line, i);
			take_in(d, line, 1 - i);
		}
	}
}

void duo_close(struct duo *d)
{
	for (int i = 0; i < 2; i++) {
		troth_stream_free(d->end[i].stream);
		d->end[i].stream = NULL;
	}
}

static void write_message(void *body, struct troth_writer *w)
{
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", body);
	troth_writer_close(w);
}

void duo_carry(struct duo *d, const struct line *line, int from, const char *body)
{
	struct duo_end *to = &d->end[1 - from];
	size_t before = to->received;
	sample_need(troth_stream_send(d->end[from].stream, write_message, (void *)body) == TROTH_OK,
		    "nothing was sent");
	while (to->received == before) {
		send_out(d, line, from);
		take_in(d, line, 1 - from);
	}
}

size_t duo_message_len(const char *body)
{
	return strlen("<message><body></body></message>") + strlen(body);
}
