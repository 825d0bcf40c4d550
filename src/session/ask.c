/* SPDX-License-Identifier: MIT */
/*
 * Asking an introducer for a third person's keys (docs/protocol.md, "Third party"). Layer: session.
 * What comes back is his word and no more: it changes nobody who has keys, and takes no key from
 * anybody.
 */
#include "session/state.h"

#include "base/slice.h"
#include "keys/keyinfo.h"
#include "session/introducer.h"
#include "session/person.h"
#include "session/relied.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ASKED_KEYS 8     /* of one person that are taken */
#define VERIFIED_MAX 128 /* signatures of one answer that are looked at */
#define TEXT_SIZE 600

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

struct introduction {
	struct link *link;
	struct relied keys[ASKED_KEYS];
	size_t count;
	unsigned beyond; /* the length of a chain that policy doesn't take; 0: none */
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

static void take_signed(struct introduction *in, const struct troth_event *e)
{
	unsigned budget = VERIFIED_MAX;
	unsigned most = troth_store_belief_policy(in->link->session->store)->depth;
	for (size_t i = 0; i < e->key_count && in->count < ASKED_KEYS; i++) {
		struct relied *r = &in->keys[in->count];
		if (!relied_find(in->link, e, &e->keys[i], &budget, r))
			continue;
		/* "Never transitive beyond the configured depth" */
		if (r->depth > most)
			in->beyond = r->depth;
		else
			in->count++;
	}
}

/* ---- whom it is about ---- */

static int look_at_key(void *user, const struct troth_store_key *key)
{
	struct introduction *in = user;
	struct troth_voucher by;
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
		in->same +=
			troth_pin_equal(troth_cert_pin(in->keys[i].links[0].key->cert), &key->pin);
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

/* What was signed. Of a link with its key, which nothing else here holds. */
static int write_signed(const struct relied *r, unsigned n, struct troth_buf *out)
{
	struct troth_writer w;
	const struct relied_link *link = &r->links[n];
	const struct troth_stated_key key = {
		.cert = link->key->cert, .endorsements = &link->word, .endorsement_count = 1};
	troth_writer_init(&w, out, "");
	if (n == 0) {
		troth_endorsement_write(&w, link->word);
	} else {
		troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
		troth_keyinfo_write(&w, &key);
		troth_writer_close(&w);
	}
	return troth_writer_finish(&w);
}

static int keep_one(struct introduction *in, const struct relied *r)
{
	struct link *l = in->link;
	struct troth_buf xml[TROTH_BELIEF_DEPTH_MAX];
	struct troth_store_statement says[TROTH_BELIEF_DEPTH_MAX];
	char detail[TROTH_STORE_LABEL_MAX + 48];
	int err = TROTH_OK;
	(void)snprintf(detail, sizeof detail, "vouched by %s%s", l->label,
		       r->depth > 1 ? ", on the word of others" : "");
	for (unsigned i = 0; i < r->depth; i++) {
		const struct relied_link *link = &r->links[i];
		troth_buf_init(&xml[i], TROTH_STORE_BLOB_MAX);
		if (err == TROTH_OK)
			err = write_signed(r, i, &xml[i]);
		says[i] = (struct troth_store_statement){
			.says = {.kind = i == 0 ? TROTH_BELIEF_VOUCHED : TROTH_BELIEF_INTRODUCED,
				 .subject = *troth_cert_pin(link->key->cert),
				 .issuer = link->issuer,
				 .introducer = l->contact,
				 .depth = r->depth - i, /* the last knows the key, or is lying */
				 .issued = link->word->issued_at,
				 .expires = link->word->expires_at,
				 .time = session_now()},
			.data = troth_buf_slice(&xml[i]),
		};
	}
	const struct troth_cert *cert = r->links[0].key->cert;
	const struct troth_store_new_key key = {
		.pin = troth_cert_pin(cert),
		.name = troth_cert_name(cert),
		.der = troth_cert_der(cert),
		.how = TROTH_STORE_HOW_VOUCHED,
		.detail = detail,
		.concluded = true,
	};
	const struct troth_store_vouch vouch = {.contact = in->about.id,
						.label = l->asked,
						.key = &key,
						.says = &says[0],
						.links = says + 1,
						.link_count = r->depth - 1};
	if (err == TROTH_OK)
		err = troth_store_vouch_commit(l->session->store, &vouch, session_now(),
					       &in->about.id);
	for (unsigned i = 0; i < r->depth; i++)
		troth_buf_fini(&xml[i]);
	return err;
}

static void keep(struct introduction *in)
{
	struct link *l = in->link;
	struct troth_voucher by;
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < in->count; i++)
		err = keep_one(in, &in->keys[i]);
	const struct troth_believed_of of = {
		.store = l->session->store, .contact = in->about.id, .now = session_now()};
	if (err == TROTH_OK)
		err = troth_introducer_of(&of, troth_cert_pin(in->keys[0].links[0].key->cert), &by);
	if (err == TROTH_OK) {
		link_local_contact(l->session);
		finish(l, TROTH_OK, "%s is known now, vouched by %s.", l->asked, by.text);
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
		if (!relied_is_link(&e->keys[i]) && !is_free(&in, e->keys[i].cert))
			return;
	}
	if (in.count == 0 && in.beyond > 0) {
		finish(l, TROTH_E_REFUSED,
		       "%s passes on what others say of %s: that would be the word of %u people, "
		       "one "
		       "behind the other, and the policy takes %u (`introducers`).",
		       l->label, l->asked, in.beyond,
		       troth_store_belief_policy(l->session->store)->depth);
		return;
	}
	if (in.count == 0) {
		finish(l, TROTH_E_CERT,
		       "What came isn't signed by a key of %s for that person, or not in these "
		       "days.",
		       l->label);
		return;
	}
	if (in.keyed || (in.vouched && in.same == 0))
		compare(&in);
	else
		keep(&in);
}
