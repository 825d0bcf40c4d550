/* SPDX-License-Identifier: MIT */
/* Questions that know whether they are running. Layer: lan. */
#include "lan/backend.h"

#include <troth/err.h>

int lan_query_start(struct lan_query *query, struct lan_backend *backend, const char *name,
		    uint16_t type)
{
	query->backend = backend; /* first: an answer may come at once */
	int err = backend->ops->query(backend, name, type, query);
	if (err != TROTH_OK)
		query->backend = NULL;
	return err;
}

void lan_query_stop(struct lan_query *query)
{
	if (query->backend == NULL)
		return;
	query->backend->ops->query_stop(query);
	query->backend = NULL;
}
