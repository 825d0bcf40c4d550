/* SPDX-License-Identifier: MIT */
/* Own statements, read from the store. Layer: session. own_keep.c writes them. */
#include "session/own.h"

#include "base/encode.h"
#include "base/limits.h"
#include "base/slice.h"
#include "session/openpgp_key.h"
#include "session/own_kinds.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

const struct troth_own_device *troth_own_device_find(const struct troth_own *own,
						     const struct troth_pin *pin)
{
	for (size_t i = 0; i < own->device_count; i++)
		if (troth_pin_equal(&own->devices[i].pin, pin))
			return &own->devices[i];
	return NULL;
}

bool troth_own_endorsement_is_due(const struct troth_endorsement *e, int64_t now)
{
	return e == NULL || now >= e->issued_at + (e->expires_at - e->issued_at) / 3 * 2;
}

bool troth_own_is_due(const struct troth_own_device *device, int64_t now)
{
	return device == NULL || troth_own_endorsement_is_due(device->endorsement, now);
}

/* ---- reading ---- */

struct loading {
	struct troth_own *own;
	const struct troth_pin *device;
	int err;
};

static bool is_by(const struct troth_endorsement *e, const struct troth_cert *cert)
{
	return cert != NULL && strcmp(e->issuer_name, troth_cert_name(cert)) == 0;
}

static struct troth_own_device *device_of(struct troth_own *own, const struct troth_pin *pin)
{
	for (size_t i = 0; i < own->device_count; i++)
		if (troth_pin_equal(&own->devices[i].pin, pin))
			return &own->devices[i];
	if (own->device_count == TROTH_OWN_DEVICES)
		return NULL;
	struct troth_own_device *d = &own->devices[own->device_count++];
	d->pin = *pin;
	return d;
}

bool troth_own_has_word(const struct troth_own *own, const struct troth_pin *heir,
			const struct troth_endorsement *e)
{
	for (size_t i = 0; i < own->word_count; i++) {
		if (troth_pin_equal(&own->word_about[i], heir) &&
		    strcmp(own->words[i]->issuer_name, e->issuer_name) == 0)
			return true;
	}
	return false;
}

static void take_word(struct troth_own *own, const struct troth_pin *heir,
		      struct troth_endorsement *e)
{
	if (own->word_count == TROTH_OWN_WORDS || troth_own_has_word(own, heir, e)) {
		troth_endorsement_free(e);
		return;
	}
	own->word_about[own->word_count] = *heir;
	own->words[own->word_count++] = e;
}

static bool is_own_renewal(const struct loading *l, const struct troth_endorsement *e)
{
	return l->own->former != NULL && is_by(e, l->own->former) &&
	       troth_pin_equal(troth_cert_pin(l->own->former), l->device);
}

static void take_successor(struct troth_own *own, const struct troth_pin *subject,
			   struct troth_endorsement *e)
{
	own->successor = *subject;
	own->has_successor = true;
	troth_endorsement_free(e);
}

static void replace(struct troth_endorsement **to, struct troth_endorsement *e)
{
	troth_endorsement_free(*to);
	*to = e;
}

/* A later one takes the place of an earlier one. */
static void take_endorsement(struct loading *l, const struct troth_pin *subject,
			     struct troth_endorsement *e)
{
	struct troth_own_device *d = NULL;
	bool ours = troth_pin_equal(subject, l->device);
	bool openpgp = strcmp(e->method, TROTH_METHOD_OPENPGP) == 0;
	if (e->purpose == TROTH_PURPOSE_DEVICE && !openpgp && is_by(e, l->own->user_key))
		d = device_of(l->own, subject);
	if (e->purpose == TROTH_PURPOSE_SUCCEED)
		take_word(l->own, subject, e);
	else if (d != NULL)
		replace(&d->endorsement, e);
	else if (e->purpose == TROTH_PURPOSE_DEVICE && openpgp && ours)
		replace(&l->own->openpgp, e);
	else if (e->purpose == TROTH_PURPOSE_RENEW && !ours && is_own_renewal(l, e))
		take_successor(l->own, subject, e);
	else if (e->purpose == TROTH_PURPOSE_RENEW && ours)
		replace(&l->own->renewal[is_by(e, l->own->former)], e);
	else
		troth_endorsement_free(e);
}

static int read_endorsement(struct loading *l, const struct troth_store_evidence *row)
{
	struct troth_endorsement *e;
	struct troth_stanza *xml;
	int err = troth_element_parse(&xml, row->data);
	if (err != TROTH_OK)
		return err;
	err = troth_endorsement_read(&e, troth_stanza_root(xml));
	troth_stanza_free(xml);
	if (err == TROTH_OK)
		take_endorsement(l, &row->pin, e);
	return err;
}

