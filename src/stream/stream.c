/* SPDX-License-Identifier: MIT */
/*
 * A stream's life, its input and output, and the loop over the steps. Layer: stream.
 * Every step is a function of the state; nothing here knows what a step does.
 */
#include "stream/state.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is known of the peer ---- */

void stream_known_fini(struct stream_known *known)
{
	free(known->keys);
	free(known->cas);
	free(known->issuers);
	free(known->contact);
	free(known->question);
	troth_secret_free(known->secret);
	*known = (struct stream_known){0};
}

void stream_known_forget_secret(struct stream_known *known)
{
	troth_secret_free(known->secret);
	known->secret = NULL;
	known->view.secret = NULL;
}

int stream_known_set(struct stream_known *to, const struct troth_known *from)
{
	struct stream_known k = {.view = *from};
	if (from->key_count > 0) {
		k.keys = calloc(from->key_count, sizeof *k.keys);
		if (k.keys == NULL)
			return TROTH_E_NOMEM;
		memcpy(k.keys, from->keys, from->key_count * sizeof *k.keys);
	}
	if (from->issuer_count > 0) {
		k.issuers = calloc(from->issuer_count, sizeof *k.issuers);
		if (k.issuers == NULL) {
			stream_known_fini(&k);
			return TROTH_E_NOMEM;
		}
		memcpy(k.issuers, from->issuers, from->issuer_count * sizeof *k.issuers);
	}
	if (from->ca_count > 0) {
		k.cas = calloc(from->ca_count, sizeof *k.cas);
		if (k.cas == NULL) {
			stream_known_fini(&k);
			return TROTH_E_NOMEM;
		}
		memcpy(k.cas, from->cas, from->ca_count * sizeof *k.cas);
	}
	if ((from->contact != NULL && (k.contact = strdup(from->contact)) == NULL) ||
	    (from->question != NULL && (k.question = strdup(from->question)) == NULL)) {
		stream_known_fini(&k);
		return TROTH_E_NOMEM;
	}
	if (from->secret != NULL) {
		int err = troth_secret_copy(&k.secret, from->secret);
		if (err != TROTH_OK) {
			stream_known_fini(&k);
			return err;
		}
	}
	k.view.keys = k.keys;
	k.view.issuers = k.issuers;
	k.view.cas = k.cas;
	k.view.contact = k.contact;
	k.view.question = k.question;
	k.view.secret = k.secret;
	stream_known_fini(to);
	*to = k;
	return TROTH_OK;
}

/* "the policy `allow-plain` is on for link-local strangers": over a server there are none. */
enum troth_floor stream_floor(const struct troth_stream *s)
{
	enum troth_floor floor = troth_floor_of(&s->known.view);
	bool link = troth_address_realm(s->local) == TROTH_REALM_LINK;
	return floor == TROTH_FLOOR_PLAIN && !link ? TROTH_FLOOR_UNVERIFIED : floor;
}

struct troth_side stream_side(const struct troth_stream *s)
{
	return (struct troth_side){
		.known = &s->known.view,
		.own_name = troth_cert_name(troth_device_cert(s->engine->device)),
		.can = s->shows_sas ? s->engine->can : s->engine->can & ~TROTH_MARK_SAS,
	};
}

/* docs/protocol.md, "Offer": "for contacts only" */
const struct troth_statements *stream_statements(const struct troth_stream *s)
{
	return s->known.view.contact != NULL && s->engine->has_statements ? &s->engine->statements
									  : NULL;
}

/* ---- life ---- */

void stream_offers_free(struct stream_offers *offers)
{
	if (offers != NULL)
		troth_offer_proofs_fini(&offers->proofs);
	free(offers);
}

int stream_new_reader(struct troth_stream *s, bool authenticated)
{
	const struct troth_xml_limits clear = {TROTH_LIMIT_CLEAR_BYTES, TROTH_LIMIT_CLEAR_DEPTH,
					       TROTH_LIMIT_CLEAR_ATTRS};
	const struct troth_xml_limits inside = {s->stanza_bytes, s->stanza_depth,
						TROTH_LIMIT_STANZA_ATTRS};
	/* "PAKE and SAS 4 KiB": until the secret is proven anybody may be at the other end. */
	const struct troth_xml_limits proof = {TROTH_LIMIT_PROOF_BYTES, TROTH_LIMIT_CLEAR_DEPTH,
					       TROTH_LIMIT_CLEAR_ATTRS};
	const struct troth_xml_limits *limits = s->method == TROTH_METHOD_PAKE ? &proof : &inside;
	struct troth_xml_reader *reader;
	int err = troth_xml_reader_new(&reader, authenticated ? limits : &clear);
	if (err != TROTH_OK)
		return err;
	troth_xml_reader_free(s->reader);
	s->reader = reader;
	return TROTH_OK;
}

