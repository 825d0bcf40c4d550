/* SPDX-License-Identifier: MIT */
/*
 * Endorsements as XEP-0189 v0.8 writes signatures, one and in lists. Layer: keys.
 */
#include "keys/endorsement.h"

#include "base/slice.h"
#include "keys/statement.h"
#include "xml/namespace.h"

#include <stdlib.h>
#include <troth/err.h>

static enum troth_purpose purpose_of(const char *text)
{
	for (enum troth_purpose p = TROTH_PURPOSE_DEVICE; p <= TROTH_PURPOSE_INTRODUCE; p++) {
		if (text != NULL && strcmp(text, troth_purpose_name(p)) == 0)
			return p;
	}
	return TROTH_PURPOSE_NONE;
}

static void cleanup(struct troth_endorsement **e)
{
	troth_endorsement_free(*e);
}

/* Without <endorsed/> it is a signature in the form of XEP-0189 itself, which says neither what
 * for nor how long: kept, and never trusted. */
static int read_terms(struct troth_endorsement *e, const struct troth_element *endorsed)
{
	const char *jid = troth_element_attr(endorsed, "jid");
	const char *issued = troth_element_attr(endorsed, "issued");
	const char *expires = troth_element_attr(endorsed, "expires");
	e->purpose = purpose_of(troth_element_attr(endorsed, "purpose"));
	if (endorsed != NULL && (e->purpose == TROTH_PURPOSE_NONE || issued == NULL))
		return TROTH_E_FORMAT;
	int err = troth_statement_keep(&e->jid, jid != NULL ? jid : "");
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->issued, issued != NULL ? issued : "");
	if (err == TROTH_OK)
		err = troth_statement_keep(&e->expires, expires != NULL ? expires : "");
	return err != TROTH_OK || endorsed == NULL ? err : troth_endorsement_check(e);
}

static int read_issuer(struct troth_endorsement *e, const struct troth_element *issuer)
{
	char name[TROTH_NAME_LEN + 1];
	const char *text = troth_element_text(issuer);
	text += strspn(text, " \t\r\n");
	size_t n = strspn(text, "0123456789abcdef");
	if (n != TROTH_NAME_LEN || text[n + strspn(text + n, " \t\r\n")] != 0)
		return TROTH_E_FORMAT;
	memcpy(name, text, n);
	name[n] = 0;
	int err = troth_statement_keep(&e->issuer_name, name);
	return err != TROTH_OK
		       ? err
		       : troth_statement_keep(&e->issuer_jid, troth_element_attr(issuer, "jid"));
}

int troth_endorsement_read(struct troth_endorsement **out, const struct troth_element *signature)
{
	struct troth_endorsement TROTH_CLEANUP(cleanup) *e = calloc(1, sizeof *e);
	if (e == NULL)
		return TROTH_E_NOMEM;
	int err = read_issuer(e, troth_element_child(signature, TROTH_NS_PUBKEY, "issuer"));
	if (err == TROTH_OK)
		err = troth_statement_read_value(
			&e->method, &e->signature,
			troth_element_child(signature, TROTH_NS_PUBKEY, "value"));
	if (err == TROTH_OK)
		err = read_terms(e, troth_element_child(signature, TROTH_NS_TROTH, "endorsed"));
	if (err != TROTH_OK)
		return err;
	*out = e;
	e = NULL;
	return TROTH_OK;
}

void troth_endorsement_write(struct troth_writer *w, const struct troth_endorsement *e)
{
	troth_writer_open(w, TROTH_NS_PUBKEY, "signature");
	troth_writer_open(w, TROTH_NS_PUBKEY, "issuer");
	troth_writer_attr(w, "jid", e->issuer_jid);
	troth_writer_text(w, e->issuer_name);
	troth_writer_close(w);
	troth_writer_open(w, TROTH_NS_PUBKEY, "value");
	troth_writer_attr(w, "method", e->method);
	troth_writer_base64(w, e->signature);
	troth_writer_close(w);
	if (e->purpose != TROTH_PURPOSE_NONE) {
		troth_writer_open(w, TROTH_NS_TROTH, "endorsed");
		troth_writer_attr(w, "purpose", troth_purpose_name(e->purpose));
		troth_writer_attr(w, "jid", e->jid);
		troth_writer_attr(w, "issued", e->issued);
		troth_writer_attr(w, "expires", e->expires[0] != 0 ? e->expires : NULL);
		troth_writer_close(w);
	}
	troth_writer_close(w);
}

/* ---- lists ---- */

static size_t count(const struct troth_element *keyinfo)
{
	size_t n = 0;
	const struct troth_element *e = troth_element_first(keyinfo);
	for (; e != NULL; e = troth_element_next(e))
		n += troth_element_is(e, TROTH_NS_PUBKEY, "signature");
	return n;
}

static int read_all(struct troth_endorsement_list *list, const struct troth_element *keyinfo)
{
	const struct troth_element *e = troth_element_first(keyinfo);
	for (; e != NULL; e = troth_element_next(e)) {
		if (!troth_element_is(e, TROTH_NS_PUBKEY, "signature"))
			continue;
		int err = troth_endorsement_read(&list->items[list->count], e);
		if (err == TROTH_OK)
			list->count++;
		else if (err != TROTH_E_FORMAT)
			return err;
	}
	return TROTH_OK;
}

int troth_endorsement_list_read(struct troth_endorsement_list *out,
				const struct troth_element *keyinfo)
{
	struct troth_endorsement_list list = {0};
	size_t n = count(keyinfo);
	if (n > TROTH_LIMIT_KEY_ENDORSEMENTS)
		return TROTH_E_LIMIT;
	if (n > 0) {
		list.items = calloc(n, sizeof(struct troth_endorsement *));
		if (list.items == NULL)
			return TROTH_E_NOMEM;
	}
	int err = read_all(&list, keyinfo);
	if (err != TROTH_OK) {
		troth_endorsement_list_fini(&list);
		return err;
	}
	*out = list;
	return TROTH_OK;
}

void troth_endorsement_list_fini(struct troth_endorsement_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		troth_endorsement_free(list->items[i]);
	free(list->items);
	*list = (struct troth_endorsement_list){0};
}

const struct troth_endorsement *const *
troth_endorsement_list_view(const struct troth_endorsement_list *list)
{
	return (const struct troth_endorsement *const *)list->items;
}
