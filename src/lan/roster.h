/* SPDX-License-Identifier: MIT */
/* Who is on the link: one entity for each name, whatever shows it. Layer: lan. */
#ifndef TROTH_LAN_ROSTER_H
#define TROTH_LAN_ROSTER_H

#include "lan/backend.h"
#include "lan/lan.h"

struct lan_roster;

/* callbacks and interfaces are borrowed for the roster's life. */
int lan_roster_new(struct lan_roster **out, const char *const *interfaces,
		   const struct troth_lan_callbacks *callbacks) TROTH_MUST_USE;
void lan_roster_free(struct lan_roster *r);

/* Effect: browses with that backend; what was known stays until lan_roster_sweep.
 * Detaching ends all questions and forgets who was seen where. */
int lan_roster_attach(struct lan_roster *r, struct lan_backend *backend) TROTH_MUST_USE;
void lan_roster_detach(struct lan_roster *r);
/* Effect: tells the end of those that no backend has shown again. */
void lan_roster_sweep(struct lan_roster *r);

/* Effect: what was taken for our own under that name is somebody else's. */
void lan_roster_own_lost(struct lan_roster *r, const char *name);

#endif
