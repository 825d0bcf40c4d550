/* SPDX-License-Identifier: MIT */
/*
 * `troth id passphrase`: the same key under another passphrase, or under none. Layer: cli.
 * Never makes a key.
 */
#include "base/slice.h"
#include "cli/id/id.h"
#include "cli/terminal/prompt.h"
#include "store/keyfile.h"

#include <troth/err.h>

static enum troth_exit save(struct troth_cli *cli, const struct troth_device *device,
			    const char *passphrase)
{
	const char *home;
	struct troth_keyfile_problem problem = {""};
	struct troth_buf pem TROTH_CLEANUP(troth_buf_fini);
	troth_buf_init(&pem, TROTH_KEYFILE_MAX);
	enum troth_exit status = troth_home_path(cli, &home);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_device_write(device, passphrase, &pem);
	if (err == TROTH_OK)
		err = troth_keyfile_save(home, troth_buf_slice(&pem), true, &problem);
	if (err == TROTH_OK)
		return TROTH_EXIT_OK;
	const struct troth_failure failure = {
		.err = err,
		.cause = *problem.text ? problem.text : NULL,
		.next = "The key is as it was before.",
	};
	return troth_cli_fail(cli, &failure, "%s",
			      *problem.text ? "" : "can't keep the key under that passphrase");
}

static enum troth_exit change(struct troth_cli *cli, const struct troth_device *device)
{
	char *passphrase;
	enum troth_exit status =
		troth_prompt_new_passphrase(cli, TROTH_NEW_PASSPHRASE_FD, &passphrase);
	if (status != TROTH_EXIT_OK)
		return status;
	status = save(cli, device, passphrase);
	troth_prompt_free(passphrase);
	if (status == TROTH_EXIT_OK)
		troth_line(&cli->out, TROTH_STYLE_GOOD, "The device key %s.",
			   cli->home.locked ? "has the new passphrase now; the old one opens it "
					      "no more"
					    : "has a passphrase now");
	return status;
}

static enum troth_exit take_away(struct troth_cli *cli, const struct troth_device *device)
{
	enum troth_exit status = cli->home.locked ? save(cli, device, NULL) : TROTH_EXIT_OK;
	if (status == TROTH_EXIT_OK)
		troth_line(&cli->out, TROTH_STYLE_WARN,
			   "The device key has no passphrase%s: whoever reads this disk has it.",
			   cli->home.locked ? " any more" : "");
	return status;
}

enum troth_exit troth_id_passphrase(struct troth_cli *cli)
{
	const struct troth_device *device;
	bool remove = troth_cli_has(cli, "remove");
	if (troth_cli_arg(cli, 1)) /* it isn't repeated: it may be one */
		return troth_cli_usage(
			cli, "a passphrase isn't given as an argument, which other processes can "
			     "read: it is asked for, or read from --" TROTH_NEW_PASSPHRASE_FD " N");
	if (remove && troth_cli_has(cli, TROTH_NEW_PASSPHRASE_FD))
		return troth_cli_usage(cli, "--remove and a new passphrase: which one?");
	const struct troth_cert *cert;
	enum troth_exit status = troth_home_cert(cli, &cert);
	if (status == TROTH_EXIT_OK && troth_home_elsewhere(cli) != NULL)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = TROTH_E_REFUSED,
						.cause = "It is on a token.",
						.next = "The token's own tools change its PIN."},
			"the device key has no passphrase");
	if (status == TROTH_EXIT_OK)
		status = troth_home_device(cli, &device);
	if (status == TROTH_EXIT_OK)
		status = remove ? take_away(cli, device) : change(cli, device);
	if (status == TROTH_EXIT_OK)
		troth_json(&cli->out, json_pack("{s:b}", "passphrase", !remove));
	return status;
}
