/* SPDX-License-Identifier: MIT */
/*
 * Who is there (RFC 6121 4), and who asks to see us. Layer: server. Anybody can send presence: only
 * that of people whom we asked to see is kept, so nobody else fills the memory.
 */
#include "server/roster_state.h"

#include <stdio.h>

static void client_fini(struct roster_client *c)
{
	free(c->jid);
	free(c->show);
	free(c->status);
	free(c->caps_node);
	free(c->caps_ver);
	free(c->caps_hash);
}

void roster_clients_clear(struct troth_roster *r)
{
	for (size_t i = 0; i < r->n_clients; i++)
		client_fini(&r->clients[i]);
	r->n_clients = 0;
}

/* A resource comes after its bare JID and the slash, whatever else begins like it. */
static bool is_of(const char *full, const char *bare)
{
	size_t len = strlen(bare);
	return strncmp(full, bare, len) == 0 && (full[len] == '/' || full[len] == 0);
}

size_t roster_clients_of(const struct troth_roster *r, const char *bare, size_t *at)
{
	size_t first = 0;
	size_t count = 0;
	while (first < r->n_clients && !is_of(r->clients[first].jid, bare))
		first++;
	while (first + count < r->n_clients && is_of(r->clients[first + count].jid, bare))
		count++;
	*at = first;
	return count;
}

static struct troth_roster_resource resource_of(const struct roster_client *c)
{
	return (struct troth_roster_resource){
		.jid = c->jid,
		.show = c->show,
		.status = c->status,
		.caps_node = c->caps_node,
		.caps_ver = c->caps_ver,
		.caps_hash = c->caps_hash,
		.priority = c->priority,
	};
}

static void tell(struct troth_roster *r, const struct roster_client *c, bool there)
{
	const struct troth_roster_resource resource = resource_of(c);
	if (r->callbacks.presence != NULL)
		r->callbacks.presence(r->callbacks.user, &resource, there);
}

/* Effect: takes a client out and tells. The rest is in order before anybody is told. */
static void gone(struct troth_roster *r, size_t at)
{
	struct roster_client c = r->clients[at];
	memmove(&r->clients[at], &r->clients[at + 1], (--r->n_clients - at) * sizeof c);
	tell(r, &c, false);
	client_fini(&c);
}

/* The text of a child, cut; NULL without memory. */
static char *text_of(const struct troth_element *e, const char *name)
{
	const char *text = troth_element_text(troth_element_child(e, TROTH_NS_CLIENT, name));
	return strndup(text, TROTH_LIMIT_PRESENCE_TEXT);
}

static char *attr_of(const struct troth_element *e, const char *name)
{
	const char *text = troth_element_attr(e, name);
	return strndup(text == NULL ? "" : text, TROTH_LIMIT_PRESENCE_TEXT);
}

/* RFC 6121 4.7.2.3: an integer from -128 to 127; 0 where there is none. */
static int priority_of(const struct troth_element *presence)
{
	const char *text =
		troth_element_text(troth_element_child(presence, TROTH_NS_CLIENT, "priority"));
	long value = strtol(text, NULL, 10);
	return value < -128 || value > 127 ? 0 : (int)value;
}

static bool read_client(struct roster_client *out, const char *jid,
			const struct troth_element *presence)
{
	const struct troth_element *caps = troth_element_child(presence, TROTH_NS_CAPS, "c");
	*out = (struct roster_client){
		.jid = strdup(jid),
		.show = text_of(presence, "show"),
		.status = text_of(presence, "status"),
		.caps_node = attr_of(caps, "node"),
		.caps_ver = attr_of(caps, "ver"),
		.caps_hash = attr_of(caps, "hash"),
		.priority = priority_of(presence),
	};
	bool whole = out->jid != NULL && out->show != NULL && out->status != NULL &&
		     out->caps_node != NULL && out->caps_ver != NULL && out->caps_hash != NULL;
	if (!whole)
		client_fini(out);
	return whole;
}

static bool make_room(struct troth_roster *r)
{
	if (r->n_clients < r->cap_clients)
		return true;
	size_t cap = r->cap_clients == 0 ? 8 : r->cap_clients * 2;
	struct roster_client *clients = reallocarray(r->clients, cap, sizeof *clients);
	if (clients == NULL)
		return false;
	r->clients = clients;
	r->cap_clients = cap;
	return true;
}

/* Effect: where a full JID is, or belongs; clients of one bare JID stand together. */
static bool place_of(const struct troth_roster *r, const char *full, const char *bare, size_t *at)
{
	size_t count = roster_clients_of(r, bare, at);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(r->clients[*at + i].jid, full) == 0) {
			*at += i;
			return true;
		}
	}
	return false;
}

static void there(struct troth_roster *r, const struct troth_address *from,
		  const struct troth_element *presence)
{
	struct roster_client c;
	size_t first;
	size_t at;
	size_t count = roster_clients_of(r, troth_address_bare(from), &first);
	bool known = place_of(r, troth_address_full(from), troth_address_bare(from), &at);
	if (!known && (count >= TROTH_LIMIT_JID_RESOURCES ||
		       r->n_clients >= TROTH_LIMIT_RESOURCES || !make_room(r)))
		return;
	if (!read_client(&c, troth_address_full(from), presence))
		return;
	if (known) {
		client_fini(&r->clients[at]);
	} else {
		at = count > 0 ? first : r->n_clients;
		memmove(&r->clients[at + 1], &r->clients[at],
			(r->n_clients - at) * sizeof *r->clients);
		r->n_clients++;
	}
	r->clients[at] = c;
	tell(r, &r->clients[at], true);
}

