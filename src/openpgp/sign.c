/* SPDX-License-Identifier: MIT */
/* Detached signatures by a key of the user's. Layer: openpgp. */
#include "base/slice.h"
#include "openpgp/context.h"
#include "openpgp/digest.h"

/* Effect: TROTH_OK if there is exactly one signature and it is what verify would take. */
static int check(struct troth_openpgp *openpgp)
{
	gpgme_sign_result_t result = gpgme_op_sign_result(openpgp->ctx);
	if (!result || result->invalid_signers || !result->signatures || result->signatures->next ||
	    result->signatures->sig_class != TROTH_OPENPGP_BINARY)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_FAILED);
	if (!troth_openpgp_digest_ok(result->signatures->hash_algo))
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_WEAK_DIGEST);
	return TROTH_OK;
}

static int take(struct troth_openpgp *openpgp, gpgme_data_t made, struct troth_buf *out)
{
	uint8_t bytes[TROTH_OPENPGP_SIGNATURE_MAX + 1];
	size_t len = 0;
	gpgme_ssize_t got = -1;
	if (gpgme_data_seek(made, 0, SEEK_SET) < 0)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_FAILED);
	while (len < sizeof bytes &&
	       (got = gpgme_data_read(made, bytes + len, sizeof bytes - len)) > 0)
		len += (size_t)got;
	if (got < 0 || len == 0)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_FAILED);
	if (len > TROTH_OPENPGP_SIGNATURE_MAX)
		return TROTH_E_LIMIT;
	return troth_buf_append(out, bytes, len);
}

/* Why gpg refused the signer tells more than that it failed. */
static int explain(struct troth_openpgp *openpgp, gpgme_error_t gpg)
{
	gpgme_sign_result_t result = gpgme_op_sign_result(openpgp->ctx);
	if (result && result->invalid_signers && result->invalid_signers->reason)
		gpg = result->invalid_signers->reason;
	return troth_openpgp_fail_gpg(openpgp, gpg);
}

static int sign(struct troth_openpgp *openpgp, gpgme_key_t key, struct troth_slice message,
		struct troth_buf *out)
{
	gpgme_data_t in TROTH_CLEANUP(troth_openpgp_data_cleanup) = NULL;
	gpgme_data_t made TROTH_CLEANUP(troth_openpgp_data_cleanup) = NULL;
	gpgme_signers_clear(openpgp->ctx);
	gpgme_error_t gpg = gpgme_signers_add(openpgp->ctx, key);
	if (!gpg)
		gpg = gpgme_data_new_from_mem(&in, (const char *)message.data, message.len, 0);
	if (!gpg)
		gpg = gpgme_data_new(&made);
	if (gpg)
		return troth_openpgp_fail_gpg(openpgp, gpg);
	gpg = gpgme_op_sign(openpgp->ctx, in, made, GPGME_SIG_MODE_DETACH);
	if (gpg)
		return explain(openpgp, gpg);
	int err = check(openpgp);
	return err ? err : take(openpgp, made, out);
}

/* Effect: the key, if it is one that can sign. */
static int signing_key(struct troth_openpgp *openpgp, const char *fingerprint, gpgme_key_t *out)
{
	int err = troth_openpgp_ready(openpgp, fingerprint);
	if (!err)
		err = troth_openpgp_find(openpgp, fingerprint, true, out);
	if (!err)
		err = troth_openpgp_usable(openpgp, *out);
	if (!err && !(*out)->can_sign)
		err = troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_CANT_SIGN);
	return err;
}

int troth_openpgp_can_sign(struct troth_openpgp *openpgp, const char *fingerprint)
{
	gpgme_key_t key TROTH_CLEANUP(troth_openpgp_key_cleanup) = NULL;
	return signing_key(openpgp, fingerprint, &key);
}

int troth_openpgp_sign(struct troth_openpgp *openpgp, const char *fingerprint,
		       struct troth_slice message, struct troth_buf *out)
{
	gpgme_key_t key TROTH_CLEANUP(troth_openpgp_key_cleanup) = NULL;
	int err = signing_key(openpgp, fingerprint, &key);
	if (err)
		return err;
	err = sign(openpgp, key, message, out);
	gpgme_signers_clear(openpgp->ctx);
	return err;
}

int troth_openpgp_signer(void *user, struct troth_slice message, struct troth_buf *out)
{
	const struct troth_openpgp_signing *signing = user;
	return troth_openpgp_sign(signing->openpgp, signing->fingerprint, message, out);
}
