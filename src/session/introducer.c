/* SPDX-License-Identifier: MIT */
/* Whose word on somebody's key counts now. Layer: session. trust/belief.h says for what. */
#include "session/introducer.h"

#include "base/encode.h"
#include "base/slice.h"

#include <stdio.h>
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

int troth_key_is_withdrawn(struct troth_store *store, const struct troth_pin *pin, bool *out)
{
	struct troth_store_key key;
	int err = troth_store_key_get(store, pin, &key);
	if (err == TROTH_OK)
		*out = key.state == TROTH_STORE_KEY_REVOKED ||
		       key.state == TROTH_STORE_KEY_SUSPENDED ||
		       key.state == TROTH_STORE_KEY_REPLACED;
	else if (err == TROTH_E_NOT_FOUND)
		*out = false;
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

/* The key of somebody behind the introducer: he may be nobody's contact here. */
static int weigh_behind(const struct troth_believed_of *of, struct troth_belief_statement *s)
{
	bool withdrawn = true;
	int err = troth_key_is_withdrawn(of->store, &s->issuer, &withdrawn);
	s->introducer_trusted = err == TROTH_OK && !withdrawn;
	return err;
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
	if (s->depth > 1)
		return weigh_behind(of, s);
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
		if (list[i].kind == TROTH_BELIEF_VOUCHED || list[i].kind == TROTH_BELIEF_INTRODUCED)
			err = weigh(of, &list[i]);
	}
	return err;
}

/* ---- their word ---- */

static const struct troth_belief_key *vouched(const struct troth_believed *b,
					      const struct troth_pin *pin)
{
	const struct troth_belief_key *key = troth_belief_find(&b->belief, pin, TROTH_ROLE_DEVICE);
	if (key == NULL || key->standing != TROTH_KEY_VOUCHED)
		return NULL;
	for (size_t i = 0; i < key->step_count; i++) {
		if (key->steps[i].statement >= b->count)
			return NULL;
	}
	return key->step_count > 0 ? key : NULL;
}

/* Who is no contact has no name here but his key: what a certificate says of itself nobody has
 * looked at. */
static int name_of(struct troth_store *store, const struct troth_pin *pin,
		   char out[TROTH_STORE_LABEL_MAX + 1])
{
	char hex[2 * TROTH_PIN_LEN + 1];
	struct troth_store_key key;
	struct troth_store_contact owner;
	int err = troth_store_key_get(store, pin, &key);
	if (err == TROTH_OK && key.state == TROTH_STORE_KEY_PROVEN && key.contact != 0) {
		err = troth_store_contact_get(store, key.contact, &owner);
		if (err == TROTH_OK)
			memcpy(out, owner.label, sizeof owner.label);
		return err;
	}
	troth_hex(hex, troth_slice_of(pin->bytes, TROTH_PIN_LEN));
	(void)snprintf(out, TROTH_STORE_LABEL_MAX + 1, "the key %.16s", hex);
	return err == TROTH_E_NOT_FOUND ? TROTH_OK : err;
}

/* The steps go from the key to the introducer; people are told the other way round. */
static int describe(struct troth_store *store, const struct troth_believed *b,
		    const struct troth_belief_key *key, struct troth_voucher *out)
{
	const struct troth_belief_statement *says = &b->list[key->steps[0].statement];
	int err = troth_store_contact_get(store, says->introducer, &out->introducer);
	if (err != TROTH_OK)
		return err;
	out->depth = (unsigned)key->step_count;
	size_t len = (size_t)snprintf(out->text, sizeof out->text, "%s", out->introducer.label);
	for (size_t i = key->step_count - 1; err == TROTH_OK && i > 0; i--) {
		char name[TROTH_STORE_LABEL_MAX + 1];
		err = name_of(store, &b->list[key->steps[i].statement].subject, name);
		if (err == TROTH_OK && len < sizeof out->text)
			len += (size_t)snprintf(out->text + len, sizeof out->text - len,
						", on the word of %s", name);
	}
	return err;
}

int troth_introducer_of(const struct troth_believed_of *of, const struct troth_pin *pin,
			struct troth_voucher *out)
{
	struct troth_believed b;
	struct troth_voucher found;
	int err = troth_believed_load(&b, of);
	if (err != TROTH_OK)
		return err;
	const struct troth_belief_key *key = vouched(&b, pin);
	err = key != NULL ? describe(of->store, &b, key, &found) : TROTH_E_NOT_FOUND;
	troth_believed_fini(&b);
	if (err == TROTH_OK)
		*out = found;
	return err;
}
