/* SPDX-License-Identifier: MIT */
/* `troth trust openpgp`: how valid an OpenPGP key must be to speak for somebody. Layer: cli. */
#include "cli/cli.h"
#include "cli/trust/trust.h"

enum troth_exit troth_trust_openpgp(struct troth_cli *cli)
{
	struct troth_store *store;
	if (troth_cli_arg(cli, 1) != NULL)
		return troth_cli_usage(cli, "the policy says that: `openpgp full` or `openpgp "
					    "marginal` in troth-policy(5)");
	enum troth_exit status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	bool marginal = troth_store_belief_policy(store)->openpgp == TROTH_BELIEF_MARGINAL;
	troth_line(&cli->out, marginal ? TROTH_STYLE_WARN : TROTH_STYLE_PLAIN,
		   marginal ? "An OpenPGP key speaks for a JID when your keyring finds it "
			      "marginally valid: one person whom you trust a little is enough."
			    : "An OpenPGP key speaks for a JID when your keyring finds it fully "
			      "valid.");
	troth_json(&cli->out, json_pack("{s:s}", "needed", marginal ? "marginal" : "full"));
	return TROTH_EXIT_OK;
}
