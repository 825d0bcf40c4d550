/* SPDX-License-Identifier: MIT */
/*
 * What clients of accounts offer (XEP-0250 3.2): asked before one of several is called, for our
 * user, and answered. Layer: session. "This information will be exchanged over an insecure
 * communication channel and may be forged": it decides in what order they are called, no more.
 */
#include "session/state.h"

#include "c2c/choose.h"
#include "stream/engine.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_MS 1500 /* that a call waits for an answer */
#define SETTLE_MS 700 /* for all clients of an account to show */
#define ROUND_MAX 16
#define ASKING_MAX 16 /* of one account at a time, before calls */

/* ---- answering ---- */

static struct troth_side side_of(const struct troth_session *s, const struct known_peer *k)
{
	return (struct troth_side){
		.known = &k->known,
		.own_name = troth_cert_name(troth_device_cert(s->device)),
		.can = s->engine->can,
	};
}

/* Whoever it may be by his address; of our own account's clients, by the key that he names: to
 * others it isn't told whose keys we know. */
static int find(struct online *o, const struct troth_address *from,
		const struct troth_offer *theirs, int64_t *contact)
{
	const char *names[TROTH_LIMIT_OFFER_KEYS];
	if (!troth_address_same_bare(from, troth_account_address(o->account)))
		return find_by_address(o->session, TROTH_REALM_SERVER, troth_address_bare(from),
				       contact);
	for (size_t i = 0; i < theirs->name_count; i++)
		names[i] = theirs->names[i];
	return find_by_names(o->session, names, theirs->name_count, contact);
}

/* Effect: to contacts, what speaks for our key as well. */
static void add_statements(const struct troth_session *s, int64_t contact,
			   struct troth_prober_offer *out)
{
	out->device = s->device;
	out->statements = contact != 0 ? &s->own->statements : NULL;
}

bool probe_answer(void *user, const struct troth_address *from, const struct troth_offer *theirs,
		  struct troth_prober_offer *out)
{
	struct online *o = user;
	struct troth_session *s = o->session;
	struct known_peer k;
	int64_t contact = 0;
	if (s->ending || find(o, from, theirs, &contact) != TROTH_OK ||
	    known_of_contact(s, contact, &k) != TROTH_OK)
		return false;
	if (contact == 0)
		k.known.contact = NULL;
	k.known.pairing = k.known.may_ask = window_admits(s, contact);
	ca_try(s, contact, &k);
	const struct troth_side us = side_of(s, &k);
	troth_choose_probed(&out->offer, &us, theirs);
	add_statements(s, contact, out);
	return true;
}

/* ---- asking ---- */

/* A key is named to whom its name may say something. contact: who may be asked; 0: nobody's client.
 */
static void own_offer(const struct troth_session *s, int64_t contact, bool named,
		      struct troth_prober_offer *out)
{
	const char *name = troth_cert_name(troth_device_cert(s->device));
	memset(out, 0, sizeof *out);
	out->offer.marks = s->engine->can | TROTH_MARK_TRANSCRIPT;
	if (!named)
		return;
	memcpy(out->offer.names[0], name, sizeof out->offer.names[0]);
	out->offer.name_count = 1;
	add_statements(s, contact, out);
}

static enum seen_offers judge(struct troth_session *s, int64_t contact,
			      const struct troth_prober_result *result)
{
	struct known_peer k;
	if (result->offer == NULL || known_of_contact(s, contact, &k) != TROTH_OK)
		return SEEN_SILENT;
	ca_try(s, contact, &k);
	if (contact == 0) /* nobody whose key could be wrong: it waits for somebody, or doesn't */
		return result->offer->name_count > 0 || (result->offer->marks &
							 ~(unsigned)TROTH_MARK_TRANSCRIPT) != 0
			       ? SEEN_KEY
			       : SEEN_SILENT;
	return troth_can_verify(&k.known, result->offer) ? SEEN_KEY : SEEN_WRONG_KEY;
}

struct question {
	struct online *online;
	int64_t contact;           /* whose client it may be; 0: nobody's */
	struct probe_round *round; /* NULL: before a call */
	size_t place;
	bool unnamed; /* our key isn't named */
	char jid[];
};

static struct question *question_new(struct online *o, const char *jid, int64_t contact)
{
	struct question *q = calloc(1, sizeof *q + strlen(jid) + 1);
	if (q == NULL)
		return NULL;
	q->online = o;
	q->contact = contact;
	memcpy(q->jid, jid, strlen(jid) + 1);
	return q;
}

