/* SPDX-License-Identifier: MIT */
/*
 * Entities and what shows them. Layer: lan. An entity is known by its instance name;
 * XEP-0174 11.1: "Even if a client discovers the same presence name on multiple network
 * interfaces, it MUST show only one entity".
 */
#include "lan/roster.h"

#include "base/limits.h"
#include "base/slice.h"
#include "lan/card.h"
#include "lan/ifaddr.h"

#include <avahi-common/domain.h>
#include <stdlib.h>
#include <strings.h>
#include <troth/err.h>

#define DISPLAY_MAX 192 /* 63 bytes, each of them possibly replaced by three */

/* Where the entity was seen. */
struct source {
	int interface;
	int protocol;
	bool own;
};

struct entity {
	struct entity *next;
	struct lan_roster *roster;
	char *name;
	struct troth_buf display;
	struct troth_txt *txt;
	struct lan_query query; /* its TXT record */
	bool answered;          /* TXT came, or isn't there */
	bool shown;             /* found was called, gone wasn't */
	struct source source[TROTH_LIMIT_LAN_SOURCES];
	size_t source_count;
	int interface[TROTH_LIMIT_LAN_SOURCES];
	size_t interface_count;
};

struct lan_roster {
	const struct troth_lan_callbacks *callbacks;
	const char *const *interfaces;
	struct lan_backend *backend;
	struct lan_browse *browse;
	struct entity *first;
	size_t count;
	bool full_told;
};

int lan_roster_new(struct lan_roster **out, const char *const *interfaces,
		   const struct troth_lan_callbacks *callbacks)
{
	struct lan_roster *r = calloc(1, sizeof *r);
	if (r == NULL)
		return TROTH_E_NOMEM;
	r->callbacks = callbacks;
	r->interfaces = interfaces;
	*out = r;
	return TROTH_OK;
}

static void entity_free(struct entity *e)
{
	lan_query_stop(&e->query);
	troth_txt_free(e->txt);
	troth_buf_fini(&e->display);
	free(e->name);
	free(e);
}

void lan_roster_free(struct lan_roster *r)
{
	if (r == NULL)
		return;
	lan_roster_detach(r);
	while (r->first != NULL) {
		struct entity *e = r->first;
		r->first = e->next;
		entity_free(e);
	}
	free(r);
}

static const char *display_of(struct entity *e)
{
	const char *text;
	return troth_buf_cstr(&e->display, &text) == TROTH_OK ? text : "";
}

static void tell(struct entity *e, void (*callback)(void *user, const struct troth_lan_entity *))
{
	struct troth_lan_tag tags[TROTH_LAN_TAGS_MAX];
	struct troth_lan_entity view = {
		.name = e->name,
		.display = display_of(e),
		.txt = e->txt,
		.status = lan_status_read(e->txt),
		.tags = tags,
		.tag_count = troth_lan_tags_read(e->txt, tags),
		.interfaces = e->interface,
		.interface_count = e->interface_count,
	};
	if (callback != NULL)
		callback(e->roster->callbacks->user, &view);
}

static void tell_gone(struct entity *e)
{
	const struct troth_lan_callbacks *c = e->roster->callbacks;
	e->shown = false;
	if (c->gone != NULL)
		c->gone(c->user, e->name, display_of(e));
}

static bool has_interface(const struct entity *e, int interface)
{
	for (size_t i = 0; i < e->interface_count; i++)
		if (e->interface[i] == interface)
			return true;
	return false;
}

/* Effect: makes the set of interfaces from the foreign sources; returns whether it changed. */
static bool gather_interfaces(struct entity *e)
{
	struct entity before = {.interface_count = e->interface_count};
	bool changed = false;
	memcpy(before.interface, e->interface, sizeof before.interface);
	e->interface_count = 0;
	for (size_t i = 0; i < e->source_count; i++) {
		int interface = e->source[i].interface;
		if (e->source[i].own || has_interface(e, interface))
			continue;
		e->interface[e->interface_count++] = interface;
		changed = changed || !has_interface(&before, interface);
	}
	return changed || e->interface_count != before.interface_count;
}

static void on_txt(void *user, const struct lan_record_event *event);

/* XEP-0174 5: "clients listen for presence announcements": the question for TXT stays open
 * as long as the entity is there; those for SRV and addresses are resolve.c's. */
static void watch_txt(struct entity *e)
{
	char name[AVAHI_DOMAIN_NAME_MAX];
	struct lan_roster *r = e->roster;
	if (e->query.backend != NULL || r->backend == NULL)
		return;
	if (avahi_service_name_join(name, sizeof name, e->name, TROTH_LAN_TYPE, TROTH_LAN_DOMAIN) <
		    0 ||
	    lan_query_start(&e->query, r->backend, name, AVAHI_DNS_TYPE_TXT) != TROTH_OK)
		e->answered = true; /* it is shown without a card */
}

/* Effect: tells what has changed; may free e when nothing shows it any more. */
static void refresh(struct entity *e, bool changed)
{
	struct lan_roster *r = e->roster;
	changed = gather_interfaces(e) || changed;
	if (e->interface_count > 0) {
		watch_txt(e);
		if (!e->answered)
			return;
		bool found = !e->shown;
		e->shown = true;
		if (found || changed)
			tell(e, found ? r->callbacks->found : r->callbacks->changed);
		return;
	}
	if (e->shown)
		tell_gone(e);
	lan_query_stop(&e->query);
}

