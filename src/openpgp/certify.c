/* SPDX-License-Identifier: MIT */
/* The user signs somebody's user ID, for this keyring only. Layer: openpgp. */
#include "base/slice.h"
#include "openpgp/context.h"

#include <string.h>

/* Effect: signs every user ID of the key that is for the JID (there may be both forms), no other;
 * revoked ones are left out. */
static int sign_all(struct troth_openpgp *openpgp, gpgme_key_t peer,
		    const struct troth_address *jid)
{
	bool any = false;
	for (gpgme_user_id_t id = peer->uids; id; id = id->next) {
		bool named;
		int err = troth_openpgp_names(id->uid, jid, &named);
		if (err)
			return err;
		if (!named || id->revoked || id->invalid)
			continue;
		gpgme_error_t gpg = gpgme_op_keysign(openpgp->ctx, peer, id->uid, 0,
						     GPGME_KEYSIGN_LOCAL | GPGME_KEYSIGN_NOEXPIRE);
		if (gpg)
			return troth_openpgp_fail_gpg(openpgp, gpg);
		any = true;
	}
	return any ? TROTH_OK : troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_NO_USER_ID);
}

static int check(struct troth_openpgp *openpgp, const struct troth_openpgp_certification *c)
{
	int err = troth_openpgp_ready(openpgp, c->own);
	if (!err)
		err = troth_openpgp_ready(openpgp, c->peer);
	if (!err && (troth_address_realm(c->jid) != TROTH_REALM_SERVER ||
		     (c->level != TROTH_OPENPGP_MARGINAL && c->level != TROTH_OPENPGP_FULL)))
		err = TROTH_E_INVAL;
	return err;
}

static int certify(struct troth_openpgp *openpgp, const struct troth_openpgp_certification *c)
{
	gpgme_key_t own TROTH_CLEANUP(troth_openpgp_key_cleanup) = NULL;
	gpgme_key_t peer TROTH_CLEANUP(troth_openpgp_key_cleanup) = NULL;
	int err = troth_openpgp_find(openpgp, c->own, true, &own);
	if (!err)
		err = troth_openpgp_usable(openpgp, own);
	if (!err)
		err = troth_openpgp_find(openpgp, c->peer, false, &peer);
	if (!err)
		err = troth_openpgp_usable(openpgp, peer);
	if (err)
		return err;
	gpgme_signers_clear(openpgp->ctx);
	gpgme_error_t gpg = gpgme_signers_add(openpgp->ctx, own);
	err = gpg ? troth_openpgp_fail_gpg(openpgp, gpg) : sign_all(openpgp, peer, c->jid);
	gpgme_signers_clear(openpgp->ctx);
	return err;
}

int troth_openpgp_certify(struct troth_openpgp *openpgp,
			  const struct troth_openpgp_certification *certification,
			  struct troth_openpgp_validity *out)
{
	int err = check(openpgp, certification);
	if (!err && certification->level == TROTH_OPENPGP_MARGINAL)
		err = troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_NO_LEVEL);
	if (!err)
		err = certify(openpgp, certification);
	if (err || !out)
		return err;
	return troth_openpgp_validity(openpgp, certification->peer, certification->jid, out);
}
