/* SPDX-License-Identifier: MIT */
/*
 * The accounts of contacts, as they say themselves on a stream by their keys on the link, so that
 * both find each other over servers later. Layer: session. A told address is the weakest hint:
 * whoever proves a secret there takes it.
 */
#include "session/told.h"

#include "session/state.h"
#include "xml/namespace.h"

#include <string.h>

#define NAME "accounts"
#define TOLD_MAX 8 /* of one contact */

static bool by_key(const struct link *l)
{
	return l->contact != 0 && l->has_pin && !l->certified && l->voucher[0] == 0 &&
	       l->realm == TROTH_REALM_LINK && troth_stream_method(l->stream) == TROTH_METHOD_KEY &&
	       troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED;
}

/* ---- saying ---- */

static void write_accounts(void *user, struct troth_writer *w)
{
	size_t count = 0;
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_open(w, TROTH_NS_TROTH, NAME);
	for (const struct online *o = user; o != NULL && count < TOLD_MAX; o = o->next, count++)
		troth_writer_leaf(w, TROTH_NS_TROTH, "jid",
				  troth_address_bare(troth_account_address(o->account)));
	troth_writer_close(w);
	troth_writer_close(w);
}

void told_say(struct link *l)
{
	if (l->session->accounts == NULL || !by_key(l))
		return;
	if (troth_stream_send(l->stream, write_accounts, l->session->accounts) != TROTH_OK)
		news_warn(l->session, l, "The contact couldn't be told our accounts.");
	link_wake(l);
}

/* ---- hearing ---- */

struct lookup {
	const char *address;
	bool told; /* it is, and not more */
	size_t count;
};

static int look(void *user, const struct troth_store_address *a)
{
	struct lookup *at = user;
	bool told = a->realm == TROTH_REALM_SERVER && a->source != NULL &&
		    strcmp(a->source, TOLD_SOURCE) == 0;
	at->count += told;
	at->told |= told && strcmp(a->address, at->address) == 0;
	return 0;
}

bool told_only(struct troth_session *s, int64_t contact, const char *bare)
{
	struct lookup at = {.address = bare};
	return contact != 0 && troth_store_address_list(s->store, contact, look, &at) == TROTH_OK &&
	       at.told;
}

int told_yield(struct troth_session *s, int64_t contact, const char *bare)
{
	int64_t holder;
	int err = find_by_address(s, TROTH_REALM_SERVER, bare, &holder);
	if (err != TROTH_OK || holder == contact || !told_only(s, holder, bare))
		return err;
	return troth_store_address_drop(s->store, holder, TROTH_REALM_SERVER, bare);
}

static bool is_ours(const struct troth_session *s, const struct troth_address *jid)
{
	for (const struct online *o = s->accounts; o != NULL; o = o->next)
		if (troth_address_same_bare(jid, troth_account_address(o->account)))
			return true;
	return false;
}

/* What another contact holds, or we do, isn't taken; nor are more than a few. */
static int note(struct link *l, const struct troth_address *jid)
{
	struct troth_session *s = l->session;
	struct lookup at = {.address = troth_address_bare(jid)};
	int64_t holder;
	int err = find_by_address(s, TROTH_REALM_SERVER, at.address, &holder);
	if (err != TROTH_OK || holder != 0 || is_ours(s, jid))
		return err;
	err = troth_store_address_list(s->store, l->contact, look, &at);
	if (err != TROTH_OK || at.count >= TOLD_MAX)
		return err;
	const struct troth_store_address row = {.realm = TROTH_REALM_SERVER,
						.address = at.address,
						.source = TOLD_SOURCE,
						.last_seen = session_now()};
	err = troth_store_address_note(s->store, l->contact, &row);
	return err == TROTH_E_FORMAT || err == TROTH_E_LIMIT || err == TROTH_E_CONFLICT ? TROTH_OK
											: err;
}

bool told_stanza(struct link *l, const struct troth_element *message)
{
	const struct troth_element *e = troth_element_child(message, TROTH_NS_TROTH, NAME);
	struct troth_address *jid;
	int err = TROTH_OK;
	if (e == NULL || !by_key(l))
		return e != NULL;
	for (e = troth_element_first(e); e != NULL && err == TROTH_OK; e = troth_element_next(e)) {
		if (!troth_element_is(e, TROTH_NS_TROTH, "jid") ||
		    troth_address_new(&jid, TROTH_REALM_SERVER, troth_element_text(e)) != TROTH_OK)
			continue;
		if (strchr(troth_address_bare(jid), '@') != NULL)
			err = note(l, jid);
		troth_address_free(jid);
	}
	if (err != TROTH_OK)
		news_warn(l->session, l, troth_store_error(l->session->store));
	return true;
}
