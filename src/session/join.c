/* SPDX-License-Identifier: MIT */
/*
 * Becoming another device of the same person (docs/protocol.md, "A further device"): our own user
 * key's word for this device, and contacts on its word. Layer: session. add.c is the other side.
 *
 * Nothing of it is taken without the user's consent, which names the contact that may offer it.
 */
#include "session/state.h"
#include "session/statements.h"

#include "base/encode.h"
#include "base/slice.h"
#include "session/label.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <string.h>

/* ---- answering ---- */

static void write_answer(void *user, struct troth_writer *w)
{
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_leaf(w, TROTH_NS_TROTH, user, NULL);
	troth_writer_close(w);
}

static void answer(struct link *l, const char *what)
{
	if (troth_stream_send(l->stream, write_answer, (void *)what) != TROTH_OK)
		news_warn(l->session, l, "The other device couldn't be answered.");
}

static void tell(struct link *l, enum troth_news_type type, int err, const char *text)
{
	struct troth_news n = news_of(l, type);
	n.err = err;
	n.text = text;
	news(l->session, &n);
}

static void refuse(struct link *l, int err, const char *text)
{
	l->joining = false;
	answer(l, "join-refused");
	tell(l, TROTH_NEWS_JOIN_FAILED, err, text);
}

/* ---- reading ---- */

static int read_cert(const struct troth_element *e, struct troth_cert **out)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	if (e == NULL)
		return TROTH_E_FORMAT;
	troth_buf_init(&der, TROTH_STORE_BLOB_MAX);
	int err = troth_base64_decode(&der, troth_element_text(e));
	return err == TROTH_OK ? troth_cert_new(out, troth_buf_slice(&der)) : err;
}

/* What both elements have: a certificate, and our user key's word for some key. */
struct offered {
	struct troth_cert *cert;
	struct troth_endorsement *endorsement;
};

static void offered_fini(struct offered *o)
{
	troth_cert_free(o->cert);
	troth_endorsement_free(o->endorsement);
}

static int offered_read(struct offered *out, const struct troth_element *e, const char *key)
{
	const struct troth_element *signature =
		troth_element_child(e, TROTH_NS_PUBKEY, "signature");
	int err = read_cert(troth_element_child(e, TROTH_NS_TROTH, key), &out->cert);
	if (err == TROTH_OK && signature == NULL)
		err = TROTH_E_FORMAT;
	return err == TROTH_OK ? troth_endorsement_read(&out->endorsement, signature) : err;
}

/* ---- the user key ---- */

static bool has_another(const struct troth_session *s, const struct troth_cert *user_key)
{
	const struct troth_cert *own = s->own->user_key;
	return own != NULL && !troth_pin_equal(troth_cert_pin(own), troth_cert_pin(user_key));
}

static int take(struct troth_session *s, const struct offered *o)
{
	const struct troth_cert *self = troth_device_cert(s->device);
	int err = TROTH_OK;
	if (s->own->user_key == NULL)
		err = troth_own_keep_user_key(s->store, o->cert, session_now());
	if (err == TROTH_OK)
		err = troth_own_keep_endorsement(s->store, o->endorsement, self, session_now());
	return err == TROTH_OK ? say_load(s) : err;
}

static void joined(struct link *l, const struct troth_element *e)
{
	struct troth_session *s = l->session;
	struct offered o TROTH_CLEANUP(offered_fini) = {NULL, NULL};
	const struct troth_cert *self = troth_device_cert(s->device);
	if (s->join_contact != l->contact) {
		answer(l, "join-refused");
		tell(l, TROTH_NEWS_JOIN_OFFERED, TROTH_OK, NULL);
		return;
	}
	int err = offered_read(&o, e, "user-key");
	if (err == TROTH_OK && o.endorsement->purpose != TROTH_PURPOSE_DEVICE)
		err = TROTH_E_CERT;
	if (err == TROTH_OK)
		err = troth_endorsement_verify(o.endorsement, o.cert, self);
	if (err != TROTH_OK)
		refuse(l, err, "What came isn't a user key's word for this device.");
	else if (!troth_endorsement_in_force(o.endorsement, session_now()))
		refuse(l, TROTH_E_CERT, "Its dates don't fit: is the clock right on both devices?");
	else if (has_another(s, o.cert))
		refuse(l, TROTH_E_CONFLICT, "This device has another user key already.");
	else if (take(s, &o) != TROTH_OK)
		refuse(l, TROTH_E_STORE, troth_store_error(s->store));
	else
		l->joining = true;
}

/* ---- contacts ---- */

static int adopt_user_key(struct link *l, int64_t contact, const struct troth_store_new_key *key)
{
	const struct troth_belief_statement says = {
		.kind = TROTH_BELIEF_ANCHOR,
		.subject = *key->pin,
		.time = session_now(),
	};
	int err = statement_record(l->session, contact, &says);
	return err == TROTH_OK ? troth_store_key_pin(l->session->store, contact, key, session_now())
			       : err;
}

