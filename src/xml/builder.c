/* SPDX-License-Identifier: MIT */
/* From parser events to a tree. Layer: xml. */
#include "xml/builder.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* A stanza takes more memory than bytes on the wire: "<a/>" makes a whole element.
 * Ordinary stanzas stay below 4 times; beyond this one it is somebody's game. */
#define AMPLIFICATION 16
#define OVERHEAD 4096

void troth_builder_init(struct troth_builder *b, const struct troth_xml_limits *limits)
{
	*b = (struct troth_builder){.limits = *limits};
	troth_buf_init(&b->text, limits->bytes);
}

void troth_builder_raise(struct troth_builder *b, const struct troth_xml_limits *limits)
{
	b->limits = *limits;
	b->text.max = limits->bytes;
}

void troth_builder_fini(struct troth_builder *b)
{
	troth_stanza_free(b->stanza);
	b->stanza = NULL;
	troth_buf_fini(&b->text);
}

bool troth_builder_busy(const struct troth_builder *b)
{
	return b->open != NULL;
}

struct troth_stanza *troth_builder_take(struct troth_builder *b)
{
	struct troth_stanza *stanza = b->stanza;
	b->stanza = NULL;
	return stanza;
}

static struct troth_arena *arena(struct troth_builder *b)
{
	return &b->stanza->arena;
}

/* One copy of a namespace per stanza as a rule; a lookback of fixed length, so that
 * many different ones don't make it quadratic. */
static const char *intern(struct troth_builder *b, const char *ns, size_t len)
{
	if (len == 0)
		return "";
	const size_t kept = sizeof b->ns / sizeof *b->ns;
	for (size_t i = 0; i < kept; i++)
		if (b->ns[i] != NULL && strncmp(b->ns[i], ns, len) == 0 && b->ns[i][len] == 0)
			return b->ns[i];
	const char *copy = troth_arena_text(arena(b), ns, len);
	if (copy != NULL)
		b->ns[b->next_ns++ % kept] = copy;
	return copy;
}

/* Writes namespace and local name of what expat reports as one string. */
static int split(struct troth_builder *b, const char *expanded, const char **ns, const char **name)
{
	const char *sep = strchr(expanded, TROTH_XML_SEPARATOR);
	const char *local = sep == NULL ? expanded : sep + 1;
	*ns = intern(b, expanded, sep == NULL ? 0 : (size_t)(sep - expanded));
	*name = troth_arena_text(arena(b), local, strlen(local));
	return *ns == NULL || *name == NULL ? troth_arena_error(arena(b)) : TROTH_OK;
}

static int copy_attrs(struct troth_builder *b, struct troth_element *e, const char **attrs,
		      size_t count)
{
	if (count == 0)
		return TROTH_OK;
	struct troth_attr *copy = troth_arena_alloc(arena(b), count * sizeof *copy);
	if (copy == NULL)
		return troth_arena_error(arena(b));
	for (size_t i = 0; i < count; i++) {
		int err = split(b, attrs[2 * i], &copy[i].ns, &copy[i].name);
		if (err != TROTH_OK)
			return err;
		const char *value = attrs[2 * i + 1];
		copy[i].value = troth_arena_text(arena(b), value, strlen(value));
		if (copy[i].value == NULL)
			return troth_arena_error(arena(b));
	}
	e->attrs = copy;
	e->n_attrs = count;
	return TROTH_OK;
}

static void append(struct troth_element *parent, struct troth_node *node)
{
	if (parent->last == NULL)
		parent->first = node;
	else
		parent->last->next = node;
	parent->last = node;
}

/* Ends a run of text: it becomes a node of the open element. */
static int end_text(struct troth_builder *b)
{
	struct troth_slice s = troth_buf_slice(&b->text);
	if (s.len == 0)
		return TROTH_OK;
	struct troth_node *node = troth_arena_alloc(arena(b), sizeof *node);
	const char *text = troth_arena_text(arena(b), (const char *)s.data, s.len);
	if (node == NULL || text == NULL)
		return troth_arena_error(arena(b));
	node->text = text;
	append(b->open, node);
	troth_buf_clear(&b->text);
	return TROTH_OK;
}

static int begin_stanza(struct troth_builder *b)
{
	size_t bytes = b->limits.bytes;
	size_t max = bytes > (SIZE_MAX - OVERHEAD) / AMPLIFICATION
			     ? SIZE_MAX
			     : bytes * AMPLIFICATION + OVERHEAD;
	memset(b->ns, 0, sizeof b->ns);
	b->next_ns = 0;
	return troth_stanza_new(&b->stanza, max);
}

int troth_builder_open(struct troth_builder *b, const char *name, const char **attrs,
		       size_t declared)
{
	size_t count = 0;
	while (attrs[2 * count] != NULL)
		count++;
	if (b->depth >= b->limits.depth || declared > b->limits.attrs ||
	    count > b->limits.attrs - declared)
		return TROTH_E_LIMIT;
	int err = b->stanza == NULL ? begin_stanza(b) : end_text(b);
	if (err != TROTH_OK)
		return err;
	struct troth_element *e = troth_arena_alloc(arena(b), sizeof *e);
	if (e == NULL)
		return troth_arena_error(arena(b));
	err = split(b, name, &e->ns, &e->name);
	if (err == TROTH_OK)
		err = copy_attrs(b, e, attrs, count);
	if (err != TROTH_OK)
		return err;
	e->node.element = e;
	e->text = "";
	e->parent = b->open;
	if (b->open == NULL)
		b->stanza->root = e;
	else
		append(b->open, &e->node);
	b->open = e;
	b->depth++;
	return TROTH_OK;
}

int troth_builder_text(struct troth_builder *b, const char *text, size_t len)
{
	return troth_buf_append(&b->text, text, len);
}

/* The element's text in one piece: the only node's own, or a copy of all of them. */
static int join_text(struct troth_builder *b, struct troth_element *e)
{
	size_t total = 0;
	size_t pieces = 0;
	for (const struct troth_node *n = e->first; n != NULL; n = n->next) {
		if (n->text == NULL)
			continue;
		e->text = n->text;
		total += strlen(n->text);
		pieces++;
	}
	if (pieces < 2)
		return TROTH_OK;
	char *joined = troth_arena_alloc(arena(b), total + 1);
	if (joined == NULL)
		return troth_arena_error(arena(b));
	e->text = joined;
	for (const struct troth_node *n = e->first; n != NULL; n = n->next)
		if (n->text != NULL)
			joined = stpcpy(joined, n->text);
	return TROTH_OK;
}

int troth_builder_close(struct troth_builder *b)
{
	struct troth_element *e = b->open;
	int err = end_text(b);
	if (err == TROTH_OK)
		err = join_text(b, e);
	b->open = e->parent;
	b->depth--;
	return err;
}
