/* SPDX-License-Identifier: MIT */
/* Where an entity listens now: SRV, then A and AAAA of its host. Layer: lan. */
#ifndef TROTH_LAN_RESOLVE_H
#define TROTH_LAN_RESOLVE_H

#include "lan/backend.h"
#include "lan/lan.h"

/* All that are running. */
struct lan_resolves {
	uv_loop_t *loop;
	const char *const *interfaces; /* borrowed */
	struct lan_backend *backend;   /* NULL for now: asked when there is one */
	struct troth_lan_resolve *first;
};

void lan_resolves_attach(struct lan_resolves *all, struct lan_backend *backend);
void lan_resolves_detach(struct lan_resolves *all);
void lan_resolves_cancel(struct lan_resolves *all);

int lan_resolve_new(struct troth_lan_resolve **out, struct lan_resolves *all, const char *name,
		    void (*found)(void *user, const struct troth_lan_addresses *addresses),
		    void *user) TROTH_MUST_USE;

/* Effect: puts addresses into the order in which to try them: routable before link-local,
 * the families in turns. */
void lan_addresses_sort(struct troth_lan_addresses *addresses);

#endif
