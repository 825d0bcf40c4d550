/* SPDX-License-Identifier: MIT */
/*
 * Announcing, and recognising contacts on the link by their tags (docs/protocol.md,
 * "Link-local announcements"). Layer: session. What is seen there is a hint: it says whom
 * to call, and the call proves who it is.
 */
#include "session/state.h"

#include "keys/tag.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* What this device has in common with one key of one contact. Secret. */
struct shared {
	int64_t contact;
	int64_t last_met;
	struct troth_pin pin;
	uint8_t key[TROTH_TAG_KEY_LEN];
};

struct shared_list {
	struct troth_session *session;
	struct shared *items;
	size_t count;
	size_t size;
};

/* ---- the keys that tags are made with ---- */

static void shared_free(struct shared_list *list)
{
	if (list == NULL)
		return;
	if (list->items != NULL)
		sodium_memzero(list->items, list->size * sizeof *list->items);
	free(list->items);
	free(list);
}

static int add(struct shared_list *list, const struct shared *item)
{
	if (list->count == list->size) {
		size_t size = list->size == 0 ? 32 : 2 * list->size;
		struct shared *items = calloc(size, sizeof *items);
		if (items == NULL)
			return TROTH_E_NOMEM;
		if (list->count > 0) {
			memcpy(items, list->items, list->count * sizeof *items);
			sodium_memzero(list->items, list->count * sizeof *items);
		}
		free(list->items);
		list->items = items;
		list->size = size;
	}
	list->items[list->count++] = *item;
	return TROTH_OK;
}

static int add_key(void *user, const struct troth_store_key *key)
{
	struct shared_list *list = user;
	struct troth_session *s = list->session;
	struct shared item = {.contact = key->contact, .pin = key->pin};
	struct troth_cert *cert = NULL;
	struct troth_buf der;
	if (key->state != TROTH_STORE_KEY_PROVEN && key->state != TROTH_STORE_KEY_UNPROVEN)
		return 0;
	troth_buf_init(&der, TROTH_LIMIT_CERT_BYTES);
	int err = troth_store_key_der(s->store, &key->pin, &der);
	if (err == TROTH_OK)
		err = troth_cert_new(&cert, troth_buf_slice(&der));
	if (err == TROTH_OK)
		err = troth_tag_key(s->device, cert, item.key);
	if (err == TROTH_OK) {
		if (troth_store_history_last_met(s->store, key->contact, &item.last_met) !=
		    TROTH_OK)
			item.last_met = 0; /* never */
		err = add(list, &item);
	}
	sodium_memzero(item.key, sizeof item.key);
	troth_cert_free(cert);
	troth_buf_fini(&der);
	/* "Where a device key can't do ECDH (some tokens), no tags." */
	return err == TROTH_E_UNSUPPORTED || err == TROTH_E_CERT ? 0 : err;
}

static int add_contact(void *user, const struct troth_store_contact *contact)
{
	struct shared_list *list = user;
	return troth_store_key_list(list->session->store, contact->id, add_key, list);
}

static int later(const void *a, const void *b)
{
	const struct shared *x = a;
	const struct shared *y = b;
	return (x->last_met < y->last_met) - (x->last_met > y->last_met);
}

/* Effect: made anew when a contact is new; NULL when it can't be. */
static const struct shared_list *shared(struct troth_session *s)
{
	if (s->shared != NULL)
		return s->shared;
	struct shared_list *list = calloc(1, sizeof *list);
	if (list == NULL)
		return NULL;
	list->session = s;
	if (troth_store_contact_list(s->store, add_contact, list) != TROTH_OK) {
		news_warn(s, NULL, "Contacts can't be recognised on the link now.");
		shared_free(list);
		return NULL;
	}
	if (list->count > 0)
		qsort(list->items, list->count, sizeof *list->items, later);
	s->shared = list;
	return list;
}

/* ---- recognising ---- */

/* "hour = Unix time / 3600, taken for the hours before, now and after" */
static int64_t owner_of_tags(struct troth_session *s, const struct troth_lan_entity *e)
{
	const struct shared_list *list = shared(s);
	int64_t hour = session_now() / 3600;
	for (size_t i = 0; list != NULL && i < list->count && e->tag_count > 0; i++) {
		struct troth_lan_tag expected[3];
		size_t count = 0;
		for (int64_t h = hour - 1; h <= hour + 1; h++) {
			if (troth_tag_make(list->items[i].key, &list->items[i].pin, h,
					   expected[count].bytes) == TROTH_OK)
				count++;
		}
		if (troth_lan_tags_find(e->tags, e->tag_count, expected, count) >= 0)
			return list->items[i].contact;
	}
	return 0;
}

