/* SPDX-License-Identifier: MIT */
/* Whose word on somebody's key counts now. Layer: session. trust/belief.h says for what. */
#include "session/introducer.h"

#include <string.h>
#include <troth/err.h>

bool troth_key_is_vouched(const struct troth_store_key *key)
{
	return key->state == TROTH_STORE_KEY_UNPROVEN &&
	       strcmp(key->how, TROTH_STORE_HOW_VOUCHED) == 0;
}

/* ---- introducers ---- */

/* What others say about the introducer himself is left out: his key must be known otherwise, so
 * that no word is passed on, and no two introducers hold each other up. */
static int is_believed(const struct troth_believed_of *of, const struct troth_pin *pin, bool *out)
{
	struct troth_believed b;
	int err = troth_believed_load(&b, of);
	if (err != TROTH_OK)
		return err;
	for (enum troth_key_role role = TROTH_ROLE_DEVICE; role <= TROTH_ROLE_USER; role++) {
		const struct troth_belief_key *key = troth_belief_find(&b.belief, pin, role);
		*out |= key != NULL && troth_standing_is_believed(key->standing);
	}
	troth_believed_fini(&b);
	return TROTH_OK;
}

static int weigh(const struct troth_believed_of *of, struct troth_belief_statement *s)
{
	const struct troth_believed_of introducer = {
		.store = of->store, .contact = s->introducer, .now = of->now, .alone = true};
	struct troth_store_key key;
	bool introduces = false;
	bool believed = false;
	s->introducer_trusted = false;
	int err = troth_store_leave_get(of->store, s->introducer, TROTH_STORE_LEAVE_INTRODUCE,
					&introduces);
	if (err != TROTH_OK || !introduces)
		return err;
	err = troth_store_key_get(of->store, &s->issuer, &key);
	if (err != TROTH_OK)
		return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
	if (key.contact != s->introducer || key.state != TROTH_STORE_KEY_PROVEN)
		return TROTH_OK;
	err = is_believed(&introducer, &s->issuer, &believed);
	s->introducer_trusted = believed;
	return err;
}

int troth_introducers_weigh(const struct troth_believed_of *of, struct troth_belief_statement *list,
			    size_t count)
{
	int err = TROTH_OK;
	for (size_t i = 0; err == TROTH_OK && i < count; i++) {
		if (list[i].kind == TROTH_BELIEF_VOUCHED)
			err = weigh(of, &list[i]);
	}
	return err;
}

/* ---- their word ---- */

static int64_t voucher(const struct troth_believed *b, const struct troth_pin *pin)
{
	const struct troth_belief_key *key = troth_belief_find(&b->belief, pin, TROTH_ROLE_DEVICE);
	if (key == NULL || key->standing != TROTH_KEY_VOUCHED || key->step_count == 0 ||
	    key->steps[0].statement >= b->count)
		return 0;
	return b->list[key->steps[0].statement].introducer;
}

int troth_introducer_of(const struct troth_believed_of *of, const struct troth_pin *pin,
			struct troth_store_contact *out)
{
	struct troth_believed b;
	int err = troth_believed_load(&b, of);
	if (err != TROTH_OK)
		return err;
	int64_t who = voucher(&b, pin);
	troth_believed_fini(&b);
	return who != 0 ? troth_store_contact_get(of->store, who, out) : TROTH_E_NOT_FOUND;
}
