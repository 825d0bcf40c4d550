/* SPDX-License-Identifier: MIT */
/*
 * Our accounts: who is there, and streams over them. Layer: session. What a server says is a hint
 * like what is seen on the link: it says whom to call, and the call proves who it is.
 */
#include "session/state.h"
#include "session/withdraw.h"

#include "xml/namespace.h"
#include "xmpp/disco.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRANGERS_MAX 8 /* that are asked at a time what they can */

const char *online_jid(const struct online *online)
{
	return troth_address_full(troth_account_address(online->account));
}

/* ---- addresses ---- */

static int64_t contact_of(struct troth_session *s, const struct troth_address *jid)
{
	int64_t contact;
	return find_by_address(s, TROTH_REALM_SERVER, troth_address_bare(jid), &contact) == TROTH_OK
		       ? contact
		       : 0;
}

/* A call looks for that JID, or a contact that has it. */
static bool is_called(struct troth_session *s, const struct troth_address *jid)
{
	for (struct troth_call *call = s->calls; call != NULL; call = call->next) {
		if (call->kind == TARGET_JID && (strcmp(call->at, troth_address_bare(jid)) == 0 ||
						 strcmp(call->at, troth_address_full(jid)) == 0))
			return true;
	}
	return false;
}

/* A contact that some key may still prove: one whose keys were all revoked is told no more than a
 * stranger. */
static bool is_provable(struct troth_session *s, int64_t contact)
{
	struct known_peer k;
	return contact != 0 && known_of_contact(s, contact, &k) == TROTH_OK &&
	       (known_has_key(&k) || k.known.issuer_count > 0);
}

/* Contacts, our own clients, whom we call. */
static bool is_ours(struct online *o, const struct troth_address *jid)
{
	return is_provable(o->session, contact_of(o->session, jid)) || is_called(o->session, jid) ||
	       troth_address_same_bare(jid, troth_account_address(o->account));
}

/* Anybody may come: while a pairing is open, while a stranger is waited for to compare with, and
 * where our user lets strangers call. */
static bool takes_strangers(const struct troth_session *s)
{
	bool anyone = s->listener != NULL && s->least <= TROTH_LEVEL_UNVERIFIED;
	return ((anyone || s->expects) && !s->ending) || window_admits(s, 0);
}

/* "Presence rules decide who gets service-unavailable". */
static bool may_know(struct online *o, const struct troth_address *jid)
{
	return is_ours(o, jid) || takes_strangers(o->session);
}

/* ---- presence ---- */

struct shown {
	const char *to;
	const char *type; /* NULL: available */
	const struct troth_disco *disco;
};

static void write_presence(void *user, struct troth_writer *w)
{
	const struct shown *shown = user;
	troth_writer_open(w, TROTH_NS_CLIENT, "presence");
	troth_writer_attr(w, "to", shown->to);
	if (shown->type != NULL)
		troth_writer_attr(w, "type", shown->type);
	else
		troth_caps_write(w, shown->disco);
	troth_writer_close(w);
}

/* RFC 6121 4.6: directed presence; to a bare JID it reaches all clients of that account. */
static int show_ourselves(struct online *o, const char *to, const char *type)
{
	struct shown shown = {to, type, troth_session_disco(o->session)};
	return troth_account_send(o->account, write_presence, &shown);
}

struct asked {
	struct online *online;
	int64_t contact;
	int priority;
	bool stranger;
	char jid[SEEN_NAME_MAX + 1];
};

static void here(struct online *o, const char *jid, int64_t contact, int priority)
{
	struct troth_session *s = o->session;
	struct seen_entity *e = seen_find(s, jid, o);
	if (contact == 0 && e != NULL) /* of our own account, and it may have been asked */
		contact = e->contact;
	seen_here(s, jid, o, contact, priority);
	if (contact == 0)
		probe_own(o, jid);
	/* Before one of them has to go: who proves to be the contact stays. */
	e = seen_find(s, jid, o);
	if (contact != 0 && e != NULL && seen_is_crowded(s, e))
		probe_rivals(s, e);
}

static void unable(const struct asked *a)
{
	probe_unable(a->online, a->jid);
	calls_unable(a->online->session, a->jid, a->contact, true);
}