static struct seen_entity **find_seen(struct troth_session *s, const char *name)
{
	struct seen_entity **at = &s->seen;
	while (*at != NULL && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

static void tell(struct troth_session *s, enum troth_news_type type, const struct seen_entity *e)
{
	struct troth_store_contact contact;
	struct troth_news n = {.type = type, .contact = e->contact, .text = e->name};
	if (troth_store_contact_get(s->store, e->contact, &contact) != TROTH_OK)
		return; /* forgotten meanwhile */
	n.who = contact.label;
	news(s, &n);
}

static void forget(struct troth_session *s, struct seen_entity **at)
{
	struct seen_entity *e = *at;
	*at = e->next;
	tell(s, TROTH_NEWS_GONE, e);
	free(e->name);
	free(e);
}

static void remember(struct troth_session *s, const char *name, int64_t contact)
{
	struct seen_entity *e = calloc(1, sizeof *e);
	char *copy = strdup(name);
	if (e == NULL || copy == NULL) {
		free(e);
		free(copy);
		return;
	}
	e->contact = contact;
	e->name = copy;
	e->next = s->seen;
	s->seen = e;
	tell(s, TROTH_NEWS_SEEN, e);
	calls_look_again(s);
}

static void on_seen(void *user, const struct troth_lan_entity *entity)
{
	struct troth_session *s = user;
	struct seen_entity **at = find_seen(s, entity->name);
	int64_t contact = owner_of_tags(s, entity);
	if (contact == 0 && find_by_address(s, entity->name, &contact) != TROTH_OK)
		contact = 0;
	if (*at != NULL && (*at)->contact == contact)
		return;
	if (*at != NULL)
		forget(s, at);
	if (contact != 0)
		remember(s, entity->name, contact);
}

static void on_unseen(void *user, const char *name, const char *display)
{
	struct troth_session *s = user;
	struct seen_entity **at = find_seen(s, name);
	(void)display;
	if (*at != NULL)
		forget(s, at);
}

const char *seen_name(const struct troth_session *s, int64_t contact)
{
	for (const struct seen_entity *e = s->seen; e != NULL; e = e->next) {
		if (e->contact == contact)
			return e->name;
	}
	return NULL;
}

/* ---- announcing ---- */

static void fill_tags(struct troth_session *s, struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX])
{
	const struct shared_list *list = shared(s);
	const struct troth_pin *own = troth_cert_pin(troth_device_cert(s->device));
	struct troth_lan_card *card = &s->profile.card;
	card->tags = tags;
	card->tag_count = 0;
	card->tags_hour = s->tags_hour = session_now() / 3600;
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		if (card->tag_count < TROTH_LAN_TAGS_MAX &&
		    troth_tag_make(list->items[i].key, own, card->tags_hour,
				   tags[card->tag_count].bytes) == TROTH_OK)
			card->tag_count++;
	}
}

static int announce(struct troth_session *s)
{
	struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX];
	fill_tags(s, tags);
	int err = s->announcing ? troth_lan_update(s->lan, &s->profile.card)
				: troth_lan_announce(s->lan, &s->profile);
	s->profile.card.tags = NULL; /* they end here; the lan has its copy */
	s->announcing |= err == TROTH_OK;
	return err;
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
	if (err == TROTH_OK)
		err = troth_lan_browse(s->lan);
	if (err != TROTH_OK || !lan->announce)
		return err;
	s->profile.user = s->lan_user;
	s->profile.machine = s->lan_machine;
	s->profile.port = troth_session_port(s);
	if (lan->card != NULL)
		s->profile.card = *lan->card;
	return announce(s);
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
	shared_free(s->shared);
	s->shared = NULL;
	if (s->lan != NULL && !s->ending && s->announcing && announce(s) != TROTH_OK)
		news_warn(s, NULL, "The announcement couldn't be renewed.");
}

void link_local_free(struct troth_session *s)
{
	shared_free(s->shared);
	s->shared = NULL;
	while (s->seen != NULL) {
		struct seen_entity *e = s->seen;
		s->seen = e->next;
		free(e->name);
		free(e);
	}
	troth_lan_free(s->lan);
	s->lan = NULL;
}
