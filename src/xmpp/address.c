/* SPDX-License-Identifier: MIT */
/*
 * Addresses. Layer: xmpp. They are hints (only keys prove anything), but two that look
 * the same to a program must be the same: so preparation is strict and comes first.
 */
#include "base/limits.h"
#include "base/slice.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>
#include <troth/address.h>
#include <troth/err.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* An instance name is one DNS label, so 63 bytes; peers exist that don't count. */
#define INSTANCE_BYTES 255
/* Room for a part while it is prepared: NFKC lengthens. */
#define PREPARE_BYTES (4 * TROTH_LIMIT_JID_PART)

struct troth_address {
	enum troth_realm realm;
	char *full;
	char *bare;
	const char *resource; /* inside full, or NULL */
};

static int keep(struct troth_address **out, enum troth_realm realm, const char *bare,
		const char *resource)
{
	struct troth_address *a = calloc(1, sizeof *a);
	if (a == NULL)
		return TROTH_E_NOMEM;
	size_t bare_len = strlen(bare);
	size_t len = bare_len + (resource == NULL ? 0 : 1 + strlen(resource));
	a->realm = realm;
	a->bare = strdup(bare);
	a->full = malloc(len + 1);
	if (a->bare == NULL || a->full == NULL) {
		troth_address_free(a);
		return TROTH_E_NOMEM;
	}
	char *end = stpcpy(a->full, bare);
	if (resource != NULL) {
		*end++ = '/';
		strcpy(end, resource);
		a->resource = end;
	}
	*out = a;
	return TROTH_OK;
}

void troth_address_free(struct troth_address *address)
{
	if (address == NULL)
		return;
	free(address->full);
	free(address->bare);
	free(address);
}

/* Characters without a look, or that end a line: two addresses could look the same.
 * The profiles forbid those of Unicode 3.2 only; RFC 7622 forbids them all. */
static bool has_hidden(const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	ucs4_t c;
	while ((at = u8_next(&c, at)) != NULL)
		if (uc_is_general_category(c, UC_CATEGORY_C) &&
		    !uc_is_general_category(c, UC_CATEGORY_Cn))
			return true;
		else if (uc_is_general_category(c, UC_CATEGORY_Zl) ||
			 uc_is_general_category(c, UC_CATEGORY_Zp))
			return true;
	return false;
}

/* One part of a JID through its profile. out holds PREPARE_BYTES. */
static int prepare(char *out, struct troth_slice part, const Stringprep_profile *profile)
{
	if (part.len == 0)
		return TROTH_E_FORMAT;
	if (part.len > TROTH_LIMIT_JID_PART)
		return TROTH_E_LIMIT;
	memcpy(out, part.data, part.len);
	out[part.len] = 0;
	int rc = stringprep(out, PREPARE_BYTES, 0, profile);
	if (rc == STRINGPREP_TOO_SMALL_BUFFER)
		return TROTH_E_LIMIT;
	if (rc == STRINGPREP_MALLOC_ERROR)
		return TROTH_E_NOMEM;
	if (rc != STRINGPREP_OK || out[0] == 0 || has_hidden(out))
		return TROTH_E_FORMAT;
	return strlen(out) > TROTH_LIMIT_JID_PART ? TROTH_E_LIMIT : TROTH_OK;
}

/* RFC 6122 2.2: an IPv6 address stands in brackets. Writes its one canonical form. */
static int prepare_ipv6(char *out, struct troth_slice part)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ip;
	if (part.len < 4 || part.len - 2 >= sizeof text || part.data[part.len - 1] != ']')
		return TROTH_E_FORMAT;
	memcpy(text, part.data + 1, part.len - 2);
	text[part.len - 2] = 0;
	if (inet_pton(AF_INET6, text, &ip) != 1 ||
	    inet_ntop(AF_INET6, &ip, text, sizeof text) == NULL)
		return TROTH_E_FORMAT;
	strcpy(stpcpy(stpcpy(out, "["), text), "]");
	return TROTH_OK;
}

/* What ASCII a host name has. Preparation turns look-alikes of '@' and '/' into them:
 * this stands after it. '_' is no host's by the letter, and many hosts have it. */
static bool is_host_name(const char *name)
{
	size_t label = 0;
	for (const char *c = name; *c != 0; c++) {
		if (*c == '.' ? label == 0
			      : (signed char)*c > 0 &&
					strspn(c, "abcdefghijklmnopqrstuvwxyz0123456789-_") == 0)
			return false;
		label = *c == '.' ? 0 : label + 1;
	}
	/* An ideographic full stop would be another way to write a dot. */
	return label > 0 && strstr(name, "\xe3\x80\x82") == NULL;
}