static int read_revocation(struct loading *l, const struct troth_store_evidence *row)
{
	struct troth_own *own = l->own;
	struct troth_revocation *r;
	struct troth_stanza *xml;
	if (own->revocation_count == TROTH_OWN_REVOCATIONS)
		return TROTH_OK;
	int err = troth_element_parse(&xml, row->data);
	if (err != TROTH_OK)
		return err;
	err = troth_revocation_read(&r, troth_stanza_root(xml));
	troth_stanza_free(xml);
	if (err == TROTH_OK)
		own->revocations[own->revocation_count++] = r;
	return err;
}

static int read_quorum(struct loading *l, const struct troth_store_evidence *row)
{
	struct troth_quorum *q;
	struct troth_stanza *xml;
	int err = troth_element_parse(&xml, row->data);
	if (err != TROTH_OK)
		return err;
	err = troth_quorum_read(&q, troth_stanza_root(xml));
	troth_stanza_free(xml);
	if (err != TROTH_OK)
		return err;
	troth_quorum_free(l->own->quorum);
	l->own->quorum = q;
	l->own->quorum_by = row->pin;
	return TROTH_OK;
}

static int read_cert(struct troth_cert **to, const struct troth_store_evidence *row)
{
	struct troth_cert *cert;
	int err = troth_cert_new(&cert, row->data);
	if (err != TROTH_OK)
		return err;
	troth_cert_free(*to);
	*to = cert;
	return TROTH_OK;
}

/* What can't be read was damaged, or written by a newer version: the rest is good all the same. */
static int passable(int err)
{
	return err == TROTH_E_NOMEM ? err : TROTH_OK;
}

static int read_openpgp_key(struct troth_own *own, const struct troth_store_evidence *row)
{
	if (row->method == NULL || !troth_openpgp_fingerprint_ok(row->method))
		return TROTH_E_FORMAT;
	troth_buf_clear(&own->openpgp_key);
	int err = troth_buf_append_slice(&own->openpgp_key, row->data);
	memcpy(own->openpgp_name, row->method, TROTH_OPENPGP_FINGERPRINT_LEN + 1);
	if (err != TROTH_OK)
		own->openpgp_name[0] = 0;
	return err;
}

bool troth_own_says_openpgp(const struct troth_own *own)
{
	return own->openpgp != NULL && strcmp(own->openpgp->issuer_name, own->openpgp_name) == 0;
}

static int each_key(void *user, const struct troth_store_evidence *row)
{
	struct loading *l = user;
	if (row->contact != 0)
		return 0;
	if (strcmp(row->kind, OWN_USER_KEY) == 0)
		return passable(read_cert(&l->own->user_key, row));
	if (strcmp(row->kind, OWN_USER_LOST) == 0 && l->own->user_key != NULL &&
	    troth_pin_equal(troth_cert_pin(l->own->user_key), &row->pin)) {
		troth_cert_free(l->own->user_key);
		l->own->user_key = NULL;
	}
	if (strcmp(row->kind, OWN_FORMER) == 0)
		return passable(read_cert(&l->own->former, row));
	if (strcmp(row->kind, OWN_OPENPGP_KEY) == 0)
		return passable(read_openpgp_key(l->own, row));
	if (strcmp(row->kind, OWN_HEIR) == 0)
		return passable(read_cert(&l->own->heir, row));
	return 0;
}

static int each_statement(void *user, const struct troth_store_evidence *row)
{
	struct loading *l = user;
	if (row->contact != 0)
		return 0;
	if (strcmp(row->kind, OWN_ENDORSEMENT) == 0)
		return passable(read_endorsement(l, row));
	if (strcmp(row->kind, OWN_REVOCATION) == 0)
		return passable(read_revocation(l, row));
	if (strcmp(row->kind, OWN_QUORUM) == 0)
		return passable(read_quorum(l, row));
	if (strcmp(row->kind, OWN_OPENPGP_DROPPED) == 0)
		replace(&l->own->openpgp, NULL);
	return 0;
}

/* ---- what is said ---- */

static bool is_by_user_key(const struct troth_own *own, const struct troth_revocation *r)
{
	char hash[2 * TROTH_PIN_LEN + 1];
	if (own->user_key == NULL)
		return false;
	troth_hex(hash, troth_slice_of(troth_cert_pin(own->user_key)->bytes, TROTH_PIN_LEN));
	return strcmp(r->issuer, hash) == 0;
}

/* "By the key itself or the user key". "A fellow device only suspends". */
static const struct troth_revocation *revocation_of(const struct troth_own *own,
						    const struct troth_pin *pin)
{
	for (size_t i = 0; i < own->revocation_count; i++) {
		const struct troth_revocation *r = own->revocations[i];
		if (troth_pin_equal(&r->key, pin) && (r->own || is_by_user_key(own, r)))
			return r;
	}
	return NULL;
}

