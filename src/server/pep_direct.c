/* SPDX-License-Identifier: MIT */
/*
 * Keys asked for and sent from client to client (XEP-0189 v0.8, "Requesting Public Keys Directly
 * From Another Entity", "Sending Public Keys Directly To Another Entity"). Layer: server. Who may
 * have them is for others to say; what comes is evidence at most.
 */
#include "server/pep_state.h"

#include "xmpp/iq.h"

/* ---- asked ---- */

struct troth_pep_question {
	struct troth_account *account;
	const struct troth_element *iq;
	const struct troth_element *pubkeys;
};

/* XEP-0189: "An entity MAY request one or more specific public keys by specifying their
 * fingerprints [...] as the content of <fprint/> child elements". */
static bool is_wanted(const struct troth_element *pubkeys, const char *name)
{
	bool any = false;
	const struct troth_element *e = troth_element_first(pubkeys);
	for (; e != NULL; e = troth_element_next(e)) {
		if (!troth_element_is(e, TROTH_NS_PUBKEY, "fprint"))
			continue;
		any = true;
		if (strcmp(troth_element_text(e), name) == 0)
			return true;
	}
	return !any;
}

struct answer {
	const struct troth_pep_question *question;
	const struct troth_pep_item *items;
	size_t count;
};

static void write_answer(void *user, struct troth_writer *w)
{
	const struct answer *a = user;
	troth_iq_result_open(w, a->question->iq);
	troth_writer_open(w, TROTH_NS_PUBKEY, "pubkeys");
	for (size_t i = 0; i < a->count; i++)
		if (is_wanted(a->question->pubkeys, a->items[i].name))
			a->items[i].write(a->items[i].user, w);
	troth_writer_close(w);
	troth_writer_close(w);
}

int troth_pep_answer(const struct troth_pep_question *q, const struct troth_pep_item *items,
		     size_t count)
{
	struct answer a = {q, items, count};
	return troth_account_send(q->account, write_answer, &a);
}

/* Whether <pubkeys/> is about the keys of its sender, or of whom it is sent to: no `jid`, or his
 * own. false, too, for what is no JID. */
static bool is_about(const struct troth_element *pubkeys, const struct troth_address *whose)
{
	struct troth_address *jid;
	const char *text = troth_element_attr(pubkeys, "jid");
	if (text == NULL)
		return true;
	if (troth_address_new(&jid, TROTH_REALM_SERVER, text) != TROTH_OK)
		return false;
	bool same = troth_address_same_bare(jid, whose);
	troth_address_free(jid);
	return same;
}

/* "The other entity MUST make a careful access control decision": presence first, as for a probe;
 * then whoever uses this. Other people's keys aren't given over a server at all. */
static bool answer(struct troth_pep *p, const struct troth_element *iq,
		   const struct troth_element *pubkeys)
{
	const struct troth_address *own = troth_account_address(p->account);
	const char *text = troth_element_attr(iq, "from");
	const struct troth_pep_question q = {p->account, iq, pubkeys};
	struct troth_address *from = NULL;
	if (p->callbacks.asked == NULL || !troth_account_admits(p->account, text) ||
	    (text != NULL && troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK))
		return false;
	bool ours = from == NULL || troth_address_same_bare(from, own);
	bool answered = is_about(pubkeys, own) &&
			p->callbacks.asked(p->callbacks.user, ours ? NULL : from, &q);
	troth_address_free(from);
	return answered;
}

/* ---- sent ---- */

/* "If no 'jid' attribute is specified then the other entity SHOULD assume the keys belong to the
 * sender": those of others come on a stream, by an introducer, or not at all. */
static void take(struct troth_pep *p, const struct troth_element *message,
		 const struct troth_element *pubkeys)
{
	const struct troth_address *own = troth_account_address(p->account);
	const char *text = troth_element_attr(message, "from");
	struct troth_keyinfo_list list;
	struct troth_address *from = NULL;
	if (text != NULL && troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK)
		return;
	bool ours = from == NULL || troth_address_same_bare(from, own);
	if (is_about(pubkeys, ours ? own : from) &&
	    pep_read(&list, pubkeys, false, NULL) == TROTH_OK) {
		p->callbacks.sent(p->callbacks.user, ours ? NULL : from, &list);
		troth_keyinfo_list_fini(&list);
	}
	troth_address_free(from);
}

bool pep_direct(struct troth_pep *p, const struct troth_element *stanza)
{
	const char *type = troth_element_attr(stanza, "type");
	const struct troth_element *e = troth_element_child(stanza, TROTH_NS_PUBKEY, "pubkeys");
	if (e == NULL)
		return false;
	if (troth_iq_is_request(stanza))
		return strcmp(type, "get") == 0 && answer(p, stanza, e);
	/* A message of type error is one of ours that has come back. */
	if (!troth_element_is(stanza, TROTH_NS_CLIENT, "message") || p->callbacks.sent == NULL ||
	    (type != NULL && strcmp(type, "error") == 0))
		return false;
	take(p, stanza, e);
	return true;
}

/* ---- sending ---- */

struct parcel {
	const char *to;
	const struct troth_pep_item *items;
	size_t count;
};

static void write_parcel(void *user, struct troth_writer *w)
{
	const struct parcel *p = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "message");
	troth_writer_attr(w, "to", p->to);
	troth_writer_open(w, TROTH_NS_PUBKEY, "pubkeys");
	for (size_t i = 0; i < p->count; i++)
		p->items[i].write(p->items[i].user, w);
	troth_writer_close(w);
	troth_writer_close(w);
}

int troth_pep_send(struct troth_pep *p, const char *jid, const struct troth_pep_item *items,
		   size_t count)
{
	struct troth_address *to;
	int err = troth_address_new(&to, TROTH_REALM_SERVER, jid);
	if (err != TROTH_OK)
		return err;
	struct parcel parcel = {troth_address_full(to), items, count};
	err = troth_account_send(p->account, write_parcel, &parcel);
	troth_address_free(to);
	return err;
}
