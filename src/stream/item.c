/* SPDX-License-Identifier: MIT */
/*
 * The peer's next element, from the transport before TLS and out of TLS later.
 * Layer: stream. What arrives in clear is kept for the transcript, and limited.
 */
#include "stream/state.h"

#include <string.h>

/* Effect: hands the reader what has arrived in clear. false: nothing, or failed. */
static bool feed_clear(struct troth_stream *s)
{
	struct troth_slice in = troth_buf_slice(&s->in);
	if (in.len == 0)
		return false;
	int err = TROTH_OK;
	if (s->state < STREAM_UP) /* a plain stream that is up has no transcript */
		err = troth_buf_append_slice(&s->clear_in, in);
	if (err == TROTH_OK)
		err = troth_xml_reader_feed(s->reader, in);
	if (err != TROTH_OK) {
		(void)stream_fail(s, err, "The peer sent more than is read before TLS.");
		return false;
	}
	troth_buf_consume(&s->in, in.len);
	return true;
}

static bool feed_inside(struct troth_stream *s)
{
	bool more = false;
	int err = stream_tls_read(s, &more);
	if (err == TROTH_E_PEER_REFUSED)
		(void)stream_failed_by_peer(s, err, stream_key_refused(s));
	else if (err != TROTH_OK)
		(void)stream_fail(s, err, "The encrypted connection was disturbed.");
	else
		return more;
	return false;
}

static void trace_item(struct troth_stream *s, const struct troth_xml_item *item)
{
	struct troth_buf xml;
	struct troth_writer w;
	if (!s->trace || item->stanza == NULL)
		return;
	troth_buf_init(&xml, s->stanza_bytes * 2);
	troth_writer_init(&w, &xml, TROTH_NS_CLIENT);
	troth_writer_copy(&w, troth_stanza_root(item->stanza));
	if (troth_writer_finish(&w) == TROTH_OK)
		stream_trace_xml(s, false, troth_buf_slice(&xml));
	troth_buf_fini(&xml);
}

bool stream_next_item(struct troth_stream *s, struct troth_xml_item *item)
{
	for (;;) {
		int err = troth_xml_reader_next(s->reader, item);
		if (err != TROTH_OK) {
			(void)stream_fail(s, err, "What the peer sent isn't XML that XMPP allows.");
			return false;
		}
		if (item->kind != TROTH_XML_NONE) {
			trace_item(s, item);
			return true;
		}
		if (!(s->handshaken ? feed_inside(s) : feed_clear(s)))
			return false;
	}
}

struct troth_stanza *stream_next_element(struct troth_stream *s)
{
	struct troth_xml_item item;
	if (s->pending != NULL) {
		struct troth_stanza *stanza = s->pending;
		s->pending = NULL;
		return stanza;
	}
	if (!stream_next_item(s, &item))
		return NULL;
	switch (item.kind) {
	case TROTH_XML_ELEMENT:
		if (!troth_element_is(troth_stanza_root(item.stanza), TROTH_NS_STREAMS, "error"))
			return item.stanza;
		(void)stream_error_received(s, troth_stanza_root(item.stanza));
		break;
	case TROTH_XML_CLOSE:
		(void)stream_close_received(s);
		break;
	case TROTH_XML_OPEN:
	case TROTH_XML_NONE:
		(void)stream_fail(s, TROTH_E_PROTOCOL, "The peer began a stream inside a stream.");
		break;
	}
	troth_stanza_free(item.stanza);
	return NULL;
}
