/* SPDX-License-Identifier: MIT */
/*
 * One lookup at the time of connecting. Layer: lan. Answers come one by one, from several
 * interfaces; shortly after the first address all that came are given away at once.
 * Keeps no time for giving up: that is the caller's.
 */
#include "lan/resolve.h"

#include "base/limits.h"
#include "lan/ifaddr.h"

#include <avahi-common/domain.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

struct host {
	struct troth_lan_resolve *resolve;
	char *name;
	uint16_t port;
	struct lan_query a;
	struct lan_query aaaa;
};

struct troth_lan_resolve {
	uv_timer_t settle; /* its close callback frees the whole */
	struct lan_resolves *all;
	struct troth_lan_resolve *next;
	char name[AVAHI_DOMAIN_NAME_MAX];
	struct lan_query srv;
	struct host host[TROTH_LIMIT_LAN_HOSTS];
	size_t host_count;
	struct troth_lan_addresses addresses;
	void (*found)(void *user, const struct troth_lan_addresses *addresses);
	void *user;
};

static void forget_hosts(struct troth_lan_resolve *r)
{
	for (size_t i = 0; i < r->host_count; i++) {
		lan_query_stop(&r->host[i].a);
		lan_query_stop(&r->host[i].aaaa);
		free(r->host[i].name);
	}
	r->host_count = 0;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* XEP-0174 4: "it MUST cancel the queries after it has received a response". */
static void end(struct troth_lan_resolve *r)
{
	struct troth_lan_resolve **at = &r->all->first;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	lan_query_stop(&r->srv);
	forget_hosts(r);
	uv_close((uv_handle_t *)&r->settle, closed);
}

static void on_settled(uv_timer_t *timer)
{
	struct troth_lan_resolve *r = timer->data;
	end(r); /* r lives on until its handle is closed, after this */
	lan_addresses_sort(&r->addresses);
	r->found(r->user, &r->addresses);
}

static bool same_endpoint(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	return memcmp(a, b, sizeof *a) == 0; /* both were zeroed before they were filled in */
}

static void add_address(struct troth_lan_resolve *r, const struct sockaddr_storage *address)
{
	struct troth_lan_addresses *list = &r->addresses;
	for (size_t i = 0; i < list->count; i++)
		if (same_endpoint(&list->at[i], address))
			return;
	if (list->count == TROTH_LAN_ADDRESSES_MAX)
		return;
	list->at[list->count++] = *address;
	if (list->count == 1)
		(void)uv_timer_start(&r->settle, on_settled, TROTH_TIME_LAN_SETTLE, 0);
}

/* A record may say anything. Nobody else's address is one of these, and connecting to
 * them would send the user's bytes to a service of this very machine. */
static bool can_dial4(const struct in_addr *a, int interface)
{
	uint32_t host = ntohl(a->s_addr);
	if (host >> 24 == 127)
		return lan_interface_is_loopback(interface);
	return host >> 24 != 0 && host >> 28 < 0xe;
}

static bool can_dial6(const struct in6_addr *a, int interface)
{
	if (IN6_IS_ADDR_LOOPBACK(a))
		return lan_interface_is_loopback(interface);
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_MULTICAST(a) &&
	       !IN6_IS_ADDR_V4MAPPED(a) && !IN6_IS_ADDR_V4COMPAT(a);
}

static void take4(struct host *h, const AvahiIPv4Address *from, int interface)
{
	struct sockaddr_storage s;
	struct sockaddr_in *in = (struct sockaddr_in *)&s;
	memset(&s, 0, sizeof s);
	in->sin_family = AF_INET;
	in->sin_port = htons(h->port);
	in->sin_addr.s_addr = from->address;
	if (can_dial4(&in->sin_addr, interface))
		add_address(h->resolve, &s);
}

static void take6(struct host *h, const AvahiIPv6Address *from, int interface)
{
	struct sockaddr_storage s;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&s;
	memset(&s, 0, sizeof s);
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(h->port);
	memcpy(&in6->sin6_addr, from->address, sizeof in6->sin6_addr);
	/* fe80:: is everywhere: only the interface that it was seen on says where. */
	if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
		in6->sin6_scope_id = (uint32_t)interface;
	if (can_dial6(&in6->sin6_addr, interface))
		add_address(h->resolve, &s);
}

static void on_address(void *user, const struct lan_record_event *event)
{
	struct host *h = user;
	if (event->kind != AVAHI_BROWSER_NEW ||
	    !lan_interface_allowed(h->resolve->all->interfaces, event->interface))
		return;
	if (event->record->key->type == AVAHI_DNS_TYPE_A)
		take4(h, &event->record->data.a.address, event->interface);
	else if (event->record->key->type == AVAHI_DNS_TYPE_AAAA)
		take6(h, &event->record->data.aaaa.address, event->interface);
}

static bool knows_host(const struct troth_lan_resolve *r, const char *name, uint16_t port)
{
	for (size_t i = 0; i < r->host_count; i++)
		if (r->host[i].port == port && avahi_domain_equal(r->host[i].name, name))
			return true;
	return false;
}

static void on_srv(void *user, const struct lan_record_event *event)
{
	struct troth_lan_resolve *r = user;
	if (event->kind != AVAHI_BROWSER_NEW || event->record->key->type != AVAHI_DNS_TYPE_SRV ||
	    !lan_interface_allowed(r->all->interfaces, event->interface))
		return;
	const char *name = event->record->data.srv.name;
	uint16_t port = event->record->data.srv.port;
	if (port == 0 || r->host_count == TROTH_LIMIT_LAN_HOSTS || knows_host(r, name, port))
		return;
	struct host *h = &r->host[r->host_count];
	*h = (struct host){.resolve = r, .name = strdup(name), .port = port};
	if (h->name == NULL)
		return;
	h->a = (struct lan_query){.cb = on_address, .user = h};
	h->aaaa = h->a;
	int err_a = lan_query_start(&h->a, r->all->backend, name, AVAHI_DNS_TYPE_A);
	int err_aaaa = lan_query_start(&h->aaaa, r->all->backend, name, AVAHI_DNS_TYPE_AAAA);
	if (err_a == TROTH_OK || err_aaaa == TROTH_OK)
		r->host_count++;
	else
		free(h->name); /* a name that can't be asked for has no address */
}

int lan_resolve_new(struct troth_lan_resolve **out, struct lan_resolves *all, const char *name,
		    void (*found)(void *user, const struct troth_lan_addresses *addresses),
		    void *user)
{
	struct troth_lan_resolve *r = calloc(1, sizeof *r);
	if (r == NULL)
		return TROTH_E_NOMEM;
	if (avahi_service_name_join(r->name, sizeof r->name, name, TROTH_LAN_TYPE,
				    TROTH_LAN_DOMAIN) < 0) {
		free(r);
		return TROTH_E_FORMAT;
	}
	if (uv_timer_init(all->loop, &r->settle) != 0) {
		free(r);
		return TROTH_E_IO;
	}
	r->settle.data = r;
	r->all = all;
	r->found = found;
	r->user = user;
	r->srv = (struct lan_query){.cb = on_srv, .user = r};
	r->next = all->first;
	all->first = r;
	int err = TROTH_OK;
	if (all->backend != NULL)
		err = lan_query_start(&r->srv, all->backend, r->name, AVAHI_DNS_TYPE_SRV);
	if (err != TROTH_OK)
		end(r);
	else
		*out = r;
	return err;
}

void troth_lan_resolve_cancel(struct troth_lan_resolve *resolve)
{
	if (resolve != NULL)
		end(resolve);
}

void lan_resolves_attach(struct lan_resolves *all, struct lan_backend *backend)
{
	all->backend = backend;
	for (struct troth_lan_resolve *r = all->first; r != NULL; r = r->next) {
		if (lan_query_start(&r->srv, backend, r->name, AVAHI_DNS_TYPE_SRV) != TROTH_OK)
			continue; /* without an answer its caller's time runs out */
	}
}

void lan_resolves_detach(struct lan_resolves *all)
{
	for (struct troth_lan_resolve *r = all->first; r != NULL; r = r->next) {
		lan_query_stop(&r->srv);
		forget_hosts(r);
	}
	all->backend = NULL;
}

void lan_resolves_cancel(struct lan_resolves *all)
{
	while (all->first != NULL)
		end(all->first);
}