void stream_reader_proven(struct troth_stream *s)
{
	const struct troth_xml_limits inside = {s->stanza_bytes, s->stanza_depth,
						TROTH_LIMIT_STANZA_ATTRS};
	if (s->method == TROTH_METHOD_PAKE)
		troth_xml_reader_raise(s->reader, &inside);
}

static int init(struct troth_stream *s, const struct troth_stream_params *params)
{
	s->offers = calloc(1, sizeof *s->offers);
	if (s->offers == NULL)
		return TROTH_E_NOMEM;
	int err = troth_address_copy(&s->local, params->local);
	if (err == TROTH_OK && params->peer != NULL)
		err = troth_address_copy(&s->dialled, params->peer);
	if (err == TROTH_OK && params->known != NULL)
		err = stream_known_set(&s->known, params->known);
	if (err == TROTH_OK)
		err = troth_hash_new(&s->clear_out);
	if (err == TROTH_OK)
		err = stream_new_reader(s, false);
	if (err == TROTH_OK && params->tls_first != NULL)
		err = stream_first_init(s, params);
	return err;
}

int troth_stream_new(struct troth_stream **out, struct troth_engine *engine,
		     const struct troth_stream_params *params, int64_t now)
{
	if (engine == NULL || params->local == NULL ||
	    (params->role == TROTH_INITIATOR && params->known == NULL) ||
	    (params->tls_first != NULL && params->peer == NULL))
		return TROTH_E_INVAL;
	struct troth_stream *s = calloc(1, sizeof *s);
	if (s == NULL)
		return TROTH_E_NOMEM;
	s->engine = engine;
	s->role = params->role;
	s->trace = params->trace;
	s->shows_sas = params->sas;
	s->stanza_bytes =
		params->stanza_bytes != 0 ? params->stanza_bytes : TROTH_LIMIT_STANZA_BYTES;
	s->stanza_depth =
		params->stanza_depth != 0 ? params->stanza_depth : TROTH_LIMIT_STANZA_DEPTH;
	s->features = params->features;
	s->features_user = params->user;
	s->now = now;
	s->waiting_at = -1;
	troth_buf_init(&s->in, TROTH_LIMIT_INPUT_BYTES);
	troth_buf_init(&s->out, TROTH_LIMIT_OUTPUT_BYTES);
	troth_buf_init(&s->clear_in, TROTH_LIMIT_CLEAR_BYTES);
	troth_buf_init(&s->plain, TROTH_LIMIT_INPUT_BYTES);
	int err = init(s, params);
	if (err == TROTH_OK) {
		stream_set_state(s, STREAM_HEADER);
		stream_set_deadline(s, TROTH_TIME_HEADER);
		if (s->role == TROTH_INITIATOR) {
			s->floor = stream_floor(s);
			err = s->tls_first ? TROTH_OK : stream_begin(s);
		}
	}
	if (err != TROTH_OK) {
		troth_stream_free(s);
		return err;
	}
	*out = s;
	return TROTH_OK;
}

static void free_last_event(struct troth_stream *s)
{
	troth_stanza_free(s->stanza);
	s->stanza = NULL;
	if (s->key_list != NULL)
		troth_keyinfo_list_fini(s->key_list);
	free(s->key_list);
	s->key_list = NULL;
	free(s->peer_keys);
	s->peer_keys = NULL;
	troth_address_free(s->event_about);
	s->event_about = NULL;
}

void troth_stream_free(struct troth_stream *s)
{
	if (s == NULL)
		return;
	troth_engine_leave(&s->live);
	free_last_event(s);
	troth_stanza_free(s->pending);
	stream_trace_fini(s);
	troth_tls_free(s->tls);
	troth_xml_reader_free(s->reader);
	troth_hash_free(s->clear_out);
	troth_cpace_free(s->cpace);
	stream_sas_free(s->sas);
	stream_known_fini(&s->known);
	troth_address_free(s->local);
	troth_address_free(s->dialled);
	troth_address_free(s->peer);
	troth_address_free(s->key_about);
	troth_buf_fini(&s->in);
	troth_buf_fini(&s->out);
	troth_buf_fini(&s->clear_in);
	troth_buf_fini(&s->plain);
	stream_offers_free(s->offers);
	free(s);
}

