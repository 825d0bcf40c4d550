/* SPDX-License-Identifier: MIT */
/*
 * Publishing keys of ours: each is an item of its own name, so no client of ours overwrites
 * another's. Layer: server.
 */
#include "server/pep_state.h"

const char *troth_pep_access_name(enum troth_pep_access access)
{
	static const char *const names[] = {"open", "presence", "whitelist"};
	return names[access];
}

enum step {
	STEP_CREATE,    /* the node, with its configuration */
	STEP_CONFIGURE, /* it was there: its configuration alone */
	STEP_ITEMS
};

struct publication {
	struct troth_pep *pep;
	enum step step;
	enum troth_pep_access access;
	struct troth_stanza **items; /* <item/> each; NULL: none */
	size_t count;
	size_t next;
	void (*done)(void *user, int err);
	void *user;
};

static void publication_free(struct publication *p)
{
	if (p->items != NULL)
		for (size_t i = 0; i < p->count; i++)
			troth_stanza_free(p->items[i]);
	free(p->items);
	free(p);
}

static void write_field(struct troth_writer *w, const char *var, const char *value)
{
	troth_writer_open(w, TROTH_NS_DATA, "field");
	troth_writer_attr(w, "var", var);
	if (strcmp(var, "FORM_TYPE") == 0)
		troth_writer_attr(w, "type", "hidden");
	troth_writer_leaf(w, TROTH_NS_DATA, "value", value);
	troth_writer_close(w);
}

/* XEP-0189 v0.8 "Creating the Node": persistent, and pushed only when published. Without max_items
 * servers keep the last one alone (XEP-0222 wants more, too). */
static void write_form(struct troth_writer *w, enum troth_pep_access access)
{
	troth_writer_open(w, TROTH_NS_DATA, "x");
	troth_writer_attr(w, "type", "submit");
	write_field(w, "FORM_TYPE", "http://jabber.org/protocol/pubsub#node_config");
	write_field(w, "pubsub#persist_items", "true");
	write_field(w, "pubsub#max_items", "max");
	write_field(w, "pubsub#send_last_published_item", "never");
	write_field(w, "pubsub#access_model", troth_pep_access_name(access));
	troth_writer_close(w);
}

static void write_create(struct troth_writer *w, const struct publication *p)
{
	troth_writer_open(w, TROTH_NS_PUBSUB, "pubsub");
	troth_writer_open(w, TROTH_NS_PUBSUB, "create");
	troth_writer_attr(w, "node", TROTH_NS_PUBKEY);
	troth_writer_close(w);
	troth_writer_open(w, TROTH_NS_PUBSUB, "configure");
	write_form(w, p->access);
	troth_writer_close(w);
	troth_writer_close(w);
}

static void write_configure(struct troth_writer *w, const struct publication *p)
{
	troth_writer_open(w, TROTH_NS_PUBSUB_OWNER, "pubsub");
	troth_writer_open(w, TROTH_NS_PUBSUB_OWNER, "configure");
	troth_writer_attr(w, "node", TROTH_NS_PUBKEY);
	write_form(w, p->access);
	troth_writer_close(w);
	troth_writer_close(w);
}

static void write_publish(struct troth_writer *w, const struct publication *p)
{
	troth_writer_open(w, TROTH_NS_PUBSUB, "pubsub");
	troth_writer_open(w, TROTH_NS_PUBSUB, "publish");
	troth_writer_attr(w, "node", TROTH_NS_PUBKEY);
	troth_writer_copy(w, troth_stanza_root(p->items[p->next]));
	troth_writer_close(w);
	troth_writer_close(w);
}

static void write_step(void *user, struct troth_writer *w)
{
	const struct publication *p = user;
	switch (p->step) {
	case STEP_CREATE:
		write_create(w, p);
		break;
	case STEP_CONFIGURE:
		write_configure(w, p);
		break;
	case STEP_ITEMS:
		write_publish(w, p);
		break;
	}
}

static void finish(struct publication *p, int err)
{
	p->done(p->user, err);
	publication_free(p);
}

