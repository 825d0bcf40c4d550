/* SPDX-License-Identifier: MIT */
/*
 * A contact asks for a third person's keys (docs/protocol.md, "Third party"). Layer: session.
 * Whom we know is nobody's business, unless our user has said so of this very contact.
 */
#include "session/answer.h"
#include "session/statements.h"

#include "base/slice.h"
#include "session/introducer.h"
#include "session/person.h"

#include <stdio.h>
#include <string.h>

#define LIFE ((int64_t)365 * 24 * 3600) /* of our word; the protocol allows 400 days */

/* ---- who is meant ---- */

/* "On a link the address is a label": what a contact called itself there may be somebody else's
 * name, and we would sign that it is. */
static int by_address(struct troth_store *store, const char *bare, struct troth_store_contact *out)
{
	int err = troth_store_contact_by_address(store, TROTH_REALM_SERVER, bare, out);
	/* A label may look like an address. */
	return err == TROTH_E_NOT_FOUND ? troth_store_contact_by_label(store, bare, out) : err;
}

static int find(struct troth_store *store, const char *bare, struct troth_store_contact *out)
{
	char label[TROTH_STORE_LABEL_MAX + 1];
	int err = troth_person_label(bare, label) == TROTH_OK
			  ? troth_store_contact_by_label(store, label, out)
			  : by_address(store, bare, out);
	/* Text that the store can't hold is nobody's name. */
	return err == TROTH_E_FORMAT || err == TROTH_E_LIMIT ? TROTH_E_NOT_FOUND : err;
}

/* ---- what is said ---- */

static void answer_fini(struct answer *a)
{
	for (size_t i = 0; i < a->count; i++) {
		troth_cert_free((struct troth_cert *)a->keys[i].cert);
		troth_endorsement_free(a->words[i]);
	}
}

/* "jid = bare account JID that is an XmppAddr of the certificate, or empty". */
static const char *endorsed_jid(const struct answer *a, const struct troth_cert *cert)
{
	const char *own;
	for (size_t i = 0; (own = troth_cert_xmpp_addr(cert, i)) != NULL; i++) {
		if (strcmp(own, a->jid) == 0)
			return own;
	}
	return NULL;
}

int answer_sign(const struct answer *a, const struct troth_cert *cert, enum troth_purpose purpose,
		struct troth_endorsement **out)
{
	const struct troth_signer signer = troth_signer_of_device(a->session->device);
	const struct troth_endorsement_terms terms = {
		.purpose = purpose,
		.jid = purpose == TROTH_PURPOSE_VOUCH ? endorsed_jid(a, cert) : NULL,
		.issued = session_now(),
		.expires = session_now() + LIFE,
	};
	return troth_endorsement_make(out, &signer, &terms, cert);
}

int answer_cert(struct troth_store *store, const struct troth_pin *pin, struct troth_cert **out)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&der, TROTH_STORE_BLOB_MAX);
	int err = troth_store_key_der(store, pin, &der);
	if (err == TROTH_OK && troth_buf_len(&der) == 0)
		err = TROTH_E_NOT_FOUND;
	return err == TROTH_OK ? troth_cert_new(out, troth_buf_slice(&der)) : err;
}

int answer_add(struct answer *a, struct troth_cert *cert, struct troth_endorsement *word)
{
	bool there = false;
	for (size_t i = 0; i < a->count; i++)
		there |= troth_pin_equal(troth_cert_pin(a->keys[i].cert), troth_cert_pin(cert));
	if (there || a->count == KEYS_MAX) {
		troth_cert_free(cert);
		troth_endorsement_free(word);
		return there ? TROTH_OK : TROTH_E_LIMIT;
	}
	a->words[a->count] = word;
	a->keys[a->count] = (struct troth_stated_key){
		.cert = cert,
		.endorsements = (const struct troth_endorsement *const *)&a->words[a->count],
		.endorsement_count = 1,
	};
	a->count++;
	return TROTH_OK;
}

/* What was proven to us, by our word; what others said to us only with theirs. */
static int add_key(void *user, const struct troth_store_key *key)
{
	struct answer *a = user;
	struct troth_cert *cert;
	struct troth_endorsement *word;
	if (a->count == KEYS_MAX)
		return 0;
	if (troth_key_is_vouched(key))
		return answer_add_behind(a, key);
	if (key->state != TROTH_STORE_KEY_PROVEN)
		return 0;
	int err = answer_cert(a->session->store, &key->pin, &cert);
	if (err != TROTH_OK) /* only its fingerprint is known */
		return err == TROTH_E_NOT_FOUND ? 0 : err;
	err = answer_sign(a, cert, TROTH_PURPOSE_VOUCH, &word);
	if (err != TROTH_OK) {
		troth_cert_free(cert);
		return err;
	}
	return answer_add(a, cert, word);
}

/* ---- all of it ---- */

static void tell(struct link *l, const char *text)
{
	struct troth_news n = news_of(l, TROTH_NEWS_ASKED);
	n.text = text;
	news(l->session, &n);
}

static void tell_given(struct link *l, const struct troth_store_contact *about)
{
	char text[192];
	(void)snprintf(text, sizeof text, "It asked for the keys of %s, and was told them.",
		       about->label);
	record_log(l->session, "introduced", l->label, text);
	tell(l, text);
}

static int give(struct link *l, const struct troth_event *e)
{
	struct troth_session *s = l->session;
	struct answer a TROTH_CLEANUP(answer_fini) = {
		.session = s, .asker = l->contact, .jid = troth_address_bare(e->about)};
	struct troth_store_contact about;
	int err = find(s->store, a.jid, &about);
	if (err == TROTH_OK && about.id == l->contact)
		err = TROTH_E_NOT_FOUND; /* it knows its own keys */
	if (err == TROTH_OK)
		err = contact_settle(s, about.id);
	if (err == TROTH_OK)
		err = troth_store_key_list(s->store, about.id, add_key, &a);
	if (err == TROTH_OK && a.count == 0)
		err = TROTH_E_NOT_FOUND;
	if (err == TROTH_OK)
		err = troth_stream_give_keys(l->stream, a.keys, a.count);
	if (err == TROTH_OK)
		tell_given(l, &about);
	return err;
}

/* Whether there is nobody of that name, or the peer mayn't ask, it can't tell: the stream says
 * the same in both cases. */
void link_keys_wanted(struct link *l, const struct troth_event *e)
{
	bool may_ask = false;
	if (!l->up || l->contact == 0 || l->verdict_err != TROTH_OK || e->about == NULL ||
	    troth_stream_method(l->stream) != TROTH_METHOD_KEY ||
	    troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return;
	int err = troth_store_leave_get(l->session->store, l->contact, TROTH_STORE_LEAVE_ASK,
					&may_ask);
	if (err == TROTH_OK && !may_ask)
		tell(l,
		     "It asked for somebody's keys, and may not: `troth trust share` allows it.");
	else if (err == TROTH_OK)
		err = give(l, e);
	if (err == TROTH_E_NOT_FOUND)
		tell(l, "It asked for somebody whom this device doesn't know, or not well enough.");
	else if (err != TROTH_OK)
		news_warn(l->session, l, "A question for somebody's keys couldn't be answered.");
}
