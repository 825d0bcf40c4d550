/* SPDX-License-Identifier: MIT */
/* The revocations of one <pubkeys/>. Layer: keys. */
#include "keys/revocation.h"

#include "base/limits.h"
#include "xml/namespace.h"

#include <stdlib.h>
#include <troth/err.h>

static size_t count(const struct troth_element *pubkeys)
{
	size_t n = 0;
	const struct troth_element *e = troth_element_first(pubkeys);
	for (; e != NULL; e = troth_element_next(e))
		n += troth_element_is(e, TROTH_NS_TROTH, "revoke");
	return n;
}

static int read_all(struct troth_revocation_list *list, const struct troth_element *pubkeys)
{
	const struct troth_element *e = troth_element_first(pubkeys);
	for (; e != NULL; e = troth_element_next(e)) {
		if (!troth_element_is(e, TROTH_NS_TROTH, "revoke"))
			continue;
		int err = troth_revocation_read(&list->items[list->count], e);
		if (err == TROTH_OK)
			list->count++;
		else if (err != TROTH_E_FORMAT)
			return err;
	}
	return TROTH_OK;
}

int troth_revocation_list_read(struct troth_revocation_list *out,
			       const struct troth_element *pubkeys)
{
	struct troth_revocation_list list = {0};
	size_t n = count(pubkeys);
	if (n > TROTH_LIMIT_STANZA_REVOCATIONS)
		return TROTH_E_LIMIT;
	if (n > 0) {
		list.items = calloc(n, sizeof(struct troth_revocation *));
		if (list.items == NULL)
			return TROTH_E_NOMEM;
	}
	int err = read_all(&list, pubkeys);
	if (err != TROTH_OK) {
		troth_revocation_list_fini(&list);
		return err;
	}
	*out = list;
	return TROTH_OK;
}

void troth_revocation_list_fini(struct troth_revocation_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		troth_revocation_free(list->items[i]);
	free(list->items);
	*list = (struct troth_revocation_list){0};
}

const struct troth_revocation *const *
troth_revocation_list_view(const struct troth_revocation_list *list)
{
	return (const struct troth_revocation *const *)list->items;
}
