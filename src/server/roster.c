/* SPDX-License-Identifier: MIT */
/* What is known of whom. Layer: server. Asking and changing is in roster_change.c. */
#include "server/roster.h"

#include "server/roster_state.h"
#include "xmpp/iq.h"

const char *troth_roster_subscription_name(enum troth_roster_subscription subscription)
{
	static const char *const names[] = {"none", "to", "from", "both"};
	return names[subscription];
}

/* ---- entries ---- */

bool roster_entry_find(const struct troth_roster *r, const char *jid, size_t *at)
{
	size_t low = 0;
	size_t high = r->n_entries;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(jid, r->entries[middle].jid);
		if (order == 0) {
			*at = middle;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*at = low;
	return false;
}

static int grow(struct troth_roster *r)
{
	if (r->n_entries >= TROTH_LIMIT_ROSTER)
		return TROTH_E_LIMIT;
	if (r->n_entries < r->cap_entries)
		return TROTH_OK;
	size_t cap = r->cap_entries == 0 ? 16 : r->cap_entries * 2;
	struct roster_entry *entries = reallocarray(r->entries, cap, sizeof *entries);
	if (entries == NULL)
		return TROTH_E_NOMEM;
	r->entries = entries;
	r->cap_entries = cap;
	return TROTH_OK;
}

int roster_entry_get(struct troth_roster *r, const char *jid, struct roster_entry **out)
{
	size_t at;
	if (roster_entry_find(r, jid, &at)) {
		*out = &r->entries[at];
		return TROTH_OK;
	}
	int err = grow(r);
	if (err != TROTH_OK)
		return err;
	char *copy = strdup(jid);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	memmove(&r->entries[at + 1], &r->entries[at], (r->n_entries - at) * sizeof *r->entries);
	r->entries[at] = (struct roster_entry){.jid = copy};
	r->n_entries++;
	*out = &r->entries[at];
	return TROTH_OK;
}

static void entry_fini(struct roster_entry *e)
{
	free(e->jid);
	free(e->name);
}

void roster_entries_sweep(struct troth_roster *r)
{
	size_t kept = 0;
	for (size_t i = 0; i < r->n_entries; i++) {
		struct roster_entry *e = &r->entries[i];
		if (e->listed || e->asks || e->blocked)
			r->entries[kept++] = *e;
		else
			entry_fini(e);
	}
	r->n_entries = kept;
}

void roster_changed(struct troth_roster *r)
{
	if (r->callbacks.changed != NULL)
		r->callbacks.changed(r->callbacks.user);
}

/* ---- the account ---- */

static void on_up(void *user, bool resumed)
{
	struct troth_roster *r = user;
	if (resumed)
		return;
	/* Presence comes anew; what was known of it is old. */
	roster_clients_clear(r);
	r->here = false;
	roster_fetch(r);
	roster_fetch_blocks(r);
}

static bool is_push(const struct troth_element *stanza, const char *ns, const char *name)
{
	const char *type = troth_element_attr(stanza, "type");
	return troth_element_is(stanza, TROTH_NS_CLIENT, "iq") && type != NULL &&
	       strcmp(type, "set") == 0 && troth_element_child(stanza, ns, name) != NULL;
}

static void write_result(void *user, struct troth_writer *w)
{
	troth_iq_result_open(w, user);
	troth_writer_close(w);
}

/* RFC 6121 2.1.6: "A receiving client MUST ignore the stanza unless it has no 'from' attribute
 * (i.e., implicitly from the bare JID of the user's account) or it has a 'from' attribute whose
 * value matches the user's bare JID <user@domainpart>." */
static bool is_own(const struct troth_roster *r, const struct troth_element *stanza)
{
	const char *from = troth_element_attr(stanza, "from");
	struct troth_address *address;
	if (from == NULL)
		return true;
	if (troth_address_new(&address, TROTH_REALM_SERVER, from) != TROTH_OK)
		return false;
	bool own = troth_address_resource(address) == NULL &&
		   troth_address_same_bare(address, troth_account_address(r->account));
	troth_address_free(address);
	return own;
}

static bool on_push(struct troth_roster *r, const struct troth_element *stanza)
{
	bool blocks = is_push(stanza, TROTH_NS_BLOCKING, "block") ||
		      is_push(stanza, TROTH_NS_BLOCKING, "unblock");
	if ((!blocks && !is_push(stanza, TROTH_NS_ROSTER, "query")) || !is_own(r, stanza))
		return false; /* refused like any unknown request */
	/* Where the line breaks now, all of it is asked for again at the next one. */
	int err = troth_account_send(r->account, write_result, (void *)stanza);
	(void)err;
	if (blocks)
		roster_fetch_blocks(r);
	else
		roster_pushed(r, troth_element_child(
					 troth_element_child(stanza, TROTH_NS_ROSTER, "query"),
					 TROTH_NS_ROSTER, "item"));
	return true;
}

static bool on_stanza(void *user, const struct troth_element *stanza)
{
	struct troth_roster *r = user;
	if (troth_element_is(stanza, TROTH_NS_CLIENT, "presence"))
		return roster_presence(r, stanza);
	return on_push(r, stanza);
}

static bool on_admits(void *user, const struct troth_address *from)
{
	const struct troth_roster *r = user;
	size_t at;
	if (!roster_entry_find(r, troth_address_bare(from), &at))
		return false;
	const struct roster_entry *e = &r->entries[at];
	return e->listed && !e->blocked &&
	       (e->subscription == TROTH_ROSTER_FROM || e->subscription == TROTH_ROSTER_BOTH);
}

int troth_roster_new(struct troth_roster **out, struct troth_account *account,
		     const struct troth_roster_callbacks *callbacks)
{
	struct troth_roster *r = calloc(1, sizeof *r);
	if (r == NULL)
		return TROTH_E_NOMEM;
	r->account = account;
	r->callbacks = *callbacks;
	const struct troth_account_listener listener = {
		.up = on_up,
		.stanza = on_stanza,
		.admits = on_admits,
		.user = r,
	};
	int err = troth_account_listen(account, &listener);
	if (err != TROTH_OK)
		free(r);
	else
		*out = r;
	return err;
}

void troth_roster_free(struct troth_roster *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n_entries; i++)
		entry_fini(&r->entries[i]);
	free(r->entries);
	roster_clients_clear(r);
	free(r->clients);
	free(r->pushed);
	free(r);
}

