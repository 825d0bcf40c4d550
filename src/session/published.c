/* SPDX-License-Identifier: MIT */
/*
 * Keys in the nodes of accounts: ours, kept in step with what this device says of its keys, and
 * those of contacts, fetched on need. Layer: session. What a node shows is its server's word.
 */
#include "session/fetched.h"
#include "session/own_items.h"
#include "session/revoked.h"
#include "session/state.h"
#include "session/statements.h"

#include <stdio.h>
#include <string.h>

/* ---- ours ---- */

/* Whether there is to be a node, and who may read it. */
static bool is_published(enum troth_publish publish)
{
	return publish == TROTH_PUBLISH_PRESENCE || publish == TROTH_PUBLISH_OPEN ||
	       publish == TROTH_PUBLISH_OWN;
}

static enum troth_pep_access access_of(enum troth_publish publish)
{
	switch (publish) {
	case TROTH_PUBLISH_OPEN:
		return TROTH_PEP_OPEN;
	case TROTH_PUBLISH_PRESENCE:
		return TROTH_PEP_PRESENCE;
	case TROTH_PUBLISH_NOTHING:
	case TROTH_PUBLISH_NO_MORE:
	case TROTH_PUBLISH_ASKED:
	case TROTH_PUBLISH_OWN:
		break;
	}
	return TROTH_PEP_OWN;
}

static void on_published(void *user, int err)
{
	struct online *o = user;
	if (err != TROTH_OK && !o->session->ending)
		news_warn(o->session, NULL,
			  "The account's server doesn't take our keys: they aren't published.");
}

static void on_retracted(void *user, int err)
{
	(void)user; /* where there is none, there was nothing to take away */
	(void)err;
}

static void retract(struct online *o, const char *name)
{
	if (troth_pep_retract(o->pep, name, on_retracted, o) != 0)
		news_warn(o->session, NULL, "A key of ours may still be published.");
}

static void retract_cert(struct online *o, const struct troth_cert *cert)
{
	if (cert != NULL)
		retract(o, troth_cert_name(cert));
}

static void publish(struct online *o)
{
	struct troth_session *s = o->session;
	struct troth_own_items all;
	troth_own_items(&all, s->own, troth_device_cert(s->device));
	/* A program that goes on with a key that was renewed doesn't put it back. */
	size_t first = s->own->has_successor;
	const struct troth_pep_publication publication = {.items = all.items + first,
							  .count = all.count - first,
							  .done = on_published,
							  .user = o};
	int err = troth_pep_publish(o->pep, access_of(o->publish), &publication);
	if (err != TROTH_OK)
		on_published(o, err);
	retract_cert(o, s->own->former); /* it was ours until a renewal */
}

/* ---- fetched ---- */

/* Effect: what our other devices have published, as far as our user key signed it. */
static int take_own(struct troth_session *s, const struct troth_keyinfo_list *list)
{
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < list->count; i++) {
		const struct troth_keyinfo *k = &list->items[i];
		for (size_t j = 0; k->cert != NULL && j < k->endorsements.count; j++) {
			const struct troth_endorsement *one = k->endorsements.items[j];
			if (err == TROTH_OK && one->purpose == TROTH_PURPOSE_DEVICE &&
			    learn_is_own_user_key(s, one->issuer_name))
				err = learn_fellow(s, k->cert, one);
		}
	}
	for (size_t i = 0; err == TROTH_OK && i < list->revocations.count; i++)
		if (revoked_by_us(s, list->revocations.items[i]))
			err = revoked_own(s, NULL, list->revocations.items[i]);
	return err;
}

/* ---- what is ours no more ---- */

static bool is_revoked_by_us(const struct troth_own *own, const struct troth_cert *cert)
{
	const struct troth_own_device *d = troth_own_device_find(own, troth_cert_pin(cert));
	if (d != NULL && d->revoked != NULL)
		return true;
	for (size_t i = 0; i < own->revocation_count; i++)
		if (own->revocations[i]->own &&
		    troth_pin_equal(&own->revocations[i]->key, troth_cert_pin(cert)))
			return true;
	return false;
}

