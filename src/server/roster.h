/* SPDX-License-Identifier: MIT */
/*
 * Whom the account knows, as its server keeps it (RFC 6121), whom it blocks (XEP-0191), and who is
 * there. Layer: server. A roster is the server's word: it decides who may see that we are there,
 * and nothing about keys.
 *
 * A push is a hint: the roster is asked for again, by an id that nobody can guess, so nobody but
 * the server can put anything in it.
 */
#ifndef TROTH_SERVER_ROSTER_H
#define TROTH_SERVER_ROSTER_H

#include "server/account.h"

struct troth_roster;

enum troth_roster_subscription {
	TROTH_ROSTER_NONE,
	TROTH_ROSTER_TO,   /* we see them */
	TROTH_ROSTER_FROM, /* they see us */
	TROTH_ROSTER_BOTH
};
/* "none", "to", "from", "both". */
const char *troth_roster_subscription_name(enum troth_roster_subscription subscription);

struct troth_roster_item {
	const char *jid;  /* bare, prepared */
	const char *name; /* as our user calls them; NULL: not at all. Not cleaned. */
	enum troth_roster_subscription subscription;
	bool asked; /* we want to see them and they haven't answered */
	bool asks;  /* they want to see us and we haven't answered */
	bool blocked;
	bool listed;   /* in the roster; false: only asks, or only blocked */
	size_t online; /* resources that are there */
};

/* One connected client of somebody. */
struct troth_roster_resource {
	const char *jid;  /* full */
	const char *show; /* "" where none; not cleaned, like all below */
	const char *status;
	const char *caps_node; /* XEP-0115; "" where none */
	const char *caps_ver;
	const char *caps_hash;
	int priority;
};

struct troth_roster_callbacks {
	/* The roster or what waits was fetched or has changed; look again. */
	void (*changed)(void *user);
	/* A resource has come, changed (there) or gone. */
	void (*presence)(void *user, const struct troth_roster_resource *resource, bool there);
	/* Somebody asks to see us; answer by troth_roster_accept or _refuse, or never. Once for
	 * each JID until answered. status: their words, "" for none. */
	void (*asks)(void *user, const char *jid, const char *status);
	void *user;
};

/* Effect: listens to the account, which outlives it, and from now on admits whoever may see us.
 * Must be made before the account connects. */
int troth_roster_new(struct troth_roster **out, struct troth_account *account,
		     const struct troth_roster_callbacks *callbacks) TROTH_MUST_USE;
/* Effect: after the account's end only. NULL is fine. */
void troth_roster_free(struct troth_roster *r);

/* Whether it was fetched since the last `up`. */
bool troth_roster_is_here(const struct troth_roster *r);

/* Items in the order of their JIDs; `each` returns non-zero to stop, which is returned. */
int troth_roster_each(const struct troth_roster *r,
		      int (*each)(void *user, const struct troth_roster_item *item), void *user);
/* Errors: TROTH_E_NOT_FOUND. */
int troth_roster_find(const struct troth_roster *r, const char *jid,
		      struct troth_roster_item *out) TROTH_MUST_USE;
/* The resources of a bare JID that are there, best priority first. Likewise. */
int troth_roster_resources(const struct troth_roster *r, const char *jid,
			   int (*each)(void *user, const struct troth_roster_resource *resource),
			   void *user);

/* The outcome of a change: what the server said. */
struct troth_roster_done {
	void (*done)(void *user, const struct troth_account_answer *answer); /* may be NULL */
	void *user;
};

/* Effect: puts somebody in, or renames; name may be NULL. done: may be NULL, as below. */
int troth_roster_add(struct troth_roster *r, const char *jid, const char *name,
		     const struct troth_roster_done *done) TROTH_MUST_USE;
/* Effect: takes them out; subscriptions end both ways. */
int troth_roster_remove(struct troth_roster *r, const char *jid,
			const struct troth_roster_done *done) TROTH_MUST_USE;
/* Effect: asks to see them. The server tells of the answer by changing the roster. */
int troth_roster_subscribe(struct troth_roster *r, const char *jid) TROTH_MUST_USE;
/* Effect: lets them see us, or no longer. */
int troth_roster_accept(struct troth_roster *r, const char *jid) TROTH_MUST_USE;
int troth_roster_refuse(struct troth_roster *r, const char *jid) TROTH_MUST_USE;
/* Effect: the server keeps everything of theirs away from us. TROTH_E_PEER_ERROR in `done` where it
 * can't. */
int troth_roster_block(struct troth_roster *r, const char *jid, bool block,
		       const struct troth_roster_done *done) TROTH_MUST_USE;

#endif
