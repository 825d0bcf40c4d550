/* SPDX-License-Identifier: MIT */
/* The addresses of this machine. Layer: io. */
#include "io/own_addresses.h"

#include <string.h>
#include <troth/err.h>
#include <uv.h>

/* RFC 1918, RFC 6598, RFC 3927. */
static bool is_private_ipv4(uint32_t a)
{
	return a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 22 == 0x191;
}

static bool is_link_local_ipv4(uint32_t a)
{
	return a >> 16 == 0xa9fe;
}

/* false: not one to tell others. */
static bool read_one(struct troth_own_address *out, const uv_interface_address_t *a)
{
	if (a->is_internal != 0)
		return false;
	if (a->address.address4.sin_family == AF_INET) {
		uint32_t four = ntohl(a->address.address4.sin_addr.s_addr);
		out->global = !is_private_ipv4(four);
		return !is_link_local_ipv4(four) &&
		       uv_ip4_name(&a->address.address4, out->host, sizeof out->host) == 0;
	}
	const struct in6_addr *six = &a->address.address6.sin6_addr;
	out->global = (six->s6_addr[0] & 0xfe) != 0xfc; /* RFC 4193 */
	return !IN6_IS_ADDR_LINKLOCAL(six) && !IN6_IS_ADDR_LOOPBACK(six) &&
	       uv_ip6_name(&a->address.address6, out->host, sizeof out->host) == 0;
}

static bool has(const struct troth_own_address *all, size_t count, const char *host)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].host, host) == 0)
			return true;
	return false;
}

int troth_own_addresses(struct troth_own_address out[TROTH_OWN_ADDRESSES_MAX], size_t *count)
{
	uv_interface_address_t *all;
	int many;
	size_t n = 0;
	if (uv_interface_addresses(&all, &many) != 0)
		return TROTH_E_IO;
	for (int global = 1; global >= 0; global--) {
		for (int i = 0; i < many && n < TROTH_OWN_ADDRESSES_MAX; i++) {
			struct troth_own_address one;
			if (read_one(&one, &all[i]) && one.global == (global == 1) &&
			    !has(out, n, one.host))
				out[n++] = one;
		}
	}
	uv_free_interface_addresses(all, many);
	*count = n;
	return TROTH_OK;
}
