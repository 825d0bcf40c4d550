/* SPDX-License-Identifier: MIT */
/* `troth trust rename`, `forget` and `secret`. Layer: cli. */
#include "cli/terminal/prompt.h"
#include "cli/terminal/when.h"
#include "cli/trust/trust.h"
#include "session/scope.h"
#include "session/withdraw.h"

#include <stdlib.h>
#include <troth/err.h>

enum troth_exit troth_trust_rename(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	const char *label = troth_cli_arg(cli, 2);
	if (!label)
		return troth_cli_usage(cli, "to what? troth trust rename LABEL NEW");
	enum troth_exit status = troth_trust_contact(cli, 1, &contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	int err = troth_store_contact_rename(store, contact.id, label, troth_when_now());
	if (err)
		return troth_home_store_failed(cli, err, "can't rename the contact");
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "%s is called %s now.", contact.label, label);
	troth_json(&cli->out, json_pack("{s:o, s:o}", "was", troth_json_text(contact.label),
					"label", troth_json_text(label)));
	return TROTH_EXIT_OK;
}

static enum troth_exit confirm_forget(struct troth_cli *cli, const char *label)
{
	char *question = NULL;
	if (troth_cli_has(cli, "yes"))
		return TROTH_EXIT_OK;
	if (asprintf(&question,
		     "All keys of %s will be unlearnt; you'll have to meet anew. Type the label to "
		     "confirm",
		     label) < 0)
		return troth_cli_fail(cli, &(struct troth_failure){.err = TROTH_E_NOMEM},
				      "can't ask");
	enum troth_exit status = troth_prompt_confirm(cli, question, label);
	free(question);
	return status;
}

enum troth_exit troth_trust_forget(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	enum troth_exit status = troth_trust_contact(cli, 1, &contact);
	if (status == TROTH_EXIT_OK)
		status = confirm_forget(cli, contact.label);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	size_t rosters = 0;
	int err = troth_cli_has(cli, "keep-roster")
			  ? TROTH_OK
			  : troth_withdraw_note(store, contact.id, &rosters);
	if (!err)
		err = troth_store_contact_forget(store, contact.id, troth_when_now());
	if (err)
		return troth_home_store_failed(cli, err, "can't forget the contact");
	troth_line(&cli->out, TROTH_STYLE_PLAIN, "%s is forgotten. To meet again: `troth pair`.",
		   contact.label);
	if (rosters > 0)
		troth_note(&cli->out,
			   "Neither sees any more when the other is online, from when this device "
			   "is signed in next; `troth listen` that runs does it at once.");
	troth_json(&cli->out, json_pack("{s:o, s:i}", "forgotten", troth_json_text(contact.label),
					"withdraws", (int)rosters));
	return TROTH_EXIT_OK;
}

static void show_budget(struct troth_cli *cli, const char *label,
			const struct troth_store_budget *budget)
{
	char armed[TROTH_WHEN_LEN];
	if (budget->unlimited)
		troth_line(&cli->out, TROTH_STYLE_PLAIN,
			   "The secret shared with %s is strong (%u bits): guesses at it aren't "
			   "limited.",
			   label, budget->bits);
	else
		troth_line(&cli->out, budget->remaining ? TROTH_STYLE_PLAIN : TROTH_STYLE_BAD,
			   "%s: %lld of %lld guesses are left, armed %s.", label,
			   (long long)budget->remaining, (long long)budget->allowed,
			   troth_when_local(armed, budget->armed));
	if (!budget->unlimited && budget->remaining == 0)
		troth_note(&cli->out, "If you know why, agree on a new secret and use --arm.");
	json_t *remaining = budget->unlimited ? json_null() : json_integer(budget->remaining);
	troth_json(&cli->out,
		   json_pack("{s:o, s:i, s:b, s:I, s:o, s:s}", "label", troth_json_text(label),
			     "bits", (int)budget->bits, "unlimited", budget->unlimited, "spent",
			     (json_int_t)budget->spent, "remaining", remaining, "armed",
			     troth_when_iso(armed, budget->armed)));
}

static int arm(struct troth_store *store, const char *scope, int64_t contact, unsigned bits)
{
	const struct troth_store_budget_params params = {
		.scope = scope, .contact = contact, .bits = bits};
	return troth_store_budget_arm(store, &params, troth_when_now());
}

enum troth_exit troth_trust_secret(struct troth_cli *cli)
{
	struct troth_store *store;
	struct troth_store_contact contact;
	struct troth_store_budget budget = {.bits = 0};
	char scope[TROTH_SCOPE_LEN];
	enum troth_exit status = troth_trust_contact(cli, 1, &contact);
	if (status == TROTH_EXIT_OK)
		status = troth_home_store(cli, &store);
	if (status != TROTH_EXIT_OK)
		return status;
	troth_scope_contact(scope, contact.id);
	int err = troth_store_budget_get(store, scope, &budget);
	if (troth_cli_has(cli, "arm") && (!err || err == TROTH_E_NOT_FOUND)) {
		err = arm(store, scope, contact.id, budget.bits);
		if (!err)
			err = troth_store_budget_get(store, scope, &budget);
	}
	if (err == TROTH_E_NOT_FOUND)
		return troth_cli_fail(
			cli,
			&(struct troth_failure){.err = err,
						.cause = "",
						.next = "`troth pair` asks for one when you meet."},
			"no secret has been tried with %s", contact.label);
	if (err)
		return troth_home_store_failed(cli, err, "can't read the budget");
	show_budget(cli, contact.label, &budget);
	return TROTH_EXIT_OK;
}
