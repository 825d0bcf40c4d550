/* SPDX-License-Identifier: MIT */
/* The inside of a roster. Layer: server, for roster*.c only. */
#ifndef TROTH_SERVER_ROSTER_STATE_H
#define TROTH_SERVER_ROSTER_STATE_H

#include "base/limits.h"
#include "base/slice.h"
#include "server/roster.h"
#include "xml/namespace.h"

#include <stdlib.h>
#include <troth/err.h>

/* One client. Texts are owned, by one allocation each. */
struct roster_client {
	char *jid;
	char *show;
	char *status;
	char *caps_node;
	char *caps_ver;
	char *caps_hash;
	int priority;
};

struct roster_entry {
	char *jid;
	char *name; /* NULL: none */
	enum troth_roster_subscription subscription;
	bool listed;
	bool fresh; /* in the answer that is being read */
	bool asked;
	bool asks;
	bool blocked;
};

struct troth_roster {
	struct troth_account *account;
	struct troth_roster_callbacks callbacks;
	struct roster_entry *entries; /* by JID */
	size_t n_entries;
	size_t cap_entries;
	struct roster_client *clients; /* by JID */
	size_t n_clients;
	size_t cap_clients;
	size_t n_asks;
	bool here;     /* fetched since `up` */
	bool fetching; /* an answer is awaited */
	bool again;    /* and it will be old when it comes */
	/* What the last push said, until an answer says it, too: a node of a cluster may not know
	 * yet what another one pushes. Nothing else is taken from it. */
	char *pushed; /* bare JID; NULL: none */
	enum troth_roster_subscription pushed_subscription;
	unsigned tries;
	bool blocks_fetching;
	bool blocks_again;
};

/* Effect: the place of a bare JID; false and where it belongs when it has none. */
bool roster_entry_find(const struct troth_roster *r, const char *jid, size_t *at);
/* Effect: the entry of a bare JID, made where there is none. Errors: TROTH_E_LIMIT, TROTH_E_NOMEM.
 */
int roster_entry_get(struct troth_roster *r, const char *jid,
		     struct roster_entry **out) TROTH_MUST_USE;
/* Effect: drops entries that nothing is known of any more. */
void roster_entries_sweep(struct troth_roster *r);
void roster_changed(struct troth_roster *r);

/* Presence of others (roster_presence.c). */
bool roster_presence(struct troth_roster *r, const struct troth_element *presence);
/* Effect: nobody is there any more, and nobody is told one by one. */
void roster_clients_clear(struct troth_roster *r);
/* Effect: those whom the roster doesn't let us see aren't there. */
void roster_clients_prune(struct troth_roster *r);
/* The clients of a bare JID: from *at, as many as are returned. */
size_t roster_clients_of(const struct troth_roster *r, const char *bare, size_t *at);

/* Effect: a push has come: asks for the roster until it says the same, some times. */
void roster_pushed(struct troth_roster *r, const struct troth_element *item);
/* Effect: asks for the roster, and for the block list (roster_change.c). */
void roster_fetch(struct troth_roster *r);
void roster_fetch_blocks(struct troth_roster *r);

#endif
