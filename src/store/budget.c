/* SPDX-License-Identifier: MIT */
/*
 * Guess budgets. Layer: store. docs/protocol.md, "Guesses": "A debit is on disk before
 * bytes leave that let the peer test a guess"; a crash may lose a guess, never gain one.
 */
#include "base/limits.h"
#include "store/changes.h"
#include "store/log.h"
#include "store/statement.h"
#include "store/text.h"

#include <inttypes.h>
#include <troth/err.h>

static int fail_unarmed(struct troth_store *store)
{
	return troth_store_fail(store, TROTH_E_NOT_FOUND,
				"No secret is armed for this meeting. Give the secret first.");
}

int troth_store_budget_get(struct troth_store *store, const char *scope,
			   struct troth_store_budget *out)
{
	struct troth_rows rows TROTH_ROWS_AUTO;
	int err = troth_rows_open(
		store,
		"SELECT bits, allowed IS NULL, allowed, spent, armed FROM budget WHERE scope = ?1",
		TROTH_BIND(troth_value_text(scope)), &rows);
	if (err == TROTH_OK)
		err = troth_rows_next(&rows);
	if (err == TROTH_E_NOT_FOUND)
		return fail_unarmed(store);
	if (err != TROTH_OK)
		return err;
	struct troth_store_budget budget = {
		.bits = (unsigned)troth_rows_int(&rows, 0),
		.unlimited = troth_rows_int(&rows, 1) != 0,
		.allowed = troth_rows_int(&rows, 2),
		.spent = troth_rows_int(&rows, 3),
		.armed = troth_rows_int(&rows, 4),
	};
	budget.remaining = budget.unlimited ? INT64_MAX : budget.allowed - budget.spent;
	*out = budget;
	return TROTH_OK;
}

/* In the user's words: a scope is a name between programs. */
static int log_armed(struct troth_store *store, const struct troth_store_budget_params *params,
		     int64_t now)
{
	const struct troth_log_event event = {now, "secret-new", params->contact};
	int64_t allowed = params->allowed == 0 ? TROTH_LIMIT_GUESSES : params->allowed;
	if (params->bits >= TROTH_WEAK_SECRET_BITS)
		return troth_log_event(store, &event,
				       "a new secret of %u bits: guesses are counted, not limited",
				       params->bits);
	return troth_log_event(store, &event,
			       "a new secret: at most %" PRId64 " guesses at it, none used yet",
			       allowed);
}

/* Armed like that already, with nothing spent: for the log nothing happens. */
static bool is_armed(struct troth_store *store, const struct troth_store_budget_params *params)
{
	struct troth_store_budget old;
	int64_t allowed = params->allowed == 0 ? TROTH_LIMIT_GUESSES : params->allowed;
	return troth_store_budget_get(store, params->scope, &old) == TROTH_OK && old.spent == 0 &&
	       old.bits == params->bits && (old.unlimited || old.allowed == allowed);
}

static int arm(struct troth_store *store, const struct troth_store_budget_params *params,
	       int64_t now)
{
	bool strong = params->bits >= TROTH_WEAK_SECRET_BITS;
	int64_t allowed = params->allowed == 0 ? TROTH_LIMIT_GUESSES : params->allowed;
	int err = params->contact == 0 ? TROTH_OK : troth_contact_require(store, params->contact);
	bool armed = err == TROTH_OK && is_armed(store, params);
	if (err == TROTH_OK)
		err = troth_statement_run(
			store,
			"INSERT INTO budget (scope, contact, bits, allowed, spent, armed)"
			" VALUES (?1, ?2, ?3, ?4, 0, ?5)"
			" ON CONFLICT (scope) DO UPDATE SET contact = excluded.contact,"
			" bits = excluded.bits, allowed = excluded.allowed, spent = 0,"
			" armed = excluded.armed",
			TROTH_BIND(troth_value_text(params->scope),
				   troth_value_contact(params->contact),
				   troth_value_int(params->bits),
				   strong ? (struct troth_value){.kind = TROTH_VALUE_NULL}
					  : troth_value_int(allowed),
				   troth_value_int(now)));
	return err == TROTH_OK && !armed ? log_armed(store, params, now) : err;
}

int troth_store_budget_arm(struct troth_store *store,
			   const struct troth_store_budget_params *params, int64_t now)
{
	if (params->allowed < 0)
		return troth_store_fail(store, TROTH_E_INVAL, "A budget can't be negative.");
	int err = troth_text_require(store, params->scope, TROTH_STORE_TEXT_MAX);
	if (err == TROTH_OK)
		err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, arm(store, params, now)) : err;
}

static int debit(struct troth_store *store, const char *scope, struct troth_store_budget *out)
{
	int err = troth_statement_run(store,
				      "UPDATE budget SET spent = spent + 1"
				      " WHERE scope = ?1 AND (allowed IS NULL OR spent < allowed)",
				      TROTH_BIND(troth_value_text(scope)));
	if (err != TROTH_OK)
		return err;
	bool taken = troth_statement_changes(store) == 1;
	err = troth_store_budget_get(store, scope, out);
	if (err == TROTH_OK && !taken)
		return troth_store_fail(
			store, TROTH_E_BUDGET,
			"Too many wrong guesses: the secret is locked. Somebody may be "
			"guessing it; agree on a new one by another way.");
	return err;
}

int troth_store_budget_debit(struct troth_store *store, const char *scope,
			     struct troth_store_budget *out)
{
	struct troth_store_budget budget;
	int err = troth_store_begin(store);
	if (err == TROTH_OK)
		err = troth_store_end(store, debit(store, scope, &budget));
	if (err == TROTH_OK && out != NULL)
		*out = budget;
	return err;
}

int troth_budget_give_back(struct troth_store *store, const char *scope)
{
	struct troth_store_budget budget;
	int err = troth_statement_run(
		store, "UPDATE budget SET spent = spent - 1 WHERE scope = ?1 AND spent > 0",
		TROTH_BIND(troth_value_text(scope)));
	if (err != TROTH_OK || troth_statement_changes(store) == 1)
		return err;
	err = troth_store_budget_get(store, scope, &budget);
	return err == TROTH_OK ? troth_store_fail(store, TROTH_E_INVAL,
						  "No guess was taken that could be given back.")
			       : err;
}

int troth_store_budget_credit(struct troth_store *store, const char *scope)
{
	int err = troth_store_begin(store);
	return err == TROTH_OK ? troth_store_end(store, troth_budget_give_back(store, scope)) : err;
}

int troth_store_budget_disarm(struct troth_store *store, const char *scope)
{
	int err = troth_store_begin(store);
	if (err != TROTH_OK)
		return err;
	err = troth_statement_run(store, "DELETE FROM budget WHERE scope = ?1",
				  TROTH_BIND(troth_value_text(scope)));
	return troth_store_end(store, err);
}
