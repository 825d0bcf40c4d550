/* SPDX-License-Identifier: MIT */
/* Asking about a revocation, which is for good. Layer: cli. */
#include "cli/user/revoking.h"

#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"

#include <string.h>

enum troth_exit troth_revoking_reason(struct troth_cli *cli, enum troth_revoke_reason *out)
{
	static const enum troth_revoke_reason all[] = {TROTH_REVOKE_COMPROMISED,
						       TROTH_REVOKE_RETIRED, TROTH_REVOKE_LOST};
	const char *word = troth_cli_value(cli, "reason");
	if (word == NULL)
		return TROTH_EXIT_OK;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (strcmp(word, troth_revoke_reason_name(all[i])) == 0) {
			*out = all[i];
			return TROTH_EXIT_OK;
		}
	}
	return troth_cli_usage(cli, "--reason takes compromised, lost or retired, not '%s'", word);
}

enum troth_exit troth_revoking_confirm(struct troth_cli *cli, const char *question,
				       const char *word)
{
	if (troth_cli_has(cli, "yes"))
		return TROTH_EXIT_OK;
	return troth_prompt_confirm(cli, question, word);
}

int troth_revoking_log(struct troth_cli *cli, const char *kind, const char *text)
{
	const struct troth_store_entry entry = {
		.time = troth_when_now(), .kind = kind, .text = text};
	return troth_store_log_append(cli->home.store, &entry);
}
