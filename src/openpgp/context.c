/* SPDX-License-Identifier: MIT */
/* Open, close, and finding a key in the user's keyring. Layer: openpgp. */
#include "openpgp/context.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

static pthread_once_t started = PTHREAD_ONCE_INIT;

/* The manual of GPGME, "Library Version Check": once, before any other call, by one thread. */
static void start(void)
{
	gpgme_check_version(NULL);
}

int troth_openpgp_new(struct troth_openpgp **out)
{
	struct troth_openpgp *openpgp = calloc(1, sizeof *openpgp);
	if (!openpgp)
		return TROTH_E_NOMEM;
	*out = openpgp;
	return TROTH_OK;
}

static gpgme_error_t set_up(gpgme_ctx_t ctx, const struct troth_openpgp_params *params)
{
	gpgme_error_t gpg = gpgme_set_protocol(ctx, GPGME_PROTOCOL_OpenPGP);
	if (!gpg && params && (params->home || params->gpg))
		gpg = gpgme_ctx_set_engine_info(ctx, GPGME_PROTOCOL_OpenPGP, params->gpg,
						params->home);
	if (!gpg) /* So that pinentry speaks the user's language and character set. */
		gpg = gpgme_set_locale(ctx, LC_CTYPE, setlocale(LC_CTYPE, NULL));
	if (!gpg)
		gpg = gpgme_set_keylist_mode(ctx, GPGME_KEYLIST_MODE_LOCAL |
							  GPGME_KEYLIST_MODE_WITH_SECRET);
	/* Every status line reaches the callback: GPGME itself hides the class of a signature. */
	if (!gpg)
		gpg = gpgme_set_ctx_flag(ctx, "full-status", "1");
	/* A key is never fetched on the way, whatever gpg.conf says: that would tell a keyserver
	 * whom the user is about to talk to. */
	gpgme_set_offline(ctx, 1);
	gpgme_set_armor(ctx, 0);
	gpgme_set_textmode(ctx, 0);
	return gpg;
}

/* Effect: TROTH_OK if there is a gpg to be run. GPGME doesn't look where it was told the program.
 */
static int look(struct troth_openpgp *openpgp)
{
	gpgme_engine_info_t info = gpgme_ctx_get_engine_info(openpgp->ctx);
	while (info && info->protocol != GPGME_PROTOCOL_OpenPGP)
		info = info->next;
	bool there = info && info->version && info->file_name && access(info->file_name, X_OK) == 0;
	return there ? TROTH_OK : troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_NO_GPG);
}

int troth_openpgp_open(struct troth_openpgp *openpgp, const struct troth_openpgp_params *params)
{
	troth_openpgp_forget(openpgp);
	if (openpgp->ctx)
		return TROTH_E_INVAL;
	if (pthread_once(&started, start) != 0)
		return TROTH_E_NOMEM;
	gpgme_error_t gpg = gpgme_new(&openpgp->ctx);
	if (gpg) {
		openpgp->ctx = NULL;
		return troth_openpgp_fail_gpg(openpgp, gpg);
	}
	gpg = set_up(openpgp->ctx, params);
	int err = gpg ? troth_openpgp_fail_gpg(openpgp, gpg) : look(openpgp);
	if (err) {
		gpgme_release(openpgp->ctx);
		openpgp->ctx = NULL;
	}
	return err;
}

void troth_openpgp_free(struct troth_openpgp *openpgp)
{
	if (!openpgp)
		return;
	if (openpgp->ctx)
		gpgme_release(openpgp->ctx);
	free(openpgp);
}

int troth_openpgp_ready(struct troth_openpgp *openpgp, const char *fingerprint)
{
	troth_openpgp_forget(openpgp);
	if (!openpgp->ctx)
		return TROTH_E_INVAL;
	return troth_openpgp_fingerprint_ok(fingerprint) ? TROTH_OK : TROTH_E_FORMAT;
}

int troth_openpgp_trust_model(struct troth_openpgp *openpgp, const char *model)
{
	gpgme_error_t gpg = gpgme_set_ctx_flag(openpgp->ctx, "trust-model", model);
	return gpg ? troth_openpgp_fail_gpg(openpgp, gpg) : TROTH_OK;
}

bool troth_openpgp_is(const char *gpgme_fingerprint, const char *fingerprint)
{
	return gpgme_fingerprint && strcasecmp(gpgme_fingerprint, fingerprint) == 0;
}

/* Effect: looks one key up; *out is NULL when there is none. A fingerprint finds by any subkey,
 * too, so whoever calls compares the primary one. */
static int look_up(struct troth_openpgp *openpgp, const char *fingerprint, bool secret,
		   gpgme_key_t *out)
{
	gpgme_key_t key = NULL;
	gpgme_error_t gpg = gpgme_op_keylist_start(openpgp->ctx, fingerprint, secret);
	while (!gpg && !(gpg = gpgme_op_keylist_next(openpgp->ctx, &key))) {
		if (key->fpr && troth_openpgp_is(key->fpr, fingerprint))
			break;
		gpgme_key_unref(key);
		key = NULL;
	}
	if (gpgme_err_code(gpg) == GPG_ERR_EOF)
		gpg = 0;
	gpgme_error_t end = gpgme_op_keylist_end(openpgp->ctx);
	if (!gpg && gpgme_err_code(end) != GPG_ERR_INV_STATE)
		gpg = end;
	if (gpg) {
		gpgme_key_unref(key);
		return troth_openpgp_fail_gpg(openpgp, gpg);
	}
	*out = key;
	return TROTH_OK;
}

int troth_openpgp_find(struct troth_openpgp *openpgp, const char *fingerprint, bool secret,
		       gpgme_key_t *out)
{
	gpgme_key_t key = NULL;
	int err = look_up(openpgp, fingerprint, false, &key);
	if (err)
		return err;
	if (!key)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_NO_KEY);
	if (secret && !key->secret) {
		gpgme_key_unref(key);
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_NO_SECRET);
	}
	*out = key;
	return TROTH_OK;
}

int troth_openpgp_usable(struct troth_openpgp *openpgp, gpgme_key_t key)
{
	if (key->revoked)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_REVOKED);
	if (key->expired)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_EXPIRED);
	if (key->disabled)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_DISABLED);
	if (key->invalid)
		return troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_INVALID);
	return TROTH_OK;
}

void troth_openpgp_key_cleanup(gpgme_key_t *key)
{
	if (*key)
		gpgme_key_unref(*key);
}

void troth_openpgp_data_cleanup(gpgme_data_t *data)
{
	if (*data)
		gpgme_data_release(*data);
}
