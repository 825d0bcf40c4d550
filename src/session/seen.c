/* SPDX-License-Identifier: MIT */
/*
 * Who is to be seen, on the link and over our accounts, and how calls there went. Layer: session.
 * All of it is a hint: it says whom to call, and the call proves who it is.
 */
#include "base/limits.h"
#include "session/state.h"

#include "base/limits.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

bool seen_is_same(const struct seen_entity *e, const char *name)
{
	size_t bare = strcspn(name, "/");
	return strncmp(e->name, name, bare) == 0 && e->name[bare] == '/';
}

static struct seen_entity **find(struct troth_session *s, const char *name,
				 const struct online *online)
{
	struct seen_entity **at = &s->seen;
	while (*at != NULL && ((*at)->online != online || strcmp((*at)->name, name) != 0))
		at = &(*at)->next;
	return at;
}

static void tell(struct troth_session *s, enum troth_news_type type, const struct seen_entity *e)
{
	struct troth_store_contact contact;
	struct troth_news n = {.type = type, .contact = e->contact, .text = e->name};
	if (!e->told || e->contact == 0 ||
	    troth_store_contact_get(s->store, e->contact, &contact) != TROTH_OK)
		return; /* nobody's, or forgotten meanwhile */
	n.who = contact.label;
	n.where = e->online != NULL ? online_jid(e->online) : NULL;
	news(s, &n);
}

static void forget(struct troth_session *s, struct seen_entity **at)
{
	struct seen_entity *e = *at;
	*at = e->next;
	tell(s, TROTH_NEWS_GONE, e);
	if (!s->ending)
		calls_move(s, e->contact);
	free(e->name);
	free(e);
}

void seen_gone(struct troth_session *s, const char *name, const struct online *online)
{
	struct seen_entity **at = find(s, name, online);
	if (*at != NULL)
		forget(s, at);
}

void seen_gone_all(struct troth_session *s, const struct online *online)
{
	struct seen_entity **at = &s->seen;
	while (*at != NULL) {
		if ((*at)->online == online)
			forget(s, at);
		else
			at = &(*at)->next;
	}
}

/* Whoever has disappointed less; then the link, which needs no server; then by the
 * key that it says to have; then as its user says. */
static bool better(const struct seen_entity *a, const struct seen_entity *b)
{
	if (a->failures != b->failures)
		return a->failures < b->failures;
	if ((a->online == NULL) != (b->online == NULL))
		return a->online == NULL;
	if (a->offers != b->offers)
		return a->offers > b->offers;
	return a->priority > b->priority;
}

/* Of all clients of a JID the one that would be called last; of those alike the newest. */
static struct seen_entity **last_choice(struct troth_session *s, const char *name,
					const struct online *online)
{
	struct seen_entity **worst = NULL;
	for (struct seen_entity **at = &s->seen; *at != NULL; at = &(*at)->next) {
		if ((*at)->online == online && seen_is_same(*at, name) &&
		    (worst == NULL || better(*worst, *at)))
			worst = at;
	}
	return worst;
}

static bool is_crowded(const struct troth_session *s, const char *name, const struct online *online)
{
	size_t count = 0;
	for (const struct seen_entity *e = s->seen; e != NULL; e = e->next)
		count += e->online == online && seen_is_same(e, name);
	return online != NULL && count >= TROTH_LIMIT_JID_RESOURCES;
}

bool seen_is_crowded(const struct troth_session *s, const struct seen_entity *of)
{
	return is_crowded(s, of->name, of->online);
}

/* A full JID's bare one, or the whole. */
static bool is_of(const char *full, const char *jid)
{
	size_t len = strlen(jid);
	return strncmp(full, jid, len) == 0 && (full[len] == 0 || full[len] == '/');
}

/* By whom our user knows, or calls by that address. */
static bool is_wanted(const struct troth_session *s, const char *name, int64_t contact)
{
	const struct troth_call *call = s->calls;
	while (call != NULL && !(call->kind == TARGET_JID && is_of(name, call->at)))
		call = call->next;
	return contact != 0 || call != NULL;
}

