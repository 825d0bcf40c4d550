/* SPDX-License-Identifier: MIT */
/* Interface addresses by getifaddrs, changes by rtnetlink's notifications, whose content
 * isn't read: they only say "look again". Layer: lan. */
#include "lan/ifaddr.h"

#include <arpa/inet.h>
#include <avahi-common/defs.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <troth/err.h>
#include <unistd.h>

struct lan_ifwatch {
	uv_poll_t handle;
	int fd;
	void (*changed)(void *user);
	void *user;
};

static bool listed(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool usable(const char *const *names, const struct ifaddrs *i)
{
	if (i->ifa_addr == NULL || !(i->ifa_flags & IFF_UP))
		return false;
	if (names != NULL)
		return listed(names, i->ifa_name);
	/* avahi doesn't speak on point-to-point links either: a VPN isn't the local link. */
	return (i->ifa_flags & IFF_MULTICAST) != 0 &&
	       (i->ifa_flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) == 0;
}

static bool convert(const struct sockaddr *from, AvahiAddress *out)
{
	memset(out, 0, sizeof *out);
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)from;
		out->proto = AVAHI_PROTO_INET;
		out->data.ipv4.address = in->sin_addr.s_addr;
		return true;
	}
	if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)from;
		out->proto = AVAHI_PROTO_INET6;
		memcpy(out->data.ipv6.address, &in6->sin6_addr, sizeof out->data.ipv6.address);
		return true;
	}
	return false;
}

bool lan_ifaddr_same(const struct lan_ifaddr *a, const struct lan_ifaddr *b)
{
	return a->interface == b->interface && avahi_address_cmp(&a->address, &b->address) == 0;
}

int lan_ifaddrs_read(const char *const *names, struct lan_ifaddrs *out)
{
	struct ifaddrs *list;
	if (getifaddrs(&list) != 0)
		return TROTH_E_IO;
	out->count = 0;
	for (const struct ifaddrs *i = list; i != NULL && out->count < LAN_IFADDR_MAX;
	     i = i->ifa_next) {
		struct lan_ifaddr a;
		if (!usable(names, i) || !convert(i->ifa_addr, &a.address))
			continue;
		a.interface = (int)if_nametoindex(i->ifa_name);
		if (a.interface > 0)
			out->at[out->count++] = a;
	}
	freeifaddrs(list);
	return TROTH_OK;
}

bool lan_interface_is_loopback(int interface)
{
	struct ifreq request = {0};
	bool loopback = false;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (interface > 0 && if_indextoname((unsigned)interface, request.ifr_name) != NULL &&
	    ioctl(fd, SIOCGIFFLAGS, &request) == 0)
		loopback = (request.ifr_flags & IFF_LOOPBACK) != 0;
	(void)close(fd);
	return loopback;
}

bool lan_interface_allowed(const char *const *names, int interface)
{
	char name[IF_NAMESIZE];
	if (names == NULL)
		return !lan_interface_is_loopback(interface);
	return interface > 0 && if_indextoname((unsigned)interface, name) != NULL &&
	       listed(names, name);
}

size_t lan_interface_indexes(const char *const *names, int *out, size_t max)
{
	size_t count = 0;
	if (names == NULL) {
		out[0] = AVAHI_IF_UNSPEC;
		return 1;
	}
	for (; *names != NULL && count < max; names++) {
		int index = (int)if_nametoindex(*names);
		if (index > 0)
			out[count++] = index;
	}
	return count;
}

static void on_netlink(uv_poll_t *handle, int status, int events)
{
	struct lan_ifwatch *w = handle->data;
	char drop[8192];
	(void)status;
	(void)events;
	/* Also takes off ENOBUFS, which says that notifications were lost: look again. */
	while (recv(w->fd, drop, sizeof drop, MSG_DONTWAIT) > 0)
		;
	if (status < 0)
		(void)uv_poll_start(&w->handle, UV_READABLE, on_netlink);
	w->changed(w->user);
}

static void closed(uv_handle_t *handle)
{
	struct lan_ifwatch *w = handle->data;
	(void)close(w->fd);
	free(w);
}

static int open_netlink(void)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int lan_ifwatch_new(struct lan_ifwatch **out, uv_loop_t *loop, void (*changed)(void *user),
		    void *user)
{
	struct lan_ifwatch *w = calloc(1, sizeof *w);
	if (w == NULL)
		return TROTH_E_NOMEM;
	w->changed = changed;
	w->user = user;
	w->fd = open_netlink();
	if (w->fd < 0 || uv_poll_init(loop, &w->handle, w->fd) != 0) {
		if (w->fd >= 0)
			(void)close(w->fd);
		free(w);
		return TROTH_E_IO;
	}
	w->handle.data = w;
	(void)uv_poll_start(&w->handle, UV_READABLE, on_netlink);
	*out = w;
	return TROTH_OK;
}

void lan_ifwatch_free(struct lan_ifwatch *watch)
{
	if (watch != NULL)
		uv_close((uv_handle_t *)&watch->handle, closed);
}
