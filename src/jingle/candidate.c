/* SPDX-License-Identifier: MIT */
/* Candidates of XEP-0260. Layer: jingle. */
#include "jingle/candidate.h"

#include "base/encode.h"
#include "base/slice.h"
#include "jingle/read.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <troth/err.h>

/* The port of SOCKS5, where none is given (RFC 1928). */
#define SOCKS5_PORT 1080

static const struct {
	const char *name;
	uint32_t preference;
} types[] = {
#define TYPE(symbol, name, preference) [TROTH_JINGLE_##symbol] = {(name), (preference)},
	TROTH_JINGLE_CANDIDATE_TYPES(TYPE)
#undef TYPE
};

uint32_t troth_jingle_priority(enum troth_jingle_candidate_type type, uint16_t local)
{
	/* XEP-0260 2.2: "priority = (2^16)*(type preference) + (local preference)" */
	return (types[type].preference << 16) + local;
}

/* The strings of a candidate lie in one piece, which begins with its cid. */
static void forget(struct troth_jingle_candidate *c)
{
	free((char *)c->cid);
	*c = (struct troth_jingle_candidate){0};
}

void troth_candidates_fini(struct troth_candidates *all)
{
	for (size_t i = 0; i < all->count; i++)
		forget(&all->list[i]);
	*all = (struct troth_candidates){0};
}

bool troth_jingle_is_host(const char *host)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.:-_";
	size_t len = strlen(host);
	return len > 0 && len < TROTH_LIMIT_JINGLE_TEXT && host[0] != '-' &&
	       strspn(host, allowed) == len;
}

static bool is_valid(const struct troth_jingle_candidate *c)
{
	return troth_jingle_is_text(c->cid) && c->host != NULL && troth_jingle_is_host(c->host) &&
	       c->jid != NULL && c->port != 0 && c->priority > 0 && c->priority <= INT32_MAX &&
	       (size_t)c->type < sizeof types / sizeof *types;
}

static int copy(struct troth_jingle_candidate *out, const struct troth_jingle_candidate *from)
{
	struct troth_address *jid;
	int err = troth_address_new(&jid, TROTH_REALM_SERVER, from->jid);
	if (err != TROTH_OK)
		return err == TROTH_E_NOMEM ? err : TROTH_E_FORMAT;
	const char *full = troth_address_full(jid);
	size_t cid = strlen(from->cid) + 1;
	size_t host = strlen(from->host) + 1;
	char *text = malloc(cid + host + strlen(full) + 1);
	if (text != NULL) {
		*out = *from;
		out->cid = memcpy(text, from->cid, cid);
		out->host = memcpy(text + cid, from->host, host);
		out->jid = strcpy(text + cid + host, full);
	}
	troth_address_free(jid);
	return text == NULL ? TROTH_E_NOMEM : TROTH_OK;
}

/* Puts it in its place behind those that were told; the order of equals stays. */
static void insert(struct troth_candidates *all, struct troth_jingle_candidate *c)
{
	size_t at = all->told;
	while (at < all->count && all->list[at].priority >= c->priority)
		at++;
	if (at == TROTH_LIMIT_JINGLE_CANDIDATES) {
		forget(c);
		return;
	}
	if (all->count == TROTH_LIMIT_JINGLE_CANDIDATES)
		forget(&all->list[--all->count]);
	const size_t behind = all->count - at;
	memmove(&all->list[at + 1], &all->list[at], behind * sizeof *all->list);
	memmove(&all->failed[at + 1], &all->failed[at], behind * sizeof *all->failed);
	all->list[at] = *c;
	all->failed[at] = false;
	all->count++;
}

int troth_candidates_add(struct troth_candidates *all,
			 const struct troth_jingle_candidate *candidate)
{
	struct troth_jingle_candidate c;
	size_t index;
	if (!is_valid(candidate))
		return TROTH_E_FORMAT;
	if (troth_candidates_find(all, candidate->cid, &index))
		return TROTH_E_EXISTS;
	int err = copy(&c, candidate);
	if (err == TROTH_OK)
		insert(all, &c);
	return err;
}

