/* SPDX-License-Identifier: MIT */
/*
 * Builds one stanza's tree from the parser's events. Layer: xml.
 * It trusts the parser that names and text are well-formed, and enforces the
 * limits of depth, attributes and memory.
 */
#ifndef TROTH_XML_BUILDER_H
#define TROTH_XML_BUILDER_H

#include "xml/element.h"
#include "xml/reader.h"

/* Between namespace and name in what expat reports; XML can't contain it. */
#define TROTH_XML_SEPARATOR '\x01'

/* Members are private. */
struct troth_builder {
	struct troth_xml_limits limits;
	struct troth_stanza *stanza; /* NULL between stanzas */
	struct troth_element *open;
	size_t depth;
	struct troth_buf text; /* direct text of `open` since its last child */
	const char *ns[16];    /* namespaces seen last: most elements share a few */
	size_t next_ns;
};

void troth_builder_init(struct troth_builder *b, const struct troth_xml_limits *limits);
/* Effect: from the next stanza on these are the limits. */
void troth_builder_raise(struct troth_builder *b, const struct troth_xml_limits *limits);
void troth_builder_fini(struct troth_builder *b);

/* Effect: opens an element inside the open one, or the stanza's own. name and attrs
 * as expat gives them; declared counts the namespace declarations beside them. */
int troth_builder_open(struct troth_builder *b, const char *name, const char **attrs,
		       size_t declared) TROTH_MUST_USE;
int troth_builder_text(struct troth_builder *b, const char *text, size_t len) TROTH_MUST_USE;
int troth_builder_close(struct troth_builder *b) TROTH_MUST_USE;

/* True inside an element. */
bool troth_builder_busy(const struct troth_builder *b);
/* Effect: moves the finished stanza to the caller. */
struct troth_stanza *troth_builder_take(struct troth_builder *b);

#endif
