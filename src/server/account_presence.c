/* SPDX-License-Identifier: MIT */
/* Our own presence. Layer: server. */
#include "server/account_state.h"

#include <stdio.h>

static void write_presence(void *user, struct troth_writer *w)
{
	const struct troth_account *a = user;
	const struct troth_account_presence *p = &a->presence;
	char priority[8];
	(void)snprintf(priority, sizeof priority, "%d", p->priority);
	troth_writer_open(w, TROTH_NS_CLIENT, "presence");
	troth_writer_attr(w, "type", p->available ? NULL : "unavailable");
	if (p->available && p->show != NULL)
		troth_writer_leaf(w, TROTH_NS_CLIENT, "show", p->show);
	if (p->status != NULL)
		troth_writer_leaf(w, TROTH_NS_CLIENT, "status", p->status);
	if (p->available && p->priority != 0)
		troth_writer_leaf(w, TROTH_NS_CLIENT, "priority", priority);
	if (p->available && a->disco != NULL)
		troth_caps_write(w, a->disco);
	troth_writer_close(w);
}

int account_send_presence(struct troth_account *a)
{
	return troth_account_send(a, write_presence, a);
}

int troth_account_presence(struct troth_account *a, const struct troth_account_presence *presence)
{
	char *show = presence->show == NULL ? NULL : strdup(presence->show);
	char *status = presence->status == NULL ? NULL : strdup(presence->status);
	if ((presence->show != NULL && show == NULL) ||
	    (presence->status != NULL && status == NULL)) {
		free(show);
		free(status);
		return TROTH_E_NOMEM;
	}
	free((char *)a->presence.show);
	free((char *)a->presence.status);
	a->presence = *presence;
	a->presence.show = show;
	a->presence.status = status;
	a->has_presence = true;
	return a->state == ACCOUNT_UP ? account_send_presence(a) : TROTH_OK;
}
