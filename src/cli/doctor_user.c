/* SPDX-License-Identifier: MIT */
/* The user key's part of `troth doctor`. Layer: cli. Makes and mends nothing. */
#include "cli/doctor.h"
#include "cli/user_key.h"
#include "cli/when.h"

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
void troth_doctor_user(struct troth_cli *cli, struct troth_check *check)
{
	struct troth_own *own;
	const struct troth_cert *cert;
	if (cli->home.store == NULL || troth_home_cert(cli, &cert) != TROTH_EXIT_OK ||
	    troth_own_load(&own, cli->home.store, cert) != TROTH_OK) {
		troth_check_set(check, TROTH_HEALTH_FAIL, NULL,
				"Whether there is a user key can't be read.");
		return;
	}
	judge(check, own, cert);
	troth_own_free(own);
}
