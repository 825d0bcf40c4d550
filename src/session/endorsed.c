/* SPDX-License-Identifier: MIT */
/*
 * A key that isn't known, shown in a handshake, with endorsements by keys that are
 * (docs/protocol.md, "Endorsements"). Layer: session. Verifies; trust/belief.h judges.
 */
#include "session/state.h"
#include "session/statements.h"
#include "session/whose.h"

#include "base/slice.h"

#include <stdio.h>
#include <string.h>

/* ---- the keys that endorse ---- */

struct by_name {
	const char *name;
	struct troth_pin pin;
	bool found;
};

static int match(void *user, const struct troth_store_key *key)
{
	struct by_name *b = user;
	if (strcmp(key->name, b->name) != 0)
		return 0;
	b->pin = key->pin;
	b->found = true;
	return 0;
}

int contact_cert_by_name(struct troth_session *s, int64_t contact, const char *name,
			 struct troth_cert **out)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	struct by_name b = {.name = name};
	troth_buf_init(&der, TROTH_STORE_BLOB_MAX);
	int err = troth_store_user_key_list(s->store, contact, match, &b);
	if (err == TROTH_OK && !b.found)
		err = troth_store_key_list(s->store, contact, match, &b);
	if (err == TROTH_OK && !b.found)
		err = TROTH_E_NOT_FOUND;
	if (err == TROTH_OK)
		err = troth_store_key_der(s->store, &b.pin, &der);
	/* Only the pin is known: who speaks by that key can't be checked. */
	if (err == TROTH_OK && troth_buf_len(&der) == 0)
		err = TROTH_E_NOT_FOUND;
	return err == TROTH_OK ? troth_cert_new(out, troth_buf_slice(&der)) : err;
}

/* ---- verifying ---- */

static void add(struct endorsed *out, const struct troth_endorsement *e,
		const struct troth_cert *issuer, const struct troth_cert *subject)
{
	struct troth_belief_statement *says = &out->says[out->count];
	*says = (struct troth_belief_statement){
		.kind = TROTH_BELIEF_ENDORSED,
		.subject = *troth_cert_pin(subject),
		.issuer = *troth_cert_pin(issuer),
		.purpose = e->purpose == TROTH_PURPOSE_RENEW ? TROTH_BELIEF_RENEW
							     : TROTH_BELIEF_DEVICE,
		/* "counts only when that device presents it on a stream authenticated by its own
		 * key" */
		.presented = true,
		.issued = e->issued_at,
		.expires = e->expires_at,
		.time = session_now(),
	};
	out->by[out->count++] = e;
}

static int verify(const struct troth_event *e, const struct troth_endorsement *one,
		  const struct troth_cert *issuer)
{
	if (one->purpose == TROTH_PURPOSE_RENEW)
		return troth_renewal_verify(issuer, e->cert, e->endorsements, e->endorsement_count);
	return one->purpose == TROTH_PURPOSE_DEVICE ? troth_endorsement_verify(one, issuer, e->cert)
						    : TROTH_E_CERT;
}

/* "Over a server the bare JID must belong to the identity": of another account than his it says
 * that the key isn't for him. */
static void tell_other(struct troth_session *s, const char *label, const char *jid)
{
	char text[TROTH_STORE_LABEL_MAX + 512];
	(void)snprintf(
		text, sizeof text,
		"A key of %s endorses this one for the account %.256s, which isn't one of %s "
		"here: that doesn't count.",
		label, jid, label);
	news_warn(s, NULL, text);
}

/* The first contact that has said something right is the one. */
static int look_at(struct troth_session *s, const struct troth_event *e,
		   const struct troth_endorsement *one, struct endorsed *out)
{
	struct troth_store_contact contact;
	struct troth_cert *issuer;
	/* The half of a renewal that the new key itself has signed says nothing by itself. */
	if (strcmp(one->issuer_name, troth_cert_name(e->cert)) == 0)
		return TROTH_OK;
	int err = troth_store_contact_by_name(s->store, one->issuer_name, &contact);
	if (err == TROTH_OK && out->contact != 0 && out->contact != contact.id)
		return TROTH_OK;
	if (err == TROTH_OK)
		err = contact_cert_by_name(s, contact.id, one->issuer_name, &issuer);
	if (err != TROTH_OK)
		return err == TROTH_E_NOT_FOUND || err == TROTH_E_CONFLICT || err == TROTH_E_CERT
			       ? TROTH_OK
			       : err;
	bool good = verify(e, one, issuer) == TROTH_OK;
	bool his = false;
	const struct troth_whose whose = {s->store, contact.id, e->address};
	if (good)
		err = troth_whose_key(&whose, one->jid, &his);
	if (good && his) {
		add(out, one, issuer, e->cert);
		out->contact = contact.id;
	} else if (good && err == TROTH_OK) {
		tell_other(s, contact.label, one->jid);
	}
	troth_cert_free(issuer);
	return err;
}

int endorsed_find(struct troth_session *s, const struct troth_event *e, struct endorsed *out)
{
	int err = TROTH_OK;
	memset(out, 0, sizeof *out);
	for (size_t i = 0; err == TROTH_OK && i < e->endorsement_count; i++) {
		if (out->count == ENDORSEMENTS_MAX)
			break;
		err = look_at(s, e, e->endorsements[i], out);
	}
	return err;
}

