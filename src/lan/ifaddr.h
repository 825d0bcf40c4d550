/* SPDX-License-Identifier: MIT */
/* The addresses of this machine's interfaces, and word of their changes. Layer: lan. */
#ifndef TROTH_LAN_IFADDR_H
#define TROTH_LAN_IFADDR_H

#include <avahi-common/address.h>
#include <stdbool.h>
#include <stddef.h>
#include <troth/bytes.h>
#include <uv.h>

#define LAN_IFADDR_MAX 64

struct lan_ifaddr {
	int interface;
	AvahiAddress address;
};

struct lan_ifaddrs {
	size_t count;
	struct lan_ifaddr at[LAN_IFADDR_MAX];
};

/* Effect: the addresses of interfaces that are up and can do multicast; of those named
 * (NULL-terminated), or of all but loopback when names is NULL. Errors: TROTH_E_IO. */
int lan_ifaddrs_read(const char *const *names, struct lan_ifaddrs *out) TROTH_MUST_USE;
bool lan_ifaddr_same(const struct lan_ifaddr *a, const struct lan_ifaddr *b);

/* Whether names (or its being NULL) admits that interface; an index that is gone isn't. */
bool lan_interface_allowed(const char *const *names, int interface);
bool lan_interface_is_loopback(int interface);

/* Effect: fills in the indexes of the interfaces named, or AVAHI_IF_UNSPEC alone when
 * names is NULL; returns how many. */
size_t lan_interface_indexes(const char *const *names, int *out, size_t max);

struct lan_ifwatch;
/* Effect: calls changed from the loop when an address or a link has changed. */
int lan_ifwatch_new(struct lan_ifwatch **out, uv_loop_t *loop, void (*changed)(void *user),
		    void *user) TROTH_MUST_USE;
void lan_ifwatch_free(struct lan_ifwatch *watch);

#endif
