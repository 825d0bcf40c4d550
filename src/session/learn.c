/* SPDX-License-Identifier: MIT */
/*
 * What a contact says about its keys, on a stream that one of them authenticates
 * (docs/protocol.md, "Keys about keys"). Layer: session. Verifies and records; trust/belief.h
 * judges.
 */
#include "session/revoked.h"
#include "session/state.h"
#include "session/statements.h"
#include "session/whose.h"

#include <stdio.h>
#include <string.h>

/* ---- user keys ---- */

/* The key that authenticates the stream, as the contact gave it. */
static const struct troth_peer_key *shown(const struct link *l, const struct troth_event *e)
{
	for (size_t i = 0; i < e->key_count; i++) {
		if (troth_pin_equal(troth_cert_pin(e->keys[i].cert), &l->pin))
			return &e->keys[i];
	}
	return NULL;
}

static const struct troth_cert *among(const struct troth_event *e, const char *name)
{
	for (size_t i = 0; i < e->key_count; i++) {
		if (strcmp(troth_cert_name(e->keys[i].cert), name) == 0)
			return e->keys[i].cert;
	}
	return NULL;
}

static int has_user_key(void *user, const struct troth_store_key *key)
{
	if (key->state == TROTH_STORE_KEY_PROVEN && !troth_openpgp_is_row(key))
		*(bool *)user = true;
	return 0;
}

static void tell_conflict(struct link *l)
{
	static const char text[] = "It says that a key of another contact is its user key: that "
				   "isn't believed.";
	news_warn(l->session, l, text);
	record_log(l->session, "user-key-refused", l->label, text);
}

/* Nobody has proved it: seen; or said to be the key of a device, by whoever had read the
 * certificate. A signature by it is more than that. */
static bool is_free(const struct troth_store_key *row)
{
	return row->state == TROTH_STORE_KEY_SEEN || row->state == TROTH_STORE_KEY_UNPROVEN;
}

/* "A key which endorses a key of this contact that is proven becomes its user key", if it has none
 * yet: another one is a matter for a re-pairing. *known: it is the contact's, now or already. */
static int anchor(struct link *l, const struct troth_cert *issuer, bool *known)
{
	struct troth_session *s = l->session;
	struct troth_store_key row;
	bool has = false;
	int err = troth_store_key_get(s->store, troth_cert_pin(issuer), &row);
	bool ours = err == TROTH_OK && row.contact == l->contact && row.role == TROTH_ROLE_USER;
	*known = ours && row.state == TROTH_STORE_KEY_PROVEN;
	if (err == TROTH_OK && !ours && row.contact != 0 && !is_free(&row))
		tell_conflict(l);
	/* One that a re-pairing has replaced may come back: by the device that was paired. */
	if (err == TROTH_OK && !is_free(&row) && !(ours && row.state == TROTH_STORE_KEY_REPLACED))
		return TROTH_OK;
	if (err == TROTH_OK || err == TROTH_E_NOT_FOUND)
		err = troth_store_user_key_list(s->store, l->contact, has_user_key, &has);
	if (err != TROTH_OK || has)
		return err;
	const struct troth_store_new_key key = {
		.pin = troth_cert_pin(issuer),
		.name = troth_cert_name(issuer),
		.der = troth_cert_der(issuer),
		.how = HOW_USER,
		.role = TROTH_ROLE_USER,
		.concluded = true,
	};
	const struct troth_belief_statement says = {
		.kind = TROTH_BELIEF_ANCHOR,
		.subject = *troth_cert_pin(issuer),
		.issuer = l->pin,
		.time = session_now(),
	};
	err = statement_record(s, l->contact, &says);
	if (err == TROTH_OK)
		err = troth_store_key_pin(s->store, l->contact, &key, session_now());
	if (err != TROTH_OK)
		return err;
	*known = true;
	record_log(s, "user-key-learnt", l->label,
		   "Its user key endorses the device that is known; other devices that it endorses "
		   "are recognised from now on.");
	return TROTH_OK;
}

/* ---- our own user key: the contact is another device of ours ---- */

bool learn_is_own_user_key(const struct troth_session *s, const char *name)
{
	return s->own->user_key != NULL && strcmp(troth_cert_name(s->own->user_key), name) == 0;
}

