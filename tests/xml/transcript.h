/* SPDX-License-Identifier: MIT */
/*
 * What a reader makes of some bytes, as text that can be compared and shown: one
 * line per item with its offset and tree, and the error at the end. For tests and
 * fuzzing; it aborts when the reader breaks its contract.
 */
#ifndef TROTH_TESTS_XML_TRANSCRIPT_H
#define TROTH_TESTS_XML_TRANSCRIPT_H

#include "base/slice.h"
#include "xml/element.h"
#include "xml/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>

/* Where the input is cut: at `first`, then every `step` bytes. */
struct cut {
	size_t first;
	size_t step;
};

static inline void transcript_need(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "reader contract broken: %s\n", what);
	abort();
}

static inline void transcript_element(FILE *out, const struct troth_element *e)
{
	fprintf(out, "<{%s}%s", e->ns, e->name);
	for (size_t i = 0; i < e->n_attrs; i++)
		fprintf(out, " {%s}%s=\"%s\"", e->attrs[i].ns, e->attrs[i].name, e->attrs[i].value);
	fputc('>', out);
	for (const struct troth_node *n = e->first; n != NULL; n = n->next) {
		if (n->element != NULL)
			transcript_element(out, n->element);
		else
			fprintf(out, "\"%s\"", n->text);
	}
	fprintf(out, "=%zu>", strlen(e->text));
}

static inline void transcript_item(FILE *out, const struct troth_xml_reader *r,
				   const struct troth_xml_item *item)
{
	static const char *const kinds[] = {"none", "open", "element", "close"};
	fprintf(out, "%llu %s ", (unsigned long long)troth_xml_reader_offset(r), kinds[item->kind]);
	transcript_need((item->stanza != NULL) ==
				(item->kind == TROTH_XML_OPEN || item->kind == TROTH_XML_ELEMENT),
			"a stanza belongs to open and element");
	transcript_need(troth_xml_reader_offset(r) <= troth_xml_reader_fed(r), "offset <= fed");
	if (item->kind == TROTH_XML_OPEN)
		fprintf(out, "[%s] ", troth_stanza_content_ns(item->stanza));
	if (item->stanza != NULL)
		transcript_element(out, troth_stanza_root(item->stanza));
	fputc('\n', out);
}

/* Writes the items that are there; true when an error ended it. */
static inline bool transcript_drain(FILE *out, struct troth_xml_reader *r)
{
	struct troth_xml_item item;
	for (;;) {
		int err = troth_xml_reader_next(r, &item);
		if (err != TROTH_OK) {
			fprintf(out, "error %s%s\n", troth_err_name(err),
				troth_xml_reader_restricted(r) ? " restricted" : "");
			transcript_need(troth_xml_reader_next(r, &item) == err, "errors are final");
			transcript_need(troth_xml_reader_feed(r, troth_slice_str("<a/>")) == err,
					"errors are final when feeding");
			return true;
		}
		if (item.kind == TROTH_XML_NONE)
			return false;
		transcript_item(out, r, &item);
		troth_stanza_free(item.stanza);
	}
}

/* Returns the transcript; the caller frees it. */
static inline char *transcript_of(struct troth_slice doc, const struct troth_xml_limits *limits,
				  struct cut cut)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct troth_xml_reader *r = NULL;
	bool ended = false;
	transcript_need(out != NULL, "memory");
	transcript_need(troth_xml_reader_new(&r, limits) == TROTH_OK, "a reader can be made");
	for (size_t at = 0; at < doc.len && !ended;) {
		size_t n = at == 0 && cut.first > 0 ? cut.first : cut.step;
		if (n > doc.len - at)
			n = doc.len - at;
		int err = troth_xml_reader_feed(r, troth_slice_of(doc.data + at, n));
		transcript_need(err == TROTH_OK, "feeding takes everything");
		ended = transcript_drain(out, r);
		at += n;
	}
	troth_xml_reader_free(r);
	fclose(out);
	return text;
}

#endif
