/* SPDX-License-Identifier: MIT */
/*
 * Another device of ours, as the one that adds it: our user key's word for it, and our contacts
 * (docs/protocol.md, "A further device"). Layer: session. join.c is the other side.
 */
#include "session/state.h"

#include "base/slice.h"
#include "xml/namespace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define YEAR ((int64_t)365 * 24 * 3600)

struct adding {
	struct link *link;
	const struct troth_device *user_key;
	struct troth_signer signer;
	size_t contacts; /* given */
	int err;
};

/* ---- keys ---- */

static int cert_of(struct troth_session *s, const struct troth_pin *pin, struct troth_cert **out)
{
	struct troth_buf der TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&der, TROTH_STORE_BLOB_MAX);
	int err = troth_store_key_der(s->store, pin, &der);
	if (err == TROTH_OK && troth_buf_len(&der) == 0)
		err = TROTH_E_NOT_FOUND;
	return err == TROTH_OK ? troth_cert_new(out, troth_buf_slice(&der)) : err;
}

static int sign(const struct adding *a, const struct troth_cert *subject,
		enum troth_purpose purpose, struct troth_endorsement **out)
{
	const struct troth_endorsement_terms terms = {
		.purpose = purpose,
		.issued = session_now(),
		.expires = session_now() + YEAR,
	};
	return troth_endorsement_make(out, &a->signer, &terms, subject);
}

/* ---- stanzas ---- */

struct giving {
	const struct troth_cert *cert;
	const struct troth_endorsement *endorsement;
	const char *label;
	enum troth_key_role role;
	size_t count;
};

static void write_join(void *user, struct troth_writer *w)
{
	const struct giving *g = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_open(w, TROTH_NS_TROTH, "join");
	troth_writer_open(w, TROTH_NS_TROTH, "user-key");
	troth_writer_base64(w, troth_cert_der(g->cert));
	troth_writer_close(w);
	troth_endorsement_write(w, g->endorsement);
	troth_writer_close(w);
	troth_writer_close(w);
}

static void write_contact(void *user, struct troth_writer *w)
{
	const struct giving *g = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_open(w, TROTH_NS_TROTH, "contact");
	troth_writer_attr(w, "label", g->label);
	troth_writer_attr(w, "role", g->role == TROTH_ROLE_USER ? "user" : "device");
	troth_writer_open(w, TROTH_NS_TROTH, "key");
	troth_writer_base64(w, troth_cert_der(g->cert));
	troth_writer_close(w);
	troth_endorsement_write(w, g->endorsement);
	troth_writer_close(w);
	troth_writer_close(w);
}

static void write_end(void *user, struct troth_writer *w)
{
	const struct giving *g = user;
	char count[24];
	(void)snprintf(count, sizeof count, "%zu", g->count);
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_open(w, TROTH_NS_TROTH, "join-end");
	troth_writer_attr(w, "keys", count);
	troth_writer_close(w);
	troth_writer_close(w);
}

/* ---- giving ---- */

/* The device itself: what it shows to our contacts from now on. */
static int give_join(struct adding *a)
{
	struct troth_session *s = a->link->session;
	struct troth_endorsement *e;
	struct troth_cert *device;
	int err = cert_of(s, &a->link->pin, &device);
	if (err != TROTH_OK)
		return err;
	err = troth_own_endorse(s->store, a->user_key, device, session_now(), &e);
	troth_cert_free(device);
	if (err != TROTH_OK)
		return err;
	struct giving g = {.cert = troth_device_cert(a->user_key), .endorsement = e};
	err = troth_stream_send(a->link->stream, write_join, &g);
	troth_endorsement_free(e);
	return err;
}

struct one_contact {
	struct adding *adding;
	const struct troth_store_contact *contact;
};

/* Only what was proven to us; what we merely heard is nobody's business. */
static int give_key(void *user, const struct troth_store_key *key)
{
	struct one_contact *c = user;
	struct adding *a = c->adding;
	struct troth_endorsement *e;
	struct troth_cert *cert;
	if (key->state != TROTH_STORE_KEY_PROVEN)
		return 0;
	int err = cert_of(a->link->session, &key->pin, &cert);
	if (err != TROTH_OK) /* only its pin is known: the device will meet it by itself */
		return err == TROTH_E_NOT_FOUND ? 0 : err;
	err = sign(a, cert, TROTH_PURPOSE_VOUCH, &e);
	if (err == TROTH_OK) {
		struct giving g = {.cert = cert,
				   .endorsement = e,
				   .label = c->contact->label,
				   .role = key->role};
		err = troth_stream_send(a->link->stream, write_contact, &g);
		a->contacts += err == TROTH_OK;
		troth_endorsement_free(e);
	}
	troth_cert_free(cert);
	return err;
}

static int give_contact(void *user, const struct troth_store_contact *contact)
{
	struct adding *a = user;
	struct one_contact c = {a, contact};
	struct troth_store *store = a->link->session->store;
	if (contact->id == a->link->contact)
		return 0;
	int err = troth_store_key_list(store, contact->id, give_key, &c);
	return err == TROTH_OK ? troth_store_user_key_list(store, contact->id, give_key, &c) : err;
}

int troth_session_add(struct troth_session *s, unsigned talk, const struct troth_device *user_key)
{
	struct talk *t = talk_find(s, talk);
	struct link *l = t != NULL ? t->link : NULL;
	if (l == NULL || l->contact == 0 || !l->has_pin ||
	    troth_stream_method(l->stream) != TROTH_METHOD_KEY ||
	    troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return TROTH_E_INVAL;
	struct adding a = {
		.link = l, .user_key = user_key, .signer = troth_signer_of_device(user_key)};
	int err = give_join(&a);
	if (err == TROTH_OK)
		err = troth_store_contact_list(s->store, give_contact, &a);
	struct giving g = {.count = a.contacts};
	if (err == TROTH_OK)
		err = troth_stream_send(l->stream, write_end, &g);
	if (err != TROTH_OK)
		return err;
	record_log(s, "device-added", l->label, "The user key endorses it as a device of ours.");
	link_wake(l);
	return TROTH_OK;
}
