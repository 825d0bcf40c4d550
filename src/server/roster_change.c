/* SPDX-License-Identifier: MIT */
/*
 * Asking the server for the roster (RFC 6121 2) and the block list (XEP-0191), and changing them.
 * Layer: server. While an answer is awaited a push means: ask once more after it.
 */
#include "server/roster_state.h"

/* ---- the roster ---- */

static enum troth_roster_subscription subscription_of(const char *text)
{
	for (int s = TROTH_ROSTER_NONE; s <= TROTH_ROSTER_BOTH; s++)
		if (text != NULL && strcmp(text, troth_roster_subscription_name(
							 (enum troth_roster_subscription)s)) == 0)
			return (enum troth_roster_subscription)s;
	return TROTH_ROSTER_NONE;
}

static void take_item(struct troth_roster *r, const struct troth_element *item)
{
	const char *jid = troth_element_attr(item, "jid");
	const char *name = troth_element_attr(item, "name");
	const char *ask = troth_element_attr(item, "ask");
	struct troth_address *address;
	struct roster_entry *e;
	if (jid == NULL || troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return;
	/* Beyond the limit, people are as if they weren't there: that admits fewer, never more. */
	if (roster_entry_get(r, troth_address_bare(address), &e) == TROTH_OK) {
		free(e->name);
		e->name = name == NULL || *name == 0 ? NULL
						     : strndup(name, TROTH_LIMIT_PRESENCE_TEXT);
		e->subscription = subscription_of(troth_element_attr(item, "subscription"));
		e->asked = ask != NULL && strcmp(ask, "subscribe") == 0;
		e->listed = e->fresh = true;
		if (e->asks && (e->subscription == TROTH_ROSTER_FROM ||
				e->subscription == TROTH_ROSTER_BOTH)) {
			e->asks = false; /* another client of ours has accepted */
			r->n_asks--;
		}
	}
	troth_address_free(address);
}

static void take_roster(struct troth_roster *r, const struct troth_element *query)
{
	for (size_t i = 0; i < r->n_entries; i++)
		r->entries[i].fresh = false;
	const struct troth_element *e = troth_element_first(query);
	for (; e != NULL; e = troth_element_next(e))
		if (troth_element_is(e, TROTH_NS_ROSTER, "item"))
			take_item(r, e);
	for (size_t i = 0; i < r->n_entries; i++) {
		struct roster_entry *entry = &r->entries[i];
		if (entry->fresh)
			continue;
		entry->listed = entry->asked = false;
		entry->subscription = TROTH_ROSTER_NONE;
	}
	roster_entries_sweep(r);
	r->here = true;
}

#define PUSH_TRIES 8

void roster_pushed(struct troth_roster *r, const struct troth_element *item)
{
	const char *jid = troth_element_attr(item, "jid");
	struct troth_address *address;
	free(r->pushed);
	r->pushed = NULL;
	if (jid != NULL && troth_address_new(&address, TROTH_REALM_SERVER, jid) == TROTH_OK) {
		r->pushed = strdup(troth_address_bare(address));
		r->pushed_subscription = subscription_of(troth_element_attr(item, "subscription"));
		r->tries = PUSH_TRIES;
		troth_address_free(address);
	}
	roster_fetch(r);
}

/* Whether the answer is older than the last push. */
static bool is_behind(struct troth_roster *r)
{
	size_t at;
	if (r->pushed == NULL)
		return false;
	enum troth_roster_subscription now = roster_entry_find(r, r->pushed, &at)
						     ? r->entries[at].subscription
						     : TROTH_ROSTER_NONE;
	if (now != r->pushed_subscription && r->tries-- > 0)
		return true;
	free(r->pushed);
	r->pushed = NULL;
	return false;
}

static void on_roster(void *user, const struct troth_account_answer *answer)
{
	struct troth_roster *r = user;
	bool again = r->again;
	r->fetching = false;
	if (answer->err == TROTH_OK)
		take_roster(r, troth_element_child(answer->iq, TROTH_NS_ROSTER, "query"));
	r->again = false;
	bool behind = answer->err == TROTH_OK && is_behind(r);
	/* Presence isn't told again: nobody goes by an answer that is old. */
	if (answer->err == TROTH_OK && !again && !behind)
		roster_clients_prune(r);
	if (again || behind)
		roster_fetch(r);
	if (!again && answer->err == TROTH_OK)
		roster_changed(r);
}

static void write_query(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_leaf(w, TROTH_NS_ROSTER, "query", NULL);
}

void roster_fetch(struct troth_roster *r)
{
	const struct troth_account_iq iq = {.write = write_query, .done = on_roster, .user = r};
	r->again = r->fetching;
	if (!r->fetching)
		r->fetching = troth_account_ask(r->account, &iq) == TROTH_OK;
}

/* ---- the block list ---- */

static void take_blocks(struct troth_roster *r, const struct troth_element *list)
{
	for (size_t i = 0; i < r->n_entries; i++)
		r->entries[i].blocked = false;
	const struct troth_element *item = troth_element_first(list);
	for (; item != NULL; item = troth_element_next(item)) {
		const char *jid = troth_element_attr(item, "jid");
		struct troth_address *address;
		struct roster_entry *e;
		if (!troth_element_is(item, TROTH_NS_BLOCKING, "item") || jid == NULL ||
		    troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
			continue;
		if (roster_entry_get(r, troth_address_bare(address), &e) == TROTH_OK)
			e->blocked = true;
		troth_address_free(address);
	}
	roster_entries_sweep(r);
}

static void on_blocks(void *user, const struct troth_account_answer *answer)
{
	struct troth_roster *r = user;
	bool again = r->blocks_again;
	r->blocks_fetching = r->blocks_again = false;
	/* A server that can't do that blocks nobody. */
	if (answer->err == TROTH_OK)
		take_blocks(r, troth_element_child(answer->iq, TROTH_NS_BLOCKING, "blocklist"));
	if (again)
		roster_fetch_blocks(r);
	else if (answer->err == TROTH_OK)
		roster_changed(r);
}

static void write_blocklist(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_leaf(w, TROTH_NS_BLOCKING, "blocklist", NULL);
}

void roster_fetch_blocks(struct troth_roster *r)
{
	const struct troth_account_iq iq = {.write = write_blocklist, .done = on_blocks, .user = r};
	r->blocks_again = r->blocks_fetching;
	if (!r->blocks_fetching)
		r->blocks_fetching = troth_account_ask(r->account, &iq) == TROTH_OK;
}

/* ---- changing ---- */

struct change {
	const char *jid; /* bare */
	const char *name;
	const char *what; /* element, or type of presence */
};

/* Effect: runs `act` with the prepared bare JID. */
static int with_bare(struct troth_roster *r, struct change *c,
		     int (*act)(struct troth_roster *r, struct change *c,
				const struct troth_roster_done *done),
		     const struct troth_roster_done *done)
{
	struct troth_address *address;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, c->jid);
	if (err != TROTH_OK)
		return err;
	c->jid = troth_address_bare(address);
	err = act(r, c, done);
	troth_address_free(address);
	return err;
}

static void write_set(void *user, struct troth_writer *w)
{
	const struct change *c = user;
	troth_writer_open(w, TROTH_NS_ROSTER, "query");
	troth_writer_open(w, TROTH_NS_ROSTER, "item");
	troth_writer_attr(w, "jid", c->jid);
	troth_writer_attr(w, "name", c->name);
	troth_writer_attr(w, "subscription", c->what);
	troth_writer_close(w);
	troth_writer_close(w);
}

static void write_block(void *user, struct troth_writer *w)
{
	const struct change *c = user;
	troth_writer_open(w, TROTH_NS_BLOCKING, c->what);
	troth_writer_open(w, TROTH_NS_BLOCKING, "item");
	troth_writer_attr(w, "jid", c->jid);
	troth_writer_close(w);
	troth_writer_close(w);
}

static int ask(struct troth_roster *r, struct change *c, troth_account_write *write,
	       const struct troth_roster_done *done)
{
	const struct troth_account_iq iq = {
		.set = true,
		.write = write,
		.write_user = c,
		.done = done == NULL ? NULL : done->done,
		.user = done == NULL ? NULL : done->user,
	};
	return troth_account_ask(r->account, &iq);
}

static int set_item(struct troth_roster *r, struct change *c, const struct troth_roster_done *done)
{
	return ask(r, c, write_set, done);
}

static int set_block(struct troth_roster *r, struct change *c, const struct troth_roster_done *done)
{
	return ask(r, c, write_block, done);
}

int troth_roster_add(struct troth_roster *r, const char *jid, const char *name,
		     const struct troth_roster_done *done)
{
	struct change c = {jid, name, NULL};
	return with_bare(r, &c, set_item, done);
}

int troth_roster_remove(struct troth_roster *r, const char *jid,
			const struct troth_roster_done *done)
{
	struct change c = {jid, NULL, "remove"};
	return with_bare(r, &c, set_item, done);
}

int troth_roster_block(struct troth_roster *r, const char *jid, bool block,
		       const struct troth_roster_done *done)
{
	struct change c = {jid, NULL, block ? "block" : "unblock"};
	return with_bare(r, &c, set_block, done);
}

static void write_presence(void *user, struct troth_writer *w)
{
	const struct change *c = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "presence");
	troth_writer_attr(w, "to", c->jid);
	troth_writer_attr(w, "type", c->what);
	troth_writer_close(w);
}

static int send_presence(struct troth_roster *r, struct change *c,
			 const struct troth_roster_done *done)
{
	(void)done;
	return troth_account_send(r->account, write_presence, c);
}

int troth_roster_subscribe(struct troth_roster *r, const char *jid)
{
	struct change c = {jid, NULL, "subscribe"};
	return with_bare(r, &c, send_presence, NULL);
}

static int answered(struct troth_roster *r, struct change *c, const struct troth_roster_done *done)
{
	size_t at;
	int err = send_presence(r, c, done);
	if (err != TROTH_OK || !roster_entry_find(r, c->jid, &at) || !r->entries[at].asks)
		return err;
	r->entries[at].asks = false;
	r->n_asks--;
	roster_entries_sweep(r);
	return TROTH_OK;
}

int troth_roster_accept(struct troth_roster *r, const char *jid)
{
	struct change c = {jid, NULL, "subscribed"};
	return with_bare(r, &c, answered, NULL);
}

int troth_roster_refuse(struct troth_roster *r, const char *jid)
{
	struct change c = {jid, NULL, "unsubscribed"};
	return with_bare(r, &c, answered, NULL);
}
