/* SPDX-License-Identifier: MIT */
/*
 * Inside TLS: the headers once more, the features, the transcript (docs/protocol.md,
 * "Transcript"). Layer: stream. The stream is reported as secured only after these.
 */
#include "stream/state.h"

#include "base/encode.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void write_transcript_element(struct troth_stream *s, struct troth_writer *w)
{
	troth_writer_open(w, TROTH_NS_TROTH, "transcript");
	troth_writer_attr(w, "algo", "sha-256");
	troth_writer_base64(w, (struct troth_slice){s->transcript, sizeof s->transcript});
	troth_writer_close(w);
}

static int write_transcript(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	write_transcript_element(s, &w);
	return troth_writer_finish(&w);
}

/* "Inside TLS the recipient always puts <transcript/> into its features" */
static int write_features(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_STREAMS, "features");
	if (!s->tls_first) /* nothing was said in clear that it could be of */
		write_transcript_element(s, &w);
	if (s->features != NULL)
		s->features(s->features_user, &w);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

/* TROTH_OK, TROTH_E_DOWNGRADE, or TROTH_E_NOMEM: no attack is cried for want of memory. */
static int compare_transcript(const struct troth_stream *s, const struct troth_element *e)
{
	const char *algo = troth_element_attr(e, "algo");
	struct troth_buf theirs;
	if (algo == NULL || strcmp(algo, "sha-256") != 0)
		return TROTH_E_DOWNGRADE;
	troth_buf_init(&theirs, TROTH_LIMIT_PROOF_BYTES);
	int err = troth_base64_decode(&theirs, troth_element_text(e));
	bool same = err == TROTH_OK && troth_buf_len(&theirs) == sizeof s->transcript &&
		    sodium_memcmp(troth_buf_slice(&theirs).data, s->transcript,
				  sizeof s->transcript) == 0;
	troth_buf_fini(&theirs);
	if (err == TROTH_E_NOMEM)
		return err;
	return same ? TROTH_OK : TROTH_E_DOWNGRADE;
}

static enum step fail_transcript(struct troth_stream *s, int err)
{
	if (err == TROTH_E_NOMEM)
		return stream_fail(s, err, troth_err_text(err));
	return stream_fail(s, TROTH_E_DOWNGRADE,
			   "What the two sides offered each other was changed on the way.");
}

enum step stream_inner_begin(struct troth_stream *s, struct troth_event *out)
{
	(void)out;
	if (s->role == TROTH_INITIATOR) {
		int err = stream_send_header(s);
		if (err != TROTH_OK)
			return stream_fail(s, err, troth_err_text(err));
		s->inner_header_sent = true;
	}
	stream_set_state(s, STREAM_INNER_HEADER);
	/* The peer may be asking its user whether our key will do. */
	stream_set_deadline(s, TROTH_TIME_ASK);
	s->waiting_at = s->now + TROTH_TIME_WAITING_NOTICE;
	return STEP_AGAIN;
}

/* TROTH_OK when text is that address, TROTH_E_NOMEM, or another error. */
static int compare_address(const char *text, const struct troth_address *expected, bool whole)
{
	struct troth_address *address;
	if (expected == NULL)
		return TROTH_E_ADDRESS;
	int err = troth_address_new(&address, troth_address_realm(expected), text);
	if (err != TROTH_OK)
		return err;
	bool same = whole ? troth_address_same(address, expected)
			  : troth_address_same_bare(address, expected);
	troth_address_free(address);
	return same ? TROTH_OK : TROTH_E_ADDRESS;
}

/* "Inside TLS the headers are checked again: same addresses as before, or <invalid-from/>." */
static int compare_header(const struct troth_stream *s, const struct troth_stream_header *h)
{
	if (troth_header_version(h) != TROTH_VERSION_1 || h->from == NULL)
		return TROTH_E_ADDRESS;
	int err = compare_address(h->from, s->peer, true);
	if (err != TROTH_OK)
		return err;
	if (h->to != NULL)
		return compare_address(h->to, s->local, false);
	return s->peer_had_to && s->role == TROTH_RECIPIENT ? TROTH_E_ADDRESS : TROTH_OK;
}

static enum step answer_header(struct troth_stream *s, struct troth_event *out)
{
	int err = stream_send_header(s);
	if (err == TROTH_OK)
		err = stream_write_xml(s, write_features);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	s->inner_header_sent = true;
	/* "The recipient waits for it only if the request carried the mark": whoever can do pake
	 * knows the profile. */
	if (s->method != TROTH_METHOD_PAKE &&
	    (!s->peer_offers || !troth_offer_has(&s->offers->theirs, TROTH_MARK_TRANSCRIPT)))
		return stream_secured(s, out);
	stream_set_state(s, STREAM_TRANSCRIPT);
	stream_set_deadline(s, TROTH_TIME_TLS);
	return STEP_AGAIN;
}

/* With TLS first there was none before: it is held against the address that was dialled, or that
 * the server named. */