static void on_info(void *user, const struct troth_account_answer *answer)
{
	struct asked *a = user;
	struct troth_session *s = a->online->session;
	a->online->strangers -= a->stranger;
	if (!s->ending && answer->err == TROTH_OK) {
		if (troth_disco_has(answer->iq, TROTH_BYTESTREAMS_FEATURE))
			here(a->online, a->jid, a->contact, a->priority);
		else
			unable(a);
	}
	free(a);
}

static void write_query(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_leaf(w, TROTH_NS_DISCO_INFO, "query", NULL);
}

/* What the client can is asked of itself. Whoever can't be asked isn't called. Questions are few,
 * and strangers, who may be any number and need not answer, have some of them. */
static void ask_info(struct online *o, const struct troth_address *from, int64_t contact,
		     int priority)
{
	bool stranger = contact == 0 && !is_ours(o, from);
	struct asked *a = stranger && o->strangers >= STRANGERS_MAX ? NULL : calloc(1, sizeof *a);
	if (a == NULL)
		return;
	*a = (struct asked){
		.online = o, .contact = contact, .priority = priority, .stranger = stranger};
	(void)snprintf(a->jid, sizeof a->jid, "%s", troth_address_full(from));
	const struct troth_account_iq iq = {
		.to = a->jid, .write = write_query, .done = on_info, .user = a};
	if (troth_account_ask(o->account, &iq) != TROTH_OK) {
		free(a);
		return;
	}
	o->strangers += stranger;
}

/* XEP-0115: whoever has our own hash can what we can. */
static bool is_like_us(const struct online *o, const struct troth_element *presence)
{
	const struct troth_disco *ours = troth_session_disco(o->session);
	char ver[TROTH_CAPS_VER_SIZE];
	const struct troth_element *c = troth_element_child(presence, TROTH_NS_CAPS, "c");
	const char *theirs = troth_element_attr(c, "ver");
	return theirs != NULL && troth_caps_ver(ver, ours) == TROTH_OK && strcmp(theirs, ver) == 0;
}

static int priority_of(const struct troth_element *presence)
{
	const struct troth_element *e = troth_element_child(presence, TROTH_NS_CLIENT, "priority");
	return e != NULL ? atoi(troth_element_text(e)) : 0;
}

static void available(struct online *o, const struct troth_element *presence,
		      const struct troth_address *from)
{
	struct troth_session *s = o->session;
	const char *jid = troth_address_full(from);
	int64_t contact = contact_of(s, from);
	bool known = seen_jid(s, jid) != NULL;
	if (strlen(jid) > SEEN_NAME_MAX || (contact == 0 && !may_know(o, from)))
		return;
	/* Who may come has to see us too, and a contact that knows only our address. */
	if (!known && (contact != 0 || takes_strangers(s)) &&
	    show_ourselves(o, jid, NULL) != TROTH_OK)
		return;
	if (known || is_like_us(o, presence))
		here(o, jid, contact, priority_of(presence));
	else
		ask_info(o, from, contact, priority_of(presence));
}

/* The stream with that JID that is under way: it will be a contact, or not. */
static struct link *link_with(struct troth_session *s, const struct troth_address *jid)
{
	struct link *l = s->links;
	while (l != NULL &&
	       (l->online == NULL || !troth_address_same_bare(troth_stream_peer(l->stream), jid)))
		l = l->next;
	return l;
}

/* Who it is that a stream is with, once that was proved; 0: nobody yet. Before, its contact is only
 * the one that the peer says to be. */
static int64_t proven_contact(const struct link *l)
{
	bool proven = l->met || (l->up && troth_stream_level(l->stream) == TROTH_LEVEL_VERIFIED);
	return proven ? l->contact : 0;
}

int64_t online_viewer(struct online *o, const struct troth_address *jid)
{
	struct link *l = link_with(o->session, jid);
	int64_t id = contact_of(o->session, jid);
	if (id == 0 && l != NULL)
		id = proven_contact(l);
	return is_provable(o->session, id) ? id : 0;
}

/* A contact may see us: it is one by its key. false: somebody else has to decide. */
static bool asks(struct online *o, const struct troth_address *from)
{
	struct troth_store_contact contact;
	int64_t id = online_viewer(o, from);
	if (id == 0 || troth_store_contact_get(o->session->store, id, &contact) != TROTH_OK) {
		struct link *l = link_with(o->session, from);
		if (l != NULL)
			l->asks = true; /* online_contact answers */
		return l != NULL;
	}
	if (show_ourselves(o, troth_address_bare(from), "subscribed") == TROTH_OK)
		record_log(o->session, "presence-allowed", contact.label,
			   "It asked to see when we are there, and is a contact.");
	return true;
}

