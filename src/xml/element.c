/* SPDX-License-Identifier: MIT */
/* Reading the element tree. Layer: xml. Must not change a tree. */
#include "xml/element.h"

#include "base/limits.h"
#include "base/slice.h"
#include "xml/reader.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

int troth_stanza_new(struct troth_stanza **out, size_t max)
{
	struct troth_stanza *s = calloc(1, sizeof *s);
	if (s == NULL)
		return TROTH_E_NOMEM;
	troth_arena_init(&s->arena, max);
	s->content_ns = "";
	*out = s;
	return TROTH_OK;
}

void troth_stanza_free(struct troth_stanza *stanza)
{
	if (stanza == NULL)
		return;
	troth_arena_fini(&stanza->arena);
	free(stanza);
}

const struct troth_element *troth_stanza_root(const struct troth_stanza *stanza)
{
	return stanza == NULL ? NULL : stanza->root;
}

const char *troth_stanza_content_ns(const struct troth_stanza *stanza)
{
	return stanza->content_ns;
}

const char *troth_element_name(const struct troth_element *e)
{
	return e->name;
}

const char *troth_element_ns(const struct troth_element *e)
{
	return e->ns;
}

bool troth_element_is(const struct troth_element *e, const char *ns, const char *name)
{
	return e != NULL && (name == NULL || strcmp(e->name, name) == 0) &&
	       (ns == NULL || strcmp(e->ns, ns) == 0);
}

const char *troth_element_attr_ns(const struct troth_element *e, const char *ns, const char *name)
{
	if (e == NULL)
		return NULL;
	for (size_t i = 0; i < e->n_attrs; i++)
		if (strcmp(e->attrs[i].name, name) == 0 && strcmp(e->attrs[i].ns, ns) == 0)
			return e->attrs[i].value;
	return NULL;
}

const char *troth_element_attr(const struct troth_element *e, const char *name)
{
	return troth_element_attr_ns(e, "", name);
}

const char *troth_element_text(const struct troth_element *e)
{
	return e == NULL ? "" : e->text;
}

static const struct troth_element *element_from(const struct troth_node *node)
{
	while (node != NULL && node->element == NULL)
		node = node->next;
	return node == NULL ? NULL : node->element;
}

const struct troth_element *troth_element_first(const struct troth_element *e)
{
	return e == NULL ? NULL : element_from(e->first);
}

const struct troth_element *troth_element_next(const struct troth_element *e)
{
	return e == NULL ? NULL : element_from(e->node.next);
}

const struct troth_element *troth_element_child(const struct troth_element *e, const char *ns,
						const char *name)
{
	const struct troth_element *child = troth_element_first(e);
	while (child != NULL && !troth_element_is(child, ns, name))
		child = troth_element_next(child);
	return child;
}

static bool only_white_space(struct troth_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] == 0 || strchr(" \t\r\n", s.data[i]) == NULL)
			return false;
	return true;
}

/* The element is read as the only child of a root made up here. */
static int parse_inside(struct troth_xml_reader *reader, struct troth_slice xml,
			struct troth_stanza **out)
{
	const struct troth_slice root = troth_slice_str("<x>");
	struct troth_xml_item item;
	int err = troth_xml_reader_feed(reader, root);
	if (err == TROTH_OK)
		err = troth_xml_reader_next(reader, &item);
	if (err != TROTH_OK)
		return err;
	troth_stanza_free(item.stanza);
	err = troth_xml_reader_feed(reader, xml);
	if (err == TROTH_OK)
		err = troth_xml_reader_next(reader, &item);
	if (err != TROTH_OK)
		return err;
	size_t used = (size_t)troth_xml_reader_offset(reader) - root.len;
	if (item.kind != TROTH_XML_ELEMENT ||
	    !only_white_space(troth_slice_of(xml.data + used, xml.len - used))) {
		troth_stanza_free(item.stanza);
		return TROTH_E_XML;
	}
	*out = item.stanza;
	return TROTH_OK;
}

int troth_element_parse(struct troth_stanza **out, struct troth_slice xml)
{
	const struct troth_xml_limits limits = {TROTH_LIMIT_STANZA_BYTES, TROTH_LIMIT_STANZA_DEPTH,
						TROTH_LIMIT_STANZA_ATTRS};
	struct troth_xml_reader *reader;
	int err = troth_xml_reader_new(&reader, &limits);
	if (err != TROTH_OK)
		return err;
	err = parse_inside(reader, xml, out);
	troth_xml_reader_free(reader);
	return err;
}

void troth_stanza_replace_attr(struct troth_stanza *stanza, const char *name, const char *value)
{
	/* The list lies in the stanza's own arena: const is for those who get it. */
	struct troth_attr *attrs = (struct troth_attr *)stanza->root->attrs;
	for (size_t i = 0; i < stanza->root->n_attrs; i++) {
		if (attrs[i].ns[0] == 0 && strcmp(attrs[i].name, name) == 0)
			attrs[i].value = value;
	}
}
