/* SPDX-License-Identifier: MIT */
/*
 * Closing and failing, and what the peer is told (docs/protocol.md, "Closing and
 * errors"). Layer: stream. One way in for each: nothing else sends the end.
 */
#include "stream/state.h"

#include <stdio.h>
#include <string.h>

/* ---- what the peer is told ---- */

struct told {
	int err;
	enum troth_stream_condition condition;
	const char *child; /* in the namespace of docs/protocol.md; NULL: none */
};

static const struct told tell[] = {
	{TROTH_E_DOWNGRADE, TROTH_STREAM_NOT_AUTHORIZED, "downgrade"},
	{TROTH_E_SECRET, TROTH_STREAM_NOT_AUTHORIZED, "guess"},
	{TROTH_E_MISMATCH, TROTH_STREAM_NOT_AUTHORIZED, "mismatch"},
	{TROTH_E_BUDGET, TROTH_STREAM_NOT_AUTHORIZED, "budget"},
	{TROTH_E_REFUSED, TROTH_STREAM_NOT_AUTHORIZED, "refused"},
	{TROTH_E_KEY_CHANGED, TROTH_STREAM_NOT_AUTHORIZED, "refused"},
	{TROTH_E_FLOOR, TROTH_STREAM_NOT_AUTHORIZED, "refused"},
	{TROTH_E_CONFLICT, TROTH_STREAM_NOT_AUTHORIZED, "refused"},
	{TROTH_E_REVOKED, TROTH_STREAM_NOT_AUTHORIZED, "revoked"},
	{TROTH_E_EXPIRED, TROTH_STREAM_NOT_AUTHORIZED, "expired"},
	{TROTH_E_CERT, TROTH_STREAM_NOT_AUTHORIZED, "refused"},
	{TROTH_E_NO_METHOD, TROTH_STREAM_NOT_AUTHORIZED, "refused"},
	{TROTH_E_RELAY, TROTH_STREAM_NOT_AUTHORIZED, NULL},
	{TROTH_E_SELF, TROTH_STREAM_NOT_AUTHORIZED, NULL},
	{TROTH_E_NO_TLS, TROTH_STREAM_POLICY_VIOLATION, NULL},
	{TROTH_E_ADDRESS, TROTH_STREAM_INVALID_FROM, NULL},
	{TROTH_E_XML, TROTH_STREAM_NOT_WELL_FORMED, NULL},
	{TROTH_E_LIMIT, TROTH_STREAM_POLICY_VIOLATION, NULL},
	{TROTH_E_TIMEOUT, TROTH_STREAM_CONNECTION_TIMEOUT, NULL},
	{TROTH_E_PROTOCOL, TROTH_STREAM_BAD_FORMAT, NULL},
};

static const struct told *told_for(int err)
{
	static const struct told other = {0, TROTH_STREAM_UNDEFINED_CONDITION, NULL};
	for (size_t i = 0; i < sizeof tell / sizeof *tell; i++) {
		if (tell[i].err == err)
			return &tell[i];
	}
	return &other;
}

static int write_close(struct troth_stream *s, struct troth_buf *xml)
{
	(void)s;
	return troth_header_write_end(xml);
}

static int write_failure(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	(void)s;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_leaf(&w, TROTH_NS_TLS, "failure", NULL);
	return troth_writer_finish(&w);
}

static int write_error(struct troth_stream *s, struct troth_buf *xml)
{
	const struct told *t = told_for(s->err);
	enum troth_stream_condition condition = t->condition;
	struct troth_writer w;
	/* RFC 6120 4.9.3.18: forbidden XML rather than broken XML. */
	if (s->err == TROTH_E_XML && troth_xml_reader_restricted(s->reader))
		condition = TROTH_STREAM_RESTRICTED_XML;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_stream_error_write(&w, condition, t->child);
	return troth_writer_finish(&w);
}

/* In clear: an empty <failure/> to a request, else nothing but the end: no reason is
 * given to somebody who might be anybody. */
static int tell_in_clear(struct troth_stream *s)
{
	if (!s->header_sent)
		return TROTH_OK;
	int err = TROTH_OK;
	if (s->role == TROTH_RECIPIENT && s->requested)
		err = stream_write_xml(s, write_failure);
	return err != TROTH_OK ? err : stream_write_xml(s, write_close);
}

