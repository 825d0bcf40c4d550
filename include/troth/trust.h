/* SPDX-License-Identifier: MIT */
/*
 * Levels of trust and methods of proof: the words that every surface shows.
 */
#ifndef TROTH_TRUST_H
#define TROTH_TRUST_H

#include <stdbool.h>
#include <troth/api.h>

TROTH_API_BEGIN

/* In this order. Nothing is ever shown as more than it is. */
enum troth_level {
	TROTH_LEVEL_PLAIN,      /* not encrypted, not authenticated */
	TROTH_LEVEL_UNVERIFIED, /* encrypted; with whom isn't known */
	TROTH_LEVEL_VOUCHED,    /* a contact of ours says who it is */
	TROTH_LEVEL_VERIFIED    /* proven by a key or a secret that we hold */
};

/* How a stream is authenticated; the order is that of docs/protocol.md, "Offer". */
enum troth_method {
	TROTH_METHOD_NONE,
	TROTH_METHOD_KEY,      /* a device key that is pinned or vouched for */
	TROTH_METHOD_PAKE,     /* a shared secret, inside TLS 1.3 */
	TROTH_METHOD_SRP,      /* a shared secret, by TLS-SRP (RFC 5054) */
	TROTH_METHOD_INSECURE, /* a certificate that nobody could verify yet */
	TROTH_METHOD_PLAIN     /* no TLS at all */
};

/* "verified", "key", ...: stable words for programs. Static strings. */
const char *troth_level_name(enum troth_level level);
const char *troth_method_name(enum troth_method method);

/* What a level means, for people: "encrypted and authenticated", ... */
const char *troth_level_text(enum troth_level level);

TROTH_API_END

#endif
