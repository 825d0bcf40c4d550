/* SPDX-License-Identifier: MIT */
/*
 * The inside of an element, for those that build, copy and print trees.
 * Layer: xml. Everything lives in the arena of its stanza and never changes once
 * the stanza was handed out.
 */
#ifndef TROTH_XML_ELEMENT_H
#define TROTH_XML_ELEMENT_H

#include "xml/arena.h"
#include "xml/namespace.h"

#include <troth/xml.h>

struct troth_attr {
	const char *ns; /* "" for none */
	const char *name;
	const char *value;
};

/* Text and elements stand in one list, in the order in which they came. */
struct troth_node {
	struct troth_node *next;
	const struct troth_element *element; /* NULL for text */
	const char *text;
};

struct troth_element {
	struct troth_node node;
	const char *name;
	const char *ns;
	const struct troth_attr *attrs;
	size_t n_attrs;
	const char *text; /* all direct text in one piece */
	struct troth_node *first;
	struct troth_node *last;
	struct troth_element *parent;
};

struct troth_stanza {
	struct troth_arena arena;
	struct troth_element *root;
	const char *content_ns;
};

/* Effect: an empty stanza whose memory is limited to max bytes. */
int troth_stanza_new(struct troth_stanza **out, size_t max) TROTH_MUST_USE;

/* The default namespace declared on the element itself, "" when there was none: for
 * a stream header this is the content namespace (RFC 6120 4.8.2), which the
 * element's own name, having a prefix, doesn't show. Borrowed. */
const char *troth_stanza_content_ns(const struct troth_stanza *stanza);

/* Effect: an attribute without namespace that the stanza has gets another value, borrowed for the
 * stanza's life; one that it hasn't stays absent. For whoever hands the stanza out. */
void troth_stanza_replace_attr(struct troth_stanza *stanza, const char *name, const char *value);

/* Any attribute; ns is "" for those without a prefix. NULL when there is none. */
const char *troth_element_attr_ns(const struct troth_element *e, const char *ns, const char *name);

#endif