/* "Refused after somebody was asked: inside, before anything else was sent." */
static int tell_inside(struct troth_stream *s)
{
	int err = s->inner_header_sent ? TROTH_OK : stream_send_header(s);
	if (err == TROTH_OK)
		err = stream_write_xml(s, write_error);
	if (err == TROTH_OK)
		err = stream_write_xml(s, write_close);
	troth_tls_close(s->tls);
	return err != TROTH_OK ? err : stream_tls_pump(s);
}

/* ---- failing ---- */

/* Telling the peer is a courtesy: the stream fails whether or not it can be told. */
static void courtesy(int err)
{
	(void)err;
}

static void set_reason(struct troth_stream *s, int err, const char *reason, bool by_peer)
{
	s->err = err;
	s->by_peer = by_peer;
	(void)snprintf(s->reason, sizeof s->reason, "%s", reason);
}

enum step stream_fail(struct troth_stream *s, int err, const char *reason)
{
	if (s->state == STREAM_OVER || s->state == STREAM_ENDED)
		return STEP_AGAIN;
	enum stream_state was = s->state;
	set_reason(s, err, reason, false);
	/* During the handshake TLS itself has told by an alert; what is held back stays so. */
	bool handshaking = was == STREAM_HANDSHAKE || was == STREAM_GUESS;
	bool closing = was == STREAM_CLOSING || was == STREAM_CLOSING_TLS;
	if (s->handshaken && !closing && !s->in_ended)
		courtesy(tell_inside(s));
	else if (!s->handshaken && !handshaking && !closing && !s->srp_restart && !s->in_ended)
		courtesy(tell_in_clear(s));
	stream_set_deadline(s, -1);
	stream_set_state(s, STREAM_OVER);
	return STEP_AGAIN;
}

enum step stream_failed_by_peer(struct troth_stream *s, int err, const char *reason)
{
	set_reason(s, err, reason, true);
	if (!s->handshaken && s->header_sent && s->state != STREAM_HANDSHAKE)
		courtesy(stream_write_xml(s, write_close));
	stream_set_deadline(s, -1);
	stream_set_state(s, STREAM_OVER);
	return STEP_AGAIN;
}

enum step stream_step_over(struct troth_stream *s, struct troth_event *out)
{
	troth_engine_leave(&s->live);
	s->state = STREAM_ENDED; /* untraced: nothing follows the last event */
	stream_event(s, out, TROTH_EVENT_CLOSED);
	out->err = s->err;
	out->text = s->reason;
	out->by_peer = s->by_peer;
	return STEP_EVENT;
}

static const struct {
	const char *child;
	int err;
	bool secret; /* means something only where a secret is the proof */
	const char *reason;
} heard[] = {
	{"downgrade", TROTH_E_DOWNGRADE, false,
	 "The other side saw that the offers were changed on the way."},
	{"guess", TROTH_E_SECRET, true, "The two secrets differ."},
	{"budget", TROTH_E_BUDGET, true,
	 "The other side has locked the secret: too many wrong guesses."},
	{"mismatch", TROTH_E_MISMATCH, false,
	 "The other side saw another string: somebody is in between."},
	{"refused", TROTH_E_PEER_REFUSED, false, "The other side refused."},
	{"expired", TROTH_E_PEER_REFUSED, false,
	 "The other side says that our certificate has expired."},
	{"revoked", TROTH_E_PEER_REFUSED, false,
	 "The other side says that our key or certificate has been revoked."},
};

enum step stream_error_received(struct troth_stream *s, const struct troth_element *error)
{
	struct troth_stream_error read;
	if (!troth_stream_error_read(&read, error))
		return stream_failed_by_peer(s, TROTH_E_PEER_ERROR, "The other side failed.");
	char reason[sizeof s->reason];
	/* In clear anybody can say anything. */
	for (size_t i = 0; s->handshaken && i < sizeof heard / sizeof *heard; i++) {
		if (read.reason != NULL && strcmp(read.reason, heard[i].child) == 0 &&
		    (!heard[i].secret || troth_method_is_secret(s->method)))
			return stream_failed_by_peer(s, heard[i].err, heard[i].reason);
	}
	(void)snprintf(reason, sizeof reason, "The other side ended the stream: %s.",
		       troth_stream_condition_name(read.condition));
	if (read.condition == TROTH_STREAM_NOT_AUTHORIZED && s->handshaken)
		return stream_failed_by_peer(s, TROTH_E_PEER_REFUSED, "The other side refused.");
	return stream_failed_by_peer(s, TROTH_E_PEER_ERROR, reason);
}

