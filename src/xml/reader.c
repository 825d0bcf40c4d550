/* SPDX-License-Identifier: MIT */
/*
 * The XML reader on expat. Layer: xml.
 *
 * The parser is suspended at the end of every item, so that nothing behind it is
 * looked at before the caller has judged it; and it never gets more bytes of an
 * item than the limit, so that limit and error don't depend on how input was cut.
 */
#include "xml/reader.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"
#include "xml/builder.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <troth/err.h>

/* Namespaces are names: a long one has no use, but is copied for every attribute. */
#define NAMESPACE_BYTES 1024

/* Expat scans an unfinished tag again from its start with each piece that arrives:
 * work that grows with the square. What it costs is limited per item, so that a peer
 * can't buy seconds with single bytes; a tag of 256 KiB in pieces of 128 bytes passes. */
#define RESCAN_PER_BYTE 1024
#define RESCAN_LEAST ((uint64_t)256 * 1024 * 1024)

/* Expat since 2.6.0, and older ones that distributions have patched, put off looking
 * at an unfinished tag; the end of an item would be seen late. Patched ones have the
 * switch without declaring it, so it is found when the program is loaded. */
extern XML_Bool XML_SetReparseDeferralEnabled(XML_Parser, XML_Bool) __attribute__((weak));

struct troth_xml_reader {
	XML_Parser parser;
	struct troth_xml_limits limits;
	struct troth_builder builder;
	struct troth_buf queue; /* fed, not yet handed to expat */
	char *content_ns;       /* declared on the root that is about to open */
	size_t declared;        /* namespaces declared on the element about to open */
	bool in_root;
	bool suspended;
	bool restricted;
	bool ended;  /* the root's end was seen */
	bool closed; /* and waits to be returned */
	enum troth_xml_kind ready_kind;
	struct troth_stanza *ready;
	uint64_t fed;
	uint64_t handed;   /* bytes that expat has got */
	uint64_t position; /* end of the event that expat reported last */
	uint64_t item_start;
	uint64_t offset;
	uint64_t rescanned;
	int err;
};

static void fail(struct troth_xml_reader *r, int err)
{
	if (r->err == TROTH_OK)
		r->err = err;
	(void)XML_StopParser(r->parser, XML_FALSE); /* fails only when stopped already */
}

/* Moves position to the end of the current event. Expat counts in a long; only the
 * difference is used, so that a wrapped counter does no harm. */
static void advance(struct troth_xml_reader *r)
{
	unsigned long now = (unsigned long)XML_GetCurrentByteIndex(r->parser) +
			    (unsigned long)XML_GetCurrentByteCount(r->parser);
	r->position += now - (unsigned long)r->position;
}

static void item_ends(struct troth_xml_reader *r)
{
	advance(r);
	r->item_start = r->position;
	r->rescanned = 0;
	if (!r->suspended)
		(void)XML_StopParser(r->parser, XML_TRUE); /* fails only when stopped already */
	r->suspended = true;
}

static void root_opens(struct troth_xml_reader *r)
{
	int err = troth_builder_close(&r->builder);
	if (err != TROTH_OK) {
		fail(r, err);
		return;
	}
	r->ready = troth_builder_take(&r->builder);
	r->ready_kind = TROTH_XML_OPEN;
	r->in_root = true;
	if (r->content_ns != NULL) {
		const char *ns =
			troth_arena_text(&r->ready->arena, r->content_ns, strlen(r->content_ns));
		if (ns == NULL) {
			fail(r, troth_arena_error(&r->ready->arena));
			return;
		}
		r->ready->content_ns = ns;
	}
	item_ends(r);
}

static void XMLCALL on_start(void *user, const char *name, const char **attrs)
{
	struct troth_xml_reader *r = user;
	if (r->err != TROTH_OK)
		return;
	size_t declared = r->declared;
	r->declared = 0;
	int err = troth_builder_open(&r->builder, name, attrs, declared);
	if (err != TROTH_OK)
		fail(r, err);
	else if (!r->in_root)
		root_opens(r);
}

static void XMLCALL on_end(void *user, const char *name)
{
	struct troth_xml_reader *r = user;
	(void)name;
	if (r->err != TROTH_OK)
		return;
	if (!troth_builder_busy(&r->builder)) {
		r->ended = true;
		r->closed = true;
		item_ends(r);
		return;
	}
	int err = troth_builder_close(&r->builder);
	if (err != TROTH_OK) {
		fail(r, err);
	} else if (!troth_builder_busy(&r->builder)) {
		r->ready = troth_builder_take(&r->builder);
		r->ready_kind = TROTH_XML_ELEMENT;
		item_ends(r);
	}
}