/* Another device of ours may still rest on it. */
static bool is_endorser(const struct troth_keyinfo_list *list, const char *name, const char *own)
{
	for (size_t i = 0; i < list->count; i++)
		for (size_t k = 0; k < list->items[i].endorsements.count; k++)
			if (strcmp(list->items[i].name, own) != 0 &&
			    strcmp(list->items[i].endorsements.items[k]->issuer_name, name) == 0)
				return true;
	return false;
}

/* A device that was lost, or renewed while an older program of ours went on, doesn't take its key
 * out of the node: whichever of ours comes by does. What is revoked stays there as revoked. */
static bool is_stale(const struct troth_session *s, const struct troth_keyinfo_list *list,
		     const struct troth_keyinfo *k)
{
	const struct troth_own *own = s->own;
	const struct troth_cert *self = troth_device_cert(s->device);
	if (k->cert == NULL)
		return strcmp(k->name, own->openpgp_name) == 0 && !troth_own_says_openpgp(own) &&
		       !is_endorser(list, k->name, troth_cert_name(self));
	if (troth_pin_equal(troth_cert_pin(k->cert), troth_cert_pin(self)))
		return false;
	return is_revoked_by_us(own, k->cert) ||
	       (own->former != NULL &&
		troth_pin_equal(troth_cert_pin(k->cert), troth_cert_pin(own->former)));
}

static void tidy(struct online *o, const struct troth_keyinfo_list *list)
{
	for (size_t i = 0; is_published(o->publish) && i < list->count; i++)
		if (is_stale(o->session, list, &list->items[i]))
			retract(o, list->items[i].name);
}

/* Whatever was revoked, nobody goes on talking by it. */
static void end_revoked(struct troth_session *s, int64_t contact)
{
	struct troth_store_key key;
	for (struct link *l = s->links, *next; l != NULL; l = next) {
		next = l->next;
		if (l->contact == contact && l->has_pin &&
		    troth_store_key_get(s->store, &l->pin, &key) == TROTH_OK &&
		    key.state == TROTH_STORE_KEY_REVOKED)
			link_close(l, TROTH_E_REVOKED, "The key of this stream has been revoked.");
	}
}

static void tell_revoked(struct troth_session *s, int64_t contact)
{
	static const char text[] = "A key of this contact has been revoked: its account shows the "
				   "revocation, which is signed.";
	struct troth_store_contact c;
	if (troth_store_contact_get(s->store, contact, &c) != TROTH_OK)
		return;
	struct troth_news n = {
		.type = TROTH_NEWS_DEVICE, .contact = contact, .who = c.label, .text = text};
	record_log(s, "key-revoked", c.label, text);
	news(s, &n);
	end_revoked(s, contact);
	link_local_contact(s);
}

/* Keys that the contact hasn't here are told once: each time a row is made of them. */
static void tell_sent(struct troth_session *s, int64_t contact, const struct troth_fetched *f)
{
	char text[256];
	struct troth_store_contact c;
	if (f->fresh == 0 || troth_store_contact_get(s->store, contact, &c) != TROTH_OK)
		return;
	(void)snprintf(text, sizeof text,
		       "%s, or whoever uses that account, has sent %zu key%s that %s known here: "
		       "they are recorded as seen, and make nobody known.",
		       c.label, f->fresh, f->fresh == 1 ? "" : "s",
		       f->fresh == 1 ? "isn't" : "aren't");
	struct troth_news n = {
		.type = TROTH_NEWS_DEVICE, .contact = contact, .who = c.label, .text = text};
	record_log(s, "keys-sent", c.label, text);
	news(s, &n);
}

/* Effect: keys are recorded that a server says to be those of an account. */
static void take(struct online *o, const char *bare, const char *from,
		 const struct troth_keyinfo_list *list)
{
	struct troth_session *s = o->session;
	const char *own = troth_address_bare(troth_account_address(o->account));
	struct troth_fetched f = {0};
	int64_t contact = 0;
	int err = strcmp(bare, own) == 0 ? take_own(s, list)
					 : find_by_address(s, TROTH_REALM_SERVER, bare, &contact);
	const struct troth_fetched_of of = {
		.store = s->store, .contact = contact, .from = from, .now = session_now()};
	if (err == TROTH_OK && contact != 0)
		err = troth_fetched_take(&of, list, &f);
	if (err != TROTH_OK)
		news_warn(s, NULL, troth_store_error(s->store));
	else if (f.revoked > 0)
		tell_revoked(s, contact);
	else if (strcmp(bare, own) == 0 && strcmp(from, FETCHED_NODE) == 0)
		tidy(o, list);
	else if (strcmp(from, FETCHED_SENT) == 0)
		tell_sent(s, contact, &f);
}