enum step stream_timed_out(struct troth_stream *s)
{
	switch (s->state) {
	case STREAM_ASK:
		return stream_fail(s, TROTH_E_REFUSED, "Nobody answered the question in time.");
	case STREAM_CLOSING:
	case STREAM_CLOSING_TLS:
		return stream_fail(s, TROTH_E_TRUNCATED, "The peer didn't end its side in time.");
	case STREAM_VERDICT:
	case STREAM_WHO_HEADER:
	case STREAM_WHO_KEYS:
	case STREAM_GUESS:
		return stream_fail(s, TROTH_E_REFUSED,
				   "The question about this peer wasn't answered.");
	case STREAM_PROCEED:
	case STREAM_INNER_HEADER:
		return stream_fail(s, TROTH_E_TIMEOUT, "The other side didn't answer in time.");
	case STREAM_HEADER:
	case STREAM_FEATURES:
	case STREAM_REQUEST:
	case STREAM_ANSWERED:
	case STREAM_HANDSHAKE:
	case STREAM_INNER_FEATURES:
	case STREAM_TRANSCRIPT:
	case STREAM_PAKE:
	case STREAM_UP:
	case STREAM_OVER:
	case STREAM_ENDED:
		break;
	}
	return stream_fail(s, TROTH_E_TIMEOUT, "The peer took too long.");
}

enum step stream_transport_ended(struct troth_stream *s)
{
	if (s->state == STREAM_PROCEED || s->state == STREAM_REQUEST)
		return stream_fail(s, TROTH_E_TRUNCATED,
				   "The other side went away during the negotiation.");
	if (s->state == STREAM_CLOSING && s->method == TROTH_METHOD_PLAIN)
		return stream_fail(s, TROTH_E_TRUNCATED,
				   "The peer didn't end its side of the stream.");
	return stream_fail(s, TROTH_E_TRUNCATED, troth_err_text(TROTH_E_TRUNCATED));
}

/* ---- closing in order ---- */

static enum step ended_well(struct troth_stream *s)
{
	set_reason(s, TROTH_OK, "The stream has ended.", s->by_peer);
	stream_set_deadline(s, -1);
	stream_set_state(s, STREAM_OVER); /* whose step reports the end, here without an error */
	return STEP_AGAIN;
}

/* Both have said </stream:stream>: TLS ends next. */
static enum step close_tls(struct troth_stream *s)
{
	if (!s->handshaken)
		return ended_well(s);
	troth_tls_close(s->tls);
	int err = stream_tls_pump(s);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	stream_set_state(s, STREAM_CLOSING_TLS);
	stream_set_deadline(s, TROTH_TIME_CLOSE);
	return STEP_AGAIN;
}

enum step stream_close_now(struct troth_stream *s)
{
	int err = stream_write_xml(s, write_close);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	stream_set_state(s, STREAM_CLOSING);
	stream_set_deadline(s, TROTH_TIME_CLOSE);
	return STEP_AGAIN;
}

enum step stream_close_received(struct troth_stream *s)
{
	if (s->state == STREAM_CLOSING)
		return close_tls(s);
	s->by_peer = true;
	if (s->state == STREAM_UP) {
		int err = stream_write_xml(s, write_close);
		return err == TROTH_OK ? close_tls(s) : stream_fail(s, err, troth_err_text(err));
	}
	if (s->state == STREAM_REQUEST)
		return stream_failed_by_peer(s, TROTH_E_PEER_REFUSED,
					     "The other side went away when it saw our offer.");
	return stream_failed_by_peer(s, TROTH_E_PEER_REFUSED,
				     "The other side ended the negotiation.");
}

enum step stream_step_closing_tls(struct troth_stream *s, struct troth_event *out)
{
	bool more = false;
	(void)out;
	int err = stream_tls_read(s, &more);
	if (err != TROTH_OK) {
		err = err == TROTH_E_NOMEM ? err : TROTH_E_TRUNCATED;
		return stream_fail(s, err, troth_err_text(err));
	}
	if (s->tls_ended)
		return ended_well(s);
	return more ? STEP_AGAIN : STEP_WAIT;
}