static bool ask(struct question *q,
		void (*done)(void *user, const struct troth_prober_result *result))
{
	struct troth_prober_offer ours;
	own_offer(q->online->session, q->contact, !q->unnamed, &ours);
	if (troth_prober_ask(q->online->prober, q->jid, &ours, done, q) == TROTH_OK)
		return true;
	free(q);
	return false;
}

/* ---- before a call ---- */

static void on_first(void *user, const struct troth_prober_result *result)
{
	struct question *q = user;
	struct troth_session *s = q->online->session;
	struct seen_entity *e = s->ending ? NULL : seen_find(s, q->jid, q->online);
	q->online->asking--;
	if (e != NULL)
		e->offers = judge(s, e->contact, result);
	if (e != NULL && e->offers == SEEN_WRONG_KEY) /* or one that we may hear of there */
		published_fetch(q->online, q->jid);
	free(q);
	if (!s->ending)
		calls_look_again(s);
}

/* Whoever can't be asked now is asked when others have had their time: there may be any number. */
static void ask_first(struct seen_entity *e)
{
	struct online *o = e->online;
	int64_t now = (int64_t)uv_now(o->session->loop);
	struct question *q = o->asking < ASKING_MAX ? question_new(o, e->name, e->contact) : NULL;
	if (e->asked_at == 0)
		e->asked_at = now;
	if (q == NULL)
		return;
	q->unnamed = e->contact == 0;
	e->asked_at = now;
	e->offers = ask(q, on_first) ? SEEN_ASKED : SEEN_SILENT;
	o->asking += e->offers == SEEN_ASKED;
}

/* All who may be meant at once: those that say nothing mustn't take their time one by one. */
void probe_rivals(struct troth_session *s, const struct seen_entity *of)
{
	for (struct seen_entity *e = s->seen; e != NULL; e = e->next) {
		bool rival = of->contact != 0 ? e->contact == of->contact
					      : e->contact == 0 && e->online == of->online &&
							seen_is_same(e, of->name);
		if (rival && e->online != NULL && e->offers == SEEN_UNASKED)
			ask_first(e);
	}
}

bool probe_first(struct troth_session *s, const struct seen_entity *e, int64_t *until)
{
	probe_rivals(s, e);
	bool waits = e->offers == SEEN_UNASKED; /* until it can be asked */
	*until = e->asked_at + (waits ? TROTH_TIME_PROBE + FIRST_MS : FIRST_MS);
	return waits || e->offers == SEEN_ASKED;
}

/* ---- our own account's ---- */

static void on_own(void *user, const struct troth_prober_result *result)
{
	struct question *q = user;
	struct troth_session *s = q->online->session;
	struct seen_entity *e = s->ending ? NULL : seen_find(s, q->jid, q->online);
	const char *names[TROTH_LIMIT_OFFER_KEYS];
	int64_t contact = 0;
	size_t count = result->offer != NULL ? result->offer->name_count : 0;
	for (size_t i = 0; i < count; i++)
		names[i] = result->offer->names[i];
	if (e != NULL && find_by_names(s, names, count, &contact) == TROTH_OK && contact != 0)
		seen_here(s, q->jid, q->online, contact, e->priority);
	free(q);
}

void probe_own(struct online *o, const char *jid)
{
	const char *own = troth_address_bare(troth_account_address(o->account));
	const struct seen_entity e = {.name = (char *)jid, .online = o};
	struct question *q = seen_is_of(&e, own) ? question_new(o, jid, 0) : NULL;
	if (q != NULL && !ask(q, on_own)) /* then it is called by its address alone */
		return;
}

/* ---- for our user ---- */

struct found {
	char *jid;
	int priority;
	int err;
	enum seen_offers offers;
	struct troth_offer offer;
	struct troth_offer_proofs proofs; /* owned */
};

struct probe_round {
	struct troth_call *call; /* NULL: nobody wants to know any more */
	size_t open;
	size_t count;
	struct found found[ROUND_MAX];
};

static void found_fini(struct found *f)
{
	troth_offer_proofs_fini(&f->proofs);
	free(f->jid);
}

static void round_free(struct probe_round *r)
{
	for (size_t i = 0; i < r->count; i++)
		found_fini(&r->found[i]);
	free(r);
}

