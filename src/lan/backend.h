/* SPDX-License-Identifier: MIT */
/*
 * What the rest of this folder needs from an mDNS implementation, and the two that give
 * it: avahi-daemon over D-Bus, avahi-core in process. Layer: lan.
 *
 * Names are avahi's: a service instance as it is, host and record names with DNS escapes.
 * Callbacks may come from inside a call (an own group may be established at once), so
 * they only note what happened. What a callback is about may be freed in it.
 */
#ifndef TROTH_LAN_BACKEND_H
#define TROTH_LAN_BACKEND_H

#include <avahi-common/address.h>
#include <avahi-common/defs.h>
#include <avahi-common/strlst.h>
#include <avahi-common/watch.h>
#include <avahi-core/rr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <troth/bytes.h>

#define TROTH_LAN_TYPE "_presence._tcp"
#define TROTH_LAN_DOMAIN "local"

struct lan_backend;
struct lan_browse;
struct lan_query;
struct lan_group;

struct lan_service_event {
	int interface;
	int protocol;
	bool gone;
	bool own; /* registered by this process; only when it isn't gone */
	const char *name;
};
typedef void (*lan_service_cb)(void *user, const struct lan_service_event *event);

struct lan_record_event {
	int interface;
	AvahiBrowserEvent kind; /* NEW, REMOVE or ALL_FOR_NOW */
	AvahiRecord *record;    /* NULL for ALL_FOR_NOW; borrowed */
};
typedef void (*lan_record_cb)(void *user, const struct lan_record_event *event);

enum lan_group_state {
	LAN_GROUP_REGISTERING,
	LAN_GROUP_ESTABLISHED,
	LAN_GROUP_COLLISION,
	LAN_GROUP_FAILED
};
typedef void (*lan_group_cb)(void *user, enum lan_group_state state);

struct lan_service {
	const char *name;
	const char *host; /* NULL: the machine's own */
	uint16_t port;
	const int *interfaces; /* or AVAHI_IF_UNSPEC alone */
	size_t interface_count;
	AvahiStringList *txt; /* borrowed */
};

/* Errors are TROTH_E_*. TROTH_E_EXISTS: the name is taken on this very machine. */
struct lan_backend_ops {
	const char *name;
	int (*browse)(struct lan_backend *backend, lan_service_cb cb, void *user,
		      struct lan_browse **out);
	void (*browse_free)(struct lan_browse *browse);
	/* type is A, AAAA, SRV or TXT. */
	int (*query)(struct lan_backend *backend, const char *name, uint16_t type,
		     struct lan_query *out);
	void (*query_stop)(struct lan_query *query);
	int (*group_new)(struct lan_backend *backend, lan_group_cb cb, void *user,
			 struct lan_group **out);
	/* Effect: takes the records back, with a goodbye. */
	void (*group_free)(struct lan_group *group);
	int (*add_address)(struct lan_group *group, int interface, const char *host,
			   const AvahiAddress *address);
	int (*add_service)(struct lan_group *group, const struct lan_service *service);
	int (*commit)(struct lan_group *group);
	int (*set_txt)(struct lan_group *group, const struct lan_service *service);
	/* The machine's own host name without domain, or NULL when it isn't published here. */
	const char *(*host_name)(struct lan_backend *backend);
};

struct lan_backend {
	const struct lan_backend_ops *ops;
};

/* One question that stays open until it is stopped. Embedded in whoever asks. */
struct lan_query {
	struct lan_backend *backend; /* NULL when it isn't running */
	void *handle;
	lan_record_cb cb;
	void *user;
};

/* Effect: starts (or fails, and then isn't running); cb and user must be set. */
int lan_query_start(struct lan_query *query, struct lan_backend *backend, const char *name,
		    uint16_t type) TROTH_MUST_USE;
/* Effect: ends it when it is running. */
void lan_query_stop(struct lan_query *query);

/* --- avahi-core in this process --- */

/* interfaces: names, NULL-terminated, or NULL. poll and interfaces are borrowed until the
 * backend's end. Errors: TROTH_E_UNSUPPORTED, TROTH_E_NOMEM. */
int lan_embedded_new(struct lan_backend **out, const AvahiPoll *poll,
		     const char *const *interfaces) TROTH_MUST_USE;
/* Effect: sends what goodbyes are due, and ends. Everything made with it is freed before. */
void lan_embedded_free(struct lan_backend *backend);

/* --- avahi-daemon --- */

/* changed tells that lan_daemon_state has changed, possibly from inside lan_daemon_open. */
int lan_daemon_new(struct lan_backend **out, const AvahiPoll *poll, void (*changed)(void *user),
		   void *user) TROTH_MUST_USE;
void lan_daemon_free(struct lan_backend *backend);

enum lan_daemon_state {
	LAN_DAEMON_CLOSED, /* no D-Bus, or lost: open it again */
	LAN_DAEMON_WAITING,
	LAN_DAEMON_UP
};
enum lan_daemon_state lan_daemon_state(const struct lan_backend *backend);
/* Effect: connects to D-Bus (again). Everything made with it is freed before.
 * Errors: TROTH_E_UNREACHABLE without D-Bus. */
int lan_daemon_open(struct lan_backend *backend) TROTH_MUST_USE;

#endif
