/* SPDX-License-Identifier: MIT */
/*
 * What an account answers by itself: who may know that we are there gets disco#info and ping, and
 * everybody else the same error as for an account that isn't connected. Layer: server.
 */
#include "server/account_state.h"

int account_sender(const struct troth_account *a, const char *from, struct troth_address **out)
{
	struct troth_address *address;
	*out = NULL;
	if (from == NULL)
		return TROTH_OK;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, from);
	if (err != TROTH_OK)
		return err;
	/* Another client of ours has a resource that isn't ours. */
	if (troth_address_same(address, a->own) ||
	    (troth_address_resource(address) == NULL && troth_address_same_bare(address, a->own)))
		troth_address_free(address);
	else
		*out = address;
	return TROTH_OK;
}

static const char *domain_of(const struct troth_address *address)
{
	const char *bare = troth_address_bare(address);
	const char *at = strchr(bare, '@');
	return at == NULL ? bare : at + 1;
}

static bool admits(const struct troth_account *a, const struct troth_address *from)
{
	if (from == NULL || troth_address_same_bare(from, a->own) ||
	    strcmp(troth_address_full(from), domain_of(a->own)) == 0)
		return true;
	for (size_t i = 0; i < a->n_listeners; i++) {
		const struct troth_account_listener *l = &a->listeners[i];
		if (l->admits != NULL && l->admits(l->user, from))
			return true;
	}
	return false;
}

bool troth_account_admits(const struct troth_account *a, const char *from)
{
	struct troth_address *address;
	if (account_sender(a, from, &address) != TROTH_OK)
		return false;
	bool yes = admits(a, address);
	troth_address_free(address);
	return yes;
}

struct reply {
	const struct troth_account *account;
	const struct troth_element *iq;
	enum troth_stanza_condition condition;
};

static void write_reply(void *user, struct troth_writer *w)
{
	const struct reply *r = user;
	const char *type = troth_element_attr(r->iq, "type");
	/* XEP-0250 3.2 of probes, and so of everything: "presence rules" come first. */
	if (!troth_account_admits(r->account, troth_element_attr(r->iq, "from"))) {
		troth_iq_error(w, r->iq, TROTH_STANZA_SERVICE_UNAVAILABLE);
	} else if (troth_disco_is_request(r->iq)) {
		troth_disco_answer(w, r->iq, r->account->disco);
	} else if (strcmp(type, "get") == 0 &&
		   troth_element_child(r->iq, TROTH_NS_PING, "ping") != NULL) {
		troth_iq_result_open(w, r->iq);
		troth_writer_close(w);
	} else {
		troth_iq_error(w, r->iq, TROTH_STANZA_SERVICE_UNAVAILABLE);
	}
}

void account_answer(struct troth_account *a, const struct troth_element *iq)
{
	struct reply r = {a, iq, TROTH_STANZA_UNDEFINED_CONDITION};
	/* Who asks what can't be answered hears nothing, as when we weren't there. */
	int err = troth_account_send(a, write_reply, &r);
	(void)err;
}

static void write_refusal(void *user, struct troth_writer *w)
{
	const struct reply *r = user;
	troth_iq_error(w, r->iq, r->condition);
}

int troth_account_refuse(struct troth_account *a, const struct troth_element *iq,
			 enum troth_stanza_condition condition)
{
	struct reply r = {a, iq, condition};
	return troth_account_send(a, write_refusal, &r);
}
