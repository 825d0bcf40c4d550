/* SPDX-License-Identifier: MIT */
/*
 * Before TLS, behind the headers: features, request, proceed (XEP-0250 3.3). Layer: stream.
 * Nothing that is read here is believed: it selects, and the transcript covers it.
 */
#include "keys/chain.h"
#include "stream/state.h"

#include <stdio.h>
#include <string.h>

/* ---- writing ---- */

/* Effect: an offer of ours, with what a contact may know beside it. A proceed says the one key by
 * which it goes on, and not the user key above it. */
static void write_offer(const struct troth_stream *s, struct troth_writer *w,
			const struct troth_offer *offer, bool proceed)
{
	const struct troth_statements *all = stream_statements(s);
	struct troth_statements said = all != NULL ? *all : (struct troth_statements){0};
	if (proceed)
		said.user_key = NULL;
	struct troth_pin cas[TROTH_LIMIT_CHAIN_CERTS];
	const struct troth_offer_own own = {
		.cert = troth_device_cert(s->engine->device),
		.statements = all != NULL ? &said : NULL,
		.cas = cas,
		.ca_count = all != NULL ? troth_device_cas(s->engine->device, cas) : 0,
	};
	struct troth_offer with = *offer;
	/* Only where the secret may be what it comes to; and not in a proceed, when it is known. */
	if (!proceed && (offer->marks & (TROTH_MARK_SRP | TROTH_MARK_PAKE)) != 0)
		with.question = s->known.view.question;
	troth_offer_write(w, &with, own.statements != NULL ? &own : NULL);
}

static int write_features(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_STREAMS, "features");
	troth_writer_open(&w, TROTH_NS_TLS, "starttls");
	/* docs/protocol.md, "Stream": <required/> unless plain old peers are allowed. */
	if (!troth_floor_admits(s->floor, TROTH_METHOD_PLAIN))
		troth_writer_leaf(&w, TROTH_NS_TLS, "required", NULL);
	write_offer(s, &w, &s->offers->ours, false);
	troth_writer_close(&w);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

static int write_request(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_TLS, "starttls");
	if (s->eager || s->peer_offers)
		write_offer(s, &w, &s->offers->ours, false);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

static int write_proceed(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_offer offer = {.marks = troth_method_mark(s->method)};
	struct troth_writer w;
	if (s->method == TROTH_METHOD_KEY)
		memcpy(offer.names[offer.name_count++], stream_side(s).own_name,
		       TROTH_NAME_LEN + 1);
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_TLS, "proceed");
	/* Who calls is known only now: the features couldn't say who endorses our key. */
	if (s->peer_offers)
		write_offer(s, &w, &offer, true);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

/* ---- reading ---- */

/* "Bytes in clear after <starttls/> or <proceed/> are fatal." */
bool stream_crosses_line(const struct troth_stream *s)
{
	return troth_buf_len(&s->in) > 0 ||
	       troth_xml_reader_offset(s->reader) != troth_buf_len(&s->clear_in);
}

enum step stream_fail_crossing(struct troth_stream *s)
{
	return stream_fail(s, TROTH_E_PROTOCOL,
			   "The peer sent more in clear where only TLS may follow.");
}

/* Effect: the names of those who endorse, each once, for events. */
static void list_issuers(struct stream_offers *o)
{
	struct troth_offer seen = {.name_count = 0};
	for (size_t i = 0; i < o->proofs.count; i++) {
		const struct troth_endorsement_list *list = &o->proofs.items[i].endorsements;
		for (size_t k = 0; k < list->count; k++) {
			const char *name = list->items[k]->issuer_name;
			if (troth_offer_has_name(&seen, name))
				continue;
			if (troth_offer_add_name(&seen, name) != TROTH_OK)
				return; /* nobody has that many */
			o->by[o->issuer_count] = list->items[k];
			o->issuers[o->issuer_count++] = name;
		}
	}
}

/* Effect: an <offer/> of the peer, and its names for events. */
static int read_offer(struct troth_stream *s, const struct troth_element *parent)
{
	struct stream_offers *o = s->offers;
	const struct troth_element *offer = troth_element_child(parent, TROTH_NS_C2C, "offer");
	s->peer_offers = offer != NULL;
	if (offer == NULL)
		return TROTH_OK;
	int err = troth_offer_read(&o->theirs, offer);
	if (err == TROTH_OK)
		err = troth_offer_proofs_read(&o->proofs, offer);
	if (err != TROTH_OK)
		return err;
	const char *question = troth_offer_read_question(offer);
	(void)snprintf(o->question, sizeof o->question, "%s", question != NULL ? question : "");
	o->theirs.proofs = &o->proofs;
	for (size_t i = 0; i < o->theirs.name_count; i++)
		o->names[i] = o->theirs.names[i];
	list_issuers(o);
	return TROTH_OK;
}