static void left(struct online *o, const struct troth_address *from)
{
	const char *jid = troth_address_full(from);
	seen_gone(o->session, jid, o);
	calls_unable(o->session, jid, contact_of(o->session, from), false);
}

static bool on_stanza(void *user, const struct troth_element *stanza)
{
	struct online *o = user;
	struct troth_address *from;
	const char *type = troth_element_attr(stanza, "type");
	const char *text = troth_element_attr(stanza, "from");
	if (!troth_element_is(stanza, NULL, "presence") || text == NULL ||
	    troth_address_new(&from, TROTH_REALM_SERVER, text) != TROTH_OK)
		return false;
	bool ourselves = troth_address_same(from, troth_account_address(o->account));
	if (troth_address_resource(from) != NULL && !ourselves) {
		if (type == NULL)
			available(o, stanza, from);
		else if (strcmp(type, "unavailable") == 0)
			left(o, from);
	}
	bool settled = type != NULL && strcmp(type, "subscribe") == 0 && asks(o, from);
	troth_address_free(from);
	return settled; /* else the roster has to know, too */
}

static bool on_asked(void *user, const struct troth_address *peer)
{
	return may_know(user, peer);
}

/* Who comes to pair, or as a stranger, is anybody: where this machine is, and what is beside it, is
 * told to those who have. */
static bool on_tells(void *user, const struct troth_address *peer)
{
	return is_ours(user, peer);
}

static bool on_admits(void *user, const struct troth_address *from)
{
	return may_know(user, from);
}

static void tell(struct online *o, enum troth_news_type type, int err, const char *text)
{
	const struct troth_news n = {.type = type,
				     .where = online_jid(o),
				     .who = online_jid(o),
				     .err = err,
				     .text = text};
	news(o->session, &n);
}

/* Nobody is to be expected over servers any more. */
static bool all_refused(const struct troth_session *s)
{
	for (const struct online *o = s->accounts; o != NULL; o = o->next)
		if (!o->refused)
			return false;
	return true;
}

/* What can only be reached by an account that can't be used isn't waited for. */
static void end_calls(struct troth_session *s, const char *why)
{
	for (struct troth_call *call = s->calls, *next; call != NULL; call = next) {
		next = call->next;
		bool waits = call->state == CALL_LOOKING || call->state == CALL_PAUSED;
		bool online = call->kind == TARGET_JID ||
			      (call->kind == TARGET_CONTACT && s->lan == NULL);
		if (waits && online && !call->persist)
			call_over(call, TROTH_E_UNREACHABLE, why,
				  "`troth login` with the account's address tries it again, and "
				  "takes another password.");
	}
}

static void on_up(void *user, bool resumed)
{
	struct online *o = user;
	struct troth_session *s = o->session;
	o->refused = false;
	tell(o, TROTH_NEWS_ONLINE, TROTH_OK, NULL);
	if (!resumed) {
		seen_gone_all(s, o);
		published_up(o);
	}
	online_withdraw(o);
	for (struct troth_call *call = s->calls; call != NULL; call = call->next) {
		if (call->kind == TARGET_JID)
			online_look_for(s, call->at);
		else if (call->kind == TARGET_CONTACT && call->state != CALL_LINKED)
			online_look_for_contact(s, call->contact);
	}
}

static void on_down(void *user, const struct troth_account_down *down)
{
	struct online *o = user;
	struct troth_news n = {.type = TROTH_NEWS_OFFLINE,
			       .where = online_jid(o),
			       .who = online_jid(o),
			       .err = TROTH_E_UNREACHABLE,
			       .text = troth_account_reason_text(down->reason),
			       .advice = down->text[0] != 0 ? down->text : NULL,
			       .in_ms = down->retry_ms};
	seen_gone_all(o->session, o);
	o->refused = down->retry_ms < 0;
	news(o->session, &n);
	if (all_refused(o->session))
		end_calls(o->session, n.text);
}

void online_look_for(struct troth_session *s, const char *jid)
{
	for (struct online *o = s->accounts; o != NULL; o = o->next) {
		if (troth_account_is_up(o->account) && show_ourselves(o, jid, NULL) != TROTH_OK)
			news_warn(s, NULL, "The account couldn't ask for somebody.");
	}
}

