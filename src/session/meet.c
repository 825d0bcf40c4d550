/* SPDX-License-Identifier: MIT */
/*
 * Keys learnt on a stream that a secret has proved (docs/protocol.md, "Keys about keys").
 * Layer: session. All of a meeting is stored, or nothing.
 */
#include "session/meet.h"
#include "keys/chain.h"
#include "session/label.h"
#include "session/state.h"
#include "session/statements.h"

#include <stdio.h>
#include <string.h>

/* The key to pin: one whose possession is proven goes before a claim. */
static const struct troth_peer_key *choose(const struct troth_event *e)
{
	for (size_t i = 0; i < e->key_count; i++) {
		if (e->keys[i].possessed)
			return &e->keys[i];
	}
	return e->key_count > 0 ? &e->keys[0] : NULL;
}

static struct troth_store_new_key new_key(const struct link *l, const struct troth_peer_key *key)
{
	/* In a handshake a device may show the certificate of its CA, which goes by another name
	 * than the device offers: then the pin alone is kept. */
	bool own = troth_cert_is_own_issuer(key->cert);
	return (struct troth_store_new_key){
		.pin = troth_cert_pin(key->cert),
		.name = own ? troth_cert_name(key->cert) : "",
		.der = own ? troth_cert_der(key->cert) : (struct troth_slice){NULL, 0},
		.how = l->compared ? "sas" : troth_method_name(troth_stream_method(l->stream)),
	};
}

