/* SPDX-License-Identifier: MIT */
/*
 * avahi-core in this process, where no daemon runs. Layer: lan.
 * Publishes nothing by itself: no workstation, host information, domain, address or
 * reverse record; those of the host are added by whoever announces.
 */
#include "lan/avahi.h"
#include "lan/backend.h"

#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <sodium.h>
#include <stdlib.h>
#include <troth/err.h>

struct embedded {
	struct lan_backend base;
	struct lan_avahi_core avahi;
	AvahiServer *server;
};

struct lan_browse {
	struct embedded *embedded;
	AvahiSServiceBrowser *handle;
	lan_service_cb cb;
	void *user;
};

struct lan_group {
	struct embedded *embedded;
	AvahiSEntryGroup *handle;
	lan_group_cb cb;
	void *user;
};

static struct embedded *of(struct lan_backend *backend)
{
	return (struct embedded *)backend;
}

static int error_of(int avahi)
{
	if (avahi >= 0)
		return TROTH_OK;
	if (avahi == AVAHI_ERR_COLLISION)
		return TROTH_E_EXISTS;
	return avahi == AVAHI_ERR_NO_MEMORY ? TROTH_E_NOMEM : TROTH_E_IO;
}

static int last_error(struct embedded *e)
{
	return error_of(e->avahi.avahi_server_errno(e->server));
}

/* What avahi calls local goes by the server's own host name, which we don't publish. */
static bool is_own(struct embedded *e, int interface, int protocol, const char *name)
{
	AvahiSEntryGroup *group;
	return e->avahi.avahi_server_get_group_of_service(e->server, interface, protocol, name,
							  TROTH_LAN_TYPE, TROTH_LAN_DOMAIN,
							  &group) == AVAHI_OK;
}

static void on_service(AvahiSServiceBrowser *handle, AvahiIfIndex interface, AvahiProtocol protocol,
		       AvahiBrowserEvent event, const char *name, const char *type,
		       const char *domain, AvahiLookupResultFlags flags, void *user)
{
	struct lan_browse *b = user;
	(void)handle;
	(void)type;
	(void)domain;
	(void)flags;
	if (event != AVAHI_BROWSER_NEW && event != AVAHI_BROWSER_REMOVE)
		return;
	struct lan_service_event e = {
		.interface = interface,
		.protocol = protocol,
		.gone = event == AVAHI_BROWSER_REMOVE,
		.own = event == AVAHI_BROWSER_NEW && is_own(b->embedded, interface, protocol, name),
		.name = name,
	};
	b->cb(b->user, &e);
}

static int browse(struct lan_backend *backend, lan_service_cb cb, void *user,
		  struct lan_browse **out)
{
	struct embedded *e = of(backend);
	struct lan_browse *b = calloc(1, sizeof *b);
	if (b == NULL)
		return TROTH_E_NOMEM;
	b->embedded = e;
	b->cb = cb;
	b->user = user;
	b->handle = e->avahi.avahi_s_service_browser_new(
		e->server, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, TROTH_LAN_TYPE, TROTH_LAN_DOMAIN,
		AVAHI_LOOKUP_USE_MULTICAST, on_service, b);
	if (b->handle == NULL) {
		free(b);
		return last_error(e);
	}
	*out = b;
	return TROTH_OK;
}

static void browse_free(struct lan_browse *b)
{
	b->embedded->avahi.avahi_s_service_browser_free(b->handle);
	free(b);
}

static void on_record(AvahiSRecordBrowser *handle, AvahiIfIndex interface, AvahiProtocol protocol,
		      AvahiBrowserEvent event, AvahiRecord *record, AvahiLookupResultFlags flags,
		      void *user)
{
	struct lan_query *q = user;
	struct lan_record_event e = {.interface = interface, .kind = event, .record = record};
	(void)handle;
	(void)protocol;
	(void)flags;
	if (event == AVAHI_BROWSER_ALL_FOR_NOW || record != NULL)
		q->cb(q->user, &e);
}

static int query(struct lan_backend *backend, const char *name, uint16_t type,
		 struct lan_query *out)
{
	struct embedded *e = of(backend);
	AvahiKey *key = e->avahi.avahi_key_new(name, AVAHI_DNS_CLASS_IN, type);
	if (key == NULL)
		return TROTH_E_NOMEM;
	out->handle = e->avahi.avahi_s_record_browser_new(
		e->server, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, key, AVAHI_LOOKUP_USE_MULTICAST,
		on_record, out);
	e->avahi.avahi_key_unref(key);
	return out->handle != NULL ? TROTH_OK : last_error(e);
}

static void query_stop(struct lan_query *q)
{
	of(q->backend)->avahi.avahi_s_record_browser_free(q->handle);
}

static void on_group(AvahiServer *server, AvahiSEntryGroup *handle, AvahiEntryGroupState state,
		     void *user)
{
	struct lan_group *g = user;
	(void)server;
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
	struct embedded *e = of(backend);
	struct lan_group *g = calloc(1, sizeof *g);
	if (g == NULL)
		return TROTH_E_NOMEM;
	*g = (struct lan_group){.embedded = e, .cb = cb, .user = user};
	g->handle = e->avahi.avahi_s_entry_group_new(g->embedded->server, on_group, g);
	if (g->handle == NULL) {
		free(g);
		return last_error(e);
	}
	*out = g;
	return TROTH_OK;
}

