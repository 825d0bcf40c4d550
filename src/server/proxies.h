/* SPDX-License-Identifier: MIT */
/*
 * The SOCKS5 proxies of our own server (XEP-0065 5, "Discovering Proxies"): asked for whenever the
 * account comes up. Layer: server. Whoever runs a proxy sees who talks to whom and how much, and
 * can cut it: nothing else.
 */
#ifndef TROTH_SERVER_PROXIES_H
#define TROTH_SERVER_PROXIES_H

#include "server/account.h"

#define TROTH_PROXIES_MAX 4

struct troth_proxy {
	char *jid;
	char *host;
	uint16_t port;
};

struct troth_proxies;

/* Effect: listens to the account. `ready` is called when all answers have come or been waited for;
 * again after each `up`. */
int troth_proxies_new(struct troth_proxies **out, struct troth_account *account,
		      void (*ready)(void *user), void *user) TROTH_MUST_USE;
/* Effect: after the account's end only. NULL is fine. */
void troth_proxies_free(struct troth_proxies *p);

/* Whether nothing is being asked any more. */
bool troth_proxies_are_known(const struct troth_proxies *p);
/* Borrowed until the loop is back. */
const struct troth_proxy *troth_proxies_get(const struct troth_proxies *p, size_t *count);

#endif
