/* SPDX-License-Identifier: MIT */
/*
 * Keys on a stream (XEP-0189 v0.8 "Requesting" and "Sending", docs/protocol.md "Keys about
 * keys"): our own are given to a verified peer, the peer's are asked for and reported.
 * Layer: stream. Nothing here trusts a key: it is an event.
 */
#include "stream/state.h"

#include "keys/keyinfo.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static struct troth_possession_context context(const struct troth_stream *s, bool own)
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
	troth_writer_leaf(&w, TROTH_NS_PUBKEY, "pubkeys", NULL);
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

int troth_stream_request_keys(struct troth_stream *s)
{
	if (s->state != STREAM_UP || s->level != TROTH_LEVEL_VERIFIED || s->key_request[0] != 0)
		return TROTH_E_INVAL;
	return stream_ask_keys(s);
}

/* ---- giving ---- */

static int write_own(struct troth_stream *s, struct troth_writer *w)
{
	struct troth_possession_context self = context(s, true);
	return troth_keyinfo_write_own(w, s->engine->device, s->has_exporter ? &self : NULL);
}

static int write_push(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_CLIENT, "message");
	troth_writer_attr(&w, "from", troth_address_full(s->local));
	troth_writer_attr(&w, "to", troth_address_full(s->peer));
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	int err = write_own(s, &w);
	troth_writer_close(&w);
	troth_writer_close(&w);
	int finished = troth_writer_finish(&w);
	return err != TROTH_OK ? err : finished;
}

int stream_push_keys(struct troth_stream *s)
{
	int err = stream_write_xml(s, write_push);
	if (err == TROTH_OK)
		s->keys_given = true;
	return err;
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
	if (troth_element_attr(pubkeys, "jid") != NULL) { /* we vouch for nobody */
		troth_iq_error(&w, request, TROTH_STANZA_ITEM_NOT_FOUND);
		return troth_writer_finish(&w);
	}
	int err = TROTH_OK;
	troth_iq_result_open(&w, request);
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	if (!wants_others(s, pubkeys))
		err = write_own(s, &w);
	troth_writer_close(&w);
	troth_writer_close(&w);
	int finished = troth_writer_finish(&w);
	return err != TROTH_OK ? err : finished;
}

static enum step answer(struct troth_stream *s)
{
	if (s->state != STREAM_UP) /* our side has ended already */
		return STEP_AGAIN;
	if (troth_buf_len(&s->out) > TROTH_LIMIT_ANSWERS_BYTES)
		return stream_fail(s, TROTH_E_LIMIT, "The peer asks and doesn't read the answers.");
	int err = stream_write_xml(s, write_answer);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	if (s->level == TROTH_LEVEL_VERIFIED)
		s->keys_given = true;
	return STEP_AGAIN;
}

/* ---- receiving ---- */

static int read_keys(struct troth_stream *s, const struct troth_element *pubkeys)
{
	struct troth_possession_context signer = context(s, false);
	s->key_list = calloc(1, sizeof *s->key_list);
	if (s->key_list == NULL)
		return TROTH_E_NOMEM;
	int err = troth_keyinfo_read(s->key_list, pubkeys, s->has_exporter ? &signer : NULL);
	if (err != TROTH_OK) {
		free(s->key_list);
		s->key_list = NULL;
		return err;
	}
	if (s->key_list->count == 0)
		return TROTH_OK;
	s->peer_keys = calloc(s->key_list->count, sizeof *s->peer_keys);
	return s->peer_keys != NULL ? TROTH_OK : TROTH_E_NOMEM;
}

static enum step keys_event(struct troth_stream *s, const struct troth_element *pubkeys,
			    struct troth_event *out)
{
	s->key_request[0] = 0;
	s->keys_wanted_done = true;
	stream_event(s, out, TROTH_EVENT_KEYS);
	if (pubkeys == NULL) /* a peer that doesn't know XEP-0189: no failure */
		return STEP_EVENT;
	int err = read_keys(s, pubkeys);
	if (err != TROTH_OK)
		return stream_fail(s, err, "The peer's keys can't be used.");
	for (size_t i = 0; i < s->key_list->count; i++) {
		const struct troth_keyinfo *k = &s->key_list->items[i];
		if (k->cert != NULL)
			s->peer_keys[out->key_count++] =
				(struct troth_peer_key){.cert = k->cert, .possessed = k->possessed};
	}
	out->keys = s->peer_keys;
	return STEP_EVENT;
}

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
			return keys_event(s, strcmp(type, "result") == 0 ? pubkeys : NULL, out);
		if (pubkeys != NULL && type != NULL && strcmp(type, "get") == 0)
			return answer(s);
		return STEP_WAIT;
	}
	/* "on a fresh srp stream a <message> with the sender's own keys counts as the answer" */
	if (pubkeys != NULL && s->keys_wanted && !s->keys_wanted_done &&
	    troth_element_is(e, TROTH_NS_CLIENT, "message") &&
	    troth_element_attr(pubkeys, "jid") == NULL)
		return keys_event(s, pubkeys, out);
	return STEP_WAIT;
}
