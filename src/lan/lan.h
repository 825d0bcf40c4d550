/* SPDX-License-Identifier: MIT */
/*
 * Serverless presence (XEP-0174) on a libuv loop: announce, browse, resolve, by
 * avahi-daemon where it runs and by libavahi-core in this process where it doesn't.
 * Layer: lan, above the core.
 *
 * Everything that comes from here is a hint: names, texts, tags and addresses were
 * written by whoever is on the link. Nothing here decides trust, and nothing that
 * the caller didn't name in a card is ever announced.
 *
 * avahi's two libraries are loaded at run time (avahi.h): a program that uses this must
 * link neither of them itself.
 *
 * One thread: that of the loop. Callbacks come from inside the loop, never from
 * inside a call of this header. A callback may call anything here except
 * troth_lan_free; only the one of troth_lan_withdraw may call that too.
 */
#ifndef TROTH_LAN_LAN_H
#define TROTH_LAN_LAN_H

#include "lan/tags.h"
#include "lan/txt.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <troth/bytes.h>
#include <uv.h>

struct troth_lan;
struct troth_lan_resolve;

enum troth_lan_backend_choice {
	TROTH_LAN_AUTO,    /* avahi-daemon while it runs, in process otherwise */
	TROTH_LAN_DAEMON,  /* only avahi-daemon; waits for it */
	TROTH_LAN_EMBEDDED /* only in process */
};

enum troth_lan_status { TROTH_LAN_AVAIL, TROTH_LAN_AWAY, TROTH_LAN_DND };

/* One other entity, however many interfaces and address families show it.
 * Borrowed for the callback that it is given to. */
struct troth_lan_entity {
	const char *name;    /* "user@machine" as received: for resolving and comparing */
	const char *display; /* the same, cleaned (troth_lan_clean): for people */
	const struct troth_txt *txt;
	enum troth_lan_status status;     /* avail when the entity doesn't say */
	const struct troth_lan_tag *tags; /* PROTOCOL 11; to be compared with expected ones */
	size_t tag_count;
	const int *interfaces; /* indexes, each once */
	size_t interface_count;
};

/* Any of them may be NULL. */
struct troth_lan_callbacks {
	void *user;
	void (*found)(void *user, const struct troth_lan_entity *entity);
	void (*changed)(void *user, const struct troth_lan_entity *entity);
	/* name is as it was in found, display its cleaned form. */
	void (*gone)(void *user, const char *name, const char *display);
	/* The name under which we are announced now: after the announcing has succeeded,
	 * and again whenever a collision changed it. Use it in stream headers. */
	void (*own_name)(void *user, const char *name);
	/* A sentence for people. Announcing and browsing go on where they can. */
	void (*error)(void *user, const char *sentence);
};

struct troth_lan_params {
	enum troth_lan_backend_choice backend;
	/* Interface names, NULL-terminated, copied; NULL for all but loopback ("lo"). */
	const char *const *interfaces;
	struct troth_lan_callbacks callbacks; /* copied */
};

/* Effect: prepares; nothing is sent or asked yet. loop must outlive *out and be run
 * once more after troth_lan_free, as for every libuv handle.
 * Errors: TROTH_E_UNSUPPORTED when the chosen backend can't work here, TROTH_E_NOMEM,
 * TROTH_E_IO. */
int troth_lan_new(struct troth_lan **out, uv_loop_t *loop,
		  const struct troth_lan_params *params) TROTH_MUST_USE;
/* Effect: ends all, with a goodbye when announced; pending resolves and a pending
 * withdrawal end without their callback. NULL is fine. */
void troth_lan_free(struct troth_lan *lan);

/* "daemon" or "embedded", or "none" while waiting for the daemon. Static string. */
const char *troth_lan_backend_name(const struct troth_lan *lan);

