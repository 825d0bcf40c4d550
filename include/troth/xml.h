/* SPDX-License-Identifier: MIT */
/*
 * XML as XMPP uses it (RFC 6120 section 11): reading elements, writing elements.
 *
 * An element lives in the arena of the stanza that it came in and is freed with
 * it; everything returned from it is borrowed for that long. A writer can't
 * produce ill-formed output: it refuses and remembers the first error.
 */
#ifndef TROTH_XML_H
#define TROTH_XML_H

#include <stdbool.h>
#include <troth/api.h>
#include <troth/bytes.h>

TROTH_API_BEGIN

struct troth_element;

/* Local name and namespace; never NULL ("" for no namespace). */
const char *troth_element_name(const struct troth_element *e);
const char *troth_element_ns(const struct troth_element *e);
/* NULL for ns or name means any. A NULL element is nothing. */
bool troth_element_is(const struct troth_element *e, const char *ns, const char *name);

/* The value of an attribute without namespace, or NULL. A NULL element has none. */
const char *troth_element_attr(const struct troth_element *e, const char *name);

/* The element's direct text in one piece; "" when there is none or e is NULL. */
const char *troth_element_text(const struct troth_element *e);

/* Children that are elements, in order; NULL at the end. A NULL element has none. */
const struct troth_element *troth_element_first(const struct troth_element *e);
const struct troth_element *troth_element_next(const struct troth_element *e);
/* The first child that troth_element_is(ns, name), or NULL. */
const struct troth_element *troth_element_child(const struct troth_element *e, const char *ns,
						const char *name);

/* An element that stands alone: it owns everything that is in it. */
struct troth_stanza;

/* Effect: reads one element from xml, with white space around it but nothing else:
 * no XML declaration, no second element. The caller owns *out.
 * Errors: TROTH_E_XML, TROTH_E_LIMIT beyond the limits of a stanza, TROTH_E_NOMEM. */
int troth_element_parse(struct troth_stanza **out, struct troth_slice xml) TROTH_MUST_USE;

/* The element itself, borrowed for the life of the stanza. */
const struct troth_element *troth_stanza_root(const struct troth_stanza *stanza);
/* Effect: frees the element with all that is in it; NULL is fine. */
void troth_stanza_free(struct troth_stanza *stanza);

/* Members are private. A writer appends to a buffer that the caller owns. */
#define TROTH_WRITER_DEPTH 64
struct troth_writer {
	struct troth_buf *buf;
	size_t begin; /* length of buf at init: an error rolls back to here */
	size_t depth;
	const char *name[TROTH_WRITER_DEPTH];
	const char *prefix[TROTH_WRITER_DEPTH];
	const char *ns[TROTH_WRITER_DEPTH]; /* default namespace in force inside */
	const char *outer_ns;
	bool start_tag_open;
	int err;
};

/* Effect: prepares to append to buf where default_ns is the namespace in force
 * ("jabber:client" inside a stream). Strings for ns and name given to the writer
 * are borrowed until troth_writer_finish: use literals or long-lived ones. */
void troth_writer_init(struct troth_writer *w, struct troth_buf *buf, const char *default_ns);

/* Effect: opens an element. The streams namespace is written with its prefix
 * "stream:", which the stream header declares, every other one as a default namespace
 * where it changes. Names have ASCII letters, digits, "_", "-" and ".". */
void troth_writer_open(struct troth_writer *w, const char *ns, const char *name);
/* Effect: an attribute of the element just opened; a NULL value writes nothing. The
 * name may have the prefix "xml:" and no other. Twice the same is TROTH_E_INVAL. */
void troth_writer_attr(struct troth_writer *w, const char *name, const char *value);
/* Effect: text, escaped. Must be UTF-8 and only characters that XML 1.0 allows. */
void troth_writer_text(struct troth_writer *w, const char *text);
void troth_writer_base64(struct troth_writer *w, struct troth_slice bytes);
void troth_writer_close(struct troth_writer *w);
/* Effect: open, text (may be NULL), close. */
void troth_writer_leaf(struct troth_writer *w, const char *ns, const char *name, const char *text);
/* Effect: a copy of an element with all that is in it. It must outlive the writing. */
void troth_writer_copy(struct troth_writer *w, const struct troth_element *e);

/* Effect: ends the writing. On error nothing that was written since init remains
 * in the buffer. Errors: the first that occurred, TROTH_E_XML for text that XML
 * can't carry, TROTH_E_INVAL for unbalanced calls, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_writer_finish(struct troth_writer *w) TROTH_MUST_USE;

TROTH_API_END

#endif
