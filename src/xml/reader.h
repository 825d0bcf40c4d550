/* SPDX-License-Identifier: MIT */
/*
 * The XML reader: bytes of one stream in, its header, stanzas and end out.
 * Layer: xml. It knows XML as RFC 6120 section 11 restricts it and nothing of XMPP:
 * whether a header is a good header is judged above.
 *
 * What it returns doesn't depend on how the bytes were cut when they were fed.
 */
#ifndef TROTH_XML_READER_H
#define TROTH_XML_READER_H

#include <stdbool.h>
#include <stdint.h>
#include <troth/xml.h>

/* Numbers from base/limits.h. An item is a header or a stanza. */
struct troth_xml_limits {
	size_t bytes; /* per item */
	size_t depth; /* levels of an item; the item itself is the first */
	size_t attrs; /* per element, namespace declarations included */
};

enum troth_xml_kind {
	TROTH_XML_NONE,    /* more bytes are needed */
	TROTH_XML_OPEN,    /* the root's start tag, as an element without content */
	TROTH_XML_ELEMENT, /* a child of the root, complete */
	TROTH_XML_CLOSE    /* the root's end tag; whatever follows it is dropped */
};

struct troth_xml_item {
	enum troth_xml_kind kind;
	struct troth_stanza *stanza; /* OPEN and ELEMENT: the caller's to free; else NULL */
};

struct troth_xml_reader;

/* A stream that starts anew (after TLS) takes a new reader. limits is copied. */
int troth_xml_reader_new(struct troth_xml_reader **out,
			 const struct troth_xml_limits *limits) TROTH_MUST_USE;
void troth_xml_reader_free(struct troth_xml_reader *reader);

/* Effect: from the next item on these are the limits; none may be lower than before. */
void troth_xml_reader_raise(struct troth_xml_reader *reader, const struct troth_xml_limits *limits);

/* Effect: takes all the bytes; troth_xml_reader_next looks at them.
 * Errors: those of an earlier call again; TROTH_E_LIMIT when more than
 * TROTH_LIMIT_INPUT_BYTES beyond one item wait to be looked at; TROTH_E_NOMEM. */
int troth_xml_reader_feed(struct troth_xml_reader *reader, struct troth_slice bytes) TROTH_MUST_USE;

/* Effect: an idle reader keeps no large buffers (TROTH_LIMIT_IDLE_BYTES). */
void troth_xml_reader_relax(struct troth_xml_reader *reader);

/* Effect: writes the next item. Items before an error are returned before it.
 * Errors, final each: TROTH_E_XML for what isn't well-formed or is restricted,
 * TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_xml_reader_next(struct troth_xml_reader *reader,
			  struct troth_xml_item *out) TROTH_MUST_USE;

/* The number of bytes from the first one fed to the last one of the item that was
 * returned last, both included. 0 before the first item. */
uint64_t troth_xml_reader_offset(const struct troth_xml_reader *reader);

/* The number of bytes fed. What lies between the two was sent after the item. */
uint64_t troth_xml_reader_fed(const struct troth_xml_reader *reader);

/* After TROTH_E_XML: true when the XML is forbidden rather than broken, which is
 * the difference between <restricted-xml/> and <not-well-formed/>. */
bool troth_xml_reader_restricted(const struct troth_xml_reader *reader);

#endif
