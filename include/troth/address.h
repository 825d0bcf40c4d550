/* SPDX-License-Identifier: MIT */
/*
 * Addresses: JIDs over a server (RFC 6122: nodeprep, nameprep, resourceprep), and
 * XEP-0174 instance names "user@machine" on a link, which are labels compared as
 * bytes after NFC and never prove anything.
 */
#ifndef TROTH_ADDRESS_H
#define TROTH_ADDRESS_H

#include <stdbool.h>
#include <troth/api.h>
#include <troth/bytes.h>

TROTH_API_BEGIN

enum troth_realm {
	TROTH_REALM_LINK,  /* XEP-0174: no resource; user@machine or machine */
	TROTH_REALM_SERVER /* a JID: [local@]domain[/resource] */
};

struct troth_address;

/* Effect: parses and prepares; the caller owns *out.
 * Errors: TROTH_E_FORMAT, TROTH_E_NOMEM, TROTH_E_LIMIT for a part over 1023 bytes. */
int troth_address_new(struct troth_address **out, enum troth_realm realm,
		      const char *text) TROTH_MUST_USE;
int troth_address_copy(struct troth_address **out, const struct troth_address *from) TROTH_MUST_USE;
void troth_address_free(struct troth_address *address);

enum troth_realm troth_address_realm(const struct troth_address *address);
/* The prepared text, whole and without resource; borrowed for the address's life. */
const char *troth_address_full(const struct troth_address *address);
const char *troth_address_bare(const struct troth_address *address);
/* The resource, or NULL. */
const char *troth_address_resource(const struct troth_address *address);

/* Whole, or without resources. Different realms are never the same. NULL equals nothing. */
bool troth_address_same(const struct troth_address *a, const struct troth_address *b);
bool troth_address_same_bare(const struct troth_address *a, const struct troth_address *b);

TROTH_API_END

#endif