static bool take_only_header(struct troth_stream *s, const struct troth_xml_item *item)
{
	if (!stream_read_header(s, item))
		return false;
	if (s->peer != NULL && s->peer_version)
		return true;
	(void)stream_fail(s, TROTH_E_ADDRESS, "The peer's header has no address.");
	return false;
}

static enum step header_compared(struct troth_stream *s, struct troth_event *out)
{
	if (s->role == TROTH_RECIPIENT)
		return answer_header(s, out);
	stream_set_state(s, STREAM_INNER_FEATURES);
	stream_set_deadline(s, TROTH_TIME_TLS);
	return STEP_AGAIN;
}

static enum step inner_header(struct troth_stream *s, struct troth_event *out)
{
	struct troth_xml_item item;
	struct troth_stream_header header;
	if (!stream_next_item(s, &item))
		return STEP_WAIT;
	if (s->tls_first)
		return take_only_header(s, &item) ? header_compared(s, out) : STEP_AGAIN;
	bool is_header =
		item.kind == TROTH_XML_OPEN && troth_header_read(&header, item.stanza) == TROTH_OK;
	int err = is_header ? compare_header(s, &header) : TROTH_OK;
	troth_stanza_free(item.stanza);
	if (!is_header)
		return stream_fail(s, TROTH_E_PROTOCOL, "The peer began no new stream inside TLS.");
	if (err == TROTH_E_NOMEM)
		return stream_fail(s, err, troth_err_text(err));
	if (err != TROTH_OK)
		return stream_fail(s, TROTH_E_ADDRESS,
				   "The peer gave another address inside TLS than before.");
	return header_compared(s, out);
}

/* Both sides have said the same in clear. */
static enum step compared(struct troth_stream *s, struct troth_event *out)
{
	return s->method == TROTH_METHOD_PAKE ? stream_pake_begin(s) : stream_secured(s, out);
}

static enum step inner_features(struct troth_stream *s, struct troth_event *out)
{
	struct troth_stanza *stanza = stream_next_element(s);
	if (stanza == NULL)
		return STEP_WAIT;
	const struct troth_element *e = troth_stanza_root(stanza);
	const struct troth_element *transcript =
		troth_element_child(e, TROTH_NS_TROTH, "transcript");
	bool features = troth_element_is(e, TROTH_NS_STREAMS, "features");
	/* A value of nothing, or of something else, isn't compared with anything. */
	bool sent = features && transcript != NULL && !s->tls_first;
	int err = sent ? compare_transcript(s, transcript) : TROTH_OK;
	troth_stanza_free(stanza);
	if (!features)
		return stream_fail(s, TROTH_E_PROTOCOL, "The peer sent no features inside TLS.");
	/* A mark that was shown in clear and isn't honoured inside was put there by somebody else.
	 */
	bool marked =
		s->method == TROTH_METHOD_PAKE ||
		(s->peer_offers && troth_offer_has(&s->offers->theirs, TROTH_MARK_TRANSCRIPT));
	if (marked && !sent)
		err = TROTH_E_DOWNGRADE;
	if (err != TROTH_OK)
		return fail_transcript(s, err);
	s->transcript_compared = sent;
	if (sent) {
		err = stream_write_xml(s, write_transcript);
		if (err != TROTH_OK)
			return stream_fail(s, err, troth_err_text(err));
	}
	return compared(s, out);
}

static enum step peer_transcript(struct troth_stream *s, struct troth_event *out)
{
	struct troth_stanza *stanza = stream_next_element(s);
	if (stanza == NULL)
		return STEP_WAIT;
	const struct troth_element *e = troth_stanza_root(stanza);
	int err = TROTH_E_DOWNGRADE;
	if (troth_element_is(e, TROTH_NS_TROTH, "transcript"))
		err = compare_transcript(s, e);
	troth_stanza_free(stanza);
	if (err != TROTH_OK)
		return fail_transcript(s, err);
	s->transcript_compared = true;
	return compared(s, out);
}

enum step stream_step_inner(struct troth_stream *s, struct troth_event *out)
{
	if (s->state == STREAM_INNER_HEADER)
		return inner_header(s, out);
	if (s->state == STREAM_INNER_FEATURES)
		return inner_features(s, out);
	return peer_transcript(s, out);
}

enum step stream_secured(struct troth_stream *s, struct troth_event *out)
{
	stream_set_state(s, STREAM_UP);
	stream_set_deadline(s, -1);
	s->sas_agreed = s->peer_offers &&
			(s->offers->ours.marks & s->offers->theirs.marks & TROTH_MARK_SAS) != 0;
	stream_offers_free(s->offers); /* they have done their work; the stream may last days */
	s->offers = NULL;
	stream_reader_proven(s);
	if (s->method == TROTH_METHOD_SRP && s->level == TROTH_LEVEL_VERIFIED) {
		/* docs/protocol.md, "TLS": after SRP the keys are exchanged, with possession. */
		s->keys_wanted = true;
		int err = stream_ask_keys(s);
		if (err != TROTH_OK)
			return stream_fail(s, err, troth_err_text(err));
	}
	stream_event(s, out, TROTH_EVENT_SECURED);
	return STEP_EVENT;
}
