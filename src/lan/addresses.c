/* SPDX-License-Identifier: MIT */
/* The order of addresses. Layer: lan. */
#include "lan/resolve.h"

#include <netinet/in.h>
#include <string.h>

static bool is_link_local(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET6)
		return IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)a)->sin6_addr);
	return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 16 == 0xa9fe;
}

/* Effect: appends those of one family to out, routable first; returns the new count. */
static size_t collect(const struct troth_lan_addresses *in, int family,
		      struct sockaddr_storage *out)
{
	size_t count = 0;
	for (int link_local = 0; link_local <= 1; link_local++)
		for (size_t i = 0; i < in->count; i++)
			if (in->at[i].ss_family == family &&
			    is_link_local(&in->at[i]) == (link_local != 0))
				out[count++] = in->at[i];
	return count;
}

static uint16_t port_of(const struct sockaddr_storage *a)
{
	/* The port stands at the same place in both families. */
	return ntohs(((const struct sockaddr_in *)a)->sin_port);
}

void lan_addresses_sort(struct troth_lan_addresses *addresses)
{
	struct sockaddr_storage v6[TROTH_LAN_ADDRESSES_MAX];
	struct sockaddr_storage v4[TROTH_LAN_ADDRESSES_MAX];
	size_t n6 = collect(addresses, AF_INET6, v6);
	size_t n4 = collect(addresses, AF_INET, v4);
	size_t count = 0;
	for (size_t i = 0; i < n6 || i < n4; i++) {
		if (i < n6)
			addresses->at[count++] = v6[i];
		if (i < n4)
			addresses->at[count++] = v4[i];
	}
	addresses->count = count;
	addresses->port = count > 0 ? port_of(&addresses->at[0]) : 0;
}
