/* SPDX-License-Identifier: MIT */
/* In-band bytestreams without a server: every stanza is written, read and answered. */
#include "base/limits.h"
#include "base/slice.h"
#include "bytestream/ibb.h"
#include "bytestreams.h"
#include "duo.h"
#include "sample.h"

#include <sodium.h>
#include <string.h>
#include <troth/err.h>

static const char *const names[2] = {"romeo@forza.example/a", "juliet@pronto.example/b"};

static int fill(void *user, uint8_t *out, size_t len)
{
	(void)user;
	randombytes_buf(out, len);
	return TROTH_OK;
}

static void open_pair(struct troth_ibb *ibb[2])
{
	for (int i = 0; i < 2; i++) {
		const struct troth_ibb_params params = {
			.opener = i == 0, .peer = names[1 - i], .sid = "a", .random = {fill, NULL}};
		sample_need(troth_ibb_new(&ibb[i], &params) == TROTH_OK, "no bytestream");
	}
}

static void deliver(struct troth_ibb *to, const char *from, const struct troth_buf *stanza)
{
	static struct troth_buf xml;
	struct troth_stanza *parsed = NULL;
	struct troth_slice s = troth_buf_slice(stanza);
	troth_buf_init(&xml, TROTH_LIMIT_STANZA_BYTES);
	sample_need(troth_buf_append_str(&xml, "<iq xmlns='jabber:client'") == TROTH_OK &&
			    troth_buf_append(&xml, s.data + 3, s.len - 3) == TROTH_OK &&
			    troth_element_parse(&parsed, troth_buf_slice(&xml)) == TROTH_OK &&
			    troth_ibb_feed(to, troth_stanza_root(parsed), from) == TROTH_OK,
		    "a stanza was lost");
	troth_stanza_free(parsed);
	troth_buf_fini(&xml);
}

/* Effect: all stanzas that are due from one end. */
static void pass(struct troth_ibb *ibb[2], int from)
{
	struct troth_buf stanza;
	bool any = true;
	troth_buf_init(&stanza, TROTH_LIMIT_STANZA_BYTES);
	while (any) {
		sample_need(troth_ibb_next(ibb[from], 0, &stanza, &any) == TROTH_OK, "no stanza");
		if (any)
			deliver(ibb[1 - from], names[from], &stanza);
		troth_buf_clear(&stanza);
	}
	troth_buf_fini(&stanza);
}

double in_stanzas_bare(size_t stanzas)
{
	struct troth_ibb *ibb[2];
	static char bytes[STANZA_BYTES + 64];
	const size_t len = duo_message_len("") + STANZA_BYTES;
	open_pair(ibb);
	double start = sample_cpu();
	for (size_t sent = 0, received = 0; received < stanzas * len;) {
		if (sent < stanzas && troth_ibb_unsent(ibb[0]) < 2 * STANZA_BYTES) {
			sample_need(troth_ibb_write(ibb[0], troth_slice_of(bytes, len)) == TROTH_OK,
				    "nothing was written");
			sent++;
		}
		pass(ibb, 0);
		received += troth_ibb_input(ibb[1]).len;
		troth_ibb_consume(ibb[1], troth_ibb_input(ibb[1]).len);
		pass(ibb, 1);
	}
	double took = sample_cpu() - start;
	troth_ibb_free(ibb[0]);
	troth_ibb_free(ibb[1]);
	return took;
}

static char body[STANZA_BYTES + 1];

static void write_message(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_open(w, "jabber:client", "message");
	troth_writer_leaf(w, "jabber:client", "body", body);
	troth_writer_close(w);
}

static size_t take_events(struct troth_stream *stream)
{
	struct troth_event event;
	size_t stanzas = 0;
	do {
		troth_stream_next(stream, 0, &event);
		stanzas += event.type == TROTH_EVENT_STANZA;
	} while (event.type != TROTH_EVENT_NONE);
	return stanzas;
}

static void push(struct troth_stream *stream, struct troth_ibb *ibb)
{
	struct troth_slice out = troth_stream_output(stream);
	size_t room = TROTH_LIMIT_IBB_BYTES / 2 - troth_ibb_unsent(ibb);
	out.len = out.len < room ? out.len : room;
	if (out.len == 0)
		return;
	sample_need(troth_ibb_write(ibb, out) == TROTH_OK, "nothing was written");
	troth_stream_sent(stream, out.len);
}

double in_stanzas_stream(size_t stanzas)
{
	static struct duo duo;
	struct troth_ibb *ibb[2];
	duo_init(&duo);
	duo_by_key(&duo);
	duo_connect(&duo, NULL);
	open_pair(ibb);
	memset(body, 'x', STANZA_BYTES);
	double start = sample_cpu();
	for (size_t sent = 0, received = 0; received < stanzas;) {
		struct troth_stream *from = duo.end[0].stream;
		if (sent < stanzas && troth_ibb_unsent(ibb[0]) < 2 * STANZA_BYTES) {
			sample_need(troth_stream_send(from, write_message, NULL) == TROTH_OK,
				    "nothing was sent");
			sent++;
		}
		push(from, ibb[0]);
		pass(ibb, 0);
		struct troth_slice in = troth_ibb_input(ibb[1]);
		troth_stream_feed(duo.end[1].stream, in, 0);
		troth_ibb_consume(ibb[1], in.len);
		received += take_events(duo.end[1].stream);
		pass(ibb, 1);
	}
	double took = sample_cpu() - start;
	troth_ibb_free(ibb[0]);
	troth_ibb_free(ibb[1]);
	duo_fini(&duo);
	return took;
}
