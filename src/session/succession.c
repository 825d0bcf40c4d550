/* SPDX-License-Identifier: MIT */
/*
 * A lost user key (docs/protocol.md, "A lost user key"): the quorum that it had named, and whom
 * that names; a contact's, and our own. Layer: session. Verifies and records; trust/belief.h
 * judges.
 */
#include "session/state.h"
#include "session/statements.h"

#include "base/encode.h"
#include "base/slice.h"

#include <stdio.h>
#include <string.h>

static bool is_hash_of(const char *issuer, const struct troth_pin *pin)
{
	char hex[2 * TROTH_PIN_LEN + 1];
	troth_hex(hex, (struct troth_slice){pin->bytes, sizeof pin->bytes});
	return strcmp(hex, issuer) == 0;
}

static int passable(int err)
{
	return err == TROTH_E_NOT_FOUND || err == TROTH_E_CERT ? TROTH_OK : err;
}

/* ---- a contact's quorum ---- */

struct user_key {
	const char *issuer;
	struct troth_store_key row;
	bool found;
};

static int match_user_key(void *user, const struct troth_store_key *key)
{
	struct user_key *k = user;
	if (key->state == TROTH_STORE_KEY_PROVEN && is_hash_of(k->issuer, &key->pin)) {
		k->row.pin = key->pin;
		k->found = true;
	}
	return 0;
}

static int has_quorum(void *user, const struct troth_store_statement *s)
{
	struct user_key *k = user;
	if (s->says.kind == TROTH_BELIEF_QUORUM && troth_pin_equal(&s->says.issuer, &k->row.pin))
		k->found = false;
	return 0;
}

/* "A user key names one quorum": one that is known isn't listened to again. */
static int learn_quorum(struct link *l, const struct troth_quorum *q)
{
	struct troth_session *s = l->session;
	struct user_key key = {.issuer = q->issuer};
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	struct troth_cert *cert = NULL;
	troth_buf_init(&der, TROTH_STORE_BLOB_MAX);
	int err = troth_store_user_key_list(s->store, l->contact, match_user_key, &key);
	if (err == TROTH_OK && key.found)
		err = troth_store_statement_list(s->store, l->contact, has_quorum, &key);
	if (err != TROTH_OK || !key.found)
		return err;
	err = troth_store_key_der(s->store, &key.row.pin, &der);
	if (err == TROTH_OK)
		err = troth_cert_new(&cert, troth_buf_slice(&der));
	if (err == TROTH_OK)
		err = troth_quorum_verify(q, cert);
	troth_cert_free(cert);
	for (size_t i = 0; err == TROTH_OK && i < q->device_count; i++) {
		const struct troth_belief_statement says = {
			.kind = TROTH_BELIEF_QUORUM,
			.subject = q->devices[i],
			.issuer = key.row.pin,
			.depth = q->need,
			.list = q->id,
			.issued = q->time_at,
			.time = session_now(),
		};
		err = statement_record(s, l->contact, &says);
	}
	return passable(err);
}

/* ---- a contact's next user key ---- */

static int record_word(struct link *l, const struct troth_cert *heir,
		       const struct troth_endorsement *e, bool *any)
{
	struct troth_session *s = l->session;
	struct troth_cert *device;
	int err = contact_cert_by_name(s, l->contact, e->issuer_name, &device);
	if (err != TROTH_OK)
		return passable(err);
	const struct troth_belief_statement says = {
		.kind = TROTH_BELIEF_SUCCESSOR,
		.subject = *troth_cert_pin(heir),
		.issuer = *troth_cert_pin(device),
		.issued = e->issued_at,
		.time = session_now(),
	};
	err = troth_endorsement_verify(e, device, heir);
	if (err == TROTH_OK)
		err = statement_endorsement(s, l->contact, &says, e);
	*any |= err == TROTH_OK;
	troth_cert_free(device);
	return passable(err);
}

static void tell(struct link *l)
{
	char text[256];
	struct troth_news n = news_of(l, TROTH_NEWS_DEVICE);
	(void)snprintf(
		text, sizeof text,
		"%s has lost a user key; enough of the devices that it had named for that have "
		"named another one.",
		l->label);
	n.text = text;
	record_log(l->session, "user-key-succeeded", l->label, text);
	news(l->session, &n);
}

/* Effect: the key is the contact's, if what was recorded makes it so. */
static int take_heir(struct link *l, const struct troth_cert *heir)
{
	static const struct endorsed nothing;
	struct troth_believed b;
	const struct troth_pin *pin = troth_cert_pin(heir);
	int err = contact_believe(l->session, l->contact, &nothing, &b);
	if (err != TROTH_OK)
		return err;
	const struct troth_belief_key *key = troth_belief_find(&b.belief, pin, TROTH_ROLE_USER);
	bool good = key != NULL && troth_standing_is_believed(key->standing);
	troth_believed_fini(&b);
	const struct troth_store_new_key row = {
		.pin = pin,
		.name = troth_cert_name(heir),
		.der = troth_cert_der(heir),
		.how = HOW_USER,
		.role = TROTH_ROLE_USER,
		.concluded = true,
	};
	if (!good)
		return TROTH_OK;
	err = troth_store_key_pin(l->session->store, l->contact, &row, session_now());
	if (err == TROTH_OK)
		tell(l);
	return err;
}

