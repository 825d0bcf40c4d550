/* SPDX-License-Identifier: MIT */
/*
 * One announcement: a group of records for each address of the host, and one for the
 * service. Layer: lan. Backends' callbacks only note a state; lan_announcer_step acts.
 *
 * The host is a name of its own, so that the machine's real one isn't told.
 */
#include "lan/announce.h"

#include "base/limits.h"
#include "lan/card.h"
#include "lan/ifaddr.h"
#include "lan/name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <troth/err.h>

#define INTERFACES_MAX 32

/* One group of records at the backend. */
struct registration {
	struct lan_announcer *announcer;
	struct lan_group *group;
	enum lan_group_state state;
};

struct host_address {
	struct registration reg;
	struct lan_ifaddr address;
	struct host_address *next;
};

enum stage {
	STAGE_OFF,         /* nothing to announce */
	STAGE_DUE,         /* names or interfaces changed: register */
	STAGE_REGISTERING, /* waiting for the backend */
	STAGE_ANNOUNCED,   /* known under the name that was told */
	STAGE_FAILED       /* told; waiting for another backend or other interfaces */
};

struct lan_announcer {
	struct lan_announcer_events events;
	const char *const *interfaces;
	struct lan_backend *backend;
	enum stage stage;
	struct lan_name name;
	char instance[LAN_LABEL_MAX + 1]; /* as registered */
	char host[LAN_LABEL_MAX + 8];
	char told[LAN_LABEL_MAX + 1]; /* the name last given to own_name */
	uint16_t port;
	AvahiStringList *txt;
	struct troth_lan_tagset tags;
	struct registration service;
	struct host_address *addresses;
	int on[INTERFACES_MAX]; /* where the service is registered */
	size_t on_count;
};

int lan_announcer_new(struct lan_announcer **out, const char *const *interfaces,
		      const struct lan_announcer_events *events)
{
	struct lan_announcer *a = calloc(1, sizeof *a);
	if (a == NULL)
		return TROTH_E_NOMEM;
	a->interfaces = interfaces;
	a->events = *events;
	a->service.announcer = a;
	*out = a;
	return TROTH_OK;
}

static void on_group(void *user, enum lan_group_state state)
{
	struct registration *r = user;
	r->state = state;
	r->announcer->events.kick(r->announcer->events.user);
}

static int open_group(struct registration *r)
{
	r->state = LAN_GROUP_REGISTERING;
	return r->announcer->backend->ops->group_new(r->announcer->backend, on_group, r, &r->group);
}

static void close_group(struct registration *r)
{
	struct lan_group *group = r->group;
	r->group = NULL;
	if (group != NULL)
		r->announcer->backend->ops->group_free(group);
}

static void drop_addresses(struct lan_announcer *a)
{
	while (a->addresses != NULL) {
		struct host_address *h = a->addresses;
		a->addresses = h->next;
		close_group(&h->reg);
		free(h);
	}
}

static void drop_all(struct lan_announcer *a)
{
	close_group(&a->service); /* first: a service without its host would be a riddle */
	drop_addresses(a);
}

void lan_announcer_free(struct lan_announcer *a)
{
	if (a == NULL)
		return;
	drop_all(a);
	avahi_string_list_free(a->txt);
	free(a);
}

static void set_due(struct lan_announcer *a)
{
	a->stage = STAGE_DUE;
	a->events.kick(a->events.user);
}

void lan_announcer_attach(struct lan_announcer *a, struct lan_backend *backend)
{
	a->backend = backend;
	if (a->stage != STAGE_OFF)
		set_due(a);
}

void lan_announcer_detach(struct lan_announcer *a)
{
	drop_all(a);
	a->backend = NULL;
	if (a->stage != STAGE_OFF)
		a->stage = STAGE_DUE;
}

static int make_txt(const struct troth_lan_card *card, uint16_t port, struct troth_lan_tagset *tags,
		    AvahiStringList **out)
{
	struct troth_buf rdata;
	troth_buf_init(&rdata, TROTH_TXT_WRITE_MAX);
	int err = lan_card_write(card, port, tags, &rdata);
	if (err == TROTH_OK) {
		struct troth_slice s = troth_buf_slice(&rdata);
		if (avahi_string_list_parse(s.data, s.len, out) < 0)
			err = TROTH_E_NOMEM;
	}
	troth_buf_fini(&rdata);
	return err;
}

