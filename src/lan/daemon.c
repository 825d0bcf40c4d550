/* SPDX-License-Identifier: MIT */
/*
 * avahi-daemon over D-Bus. Layer: lan. Its calls wait for the daemon's answer, which is
 * local and short. Never frees the connection from inside a callback of avahi-client.
 */
#include "lan/avahi.h"
#include "lan/backend.h"

#include <avahi-common/error.h>
#include <stdlib.h>
#include <troth/err.h>

struct lan_daemon {
	struct lan_backend base;
	struct lan_avahi_client avahi;
	struct lan_avahi_core core; /* reads records */
	const AvahiPoll *poll;
	AvahiClient *client;
	enum lan_daemon_state state;
	void (*changed)(void *user);
	void *user;
};

struct lan_browse {
	struct lan_daemon *daemon;
	AvahiServiceBrowser *handle;
	lan_service_cb cb;
	void *user;
};

struct lan_group {
	struct lan_daemon *daemon;
	AvahiEntryGroup *handle;
	lan_group_cb cb;
	void *user;
};

static struct lan_daemon *of(struct lan_backend *backend)
{
	return (struct lan_daemon *)backend;
}

static int error_of(int avahi)
{
	if (avahi >= 0)
		return TROTH_OK;
	if (avahi == AVAHI_ERR_COLLISION)
		return TROTH_E_EXISTS;
	return avahi == AVAHI_ERR_NO_MEMORY ? TROTH_E_NOMEM : TROTH_E_IO;
}

static int last_error(struct lan_daemon *d)
{
	return error_of(d->avahi.avahi_client_errno(d->client));
}

static void on_service(AvahiServiceBrowser *handle, AvahiIfIndex interface, AvahiProtocol protocol,
		       AvahiBrowserEvent event, const char *name, const char *type,
		       const char *domain, AvahiLookupResultFlags flags, void *user)
{
	struct lan_browse *b = user;
	(void)handle;
	(void)type;
	(void)domain;
	if (event != AVAHI_BROWSER_NEW && event != AVAHI_BROWSER_REMOVE)
		return;
	struct lan_service_event e = {
		.interface = interface,
		.protocol = protocol,
		.gone = event == AVAHI_BROWSER_REMOVE,
		/* "Local" would hide other programs of this machine. */
		.own = (flags & AVAHI_LOOKUP_RESULT_OUR_OWN) != 0,
		.name = name,
	};
	b->cb(b->user, &e);
}

static int browse(struct lan_backend *backend, lan_service_cb cb, void *user,
		  struct lan_browse **out)
{
	struct lan_daemon *d = of(backend);
	struct lan_browse *b = calloc(1, sizeof *b);
	if (b == NULL)
		return TROTH_E_NOMEM;
	b->daemon = d;
	b->cb = cb;
	b->user = user;
	b->handle = d->avahi.avahi_service_browser_new(
		d->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, TROTH_LAN_TYPE, TROTH_LAN_DOMAIN,
		AVAHI_LOOKUP_USE_MULTICAST, on_service, b);
	if (b->handle == NULL) {
		free(b);
		return last_error(d);
	}
	*out = b;
	return TROTH_OK;
}

static void browse_free(struct lan_browse *b)
{
	(void)b->daemon->avahi.avahi_service_browser_free(b->handle);
	free(b);
}

static void on_record(AvahiRecordBrowser *handle, AvahiIfIndex interface, AvahiProtocol protocol,
		      AvahiBrowserEvent event, const char *name, uint16_t class, uint16_t type,
		      const void *rdata, size_t size, AvahiLookupResultFlags flags, void *user)
{
	struct lan_query *q = user;
	struct lan_record_event e = {.interface = interface, .kind = event};
	(void)handle;
	(void)protocol;
	(void)flags;
	if (event == AVAHI_BROWSER_ALL_FOR_NOW) {
		q->cb(q->user, &e);
		return;
	}
	if (event != AVAHI_BROWSER_NEW && event != AVAHI_BROWSER_REMOVE)
		return;
	AvahiRecord *record = of(q->backend)->core.avahi_record_new_full(name, class, type, 0);
	if (record == NULL)
		return;
	e.record = record;
	/* What a daemon passes on and this library can't read is a hint that we do without. */
	if (of(q->backend)->core.avahi_rdata_parse(record, rdata, size) >= 0)
		q->cb(q->user, &e);
	of(q->backend)->core.avahi_record_unref(record);
}

static int query(struct lan_backend *backend, const char *name, uint16_t type,
		 struct lan_query *out)
{
	struct lan_daemon *d = of(backend);
	out->handle = d->avahi.avahi_record_browser_new(
		d->client, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, name, AVAHI_DNS_CLASS_IN, type,
		AVAHI_LOOKUP_USE_MULTICAST, on_record, out);
	return out->handle != NULL ? TROTH_OK : last_error(d);
}

static void query_stop(struct lan_query *q)
{
	(void)of(q->backend)->avahi.avahi_record_browser_free(q->handle);
}

static void on_group(AvahiEntryGroup *handle, AvahiEntryGroupState state, void *user)
{
	struct lan_group *g = user;
	(void)handle;
	switch (state) {
	case AVAHI_ENTRY_GROUP_UNCOMMITED:
		break;
	case AVAHI_ENTRY_GROUP_REGISTERING:
		g->cb(g->user, LAN_GROUP_REGISTERING);
		break;
	case AVAHI_ENTRY_GROUP_ESTABLISHED:
		g->cb(g->user, LAN_GROUP_ESTABLISHED);
		break;
	case AVAHI_ENTRY_GROUP_COLLISION:
		g->cb(g->user, LAN_GROUP_COLLISION);
		break;
	case AVAHI_ENTRY_GROUP_FAILURE:
		g->cb(g->user, LAN_GROUP_FAILED);
		break;
	}
}

