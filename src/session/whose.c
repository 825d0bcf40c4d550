/* SPDX-License-Identifier: MIT */
/* For whose account a key was endorsed. Layer: session. */
#include "session/whose.h"

#include <string.h>
#include <troth/address.h>
#include <troth/err.h>

static int count_accounts(void *user, const struct troth_store_address *a)
{
	*(size_t *)user += a->realm == TROTH_REALM_SERVER;
	return 0;
}

int troth_whose_key(const struct troth_whose *whose, const char *jid, bool *out)
{
	struct troth_store_contact holder;
	size_t accounts = 0;
	bool online = whose->at != NULL && troth_address_realm(whose->at) == TROTH_REALM_SERVER;
	if (jid[0] == 0) {
		*out = true;
		return TROTH_OK;
	}
	int err = troth_store_contact_by_address(whose->store, TROTH_REALM_SERVER, jid, &holder);
	if (err == TROTH_OK) {
		*out = holder.id == whose->contact;
		return TROTH_OK;
	}
	/* Text that the store can't hold is nobody's account. */
	if (err != TROTH_E_NOT_FOUND && err != TROTH_E_FORMAT && err != TROTH_E_LIMIT)
		return err;
	err = whose->contact != 0 ? troth_store_address_list(whose->store, whose->contact,
							     count_accounts, &accounts)
				  : TROTH_OK;
	if (err == TROTH_OK)
		*out = accounts == 0 &&
		       (!online || strcmp(troth_address_bare(whose->at), jid) == 0);
	return err;
}