int lan_announcer_start(struct lan_announcer *a, const struct troth_lan_profile *profile)
{
	struct lan_name name;
	struct troth_lan_tagset tags = {0};
	AvahiStringList *txt = NULL;
	if (profile->port == 0)
		return TROTH_E_INVAL;
	int err = lan_name_set(&name, profile->user, profile->machine);
	if (err == TROTH_OK)
		err = make_txt(&profile->card, profile->port, &tags, &txt);
	if (err != TROTH_OK)
		return err;
	lan_announcer_stop(a);
	a->name = name;
	a->port = profile->port;
	a->tags = tags;
	a->txt = txt;
	set_due(a);
	return TROTH_OK;
}

void lan_announcer_stop(struct lan_announcer *a)
{
	drop_all(a);
	avahi_string_list_free(a->txt);
	a->txt = NULL;
	a->told[0] = 0;
	a->stage = STAGE_OFF;
}

static struct lan_service service_of(const struct lan_announcer *a, bool own_host)
{
	return (struct lan_service){
		.name = a->instance,
		.host = own_host ? a->host : NULL,
		.port = a->port,
		.interfaces = a->on,
		.interface_count = a->on_count,
		.txt = a->txt,
	};
}

int lan_announcer_update(struct lan_announcer *a, const struct troth_lan_card *card)
{
	AvahiStringList *txt = NULL;
	struct troth_lan_tagset tags = a->tags;
	if (a->stage == STAGE_OFF)
		return TROTH_E_INVAL;
	int err = make_txt(card, a->port, &tags, &txt);
	if (err != TROTH_OK)
		return err;
	AvahiStringList *old = a->txt;
	a->txt = txt;
	if (a->service.group != NULL && a->service.state <= LAN_GROUP_ESTABLISHED) {
		struct lan_service s = service_of(a, true);
		err = a->backend->ops->set_txt(a->service.group, &s);
	}
	if (err != TROTH_OK) {
		a->txt = old;
		avahi_string_list_free(txt);
		return err;
	}
	a->tags = tags;
	avahi_string_list_free(old);
	return TROTH_OK;
}

/* The machine's own name is asked for only by a profile that says it itself; then its
 * records are the daemon's. */
static bool needs_host(const struct lan_announcer *a)
{
	char machine[LAN_LABEL_MAX + 1];
	const char *real = a->backend->ops->host_name(a->backend);
	lan_name_machine(&a->name, machine);
	return real == NULL || strcasecmp(real, machine) != 0;
}

static int add_address(struct lan_announcer *a, const struct lan_ifaddr *address)
{
	struct host_address *h = calloc(1, sizeof *h);
	if (h == NULL)
		return TROTH_E_NOMEM;
	h->reg.announcer = a;
	h->address = *address;
	h->next = a->addresses;
	a->addresses = h;
	int err = open_group(&h->reg);
	if (err == TROTH_OK)
		err = a->backend->ops->add_address(h->reg.group, address->interface, a->host,
						   &address->address);
	if (err == TROTH_OK)
		err = a->backend->ops->commit(h->reg.group);
	if (err == TROTH_E_EXISTS) {
		h->reg.state = LAN_GROUP_COLLISION;
		return TROTH_OK;
	}
	return err;
}

static bool address_in(const struct lan_ifaddrs *list, const struct lan_ifaddr *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (lan_ifaddr_same(&list->at[i], address))
			return true;
	return false;
}

static bool is_registered(const struct lan_announcer *a, const struct lan_ifaddr *address)
{
	for (const struct host_address *h = a->addresses; h != NULL; h = h->next)
		if (lan_ifaddr_same(&h->address, address))
			return true;
	return false;
}

static void drop_vanished(struct lan_announcer *a, const struct lan_ifaddrs *now)
{
	for (struct host_address **at = &a->addresses; *at != NULL;) {
		struct host_address *h = *at;
		if (address_in(now, &h->address)) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		close_group(&h->reg);
		free(h);
	}
}

/* An address that stays keeps its registration. */
static int sync_addresses(struct lan_announcer *a)
{
	struct lan_ifaddrs now;
	int err = lan_ifaddrs_read(a->interfaces, &now);
	if (err != TROTH_OK)
		return err;
	drop_vanished(a, &now);
	for (size_t i = 0; i < now.count && err == TROTH_OK; i++)
		if (!is_registered(a, &now.at[i]))
			err = add_address(a, &now.at[i]);
	return err;
}

static int sync_host(struct lan_announcer *a)
{
	char host[sizeof a->host];
	lan_name_host(&a->name, host);
	if (strcmp(host, a->host) != 0)
		drop_addresses(a);
	memcpy(a->host, host, sizeof host);
	if (needs_host(a))
		return sync_addresses(a);
	drop_addresses(a);
	return TROTH_OK;
}