static void on_fetched(void *user, const struct troth_pep_keys *keys)
{
	struct online *o = user;
	struct troth_address *jid;
	if (o->session->ending || keys->err != TROTH_OK ||
	    troth_address_new(&jid, TROTH_REALM_SERVER, keys->jid) != TROTH_OK)
		return;
	take(o, troth_address_bare(jid), FETCHED_NODE, keys->list);
	troth_address_free(jid);
}

void published_fetch(struct online *o, const char *jid)
{
	if (troth_pep_fetch(o->pep, jid, NULL, on_fetched, o) != TROTH_OK)
		news_warn(o->session, NULL, "The published keys couldn't be asked for.");
}

void published_changed(void *user, const char *jid)
{
	struct online *o = user;
	struct troth_address *address;
	int64_t contact = 0;
	if (o->session->ending || troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return;
	bool own = troth_address_same_bare(address, troth_account_address(o->account));
	if (own || (find_by_address(o->session, TROTH_REALM_SERVER, troth_address_bare(address),
				    &contact) == TROTH_OK &&
		    contact != 0))
		published_fetch(o, troth_address_bare(address));
	troth_address_free(address);
}

/* ---- directly ---- */

/* XEP-0189: "The other entity MUST make a careful access control decision": who may fetch is who
 * may ask, and of them contacts alone, and our own clients. */
bool published_asked(void *user, const struct troth_address *from,
		     const struct troth_pep_question *q)
{
	struct online *o = user;
	struct troth_session *s = o->session;
	struct troth_own_items all;
	bool contacts = o->publish == TROTH_PUBLISH_ASKED || o->publish == TROTH_PUBLISH_PRESENCE ||
			o->publish == TROTH_PUBLISH_OPEN;
	bool may = from == NULL ? contacts || o->publish == TROTH_PUBLISH_OWN
				: contacts && online_viewer(o, from) != 0;
	if (s->ending || !may)
		return false;
	say_refresh(s);
	troth_own_items(&all, s->own, troth_device_cert(s->device));
	return troth_pep_answer(q, all.items, all.count) == TROTH_OK;
}

void published_sent(void *user, const struct troth_address *from,
		    const struct troth_keyinfo_list *list)
{
	struct online *o = user;
	const struct troth_address *whose = from != NULL ? from : troth_account_address(o->account);
	if (!o->session->ending)
		take(o, troth_address_bare(whose), FETCHED_SENT, list);
}

/* ---- in step ---- */

void published_up(struct online *o)
{
	switch (o->publish) {
	case TROTH_PUBLISH_NOTHING:
		return;
	case TROTH_PUBLISH_NO_MORE:
	case TROTH_PUBLISH_ASKED:
		retract_cert(o, troth_device_cert(o->session->device));
		retract_cert(o, o->session->own->user_key);
		if (*o->session->own->openpgp_name != 0)
			retract(o, o->session->own->openpgp_name);
		return;
	case TROTH_PUBLISH_PRESENCE:
	case TROTH_PUBLISH_OPEN:
	case TROTH_PUBLISH_OWN:
		publish(o);
		published_fetch(o, NULL);
		return;
	}
}

void published_refresh(struct troth_session *s)
{
	for (struct online *o = s->accounts; o != NULL; o = o->next)
		if (troth_account_is_up(o->account) && is_published(o->publish))
			publish(o);
}

void published_tick(struct troth_session *s)
{
	bool any = false;
	for (const struct online *o = s->accounts; o != NULL; o = o->next)
		any |= troth_account_is_up(o->account) && is_published(o->publish);
	if (any && !s->ending)
		say_refresh(s);
}
