/* SPDX-License-Identifier: MIT */
/*
 * Announcing, and recognising contacts on the link by their tags (docs/protocol.md,
 * "Link-local announcements"). Layer: session. What is seen there is a hint: it says whom
 * to call, and the call proves who it is.
 */
#include "session/recognise.h"
#include "session/state.h"

#include <stdlib.h>
#include <string.h>

/* Effect: the tags of all contacts, made anew each hour and when a contact is new; NULL when
 * they can't be made. */
static const struct troth_recognise *recognise(struct troth_session *s)
{
	const struct troth_recognise_self self = {s->device, s->former};
	if (s->recognise != NULL && !troth_recognise_is_stale(s->recognise, session_now()))
		return s->recognise;
	troth_recognise_free(s->recognise);
	s->recognise = NULL;
	if (troth_recognise_new(&s->recognise, s->store, &self, session_now()) != TROTH_OK) {
		news_warn(s, NULL, "Contacts can't be recognised on the link now.");
		s->recognise = NULL;
	}
	return s->recognise;
}

/* ---- recognising ---- */

static int64_t owner_of_tags(struct troth_session *s, const struct troth_lan_entity *e)
{
	const struct troth_recognise *r = e->tag_count > 0 ? recognise(s) : NULL;
	struct troth_store_contact contact;
	bool found = r != NULL && troth_recognise_find(r, e->tags, e->tag_count, &contact);
	return found ? contact.id : 0;
}

static void on_seen(void *user, const struct troth_lan_entity *entity)
{
	struct troth_session *s = user;
	int64_t contact = owner_of_tags(s, entity);
	if (contact == 0 &&
	    find_by_address(s, TROTH_REALM_LINK, entity->name, &contact) != TROTH_OK)
		contact = 0;
	if (contact == 0)
		seen_gone(s, entity->name, NULL);
	else
		seen_here(s, entity->name, NULL, contact, 0);
}

static void on_unseen(void *user, const char *name, const char *display)
{
	(void)display;
	seen_gone(user, name, NULL);
}

/* ---- announcing ---- */

static int announce(struct troth_session *s)
{
	const struct troth_recognise *r = recognise(s);
	struct troth_lan_card *card = &s->profile.card;
	card->tags = NULL;
	card->tag_count = 0;
	if (r != NULL)
		card->tags = troth_recognise_own(r, &card->tag_count, &card->tags_hour);
	int err = s->announcing ? troth_lan_update(s->lan, card)
				: troth_lan_announce(s->lan, &s->profile);
	card->tags = NULL; /* borrowed from what the next hour replaces; the lan has its copy */
	s->tags_hour = session_now() / 3600;
	s->announcing |= err == TROTH_OK;
	return err;
}

static bool says_anything(const struct troth_lan_card *c)
{
	return c->nick != NULL || c->first != NULL || c->last != NULL || c->email != NULL ||
	       c->jid != NULL || c->msg != NULL || c->say_status;
}

/* Whoever opens up is also shown as XEP-0174 has it to old programs: port and capabilities.
 * For all others those would be a mark of this program. */
static int fill_card(struct troth_session *s, const struct troth_lan_card *card)
{
	struct troth_lan_card *own = &s->profile.card;
	*own = *card;
	s->open = says_anything(card);
	if (!s->open)
		return TROTH_OK;
	own->say_port = true;
	own->hash = "sha-1";
	own->ver = s->caps;
	return write_caps(s->caps, &own->node);
}

int troth_session_status(struct troth_session *s, enum troth_lan_status status, const char *msg)
{
	struct troth_lan_card *card = &s->profile.card;
	const struct troth_lan_card before = *card;
	if (!s->announcing || !s->open || s->ending)
		return TROTH_E_INVAL;
	char *copy = msg != NULL ? strdup(msg) : NULL;
	if (msg != NULL && copy == NULL)
		return TROTH_E_NOMEM;
	card->say_status = true;
	card->status = status;
	card->msg = copy;
	int err = announce(s);
	if (err != TROTH_OK) {
		*card = before;
		free(copy);
		return err;
	}
	free(s->msg);
	s->msg = copy;
	return TROTH_OK;
}

static void on_own_name(void *user, const char *name)
{
	struct troth_session *s = user;
	struct troth_address *address;
	if (troth_address_new(&address, TROTH_REALM_LINK, name) != TROTH_OK) {
		news_warn(s, NULL, "The name under which we are announced can't be used.");
		return;
	}
	troth_address_free(s->local);
	s->local = address;
	struct troth_news n = {.type = TROTH_NEWS_NAMED, .text = troth_address_full(address)};
	news(s, &n);
}

static void on_error(void *user, const char *sentence)
{
	news_warn(user, NULL, sentence);
}

int troth_session_lan(struct troth_session *s, const struct troth_session_lan *lan)
{
	const struct troth_lan_params params = {
		.backend = lan->backend,
		.interfaces = lan->interfaces,
		.callbacks = {.user = s,
			      .found = on_seen,
			      .changed = on_seen,
			      .gone = on_unseen,
			      .own_name = on_own_name,
			      .error = on_error},
	};
	int err = troth_lan_new(&s->lan, s->loop, &params);
	s->lan_since = (int64_t)uv_now(s->loop);
	if (err == TROTH_OK)
		err = troth_lan_browse(s->lan);
	if (err != TROTH_OK || !lan->announce)
		return err;
	s->profile.user = s->lan_user;
	s->profile.machine = s->lan_machine;
	s->profile.port = troth_session_port(s);
	if (lan->card != NULL)
		err = fill_card(s, lan->card);
	return err == TROTH_OK ? announce(s) : err;
}

void link_local_tick(struct troth_session *s)
{
	if (s->lan == NULL || s->ending || !s->announcing || s->tags_hour == session_now() / 3600)
		return;
	if (announce(s) != TROTH_OK)
		news_warn(s, NULL, "The announcement couldn't be renewed.");
}

void link_local_contact(struct troth_session *s)
{
	troth_recognise_free(s->recognise);
	s->recognise = NULL;
	if (s->lan != NULL && !s->ending && s->announcing && announce(s) != TROTH_OK)
		news_warn(s, NULL, "The announcement couldn't be renewed.");
}

void link_local_free(struct troth_session *s)
{
	troth_recognise_free(s->recognise);
	s->recognise = NULL;
	troth_lan_free(s->lan);
	s->lan = NULL;
	free(s->msg);
	s->msg = NULL;
}
