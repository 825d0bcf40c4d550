/* SPDX-License-Identifier: MIT */
/* The graph of trust, gathered from the store. Layer: cli. Judges nothing anew. */
#include "cli/trust/graph.h"

#include "cli/terminal/fingerprint.h"
#include "cli/terminal/when.h"
#include "cli/user/user_key.h"
#include "session/believed.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* ---- the model ---- */

void troth_graph_fini(struct troth_graph *g)
{
	for (size_t i = 0; i < g->node_count; i++)
		free(g->nodes[i].label);
	free(g->nodes);
	free(g->edges);
	*g = (struct troth_graph){NULL, 0, 0, NULL, 0, 0};
}

static int add_node(struct troth_graph *g, const struct troth_graph_node *node, const char *label)
{
	if (g->node_count == g->node_room) {
		size_t room = g->node_room != 0 ? 2 * g->node_room : 32;
		struct troth_graph_node *grown = reallocarray(g->nodes, room, sizeof *grown);
		if (grown == NULL)
			return TROTH_E_NOMEM;
		g->nodes = grown;
		g->node_room = room;
	}
	char *copy = strdup(label);
	if (copy == NULL)
		return TROTH_E_NOMEM;
	struct troth_graph_node *to = &g->nodes[g->node_count];
	*to = *node;
	to->label = copy;
	(void)snprintf(to->id, sizeof to->id, "%c%zu", node->kind == TROTH_GRAPH_PERSON ? 'p' : 'k',
		       g->node_count);
	g->node_count++;
	return TROTH_OK;
}

static int add_edge(struct troth_graph *g, size_t from, size_t to, const char *label)
{
	for (size_t i = 0; i < g->edge_count; i++) {
		const struct troth_graph_edge *e = &g->edges[i];
		if (e->from == from && e->to == to && strcmp(e->label, label) == 0)
			return TROTH_OK; /* said more than once */
	}
	if (g->edge_count == g->edge_room) {
		size_t room = g->edge_room != 0 ? 2 * g->edge_room : 32;
		struct troth_graph_edge *grown = reallocarray(g->edges, room, sizeof *grown);
		if (grown == NULL)
			return TROTH_E_NOMEM;
		g->edges = grown;
		g->edge_room = room;
	}
	g->edges[g->edge_count++] = (struct troth_graph_edge){from, to, label};
	return TROTH_OK;
}

static bool find(const struct troth_graph *g, const struct troth_pin *pin, size_t *out)
{
	for (size_t i = 0; i < g->node_count; i++) {
		if (g->nodes[i].kind != TROTH_GRAPH_PERSON &&
		    troth_pin_equal(&g->nodes[i].pin, pin)) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* ---- contacts ---- */

struct gathering {
	struct troth_graph *graph;
	struct troth_store *store;
	size_t person;
};

static int add_key(struct gathering *g, enum troth_graph_kind kind, const struct troth_pin *pin,
		   const char *state)
{
	char text[TROTH_FINGERPRINT_LEN];
	const struct troth_graph_node node = {
		.kind = kind, .pin = *pin, .state = state, .person = g->person};
	troth_fingerprint(text, pin);
	text[19] = '\0'; /* four groups tell keys apart */
	return add_node(g->graph, &node, text);
}

static int take_key(void *user, const struct troth_store_key *key)
{
	return add_key(user,
		       key->role == TROTH_ROLE_USER ? TROTH_GRAPH_USER_KEY : TROTH_GRAPH_DEVICE_KEY,
		       &key->pin, troth_store_key_state_name(key->state));
}

static const char *verb_of(const struct troth_belief_statement *says)
{
	if (says->kind == TROTH_BELIEF_REVOKED)
		return "revokes";
	if (says->kind == TROTH_BELIEF_VOUCHED)
		return "vouches for";
	if (says->kind == TROTH_BELIEF_INTRODUCED)
		return "takes the word of";
	if (says->kind != TROTH_BELIEF_ENDORSED)
		return NULL;
	return says->purpose == TROTH_BELIEF_RENEW ? "names as successor" : "endorses";
}

static int take_statement(void *user, const struct troth_store_statement *row)
{
	struct gathering *g = user;
	size_t from, to;
	const char *verb = verb_of(&row->says);
	if (verb == NULL || !find(g->graph, &row->says.issuer, &from) ||
	    !find(g->graph, &row->says.subject, &to))
		return 0;
	return add_edge(g->graph, from, to, verb);
}

static int take_contact(void *user, const struct troth_store_contact *contact)
{
	struct gathering *g = user;
	const struct troth_graph_node node = {.kind = TROTH_GRAPH_PERSON, .state = ""};
	g->person = g->graph->node_count;
	int err = add_node(g->graph, &node, contact->label);
	if (err == TROTH_OK)
		err = troth_store_user_key_list(g->store, contact->id, take_key, g);
	if (err == TROTH_OK)
		err = troth_store_key_list(g->store, contact->id, take_key, g);
	return err;
}

/* When all keys are there: who vouches for somebody is somebody else. */
static int take_statements(void *user, const struct troth_store_contact *contact)
{
	struct gathering *g = user;
	return troth_store_statement_list(g->store, contact->id, take_statement, g);
}

/* ---- ourselves ---- */

static int add_self(struct gathering *g, const struct troth_own *own, const struct troth_cert *cert)
{
	const struct troth_graph_node node = {.kind = TROTH_GRAPH_PERSON, .state = ""};
	size_t user_key = 0, at;
	g->person = g->graph->node_count;
	int err = add_node(g->graph, &node, "you");
	if (err == TROTH_OK && own->user_key != NULL) {
		user_key = g->graph->node_count;
		err = add_key(g, TROTH_GRAPH_USER_KEY, troth_cert_pin(own->user_key), "yours");
	}
	if (err == TROTH_OK)
		err = add_key(g, TROTH_GRAPH_DEVICE_KEY, troth_cert_pin(cert), "this device");
	for (size_t i = 0; err == TROTH_OK && i < own->device_count; i++) {
		const struct troth_own_device *d = &own->devices[i];
		if (!find(g->graph, &d->pin, &at)) {
			at = g->graph->node_count;
			err = add_key(g, TROTH_GRAPH_DEVICE_KEY, &d->pin, "yours");
		}
		if (err == TROTH_OK && d->endorsement != NULL)
			err = add_edge(g->graph, user_key, at, "endorses");
		if (err == TROTH_OK && d->revoked != NULL && own->user_key != NULL)
			err = add_edge(g->graph, user_key, at, "revokes");
	}
	return err;
}

enum troth_exit troth_graph_gather(struct troth_cli *cli, struct troth_graph *out)
{
	struct troth_own *own;
	const struct troth_cert *cert;
	struct gathering g = {.graph = out};
	*out = (struct troth_graph){NULL, 0, 0, NULL, 0, 0};
	enum troth_exit status = troth_home_store(cli, &g.store);
	if (status == TROTH_EXIT_OK)
		status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK)
		status = troth_user_own(cli, &own);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_contact_list(g.store, take_contact, &g);
	if (err == TROTH_OK)
		err = troth_store_contact_list(g.store, take_statements, &g);
	if (err == TROTH_OK)
		err = add_self(&g, own, cert);
	troth_own_free(own);
	return err == TROTH_OK ? TROTH_EXIT_OK
			       : troth_home_store_failed(cli, err, "can't draw the graph");
}
