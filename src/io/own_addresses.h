/* SPDX-License-Identifier: MIT */
/* The addresses of this machine at which others might reach it. Layer: io. */
#ifndef TROTH_IO_OWN_ADDRESSES_H
#define TROTH_IO_OWN_ADDRESSES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <troth/bytes.h>

#define TROTH_OWN_ADDRESSES_MAX 16

struct troth_own_address {
	char host[INET6_ADDRSTRLEN];
	bool global; /* not only within a private network */
};

/* Effect: those of all interfaces that are up, IPv4 and IPv6, without the loopback's and without
 * link-local ones, which mean nothing elsewhere; each once, global ones first.
 * Errors: TROTH_E_IO. */
int troth_own_addresses(struct troth_own_address out[TROTH_OWN_ADDRESSES_MAX],
			size_t *count) TROTH_MUST_USE;

#endif