/* ---- time and state ---- */

void stream_set_state(struct troth_stream *s, enum stream_state state)
{
	s->state = state;
	s->waiting_at = -1;
	stream_trace_state(s);
}

void stream_set_deadline(struct troth_stream *s, int64_t in_ms)
{
	s->deadline = in_ms < 0 ? -1 : s->now + in_ms;
}

int64_t troth_stream_deadline(const struct troth_stream *s)
{
	if (s->waiting_at >= 0 && (s->deadline < 0 || s->waiting_at < s->deadline))
		return s->waiting_at;
	return s->deadline;
}

const char *troth_stream_state(const struct troth_stream *s)
{
	static const char *const names[] = {
#define STATE_NAME(symbol, name) name,
		STREAM_STATES(STATE_NAME)
#undef STATE_NAME
	};
	return names[s->state];
}

/* ---- input and output ---- */

/* While a question about a peer is open, nobody reads and nobody is authenticated: what the peer
 * may leave here meanwhile is little. */
static bool is_asking(const struct troth_stream *s)
{
	return s->state == STREAM_WHO_HEADER || s->state == STREAM_WHO_KEYS ||
	       s->state == STREAM_ASK || s->state == STREAM_GUESS || s->state == STREAM_VERDICT;
}

static int take_in(struct troth_stream *s, struct troth_slice bytes)
{
	size_t held = troth_buf_len(&s->in);
	if (is_asking(s) &&
	    (held > TROTH_LIMIT_CLEAR_BYTES || bytes.len > TROTH_LIMIT_CLEAR_BYTES - held))
		return TROTH_E_LIMIT;
	return troth_buf_append_slice(&s->in, bytes);
}

void troth_stream_feed(struct troth_stream *s, struct troth_slice bytes, int64_t now)
{
	s->now = now;
	s->bulk = s->bulk || bytes.len > TROTH_LIMIT_BULK_BYTES;
	if (s->state == STREAM_ENDED || s->state == STREAM_OVER)
		return;
	int err = take_in(s, bytes);
	if (err != TROTH_OK)
		(void)stream_fail(s, err, "More arrived than is read while a question is open.");
}

void troth_stream_feed_end(struct troth_stream *s, int64_t now)
{
	s->now = now;
	s->in_ended = true;
}

struct troth_slice troth_stream_output(const struct troth_stream *s)
{
	return troth_buf_slice(&s->out);
}

void troth_stream_sent(struct troth_stream *s, size_t len)
{
	troth_buf_consume(&s->out, len);
}

int stream_write_clear(struct troth_stream *s, struct troth_slice bytes)
{
	int err = troth_hash_update(s->clear_out, bytes);
	if (err == TROTH_OK)
		err = troth_buf_append_slice(&s->out, bytes);
	return err;
}

int stream_write(struct troth_stream *s, struct troth_slice bytes)
{
	s->bulk = s->bulk || bytes.len > TROTH_LIMIT_BULK_BYTES;
	if (!s->handshaken)
		return stream_write_clear(s, bytes);
	int err = troth_tls_write(s->tls, bytes);
	return err != TROTH_OK ? err : stream_tls_pump(s);
}

int stream_write_xml(struct troth_stream *s,
		     int (*write)(struct troth_stream *, struct troth_buf *))
{
	struct troth_buf xml;
	troth_buf_init(&xml, s->stanza_bytes);
	int err = write(s, &xml);
	if (err == TROTH_OK) {
		stream_trace_xml(s, true, troth_buf_slice(&xml));
		err = stream_write(s, troth_buf_slice(&xml));
	}
	troth_buf_fini(&xml);
	return err;
}

/* ---- the loop ---- */

void stream_event(const struct troth_stream *s, struct troth_event *out, enum troth_event_type type)
{
	*out = (struct troth_event){
		.type = type,
		.address = s->peer != NULL ? s->peer : s->dialled,
		.method = s->method,
		.level = s->level,
		.transcript = s->transcript_compared,
		.cert = s->handshaken && s->tls != NULL ? troth_tls_peer(s->tls) : NULL,
		.tls = s->handshaken && s->tls != NULL ? troth_tls_describe(s->tls) : NULL,
	};
}

