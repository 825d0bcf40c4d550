/* SPDX-License-Identifier: MIT */
/*
 * Where the peer of a call can be reached: a contact by its tag on the link or by a
 * host:port that worked before, an instance by its name, or a host:port. Layer: session.
 */
#include "session/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Effect: where `text` is, whoever answers there. Errors: TROTH_E_NOT_FOUND for neither form. */
static int place(struct troth_call *call, const char *text)
{
	if (troth_where_read(&call->where, text) == TROTH_OK) {
		call->kind = TARGET_WHERE;
		return TROTH_OK;
	}
	if (strchr(text, '@') == NULL || strlen(text) >= sizeof call->name)
		return TROTH_E_NOT_FOUND;
	call->kind = TARGET_INSTANCE;
	return TROTH_OK;
}

static int target_contact(struct troth_call *call, const struct troth_store_contact *contact,
			  const char *at)
{
	call->kind = TARGET_CONTACT;
	call->contact = contact->id;
	call->at = at != NULL ? strdup(at) : NULL;
	free(call->peer); /* as our user wrote it once, not now */
	call->peer = strdup(contact->label);
	if (call->peer == NULL || (at != NULL && call->at == NULL))
		return TROTH_E_NOMEM;
	return at != NULL ? place(call, at) : TROTH_OK;
}

int call_target(struct troth_call *call, const char *at)
{
	struct troth_session *s = call->session;
	struct troth_store_contact contact;
	int err = troth_store_contact_by_label(s->store, call->peer, &contact);
	if (err == TROTH_OK)
		return target_contact(call, &contact, at);
	if (err != TROTH_E_NOT_FOUND && err != TROTH_E_FORMAT && err != TROTH_E_LIMIT)
		return err;
	if (at != NULL) /* it says where a contact is */
		return TROTH_E_NOT_FOUND;
	err = place(call, call->peer);
	if (err != TROTH_OK)
		return err;
	call->at = strdup(call->peer);
	if (call->at == NULL)
		return TROTH_E_NOMEM;
	if (call->kind != TARGET_INSTANCE)
		return TROTH_OK;
	/* Whoever's name that is must show that contact's key. */
	return find_by_address(s, TROTH_REALM_LINK, call->peer, &call->contact);
}

/* ---- a stream on what was reached ---- */

static int make_link(struct troth_call *call, struct troth_transport *transport)
{
	struct troth_session *s = call->session;
	struct known_peer known;
	struct troth_address *peer = NULL;
	int err = call_known(call, &known);
	if (err == TROTH_OK && call->name[0] != 0)
		err = troth_address_new(&peer, TROTH_REALM_LINK, call->name);
	if (err != TROTH_OK) {
		troth_transport_close(transport);
		return err;
	}
	const struct link_params params = {
		.transport = transport,
		.call = call,
		.place = TROTH_GATE_NONE,
		.peer = peer,
		.known = &known.known,
	};
	err = link_new(&call->link, s, &params);
	troth_address_free(peer);
	if (err != TROTH_OK)
		return err;
	struct link *l = call->link;
	if (call->probe) { /* which changes nothing */
		l->recorded = true;
		return TROTH_OK;
	}
	l->chosen = l->contact = call->contact;
	memcpy(l->label, known.contact.label, sizeof l->label);
	memcpy(l->scope, call->scope, sizeof l->scope);
	l->pairing = call->pairing;
	return TROTH_OK;
}

static void on_dialled(void *user, uv_tcp_t *tcp, int err)
{
	struct troth_call *call = user;
	call->dial = NULL;
	if (err == TROTH_E_NOT_FOUND) {
		call_unknown_host(call);
		return;
	}
	if (err != TROTH_OK) {
		call_retry(call, err, troth_err_text(err));
		return;
	}
	call->state = CALL_LINKED;
	struct troth_transport *transport;
	err = troth_tcp_new(&transport, tcp);
	if (err == TROTH_OK)
		err = make_link(call, transport);
	if (err != TROTH_OK)
		call_over(call, err, troth_err_text(err), NULL);
}

static int dial(struct troth_call *call, const struct troth_lan_addresses *at)
{
	const struct troth_dial_params params = {
		.loop = call->session->loop,
		.at = at != NULL ? at->at : NULL,
		.count = at != NULL ? at->count : 0,
		.where = &call->where,
		.done = on_dialled,
		.user = call,
	};
	call->state = CALL_DIALLING;
	return troth_dial_new(&call->dial, &params);
}

static void tell_calling(struct troth_call *call)
{
	struct troth_news n = news_of_call(call, TROTH_NEWS_CALLING);
	char where[sizeof call->where.host + sizeof call->where.port + 4];
	bool six = strchr(call->where.host, ':') != NULL;
	(void)snprintf(where, sizeof where, six ? "[%s]:%s" : "%s:%s", call->where.host,
		       call->where.port);
	n.where = call->name[0] != 0 ? call->name : where;
	news(call->session, &n);
}

/* ---- by name on the link ---- */

static void on_resolved(void *user, const struct troth_lan_addresses *addresses)
{
	struct troth_call *call = user;
	call->resolve = NULL;
	call->unseen = false;
	int err = dial(call, addresses);
	if (err != TROTH_OK)
		call_retry(call, err, troth_err_text(err));
}

static int resolve(struct troth_call *call, const char *name)
{
	struct troth_session *s = call->session;
	(void)snprintf(call->name, sizeof call->name, "%s", name);
	call->state = CALL_RESOLVING;
	if (!call->unseen) /* else it is told already */
		tell_calling(call);
	int err = troth_lan_resolve(s->lan, name, on_resolved, call, &call->resolve);
	if (err == TROTH_OK)
		err = call_resolving(call);
	return err;
}

/* ---- by host and port ---- */

struct endpoint {
	struct troth_where where;
	bool found;
};

static int pick_endpoint(void *user, const struct troth_store_address *a)
{
	struct endpoint *e = user;
	if (a->source == NULL || strcmp(a->source, "endpoint") != 0)
		return 0;
	e->found = troth_where_read(&e->where, a->address) == TROTH_OK;
	return e->found; /* the one that worked last comes first: enough */
}

static int reach_contact(struct troth_call *call)
{
	struct troth_session *s = call->session;
	struct endpoint e = {.found = false};
	const char *name = seen_name(s, call->contact);
	if (name != NULL)
		return resolve(call, name);
	int err = troth_store_address_list(s->store, call->contact, pick_endpoint, &e);
	if (err < 0)
		return err;
	if (!e.found)
		return TROTH_E_NOT_FOUND;
	call->where = e.where;
	tell_calling(call);
	return dial(call, NULL);
}

int call_reach(struct troth_call *call)
{
	call->name[0] = 0;
	switch (call->kind) {
	case TARGET_CONTACT:
		return reach_contact(call);
	case TARGET_INSTANCE:
		if (call->session->lan != NULL)
			return resolve(call, call->at);
		call_no_link(call);
		return TROTH_OK;
	case TARGET_WHERE:
		tell_calling(call);
		return dial(call, NULL);
	}
	return TROTH_E_INVAL;
}

void call_unreach(struct troth_call *call)
{
	troth_dial_cancel(call->dial);
	call->dial = NULL;
	if (call->resolve != NULL)
		troth_lan_resolve_cancel(call->resolve);
	call->resolve = NULL;
}