static enum step fail_offer(struct troth_stream *s, int err)
{
	return stream_fail(s, err,
			   err == TROTH_E_LIMIT ? "The peer's offer is too large."
						: troth_err_text(err));
}

enum step stream_ask_who(struct troth_stream *s, struct troth_event *out, enum stream_state state)
{
	stream_set_state(s, state);
	stream_set_deadline(s, TROTH_TIME_TLS);
	stream_event(s, out, TROTH_EVENT_WHO);
	out->names = s->offers->names;
	out->name_count = s->offers->theirs.name_count;
	out->issuers = s->offers->issuers;
	out->issuer_count = s->offers->issuer_count;
	out->endorsements = s->offers->by;
	out->endorsement_count = s->offers->issuer_count;
	return STEP_EVENT;
}

/* Recipient: it is known now who may be calling. */
enum step stream_known_header(struct troth_stream *s, struct troth_event *out)
{
	s->floor = stream_floor(s);
	if (!s->peer_version && !troth_floor_admits(s->floor, TROTH_METHOD_PLAIN))
		return stream_fail(s, TROTH_E_NO_TLS, "The peer's program is too old to encrypt.");
	struct troth_side us = stream_side(s);
	troth_choose_features(&s->offers->ours, &us);
	int err = stream_send_header(s);
	if (err == TROTH_OK && s->peer_version)
		err = stream_write_xml(s, write_features);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	if (!s->peer_version)
		return stream_plain(s, out);
	stream_set_state(s, STREAM_REQUEST);
	stream_set_deadline(s, TROTH_TIME_TLS);
	return STEP_AGAIN;
}

/* ---- initiator ---- */

static bool has_proven_key(const struct troth_known *known)
{
	for (size_t i = 0; i < known->key_count; i++) {
		if (known->keys[i].proven && !known->keys[i].revoked)
			return true;
	}
	return false;
}

int stream_begin(struct troth_stream *s)
{
	struct troth_side us = stream_side(s);
	int err = stream_send_header(s);
	if (err != TROTH_OK || s->floor != TROTH_FLOOR_KEYS || !has_proven_key(&s->known.view))
		return err;
	/* "An initiator that holds a pin for the contact may send header and request in one flight"
	 */
	memcpy(s->offers->ours.names[s->offers->ours.name_count++], us.own_name,
	       TROTH_NAME_LEN + 1);
	s->offers->ours.marks = TROTH_MARK_TRANSCRIPT;
	s->eager = s->requested = true;
	return stream_write_xml(s, write_request);
}

static enum step await_proceed(struct troth_stream *s)
{
	bool secret = (s->offers->ours.marks & (TROTH_MARK_SRP | TROTH_MARK_PAKE)) != 0;
	stream_set_state(s, STREAM_PROCEED);
	stream_set_deadline(s, secret ? TROTH_TIME_ASK : TROTH_TIME_TLS);
	if (secret)
		s->waiting_at = s->now + TROTH_TIME_WAITING_NOTICE;
	return STEP_AGAIN;
}

enum step stream_fail_choice(struct troth_stream *s, int err)
{
	if (err == TROTH_E_KEY_CHANGED)
		return stream_fail(s, err,
				   "The peer doesn't show the key that this contact is known by.");
	if (err == TROTH_E_FLOOR)
		return stream_fail(s, err, "The peer can't prove itself by a shared secret now.");
	if (s->known.view.may_try && !troth_may_try(&s->known.view, &s->offers->theirs))
		return stream_fail(s, err, STREAM_NO_CA);
	return stream_fail(s, err, "There is no proof of identity that both sides can check.");
}

/* Initiator: the features, and who they may be of, are known. */
static enum step request(struct troth_stream *s)
{
	struct troth_side us = stream_side(s);
	int err = TROTH_OK;
	if (s->eager) {
		/* The request has left: was it the one that these features ask for? */
		s->new_key = s->peer_offers && !troth_can_verify(us.known, &s->offers->theirs);
		if (s->new_key && !troth_may_be_new(us.known, &s->offers->theirs))
			return stream_fail_choice(s, TROTH_E_KEY_CHANGED);
		return await_proceed(s);
	}
	if (s->peer_offers)
		err = troth_choose_request(&s->offers->ours, &us, &s->offers->theirs);
	else
		err = troth_choose_without_offers(&s->method, &us);
	if (err != TROTH_OK)
		return stream_fail_choice(s, err);
	s->requested = true;
	err = stream_write_xml(s, write_request);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	return await_proceed(s);
}

