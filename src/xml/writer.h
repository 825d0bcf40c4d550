/* SPDX-License-Identifier: MIT */
/* What the parts of the writer share. Layer: xml. */
#ifndef TROTH_XML_WRITER_H
#define TROTH_XML_WRITER_H

#include "xml/namespace.h"

#include <troth/xml.h>

/* Effect: text as XML content, or as the inside of a value quoted by apostrophes.
 * Errors: TROTH_E_XML for what isn't UTF-8 or no character of XML 1.0; then nothing
 * is appended. */
int troth_escape_text(struct troth_buf *out, const char *text) TROTH_MUST_USE;
int troth_escape_value(struct troth_buf *out, const char *text) TROTH_MUST_USE;

/* As troth_writer_open and troth_writer_attr, for names that a parser has checked
 * already. prefix is "" or ends with a colon. */
void troth_writer_open_checked(struct troth_writer *w, const char *ns, const char *name);
void troth_writer_attr_checked(struct troth_writer *w, const char *prefix, const char *name,
			       const char *value);

/* Effect: makes err the writer's error unless it has one. */
void troth_writer_fail(struct troth_writer *w, int err);

#endif
