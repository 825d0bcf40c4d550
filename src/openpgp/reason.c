/* SPDX-License-Identifier: MIT */
/* Why something failed, for programs and for people. Layer: openpgp. */
#include "base/slice.h"
#include "base/text.h"
#include "openpgp/context.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int err;
	const char *cause;
	const char *next;
} reasons[] = {
#define ROW(symbol, name, err, cause, next) {name, TROTH_##err, cause, next},
	TROTH_OPENPGP_REASONS(ROW)
#undef ROW
};

/* A row for each error of GPGME that people can do something about. */
static const struct {
	gpgme_err_code_t code;
	enum troth_openpgp_reason reason;
} known[] = {
	{GPG_ERR_INV_ENGINE, TROTH_OPENPGP_REASON_NO_GPG},
	{GPG_ERR_NO_AGENT, TROTH_OPENPGP_REASON_NO_AGENT},
	{GPG_ERR_AGENT, TROTH_OPENPGP_REASON_NO_AGENT},
	{GPG_ERR_NO_PIN_ENTRY, TROTH_OPENPGP_REASON_NO_PINENTRY},
	{GPG_ERR_ENOTTY, TROTH_OPENPGP_REASON_NO_PINENTRY},
	{GPG_ERR_CANCELED, TROTH_OPENPGP_REASON_CANCELLED},
	{GPG_ERR_FULLY_CANCELED, TROTH_OPENPGP_REASON_CANCELLED},
	{GPG_ERR_NOT_CONFIRMED, TROTH_OPENPGP_REASON_CANCELLED},
	{GPG_ERR_TIMEOUT, TROTH_OPENPGP_REASON_CANCELLED},
	{GPG_ERR_BAD_PASSPHRASE, TROTH_OPENPGP_REASON_PASSPHRASE},
	{GPG_ERR_NO_PASSPHRASE, TROTH_OPENPGP_REASON_PASSPHRASE},
	{GPG_ERR_CARD_NOT_PRESENT, TROTH_OPENPGP_REASON_NO_CARD},
	{GPG_ERR_CARD_REMOVED, TROTH_OPENPGP_REASON_NO_CARD},
	{GPG_ERR_WRONG_CARD, TROTH_OPENPGP_REASON_NO_CARD},
	{GPG_ERR_NO_SCDAEMON, TROTH_OPENPGP_REASON_NO_CARD},
	{GPG_ERR_ENODEV, TROTH_OPENPGP_REASON_NO_CARD},
	{GPG_ERR_CARD, TROTH_OPENPGP_REASON_CARD},
	{GPG_ERR_CARD_RESET, TROTH_OPENPGP_REASON_CARD},
	{GPG_ERR_BAD_PIN, TROTH_OPENPGP_REASON_CARD},
	{GPG_ERR_PIN_BLOCKED, TROTH_OPENPGP_REASON_CARD},
	{GPG_ERR_NO_PUBKEY, TROTH_OPENPGP_REASON_NO_KEY},
	{GPG_ERR_NO_SECKEY, TROTH_OPENPGP_REASON_NO_SECRET},
	{GPG_ERR_UNUSABLE_SECKEY, TROTH_OPENPGP_REASON_NO_SECRET},
	{GPG_ERR_WRONG_KEY_USAGE, TROTH_OPENPGP_REASON_CANT_SIGN},
	{GPG_ERR_KEY_EXPIRED, TROTH_OPENPGP_REASON_EXPIRED},
	{GPG_ERR_CERT_EXPIRED, TROTH_OPENPGP_REASON_EXPIRED},
	{GPG_ERR_CERT_REVOKED, TROTH_OPENPGP_REASON_REVOKED},
	{GPG_ERR_KEY_DISABLED, TROTH_OPENPGP_REASON_DISABLED},
	{GPG_ERR_SIG_EXPIRED, TROTH_OPENPGP_REASON_EXPIRED_SIGNATURE},
	{GPG_ERR_BAD_SIGNATURE, TROTH_OPENPGP_REASON_BAD_SIGNATURE},
	{GPG_ERR_DIGEST_ALGO, TROTH_OPENPGP_REASON_WEAK_DIGEST},
	{GPG_ERR_NO_DATA, TROTH_OPENPGP_REASON_OTHER_FORM},
	{GPG_ERR_BAD_DATA, TROTH_OPENPGP_REASON_OTHER_FORM}, /* GnuPG 2.4 */
};

const char *troth_openpgp_reason_name(enum troth_openpgp_reason reason)
{
	return reasons[reason].name;
}

void troth_openpgp_forget(struct troth_openpgp *openpgp)
{
	openpgp->reason = TROTH_OPENPGP_REASON_NONE;
	openpgp->cause[0] = '\0';
}

int troth_openpgp_fail(struct troth_openpgp *openpgp, enum troth_openpgp_reason reason)
{
	openpgp->reason = reason;
	snprintf(openpgp->cause, sizeof openpgp->cause, "%s", reasons[reason].cause);
	return reasons[reason].err;
}

/* Effect: appends what GnuPG itself says to the cause; libgpg-error takes it from the locale. */
static void quote(struct troth_openpgp *openpgp, gpgme_error_t gpg)
{
	char said[128];
	const char *clean = "";
	struct troth_buf text TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&text, 1024);
	gpgme_strerror_r(gpg, said, sizeof said);
	said[sizeof said - 1] = '\0';
	if (troth_text_clean(&text, troth_slice_str(said), TROTH_TEXT_ONE_LINE, 100) ||
	    troth_buf_cstr(&text, &clean))
		return;
	size_t len = strlen(openpgp->cause);
	if (len > 0 && len + strlen(clean) + 3 < sizeof openpgp->cause)
		snprintf(openpgp->cause + len - 1, sizeof openpgp->cause - len + 1, ": %s.", clean);
}

int troth_openpgp_fail_gpg(struct troth_openpgp *openpgp, gpgme_error_t gpg)
{
	gpgme_err_code_t code = gpgme_err_code(gpg);
	int err;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (known[i].code == code)
			return troth_openpgp_fail(openpgp, known[i].reason);
	err = troth_openpgp_fail(openpgp, TROTH_OPENPGP_REASON_FAILED);
	quote(openpgp, gpg);
	return code == GPG_ERR_ENOMEM ? TROTH_E_NOMEM : err;
}

enum troth_openpgp_reason troth_openpgp_reason(const struct troth_openpgp *openpgp)
{
	return openpgp->reason;
}

const char *troth_openpgp_cause(const struct troth_openpgp *openpgp)
{
	return openpgp->cause;
}

const char *troth_openpgp_next_step(const struct troth_openpgp *openpgp)
{
	return reasons[openpgp->reason].next;
}