void probe_drop(struct troth_call *call)
{
	struct probe_round *r = call->round;
	call->round = NULL;
	if (r == NULL)
		return;
	r->call = NULL;
	if (r->open == 0)
		round_free(r);
}

static int by_rank(const void *one, const void *two)
{
	const struct found *a = one, *b = two;
	if (a->offers != b->offers)
		return a->offers > b->offers ? -1 : 1;
	return (a->priority < b->priority) - (a->priority > b->priority);
}

static void tell(struct troth_call *call, struct found *f, bool chosen)
{
	struct troth_news n = news_of_call(call, TROTH_NEWS_PROBED);
	struct troth_probe p = {
		.tls = true,
		.required = true,
		.offers = f->err == TROTH_OK,
		.resource = f->jid,
		.streams = true,
		.answers = f->err == TROTH_OK,
		.proves = f->offers == SEEN_KEY,
		.priority = f->priority,
		.chosen = chosen,
		.err = f->err,
	};
	n.address = n.where = f->jid;
	f->offer.proofs = &f->proofs;
	probe_report(call, &f->offer, &n, &p);
}

static void tell_all(struct probe_round *r)
{
	struct troth_call *call = r->call;
	qsort(r->found, r->count, sizeof *r->found, by_rank);
	for (size_t i = 0; i < r->count; i++)
		tell(call, &r->found[i], i == 0);
	call->probed = true;
	call_over(call, TROTH_OK, NULL, NULL); /* frees the round */
}

static void on_answer(void *user, const struct troth_prober_result *result)
{
	struct question *q = user;
	struct probe_round *r = q->round;
	struct found *f = &r->found[q->place];
	bool wanted = r->call != NULL && !q->online->session->ending;
	f->err = result->err;
	if (wanted)
		f->offers = judge(q->online->session, r->call->contact, result);
	if (result->offer != NULL) {
		f->offer = *result->offer;
		f->proofs = *result->proofs;
		*result->proofs = (struct troth_offer_proofs){.count = 0};
	}
	free(q);
	if (--r->open > 0)
		return;
	if (wanted)
		tell_all(r);
	else if (r->call == NULL)
		round_free(r);
}

static bool is_meant(const struct troth_call *call, const struct seen_entity *e)
{
	return call->kind == TARGET_JID ? seen_is_of(e, call->at)
					: e->online != NULL && e->contact == call->contact;
}

static int begin(struct probe_round *r)
{
	for (struct seen_entity *e = r->call->session->seen; e != NULL; e = e->next) {
		struct question *q;
		if (r->count == ROUND_MAX || !is_meant(r->call, e))
			continue;
		char *jid = strdup(e->name);
		q = jid != NULL ? question_new(e->online, jid, e->contact) : NULL;
		if (q == NULL) {
			free(jid);
			return TROTH_E_NOMEM;
		}
		q->round = r;
		q->place = r->count;
		r->found[r->count++] = (struct found){.jid = jid,
						      .priority = e->priority,
						      .err = TROTH_E_UNREACHABLE,
						      .offers = SEEN_SILENT};
		r->open += ask(q, on_answer);
	}
	return r->open > 0 ? TROTH_OK : TROTH_E_UNREACHABLE;
}

int probe_all(struct troth_call *call)
{
	int64_t now = (int64_t)uv_now(call->session->loop);
	if (call->settled_at == 0)
		call->settled_at = now + SETTLE_MS;
	if (now < call->settled_at) {
		call->state = CALL_PAUSED;
		return call_timer(call, call->settled_at - now);
	}
	probe_drop(call);
	call->round = calloc(1, sizeof *call->round);
	if (call->round == NULL)
		return TROTH_E_NOMEM;
	call->round->call = call;
	call->state = CALL_DIALLING;
	return begin(call->round);
}

void probe_unable(struct online *o, const char *jid)
{
	struct troth_session *s = o->session;
	static const struct troth_offer nothing = {.marks = 0};
	for (struct troth_call *call = s->calls; call != NULL; call = call->next) {
		const struct seen_entity e = {.name = (char *)jid, .online = o};
		if (!call->probe || call->kind != TARGET_JID || !seen_is_of(&e, call->at))
			continue;
		struct troth_news n = news_of_call(call, TROTH_NEWS_PROBED);
		struct troth_probe p = {.resource = jid, .err = TROTH_E_UNSUPPORTED};
		n.address = n.where = jid;
		probe_report(call, &nothing, &n, &p);
	}
}
