/* SPDX-License-Identifier: MIT */
/*
 * Where the peer of a call can be reached: a contact by its tag on the link, over a server by its
 * JID, or by a host:port that worked before; an instance by its name, a JID, or a host:port.
 * Layer: session.
 */
#include "session/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_FIRST_MS 1000 /* for whoever is on the link, too, to be seen there */

/* Both are user@somewhere. With an account, a name with a dot in it, or a resource behind it, is
 * taken for a JID: machines on a link have none. */
static bool is_jid(const struct troth_session *s, const char *text)
{
	const char *domain = strrchr(text, '@');
	return s->accounts != NULL && strpbrk(domain, "./") != NULL;
}

/* Effect: where `text` is, whoever answers there. Errors: TROTH_E_NOT_FOUND for neither form. */
static int place(struct troth_call *call, const char *text)
{
	if (troth_where_read(&call->where, text) == TROTH_OK) {
		call->kind = TARGET_WHERE;
		return TROTH_OK;
	}
	if (strchr(text, '@') == NULL || strlen(text) >= sizeof call->name)
		return TROTH_E_NOT_FOUND;
	call->kind = is_jid(call->session, text) ? TARGET_JID : TARGET_INSTANCE;
	return TROTH_OK;
}

/* Effect: the JID to be called; and whose it is, 0: nobody's we know. */
static int take_jid(struct troth_call *call, const char *text, bool *bare, int64_t *contact)
{
	struct troth_address *jid;
	int err = troth_address_new(&jid, TROTH_REALM_SERVER, text);
	if (err != TROTH_OK)
		return err == TROTH_E_FORMAT ? TROTH_E_NOT_FOUND : err;
	char *prepared = strdup(troth_address_full(jid));
	*bare = troth_address_resource(jid) == NULL;
	err = prepared == NULL ? TROTH_E_NOMEM
			       : find_by_address(call->session, TROTH_REALM_SERVER,
						 troth_address_bare(jid), contact);
	if (err == TROTH_OK && call->pairing &&
	    told_only(call->session, *contact, troth_address_bare(jid)))
		*contact = 0;
	troth_address_free(jid);
	if (err != TROTH_OK) {
		free(prepared);
		return err;
	}
	free(call->at);
	call->at = prepared;
	return TROTH_OK;
}

static int target_contact(struct troth_call *call, const struct troth_store_contact *contact,
			  const char *at)
{
	call->kind = TARGET_CONTACT;
	call->contact = contact->id;
	free(call->at);
	call->at = at != NULL ? strdup(at) : NULL;
	free(call->peer); /* as our user wrote it once, not now */
	call->peer = strdup(contact->label);
	if (call->peer == NULL || (at != NULL && call->at == NULL))
		return TROTH_E_NOMEM;
	int err = at != NULL ? place(call, at) : TROTH_OK;
	bool bare;
	int64_t owner; /* whoever's it is: our user has chosen */
	return err == TROTH_OK && call->kind == TARGET_JID ? take_jid(call, at, &bare, &owner)
							   : err;
}

/* "The same contact is one person on the link and over servers": called by whichever is there. */
static int target_jid(struct troth_call *call)
{
	struct troth_session *s = call->session;
	struct troth_store_contact contact;
	bool bare = false;
	int err = take_jid(call, call->peer, &bare, &call->contact);
	if (err != TROTH_OK || call->contact == 0 || !bare || call->probe)
		return err; /* a probe is for what is there */
	err = troth_store_contact_get(s->store, call->contact, &contact);
	return err == TROTH_OK ? target_contact(call, &contact, NULL) : err;
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
	if (call->kind == TARGET_JID)
		return target_jid(call);
	if (call->kind != TARGET_INSTANCE)
		return TROTH_OK;
	/* Whoever's name that is must show that contact's key. */
	return find_by_address(s, TROTH_REALM_LINK, call->peer, &call->contact);
}

/* ---- a stream on what was reached ---- */