/* A contact of that name, if it came from the same device just now; else a new one. */
static int contact_for(struct link *l, const char *label, const struct troth_store_new_key *key)
{
	struct troth_session *s = l->session;
	const struct troth_store_meeting meeting = {.label = label, .key = key};
	struct troth_store_contact contact;
	int64_t id;
	int err = troth_store_contact_by_label(s->store, label, &contact);
	if (err == TROTH_OK && contact.id != l->joined_contact)
		return TROTH_E_EXISTS; /* "never overwriting contacts that it has" */
	if (err == TROTH_OK)
		return key->role == TROTH_ROLE_USER
			       ? adopt_user_key(l, contact.id, key)
			       : troth_store_key_pin(s->store, contact.id, key, session_now());
	/* A user key alone makes nobody a contact: whose handshake would it be? */
	if (err != TROTH_E_NOT_FOUND || key->role == TROTH_ROLE_USER)
		return err;
	err = troth_store_meeting_commit(s->store, &meeting, session_now(), &id);
	if (err == TROTH_OK)
		l->joined_contact = id;
	return err;
}

static int adopt(struct link *l, const struct troth_element *e)
{
	struct troth_session *s = l->session;
	struct offered o TROTH_CLEANUP(offered_fini) = {NULL, NULL};
	struct troth_store_key row;
	const char *label = troth_element_attr(e, "label");
	const char *role = troth_element_attr(e, "role");
	int err = label != NULL ? offered_read(&o, e, "key") : TROTH_E_FORMAT;
	if (err == TROTH_OK && o.endorsement->purpose != TROTH_PURPOSE_VOUCH)
		err = TROTH_E_CERT;
	if (err == TROTH_OK)
		err = troth_endorsement_verify(o.endorsement, s->own->user_key, o.cert);
	if (err == TROTH_OK && !troth_endorsement_in_force(o.endorsement, session_now()))
		err = TROTH_E_CERT;
	if (err != TROTH_OK)
		return err;
	const struct troth_store_new_key key = {
		.pin = troth_cert_pin(o.cert),
		.name = troth_cert_name(o.cert),
		.der = troth_cert_der(o.cert),
		.how = HOW_OWN,
		.detail = "by another device of ours",
		.role = role != NULL && strcmp(role, "user") == 0 ? TROTH_ROLE_USER
								  : TROTH_ROLE_DEVICE,
	};
	if (troth_pin_equal(key.pin, troth_cert_pin(troth_device_cert(s->device))))
		return TROTH_OK;
	err = troth_store_key_get(s->store, key.pin, &row);
	if (err == TROTH_OK && row.state != TROTH_STORE_KEY_SEEN)
		return TROTH_OK; /* somebody's already, or revoked */
	return err == TROTH_OK || err == TROTH_E_NOT_FOUND ? contact_for(l, label, &key) : err;
}

static void contact(struct link *l, const struct troth_element *e)
{
	char text[256];
	const char *label = troth_element_attr(e, "label");
	if (!l->joining)
		return;
	int err = adopt(l, e);
	l->joined_keys += err == TROTH_OK;
	if (err == TROTH_OK)
		return;
	(void)snprintf(text, sizeof text, "A key of the contact %s wasn't taken over: %s",
		       label != NULL ? label : "without a name",
		       err == TROTH_E_EXISTS ? "there is a contact of that name already."
					     : troth_err_text(err));
	news_warn(l->session, l, text);
}

static void end(struct link *l)
{
	struct troth_session *s = l->session;
	if (!l->joining)
		return;
	l->joining = false;
	s->join_contact = 0;
	answer(l, "joined");
	link_local_contact(s);
	record_log(s, "user-key-joined", l->label,
		   "This device has that one's user key, and its contacts.");
	tell(l, TROTH_NEWS_JOINED, TROTH_OK,
	     "This device belongs to the same user key now; contacts of the other one recognise "
	     "it.");
}

/* ---- all of it ---- */

bool join_stanza(struct link *l, const struct troth_element *message)
{
	const struct troth_element *e = troth_element_first(message);
	while (e != NULL && strcmp(troth_element_ns(e), TROTH_NS_TROTH) != 0)
		e = troth_element_next(e);
	if (e == NULL)
		return false;
	/* Not on a stream by secret: its keys are about to be judged first. */
	if (l->contact == 0 || troth_stream_method(l->stream) != TROTH_METHOD_KEY ||
	    troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return true;
	if (troth_element_is(e, NULL, "join"))
		joined(l, e);
	else if (troth_element_is(e, NULL, "contact"))
		contact(l, e);
	else if (troth_element_is(e, NULL, "join-end"))
		end(l);
	else if (troth_element_is(e, NULL, "joined"))
		tell(l, TROTH_NEWS_JOINED, TROTH_OK, "It is a device of yours now.");
	else if (troth_element_is(e, NULL, "join-refused"))
		tell(l, TROTH_NEWS_JOIN_FAILED, TROTH_E_PEER_REFUSED,
		     "The other device didn't take it.");
	return true;
}

void troth_session_join(struct troth_session *s, int64_t contact)
{
	s->join_contact = contact;
}
