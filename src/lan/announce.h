/* SPDX-License-Identifier: MIT */
/*
 * Announcing: registers host and service, finds another name after a collision, follows
 * the interfaces. Layer: lan. Knows one backend at a time and may have none.
 */
#ifndef TROTH_LAN_ANNOUNCE_H
#define TROTH_LAN_ANNOUNCE_H

#include "lan/backend.h"
#include "lan/lan.h"

struct lan_announcer;

struct lan_announcer_events {
	void *user;
	/* lan_announcer_step is to be called soon, from the loop. */
	void (*kick)(void *user);
	void (*own_name)(void *user, const char *name);
	/* name, asserted before, belongs to somebody else. */
	void (*lost)(void *user, const char *name);
	void (*error)(void *user, const char *sentence);
};

/* interfaces is borrowed for the announcer's life. */
int lan_announcer_new(struct lan_announcer **out, const char *const *interfaces,
		      const struct lan_announcer_events *events) TROTH_MUST_USE;
void lan_announcer_free(struct lan_announcer *a);

void lan_announcer_attach(struct lan_announcer *a, struct lan_backend *backend);
void lan_announcer_detach(struct lan_announcer *a);

/* As in lan.h. */
int lan_announcer_start(struct lan_announcer *a,
			const struct troth_lan_profile *profile) TROTH_MUST_USE;
int lan_announcer_update(struct lan_announcer *a, const struct troth_lan_card *card) TROTH_MUST_USE;
void lan_announcer_stop(struct lan_announcer *a);

/* Effect: does what is due: never called from inside a backend's callback. */
void lan_announcer_step(struct lan_announcer *a);
/* Effect: looks at the interfaces anew in the next step. */
void lan_announcer_interfaces_changed(struct lan_announcer *a);

#endif