int call_make_link(struct troth_call *call, const struct link_params *p)
{
	struct troth_session *s = call->session;
	struct known_peer known;
	struct link_params params = *p;
	int err = call_known(call, &known);
	if (err != TROTH_OK) {
		troth_transport_close(params.transport);
		return err;
	}
	params.call = call;
	params.place = TROTH_GATE_NONE;
	params.known = &known.known;
	err = link_new(&call->link, s, &params);
	if (err != TROTH_OK)
		return err;
	call->state = CALL_LINKED;
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

/* By TCP: on the link, or wherever a host is. */
static int make_tcp_link(struct troth_call *call, uv_tcp_t *tcp)
{
	struct link_params params = {.peer = NULL};
	struct troth_address *peer = NULL;
	int err = troth_tcp_new(&params.transport, tcp);
	if (err == TROTH_OK && call->name[0] != 0) {
		err = troth_address_new(&peer, TROTH_REALM_LINK, call->name);
		if (err != TROTH_OK)
			troth_transport_close(params.transport);
	}
	params.peer = peer;
	if (err == TROTH_OK)
		err = call_make_link(call, &params);
	troth_address_free(peer);
	return err;
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
	err = make_tcp_link(call, tcp);
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

/* ---- over a server ---- */

static int reach_online(struct troth_call *call, const struct seen_entity *e)
{
	(void)snprintf(call->name, sizeof call->name, "%s", e->name);
	call->online = e->online;
	call->unseen = false;
	tell_calling(call);
	return online_call(call);
}

/* Of several clients the one that waits for us. */
static bool asks_first(struct troth_call *call, const struct seen_entity *e, int64_t *wait)
{
	int64_t until;
	bool asked = strchr(call->at, '/') == NULL && probe_first(call->session, e, &until);
	*wait = asked ? until - (int64_t)uv_now(call->session->loop) : 0;
	return *wait > 0;
}

static int reach_jid(struct troth_call *call)
{
	const struct seen_entity *e = seen_jid(call->session, call->at);
	int64_t wait;
	if (e != NULL && call->probe)
		return probe_all(call);
	if (e != NULL && asks_first(call, e, &wait)) {
		call->state = CALL_PAUSED;
		return call_timer(call, wait);
	}
	if (e != NULL)
		return reach_online(call, e);
	online_look_for(call->session, call->at);
	return TROTH_E_NOT_FOUND;
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

/* How long to wait before a client is called over a server: the link needs none, and tells none;
 * and of several clients it may be another one that has the contact's key. */
static int64_t first(const struct troth_call *call, const struct seen_entity *e)
{
	struct troth_session *s = call->session;
	int64_t now = (int64_t)uv_now(s->loop);
	int64_t link = s->lan != NULL ? s->lan_since + LINK_FIRST_MS - now : 0;
	int64_t until = now;
	if (!call->probe && !probe_first(s, e, &until))
		until = now;
	return link > until - now ? link : until - now;
}

static int reach_contact(struct troth_call *call)
{
	struct troth_session *s = call->session;
	struct endpoint e = {.found = false};
	struct seen_entity *seen = seen_contact(s, call->contact);
	int64_t wait = seen != NULL && seen->online != NULL ? first(call, seen) : 0;
	if (wait > 0) {
		call->state = CALL_PAUSED;
		return call_timer(call, wait);
	}
	if (seen != NULL && seen->online != NULL && call->probe)
		return probe_all(call);
	if (seen != NULL)
		return seen->online != NULL ? reach_online(call, seen) : resolve(call, seen->name);
	int err = troth_store_address_list(s->store, call->contact, pick_endpoint, &e);
	if (err < 0)
		return err;
	if (!e.found) {
		online_look_for_contact(s, call->contact);
		return TROTH_E_NOT_FOUND;
	}
	call->where = e.where;
	tell_calling(call);
	return dial(call, NULL);
}

int call_reach(struct troth_call *call)
{
	call->name[0] = 0;
	call->online = NULL;
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
	case TARGET_JID:
		return reach_jid(call);
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
	leg_end(call->leg);
	call->leg = NULL;
}