static void not_there(struct troth_roster *r, const struct troth_address *from)
{
	size_t at;
	if (troth_address_resource(from) != NULL) {
		if (place_of(r, troth_address_full(from), troth_address_bare(from), &at))
			gone(r, at);
		return;
	}
	/* From the bare JID: none of its clients is. */
	while (roster_clients_of(r, troth_address_bare(from), &at) > 0)
		gone(r, at);
}

/* ---- who asks to see us ---- */

static void asks(struct troth_roster *r, const struct troth_address *from,
		 const struct troth_element *presence)
{
	struct roster_entry *e;
	size_t at;
	bool known = roster_entry_find(r, troth_address_bare(from), &at);
	if (known && (r->entries[at].asks || r->entries[at].blocked))
		return;
	if (r->n_asks >= TROTH_LIMIT_ASKS ||
	    roster_entry_get(r, troth_address_bare(from), &e) != TROTH_OK)
		return;
	e->asks = true;
	r->n_asks++;
	char *status = text_of(presence, "status");
	if (r->callbacks.asks != NULL)
		r->callbacks.asks(r->callbacks.user, troth_address_bare(from),
				  status == NULL ? "" : status);
	free(status);
}

static void asks_no_more(struct troth_roster *r, const struct troth_address *from)
{
	size_t at;
	if (!roster_entry_find(r, troth_address_bare(from), &at) || !r->entries[at].asks)
		return;
	r->entries[at].asks = false;
	r->n_asks--;
	roster_entries_sweep(r);
	roster_changed(r);
}

/* Our own other clients, and people who let us see them. */
static bool is_seen(const struct troth_roster *r, const char *bare)
{
	size_t at;
	if (strcmp(bare, troth_address_bare(troth_account_address(r->account))) == 0)
		return true;
	return roster_entry_find(r, bare, &at) && r->entries[at].listed &&
	       !r->entries[at].blocked &&
	       (r->entries[at].subscription == TROTH_ROSTER_TO ||
		r->entries[at].subscription == TROTH_ROSTER_BOTH);
}

/* A presence may come before the roster that lets us see it: then it is kept until that is here. */
static bool is_of_interest(const struct troth_roster *r, const struct troth_address *from)
{
	return !r->here || r->fetching || is_seen(r, troth_address_bare(from));
}

void roster_clients_prune(struct troth_roster *r)
{
	for (size_t i = r->n_clients; i > 0; i--) {
		const char *jid = r->clients[i - 1].jid;
		char *bare = strndup(jid, strcspn(jid, "/"));
		bool seen = bare != NULL && is_seen(r, bare);
		free(bare);
		if (!seen)
			gone(r, i - 1);
	}
}

static void look(struct troth_roster *r, const struct troth_address *from,
		 const struct troth_element *presence)
{
	const char *type = troth_element_attr(presence, "type");
	if (type != NULL && strcmp(type, "subscribe") == 0)
		asks(r, from, presence);
	else if (type != NULL && strcmp(type, "unsubscribe") == 0)
		asks_no_more(r, from);
	else if (type == NULL && troth_address_resource(from) != NULL && is_of_interest(r, from))
		there(r, from, presence);
	else if (type != NULL && (strcmp(type, "unavailable") == 0 || strcmp(type, "error") == 0))
		not_there(r, from);
}

bool roster_presence(struct troth_roster *r, const struct troth_element *presence)
{
	const char *text = troth_element_attr(presence, "from");
	struct troth_address *from;
	if (text == NULL || troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK)
		return false;
	if (!troth_address_same(from, troth_account_address(r->account)))
		look(r, from, presence);
	troth_address_free(from);
	return false; /* others may want to know, too */
}

/* ---- looking ---- */

static int by_priority(const void *a, const void *b)
{
	const struct troth_roster_resource *x = a;
	const struct troth_roster_resource *y = b;
	return x->priority == y->priority ? strcmp(x->jid, y->jid) : y->priority - x->priority;
}

int troth_roster_resources(const struct troth_roster *r, const char *jid,
			   int (*each)(void *user, const struct troth_roster_resource *resource),
			   void *user)
{
	struct troth_roster_resource found[TROTH_LIMIT_JID_RESOURCES];
	struct troth_address *address;
	size_t at;
	int stop = 0;
	if (troth_address_new(&address, TROTH_REALM_SERVER, jid) != TROTH_OK)
		return 0;
	size_t count = roster_clients_of(r, troth_address_bare(address), &at);
	troth_address_free(address);
	for (size_t i = 0; i < count; i++)
		found[i] = resource_of(&r->clients[at + i]);
	qsort(found, count, sizeof *found, by_priority);
	for (size_t i = 0; i < count && stop == 0; i++)
		stop = each(user, &found[i]);
	return stop;
}
