/* SPDX-License-Identifier: MIT */
/*
 * What a device asks of a CA and hands to its jobs: requests, chains, proxy certificates.
 * Layer: keys. Makes and reads bytes; keeps and decides nothing.
 */
#ifndef TROTH_KEYS_ISSUE_H
#define TROTH_KEYS_ISSUE_H

#include <troth/key.h>

/* Effect: appends a request for a certificate (PKCS #10, PEM) for the device's key, with the JID
 * as XmppAddr and xmpp: URI. Errors: TROTH_E_INVAL when that isn't an address. */
int troth_device_csr(const struct troth_device *device, const char *jid,
		     struct troth_buf *out) TROTH_MUST_USE;

/* Effect: appends `pem`, a device as troth_device_write wrote it, with another chain: the
 * certificates in `chain` (PEM), that for the device's key first. The key passes as it is,
 * encrypted or not. An empty chain: none. Errors: TROTH_E_CERT when none is for that key,
 * TROTH_E_FORMAT, TROTH_E_LIMIT for too many. */
int troth_device_rechain(struct troth_buf *out, struct troth_slice pem,
			 struct troth_slice chain) TROTH_MUST_USE;

struct troth_delegation {
	int64_t now;     /* seconds since 1970 */
	int64_t seconds; /* how long it lasts; never longer than what the owner shows */
	int path_length; /* how many more may be made of it; -1: as many as the owner's allows */
};

/* Effect: a new device that acts for `owner` (RFC 3820): a key of its own, a proxy certificate
 * signed by the owner's key, and the owner's chain behind it. Errors: TROTH_E_REFUSED when the
 * owner is a proxy that may make no further ones, TROTH_E_INVAL. */
int troth_device_delegate(struct troth_device **out, const struct troth_device *owner,
			  const struct troth_delegation *terms) TROTH_MUST_USE;

#endif