static void on_answer(void *user, const struct troth_account_answer *answer);

static int ask(struct publication *p)
{
	const struct troth_account_iq iq = {
		.set = true,
		.write = write_step,
		.write_user = p,
		.done = on_answer,
		.user = p,
	};
	return troth_account_ask(p->pep->account, &iq);
}

/* Effect: what comes after a step that succeeded; true when there is nothing. */
static bool advance(struct publication *p)
{
	if (p->step == STEP_ITEMS)
		p->next++;
	p->step = STEP_ITEMS;
	return p->next == p->count;
}

static void on_answer(void *user, const struct troth_account_answer *answer)
{
	struct publication *p = user;
	int err = answer->err;
	if (p->step == STEP_CREATE && err == TROTH_E_PEER_ERROR &&
	    answer->condition == TROTH_STANZA_CONFLICT) {
		p->step = STEP_CONFIGURE;
		err = ask(p);
	} else if (err == TROTH_OK) {
		if (advance(p)) {
			finish(p, TROTH_OK);
			return;
		}
		err = ask(p);
	}
	if (err != TROTH_OK)
		finish(p, err);
}

/* Effect: an <item/> as it will be sent. */
static int make_item(struct troth_stanza **out, const struct troth_pep_item *item)
{
	struct troth_buf buf TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&buf, TROTH_LIMIT_STANZA_BYTES);
	troth_writer_init(&w, &buf, "");
	troth_writer_open(&w, TROTH_NS_PUBSUB, "item");
	troth_writer_attr(&w, "id", item->name);
	item->write(item->user, &w);
	troth_writer_close(&w);
	int err = troth_writer_finish(&w);
	return err == TROTH_OK ? troth_element_parse(out, troth_buf_slice(&buf)) : err;
}

int troth_pep_publish(struct troth_pep *pep, enum troth_pep_access access,
		      const struct troth_pep_publication *publication)
{
	struct publication *p = calloc(1, sizeof *p);
	if (p == NULL)
		return TROTH_E_NOMEM;
	*p = (struct publication){
		.pep = pep,
		.access = access,
		.items = calloc(publication->count + 1, sizeof(struct troth_stanza *)),
		.done = publication->done,
		.user = publication->user,
	};
	int err = p->items == NULL ? TROTH_E_NOMEM : TROTH_OK;
	for (size_t i = 0; i < publication->count && err == TROTH_OK; i++) {
		err = make_item(&p->items[i], &publication->items[i]);
		p->count = err == TROTH_OK ? i + 1 : i;
	}
	if (err == TROTH_OK)
		err = ask(p);
	if (err != TROTH_OK)
		publication_free(p);
	return err;
}

/* ---- taking away ---- */

struct retraction {
	void (*done)(void *user, int err);
	void *user;
};

static void write_retract(void *user, struct troth_writer *w)
{
	const char *name = user;
	troth_writer_open(w, TROTH_NS_PUBSUB, "pubsub");
	troth_writer_open(w, TROTH_NS_PUBSUB, "retract");
	troth_writer_attr(w, "node", TROTH_NS_PUBKEY);
	troth_writer_attr(w, "notify", "true");
	troth_writer_open(w, TROTH_NS_PUBSUB, "item");
	troth_writer_attr(w, "id", name);
	troth_writer_close(w);
	troth_writer_close(w);
	troth_writer_close(w);
}

static void on_retracted(void *user, const struct troth_account_answer *answer)
{
	struct retraction *r = user;
	r->done(r->user, answer->err);
	free(r);
}

int troth_pep_retract(struct troth_pep *p, const char *name, void (*done)(void *user, int err),
		      void *user)
{
	struct retraction *r = malloc(sizeof *r);
	if (r == NULL)
		return TROTH_E_NOMEM;
	*r = (struct retraction){done, user};
	const struct troth_account_iq iq = {
		.set = true,
		.write = write_retract,
		.write_user = (void *)name,
		.done = on_retracted,
		.user = r,
	};
	int err = troth_account_ask(p->account, &iq);
	if (err != TROTH_OK)
		free(r);
	return err;
}
