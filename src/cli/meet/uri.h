/* SPDX-License-Identifier: MIT */
/*
 * Links by which a device is met (docs/protocol.md, "Links"): xmpp: URIs (RFC 5122) that say who it
 * is, which key it has, and on a label the secret. Layer: cli. Pure.
 */
#ifndef TROTH_CLI_MEET_URI_H
#define TROTH_CLI_MEET_URI_H

#include <stdbool.h>
#include <troth/bytes.h>
#include <troth/key.h>

#define TROTH_URI_MAX 2048
#define TROTH_URI_ADDRESS 256
#define TROTH_URI_SECRET 257

/* Texts are empty where nothing is said. May hold a secret: troth_uri_fini wipes it. */
struct troth_uri {
	char jid[TROTH_URI_ADDRESS];  /* an account */
	char name[TROTH_URI_ADDRESS]; /* on the link: "user@machine" */
	char secret[TROTH_URI_SECRET];
	bool has_pin;
	struct troth_pin pin; /* of the device key */
};

/* Whether it is one, whatever it says. */
bool troth_uri_is(struct troth_slice text);
/* Effect: reads one. Errors: TROTH_E_FORMAT for what isn't a link of ours: another query, an
 * authority, something twice, a damaged fingerprint; TROTH_E_LIMIT. Keys that aren't known are
 * passed over. */
int troth_uri_read(struct troth_uri *out, struct troth_slice text) TROTH_MUST_USE;
/* Effect: appends it; a jid or a name is needed. Errors: TROTH_E_INVAL, those of buffers. */
int troth_uri_write(const struct troth_uri *uri, struct troth_buf *out) TROTH_MUST_USE;
void troth_uri_fini(struct troth_uri *uri);

#endif