static void remove_if_unseen(struct entity *e)
{
	struct lan_roster *r = e->roster;
	if (e->source_count > 0)
		return;
	for (struct entity **at = &r->first; *at != NULL; at = &(*at)->next) {
		if (*at != e)
			continue;
		*at = e->next;
		r->count--;
		entity_free(e);
		return;
	}
}

static void on_txt(void *user, const struct lan_record_event *event)
{
	struct entity *e = user;
	struct troth_txt *txt;
	uint8_t rdata[TROTH_TXT_READ_MAX];
	bool first = !e->answered;
	if (event->kind == AVAHI_BROWSER_ALL_FOR_NOW) {
		e->answered = true;
		if (first)
			refresh(e, false);
		return;
	}
	/* An old record that ends was followed by a new one, or the entity goes as well. */
	if (event->kind != AVAHI_BROWSER_NEW || event->record->key->type != AVAHI_DNS_TYPE_TXT)
		return;
	AvahiStringList *list = event->record->data.txt.string_list;
	if (avahi_string_list_serialize(list, NULL, 0) > sizeof rdata)
		return;
	size_t len = avahi_string_list_serialize(list, rdata, sizeof rdata);
	if (troth_txt_read(&txt, troth_slice_of(rdata, len)) != TROTH_OK)
		return;
	bool same =
		e->txt != NULL && troth_slice_equal(troth_txt_rdata(e->txt), troth_txt_rdata(txt));
	troth_txt_free(e->txt);
	e->txt = txt;
	e->answered = true;
	refresh(e, !same);
}

/* RFC 6762 16: names are compared without regard to the case of ASCII letters. */
static struct entity *find(struct lan_roster *r, const char *name)
{
	for (struct entity *e = r->first; e != NULL; e = e->next)
		if (strcasecmp(e->name, name) == 0)
			return e;
	return NULL;
}

static struct entity *add(struct lan_roster *r, const char *name)
{
	if (r->count >= TROTH_LIMIT_LAN_ENTITIES) {
		if (!r->full_told && r->callbacks->error != NULL)
			r->callbacks->error(r->callbacks->user,
					    "More entities than can be shown are on this link.");
		r->full_told = true;
		return NULL;
	}
	struct entity *e = calloc(1, sizeof *e);
	if (e == NULL)
		return NULL;
	e->roster = r;
	e->query = (struct lan_query){.cb = on_txt, .user = e};
	troth_buf_init(&e->display, DISPLAY_MAX + 1);
	e->name = strdup(name);
	if (e->name == NULL ||
	    troth_lan_clean(&e->display, troth_slice_str(name), DISPLAY_MAX) != TROTH_OK) {
		entity_free(e);
		return NULL;
	}
	e->next = r->first;
	r->first = e;
	r->count++;
	return e;
}

static struct source *find_source(struct entity *e, const struct lan_service_event *event)
{
	for (size_t i = 0; i < e->source_count; i++)
		if (e->source[i].interface == event->interface &&
		    e->source[i].protocol == event->protocol)
			return &e->source[i];
	return NULL;
}

static void on_seen(struct lan_roster *r, const struct lan_service_event *event)
{
	struct entity *e = find(r, event->name);
	if (!lan_interface_allowed(r->interfaces, event->interface))
		return;
	if (e == NULL)
		e = add(r, event->name);
	if (e == NULL)
		return;
	struct source *s = find_source(e, event);
	if (s == NULL && e->source_count < TROTH_LIMIT_LAN_SOURCES) {
		s = &e->source[e->source_count++];
		*s = (struct source){.interface = event->interface, .protocol = event->protocol};
	}
	if (s != NULL)
		s->own = event->own;
	refresh(e, false);
}

static void on_service(void *user, const struct lan_service_event *event)
{
	struct lan_roster *r = user;
	if (!event->gone) {
		on_seen(r, event);
		return;
	}
	struct entity *e = find(r, event->name);
	struct source *s = e == NULL ? NULL : find_source(e, event);
	if (s == NULL)
		return;
	*s = e->source[--e->source_count];
	refresh(e, false);
	remove_if_unseen(e);
}

int lan_roster_attach(struct lan_roster *r, struct lan_backend *backend)
{
	r->backend = backend;
	return backend->ops->browse(backend, on_service, r, &r->browse);
}

void lan_roster_detach(struct lan_roster *r)
{
	for (struct entity *e = r->first; e != NULL; e = e->next) {
		lan_query_stop(&e->query);
		e->source_count = 0;
	}
	if (r->browse != NULL)
		r->backend->ops->browse_free(r->browse);
	r->browse = NULL;
	r->backend = NULL;
}

void lan_roster_sweep(struct lan_roster *r)
{
	for (struct entity *e = r->first; e != NULL;) {
		struct entity *next = e->next;
		if (e->source_count == 0) {
			refresh(e, false);
			remove_if_unseen(e);
		}
		e = next;
	}
}

void lan_roster_own_lost(struct lan_roster *r, const char *name)
{
	struct entity *e = find(r, name);
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->source_count; i++)
		e->source[i].own = false;
	refresh(e, false);
}