static int group_new(struct lan_backend *backend, lan_group_cb cb, void *user,
		     struct lan_group **out)
{
	struct lan_daemon *d = of(backend);
	struct lan_group *g = calloc(1, sizeof *g);
	if (g == NULL)
		return TROTH_E_NOMEM;
	g->daemon = d;
	g->cb = cb;
	g->user = user;
	g->handle = d->avahi.avahi_entry_group_new(d->client, on_group, g);
	if (g->handle == NULL) {
		free(g);
		return last_error(d);
	}
	*out = g;
	return TROTH_OK;
}

static void group_free(struct lan_group *g)
{
	(void)g->daemon->avahi.avahi_entry_group_free(g->handle);
	free(g);
}

static int add_address(struct lan_group *g, int interface, const char *host,
		       const AvahiAddress *address)
{
	/* No reverse record: that one is the daemon's, for the machine's own name. */
	return error_of(g->daemon->avahi.avahi_entry_group_add_address(
		g->handle, interface, AVAHI_PROTO_UNSPEC, AVAHI_PUBLISH_NO_REVERSE, host, address));
}

static int add_service(struct lan_group *g, const struct lan_service *s)
{
	for (size_t i = 0; i < s->interface_count; i++) {
		int rc = g->daemon->avahi.avahi_entry_group_add_service_strlst(
			g->handle, s->interfaces[i], AVAHI_PROTO_UNSPEC, AVAHI_PUBLISH_NO_COOKIE,
			s->name, TROTH_LAN_TYPE, TROTH_LAN_DOMAIN, s->host, s->port, s->txt);
		if (rc < 0)
			return error_of(rc);
	}
	return TROTH_OK;
}

static int commit(struct lan_group *g)
{
	return error_of(g->daemon->avahi.avahi_entry_group_commit(g->handle));
}

static int set_txt(struct lan_group *g, const struct lan_service *s)
{
	for (size_t i = 0; i < s->interface_count; i++) {
		int rc = g->daemon->avahi.avahi_entry_group_update_service_txt_strlst(
			g->handle, s->interfaces[i], AVAHI_PROTO_UNSPEC, AVAHI_PUBLISH_NO_COOKIE,
			s->name, TROTH_LAN_TYPE, TROTH_LAN_DOMAIN, s->txt);
		if (rc < 0)
			return error_of(rc);
	}
	return TROTH_OK;
}

static const char *host_name(struct lan_backend *backend)
{
	return of(backend)->avahi.avahi_client_get_host_name(of(backend)->client);
}

static const struct lan_backend_ops ops = {
	.name = "daemon",
	.browse = browse,
	.browse_free = browse_free,
	.query = query,
	.query_stop = query_stop,
	.group_new = group_new,
	.group_free = group_free,
	.add_address = add_address,
	.add_service = add_service,
	.commit = commit,
	.set_txt = set_txt,
	.host_name = host_name,
};

static void on_client(AvahiClient *client, AvahiClientState state, void *user)
{
	struct lan_daemon *d = user;
	enum lan_daemon_state before = d->state;
	(void)client;
	switch (state) {
	case AVAHI_CLIENT_CONNECTING:
		d->state = LAN_DAEMON_WAITING;
		break;
	case AVAHI_CLIENT_FAILURE:
		d->state = LAN_DAEMON_CLOSED;
		break;
	case AVAHI_CLIENT_S_REGISTERING:
	case AVAHI_CLIENT_S_COLLISION:
	case AVAHI_CLIENT_S_RUNNING:
		d->state = LAN_DAEMON_UP;
		break;
	}
	if (d->state != before)
		d->changed(d->user);
}

int lan_daemon_new(struct lan_backend **out, const AvahiPoll *poll, void (*changed)(void *user),
		   void *user)
{
	struct lan_daemon *d = calloc(1, sizeof *d);
	if (d == NULL)
		return TROTH_E_NOMEM;
	*d = (struct lan_daemon){.base.ops = &ops, .poll = poll, .changed = changed, .user = user};
	int err = lan_avahi_client_load(&d->avahi);
	if (err == TROTH_OK)
		err = lan_avahi_core_load(&d->core);
	if (err != TROTH_OK)
		free(d);
	else
		*out = &d->base;
	return err;
}

static void close_client(struct lan_daemon *d)
{
	if (d->client != NULL)
		d->avahi.avahi_client_free(d->client);
	d->client = NULL;
	d->state = LAN_DAEMON_CLOSED;
}

void lan_daemon_free(struct lan_backend *backend)
{
	if (backend == NULL)
		return;
	close_client(of(backend));
	free(backend);
}

enum lan_daemon_state lan_daemon_state(const struct lan_backend *backend)
{
	return ((const struct lan_daemon *)backend)->state;
}

int lan_daemon_open(struct lan_backend *backend)
{
	struct lan_daemon *d = of(backend);
	close_client(d);
	d->client = d->avahi.avahi_client_new(d->poll, AVAHI_CLIENT_NO_FAIL, on_client, d, NULL);
	if (d->client == NULL) {
		d->state = LAN_DAEMON_CLOSED;
		return TROTH_E_UNREACHABLE;
	}
	return TROTH_OK;
}
