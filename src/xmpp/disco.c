/* SPDX-License-Identifier: MIT */
/* Service discovery. Layer: xmpp. */
#include "xmpp/disco.h"

#include "base/digest.h"
#include "base/encode.h"
#include "base/slice.h"
#include "xml/writer.h"
#include "xmpp/header.h"
#include "xmpp/iq.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

#define VER_TEXT_BYTES ((size_t)64 * 1024)

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

/* XEP-0115 5.1: "by category and then by type and then by xml:lang", octet by octet. */
static int by_identity(const void *a, const void *b)
{
	const struct troth_disco_identity *x = *(const struct troth_disco_identity *const *)a;
	const struct troth_disco_identity *y = *(const struct troth_disco_identity *const *)b;
	int order = strcmp(x->category, y->category);
	if (order == 0)
		order = strcmp(x->type, y->type);
	return order == 0 ? strcmp(or_empty(x->lang), or_empty(y->lang)) : order;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int put(struct troth_buf *out, const char *text, const char *end)
{
	int err = troth_buf_append_str(out, or_empty(text));
	return err == TROTH_OK ? troth_buf_append_str(out, end) : err;
}

static int put_identities(struct troth_buf *s, const struct troth_disco *disco)
{
	const struct troth_disco_identity *sorted[TROTH_DISCO_MAX];
	int err = TROTH_OK;
	for (size_t i = 0; i < disco->n_identities; i++)
		sorted[i] = &disco->identities[i];
	qsort(sorted, disco->n_identities, sizeof *sorted, by_identity);
	for (size_t i = 0; i < disco->n_identities && err == TROTH_OK; i++) {
		if (i > 0 && by_identity(&sorted[i - 1], &sorted[i]) == 0)
			return TROTH_E_INVAL;
		err = put(s, sorted[i]->category, "/");
		if (err == TROTH_OK)
			err = put(s, sorted[i]->type, "/");
		if (err == TROTH_OK)
			err = put(s, sorted[i]->lang, "/");
		if (err == TROTH_OK)
			err = put(s, sorted[i]->name, "<");
	}
	return err;
}

static int put_features(struct troth_buf *s, const struct troth_disco *disco)
{
	const char *sorted[TROTH_DISCO_MAX];
	int err = TROTH_OK;
	for (size_t i = 0; i < disco->n_features; i++)
		sorted[i] = disco->features[i];
	qsort(sorted, disco->n_features, sizeof *sorted, by_text);
	for (size_t i = 0; i < disco->n_features && err == TROTH_OK; i++) {
		if (i > 0 && strcmp(sorted[i - 1], sorted[i]) == 0)
			return TROTH_E_INVAL;
		err = put(s, sorted[i], "<");
	}
	return err;
}

/* Base64 of SHA-1 of s. */
static int hash(char out[TROTH_CAPS_VER_SIZE], struct troth_slice s)
{
	uint8_t sha1[TROTH_SHA1_LEN];
	struct troth_buf text;
	int err = troth_sha1(sha1, s);
	if (err != TROTH_OK)
		return err;
	troth_buf_init(&text, TROTH_CAPS_VER_SIZE);
	err = troth_base64_encode(&text, troth_slice_of(sha1, sizeof sha1));
	if (err == TROTH_OK) {
		memcpy(out, troth_buf_slice(&text).data, TROTH_CAPS_VER_SIZE - 1);
		out[TROTH_CAPS_VER_SIZE - 1] = 0;
	}
	troth_buf_fini(&text);
	return err;
}

int troth_caps_ver(char out[TROTH_CAPS_VER_SIZE], const struct troth_disco *disco)
{
	struct troth_buf s;
	if (disco->n_identities > TROTH_DISCO_MAX || disco->n_features > TROTH_DISCO_MAX)
		return TROTH_E_INVAL;
	troth_buf_init(&s, VER_TEXT_BYTES);
	int err = put_identities(&s, disco);
	if (err == TROTH_OK)
		err = put_features(&s, disco);
	if (err == TROTH_OK)
		err = hash(out, troth_buf_slice(&s));
	troth_buf_fini(&s);
	return err;
}

void troth_caps_write(struct troth_writer *w, const struct troth_disco *disco)
{
	char ver[TROTH_CAPS_VER_SIZE];
	int err = troth_caps_ver(ver, disco);
	if (err != TROTH_OK) {
		troth_writer_fail(w, err);
		return;
	}
	troth_writer_open(w, TROTH_NS_CAPS, "c");
	troth_writer_attr(w, "hash", "sha-1");
	troth_writer_attr(w, "node", disco->node);
	troth_writer_attr(w, "ver", ver);
	troth_writer_close(w);
}

static const struct troth_element *query_of(const struct troth_element *iq)
{
	if (!troth_element_is(iq, TROTH_NS_CLIENT, "iq"))
		return NULL;
	return troth_element_child(iq, TROTH_NS_DISCO_INFO, "query");
}

bool troth_disco_is_request(const struct troth_element *iq)
{
	const char *type = troth_element_attr(iq, "type");
	return query_of(iq) != NULL && type != NULL && strcmp(type, "get") == 0;
}

/* XEP-0115 6.2: the node that is asked for is the value of 'node', a '#' and 'ver'. */
static bool is_our_node(const char *node, const struct troth_disco *disco, const char *ver)
{
	size_t len = strlen(or_empty(disco->node));
	return node == NULL || (disco->node != NULL && strncmp(node, disco->node, len) == 0 &&
				node[len] == '#' && strcmp(node + len + 1, ver) == 0);
}

static void write_info(struct troth_writer *w, const struct troth_disco *disco)
{
	for (size_t i = 0; i < disco->n_identities; i++) {
		const struct troth_disco_identity *id = &disco->identities[i];
		troth_writer_open(w, TROTH_NS_DISCO_INFO, "identity");
		troth_writer_attr(w, "category", id->category);
		troth_writer_attr(w, "type", id->type);
		troth_writer_attr(w, "xml:lang", id->lang);
		troth_writer_attr(w, "name", id->name);
		troth_writer_close(w);
	}
	for (size_t i = 0; i < disco->n_features; i++) {
		troth_writer_open(w, TROTH_NS_DISCO_INFO, "feature");
		troth_writer_attr(w, "var", disco->features[i]);
		troth_writer_close(w);
	}
}

/* XEP-0174 "Discovering Capabilities": the node is that of XEP-0115, with its '#' and 'ver'. */
void troth_disco_write(struct troth_writer *w, const struct troth_disco *disco)
{
	char ver[TROTH_CAPS_VER_SIZE];
	struct troth_buf node;
	const char *text = "";
	int err = troth_caps_ver(ver, disco);
	troth_buf_init(&node, VER_TEXT_BYTES);
	if (err == TROTH_OK)
		err = put(&node, disco->node, "#");
	if (err == TROTH_OK)
		err = put(&node, ver, "");
	if (err == TROTH_OK)
		err = troth_buf_cstr(&node, &text);
	if (err == TROTH_OK) {
		troth_writer_open(w, TROTH_NS_DISCO_INFO, "query");
		troth_writer_attr(w, "node", text);
		write_info(w, disco);
		troth_writer_close(w);
	} else {
		troth_writer_fail(w, err);
	}
	troth_buf_fini(&node);
}

void troth_disco_answer(struct troth_writer *w, const struct troth_element *request,
			const struct troth_disco *disco)
{
	char ver[TROTH_CAPS_VER_SIZE];
	const char *node = troth_element_attr(query_of(request), "node");
	int err = troth_disco_is_request(request) ? troth_caps_ver(ver, disco) : TROTH_E_INVAL;
	if (err != TROTH_OK) {
		troth_writer_fail(w, err);
		return;
	}
	if (!is_our_node(node, disco, ver)) {
		troth_iq_error(w, request, TROTH_STANZA_ITEM_NOT_FOUND);
		return;
	}
	troth_iq_result_open(w, request);
	troth_writer_open(w, TROTH_NS_DISCO_INFO, "query");
	troth_writer_attr(w, "node", node);
	write_info(w, disco);
	troth_writer_close(w);
	troth_writer_close(w);
}

bool troth_disco_has(const struct troth_element *iq, const char *feature)
{
	const char *type = troth_element_attr(iq, "type");
	if (type == NULL || strcmp(type, "result") != 0)
		return false;
	const struct troth_element *e = troth_element_first(query_of(iq));
	for (; e != NULL; e = troth_element_next(e)) {
		const char *var = troth_element_attr(e, "var");
		if (troth_element_is(e, TROTH_NS_DISCO_INFO, "feature") && var != NULL &&
		    strcmp(var, feature) == 0)
			return true;
	}
	return false;
}
