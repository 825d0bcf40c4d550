/* SPDX-License-Identifier: MIT */
/* Whose word on somebody's key counts now. Layer: session. trust/belief.h says for what. */
#include "session/introducer.h"

#include "session/state.h"

#include <string.h>

bool troth_key_is_vouched(const struct troth_store_key *key)
{
	return key->state == TROTH_STORE_KEY_UNPROVEN &&
	       strcmp(key->how, TROTH_STORE_HOW_VOUCHED) == 0;
}

/* ---- introducers ---- */

static int add(void *user, const struct troth_store_statement *row)
{
	return believed_add(user, &row->says);
}

/* What others say about the introducer himself is left out: his key must be known otherwise, so
 * that no word is passed on, and no two introducers hold each other up. */
static int is_believed(struct troth_store *store, int64_t contact, const struct troth_pin *pin,
		       bool *out)
{
	struct believed b = {0};
	int err = troth_store_statement_list(store, contact, add, &b);
	if (err == TROTH_OK)
		err = believed_conclude(&b);
	for (enum troth_key_role role = TROTH_ROLE_DEVICE;
	     err == TROTH_OK && role <= TROTH_ROLE_USER; role++) {
		const struct troth_belief_key *key = troth_belief_find(&b.belief, pin, role);
		*out |= key != NULL && troth_standing_is_believed(key->standing);
	}
	believed_fini(&b);
	return err;
}

static int weigh(struct troth_store *store, struct troth_belief_statement *s)
{
	struct troth_store_key key;
	bool introduces = false;
	bool believed = false;
	s->introducer_trusted = false;
	int err = troth_store_leave_get(store, s->introducer, TROTH_STORE_LEAVE_INTRODUCE,
					&introduces);
	if (err != TROTH_OK || !introduces)
		return err;
	err = troth_store_key_get(store, &s->issuer, &key);
	if (err != TROTH_OK)
		return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
	if (key.contact != s->introducer || key.state != TROTH_STORE_KEY_PROVEN)
		return TROTH_OK;
	err = is_believed(store, s->introducer, &s->issuer, &believed);
	s->introducer_trusted = believed;
	return err;
}

int troth_introducers_weigh(struct troth_store *store, struct troth_belief_statement *list,
			    size_t count)
{
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < count; i++) {
		if (list[i].kind == TROTH_BELIEF_VOUCHED)
			err = weigh(store, &list[i]);
	}
	return err;
}

/* ---- their word ---- */

static int64_t voucher(const struct believed *b, const struct troth_pin *pin)
{
	const struct troth_belief_key *key = troth_belief_find(&b->belief, pin, TROTH_ROLE_DEVICE);
	if (key == NULL || key->standing != TROTH_KEY_VOUCHED || key->step_count == 0 ||
	    key->steps[0].statement >= b->count)
		return 0;
	return b->list[key->steps[0].statement].introducer;
}

int troth_introducer_of(struct troth_store *store, int64_t contact, const struct troth_pin *pin,
			struct troth_store_contact *out)
{
	struct believed b;
	int err = contact_believe(store, contact, NULL, &b);
	if (err != TROTH_OK)
		return err;
	int64_t who = voucher(&b, pin);
	believed_fini(&b);
	return who != 0 ? troth_store_contact_get(store, who, out) : TROTH_E_NOT_FOUND;
}
