/* SPDX-License-Identifier: MIT */
/*
 * Keys in the nodes of accounts: ours, kept in step with what this device says of its keys, and
 * those of contacts, fetched on need. Layer: session. What a node shows is its server's word.
 */
#include "session/fetched.h"
#include "session/revoked.h"
#include "session/state.h"
#include "session/statements.h"

#include "base/encode.h"
#include "keys/keyinfo.h"
#include "xml/writer.h"

#include <stdlib.h>
#include <string.h>

/* The name of an item with a revocation: this, and the pin of the key. */
#define REVOKE_NAME "revoke-"
#define REVOKE_NAME_SIZE (sizeof REVOKE_NAME + 2 * (size_t)TROTH_PIN_LEN)

/* ---- ours ---- */

static void write_own(void *user, struct troth_writer *w)
{
	const struct troth_session *s = user;
	const struct troth_statements *says = &s->own->statements;
	int err = troth_keyinfo_write_own(w, s->device, NULL, says);
	if (err != TROTH_OK)
		troth_writer_fail(w, err);
}

static void write_revocation(void *user, struct troth_writer *w)
{
	troth_revocation_write(w, user);
}

static void write_further(void *user, struct troth_writer *w)
{
	troth_keyinfo_write(w, user);
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

static void retract(struct online *o, const struct troth_cert *cert)
{
	if (cert != NULL && troth_pep_retract(o->pep, troth_cert_name(cert), on_retracted, o) != 0)
		news_warn(o->session, NULL, "A key of ours may still be published.");
}

#define ITEMS_MAX                                                                                  \
	(1 + sizeof((struct troth_own *)0)->further / sizeof(struct troth_stated_key) +            \
	 TROTH_OWN_REVOCATIONS)

struct items {
	struct troth_pep_item items[ITEMS_MAX];
	char names[TROTH_OWN_REVOCATIONS][REVOKE_NAME_SIZE];
	size_t count;
};

/* An item has one payload, so that each revocation is one. */
static void add_revocations(struct items *to, const struct troth_statements *says)
{
	for (size_t i = 0; i < says->revocation_count && i < TROTH_OWN_REVOCATIONS; i++) {
		const struct troth_revocation *r = says->revocations[i];
		memcpy(to->names[i], REVOKE_NAME, sizeof REVOKE_NAME);
		troth_hex(to->names[i] + sizeof REVOKE_NAME - 1,
			  (struct troth_slice){r->key.bytes, sizeof r->key.bytes});
		to->items[to->count++] = (struct troth_pep_item){
			.name = to->names[i], .write = write_revocation, .user = (void *)r};
	}
}

static void publish(struct online *o)
{
	struct troth_session *s = o->session;
	const struct troth_statements *says = &s->own->statements;
	struct items all = {.count = 0};
	all.items[all.count++] =
		(struct troth_pep_item){.name = troth_cert_name(troth_device_cert(s->device)),
					.write = write_own,
					.user = s};
	for (size_t i = 0; i < says->further_count; i++)
		all.items[all.count++] =
			(struct troth_pep_item){.name = troth_cert_name(says->further[i].cert),
						.write = write_further,
						.user = (void *)&says->further[i]};
	add_revocations(&all, says);
	const struct troth_pep_publication publication = {
		.items = all.items, .count = all.count, .done = on_published, .user = o};
	enum troth_pep_access access =
		o->publish == TROTH_PUBLISH_OPEN ? TROTH_PEP_OPEN : TROTH_PEP_PRESENCE;
	int err = troth_pep_publish(o->pep, access, &publication);
	if (err != TROTH_OK)
		on_published(o, err);
	retract(o, s->own->former); /* it was ours until a renewal */
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

static void on_fetched(void *user, const struct troth_pep_keys *keys)
{
	struct online *o = user;
	struct troth_session *s = o->session;
	struct troth_fetched f = {0};
	struct troth_address *jid;
	int64_t contact = 0;
	if (s->ending || keys->err != TROTH_OK ||
	    troth_address_new(&jid, TROTH_REALM_SERVER, keys->jid) != TROTH_OK)
		return;
	bool own = troth_address_same_bare(jid, troth_account_address(o->account));
	int err = own ? take_own(s, keys->list)
		      : find_by_address(s, TROTH_REALM_SERVER, troth_address_bare(jid), &contact);
	troth_address_free(jid);
	if (err == TROTH_OK && contact != 0)
		err = troth_fetched_take(s->store, contact, keys->list, session_now(), &f);
	if (err != TROTH_OK)
		news_warn(s, NULL, troth_store_error(s->store));
	else if (f.revoked > 0)
		tell_revoked(s, contact);
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

/* ---- in step ---- */

void published_up(struct online *o)
{
	switch (o->publish) {
	case TROTH_PUBLISH_NOTHING:
		return;
	case TROTH_PUBLISH_NO_MORE:
		retract(o, troth_device_cert(o->session->device));
		retract(o, o->session->own->user_key);
		return;
	case TROTH_PUBLISH_PRESENCE:
	case TROTH_PUBLISH_OPEN:
		publish(o);
		published_fetch(o, NULL);
		return;
	}
}

void published_refresh(struct troth_session *s)
{
	for (struct online *o = s->accounts; o != NULL; o = o->next)
		if (troth_account_is_up(o->account) &&
		    (o->publish == TROTH_PUBLISH_PRESENCE || o->publish == TROTH_PUBLISH_OPEN))
			publish(o);
}
