/* SPDX-License-Identifier: MIT */
/*
 * What is recorded of a contact, what that amounts to (trust/belief.h), and the store's keys
 * brought in line with it. Layer: session. Decides nothing itself.
 */
#include "session/state.h"

#include "base/slice.h"
#include "session/introducer.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is recorded ---- */

int believed_add(struct believed *b, const struct troth_belief_statement *says)
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
	return believed_add(user, &row->says);
}

bool key_is_concluded(const struct troth_store_key *key)
{
	return strcmp(key->how, HOW_ENDORSED) == 0 || strcmp(key->how, HOW_RENEWED) == 0;
}

int believed_conclude(struct believed *b)
{
	const struct troth_belief_policy policy = troth_belief_policy_default();
	const struct troth_belief_question question = {
		.statements = b->list,
		.count = b->count,
		.policy = &policy,
		.now = session_now(),
	};
	return troth_belief_conclude(&b->belief, &question);
}

int contact_believe(struct troth_store *store, int64_t contact, const struct endorsed *also,
		    struct believed *out)
{
	memset(out, 0, sizeof *out);
	int err = troth_store_statement_list(store, contact, add_statement, out);
	for (size_t i = 0; err == TROTH_OK && also != NULL && i < also->count; i++)
		err = believed_add(out, &also->says[i]);
	if (err == TROTH_OK)
		err = troth_introducers_weigh(store, out->list, out->count);
	if (err == TROTH_OK)
		err = believed_conclude(out);
	if (err != TROTH_OK)
		believed_fini(out);
	return err;
}

void believed_fini(struct believed *b)
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

static int settle_key(struct troth_session *s, int64_t contact, const struct troth_belief_key *key)
{
	struct troth_store_key row;
	enum troth_store_key_state state = state_of(key->standing);
	int err = troth_store_key_get(s->store, &key->pin, &row);
	if (err != TROTH_OK || row.contact != contact || row.state == state)
		return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
	if (row.state == TROTH_STORE_KEY_REVOKED || row.state == TROTH_STORE_KEY_SEEN)
		return TROTH_OK;
	if (state == TROTH_STORE_KEY_REVOKED || state == TROTH_STORE_KEY_SUSPENDED ||
	    state == TROTH_STORE_KEY_REPLACED)
		return troth_store_key_withdraw(s->store, &key->pin, state,
						reason_of(key->standing), session_now());
	if (state != TROTH_STORE_KEY_PROVEN)
		return TROTH_OK;
	/* It was suspended, and something that decides has come. */
	const struct troth_store_new_key again = {
		.pin = &key->pin, .name = "", .how = row.how, .role = row.role, .concluded = true};
	return row.state == TROTH_STORE_KEY_SUSPENDED
		       ? troth_store_key_pin(s->store, contact, &again, session_now())
		       : TROTH_OK;
}

int contact_settle(struct troth_session *s, int64_t contact)
{
	struct believed b;
	int err = contact_believe(s->store, contact, NULL, &b);
	if (err != TROTH_OK)
		return err;
	for (size_t i = 0; err == TROTH_OK && i < b.belief.count; i++)
		err = settle_key(s, contact, &b.belief.keys[i]);
	believed_fini(&b);
	return err;
}

/* ---- recording ---- */

static int record(struct troth_session *s, int64_t contact,
		  const struct troth_belief_statement *says,
		  void (*write)(struct troth_writer *w, const void *what), const void *what)
{
	struct troth_buf xml TROTH_CLEANUP(troth_buf_fini);
	struct troth_writer w;
	troth_buf_init(&xml, TROTH_STORE_BLOB_MAX);
	troth_writer_init(&w, &xml, "");
	if (write != NULL)
		write(&w, what);
	int err = troth_writer_finish(&w);
	const struct troth_store_statement row = {
		.contact = contact, .says = *says, .data = troth_buf_slice(&xml)};
	return err == TROTH_OK ? troth_store_statement_append(s->store, &row) : err;
}

static void write_endorsement(struct troth_writer *w, const void *what)
{
	troth_endorsement_write(w, what);
}

static void write_revocation(struct troth_writer *w, const void *what)
{
	troth_revocation_write(w, what);
}

int statement_record(struct troth_session *s, int64_t contact,
		     const struct troth_belief_statement *says)
{
	return record(s, contact, says, NULL, NULL);
}

int statement_endorsement(struct troth_session *s, int64_t contact,
			  const struct troth_belief_statement *says,
			  const struct troth_endorsement *e)
{
	return record(s, contact, says, write_endorsement, e);
}

int statement_revocation(struct troth_session *s, int64_t contact,
			 const struct troth_belief_statement *says,
			 const struct troth_revocation *r)
{
	return record(s, contact, says, write_revocation, r);
}