static int prepare_domain(char *out, struct troth_slice part)
{
	if (part.len > 0 && part.data[0] == '[')
		return prepare_ipv6(out, part);
	int err = prepare(out, part, stringprep_nameprep);
	if (err != TROTH_OK)
		return err;
	/* RFC 7622 3.2: a final dot is removed before anything else is done with it. */
	size_t len = strlen(out);
	if (out[len - 1] == '.')
		out[len - 1] = 0;
	return is_host_name(out) ? TROTH_OK : TROTH_E_FORMAT;
}

static int parse_jid(struct troth_address **out, struct troth_slice text)
{
	char bare[2 * PREPARE_BYTES + 2];
	char resource[PREPARE_BYTES];
	char *domain_at = bare;
	struct troth_slice host = text;
	int err = TROTH_OK;
	/* RFC 7622 3.1: the first '/' begins the resource, then the first '@' ends the
	 * local part. */
	const uint8_t *slash = memchr(text.data, '/', text.len);
	if (slash != NULL)
		host.len = (size_t)(slash - text.data);
	const uint8_t *at = memchr(host.data, '@', host.len);
	if (at != NULL) {
		size_t local = (size_t)(at - host.data);
		err = prepare(bare, troth_slice_of(host.data, local), stringprep_xmpp_nodeprep);
		if (err != TROTH_OK)
			return err;
		domain_at = stpcpy(bare + strlen(bare), "@");
		host = troth_slice_of(at + 1, host.len - local - 1);
	}
	err = prepare_domain(domain_at, host);
	if (err == TROTH_OK && slash != NULL) {
		size_t before = (size_t)(slash - text.data) + 1;
		err = prepare(resource, troth_slice_of(slash + 1, text.len - before),
			      stringprep_xmpp_resourceprep);
	}
	if (err != TROTH_OK)
		return err;
	return keep(out, TROTH_REALM_SERVER, bare, slash == NULL ? NULL : resource);
}

/* XEP-0174 9: the "machine" portion "MUST NOT contain characters outside the US-ASCII
 * character range". */
static bool is_instance(const char *name)
{
	const char *at = strrchr(name, '@');
	const char *machine = at == NULL ? name : at + 1;
	if (at == name || machine[0] == 0 || strchr(name, '/') != NULL)
		return false;
	for (const char *c = machine; *c != 0; c++)
		if ((signed char)*c <= ' ' || *c == 0x7f)
			return false;
	for (const uint8_t *c = (const uint8_t *)name; c != NULL && *c != 0;) {
		ucs4_t u;
		c = u8_next(&u, c);
		if (uc_is_general_category(u, UC_CATEGORY_Cc) ||
		    uc_is_general_category(u, UC_CATEGORY_Zl) ||
		    uc_is_general_category(u, UC_CATEGORY_Zp))
			return false;
	}
	return true;
}

static int parse_instance(struct troth_address **out, struct troth_slice text)
{
	if (text.len > INSTANCE_BYTES)
		return TROTH_E_LIMIT;
	size_t len = 0;
	uint8_t *nfc = u8_normalize(UNINORM_NFC, text.data, text.len + 1, NULL, &len);
	if (nfc == NULL)
		return TROTH_E_NOMEM;
	int err = TROTH_E_LIMIT;
	if (len <= INSTANCE_BYTES + 1) {
		const char *name = (const char *)nfc;
		err = is_instance(name) ? keep(out, TROTH_REALM_LINK, name, NULL) : TROTH_E_FORMAT;
	}
	free(nfc);
	return err;
}

int troth_address_new(struct troth_address **out, enum troth_realm realm, const char *text)
{
	struct troth_slice s = troth_slice_str(text);
	if (s.len > 3 * TROTH_LIMIT_JID_PART + 2)
		return TROTH_E_LIMIT;
	if (s.len == 0 || u8_check(s.data, s.len) != NULL)
		return TROTH_E_FORMAT;
	switch (realm) {
	case TROTH_REALM_LINK:
		return parse_instance(out, s);
	case TROTH_REALM_SERVER:
		return parse_jid(out, s);
	}
	return TROTH_E_INVAL;
}

int troth_address_copy(struct troth_address **out, const struct troth_address *from)
{
	return keep(out, from->realm, from->bare, from->resource);
}

enum troth_realm troth_address_realm(const struct troth_address *address)
{
	return address->realm;
}

const char *troth_address_full(const struct troth_address *address)
{
	return address->full;
}

const char *troth_address_bare(const struct troth_address *address)
{
	return address->bare;
}

const char *troth_address_resource(const struct troth_address *address)
{
	return address->resource;
}

bool troth_address_same(const struct troth_address *a, const struct troth_address *b)
{
	return a != NULL && b != NULL && a->realm == b->realm && strcmp(a->full, b->full) == 0;
}

bool troth_address_same_bare(const struct troth_address *a, const struct troth_address *b)
{
	return a != NULL && b != NULL && a->realm == b->realm && strcmp(a->bare, b->bare) == 0;
}