/* What others can read about the user: all NULL, nothing is said. UTF-8. */
struct troth_lan_card {
	const char *nick;
	const char *first; /* 1st= */
	const char *last;
	const char *email; /* may be several, separated by a space */
	const char *jid;   /* likewise */
	const char *msg;   /* cut at a character where it is too long */
	const char *node;  /* XEP-0115: node, hash and ver go together */
	const char *hash;
	const char *ver;
	bool say_status; /* whether status is published at all */
	enum troth_lan_status status;
	bool say_port; /* port.p2pj, for old clients; the same as in SRV */
	/* PROTOCOL 11: the tags of this hour; NULL for none at all. Random ones fill up to
	 * 8, 16, 32 or 64, and stay as they are until tags_hour changes, so that what
	 * changes in between doesn't tell the real ones from the others. */
	const struct troth_lan_tag *tags;
	size_t tag_count;  /* at most TROTH_LAN_TAGS_MAX */
	int64_t tags_hour; /* Unix time / 3600 */
};

struct troth_lan_profile {
	const char *user;    /* UTF-8 without '@' and control characters */
	const char *machine; /* ASCII letters, digits, inner '-' */
	uint16_t port;
	struct troth_lan_card card;
};

#define TROTH_LAN_RANDOM_NAME 16

/* Effect: fresh pronounceable random names that say nothing about anybody. */
int troth_lan_random_name(char user[TROTH_LAN_RANDOM_NAME],
			  char machine[TROTH_LAN_RANDOM_NAME]) TROTH_MUST_USE;

/* Effect: announces, replacing what was announced before; everything is copied.
 * own_name follows after one or two seconds. The SRV record points to
 * "<machine>.local" with records of its own, never to this machine's real name,
 * unless machine is that name.
 * Errors: TROTH_E_FORMAT for a name that can't be announced (user and machine together
 * hold at most 56 bytes), TROTH_E_INVAL for port 0, TROTH_E_LIMIT for a card over 1200
 * bytes, TROTH_E_NOMEM, TROTH_E_IO. */
int troth_lan_announce(struct troth_lan *lan,
		       const struct troth_lan_profile *profile) TROTH_MUST_USE;

/* Effect: replaces the card of what is announced, without a new registration. Call it
 * for every change of status, and every hour with new tags.
 * Errors: TROTH_E_INVAL when nothing is announced, otherwise as above; on error the old
 * card stands. */
int troth_lan_update(struct troth_lan *lan, const struct troth_lan_card *card) TROTH_MUST_USE;

/* Effect: says goodbye. done (may be NULL) is called once, when the goodbye has left
 * this process, so that a program can end. Without an announcement it comes as well. */
int troth_lan_withdraw(struct troth_lan *lan, void (*done)(void *user), void *user) TROTH_MUST_USE;

/* Effect: starts to browse; found follows for those who are there. Twice is fine. */
int troth_lan_browse(struct troth_lan *lan) TROTH_MUST_USE;

#define TROTH_LAN_ADDRESSES_MAX 32

/* Where an entity listens now. Each address holds the port; fe80:: ones their scope.
 * In the order in which to try them: the families take turns. */
struct troth_lan_addresses {
	uint16_t port; /* of the first */
	size_t count;
	struct sockaddr_storage at[TROTH_LAN_ADDRESSES_MAX];
};

/* XEP-0174 11.1: "SHOULD delay sending the Multicast DNS query until the client is ready to
 * communicate": nothing is remembered between two calls.
 * Effect: asks for name (as in an entity). found is called once, with at least one
 * address; the resolve has ended then and *out is invalid. Never called when there is
 * no answer: the caller sets the time and cancels. addresses is borrowed for the call. */
int troth_lan_resolve(struct troth_lan *lan, const char *name,
		      void (*found)(void *user, const struct troth_lan_addresses *addresses),
		      void *user, struct troth_lan_resolve **out) TROTH_MUST_USE;
void troth_lan_resolve_cancel(struct troth_lan_resolve *resolve);

#endif
