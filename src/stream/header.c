/* SPDX-License-Identifier: MIT */
/*
 * The headers before TLS: who says to be who (XEP-0246). Layer: stream. Nothing that is read
 * here is believed: it selects, and the transcript covers it.
 */
#include "stream/state.h"

#include <sodium.h>

/* ---- ours ---- */

static int write_header(struct troth_stream *s, struct troth_buf *xml)
{
	uint8_t random[16];
	char id[sizeof random * 2 + 1];
	const struct troth_address *to = s->peer != NULL ? s->peer : s->dialled;
	struct troth_stream_header header = {
		.from = troth_address_full(s->local),
		.to = to != NULL ? troth_address_full(to) : NULL,
		.version = "1.0",
	};
	if (s->role == TROTH_RECIPIENT) {
		int err = troth_engine_random(s->engine, random, sizeof random);
		if (err != TROTH_OK)
			return err;
		sodium_bin2hex(id, sizeof id, random, sizeof random);
		header.id = id;
	}
	return troth_header_write(xml, &header);
}

int stream_send_header(struct troth_stream *s)
{
	s->header_sent = true;
	return stream_write_xml(s, write_header);
}

/* ---- the peer's ---- */

/* Without memory for an address nothing is known about it: that isn't the peer's doing. */
static enum step fail_address(struct troth_stream *s, int err, const char *reason)
{
	if (err == TROTH_E_NOMEM)
		return stream_fail(s, err, troth_err_text(err));
	return stream_fail(s, TROTH_E_ADDRESS, reason);
}

static enum step read_from(struct troth_stream *s, const struct troth_stream_header *h)
{
	struct troth_address *from;
	if (h->from == NULL) {
		/* A plain old peer may leave it out; one that wants more may not. */
		if (s->peer_version)
			return stream_fail(s, TROTH_E_ADDRESS, "The peer's header has no address.");
		return STEP_AGAIN;
	}
	int err = troth_address_new(&from, troth_address_realm(s->local), h->from);
	if (err != TROTH_OK)
		return fail_address(s, err, "The peer's header has no valid address.");
	troth_address_free(s->peer);
	s->peer = from;
	/* "from equal to the own full address is refused" */
	if (troth_address_same(from, s->local))
		return stream_fail(s, TROTH_E_ADDRESS,
				   "The peer says that it has our own address.");
	/* "The initiator requires from = the address it dialled"; and over a server the recipient
	 * the one that it was called from. */
	if (s->dialled != NULL && !troth_address_same_bare(from, s->dialled))
		return stream_fail(s, TROTH_E_ADDRESS,
				   s->role == TROTH_INITIATOR
					   ? "Somebody else answered than was called."
					   : "The peer says to be somebody else than who called.");
	return STEP_AGAIN;
}

static enum step read_to(struct troth_stream *s, const struct troth_stream_header *h)
{
	struct troth_address *to;
	s->peer_had_to = h->to != NULL;
	if (h->to == NULL) /* absent in many answers; a caller by host and port doesn't know it */
		return STEP_AGAIN;
	int err = troth_address_new(&to, troth_address_realm(s->local), h->to);
	bool ours = err == TROTH_OK && troth_address_same_bare(to, s->local);
	if (err == TROTH_OK)
		troth_address_free(to);
	/* "the recipient requires to = itself" */
	if (!ours)
		return fail_address(s, err, "The peer wants somebody else.");
	return STEP_AGAIN;
}

bool stream_read_header(struct troth_stream *s, const struct troth_xml_item *item)
{
	struct troth_stream_header header;
	enum stream_state before = s->state;
	if (item->kind != TROTH_XML_OPEN || troth_header_read(&header, item->stanza) != TROTH_OK) {
		troth_stanza_free(item->stanza);
		(void)stream_fail(s, TROTH_E_PROTOCOL, "What came isn't an XMPP stream.");
		return false;
	}
	s->peer_version = troth_header_version(&header) == TROTH_VERSION_1;
	(void)read_from(s, &header);
	if (s->state == before)
		(void)read_to(s, &header);
	troth_stanza_free(item->stanza);
	return s->state == before;
}

enum step stream_step_header(struct troth_stream *s, struct troth_event *out)
{
	struct troth_xml_item item;
	if (s->tls_first)
		return stream_first(s, out);
	if (!stream_next_item(s, &item))
		return STEP_WAIT;
	if (!stream_read_header(s, &item))
		return STEP_AGAIN;
	if (s->role == TROTH_RECIPIENT)
		return stream_ask_who(s, out, STREAM_WHO_HEADER);
	if (!s->peer_version)
		return stream_plain(s, out);
	stream_set_state(s, STREAM_FEATURES);
	stream_set_deadline(s, TROTH_TIME_TLS);
	return STEP_AGAIN;
}