static void XMLCALL on_text(void *user, const char *text, int len)
{
	struct troth_xml_reader *r = user;
	if (r->err != TROTH_OK)
		return;
	if (troth_builder_busy(&r->builder)) {
		int err = troth_builder_text(&r->builder, text, (size_t)len);
		if (err != TROTH_OK)
			fail(r, err);
		return;
	}
	/* RFC 6120 4.6.1: white space between stanzas keeps the connection alive. */
	for (int i = 0; i < len; i++)
		if (strchr(" \t\r\n", text[i]) == NULL) {
			fail(r, TROTH_E_XML);
			return;
		}
	advance(r);
	r->item_start = r->position;
	r->rescanned = 0;
}

static void XMLCALL on_namespace(void *user, const char *prefix, const char *uri)
{
	struct troth_xml_reader *r = user;
	if (r->err != TROTH_OK)
		return;
	r->declared++;
	if (uri != NULL && strlen(uri) > NAMESPACE_BYTES) {
		fail(r, TROTH_E_LIMIT);
		return;
	}
	if (r->in_root || prefix != NULL || uri == NULL)
		return;
	free(r->content_ns);
	r->content_ns = strdup(uri);
	if (r->content_ns == NULL)
		fail(r, TROTH_E_NOMEM);
}

/* RFC 6120 11.1 keeps out of a stream: comments, processing instructions, DTD subsets,
 * and references to entities other than the five predefined ones. */
static void forbid(struct troth_xml_reader *r)
{
	if (r->err != TROTH_OK)
		return;
	r->restricted = true;
	fail(r, TROTH_E_XML);
}

static void XMLCALL on_comment(void *user, const char *text)
{
	(void)text;
	forbid(user);
}

static void XMLCALL on_instruction(void *user, const char *target, const char *data)
{
	(void)target;
	(void)data;
	forbid(user);
}

static void XMLCALL on_doctype(void *user, const char *name, const char *sysid, const char *pubid,
			       int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	forbid(user);
}

static void XMLCALL on_declaration(void *user, const char *version, const char *encoding,
				   int standalone)
{
	struct troth_xml_reader *r = user;
	(void)standalone;
	if (r->err != TROTH_OK)
		return;
	/* RFC 6120 11.6: "Implementations MUST support the UTF-8 [...] transformation" and
	 * "MUST NOT attempt to use any other encoding". */
	if (version == NULL || strcmp(version, "1.0") != 0 ||
	    (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0))
		fail(r, TROTH_E_XML);
}

static void set_handlers(struct troth_xml_reader *r)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartNamespaceDeclHandler(r->parser, on_namespace);
	XML_SetCommentHandler(r->parser, on_comment);
	XML_SetProcessingInstructionHandler(r->parser, on_instruction);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetXmlDeclHandler(r->parser, on_declaration);
	if (XML_SetReparseDeferralEnabled != NULL)
		(void)XML_SetReparseDeferralEnabled(r->parser, XML_FALSE);
}

static size_t queue_max(const struct troth_xml_limits *limits)
{
	return limits->bytes > SIZE_MAX - TROTH_LIMIT_INPUT_BYTES
		       ? SIZE_MAX
		       : limits->bytes + TROTH_LIMIT_INPUT_BYTES;
}

int troth_xml_reader_new(struct troth_xml_reader **out, const struct troth_xml_limits *limits)
{
	struct troth_xml_reader *r = calloc(1, sizeof *r);
	if (r == NULL)
		return TROTH_E_NOMEM;
	r->limits = *limits;
	troth_builder_init(&r->builder, limits);
	troth_buf_init(&r->queue, queue_max(limits));
	r->parser = XML_ParserCreateNS("UTF-8", TROTH_XML_SEPARATOR);
	if (r->parser == NULL) {
		troth_xml_reader_free(r);
		return TROTH_E_NOMEM;
	}
	set_handlers(r);
	*out = r;
	return TROTH_OK;
}

void troth_xml_reader_raise(struct troth_xml_reader *reader, const struct troth_xml_limits *limits)
{
	reader->limits = *limits;
	reader->queue.max = queue_max(limits);
	troth_builder_raise(&reader->builder, limits);
}

void troth_xml_reader_free(struct troth_xml_reader *reader)
{
	if (reader == NULL)
		return;
	XML_ParserFree(reader->parser);
	troth_builder_fini(&reader->builder);
	troth_buf_fini(&reader->queue);
	troth_stanza_free(reader->ready);
	free(reader->content_ns);
	free(reader);
}

int troth_xml_reader_feed(struct troth_xml_reader *reader, struct troth_slice bytes)
{
	if (reader->err == TROTH_OK)
		reader->err = troth_buf_append_slice(&reader->queue, bytes);
	if (reader->err == TROTH_OK)
		reader->fed += bytes.len;
	return reader->err;
}