/* Effect: whose the key is already; 0: nobody's. */
static int owner(struct link *l, const struct troth_pin *pin, int64_t *out)
{
	struct troth_store_key key;
	int err = troth_store_key_get(l->session->store, pin, &key);
	*out = err == TROTH_OK && key.state != TROTH_STORE_KEY_SEEN ? key.contact : 0;
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

static const char *wanted_label(const struct link *l)
{
	if (l->call != NULL)
		return l->call->label;
	return l->session->window.open && l->session->window.label[0] != 0
		       ? l->session->window.label
		       : NULL;
}

/* ---- one meeting ---- */

struct meeting {
	struct link *link;
	const struct troth_peer_key *key;
	struct troth_store_new_key new_key;
	struct troth_store_address address;
	struct troth_store_connection row;
	struct troth_store_meeting store;
	char label[TROTH_STORE_LABEL_MAX + 1]; /* made of a nickname */
};

/* The secret may be known to more than its device; the key on a label is the device's. */
static bool is_another(const struct link *l, const struct troth_cert *cert)
{
	const struct troth_call *call = l->call;
	return call != NULL && call->has_pin && !troth_pin_equal(&call->pin, troth_cert_pin(cert));
}

/* Through a window that is open for an owner. */
static enum troth_store_claim claim_of(const struct link *l)
{
	bool window = l->incoming && l->pairing && l->session->window.open;
	return window ? l->session->window.claim : TROTH_STORE_CLAIM_NONE;
}

static void fill(struct meeting *m, struct link *l, const struct troth_peer_key *key)
{
	const struct troth_address *peer = troth_stream_peer(l->stream);
	const char *claimed = peer != NULL ? troth_address_bare(peer) : NULL;
	*m = (struct meeting){
		.link = l,
		.key = key,
		.new_key = new_key(l, key),
		.address = {.realm = l->realm,
			    .address = claimed,
			    .source = "meeting",
			    .last_seen = session_now()},
		.row = {.time = session_now(),
			.incoming = l->incoming,
			.address = claimed,
			.method = record_method(troth_stream_method(l->stream)),
			.level = troth_level_name(l->verdict_level),
			.transcript = l->transcript,
			.outcome = troth_err_name(TROTH_OK)},
	};
	enum troth_store_claim claim = claim_of(l);
	m->store = (struct troth_store_meeting){
		.scope = l->debited ? l->scope : NULL,
		.keep_secret = claim != TROTH_STORE_CLAIM_NONE,
		.claim = claim,
		.address = claimed != NULL && !online_is_own(l) ? &m->address : NULL,
		.connection = &m->row,
	};
	/* Pointers into *m: the caller doesn't move it. */
	m->store.key = &m->new_key;
}

/* "Without it the key is unproven": it takes no place of another key, and nobody is found by it:
 * whose certificate somebody gives says nothing about who gives it. */
static void fill_owner(struct meeting *m, int64_t has)
{
	const struct link *l = m->link;
	bool possessed = m->key->possessed;
	m->store.claimed = !possessed;
	m->store.contact = l->contact == 0 && possessed ? has : l->contact;
	/* "An explicit re-pairing": whoever shows a key that it is known by has lost nothing. */
	m->store.repair = possessed && l->contact != 0 && has != l->contact;
	/* On the link an address is a label. Over a server it is whose client has proved the
	 * secret, and without it nobody could come back there to prove the key: in that handshake.
	 */
	if (!possessed && l->realm == TROTH_REALM_LINK)
		m->store.address = NULL;
}

static int commit(const struct meeting *m, int64_t *out)
{
	if (is_another(m->link, m->key->cert))
		return TROTH_E_KEY_CHANGED;
	if (m->store.claim != TROTH_STORE_CLAIM_NONE && m->store.claimed)
		return TROTH_E_NO_METHOD;
	return troth_store_meeting_commit(m->link->session->store, &m->store, session_now(), out);
}

/* A label that our user chose is taken as it is; one made of a nickname until it is free. */
static int commit_labelled(struct meeting *m, int64_t *out)
{
	const struct link *l = m->link;
	const char *nick = l->nick[0] != 0 ? l->nick : NULL;
	m->store.label = wanted_label(l);
	if (m->store.contact != 0 || m->store.label != NULL)
		return commit(m, out);
	m->store.label = m->label;
	for (unsigned attempt = 0; attempt < TROTH_LABEL_TRIES; attempt++) {
		troth_label_make(m->label, nick, m->new_key.pin, attempt);
		int err = commit(m, out);
		if (err == TROTH_E_FORMAT && nick != NULL) {
			nick = NULL; /* what the store won't have as a label */
			attempt = 0;
		} else if (err != TROTH_E_EXISTS) {
			return err;
		}
	}
	return TROTH_E_EXISTS;
}

/* ---- what follows ---- */

static void fail(struct link *l, int err, const char *text)
{
	struct troth_news n = news_of(l, TROTH_NEWS_PAIR_FAILED);
	n.err = err;
	n.text = text;
	/* A contact's key that has changed is another matter. */
	n.advice = err == TROTH_E_KEY_CHANGED && l->call != NULL && l->call->has_pin
			   ? "If its key was renewed, the label is older than the key: `troth bot "
			     "label` on the device makes a new one. If not, somebody else has the "
			     "secret."
			   : news_advice(err, false);
	n.contact = 0; /* nothing was pinned */
	record_log(l->session, "pairing-failed", l->label, text);
	news(l->session, &n);
	link_close(l, err, text);
}

static const char *why_not(struct link *l, int err, char *text, size_t size)
{
	struct troth_session *s = l->session;
	struct troth_store_contact other;
	switch (err) {
	case TROTH_E_CONFLICT:
		if (troth_store_contact_get(s->store, troth_store_conflict(s->store), &other) !=
		    TROTH_OK)
			return "The key belongs to another contact: nothing was pinned.";
		(void)snprintf(text, size, "The key belongs to %s already: nothing was pinned.",
			       other.label);
		return text;
	case TROTH_E_EXISTS:
		return "There is a contact with that label already: nothing was pinned. Choose "
		       "another "
		       "one with --as, or pair again with that contact by its label.";
	case TROTH_E_REVOKED:
		return "The key was revoked: nothing was pinned.";
	case TROTH_E_KEY_CHANGED:
		return "The other side knows the secret, but has another key than the link says: "
		       "it "
		       "isn't that device, or the device has a new key since.";
	case TROTH_E_NO_METHOD:
		return "An owner has to prove a key, and the other side didn't: nothing was "
		       "pinned.";
	default:
		return troth_store_error(s->store);
	}
}

void meet_done(struct link *l, int64_t contact, const struct troth_pin *pin)
{
	struct troth_session *s = l->session;
	struct troth_store_contact row;
	l->met = l->recorded = true;
	l->contact = contact;
	l->pin = *pin;
	l->has_pin = true;
	if (troth_store_contact_get(s->store, contact, &row) == TROTH_OK)
		memcpy(l->label, row.label, sizeof l->label);
	if (l->call != NULL)
		record_endpoint(l);
	link_local_contact(s);
	online_contact(l);
}

void meet_tell(struct link *l)
{
	struct troth_news n = news_of(l, TROTH_NEWS_PINNED);
	news(l->session, &n);
}

static void met(struct link *l, int64_t contact, const struct troth_peer_key *key)
{
	meet_done(l, contact, troth_cert_pin(key->cert));
	meet_tell(l);
	if (l->call != NULL)
		call_link_met(l->call, l);
	else if (l->pairing)
		window_met(l->session, l);
}

/* A peer that knows no keys: the secret was right all the same. */
static void no_keys(struct link *l)
{
	struct troth_session *s = l->session;
	if (l->debited && troth_store_budget_credit(s->store, l->scope) != TROTH_OK)
		news_warn(s, l, troth_store_error(s->store));
	l->debited = false;
	if (l->pairing || (l->call != NULL && l->call->pairing))
		fail(l, TROTH_E_UNSUPPORTED,
		     "The secret was right, but the other side's program gave no key to remember.");
}

bool meet_expects(struct link *l, const struct troth_event *e)
{
	char text[160];
	if (e->cert == NULL || !is_another(l, e->cert))
		return true;
	fail(l, TROTH_E_KEY_CHANGED, why_not(l, TROTH_E_KEY_CHANGED, text, sizeof text));
	return false;
}

static int any_key(void *user, const struct troth_store_key *key)
{
	*(bool *)user |= key->state == TROTH_STORE_KEY_PROVEN;
	return 0;
}

/* Effect: what is wrong with a key that may be pinned otherwise; NULL: nothing. */
static const char *unfit(const struct link *l, const struct troth_cert *cert, int *err)
{
	const struct troth_cert *own = troth_device_cert(l->session->device);
	*err = TROTH_E_SELF;
	if (troth_pin_equal(troth_cert_pin(cert), troth_cert_pin(own)))
		return "The other side gave our own key as its own.";
	/* RFC 3820: it acts for somebody for a time, and is nobody to remember. */
	*err = TROTH_E_REFUSED;
	if (troth_cert_is_proxy(cert))
		return "The other side is a job that acts for somebody else: jobs can't pair.";
	return NULL;
}

int meet_store(struct link *l, const struct troth_peer_key *key, int64_t *contact)
{
	struct meeting m;
	char text[160];
	int64_t has = 0;
	int err;
	const char *why = unfit(l, key->cert, &err);
	if (why != NULL) {
		fail(l, err, why);
		return err;
	}
	fill(&m, l, key);
	err = owner(l, m.new_key.pin, &has);
	fill_owner(&m, has);
	/* Whoever shows a key that it is known by has lost nothing; but its user key may be lost,
	 * and then everything that rests on it begins anew. */
	if (err == TROTH_OK && l->contact != 0 && key->possessed)
		err = troth_store_user_key_list(l->session->store, l->contact, any_key,
						&m.store.repair);
	if (err == TROTH_OK)
		err = commit_labelled(&m, contact);
	if (err != TROTH_OK)
		fail(l, err, why_not(l, err, text, sizeof text));
	return err;
}

void link_keys(struct link *l, const struct troth_event *e)
{
	int64_t contact = 0;
	const struct troth_peer_key *key = choose(e);
	if (l->up && e->about != NULL) {
		link_introduced(l, e);
	} else if (l->up && e->method == TROTH_METHOD_KEY) {
		openpgp_note(l, e);
		link_learn(l, e);
		overlap_check(l, e);
	}
	if (!l->up || l->met || e->about != NULL || e->method != TROTH_METHOD_SRP)
		return;
	if (!window_holds(l)) {
		link_close(l, TROTH_E_REFUSED, "The pairing was over before the keys came.");
		return;
	}
	if (key == NULL)
		no_keys(l);
	else if (meet_store(l, key, &contact) == TROTH_OK)
		met(l, contact, key);
}