/* Of all strangers the one that would be called last. */
static struct seen_entity **last_stranger(struct troth_session *s, const struct online *online)
{
	struct seen_entity **worst = NULL;
	for (struct seen_entity **at = &s->seen; *at != NULL; at = &(*at)->next) {
		if ((*at)->online == online && !is_wanted(s, (*at)->name, (*at)->contact) &&
		    (worst == NULL || better(*worst, *at)))
			worst = at;
	}
	return worst;
}

/* A server may say that somebody has any number of clients, and any number of people are there; and
 * where strangers may come, anybody may be as many as he likes. Those whom nobody believes to be
 * there mustn't keep out who is: where a JID has too many, the last choice goes, and where there
 * are too many people, a stranger. */
static bool make_room(struct troth_session *s, const char *name, struct online *online,
		      int64_t contact)
{
	size_t all = 0;
	if (online == NULL) /* the link has its own limit */
		return true;
	for (const struct seen_entity *e = s->seen; e != NULL; e = e->next)
		all += e->online == online;
	bool crowded = is_crowded(s, name, online);
	if (!crowded && all < TROTH_LIMIT_RESOURCES)
		return true;
	struct seen_entity **worst = NULL;
	if (crowded)
		worst = last_choice(s, name, online);
	else if (is_wanted(s, name, contact))
		worst = last_stranger(s, online);
	bool stays = crowded && (*worst)->offers == SEEN_KEY && (*worst)->failures == 0;
	if (worst == NULL || stays)
		return false;
	forget(s, worst);
	return true;
}

void seen_here(struct troth_session *s, const char *name, struct online *online, int64_t contact,
	       int priority)
{
	struct seen_entity **at = find(s, name, online);
	if (strlen(name) > SEEN_NAME_MAX)
		return;
	if (*at != NULL && (*at)->contact == contact) {
		(*at)->priority = priority;
		return;
	}
	if (*at != NULL)
		forget(s, at);
	bool told = !is_crowded(s, name, online);
	if (!make_room(s, name, online, contact))
		return;
	struct seen_entity *e = calloc(1, sizeof *e);
	char *copy = strdup(name);
	if (e == NULL || copy == NULL) {
		free(e);
		free(copy);
		return;
	}
	*e = (struct seen_entity){.next = s->seen,
				  .contact = contact,
				  .name = copy,
				  .online = online,
				  .priority = priority,
				  .offers = SEEN_UNASKED,
				  .told = told};
	s->seen = e;
	tell(s, TROTH_NEWS_SEEN, e);
	calls_look_again(s);
	calls_move(s, contact);
}

void seen_free(struct troth_session *s)
{
	while (s->seen != NULL) {
		struct seen_entity *e = s->seen;
		s->seen = e->next;
		free(e->name);
		free(e);
	}
}

/* ---- finding ---- */

struct seen_entity *seen_contact(const struct troth_session *s, int64_t contact)
{
	struct seen_entity *found = NULL;
	for (struct seen_entity *e = s->seen; e != NULL; e = e->next) {
		if (e->contact == contact && (found == NULL || better(e, found)))
			found = e;
	}
	return found;
}

const struct seen_entity *seen_jid(const struct troth_session *s, const char *jid)
{
	const struct seen_entity *found = NULL;
	for (const struct seen_entity *e = s->seen; e != NULL; e = e->next) {
		if (e->online != NULL && is_of(e->name, jid) && (found == NULL || better(e, found)))
			found = e;
	}
	return found;
}

struct seen_entity *seen_find(struct troth_session *s, const char *name,
			      const struct online *online)
{
	return *find(s, name, online);
}

bool seen_is_of(const struct seen_entity *e, const char *jid)
{
	return e->online != NULL && is_of(e->name, jid);
}

bool seen_untried(const struct troth_session *s, int64_t contact)
{
	const struct seen_entity *e = seen_contact(s, contact);
	return e != NULL && e->failures == 0;
}

bool seen_other(const struct troth_session *s, int64_t contact, const char *name)
{
	for (const struct seen_entity *e = s->seen; e != NULL; e = e->next) {
		if (e->contact == contact && strcmp(e->name, name) != 0)
			return true;
	}
	return false;
}

void seen_called(struct troth_session *s, const char *name, const struct online *online, bool good)
{
	struct seen_entity *e = *find(s, name, online);
	if (e == NULL)
		return;
	if (good)
		e->failures = 0;
	else if (e->failures < UINT_MAX)
		e->failures++;
}
