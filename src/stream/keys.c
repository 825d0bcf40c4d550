/* SPDX-License-Identifier: MIT */
/*
 * Keys on a stream (XEP-0189 v0.8 "Requesting" and "Sending", docs/protocol.md "Keys about
 * keys"): our own are given to a verified peer, the peer's are asked for and reported.
 * Layer: stream. Nothing here trusts a key: it is an event.
 */
#include "stream/state.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct troth_possession_context stream_possession(const struct troth_stream *s, bool own)
{
	return (struct troth_possession_context){
		.initiator = (s->role == TROTH_INITIATOR) == own,
		.address = troth_address_full(own ? s->local : s->peer),
		.exporter = s->live.exporter,
	};
}

/* ---- asking ---- */

static int write_request(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(&w, "type", "get");
	troth_writer_attr(&w, "id", s->key_request);
	troth_writer_attr(&w, "from", troth_address_full(s->local));
	troth_writer_attr(&w, "to", troth_address_full(s->peer));
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	troth_writer_attr(&w, "jid",
			  s->key_about != NULL ? troth_address_full(s->key_about) : NULL);
	troth_writer_close(&w);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

int stream_ask_keys(struct troth_stream *s)
{
	uint8_t random[(sizeof s->key_request - 1) / 2];
	int err = troth_engine_random(s->engine, random, sizeof random);
	if (err != TROTH_OK)
		return err;
	sodium_bin2hex(s->key_request, sizeof s->key_request, random, sizeof random);
	return stream_write_xml(s, write_request);
}

static bool can_ask(const struct troth_stream *s)
{
	return s->state == STREAM_UP && s->level == TROTH_LEVEL_VERIFIED && s->key_request[0] == 0;
}

int troth_stream_request_keys(struct troth_stream *s)
{
	return can_ask(s) ? stream_ask_keys(s) : TROTH_E_INVAL;
}

int troth_stream_request_keys_of(struct troth_stream *s, const char *jid)
{
	if (!can_ask(s))
		return TROTH_E_INVAL;
	int err = troth_address_new(&s->key_about, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK) {
		s->key_about = NULL;
		return err == TROTH_E_NOMEM ? err : TROTH_E_INVAL;
	}
	err = stream_ask_keys(s);
	if (err != TROTH_OK) {
		troth_address_free(s->key_about);
		s->key_about = NULL;
		s->key_request[0] = 0;
	}
	return err;
}

/* ---- giving ---- */

static int write_own(struct troth_stream *s, struct troth_writer *w, bool stated)
{
	struct troth_possession_context self = stream_possession(s, true);
	const struct troth_statements *statements =
		stated && s->engine->has_statements ? &s->engine->statements : NULL;
	int err = troth_keyinfo_write_own(w, s->engine->device, s->has_exporter ? &self : NULL,
					  statements);
	troth_keyinfo_write_further(w, statements);
	return err;
}

static int write_push(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_CLIENT, "message");
	troth_writer_attr(&w, "from", troth_address_full(s->local));
	troth_writer_attr(&w, "to", troth_address_full(s->peer));
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	/* Unasked: after a secret, or because the application wants this peer to know. */
	int err = write_own(s, &w, true);
	troth_writer_close(&w);
	troth_writer_close(&w);
	int finished = troth_writer_finish(&w);
	return err != TROTH_OK ? err : finished;
}

int stream_send_keys(struct troth_stream *s)
{
	int err = stream_write_xml(s, write_push);
	if (err == TROTH_OK)
		s->keys_given = true;
	return err;
}

int troth_stream_push_keys(struct troth_stream *s)
{
	if (s->state != STREAM_UP || s->level != TROTH_LEVEL_VERIFIED)
		return TROTH_E_INVAL;
	return stream_send_keys(s);
}

/* Whether a request names keys (<fprint/>) and ours isn't among them. */
static bool wants_others(const struct troth_stream *s, const struct troth_element *pubkeys)
{
	const char *own = troth_cert_name(troth_device_cert(s->engine->device));
	const struct troth_element *e = troth_element_child(pubkeys, TROTH_NS_PUBKEY, "fprint");
	bool named = e != NULL;
	for (; e != NULL; e = troth_element_next(e)) {
		if (troth_element_is(e, TROTH_NS_PUBKEY, "fprint") &&
		    strcmp(troth_element_text(e), own) == 0)
			return false;
	}
	return named;
}

/* "Statements are for contacts": whoever proved a secret becomes one, also where it has no name
 * yet; whom only a CA knows is none. */
static bool is_contact(const struct troth_stream *s)
{
	return s->named || troth_method_is_secret(s->method);
}

/* XEP-0189 6: "The other entity MUST make a careful access control decision before returning
 * only those public keys for which it holds the corresponding private key" */
static int write_answer(struct troth_stream *s, struct troth_buf *xml)
{
	const struct troth_element *request = troth_stanza_root(s->stanza);
	const struct troth_element *pubkeys =
		troth_element_child(request, TROTH_NS_PUBKEY, "pubkeys");
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	if (s->level != TROTH_LEVEL_VERIFIED) {
		troth_iq_error(&w, request, TROTH_STANZA_SERVICE_UNAVAILABLE);
		return troth_writer_finish(&w);
	}
	int err = TROTH_OK;
	troth_iq_result_open(&w, request);
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	if (!wants_others(s, pubkeys))
		err = write_own(s, &w, is_contact(s));
	troth_writer_close(&w);
	troth_writer_close(&w);
	int finished = troth_writer_finish(&w);
	return err != TROTH_OK ? err : finished;
}

