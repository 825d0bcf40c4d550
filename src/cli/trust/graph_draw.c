/* SPDX-License-Identifier: MIT */
/* The graph of trust as a tree, as JSON, and in the language of graphviz. Layer: cli. */
#include "cli/trust/graph.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define LABEL_CHARS 80

static const char *kind_name(enum troth_graph_kind kind)
{
	switch (kind) {
	case TROTH_GRAPH_PERSON:
		return "person";
	case TROTH_GRAPH_USER_KEY:
		return "user key";
	case TROTH_GRAPH_DEVICE_KEY:
		break;
	}
	return "device key";
}

/* ---- a tree ---- */

static void draw_edges(struct troth_output *out, const struct troth_graph *g, size_t from)
{
	for (size_t i = 0; i < g->edge_count; i++) {
		if (g->edges[i].from == from)
			troth_line(out, TROTH_STYLE_DIM, "  │    └─ %s %s…", g->edges[i].label,
				   g->nodes[g->edges[i].to].label);
	}
}

static enum troth_style style_of(const struct troth_graph_node *node)
{
	if (strcmp(node->state, "revoked") == 0 || strcmp(node->state, "suspended") == 0)
		return TROTH_STYLE_BAD;
	return strcmp(node->state, "replaced") == 0 ? TROTH_STYLE_DIM : TROTH_STYLE_PLAIN;
}

static void draw_keys(struct troth_output *out, const struct troth_graph *g, size_t person)
{
	for (size_t i = 0; i < g->node_count; i++) {
		const struct troth_graph_node *n = &g->nodes[i];
		if (n->kind == TROTH_GRAPH_PERSON || n->person != person)
			continue;
		troth_line(out, style_of(n), "  ├─ %s %s… (%s)", kind_name(n->kind), n->label,
			   n->state);
		draw_edges(out, g, i);
	}
}

/* ---- JSON ---- */

static json_t *nodes_json(const struct troth_graph *g)
{
	json_t *array = json_array();
	for (size_t i = 0; i < g->node_count; i++) {
		const struct troth_graph_node *n = &g->nodes[i];
		bool person = n->kind == TROTH_GRAPH_PERSON;
		(void)json_array_append_new(
			array, json_pack("{s:s, s:s, s:o, s:s?, s:s?}", "id", n->id, "kind",
					 kind_name(n->kind), "label", troth_json_text(n->label),
					 "state", person ? NULL : n->state, "person",
					 person ? NULL : g->nodes[n->person].id));
	}
	return array;
}

static json_t *edges_json(const struct troth_graph *g)
{
	json_t *array = json_array();
	for (size_t i = 0; i < g->edge_count; i++) {
		const struct troth_graph_edge *e = &g->edges[i];
		(void)json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "from",
							     g->nodes[e->from].id, "to",
							     g->nodes[e->to].id, "says", e->label));
	}
	return array;
}

void troth_graph_tree(struct troth_output *out, const struct troth_graph *g)
{
	if (out->json) {
		troth_json(out,
			   json_pack("{s:o, s:o}", "nodes", nodes_json(g), "edges", edges_json(g)));
		return;
	}
	for (size_t i = 0; i < g->node_count; i++) {
		if (g->nodes[i].kind != TROTH_GRAPH_PERSON)
			continue;
		troth_line(out, TROTH_STYLE_BOLD, "%s", g->nodes[i].label);
		draw_keys(out, g, i);
	}
}

/* ---- graphviz ---- */

/* The DOT language: "any double-quoted string", in which a quote and a backslash are escaped; so
 * that nobody's label ends the string, or is one of the escapes that mean something else. */
static int quote(struct troth_buf *out, const char *text)
{
	char *clean = troth_clean(text, LABEL_CHARS);
	int err = troth_buf_append_str(out, "\"");
	for (const char *at = clean; err == TROTH_OK && *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			err = troth_buf_append_str(out, "\\");
		if (err == TROTH_OK)
			err = troth_buf_append(out, at, 1);
	}
	free(clean);
	return err == TROTH_OK ? troth_buf_append_str(out, "\"") : err;
}

/* Effect: "id" [label="..." shape=...]; ids are ours. */
static int dot_node(struct troth_buf *out, const struct troth_graph_node *n)
{
	char text[256];
	static const char *const shapes[] = {
		[TROTH_GRAPH_PERSON] = "ellipse",
		[TROTH_GRAPH_USER_KEY] = "hexagon",
		[TROTH_GRAPH_DEVICE_KEY] = "box",
	};
	bool person = n->kind == TROTH_GRAPH_PERSON;
	char *label = NULL;
	int written =
		person ? asprintf(&label, "%s", n->label)
		       : asprintf(&label, "%s: %s, %s", kind_name(n->kind), n->label, n->state);
	if (written < 0)
		return TROTH_E_NOMEM;
	(void)snprintf(text, sizeof text, "  %s [shape=%s, label=", n->id, shapes[n->kind]);
	int err = troth_buf_append_str(out, text);
	if (err == TROTH_OK)
		err = quote(out, label);
	free(label);
	return err == TROTH_OK ? troth_buf_append_str(out, "];\n") : err;
}

static int dot_edge(struct troth_buf *out, const struct troth_graph *g, size_t from, size_t to,
		    const char *label)
{
	char text[128];
	(void)snprintf(text, sizeof text, "  %s -> %s [label=", g->nodes[from].id, g->nodes[to].id);
	int err = troth_buf_append_str(out, text);
	if (err == TROTH_OK)
		err = quote(out, label);
	return err == TROTH_OK ? troth_buf_append_str(out, "];\n") : err;
}

int troth_graph_dot(struct troth_buf *out, const struct troth_graph *g)
{
	int err = troth_buf_append_str(out, "digraph trust {\n  rankdir=LR;\n"
					    "  node [fontname=\"sans-serif\"];\n");
	for (size_t i = 0; err == TROTH_OK && i < g->node_count; i++)
		err = dot_node(out, &g->nodes[i]);
	for (size_t i = 0; err == TROTH_OK && i < g->node_count; i++) {
		if (g->nodes[i].kind != TROTH_GRAPH_PERSON)
			err = dot_edge(out, g, g->nodes[i].person, i, "");
	}
	for (size_t i = 0; err == TROTH_OK && i < g->edge_count; i++)
		err = dot_edge(out, g, g->edges[i].from, g->edges[i].to, g->edges[i].label);
	return err == TROTH_OK ? troth_buf_append_str(out, "}\n") : err;
}