void troth_xml_reader_relax(struct troth_xml_reader *reader)
{
	troth_buf_relax(&reader->queue, TROTH_LIMIT_IDLE_BYTES);
	troth_buf_relax(&reader->builder.text, TROTH_LIMIT_IDLE_BYTES);
}

/* Expat would take a byte order mark, or a NUL as second byte, for a sign of UTF-16.
 * RFC 6120 11.6 has no byte order mark in a stream, and UTF-8 text no NUL. */
static bool starts_well(const struct troth_xml_reader *r, struct troth_slice s)
{
	for (size_t i = 0; i < s.len && r->handed + i < 2; i++) {
		uint8_t byte = s.data[i];
		if (byte == 0 || (r->handed + i == 0 && strchr("< \t\r\n", byte) == NULL))
			return false;
	}
	return true;
}

static int parser_error(struct troth_xml_reader *r)
{
	switch ((int)XML_GetErrorCode(r->parser)) {
	case XML_ERROR_NO_MEMORY:
		return TROTH_E_NOMEM;
	case XML_ERROR_UNDEFINED_ENTITY:
		r->restricted = true;
		return TROTH_E_XML;
	default:
		return TROTH_E_XML;
	}
}

/* How much of the item's share the rescanning of unfinished tags has used up. */
static int charge(struct troth_xml_reader *r)
{
	unsigned long begin = (unsigned long)XML_GetCurrentByteIndex(r->parser);
	uint64_t allowed = (uint64_t)r->limits.bytes * RESCAN_PER_BYTE;
	r->rescanned += (unsigned long)r->handed - begin;
	if (allowed < RESCAN_LEAST)
		allowed = RESCAN_LEAST;
	return r->rescanned > allowed ? TROTH_E_LIMIT : TROTH_OK;
}

/* Hands expat what it may have. Returns with an item ready, an error, or the queue
 * shorter; `more` says that there was something to do. */
static int step(struct troth_xml_reader *r, bool *more)
{
	enum XML_Status status;
	*more = true;
	if (r->ended) {
		/* RFC 6120 4.4: after its closing tag a peer sends nothing more. What comes is
		 * dropped unread: where expat sees an error in it depends on how it is cut. */
		troth_buf_clear(&r->queue);
		*more = false;
		return TROTH_OK;
	}
	if (r->suspended) {
		r->suspended = false;
		status = XML_ResumeParser(r->parser);
	} else {
		struct troth_slice s = troth_buf_slice(&r->queue);
		uint64_t room = r->item_start + r->limits.bytes - r->handed;
		if (s.len == 0) {
			*more = false;
			return TROTH_OK;
		}
		if (room == 0)
			return TROTH_E_LIMIT;
		if (s.len > room)
			s.len = (size_t)room;
		if (s.len > INT_MAX)
			s.len = INT_MAX;
		if (!starts_well(r, s))
			return TROTH_E_XML;
		r->handed += s.len;
		status = XML_Parse(r->parser, (const char *)s.data, (int)s.len, XML_FALSE);
		troth_buf_consume(&r->queue, s.len);
	}
	if (r->err != TROTH_OK)
		return r->err;
	if (status == XML_STATUS_ERROR)
		return parser_error(r);
	return status == XML_STATUS_OK ? charge(r) : TROTH_OK;
}

static struct troth_xml_item take(struct troth_xml_reader *r)
{
	struct troth_xml_item item = {TROTH_XML_NONE, NULL};
	if (r->ready != NULL) {
		item = (struct troth_xml_item){r->ready_kind, r->ready};
		r->ready = NULL;
	} else if (r->closed) {
		r->closed = false;
		item.kind = TROTH_XML_CLOSE;
	}
	if (item.kind != TROTH_XML_NONE)
		r->offset = r->position;
	return item;
}

int troth_xml_reader_next(struct troth_xml_reader *reader, struct troth_xml_item *out)
{
	struct troth_xml_item item = {TROTH_XML_NONE, NULL};
	bool more = true;
	if (reader->err == TROTH_OK)
		item = take(reader);
	while (reader->err == TROTH_OK && item.kind == TROTH_XML_NONE && more) {
		reader->err = step(reader, &more);
		if (reader->err == TROTH_OK)
			item = take(reader);
	}
	if (reader->err == TROTH_OK)
		*out = item;
	return reader->err;
}

uint64_t troth_xml_reader_offset(const struct troth_xml_reader *reader)
{
	return reader->offset;
}

uint64_t troth_xml_reader_fed(const struct troth_xml_reader *reader)
{
	return reader->fed;
}

bool troth_xml_reader_restricted(const struct troth_xml_reader *reader)
{
	return reader->restricted;
}