/* "A key belongs to one contact", and a device key is no user key. */
static int is_free(struct link *l, const struct troth_pin *pin, bool *out)
{
	struct troth_store_key row;
	int err = troth_store_key_get(l->session->store, pin, &row);
	*out = err == TROTH_E_NOT_FOUND ||
	       (err == TROTH_OK && row.contact == 0 && row.state == TROTH_STORE_KEY_SEEN);
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

static int learn_heir(struct link *l, const struct troth_peer_key *key)
{
	bool is_new = false;
	bool any = false;
	int err = is_free(l, troth_cert_pin(key->cert), &is_new);
	for (size_t i = 0; is_new && err == TROTH_OK && i < key->endorsement_count; i++) {
		if (key->endorsements[i]->purpose == TROTH_PURPOSE_SUCCEED)
			err = record_word(l, key->cert, key->endorsements[i], &any);
	}
	return any && err == TROTH_OK ? take_heir(l, key->cert) : err;
}

/* ---- our own ---- */

/* Effect: another device of ours, by the key that it was paired with. */
static int fellow_cert(struct link *l, const char *name, struct troth_cert **out)
{
	const struct troth_cert *self = troth_device_cert(l->session->device);
	if (strcmp(troth_cert_name(self), name) == 0)
		return TROTH_E_NOT_FOUND; /* what we said ourselves we have */
	return contact_cert_by_name(l->session, l->contact, name, out);
}

/* Effect: keeps the word of another device of our quorum. */
static int keep_word(struct link *l, const struct troth_cert *heir,
		     const struct troth_endorsement *e, bool *any)
{
	struct troth_session *s = l->session;
	struct troth_cert *device;
	int err = fellow_cert(l, e->issuer_name, &device);
	if (err != TROTH_OK)
		return passable(err);
	bool may = troth_quorum_names(s->own->quorum, troth_cert_pin(device));
	err = troth_endorsement_verify(e, device, heir);
	troth_cert_free(device);
	if (err != TROTH_OK || !may || troth_own_has_word(s->own, troth_cert_pin(heir), e))
		return passable(err);
	*any = true;
	return troth_own_keep_endorsement(s->store, e, heir, session_now());
}

static int offer_heir(struct link *l, const struct troth_cert *heir)
{
	char text[256];
	char hex[2 * TROTH_PIN_LEN + 1];
	struct troth_session *s = l->session;
	troth_hex(hex, (struct troth_slice){troth_cert_pin(heir)->bytes, TROTH_PIN_LEN});
	(void)snprintf(
		text, sizeof text,
		"%s says that your user key is lost, and names another one. If that was you: "
		"`troth user succeed %.16s`.",
		l->label, hex);
	int err = troth_own_keep_heir(s->store, heir, session_now());
	if (err == TROTH_OK) {
		record_log(s, "user-key-heir", l->label, text);
		news_warn(s, l, text);
	}
	return err;
}

static int learn_own_heir(struct link *l, const struct troth_peer_key *key)
{
	struct troth_session *s = l->session;
	const struct troth_cert *own = s->own->user_key;
	bool any = false;
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < key->endorsement_count; i++) {
		if (key->endorsements[i]->purpose == TROTH_PURPOSE_SUCCEED)
			err = keep_word(l, key->cert, key->endorsements[i], &any);
	}
	if (err != TROTH_OK || !any)
		return err;
	if (own == NULL || !troth_pin_equal(troth_cert_pin(own), troth_cert_pin(key->cert)))
		err = offer_heir(l, key->cert);
	return err == TROTH_OK ? say_load(s) : err;
}

static int learn_own_quorum(struct link *l, const struct troth_quorum *q)
{
	struct troth_session *s = l->session;
	const struct troth_own *own = s->own;
	if (own->quorum != NULL && strcmp(own->quorum->issuer, q->issuer) == 0)
		return TROTH_OK;
	int err = troth_quorum_verify(q, own->user_key);
	if (err == TROTH_OK)
		err = troth_own_keep_quorum(s->store, q, troth_cert_pin(own->user_key),
					    session_now());
	return err == TROTH_OK ? say_load(s) : passable(err);
}

bool succession_is_ours(const struct link *l)
{
	const struct troth_own *own = l->session->own;
	return own->quorum != NULL && l->has_pin && troth_quorum_names(own->quorum, &l->pin);
}

int link_learn_succession(struct link *l, const struct troth_event *e)
{
	const struct troth_cert *own = l->session->own->user_key;
	int err = TROTH_OK;
	if (e->quorum != NULL && own != NULL && is_hash_of(e->quorum->issuer, troth_cert_pin(own)))
		err = learn_own_quorum(l, e->quorum);
	else if (e->quorum != NULL)
		err = learn_quorum(l, e->quorum);
	bool ours = succession_is_ours(l);
	for (size_t i = 0; err == TROTH_OK && i < e->key_count; i++) {
		if (e->keys[i].further)
			err = ours ? learn_own_heir(l, &e->keys[i]) : learn_heir(l, &e->keys[i]);
	}
	return err;
}