static void nothing(void *user, enum lan_group_state state)
{
	(void)user;
	(void)state;
}

static void group_free(struct lan_group *g)
{
	g->cb = nothing; /* freeing changes the state once more */
	g->embedded->avahi.avahi_s_entry_group_free(g->handle);
	free(g);
}

static int add_address(struct lan_group *g, int interface, const char *host,
		       const AvahiAddress *address)
{
	AvahiAddress a = *address;
	/* No reverse record: two processes of one machine would fight for it for ever. */
	return error_of(g->embedded->avahi.avahi_server_add_address(
		g->embedded->server, g->handle, interface, AVAHI_PROTO_UNSPEC,
		AVAHI_PUBLISH_NO_REVERSE, host, &a));
}

static int add_service(struct lan_group *g, const struct lan_service *s)
{
	for (size_t i = 0; i < s->interface_count; i++) {
		int rc = g->embedded->avahi.avahi_server_add_service_strlst(
			g->embedded->server, g->handle, s->interfaces[i], AVAHI_PROTO_UNSPEC,
			AVAHI_PUBLISH_NO_COOKIE, s->name, TROTH_LAN_TYPE, TROTH_LAN_DOMAIN, s->host,
			s->port, s->txt);
		if (rc < 0)
			return error_of(rc);
	}
	return TROTH_OK;
}

static int commit(struct lan_group *g)
{
	return error_of(g->embedded->avahi.avahi_s_entry_group_commit(g->handle));
}

static int set_txt(struct lan_group *g, const struct lan_service *s)
{
	for (size_t i = 0; i < s->interface_count; i++) {
		int rc = g->embedded->avahi.avahi_server_update_service_txt_strlst(
			g->embedded->server, g->handle, s->interfaces[i], AVAHI_PROTO_UNSPEC,
			AVAHI_PUBLISH_NO_COOKIE, s->name, TROTH_LAN_TYPE, TROTH_LAN_DOMAIN, s->txt);
		if (rc < 0)
			return error_of(rc);
	}
	return TROTH_OK;
}

static const char *host_name(struct lan_backend *backend)
{
	(void)backend;
	return NULL;
}

static const struct lan_backend_ops ops = {
	.name = "embedded",
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

static void quiet(AvahiLogLevel level, const char *text)
{
	(void)level;
	(void)text;
}

static void on_server(AvahiServer *server, AvahiServerState state, void *user)
{
	/* Its own host name isn't published, so nothing about it can collide. */
	(void)server;
	(void)state;
	(void)user;
}

/* The server needs some host name, or takes the machine's; nothing carries it out. */
static int set_host_name(AvahiServerConfig *config)
{
	uint8_t random[8];
	char name[2 * sizeof random + 1];
	if (sodium_init() < 0)
		return TROTH_E_CRYPTO;
	randombytes_buf(random, sizeof random);
	sodium_bin2hex(name, sizeof name, random, sizeof random);
	avahi_free(config->host_name);
	config->host_name = avahi_strdup(name);
	return config->host_name != NULL ? TROTH_OK : TROTH_E_NOMEM;
}

static int configure(AvahiServerConfig *config, const char *const *interfaces)
{
	config->publish_hinfo = 0;
	config->publish_addresses = 0;
	config->publish_workstation = 0;
	config->publish_domain = 0;
	config->enable_wide_area = 0;
	if (interfaces == NULL) {
		/* avahi-core would speak on loopback as well. */
		config->deny_interfaces = avahi_string_list_add(NULL, "lo");
		if (config->deny_interfaces == NULL)
			return TROTH_E_NOMEM;
	}
	for (; interfaces != NULL && *interfaces != NULL; interfaces++) {
		AvahiStringList *l = avahi_string_list_add(config->allow_interfaces, *interfaces);
		if (l == NULL)
			return TROTH_E_NOMEM;
		config->allow_interfaces = l;
	}
	return set_host_name(config);
}

int lan_embedded_new(struct lan_backend **out, const AvahiPoll *poll, const char *const *interfaces)
{
	AvahiServerConfig config;
	int avahi_error = AVAHI_OK;
	struct embedded *e = calloc(1, sizeof *e);
	if (e == NULL)
		return TROTH_E_NOMEM;
	e->base.ops = &ops;
	int err = lan_avahi_core_load(&e->avahi);
	if (err != TROTH_OK) {
		free(e);
		return err;
	}
	e->avahi.avahi_set_log_function(quiet); /* it would write to stderr */
	e->avahi.avahi_server_config_init(&config);
	err = configure(&config, interfaces);
	if (err == TROTH_OK) {
		e->server = e->avahi.avahi_server_new(poll, &config, on_server, NULL, &avahi_error);
		if (e->server == NULL)
			err = avahi_error == AVAHI_ERR_NO_MEMORY ? TROTH_E_NOMEM
								 : TROTH_E_UNSUPPORTED;
	}
	e->avahi.avahi_server_config_free(&config);
	if (err != TROTH_OK) {
		free(e);
		return err;
	}
	*out = &e->base;
	return TROTH_OK;
}

void lan_embedded_free(struct lan_backend *backend)
{
	if (backend == NULL)
		return;
	of(backend)->avahi.avahi_server_free(of(backend)->server);
	free(backend);
}
