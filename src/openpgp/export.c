/* SPDX-License-Identifier: MIT */
/* The public part of a key, for others. Layer: openpgp. */
#include "base/slice.h"
#include "openpgp/context.h"

#define CHUNK 4096

static int take(struct troth_openpgp *openpgp, gpgme_data_t made, struct troth_buf *out)
{
	uint8_t bytes[CHUNK];
	gpgme_ssize_t got = -1;
	int err = TROTH_OK;
	if (gpgme_data_seek(made, 0, SEEK_SET) < 0)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_FAILED);
	while (err == TROTH_OK && (got = gpgme_data_read(made, bytes, sizeof bytes)) > 0)
		err = troth_buf_append(out, bytes, (size_t)got);
	if (err == TROTH_OK && got < 0)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_FAILED);
	return err;
}

static int export(struct troth_openpgp *openpgp, const char *fingerprint, gpgme_export_mode_t mode,
		  struct troth_buf *out)
{
	gpgme_data_t made TROTH_CLEANUP(troth_openpgp_data_cleanup) = NULL;
	gpgme_error_t gpg = gpgme_data_new(&made);
	if (!gpg)
		gpg = gpgme_op_export(openpgp->ctx, fingerprint, mode, made);
	if (gpg)
		return troth_openpgp_fail_gpg(openpgp, gpg);
	return take(openpgp, made, out);
}

int troth_openpgp_export(struct troth_openpgp *openpgp, const char *fingerprint,
			 struct troth_buf *out)
{
	gpgme_key_t key TROTH_CLEANUP(troth_openpgp_key_cleanup) = NULL;
	size_t before = troth_buf_len(out);
	int err = troth_openpgp_ready(openpgp, fingerprint);
	if (!err)
		err = troth_openpgp_find(openpgp, fingerprint, false, &key);
	if (!err)
		err = export(openpgp, fingerprint, 0, out);
	/* What friends have signed makes a key long, and is worth less than the key. */
	if (err == TROTH_E_LIMIT) {
		troth_buf_truncate(out, before);
		err = export(openpgp, fingerprint, GPGME_EXPORT_MODE_MINIMAL, out);
	}
	if (err)
		troth_buf_truncate(out, before);
	return err;
}
