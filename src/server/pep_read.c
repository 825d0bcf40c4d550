/* SPDX-License-Identifier: MIT */
/*
 * Keys as a node or a client shows them. Layer: server. One item that can't be read must not hide
 * the others: anybody of our own clients may have put it there, or the server.
 */
#include "server/pep_state.h"

/* A <pubkeys/> that is put together from what can be read. */
struct collection {
	struct troth_buf buf;
	struct troth_writer w;
	size_t count;
	const char *name; /* NULL: any */
};

static int parse(struct troth_stanza **out, struct troth_buf *buf)
{
	return troth_element_parse(out, troth_buf_slice(buf));
}

/* Effect: whether a <keyinfo/> or <revoke/> can be read on its own, and is the one wanted. */
static bool is_good(const struct troth_element *e, const char *name)
{
	struct troth_buf buf TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	struct troth_stanza *stanza;
	struct troth_keyinfo_list list;
	troth_buf_init(&buf, TROTH_LIMIT_STANZA_BYTES);
	troth_writer_init(&w, &buf, "");
	troth_writer_open(&w, TROTH_NS_PUBKEY, "pubkeys");
	troth_writer_copy(&w, e);
	troth_writer_close(&w);
	if (troth_writer_finish(&w) != TROTH_OK || parse(&stanza, &buf) != TROTH_OK)
		return false;
	int err = troth_keyinfo_read(&list, troth_stanza_root(stanza), NULL);
	troth_stanza_free(stanza);
	if (err != TROTH_OK)
		return false;
	bool good = name == NULL ? list.count + list.revocations.count > 0
				 : list.count == 1 && strcmp(list.items[0].name, name) == 0;
	troth_keyinfo_list_fini(&list);
	return good;
}

static void collect(struct collection *c, const struct troth_element *parent)
{
	const struct troth_element *e = troth_element_first(parent);
	for (; e != NULL; e = troth_element_next(e)) {
		bool key = troth_element_is(e, TROTH_NS_PUBKEY, "keyinfo");
		if (!key && !troth_element_is(e, TROTH_NS_TROTH, "revoke"))
			continue;
		if (c->count >= TROTH_LIMIT_STANZA_KEYS || !is_good(e, c->name))
			continue;
		troth_writer_copy(&c->w, e);
		c->count++;
	}
}

static int read_collection(struct troth_keyinfo_list *out, struct collection *c)
{
	struct troth_stanza *stanza;
	troth_writer_close(&c->w);
	int err = troth_writer_finish(&c->w);
	if (err == TROTH_OK)
		err = parse(&stanza, &c->buf);
	if (err != TROTH_OK)
		return err;
	err = troth_keyinfo_read(out, troth_stanza_root(stanza), NULL);
	troth_stanza_free(stanza);
	return err;
}

int pep_read(struct troth_keyinfo_list *out, const struct troth_element *parent, bool is_items,
	     const char *name)
{
	struct collection c = {.name = name};
	troth_buf_init(&c.buf, TROTH_LIMIT_STANZA_BYTES);
	troth_writer_init(&c.w, &c.buf, "");
	troth_writer_open(&c.w, TROTH_NS_PUBKEY, "pubkeys");
	if (is_items) {
		const struct troth_element *item = troth_element_first(parent);
		for (; item != NULL; item = troth_element_next(item))
			if (troth_element_is(item, TROTH_NS_PUBSUB, "item"))
				collect(&c, item);
	} else {
		collect(&c, parent);
	}
	int err = read_collection(out, &c);
	troth_buf_fini(&c.buf);
	return err;
}