static int look_at(void *user, const struct troth_store_address *a)
{
	if (a->realm == TROTH_REALM_SERVER)
		online_look_for(user, a->address);
	return 0;
}

void online_look_for_contact(struct troth_session *s, int64_t contact)
{
	if (s->accounts != NULL &&
	    troth_store_address_list(s->store, contact, look_at, s) != TROTH_OK)
		news_warn(s, NULL, troth_store_error(s->store));
}

struct asking {
	struct troth_session *session;
	struct online *online;
};

static int ask_one(void *user, const struct troth_store_address *a)
{
	const struct asking *asking = user;
	if (a->realm == TROTH_REALM_SERVER &&
	    show_ourselves(asking->online, a->address, "subscribe") != TROTH_OK)
		news_warn(asking->session, NULL,
			  "The account couldn't ask to see when they are there.");
	return 0;
}

void online_ask_again(struct troth_session *s, int64_t contact)
{
	for (struct online *o = s->accounts; o != NULL; o = o->next) {
		struct asking asking = {s, o};
		if (troth_account_is_up(o->account) &&
		    troth_store_address_list(s->store, contact, ask_one, &asking) != TROTH_OK)
			news_warn(s, NULL, troth_store_error(s->store));
	}
}

/* Both have proved who they are: from now on each may see when the other is there. Who asks later
 * is answered by `asks`, and nobody before he asks: RFC 6121 3.4 makes that an option of servers,
 * and some then take no notice of the request itself. */
void online_contact(const struct link *l)
{
	const struct troth_address *peer = troth_stream_peer(l->stream);
	struct online *o = l->online;
	if (o == NULL || peer == NULL || l->contact == 0)
		return;
	if (troth_address_same_bare(peer, troth_account_address(o->account)))
		return;
	if ((l->asks && show_ourselves(o, troth_address_bare(peer), "subscribed") != TROTH_OK) ||
	    show_ourselves(o, troth_address_bare(peer), "subscribe") != TROTH_OK)
		news_warn(l->session, l, "The account couldn't ask to see when they are there.");
}

void online_met(const struct link *l)
{
	const struct troth_address *peer = troth_stream_peer(l->stream);
	if (l->contact != 0 && online_is_own(l) && troth_address_resource(peer) != NULL)
		seen_here(l->session, troth_address_full(peer), l->online, l->contact, 0);
}

bool online_is_own(const struct link *l)
{
	const struct troth_address *peer = troth_stream_peer(l->stream);
	return l->online != NULL && peer != NULL &&
	       troth_address_same_bare(peer, troth_account_address(l->online->account));
}

/* ---- life ---- */

int troth_session_account(struct troth_session *s, const struct troth_session_account *params)
{
	struct online *o = calloc(1, sizeof *o);
	if (o == NULL)
		return TROTH_E_NOMEM;
	*o = (struct online){.next = s->accounts,
			     .session = s,
			     .account = params->account,
			     .publish = params->publish,
			     .xtls = params->xtls};
	const struct troth_account_listener listener = {
		.up = on_up, .down = on_down, .stanza = on_stanza, .admits = on_admits, .user = o};
	const struct troth_bytestreams_params streams = {
		.account = params->account,
		.direct = params->direct,
		.tells = on_tells,
		.admits = on_asked,
		.called = leg_called,
		.user = o,
	};
	int err = troth_account_listen(params->account, &listener);
	const struct troth_prober_callbacks prober = {.answer = probe_answer, .user = o};
	if (err == TROTH_OK)
		err = troth_prober_new(&o->prober, params->account, &prober);
	const struct troth_pep_callbacks pep = {.changed = published_changed,
						.asked = published_asked,
						.sent = published_sent,
						.user = o};
	if (err == TROTH_OK)
		err = troth_pep_new(&o->pep, params->account, &pep);
	if (err == TROTH_OK)
		err = troth_bytestreams_new(&o->bytestreams, &streams);
	if (err != TROTH_OK) {
		troth_pep_free(o->pep);
		troth_prober_free(o->prober);
		free(o);
		return err;
	}
	s->accounts = o;
	return TROTH_OK;
}

void online_free(struct troth_session *s)
{
	while (s->accounts != NULL) {
		struct online *o = s->accounts;
		s->accounts = o->next;
		troth_bytestreams_free(o->bytestreams, NULL, NULL);
		troth_prober_free(o->prober);
		troth_pep_free(o->pep);
		free(o);
	}
}
