/* SPDX-License-Identifier: MIT */
/*
 * Asking an introducer for a third person's keys (docs/protocol.md, "Third party"). Layer: session.
 * What comes back is his word and no more: it changes nobody who has keys, and takes no key from
 * anybody.
 */
#include "session/state.h"

#include "base/slice.h"
#include "session/introducer.h"
#include "session/person.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ASKED_KEYS 8 /* of one person that are taken */
#define TEXT_SIZE 400

/* ---- the question ---- */

int troth_session_ask(struct troth_session *s, unsigned talk, const struct troth_ask *ask)
{
	char jid[TROTH_PERSON_MAX + 1];
	bool introduces = false;
	struct talk *t = talk_find(s, talk);
	struct link *l = t != NULL ? t->link : NULL;
	if (l == NULL || l->contact == 0 || l->asking_for ||
	    troth_stream_method(l->stream) != TROTH_METHOD_KEY ||
	    troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return TROTH_E_INVAL;
	if (strlen(ask->label) > TROTH_STORE_LABEL_MAX)
		return TROTH_E_LIMIT;
	int err = troth_store_leave_get(s->store, l->contact, TROTH_STORE_LEAVE_INTRODUCE,
					&introduces);
	if (err == TROTH_OK && !introduces)
		err = TROTH_E_REFUSED;
	if (err == TROTH_OK)
		err = troth_person_jid(ask->name, jid);
	if (err == TROTH_OK)
		err = troth_stream_request_keys_of(l->stream, jid);
	if (err != TROTH_OK)
		return err;
	l->asking_for = true;
	(void)snprintf(l->asked, sizeof l->asked, "%s", ask->label);
	link_wake(l);
	return TROTH_OK;
}

/* ---- the answer ---- */

/* One key that the introducer has signed for. */
struct vouched {
	const struct troth_peer_key *key;
	const struct troth_endorsement *word;
	struct troth_pin issuer;
};

struct introduction {
	struct link *link;
	struct vouched keys[ASKED_KEYS];
	size_t count;
	struct troth_store_contact about; /* the contact that has the label; id 0: nobody yet */
	bool keyed;                       /* it has keys otherwise than by introducers */
	bool vouched;                     /* an introducer's word about it counts */
	size_t same;                      /* keys given that it has */
};

static void finish(struct link *l, int err, const char *format, ...) TROTH_PRINTF(3, 4);
static void finish(struct link *l, int err, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	struct troth_news n =
		news_of(l, err == TROTH_OK ? TROTH_NEWS_INTRODUCED : TROTH_NEWS_ASK_FAILED);
	n.err = err;
	n.text = text;
	if (err == TROTH_E_NOT_FOUND)
		n.advice =
			"If that is the right name: on the introducer's side, `troth trust share "
			"LABEL on` lets you ask.";
	else if (err != TROTH_OK)
		record_log(l->session, "introduction-refused", l->label, text);
	news(l->session, &n);
}

/* "Signed by them": by any key that is believed to be the introducer's. */
static bool is_his_word(struct link *l, const struct troth_endorsement *word,
			const struct troth_cert *subject, struct troth_pin *issuer)
{
	struct troth_cert *cert;
	if (word->purpose != TROTH_PURPOSE_VOUCH ||
	    contact_cert_by_name(l->session, l->contact, word->issuer_name, &cert) != TROTH_OK)
		return false;
	bool good = troth_endorsement_verify(word, cert, subject) == TROTH_OK &&
		    troth_endorsement_in_force(word, session_now());
	*issuer = *troth_cert_pin(cert);
	troth_cert_free(cert);
	if (!good)
		return false;
	struct troth_belief_statement says = {
		.kind = TROTH_BELIEF_VOUCHED, .introducer = l->contact, .issuer = *issuer};
	const struct troth_believed_of of = {.store = l->session->store, .now = session_now()};
	return troth_introducers_weigh(&of, &says, 1) == TROTH_OK && says.introducer_trusted;
}

static void take_signed(struct introduction *in, const struct troth_event *e)
{
	for (size_t i = 0; i < e->key_count; i++) {
		const struct troth_peer_key *key = &e->keys[i];
		for (size_t k = 0; k < key->endorsement_count && in->count < ASKED_KEYS; k++) {
			struct vouched *v = &in->keys[in->count];
			if (!is_his_word(in->link, key->endorsements[k], key->cert, &v->issuer))
				continue;
			v->key = key;
			v->word = key->endorsements[k];
			in->count++;
			break;
		}
	}
}

/* ---- whom it is about ---- */

static int look_at_key(void *user, const struct troth_store_key *key)
{
	struct introduction *in = user;
	struct troth_store_contact by;
	bool vouched = troth_key_is_vouched(key);
	if (key->state == TROTH_STORE_KEY_SEEN)
		return 0;
	const struct troth_believed_of of = {
		.store = in->link->session->store, .contact = in->about.id, .now = session_now()};
	if (vouched && troth_introducer_of(&of, &key->pin, &by) != TROTH_OK)
		return 0; /* its introducer is none any more */
	in->keyed |= !vouched;
	in->vouched |= vouched;
	bool counts = vouched || key->state == TROTH_STORE_KEY_PROVEN;
	for (size_t i = 0; counts && i < in->count; i++)
		in->same += troth_pin_equal(troth_cert_pin(in->keys[i].key->cert), &key->pin);
	return 0;
}

static int look_at_contact(struct introduction *in)
{
	struct troth_store *store = in->link->session->store;
	int err = troth_store_contact_by_label(store, in->link->asked, &in->about);
	if (err == TROTH_E_NOT_FOUND) {
		in->about = (struct troth_store_contact){.id = 0};
		return TROTH_OK;
	}
	if (err == TROTH_OK)
		err = troth_store_key_list(store, in->about.id, look_at_key, in);
	return err == TROTH_OK ? troth_store_user_key_list(store, in->about.id, look_at_key, in)
			       : err;
}

/* A key that is somebody's already says that the introducer is wrong, or worse; false: told. */
static bool is_free(const struct introduction *in, const struct troth_cert *cert)
{
	struct link *l = in->link;
	struct troth_session *s = l->session;
	struct troth_store_contact owner;
	struct troth_store_key row;
	if (troth_pin_equal(troth_cert_pin(cert), troth_cert_pin(troth_device_cert(s->device)))) {
		finish(l, TROTH_E_SELF,
		       "%s says that this device's own key is that of %s: nothing was changed.",
		       l->label, l->asked);
		return false;
	}
	int err = troth_store_key_get(s->store, troth_cert_pin(cert), &row);
	if (err == TROTH_E_NOT_FOUND ||
	    (err == TROTH_OK &&
	     (row.state == TROTH_STORE_KEY_SEEN || row.contact == in->about.id) &&
	     row.state != TROTH_STORE_KEY_REVOKED))
		return true;
	if (err == TROTH_OK && row.state == TROTH_STORE_KEY_REVOKED)
		finish(l, TROTH_E_REVOKED,
		       "The key that %s names for %s was revoked: nothing was changed.", l->label,
		       l->asked);
	else if (err == TROTH_OK &&
		 troth_store_contact_get(s->store, row.contact, &owner) == TROTH_OK)
		finish(l, TROTH_E_CONFLICT,
		       "%s says that a key of %s is that of %s: nothing was changed.", l->label,
		       owner.label, l->asked);
	else
		finish(l, TROTH_E_STORE, "%s", troth_store_error(s->store));
	return false;
}

/* "Never changes a contact that has keys": whether it says the same is worth knowing. */
static void compare(struct introduction *in)
{
	struct link *l = in->link;
	if (in->same > 0)
		finish(l, TROTH_OK, "%s names the same key for %s as the one known here.", l->label,
		       in->about.label);
	else if (in->keyed)
		finish(l, TROTH_E_KEY_CHANGED,
		       "%s names another key for %s than those known here: nothing was changed. "
		       "If %s has a new device, pair with it; if not, %s is mistaken or lies.",
		       l->label, in->about.label, in->about.label, l->label);
	else
		finish(l, TROTH_E_CONFLICT,
		       "%s names another key for %s than the one that was vouched for before: "
		       "nothing was changed. `troth trust forget` makes room for it.",
		       l->label, in->about.label);
}

/* ---- kept ---- */

static int keep_one(struct introduction *in, const struct vouched *v)
{
	struct link *l = in->link;
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	char detail[TROTH_STORE_LABEL_MAX + 16];
	(void)snprintf(detail, sizeof detail, "vouched by %s", l->label);
	troth_buf_init(&xml, TROTH_STORE_BLOB_MAX);
	troth_writer_init(&w, &xml, "");
	troth_endorsement_write(&w, v->word);
	int err = troth_writer_finish(&w);
	const struct troth_store_new_key key = {
		.pin = troth_cert_pin(v->key->cert),
		.name = troth_cert_name(v->key->cert),
		.der = troth_cert_der(v->key->cert),
		.how = TROTH_STORE_HOW_VOUCHED,
		.detail = detail,
		.concluded = true,
	};
	const struct troth_store_statement says = {
		.says = {.kind = TROTH_BELIEF_VOUCHED,
			 .subject = *key.pin,
			 .issuer = v->issuer,
			 .introducer = l->contact,
			 .depth = 1, /* who vouches has proved the key himself, or is lying */
			 .issued = v->word->issued_at,
			 .expires = v->word->expires_at,
			 .time = session_now()},
		.data = troth_buf_slice(&xml),
	};
	const struct troth_store_vouch vouch = {
		.contact = in->about.id, .label = l->asked, .key = &key, .says = &says};
	return err == TROTH_OK ? troth_store_vouch_commit(l->session->store, &vouch, session_now(),
							  &in->about.id)
			       : err;
}

static void keep(struct introduction *in)
{
	struct link *l = in->link;
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < in->count; i++)
		err = keep_one(in, &in->keys[i]);
	if (err == TROTH_OK) {
		link_local_contact(l->session);
		finish(l, TROTH_OK, "%s is known now, vouched by %s.", l->asked, l->label);
	} else {
		finish(l, err, "%s", troth_store_error(l->session->store));
	}
}

void link_introduced(struct link *l, const struct troth_event *e)
{
	struct introduction in = {.link = l};
	if (!l->asking_for)
		return;
	l->asking_for = false;
	take_signed(&in, e);
	if (e->key_count == 0) {
		finish(l, TROTH_E_NOT_FOUND, "%s names nobody's key for that.", l->label);
		return;
	}
	int err = look_at_contact(&in);
	if (err != TROTH_OK) {
		finish(l, err, "%s", troth_store_error(l->session->store));
		return;
	}
	for (size_t i = 0; i < e->key_count; i++) {
		if (!is_free(&in, e->keys[i].cert))
			return;
	}
	if (in.count == 0) {
		finish(l, TROTH_E_CERT,
		       "What came isn't signed by a key of %s, or not in these days.", l->label);
		return;
	}
	if (in.keyed || (in.vouched && in.same == 0))
		compare(&in);
	else
		keep(&in);
}