int endorsed_standing(struct troth_session *s, const struct endorsed *endorsed,
		      const struct troth_pin *pin, enum troth_key_standing *out)
{
	struct troth_believed b;
	int err = contact_believe(s, endorsed->contact, endorsed, &b);
	if (err != TROTH_OK)
		return err;
	const struct troth_belief_key *key = troth_belief_find(&b.belief, pin, TROTH_ROLE_DEVICE);
	*out = key != NULL ? key->standing : TROTH_KEY_UNKNOWN;
	troth_believed_fini(&b);
	return TROTH_OK;
}

/* ---- a new key ---- */

static void tell(struct link *l, const char *what, const char *kind)
{
	char text[256];
	(void)snprintf(text, sizeof text, "%s %s", l->label, what);
	struct troth_news n = news_of(l, TROTH_NEWS_DEVICE);
	n.text = text;
	record_log(l->session, kind, l->label, text);
	news(l->session, &n);
}

static int count_suspended(void *user, const struct troth_store_key *key)
{
	*(size_t *)user += key->state == TROTH_STORE_KEY_SUSPENDED;
	return 0;
}

/* Effect: how many of a contact's keys are suspended by what is recorded of them now. */
static int settle_and_count(struct troth_session *s, int64_t contact, size_t *out)
{
	*out = 0;
	int err = contact_settle(s, contact);
	return err == TROTH_OK ? troth_store_key_list(s->store, contact, count_suspended, out)
			       : err;
}

/* Effect: keeps what was signed. */
static int record_refused(struct troth_session *s, const struct endorsed *endorsed, bool *renewal)
{
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < endorsed->count; i++) {
		*renewal |= endorsed->says[i].purpose == TROTH_BELIEF_RENEW;
		err = statement_endorsement(s, endorsed->contact, &endorsed->says[i],
					    endorsed->by[i]);
	}
	return err;
}

/* "A key has one successor: a second one suspends both and tells the user." A renewal is refused
 * for other reasons, too. */
void endorsed_refused(struct link *l, const struct endorsed *endorsed)
{
	struct troth_session *s = l->session;
	struct troth_store_contact contact;
	char text[256];
	bool renewal = false;
	size_t before = 0;
	size_t after = 0;
	if (endorsed->claim.fingerprint != NULL) /* nothing is learnt of it but by success */
		return;
	int err = troth_store_contact_get(s->store, endorsed->contact, &contact);
	if (err == TROTH_OK)
		err = settle_and_count(s, endorsed->contact, &before);
	if (err == TROTH_OK)
		err = record_refused(s, endorsed, &renewal);
	if (err == TROTH_OK)
		err = settle_and_count(s, endorsed->contact, &after);
	if (err != TROTH_OK) {
		news_warn(s, l, troth_store_error(s->store));
		return;
	}
	if (!renewal || after <= before)
		return;
	(void)snprintf(text, sizeof text,
		       "Two keys say that they take the place of the same key of %s: neither is "
		       "believed. Pair again: `troth pair --generate %s`.",
		       contact.label, contact.label);
	record_log(s, "key-disputed", contact.label, text);
	news_warn(s, l, text);
}

/* Effect: an OpenPGP key speaks for a contact, or for somebody new. */
static int take_claim(struct link *l, const struct troth_openpgp_claim *claim, int64_t *contact)
{
	struct troth_store *store = l->session->store;
	struct troth_store_contact row;
	if (*contact != 0)
		return troth_openpgp_keep(store, *contact, claim, session_now());
	int err = troth_openpgp_meet(store, claim, session_now(), contact);
	if (err == TROTH_OK)
		err = troth_store_contact_get(store, *contact, &row);
	if (err != TROTH_OK)
		return err;
	l->contact = *contact;
	memcpy(l->label, row.label, sizeof l->label);
	return TROTH_OK;
}

int endorsed_take(struct link *l, const struct endorsed *endorsed, const struct troth_cert *cert)
{
	struct troth_session *s = l->session;
	bool renewed = true;
	bool openpgp = endorsed->claim.fingerprint != NULL;
	int64_t contact = endorsed->contact;
	int err = TROTH_OK;
	if (openpgp && err == TROTH_OK)
		err = take_claim(l, &endorsed->claim, &contact);
	for (size_t i = 0; err == TROTH_OK && i < endorsed->count; i++) {
		if (endorsed->says[i].kind != TROTH_BELIEF_ENDORSED)
			continue;
		renewed &= endorsed->says[i].purpose == TROTH_BELIEF_RENEW;
		err = statement_endorsement(s, contact, &endorsed->says[i], endorsed->by[i]);
	}
	const struct troth_store_new_key key = {
		.pin = troth_cert_pin(cert),
		.name = troth_cert_name(cert),
		.der = troth_cert_der(cert),
		.how = openpgp   ? HOW_OPENPGP
		       : renewed ? HOW_RENEWED
				 : HOW_ENDORSED,
		.role = TROTH_ROLE_DEVICE,
		.concluded = true,
	};
	if (err == TROTH_OK)
		err = troth_store_key_pin(s->store, contact, &key, session_now());
	if (err == TROTH_OK)
		err = contact_settle(s, contact);
	if (err == TROTH_OK) {
		link_local_contact(s);
		tell(l,
		     openpgp   ? "has shown a device that their OpenPGP key endorses."
		     : renewed ? "has renewed its key; the old one and the new one say so."
			       : "has a new device, which its user key endorses.",
		     renewed ? "key-renewed" : "device-new");
	}
	return err;
}
