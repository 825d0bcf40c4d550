/* SPDX-License-Identifier: MIT */
/* Who endorses this device: the user key's and the OpenPGP key's parts of `troth doctor`. Layer:
 * cli. Makes and mends nothing. */
#include "cli/doctor/doctor.h"
#include "cli/terminal/when.h"
#include "cli/user/user_key.h"
#include "openpgp/assigned.h"

#include <troth/err.h>

static void judge(struct troth_check *check, const struct troth_own *own,
		  const struct troth_cert *cert)
{
	char until[TROTH_WHEN_LEN];
	int64_t now = troth_when_now();
	const struct troth_own_device *d = troth_own_device_find(own, troth_cert_pin(cert));
	if (own->user_key == NULL) {
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"There is no user key: this device stands for itself.");
	} else if (d == NULL || d->endorsement == NULL) {
		troth_check_set(check, TROTH_HEALTH_WARN, "Run `troth user endorse`.",
				"The user key doesn't endorse this device's key.");
	} else if (d->revoked != NULL) {
		troth_check_set(check, TROTH_HEALTH_WARN,
				"`troth init --replace` makes a new key, to pair anew with.",
				"The user key has revoked this device.");
	} else if (troth_own_is_due(d, now)) {
		troth_when_local(until, d->endorsement->expires_at);
		troth_check_set(
			check, TROTH_HEALTH_WARN,
			"Run `troth user endorse`, with --user-key if it is kept elsewhere.",
			now > d->endorsement->expires_at
				? "The user key's endorsement of this device ended on %s: "
				  "who doesn't know it yet won't learn it."
				: "The user key's endorsement of this device ends on %s.",
			until);
	} else {
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"The user key endorses this device until %s.",
				troth_when_local(until, d->endorsement->expires_at));
	}
}

/* After the store's own check, which opens it, and has said what is wrong with it. */
static struct troth_own *load(struct troth_cli *cli, struct troth_check *check,
			      const struct troth_cert **cert)
{
	struct troth_own *own;
	if (cli->home.store != NULL && troth_home_cert(cli, cert) == TROTH_EXIT_OK &&
	    troth_own_load(&own, cli->home.store, *cert) == TROTH_OK)
		return own;
	troth_check_set(check, TROTH_HEALTH_FAIL, NULL, "Who endorses this device can't be read.");
	return NULL;
}

void troth_doctor_user(struct troth_cli *cli, struct troth_check *check)
{
	const struct troth_cert *cert;
	struct troth_own *own = load(cli, check, &cert);
	if (own != NULL)
		judge(check, own, cert);
	troth_own_free(own);
}

static void judge_openpgp(struct troth_check *check, const struct troth_endorsement *e)
{
	static const char next[] =
		"Run `troth id openpgp FINGERPRINT`; `troth id openpgp` shows it.";
	char until[TROTH_WHEN_LEN];
	int64_t now = troth_when_now();
	if (e == NULL)
		troth_check_set(
			check, TROTH_HEALTH_WARN, next,
			"The OpenPGP key that was chosen doesn't endorse this device's key.");
	else if (now >= e->expires_at)
		troth_check_set(check, TROTH_HEALTH_WARN, next,
				"The OpenPGP key's endorsement of this device ended on %s: who "
				"doesn't know it yet won't learn it.",
				troth_when_local(until, e->expires_at));
	else
		troth_check_set(check,
				troth_own_endorsement_is_due(e, now) ? TROTH_HEALTH_WARN
								     : TROTH_HEALTH_OK,
				troth_own_endorsement_is_due(e, now) ? next : NULL,
				"The OpenPGP key %.8s... endorses this device until %s.",
				e->issuer_name, troth_when_local(until, e->expires_at));
}

void troth_doctor_openpgp(struct troth_cli *cli, struct troth_check *check)
{
	char chosen[TROTH_OPENPGP_FINGERPRINT_LEN + 1];
	const struct troth_cert *cert;
	struct troth_own *own = load(cli, check, &cert);
	if (own == NULL)
		return;
	int err = troth_openpgp_chosen(cli->home.store, chosen);
	if (err == TROTH_E_NOT_FOUND && own->openpgp == NULL)
		troth_check_set(check, TROTH_HEALTH_OK, NULL,
				"No OpenPGP key endorses this device.");
	else
		judge_openpgp(check, own->openpgp);
	troth_own_free(own);
}