enum step stream_step_features(struct troth_stream *s, struct troth_event *out)
{
	struct troth_stanza *stanza = stream_next_element(s);
	if (stanza == NULL)
		return STEP_WAIT;
	const struct troth_element *e = troth_stanza_root(stanza);
	const struct troth_element *tls = troth_element_child(e, TROTH_NS_TLS, "starttls");
	bool features = troth_element_is(e, TROTH_NS_STREAMS, "features");
	int err = tls != NULL ? read_offer(s, tls) : TROTH_OK;
	troth_stanza_free(stanza);
	if (!features)
		return stream_fail(s, TROTH_E_PROTOCOL,
				   "The peer sent something else than its features.");
	if (err != TROTH_OK)
		return fail_offer(s, err);
	if (tls == NULL)
		return stream_plain(s, out);
	if (s->known.view.contact == NULL && s->offers->theirs.name_count > 0)
		return stream_ask_who(s, out, STREAM_WHO_KEYS);
	return request(s);
}

/* ---- recipient ---- */

enum step stream_step_request(struct troth_stream *s, struct troth_event *out)
{
	struct troth_stanza *stanza = stream_next_element(s);
	if (stanza == NULL)
		return STEP_WAIT;
	const struct troth_element *e = troth_stanza_root(stanza);
	if (!troth_element_is(e, TROTH_NS_TLS, "starttls")) {
		if (troth_floor_admits(s->floor, TROTH_METHOD_PLAIN))
			return stream_plain_stanza(s, stanza, out);
		troth_stanza_free(stanza);
		return stream_fail(s, TROTH_E_NO_TLS, "The peer wants to talk without encryption.");
	}
	s->requested = true;
	int err = read_offer(s, e);
	troth_stanza_free(stanza);
	if (err != TROTH_OK)
		return fail_offer(s, err);
	if (stream_crosses_line(s))
		return stream_fail_crossing(s);
	return stream_ask_who(s, out, STREAM_WHO_KEYS);
}

/* Recipient: the keys that the peer names have been looked up. */
enum step stream_known_keys(struct troth_stream *s, struct troth_event *out)
{
	int err;
	enum troth_floor floor = stream_floor(s);
	/* "Before the first byte each side fixes the least it takes": a key's name is a claim, and
	 * may narrow what is taken, but not widen it. */
	if (troth_floor_admits(floor, TROTH_METHOD_INSECURE) &&
	    !troth_floor_admits(s->floor, TROTH_METHOD_INSECURE))
		return stream_fail_choice(s, TROTH_E_FLOOR);
	s->floor = floor;
	if (s->tls_first)
		return stream_first_known(s, out);
	if (s->role == TROTH_INITIATOR)
		return request(s);
	struct troth_side us = stream_side(s);
	if (s->peer_offers)
		err = troth_choose_proceed(&s->method, &us, &s->offers->ours, &s->offers->theirs);
	else
		err = troth_choose_without_offers(&s->method, &us);
	if (err != TROTH_OK)
		return stream_fail_choice(s, err);
	return stream_have_method(s, out);
}

/* ---- both: the method is chosen ---- */

/* "When only a secret is possible, the side that lacks it asks its user before it commits" */
enum step stream_have_method(struct troth_stream *s, struct troth_event *out)
{
	if (!troth_method_is_secret(s->method) || s->known.view.secret != NULL)
		return stream_have_secret(s, out);
	if (!s->known.view.may_ask)
		return stream_fail_choice(s, TROTH_E_NO_METHOD);
	stream_set_state(s, STREAM_ASK);
	/* The peer waits for TROTH_TIME_ASK and cuts the line then: who was asked is told
	 * why, and so is the peer. */
	stream_set_deadline(s, TROTH_TIME_ANSWER);
	stream_event(s, out, TROTH_EVENT_ASK_SECRET);
	out->text = s->offers->question[0] != 0 ? s->offers->question : NULL;
	return STEP_EVENT;
}

enum step stream_have_secret(struct troth_stream *s, struct troth_event *out)
{
	if (s->tls_first) /* there is no line: all that comes is for TLS */
		return stream_start_tls(s, out);
	if (!s->srp_restart &&
	    stream_crosses_line(s)) /* begun again, the line was crossed before */
		return stream_fail_crossing(s);
	if (s->role == TROTH_RECIPIENT) {
		int err = stream_write_xml(s, write_proceed);
		if (err != TROTH_OK)
			return stream_fail(s, err, troth_err_text(err));
	}
	return stream_start_tls(s, out);
}
