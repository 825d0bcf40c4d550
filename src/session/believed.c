/* SPDX-License-Identifier: MIT */
/* What statements of a contact's keys amount to. Layer: session. Decides nothing itself. */
#include "session/believed.h"

#include "session/introducer.h"

#include <stdlib.h>
#include <string.h>
#include <troth/err.h>

/* ---- what is recorded ---- */

static int grow(struct troth_believed *b, const struct troth_belief_statement *says)
{
	if (b->count == b->room) {
		size_t room = b->room != 0 ? 2 * b->room : 16;
		struct troth_belief_statement *list = realloc(b->list, room * sizeof *list);
		if (list == NULL)
			return TROTH_E_NOMEM;
		b->list = list;
		b->room = room;
	}
	b->list[b->count++] = *says;
	return TROTH_OK;
}

static int add_statement(void *user, const struct troth_store_statement *row)
{
	return grow(user, &row->says);
}

bool troth_key_is_concluded(const struct troth_store_key *key)
{
	return strcmp(key->how, HOW_ENDORSED) == 0 || strcmp(key->how, HOW_RENEWED) == 0 ||
	       strcmp(key->how, HOW_OPENPGP) == 0;
}

int troth_believed_load(struct troth_believed *out, const struct troth_believed_of *of)
{
	memset(out, 0, sizeof *out);
	int err = troth_store_statement_list(of->store, of->contact, add_statement, out);
	for (size_t i = 0; err == TROTH_OK && i < of->also_count; i++)
		err = grow(out, &of->also[i]);
	if (err == TROTH_OK && !of->alone)
		err = troth_introducers_weigh(of, out->list, out->count);
	const struct troth_belief_question question = {
		.statements = out->list,
		.count = out->count,
		.policy = troth_store_belief_policy(of->store),
		.now = of->now,
	};
	if (err == TROTH_OK)
		err = troth_belief_conclude(&out->belief, &question);
	if (err != TROTH_OK)
		troth_believed_fini(out);
	return err;
}

void troth_believed_fini(struct troth_believed *b)
{
	troth_belief_fini(&b->belief);
	free(b->list);
	memset(b, 0, sizeof *b);
}

/* ---- the store's keys ---- */

/* A void key isn't revoked itself: its owner may pair with it again. */
static enum troth_store_key_state state_of(enum troth_key_standing standing)
{
	switch (standing) {
	case TROTH_KEY_REVOKED:
		return TROTH_STORE_KEY_REVOKED;
	case TROTH_KEY_SUSPENDED:
	case TROTH_KEY_VOID:
		return TROTH_STORE_KEY_SUSPENDED;
	case TROTH_KEY_REPLACED:
		return TROTH_STORE_KEY_REPLACED;
	case TROTH_KEY_CERTIFIED:
	case TROTH_KEY_OPENPGP:
	case TROTH_KEY_ENDORSED:
	case TROTH_KEY_PROVEN:
	case TROTH_KEY_UNCERTIFIED:
		return TROTH_STORE_KEY_PROVEN;
	case TROTH_KEY_UNPROVEN:
	case TROTH_KEY_VOUCHED:
		return TROTH_STORE_KEY_UNPROVEN;
	case TROTH_KEY_UNKNOWN:
		break;
	}
	return TROTH_STORE_KEY_SEEN;
}

static const char *reason_of(enum troth_key_standing standing)
{
	if (standing == TROTH_KEY_REVOKED)
		return "by the key itself, or by the user key above it";
	if (standing == TROTH_KEY_SUSPENDED)
		return "what keys said about it doesn't go together";
	if (standing == TROTH_KEY_VOID)
		return "the key that spoke for it was revoked";
	return "by the key that was named as its successor";
}

static int settle_key(const struct troth_believed_of *of, const struct troth_belief_key *key)
{
	struct troth_store_key row;
	enum troth_store_key_state state = state_of(key->standing);
	int err = troth_store_key_get(of->store, &key->pin, &row);
	if (err != TROTH_OK || row.contact != of->contact || row.state == state)
		return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
	if (row.state == TROTH_STORE_KEY_REVOKED || row.state == TROTH_STORE_KEY_SEEN)
		return TROTH_OK;
	/* Less validity is asked for, or more, than when it was learnt. */
	if (state == TROTH_STORE_KEY_SEEN && strcmp(row.how, HOW_OPENPGP) == 0 &&
	    row.role == TROTH_ROLE_DEVICE && row.state == TROTH_STORE_KEY_PROVEN)
		state = TROTH_STORE_KEY_SUSPENDED;
	if (state == TROTH_STORE_KEY_REVOKED || state == TROTH_STORE_KEY_SUSPENDED ||
	    state == TROTH_STORE_KEY_REPLACED)
		return troth_store_key_withdraw(of->store, &key->pin, state,
						reason_of(key->standing), of->now);
	if (state != TROTH_STORE_KEY_PROVEN)
		return TROTH_OK;
	/* It was suspended, and something that decides has come. */
	const struct troth_store_new_key again = {
		.pin = &key->pin, .name = "", .how = row.how, .role = row.role, .concluded = true};
	return row.state == TROTH_STORE_KEY_SUSPENDED
		       ? troth_store_key_pin(of->store, of->contact, &again, of->now)
		       : TROTH_OK;
}

int troth_believed_settle(const struct troth_believed_of *of)
{
	struct troth_believed b;
	int err = troth_believed_load(&b, of);
	if (err != TROTH_OK)
		return err;
	for (size_t i = 0; err == TROTH_OK && i < b.belief.count; i++)
		err = settle_key(of, &b.belief.keys[i]);
	troth_believed_fini(&b);
	return err;
}