/* Effect: it is listed among our devices. A user key of ours isn't that contact's as well. */
int learn_fellow(struct troth_session *s, const struct troth_cert *subject,
		 const struct troth_endorsement *one)
{
	const struct troth_own_device *d = troth_own_device_find(s->own, troth_cert_pin(subject));
	if (troth_endorsement_verify(one, s->own->user_key, subject) != TROTH_OK ||
	    (d != NULL && d->endorsement != NULL && d->endorsement->issued_at >= one->issued_at))
		return TROTH_OK;
	int err = troth_own_keep_endorsement(s->store, one, subject, session_now());
	return err == TROTH_OK ? say_load(s) : err;
}

/* ---- endorsements ---- */

static int learn_endorsement(struct link *l, const struct troth_cert *subject,
			     const struct troth_endorsement *one, const struct troth_event *e)
{
	struct troth_session *s = l->session;
	struct troth_cert *stored = NULL;
	bool known = false;
	if (learn_is_own_user_key(s, one->issuer_name))
		return learn_fellow(s, subject, one);
	/* One that takes the place of ours isn't that contact's as well. */
	if (succession_is_ours(l))
		return TROTH_OK;
	const struct troth_cert *issuer = among(e, one->issuer_name);
	int err = TROTH_OK;
	if (issuer == NULL) {
		err = contact_cert_by_name(s, l->contact, one->issuer_name, &stored);
		issuer = stored;
	}
	bool his = false;
	const struct troth_whose whose = {s->store, l->contact, troth_stream_peer(l->stream)};
	if (err == TROTH_OK)
		err = troth_whose_key(&whose, one->jid, &his);
	if (err == TROTH_OK && his && troth_endorsement_verify(one, issuer, subject) == TROTH_OK &&
	    troth_endorsement_in_force(one, session_now()))
		err = anchor(l, issuer, &known);
	const struct troth_belief_statement says = {
		.kind = TROTH_BELIEF_ENDORSED,
		.subject = *troth_cert_pin(subject),
		.issuer = known ? *troth_cert_pin(issuer) : l->pin,
		.purpose = TROTH_BELIEF_DEVICE,
		.presented = true,
		.issued = one->issued_at,
		.expires = one->expires_at,
		.time = session_now(),
	};
	if (known)
		err = statement_endorsement(s, l->contact, &says, one);
	troth_cert_free(stored);
	return err == TROTH_E_NOT_FOUND || err == TROTH_E_CERT ? TROTH_OK : err;
}

static int learn_endorsements(struct link *l, const struct troth_event *e)
{
	const struct troth_peer_key *key = shown(l, e);
	int err = TROTH_OK;
	for (size_t i = 0; key != NULL && err == TROTH_OK && i < key->endorsement_count; i++) {
		if (key->endorsements[i]->purpose == TROTH_PURPOSE_DEVICE)
			err = learn_endorsement(l, key->cert, key->endorsements[i], e);
	}
	return err;
}

static int learn_revocation(struct link *l, const struct troth_revocation *r)
{
	if (revoked_by_us(l->session, r))
		return revoked_own(l->session, l, r);
	return troth_revoked_learn(l->session->store, l->contact, r, session_now());
}

/* ---- all of it ---- */

static int learn(struct link *l, const struct troth_event *e)
{
	/* First: what a successor endorses counts at once. */
	int err = link_learn_succession(l, e);
	if (err == TROTH_OK)
		err = learn_endorsements(l, e);
	/* Whatever of the rest can't be kept: whoever has stolen a key mustn't say so much by it
	 * that nobody can take it away. */
	for (size_t i = 0; i < e->revocation_count; i++) {
		int failed = learn_revocation(l, e->revocations[i]);
		err = err == TROTH_OK ? failed : err;
	}
	int settled = contact_settle(l->session, l->contact);
	return err == TROTH_OK ? settled : err;
}

void link_learn(struct link *l, const struct troth_event *e)
{
	struct troth_store_key key;
	/* "On a stream that one of its keys authenticates": a CA's word for the contact is none. */
	if (l->contact == 0 || l->certified || e->about != NULL || l->verdict_err != TROTH_OK ||
	    troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return;
	if (learn(l, e) != TROTH_OK)
		news_warn(l->session, l, troth_store_error(l->session->store));
	/* It may have revoked the very key that it shows. */
	if (troth_store_key_get(l->session->store, &l->pin, &key) == TROTH_OK &&
	    key.state == TROTH_STORE_KEY_REVOKED)
		link_close(l, TROTH_E_REVOKED, "The key of this stream has been revoked.");
}
