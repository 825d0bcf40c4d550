/* SPDX-License-Identifier: MIT */
/* A key from bytes into the user's keyring: looked at first. Layer: openpgp. */
#include "base/slice.h"
#include "openpgp/context.h"

/* Effect: TROTH_OK if the bytes hold the public part of exactly this key. Nothing is imported. */
static int look(struct troth_openpgp *openpgp, const char *fingerprint, gpgme_data_t data)
{
	gpgme_key_t key;
	unsigned right = 0, others = 0;
	gpgme_error_t gpg = gpgme_op_keylist_from_data_start(openpgp->ctx, data, 0);
	while (!gpg && !(gpg = gpgme_op_keylist_next(openpgp->ctx, &key))) {
		if (troth_openpgp_is(key->fpr, fingerprint) && !key->secret)
			right++;
		else
			others++;
		gpgme_key_unref(key);
	}
	gpgme_error_t end = gpgme_op_keylist_end(openpgp->ctx);
	if (gpgme_err_code(gpg) == GPG_ERR_EOF)
		gpg = gpgme_err_code(end) == GPG_ERR_INV_STATE ? 0 : end;
	bool data_is_bad =
		gpgme_err_code(gpg) == GPG_ERR_NO_DATA || gpgme_err_code(gpg) == GPG_ERR_BAD_DATA;
	if (gpg && !data_is_bad)
		return troth_openpgp_fail_gpg(openpgp, gpg);
	if (right != 1 || others != 0)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_NOT_ONE_KEY);
	return TROTH_OK;
}

static int import(struct troth_openpgp *openpgp, const char *fingerprint, gpgme_data_t data)
{
	gpgme_error_t gpg = 0;
	if (gpgme_data_seek(data, 0, SEEK_SET) < 0)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_FAILED);
	gpg = gpgme_op_import(openpgp->ctx, data);
	if (gpg)
		return troth_openpgp_fail_gpg(openpgp, gpg);
	gpgme_import_result_t result = gpgme_op_import_result(openpgp->ctx);
	gpgme_import_status_t one = result ? result->imports : NULL;
	if (!one || !troth_openpgp_is(one->fpr, fingerprint))
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_NOT_ONE_KEY);
	return one->result ? troth_openpgp_fail_gpg(openpgp, one->result) : TROTH_OK;
}

int troth_openpgp_import(struct troth_openpgp *openpgp, const char *fingerprint,
			 struct troth_slice bytes)
{
	gpgme_data_t data TROTH_CLEANUP(troth_openpgp_data_cleanup) = NULL;
	int err = troth_openpgp_ready(openpgp, fingerprint);
	if (!err && bytes.len > TROTH_OPENPGP_KEY_BYTES_MAX)
		err = TROTH_E_LIMIT;
	if (err)
		return err;
	gpgme_error_t gpg = gpgme_data_new_from_mem(&data, (const char *)bytes.data, bytes.len, 0);
	if (gpg)
		return troth_openpgp_fail_gpg(openpgp, gpg);
	err = look(openpgp, fingerprint, data);
	return err ? err : import(openpgp, fingerprint, data);
}
