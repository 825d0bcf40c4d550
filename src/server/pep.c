/* SPDX-License-Identifier: MIT */
/*
 * Fetching keys, and hearing of changes. Layer: server. Publishing is in pep_publish.c, what needs
 * no node in pep_direct.c.
 */
#include "server/pep.h"

#include "server/pep_state.h"

/* ---- changes ---- */

/* XEP-0163: the event comes from the bare JID of the account. */
static bool on_stanza(void *user, const struct troth_element *stanza)
{
	struct troth_pep *p = user;
	const struct troth_element *event =
		troth_element_is(stanza, TROTH_NS_CLIENT, "message")
			? troth_element_child(stanza, TROTH_NS_PUBSUB_EVENT, "event")
			: NULL;
	const struct troth_element *items =
		troth_element_child(event, TROTH_NS_PUBSUB_EVENT, "items");
	const char *node = troth_element_attr(items, "node");
	const char *text = troth_element_attr(stanza, "from");
	struct troth_address *from;
	if (node == NULL || strcmp(node, TROTH_NS_PUBKEY) != 0)
		return pep_direct(p, stanza);
	if (text == NULL)
		text = troth_address_bare(troth_account_address(p->account));
	if (troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK)
		return true;
	/* What it carries isn't looked at: the node is asked, and answers by an id of ours. */
	if (troth_address_resource(from) == NULL && p->callbacks.changed != NULL)
		p->callbacks.changed(p->callbacks.user, troth_address_bare(from));
	troth_address_free(from);
	return true;
}

int troth_pep_new(struct troth_pep **out, struct troth_account *account,
		  const struct troth_pep_callbacks *callbacks)
{
	struct troth_pep *p = calloc(1, sizeof *p);
	if (p == NULL)
		return TROTH_E_NOMEM;
	p->account = account;
	p->callbacks = *callbacks;
	const struct troth_account_listener listener = {.stanza = on_stanza, .user = p};
	int err = troth_account_listen(account, &listener);
	if (err != TROTH_OK)
		free(p);
	else
		*out = p;
	return err;
}

void troth_pep_free(struct troth_pep *p)
{
	free(p);
}

/* ---- fetching ---- */

struct fetch {
	struct troth_pep *pep;
	char *jid;
	char name[TROTH_NAME_LEN + 1]; /* "": all */
	bool direct;                   /* asked of a client */
	void (*done)(void *user, const struct troth_pep_keys *keys);
	void *user;
};

static void fetch_free(struct fetch *f)
{
	if (f != NULL)
		free(f->jid);
	free(f);
}

static void write_fetch(void *user, struct troth_writer *w)
{
	const struct fetch *f = user;
	if (f->direct) {
		troth_writer_leaf(w, TROTH_NS_PUBKEY, "pubkeys", NULL);
		return;
	}
	troth_writer_open(w, TROTH_NS_PUBSUB, "pubsub");
	troth_writer_open(w, TROTH_NS_PUBSUB, "items");
	troth_writer_attr(w, "node", TROTH_NS_PUBKEY);
	if (*f->name != 0) {
		troth_writer_open(w, TROTH_NS_PUBSUB, "item");
		troth_writer_attr(w, "id", f->name);
		troth_writer_close(w);
	}
	troth_writer_close(w);
	troth_writer_close(w);
}

static int read_answer(struct troth_keyinfo_list *out, const struct fetch *f,
		       const struct troth_element *iq)
{
	if (f->direct)
		return pep_read(out, troth_element_child(iq, TROTH_NS_PUBKEY, "pubkeys"), false,
				NULL);
	const struct troth_element *items = troth_element_child(
		troth_element_child(iq, TROTH_NS_PUBSUB, "pubsub"), TROTH_NS_PUBSUB, "items");
	return pep_read(out, items, true, *f->name == 0 ? NULL : f->name);
}

static void on_fetched(void *user, const struct troth_account_answer *answer)
{
	struct fetch *f = user;
	struct troth_keyinfo_list list = {.count = 0};
	struct troth_pep_keys keys = {
		.err = answer->err, .condition = answer->condition, .jid = f->jid};
	/* No node, or no such item, is no keys. */
	if (keys.err == TROTH_E_PEER_ERROR && keys.condition == TROTH_STANZA_ITEM_NOT_FOUND)
		keys.err = TROTH_OK;
	else if (keys.err == TROTH_OK)
		keys.err = read_answer(&list, f, answer->iq);
	if (keys.err == TROTH_OK)
		keys.list = &list;
	f->done(f->user, &keys);
	troth_keyinfo_list_fini(&list);
	fetch_free(f);
}

static int begin(struct fetch *f, const char *to)
{
	const struct troth_account_iq iq = {
		.to = to,
		.write = write_fetch,
		.write_user = f,
		.done = on_fetched,
		.user = f,
	};
	int err = troth_account_ask(f->pep->account, &iq);
	if (err != TROTH_OK)
		fetch_free(f);
	return err;
}

/* Effect: a fetch from an address in its prepared form: the bare one unless direct. */
static int fetch_new(struct fetch **out, struct troth_pep *p, const char *jid, bool direct)
{
	struct troth_address *address;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK)
		return err;
	struct fetch *f = calloc(1, sizeof *f);
	if (f != NULL) {
		f->pep = p;
		f->direct = direct;
		f->jid = strdup(direct ? troth_address_full(address) : troth_address_bare(address));
	}
	troth_address_free(address);
	if (f == NULL || f->jid == NULL) {
		fetch_free(f);
		return TROTH_E_NOMEM;
	}
	*out = f;
	return TROTH_OK;
}

int troth_pep_fetch(struct troth_pep *p, const char *jid, const char *name,
		    void (*done)(void *user, const struct troth_pep_keys *keys), void *user)
{
	struct fetch *f;
	if (name != NULL && strlen(name) != TROTH_NAME_LEN)
		return TROTH_E_FORMAT;
	if (jid == NULL)
		jid = troth_address_bare(troth_account_address(p->account));
	int err = fetch_new(&f, p, jid, false);
	if (err != TROTH_OK)
		return err;
	if (name != NULL)
		memcpy(f->name, name, sizeof f->name);
	f->done = done;
	f->user = user;
	return begin(f, f->jid);
}

int troth_pep_request(struct troth_pep *p, const char *full_jid,
		      void (*done)(void *user, const struct troth_pep_keys *keys), void *user)
{
	struct fetch *f;
	int err = fetch_new(&f, p, full_jid, true);
	if (err != TROTH_OK)
		return err;
	f->done = done;
	f->user = user;
	return begin(f, f->jid);
}