/* ---- somebody else's ---- */

static int write_not_found(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_iq_error(&w, troth_stanza_root(s->stanza), TROTH_STANZA_ITEM_NOT_FOUND);
	return troth_writer_finish(&w);
}

void stream_keys_unanswered(struct troth_stream *s)
{
	if (!s->keys_asked_of_us)
		return;
	s->keys_asked_of_us = false;
	if (s->state != STREAM_UP)
		return;
	int err = stream_write_xml(s, write_not_found);
	if (err != TROTH_OK)
		(void)stream_fail(s, err, troth_err_text(err));
}

/* Whether and for whom we vouch is the user's to say: the application is asked. */
static enum step answer_about(struct troth_stream *s, const char *jid, struct troth_event *out)
{
	s->keys_asked_of_us = true;
	int err = troth_address_new(&s->event_about, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK) {
		s->event_about = NULL;
		stream_keys_unanswered(s);
		return STEP_AGAIN;
	}
	stream_event(s, out, TROTH_EVENT_KEYS_WANTED);
	out->about = s->event_about;
	return STEP_EVENT;
}

int troth_stream_give_keys(struct troth_stream *s, const struct troth_stated_key *keys,
			   size_t count)
{
	struct troth_buf xml;
	struct troth_writer w;
	if (!s->keys_asked_of_us || s->state != STREAM_UP)
		return TROTH_E_INVAL;
	if (count > TROTH_LIMIT_STANZA_KEYS)
		return TROTH_E_LIMIT;
	troth_buf_init(&xml, s->stanza_bytes);
	troth_writer_init(&w, &xml, TROTH_NS_CLIENT);
	troth_iq_result_open(&w, troth_stanza_root(s->stanza));
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	troth_writer_attr(&w, "jid", troth_address_full(s->event_about));
	for (size_t i = 0; i < count; i++)
		troth_keyinfo_write(&w, &keys[i]);
	troth_writer_close(&w);
	troth_writer_close(&w);
	int err = troth_writer_finish(&w);
	if (err == TROTH_OK) {
		stream_trace_xml(s, true, troth_buf_slice(&xml));
		err = stream_write(s, troth_buf_slice(&xml));
	}
	troth_buf_fini(&xml);
	s->keys_asked_of_us = err != TROTH_OK;
	return err;
}

/* ---- answering ---- */

static enum step answer(struct troth_stream *s, const char *jid, struct troth_event *out)
{
	if (s->state != STREAM_UP) /* our side has ended already */
		return STEP_AGAIN;
	if (troth_buf_len(&s->out) > TROTH_LIMIT_ANSWERS_BYTES)
		return stream_fail(s, TROTH_E_LIMIT, "The peer asks and doesn't read the answers.");
	if (jid != NULL && s->level == TROTH_LEVEL_VERIFIED)
		return answer_about(s, jid, out);
	int err = stream_write_xml(s, write_answer);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	if (s->level == TROTH_LEVEL_VERIFIED)
		s->keys_given = true;
	return STEP_AGAIN;
}

/* ---- which stanza is about keys ---- */

/* "Keys are asked for, and accepted, only on a verified stream, for an open request of ours
 * with matching id and from." The address was checked with the stanza. */
static bool is_our_answer(const struct troth_stream *s, const struct troth_element *iq)
{
	const char *id = troth_element_attr(iq, "id");
	const char *type = troth_element_attr(iq, "type");
	return s->key_request[0] != 0 && s->level == TROTH_LEVEL_VERIFIED && id != NULL &&
	       strcmp(id, s->key_request) == 0 && type != NULL &&
	       (strcmp(type, "result") == 0 || strcmp(type, "error") == 0);
}

enum step stream_keys_stanza(struct troth_stream *s, const struct troth_element *e,
			     struct troth_event *out)
{
	const struct troth_element *pubkeys = troth_element_child(e, TROTH_NS_PUBKEY, "pubkeys");
	const char *type = troth_element_attr(e, "type");
	if (troth_element_is(e, TROTH_NS_CLIENT, "iq")) {
		if (is_our_answer(s, e))
			return stream_keys_event(s, strcmp(type, "result") == 0 ? pubkeys : NULL,
						 true, out);
		if (pubkeys != NULL && type != NULL && strcmp(type, "get") == 0)
			return answer(s, troth_element_attr(pubkeys, "jid"), out);
		return STEP_WAIT;
	}
	if (pubkeys == NULL || !troth_element_is(e, TROTH_NS_CLIENT, "message") ||
	    troth_element_attr(pubkeys, "jid") != NULL)
		return STEP_WAIT;
	/* "on a fresh srp stream a <message> with the sender's own keys counts as the answer" */
	if (s->keys_wanted && !s->keys_wanted_done)
		return stream_keys_event(s, pubkeys, true, out);
	/* A key's own stream is where it may say what has changed. */
	if (s->method == TROTH_METHOD_KEY && s->level == TROTH_LEVEL_VERIFIED)
		return stream_keys_event(s, pubkeys, false, out);
	return STEP_WAIT;
}
