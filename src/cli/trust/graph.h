/* SPDX-License-Identifier: MIT */
/* `troth trust graph`: people, keys and what connects them, gathered and drawn. Layer: cli. */
#ifndef TROTH_CLI_TRUST_GRAPH_H
#define TROTH_CLI_TRUST_GRAPH_H

#include "cli/cli.h"

enum troth_graph_kind { TROTH_GRAPH_PERSON, TROTH_GRAPH_USER_KEY, TROTH_GRAPH_DEVICE_KEY };

struct troth_graph_node {
	enum troth_graph_kind kind;
	char id[16];          /* for programs: "p1", "k2" */
	char *label;          /* owned; somebody else's text, not cleaned */
	const char *state;    /* "proven" and the like; "" for people. Static */
	struct troth_pin pin; /* of keys */
	size_t person;        /* of keys: its node */
};

struct troth_graph_edge {
	size_t from, to;
	const char *label; /* "endorses", "renewed by", "revoked". Static */
};

struct troth_graph {
	struct troth_graph_node *nodes;
	size_t node_count, node_room;
	struct troth_graph_edge *edges;
	size_t edge_count, edge_room;
};

/* Effect: all contacts, and this device's own keys. Free with troth_graph_fini either way. */
enum troth_exit troth_graph_gather(struct troth_cli *cli, struct troth_graph *out);
void troth_graph_fini(struct troth_graph *graph);

/* Effect: for a terminal; with --json as nodes and edges. */
void troth_graph_tree(struct troth_output *out, const struct troth_graph *graph);
/* Effect: appends it in the language of graphviz: every label cleaned, and quoted. */
int troth_graph_dot(struct troth_buf *out, const struct troth_graph *graph) TROTH_MUST_USE;
/* Effect: runs graphviz' `dot` on it, which writes SVG to the standard output. */
enum troth_exit troth_graph_svg(struct troth_cli *cli, struct troth_slice dot);

#endif