static const struct troth_revocation *suspension_of(const struct troth_own *own,
						    const struct troth_own_device *d)
{
	for (size_t i = 0; i < own->revocation_count; i++) {
		const struct troth_revocation *r = own->revocations[i];
		if (troth_pin_equal(&r->key, &d->pin) && !r->own && !is_by_user_key(own, r) &&
		    (d->endorsement == NULL || d->endorsement->issued_at <= r->time_at))
			return r;
	}
	return NULL;
}

static void drop_user_key(struct troth_own *own)
{
	troth_cert_free(own->user_key);
	own->user_key = NULL;
	for (size_t i = 0; i < own->device_count; i++)
		replace(&own->devices[i].endorsement, NULL);
}

/* What was said of the user key that we have. */
static size_t compose_words(struct troth_own *own)
{
	size_t count = 0;
	for (size_t i = 0; i < own->word_count && count < TROTH_QUORUM_DEVICES; i++) {
		if (troth_pin_equal(&own->word_about[i], troth_cert_pin(own->user_key)))
			own->succeed[count++] = own->words[i];
	}
	return count;
}

static void compose(struct troth_own *own, const struct troth_pin *device)
{
	struct troth_statements *s = &own->statements;
	const struct troth_own_device *this = troth_own_device_find(own, device);
	s->endorsements = own->said;
	s->further = own->further;
	s->revocations = (const struct troth_revocation *const *)own->revocations;
	s->revocation_count = own->revocation_count;
	s->quorum = own->quorum;
	s->successor = own->has_successor ? &own->successor : NULL;
	if (this != NULL && this->endorsement != NULL)
		own->said[s->endorsement_count++] = this->endorsement;
	/* One half alone means nothing. */
	for (size_t i = 0; own->renewal[0] != NULL && own->renewal[1] != NULL && i < 2; i++)
		own->said[s->endorsement_count++] = own->renewal[i];
	if (own->openpgp != NULL) {
		own->said[s->endorsement_count++] = own->openpgp;
		s->user_key = own->openpgp->issuer_name;
	}
	if (own->user_key == NULL)
		return;
	if (this != NULL && this->endorsement != NULL)
		s->user_key = troth_cert_name(own->user_key);
	own->further[s->further_count++] = (struct troth_stated_key){
		.cert = own->user_key,
		.endorsements = own->succeed,
		.endorsement_count = compose_words(own),
	};
}

static int load(struct troth_own *own, struct troth_store *store, const struct troth_cert *device)
{
	struct loading l = {.own = own, .device = troth_cert_pin(device)};
	int err = troth_store_evidence_list(store, 0, NULL, each_key, &l);
	if (err == TROTH_OK)
		err = troth_store_evidence_list(store, 0, NULL, each_statement, &l);
	if (err != TROTH_OK)
		return err;
	for (size_t i = 0; i < own->device_count; i++)
		own->devices[i].revoked = revocation_of(own, &own->devices[i].pin);
	for (size_t i = 0; i < own->device_count; i++)
		own->devices[i].suspended = suspension_of(own, &own->devices[i]);
	if (own->heir != NULL && own->user_key != NULL &&
	    troth_pin_equal(troth_cert_pin(own->heir), troth_cert_pin(own->user_key))) {
		troth_cert_free(own->heir);
		own->heir = NULL;
	}
	if (own->user_key != NULL && revocation_of(own, troth_cert_pin(own->user_key)) != NULL)
		drop_user_key(own);
	compose(own, l.device);
	return TROTH_OK;
}

int troth_own_load(struct troth_own **out, struct troth_store *store,
		   const struct troth_cert *device)
{
	struct troth_own *own = calloc(1, sizeof *own);
	if (own == NULL)
		return TROTH_E_NOMEM;
	troth_buf_init(&own->openpgp_key, TROTH_LIMIT_OPENPGP_KEY_BYTES);
	int err = load(own, store, device);
	if (err != TROTH_OK)
		troth_own_free(own);
	else
		*out = own;
	return err;
}

void troth_own_free(struct troth_own *own)
{
	if (own == NULL)
		return;
	for (size_t i = 0; i < own->device_count; i++)
		troth_endorsement_free(own->devices[i].endorsement);
	for (size_t i = 0; i < own->revocation_count; i++)
		troth_revocation_free(own->revocations[i]);
	for (size_t i = 0; i < own->word_count; i++)
		troth_endorsement_free(own->words[i]);
	troth_quorum_free(own->quorum);
	troth_cert_free(own->heir);
	troth_endorsement_free(own->renewal[0]);
	troth_endorsement_free(own->renewal[1]);
	troth_endorsement_free(own->openpgp);
	troth_buf_fini(&own->openpgp_key);
	troth_cert_free(own->user_key);
	troth_cert_free(own->former);
	free(own);
}
