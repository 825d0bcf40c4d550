/* SPDX-License-Identifier: MIT */
/* `troth trust openpgp`: how valid an OpenPGP key must be to speak for somebody. Layer: cli. */
#include "cli/cli.h"
#include "cli/trust.h"
#include "cli/when.h"
#include "openpgp/assigned.h"

#include <string.h>

enum troth_exit troth_trust_openpgp(struct troth_cli *cli)
{
	struct troth_store *store;
	enum troth_belief_validity needed = TROTH_BELIEF_FULL;
	const char *text = troth_cli_arg(cli, 1);
	bool marginal = text && strcmp(text, "marginal") == 0;
	if (text && !marginal && strcmp(text, "full") != 0)
		return troth_cli_usage(cli, "troth trust openpgp takes full or marginal, not '%s'",
				       text);
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = TROTH_OK;
	if (text)
		err = troth_openpgp_need(store,
					 marginal ? TROTH_BELIEF_MARGINAL : TROTH_BELIEF_FULL,
					 troth_when_now());
	if (!err)
		err = troth_openpgp_needed(store, &needed);
	if (err)
		return troth_home_store_failed(cli, err, "can't keep what validity is needed");
	marginal = needed == TROTH_BELIEF_MARGINAL;
	troth_line(&cli->out, marginal ? TROTH_STYLE_WARN : TROTH_STYLE_PLAIN,
		   marginal ? "An OpenPGP key speaks for a JID when your keyring finds it "
			      "marginally valid: one person whom you trust a little is enough."
			    : "An OpenPGP key speaks for a JID when your keyring finds it fully "
			      "valid.");
	troth_json(&cli->out, json_pack("{s:s}", "needed", marginal ? "marginal" : "full"));
	return TROTH_EXIT_OK;
}