static bool read_type(enum troth_jingle_candidate_type *out, const char *name)
{
	*out = TROTH_JINGLE_DIRECT; /* XEP-0260, schema: the default */
	for (size_t i = 0; name != NULL && i < sizeof types / sizeof *types; i++) {
		if (strcmp(types[i].name, name) == 0) {
			*out = (enum troth_jingle_candidate_type)i;
			return true;
		}
	}
	return name == NULL;
}

static int read_one(struct troth_candidates *all, const struct troth_element *e)
{
	struct troth_jingle_candidate c = {
		.cid = troth_element_attr(e, "cid"),
		.host = troth_element_attr(e, "host"),
		.jid = troth_element_attr(e, "jid"),
	};
	uint32_t port = SOCKS5_PORT;
	const char *given = troth_element_attr(e, "port");
	if (!read_type(&c.type, troth_element_attr(e, "type")))
		return TROTH_OK;
	if (given != NULL && !troth_jingle_number(&port, given, UINT16_MAX))
		return TROTH_E_FORMAT;
	if (!troth_jingle_number(&c.priority, troth_element_attr(e, "priority"), INT32_MAX))
		return TROTH_E_FORMAT;
	c.port = (uint16_t)port;
	return troth_candidates_add(all, &c);
}

int troth_candidates_read(struct troth_candidates *all, const struct troth_element *transport)
{
	const struct troth_element *e = troth_element_first(transport);
	int err = TROTH_OK;
	for (; e != NULL && err == TROTH_OK; e = troth_element_next(e))
		if (troth_element_is(e, troth_element_ns(transport), "candidate"))
			err = read_one(all, e);
	return err;
}

static void write_number(struct troth_writer *w, const char *name, uint32_t value)
{
	char text[16];
	(void)snprintf(text, sizeof text, "%u", value);
	troth_writer_attr(w, name, text);
}

void troth_candidates_write(const struct troth_candidates *all, struct troth_writer *w)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct troth_jingle_candidate *c = &all->list[i];
		troth_writer_open(w, TROTH_NS_JINGLE_S5B, "candidate");
		troth_writer_attr(w, "cid", c->cid);
		troth_writer_attr(w, "host", c->host);
		troth_writer_attr(w, "jid", c->jid);
		write_number(w, "port", c->port);
		write_number(w, "priority", c->priority);
		troth_writer_attr(w, "type", types[c->type].name);
		troth_writer_close(w);
	}
}

bool troth_candidates_find(const struct troth_candidates *all, const char *cid, size_t *index)
{
	for (size_t i = 0; cid != NULL && i < all->count; i++) {
		if (strcmp(all->list[i].cid, cid) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

bool troth_candidates_have_place(const struct troth_candidates *all,
				 const struct troth_jingle_candidate *candidate)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].port == candidate->port &&
		    strcasecmp(all->list[i].host, candidate->host) == 0)
			return true;
	return false;
}

bool troth_candidates_left(const struct troth_candidates *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (!all->failed[i])
			return true;
	return false;
}

void troth_candidates_abandon(struct troth_candidates *all, uint32_t priority)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].priority < priority)
			all->failed[i] = true;
}

int troth_dstaddr_make(char out[TROTH_DSTADDR_SIZE], const char *sid, const char *requester,
		       const char *target)
{
	uint8_t digest[TROTH_SHA1_LEN];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) text;
	troth_buf_init(&text, SIZE_MAX);
	int err = troth_buf_append_str(&text, sid);
	if (err == TROTH_OK)
		err = troth_buf_append_str(&text, requester);
	if (err == TROTH_OK)
		err = troth_buf_append_str(&text, target);
	if (err == TROTH_OK)
		err = troth_sha1(digest, troth_buf_slice(&text));
	if (err == TROTH_OK)
		troth_hex(out, troth_slice_of(digest, sizeof digest));
	return err;
}
