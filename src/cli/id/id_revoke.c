/* SPDX-License-Identifier: MIT */
/* `troth id revoke`: this device's key, by itself. Layer: cli. */
#include "cli/id/id.h"
#include "cli/terminal/when.h"
#include "cli/user/revoking.h"
#include "session/own.h"

#include <troth/err.h>

enum troth_exit troth_id_revoke(struct troth_cli *cli)
{
	struct troth_store *store;
	const struct troth_device *device;
	enum troth_revoke_reason reason = TROTH_REVOKE_RETIRED;
	enum troth_exit status = troth_revoking_reason(cli, &reason);
	if (status == TROTH_EXIT_OK)
		status = troth_home_device(cli, &device);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status == TROTH_EXIT_OK)
		status = troth_revoking_confirm(
			cli,
			"Nobody who learns it will accept this device's key again. Type "
			"revoke to confirm",
			"revoke");
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_own_revoke(store, device, troth_cert_pin(troth_device_cert(device)), reason,
				   troth_when_now());
	if (err == TROTH_OK)
		err = troth_revoking_log(cli, "own-key-revoked",
					 "This device revoked its own key.");
	if (err != TROTH_OK)
		return troth_home_store_failed(cli, err, "can't revoke the key");
	troth_line(&cli->out, TROTH_STYLE_GOOD, "This device's key is revoked (%s).",
		   troth_revoke_reason_name(reason));
	troth_note(&cli->out, "Each contact learns it when this device connects to it once more "
			      "(`troth send LABEL bye`). Then `troth init --replace` makes a new "
			      "key, to pair anew with.");
	troth_json(&cli->out, json_pack("{s:s}", "revoked", troth_revoke_reason_name(reason)));
	return TROTH_EXIT_OK;
}