/* ---- looking ---- */

bool troth_roster_is_here(const struct troth_roster *r)
{
	return r->here;
}

static struct troth_roster_item item_of(const struct troth_roster *r, const struct roster_entry *e)
{
	size_t at;
	return (struct troth_roster_item){
		.jid = e->jid,
		.name = e->name,
		.subscription = e->subscription,
		.asked = e->asked,
		.asks = e->asks,
		.blocked = e->blocked,
		.listed = e->listed,
		.online = roster_clients_of(r, e->jid, &at),
	};
}

int troth_roster_each(const struct troth_roster *r,
		      int (*each)(void *user, const struct troth_roster_item *item), void *user)
{
	int stop = 0;
	for (size_t i = 0; i < r->n_entries && stop == 0; i++) {
		const struct troth_roster_item item = item_of(r, &r->entries[i]);
		stop = each(user, &item);
	}
	return stop;
}

int troth_roster_find(const struct troth_roster *r, const char *jid, struct troth_roster_item *out)
{
	struct troth_address *address;
	size_t at;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK)
		return err;
	bool found = roster_entry_find(r, troth_address_bare(address), &at);
	troth_address_free(address);
	if (!found)
		return TROTH_E_NOT_FOUND;
	*out = item_of(r, &r->entries[at]);
	return TROTH_OK;
}