static enum step step(struct troth_stream *s, struct troth_event *out)
{
	switch (s->state) {
	case STREAM_HEADER:
		return stream_step_header(s, out);
	case STREAM_FEATURES:
		return stream_step_features(s, out);
	case STREAM_REQUEST:
		return stream_step_request(s, out);
	case STREAM_PROCEED:
		return stream_step_proceed(s, out);
	case STREAM_WHO_HEADER:
	case STREAM_WHO_KEYS:
	case STREAM_ASK:
	case STREAM_GUESS:
	case STREAM_VERDICT:
		return STEP_WAIT; /* for the answer */
	case STREAM_ANSWERED:
		return stream_step_answered(s, out);
	case STREAM_HANDSHAKE:
		return stream_step_handshake(s, out);
	case STREAM_INNER_HEADER:
	case STREAM_INNER_FEATURES:
	case STREAM_TRANSCRIPT:
		return stream_step_inner(s, out);
	case STREAM_PAKE:
		return stream_step_pake(s, out);
	case STREAM_UP:
	case STREAM_CLOSING:
		return stream_step_up(s, out);
	case STREAM_CLOSING_TLS:
		return stream_step_closing_tls(s, out);
	case STREAM_OVER:
		return stream_step_over(s, out);
	case STREAM_ENDED:
		return STEP_WAIT;
	}
	return STEP_WAIT;
}

static enum step overdue(struct troth_stream *s, struct troth_event *out)
{
	if (s->state == STREAM_ENDED || s->state == STREAM_OVER)
		return STEP_WAIT;
	if (s->deadline >= 0 && s->now >= s->deadline)
		return stream_timed_out(s);
	if (s->waiting_at >= 0 && s->now >= s->waiting_at) {
		s->waiting_at = -1;
		stream_event(s, out, TROTH_EVENT_WAITING);
		return STEP_EVENT;
	}
	/* Why it went is read once the verdict is there, which may take its time. */
	bool unread = s->state == STREAM_VERDICT && troth_buf_len(&s->in) > 0;
	if (s->in_ended && !unread)
		return stream_transport_ended(s);
	return STEP_WAIT;
}

/* Nothing is left to do until more arrives, which may be tomorrow. After something large more of
 * it may follow at once: then the memory stays until the next time, a ping at the latest. */
static void relax(struct troth_stream *s)
{
	if (s->bulk) {
		s->bulk = false;
		return;
	}
	troth_buf_relax(&s->out, TROTH_LIMIT_IDLE_BYTES);
	troth_buf_relax(&s->in, TROTH_LIMIT_IDLE_BYTES);
	troth_buf_relax(&s->plain, TROTH_LIMIT_IDLE_BYTES);
	troth_xml_reader_relax(s->reader);
	if (s->tls != NULL)
		troth_tls_relax(s->tls);
}

void troth_stream_next(struct troth_stream *s, int64_t now, struct troth_event *out)
{
	s->now = now;
	stream_keys_unanswered(s);
	free_last_event(s);
	for (;;) {
		if (stream_trace_next(s, out))
			return;
		enum stream_state before = s->state;
		enum step did = step(s, out);
		if (did == STEP_WAIT && s->state != before)
			continue;
		if (did == STEP_WAIT)
			did = overdue(s, out);
		if (did == STEP_WAIT && s->traces == NULL) {
			relax(s);
			*out = (struct troth_event){.type = TROTH_EVENT_NONE};
			return;
		}
		if (did == STEP_EVENT)
			return;
	}
}

/* ---- facts ---- */

enum troth_role troth_stream_role(const struct troth_stream *s)
{
	return s->role;
}

const struct troth_address *troth_stream_local(const struct troth_stream *s)
{
	return s->local;
}

const struct troth_address *troth_stream_peer(const struct troth_stream *s)
{
	return s->peer != NULL ? s->peer : s->dialled;
}

bool troth_stream_is_up(const struct troth_stream *s)
{
	return s->state == STREAM_UP;
}

enum troth_level troth_stream_level(const struct troth_stream *s)
{
	return s->level;
}

enum troth_method troth_stream_method(const struct troth_stream *s)
{
	return s->method;
}
