/* SPDX-License-Identifier: MIT */
/*
 * A stream that is up: stanzas both ways. Layer: stream. What is delivered comes from the
 * authenticated peer or isn't delivered.
 */
#include "stream/state.h"
#include "xml/element.h"

#include <string.h>

/* "from and to of what arrives are set to the authenticated addresses; a stanza that claims
 * another is refused with invalid-from" */
static int check_address(const char *text, const struct troth_address *expected)
{
	struct troth_address *address;
	if (text == NULL)
		return TROTH_OK;
	if (expected == NULL)
		return TROTH_E_ADDRESS;
	int err = troth_address_new(&address, troth_address_realm(expected), text);
	if (err != TROTH_OK)
		return err == TROTH_E_NOMEM ? err : TROTH_E_ADDRESS;
	/* One's own bare address is oneself; another resource of it is somebody else. */
	bool same = troth_address_resource(address) == NULL
			    ? troth_address_same_bare(address, expected)
			    : troth_address_same(address, expected);
	troth_address_free(address);
	return same ? TROTH_OK : TROTH_E_ADDRESS;
}

/* However the peer wrote them: what is handed out has one form. */
static void set_addresses(const struct troth_stream *s, struct troth_stanza *stanza)
{
	if (s->peer != NULL)
		troth_stanza_replace_attr(stanza, "from", troth_address_full(s->peer));
	troth_stanza_replace_attr(stanza, "to", troth_address_full(s->local));
}

static bool is_stanza(const struct troth_element *e)
{
	return troth_element_is(e, TROTH_NS_CLIENT, "message") ||
	       troth_element_is(e, TROTH_NS_CLIENT, "presence") ||
	       troth_element_is(e, TROTH_NS_CLIENT, "iq");
}

enum step stream_stanza(struct troth_stream *s, struct troth_stanza *stanza,
			struct troth_event *out)
{
	const struct troth_element *e = troth_stanza_root(stanza);
	if (troth_element_is(e, TROTH_NS_TROTH, "sas") && stream_sas_is_agreed(s)) {
		enum step did = stream_sas_element(s, e, out);
		troth_stanza_free(stanza);
		return did;
	}
	if (!is_stanza(e)) { /* "Unknown elements and attributes are ignored wherever they stand" */
		troth_stanza_free(stanza);
		return STEP_AGAIN;
	}
	int err = check_address(troth_element_attr(e, "from"), s->peer);
	if (err == TROTH_OK)
		err = check_address(troth_element_attr(e, "to"), s->local);
	if (err != TROTH_OK) {
		troth_stanza_free(stanza);
		return stream_fail(s, err,
				   err == TROTH_E_NOMEM
					   ? troth_err_text(err)
					   : "The peer sent something in somebody else's name.");
	}
	set_addresses(s, stanza);
	troth_stanza_free(s->stanza); /* one that was answered without an event */
	s->stanza = stanza;
	enum step did = stream_keys_stanza(s, e, out);
	if (did != STEP_WAIT)
		return did;
	stream_event(s, out, TROTH_EVENT_STANZA);
	out->element = e;
	return STEP_EVENT;
}

enum step stream_step_up(struct troth_stream *s, struct troth_event *out)
{
	enum step did = stream_sas_answered(s, out);
	if (did != STEP_WAIT)
		return did;
	struct troth_stanza *stanza = stream_next_element(s);
	if (stanza != NULL)
		return stream_stanza(s, stanza, out);
	if (s->tls_ended && (s->state == STREAM_UP || s->state == STREAM_CLOSING))
		return stream_fail(s, TROTH_E_TRUNCATED, "TLS ended before the stream had ended.");
	return STEP_WAIT;
}

/* ---- sending ---- */

int troth_stream_send(struct troth_stream *s, void (*write)(void *user, struct troth_writer *w),
		      void *user)
{
	struct troth_buf xml;
	struct troth_writer w;
	if (s->state != STREAM_UP)
		return TROTH_E_INVAL;
	troth_buf_init(&xml, s->stanza_bytes);
	troth_writer_init(&w, &xml, TROTH_NS_CLIENT);
	write(user, &w);
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK && troth_buf_len(&xml) > 0) {
		stream_trace_xml(s, true, troth_buf_slice(&xml));
		err = stream_write(s, troth_buf_slice(&xml));
	}
	troth_buf_fini(&xml);
	return err;
}

/* ---- ending ---- */

void troth_stream_close(struct troth_stream *s, int64_t now)
{
	s->now = now;
	if (s->state == STREAM_UP) {
		int err = TROTH_OK;
		if (s->keys_wanted && !s->keys_given)
			err = stream_send_keys(s);
		if (err != TROTH_OK)
			(void)stream_fail(s, err, "Our keys couldn't be given to the peer.");
		else
			(void)stream_close_now(s);
	} else if (s->state < STREAM_UP) {
		(void)stream_fail(s, TROTH_E_REFUSED, "Cancelled on this side.");
	}
}