static int sync_service(struct lan_announcer *a)
{
	char instance[sizeof a->instance];
	int on[INTERFACES_MAX];
	size_t count = lan_interface_indexes(a->interfaces, on, INTERFACES_MAX);
	lan_name_instance(&a->name, instance);
	if (a->service.group != NULL && strcmp(instance, a->instance) == 0 &&
	    count == a->on_count && memcmp(on, a->on, count * sizeof *on) == 0)
		return TROTH_OK;
	close_group(&a->service);
	memcpy(a->instance, instance, sizeof instance);
	memcpy(a->on, on, sizeof on);
	a->on_count = count;
	if (count == 0)
		return TROTH_OK; /* none of the named interfaces is there yet */
	struct lan_service s = service_of(a, needs_host(a));
	int err = open_group(&a->service);
	if (err == TROTH_OK)
		err = a->backend->ops->add_service(a->service.group, &s);
	if (err == TROTH_OK)
		err = a->backend->ops->commit(a->service.group);
	if (err == TROTH_E_EXISTS) {
		a->service.state = LAN_GROUP_COLLISION;
		return TROTH_OK;
	}
	return err;
}

static void fail(struct lan_announcer *a, const char *sentence)
{
	drop_all(a);
	a->stage = STAGE_FAILED;
	a->events.error(a->events.user, sentence);
}

/* Returns the worst state of all groups of the host. */
static enum lan_group_state host_state(const struct lan_announcer *a)
{
	enum lan_group_state worst = LAN_GROUP_ESTABLISHED;
	for (const struct host_address *h = a->addresses; h != NULL; h = h->next) {
		if (h->reg.state > LAN_GROUP_ESTABLISHED)
			return h->reg.state;
		if (h->reg.state == LAN_GROUP_REGISTERING)
			worst = LAN_GROUP_REGISTERING;
	}
	return worst;
}

/* XEP-0174 3: "If the machine name asserted by a client is already taken by another machine
 * on the network, the client MUST assert a different machine name"; "If the username
 * asserted by a client is already taken by another application on the machine, the client
 * MUST assert a different username". */
static void rename_after(struct lan_announcer *a, unsigned *tries)
{
	if (*tries >= TROTH_LIMIT_LAN_RENAMES) {
		fail(a, "No free name could be found on this link.");
		return;
	}
	++*tries;
	close_group(&a->service);
	a->events.lost(a->events.user, a->instance);
	set_due(a);
}

static void announced(struct lan_announcer *a)
{
	a->stage = STAGE_ANNOUNCED;
	if (strcmp(a->told, a->instance) == 0)
		return;
	memcpy(a->told, a->instance, sizeof a->told);
	a->events.own_name(a->events.user, a->told);
}

static void look(struct lan_announcer *a)
{
	enum lan_group_state host = host_state(a);
	if (host == LAN_GROUP_FAILED ||
	    (a->service.group != NULL && a->service.state == LAN_GROUP_FAILED)) {
		fail(a, "The mDNS service refused the announcement.");
	} else if (host == LAN_GROUP_COLLISION) {
		rename_after(a, &a->name.machine_try);
	} else if (host == LAN_GROUP_REGISTERING || a->service.group == NULL) {
		/* Whether the machine or only the user collides is known when the host is. */
	} else if (a->service.state == LAN_GROUP_COLLISION) {
		rename_after(a, &a->name.user_try);
	} else if (a->service.state == LAN_GROUP_ESTABLISHED && a->stage == STAGE_REGISTERING) {
		announced(a);
	}
}

static void enroll(struct lan_announcer *a)
{
	a->stage = STAGE_REGISTERING;
	int err = sync_host(a);
	if (err == TROTH_OK)
		err = sync_service(a);
	if (err != TROTH_OK)
		fail(a, "The announcement couldn't be registered.");
	else
		look(a);
}

void lan_announcer_step(struct lan_announcer *a)
{
	if (a->backend == NULL)
		return;
	switch (a->stage) {
	case STAGE_OFF:
	case STAGE_FAILED:
		break;
	case STAGE_DUE:
		enroll(a);
		break;
	case STAGE_REGISTERING:
	case STAGE_ANNOUNCED:
		look(a);
		break;
	}
}

/* avahi-core doesn't count off the probes of an interface that goes down meanwhile: their group
 * would be registering for ever. What isn't registered yet begins anew. */
static void drop_unregistered(struct lan_announcer *a)
{
	if (a->service.state == LAN_GROUP_REGISTERING)
		close_group(&a->service);
	for (struct host_address **at = &a->addresses; *at != NULL;) {
		struct host_address *h = *at;
		if (h->reg.state != LAN_GROUP_REGISTERING) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		close_group(&h->reg);
		free(h);
	}
}

void lan_announcer_interfaces_changed(struct lan_announcer *a)
{
	if (a->stage == STAGE_OFF)
		return;
	drop_unregistered(a);
	set_due(a);
}
