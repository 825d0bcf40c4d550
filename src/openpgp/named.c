/* SPDX-License-Identifier: MIT */
/* The keys that a JID has in the user's keyring. Layer: openpgp. */
#include "base/slice.h"
#include "openpgp/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>

#define PATTERN_SIZE 2112 /* two parts of an address and what stands before them */

struct found {
	char fingerprints[TROTH_OPENPGP_NAMED_MAX][TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	size_t count;
};

/* gpg finds more than is meant: whatever has the text anywhere in a user ID. */
static int gather(struct troth_openpgp *openpgp, const char *pattern, struct found *found)
{
	gpgme_key_t key;
	gpgme_error_t gpg = gpgme_op_keylist_start(openpgp->ctx, pattern, 0);
	while (!gpg && found->count < TROTH_OPENPGP_NAMED_MAX &&
	       !(gpg = gpgme_op_keylist_next(openpgp->ctx, &key))) {
		if (key->fpr &&
		    !troth_openpgp_fingerprint_read(key->fpr, found->fingerprints[found->count]))
			found->count++;
		gpgme_key_unref(key);
	}
	gpgme_error_t end = gpgme_op_keylist_end(openpgp->ctx);
	if (gpgme_err_code(gpg) == GPG_ERR_EOF)
		gpg = gpgme_err_code(end) == GPG_ERR_INV_STATE ? 0 : end;
	return gpg ? troth_openpgp_fail_gpg(openpgp, gpg) : TROTH_OK;
}

static int give(struct troth_openpgp *openpgp, const struct found *found,
		const struct troth_address *jid, struct troth_openpgp_named_to to)
{
	int err = TROTH_OK;
	for (size_t i = 0; i < found->count && !err; i++) {
		struct troth_openpgp_validity validity;
		err = troth_openpgp_validity(openpgp, found->fingerprints[i], jid, &validity);
		if (!err && validity.user_id != TROTH_OPENPGP_ABSENT)
			err = to.each(to.user, found->fingerprints[i], validity.user_id);
	}
	return err;
}

int troth_openpgp_named_list(struct troth_openpgp *openpgp, const struct troth_address *jid,
			     struct troth_openpgp_named_to to)
{
	char pattern[PATTERN_SIZE];
	troth_openpgp_forget(openpgp);
	if (!openpgp->ctx || troth_address_realm(jid) != TROTH_REALM_SERVER)
		return TROTH_E_INVAL;
	/* "*": as part of a user ID, without regard to case. */
	int len = snprintf(pattern, sizeof pattern, "*xmpp:%s", troth_address_bare(jid));
	if (len < 0 || (size_t)len >= sizeof pattern)
		return TROTH_E_LIMIT;
	struct found *found = calloc(1, sizeof *found);
	if (!found)
		return TROTH_E_NOMEM;
	int err = gather(openpgp, pattern, found);
	if (!err)
		err = give(openpgp, found, jid, to);
	free(found);
	return err;
}
