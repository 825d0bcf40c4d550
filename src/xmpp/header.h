/* SPDX-License-Identifier: MIT */
/*
 * The stream header (RFC 6120 4.7, XEP-0246): written and read. Layer: xmpp.
 * Whether its addresses are the right ones is judged above.
 */
#ifndef TROTH_XMPP_HEADER_H
#define TROTH_XMPP_HEADER_H

#include "xml/namespace.h"

#include <troth/xml.h>

enum troth_stream_version {
	TROTH_VERSION_NONE, /* no attribute: a peer from before XMPP 1.0, without features */
	TROTH_VERSION_1,    /* 1.x */
	TROTH_VERSION_OTHER /* anything else, also what is no version */
};

/* Each string may be NULL for an absent attribute. */
struct troth_stream_header {
	const char *from;
	const char *to;
	const char *id;
	const char *version;
};

/* Effect: appends XML declaration and header; all of it or nothing. version is
 * normally "1.0". Errors: TROTH_E_XML for text that XML can't carry, those of the buffer. */
int troth_header_write(struct troth_buf *out,
		       const struct troth_stream_header *header) TROTH_MUST_USE;

/* Effect: appends "</stream:stream>". */
int troth_header_write_end(struct troth_buf *out) TROTH_MUST_USE;

/* Effect: reads what the reader returned as TROTH_XML_OPEN; the strings are borrowed
 * from it. Errors: TROTH_E_PROTOCOL for another root element or content namespace,
 * which RFC 6120 4.9.3.10 answers with <invalid-namespace/>. */
int troth_header_read(struct troth_stream_header *out,
		      const struct troth_stanza *open) TROTH_MUST_USE;

enum troth_stream_version troth_header_version(const struct troth_stream_header *header);

#endif
