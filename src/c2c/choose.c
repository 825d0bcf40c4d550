/* SPDX-License-Identifier: MIT */
/* Choosing a method. Layer: c2c. Pure. */
#include "c2c/choose.h"

#include <string.h>

static bool has_proven_key(const struct troth_known *known)
{
	for (size_t i = 0; i < known->key_count; i++) {
		if (known->keys[i].proven && !known->keys[i].revoked)
			return true;
	}
	return false;
}

enum troth_floor troth_floor_of(const struct troth_known *known)
{
	if (known->pairing)
		return TROTH_FLOOR_SECRET;
	/* A secret that merely lies there must not lock out the key: guesses can use it up, and
	 * "key methods never count and are never locked out". */
	if (has_proven_key(known) || known->issuer_count > 0)
		return TROTH_FLOOR_KEYS;
	if (known->secret != NULL)
		return TROTH_FLOOR_SECRET;
	switch (known->least) {
	case TROTH_LEVEL_PLAIN:
		return TROTH_FLOOR_PLAIN;
	case TROTH_LEVEL_UNVERIFIED:
		return TROTH_FLOOR_UNVERIFIED;
	case TROTH_LEVEL_VOUCHED:
	case TROTH_LEVEL_VERIFIED:
		return TROTH_FLOOR_VERIFIED;
	}
	return TROTH_FLOOR_VERIFIED;
}

bool troth_floor_admits(enum troth_floor floor, enum troth_method method)
{
	switch (method) {
	case TROTH_METHOD_NONE:
		return false;
	case TROTH_METHOD_KEY:
		return floor != TROTH_FLOOR_SECRET;
	case TROTH_METHOD_PAKE:
	case TROTH_METHOD_SRP:
		return floor != TROTH_FLOOR_KEYS;
	case TROTH_METHOD_INSECURE:
		return floor <= TROTH_FLOOR_UNVERIFIED;
	case TROTH_METHOD_PLAIN:
		return floor == TROTH_FLOOR_PLAIN;
	}
	return false;
}

/* A key without a name could be any that they name: the handshake compares the pin. */
static bool could_be(const struct troth_known_key *key, const struct troth_offer *theirs)
{
	if (key->name[0] == 0)
		return !key->revoked && theirs->name_count > 0;
	return troth_offer_has_name(theirs, key->name);
}

const struct troth_known_key *troth_choose_key(const struct troth_known *known,
					       const struct troth_offer *theirs)
{
	for (size_t i = 0; i < known->key_count; i++) {
		if (could_be(&known->keys[i], theirs))
			return &known->keys[i];
	}
	return NULL;
}

bool troth_known_has_issuer(const struct troth_known *known, const char *name)
{
	for (size_t i = 0; i < known->issuer_count; i++) {
		if (strcmp(known->issuers[i].name, name) == 0)
			return true;
	}
	return false;
}

/* "Signatures in the form of XEP-0189 itself are read and never trusted." */
bool troth_proof_is_believed(const struct troth_known *known, const struct troth_offer_proof *proof)
{
	for (size_t i = 0; i < proof->endorsements.count; i++) {
		const struct troth_endorsement *e = proof->endorsements.items[i];
		if (e->purpose != TROTH_PURPOSE_NONE &&
		    troth_known_has_issuer(known, e->issuer_name))
			return true;
	}
	return false;
}

const struct troth_offer_proof *troth_choose_endorsed(const struct troth_known *known,
						      const struct troth_offer *theirs)
{
	size_t count = theirs->proofs != NULL ? theirs->proofs->count : 0;
	for (size_t i = 0; i < count; i++) {
		const struct troth_offer_proof *proof = &theirs->proofs->items[i];
		if (troth_offer_has_name(theirs, proof->name) &&
		    troth_proof_is_believed(known, proof))
			return proof;
	}
	return NULL;
}

static bool has_ca(const struct troth_known *known, const struct troth_pin *pin)
{
	for (size_t i = 0; i < known->ca_count; i++) {
		if (troth_pin_equal(&known->cas[i], pin))
			return true;
	}
	return false;
}

/* "issued-by names an issuer that the verifier believes for that JID [...]; without issued-by, a
 * policy with a CA for that JID may try" */
bool troth_may_try(const struct troth_known *known, const struct troth_offer *theirs)
{
	size_t count = theirs != NULL && theirs->proofs != NULL ? theirs->proofs->count : 0;
	bool silent = true;
	if (!known->may_try || known->ca_count == 0)
		return known->may_try;
	for (size_t i = 0; i < count; i++) {
		const struct troth_offer_proof *proof = &theirs->proofs->items[i];
		if (!troth_offer_has_name(theirs, proof->name))
			continue;
		for (size_t k = 0; k < proof->ca_count; k++) {
			if (has_ca(known, &proof->cas[k]))
				return true;
			silent = false;
		}
	}
	return silent;
}

/* docs/protocol.md, "Who can be verified": the key is pinned, or endorsed by a key that counts;
 * or a CA may say whose it is. */
bool troth_can_verify(const struct troth_known *known, const struct troth_offer *theirs)
{
	return troth_choose_key(known, theirs) != NULL ||
	       troth_choose_endorsed(known, theirs) != NULL ||
	       (troth_may_try(known, theirs) && !has_proven_key(known) && theirs->name_count > 0);
}

bool troth_may_be_new(const struct troth_known *known, const struct troth_offer *theirs)
{
	return known->issuer_count > 0 && theirs->name_count > 0;
}

static bool may_go_by_key(const struct troth_side *us, const struct troth_offer *theirs)
{
	return troth_floor_admits(troth_floor_of(us->known), TROTH_METHOD_KEY) &&
	       troth_can_verify(us->known, theirs);
}

static bool names_endorsers(const struct troth_offer *offer)
{
	size_t count = offer->proofs != NULL ? offer->proofs->count : 0;
	for (size_t i = 0; i < count; i++) {
		if (offer->proofs->items[i].endorsements.count > 0)
			return true;
	}
	return false;
}

/* Features that say nothing of who endorses the key are those for anybody: the proceed will say. */
static bool may_be_told(const struct troth_side *us, const struct troth_offer *features)
{
	return !names_endorsers(features) && troth_may_be_new(us->known, features) &&
	       troth_floor_admits(troth_floor_of(us->known), TROTH_METHOD_KEY);
}

/* Whether this side could go on with a method that a mark offers. */
static bool usable(const struct troth_side *us, const struct troth_mark_row *row)
{
	if (row->method == TROTH_METHOD_NONE || (us->can & row->mark) == 0)
		return false;
	if (!troth_floor_admits(troth_floor_of(us->known), row->method))
		return false;
	if (troth_method_is_secret(row->method))
		return us->known->secret != NULL || us->known->may_ask;
	return true;
}

static unsigned usable_marks(const struct troth_side *us)
{
	unsigned marks = 0;
	for (const struct troth_mark_row *row = troth_mark_rows(); row->name != NULL; row++) {
		if (usable(us, row))
			marks |= row->mark;
	}
	return marks;
}

/* "I can compare a short authentication string": beside insecure, which is where it helps. */
static unsigned with_sas(const struct troth_side *us, unsigned marks)
{
	return (marks & TROTH_MARK_INSECURE) != 0 ? marks | (us->can & TROTH_MARK_SAS) : marks;
}

void troth_choose_features(struct troth_offer *out, const struct troth_side *us)
{
	*out = (struct troth_offer){.marks =
					    with_sas(us, usable_marks(us)) | TROTH_MARK_TRANSCRIPT};
	memcpy(out->names[out->name_count++], us->own_name, TROTH_NAME_LEN + 1);
}

/* XEP-0250 3.2: "It MUST only send the keyinfo elements that match a keyinfo of the offer." */
void troth_choose_probed(struct troth_offer *out, const struct troth_side *us,
			 const struct troth_offer *theirs)
{
	troth_choose_features(out, us);
	if (!may_go_by_key(us, theirs)) {
		memset(out->names, 0, sizeof out->names);
		out->name_count = 0;
	}
}

/* Why nothing fits: the reason decides what the user is told. */
static int no_choice(const struct troth_side *us, const struct troth_offer *theirs)
{
	if (troth_floor_of(us->known) == TROTH_FLOOR_KEYS)
		return TROTH_E_KEY_CHANGED;
	if (theirs == NULL || theirs->name_count > 0 ||
	    (theirs->marks & ~TROTH_MARK_TRANSCRIPT) != 0)
		return troth_floor_of(us->known) == TROTH_FLOOR_SECRET ? TROTH_E_FLOOR
								       : TROTH_E_NO_METHOD;
	return TROTH_E_NO_METHOD;
}

int troth_choose_request(struct troth_offer *out, const struct troth_side *us,
			 const struct troth_offer *features)
{
	struct troth_offer request = {.marks = with_sas(us, usable_marks(us) & features->marks) &
					       (features->marks | ~(unsigned)TROTH_MARK_SAS)};
	if (may_go_by_key(us, features) || may_be_told(us, features))
		memcpy(request.names[request.name_count++], us->own_name, TROTH_NAME_LEN + 1);
	if (request.marks == 0 && request.name_count == 0)
		return no_choice(us, features);
	request.marks |= TROTH_MARK_TRANSCRIPT;
	*out = request;
	return TROTH_OK;
}

/* docs/protocol.md, "Offer": preference by the level that results. The rows stand in that order. */
int troth_choose_proceed(enum troth_method *out, const struct troth_side *us,
			 const struct troth_offer *features, const struct troth_offer *request)
{
	if (may_go_by_key(us, request)) {
		*out = TROTH_METHOD_KEY;
		return TROTH_OK;
	}
	for (const struct troth_mark_row *row = troth_mark_rows(); row->name != NULL; row++) {
		if ((features->marks & request->marks & row->mark) != 0 && usable(us, row)) {
			*out = row->method;
			return TROTH_OK;
		}
	}
	return no_choice(us, request);
}

int troth_choose_accept(enum troth_method *out, const struct troth_side *us,
			const struct troth_offer *request, const struct troth_offer *proceed)
{
	unsigned methods = proceed->marks & ~(unsigned)TROTH_MARK_TRANSCRIPT;
	if (proceed->name_count == 1 && methods == 0) {
		if (request->name_count == 0 || !may_go_by_key(us, proceed))
			return TROTH_E_FLOOR;
		*out = TROTH_METHOD_KEY;
		return TROTH_OK;
	}
	if (proceed->name_count != 0 || (methods & ~request->marks) != 0)
		return TROTH_E_FLOOR;
	for (const struct troth_mark_row *row = troth_mark_rows(); row->name != NULL; row++) {
		if (methods == (unsigned)row->mark && row->method != TROTH_METHOD_NONE) {
			*out = row->method;
			return TROTH_OK;
		}
	}
	return TROTH_E_FLOOR; /* none, or more than one */
}

int troth_choose_without_offers(enum troth_method *out, const struct troth_side *us)
{
	enum troth_floor floor = troth_floor_of(us->known);
	bool secret = us->known->secret != NULL || us->known->may_ask;
	bool srp = (us->can & TROTH_MARK_SRP) != 0 && secret;
	switch (floor) {
	case TROTH_FLOOR_KEYS:
		*out = TROTH_METHOD_KEY;
		return TROTH_OK;
	case TROTH_FLOOR_SECRET:
		if (!srp)
			return TROTH_E_FLOOR;
		*out = TROTH_METHOD_SRP;
		return TROTH_OK;
	case TROTH_FLOOR_VERIFIED:
	case TROTH_FLOOR_UNVERIFIED:
	case TROTH_FLOOR_PLAIN:
		break;
	}
	if (us->known->key_count > 0) { /* endorsements come with offers, and here are none */
		*out = TROTH_METHOD_KEY;
		return TROTH_OK;
	}
	if (srp) {
		*out = TROTH_METHOD_SRP;
		return TROTH_OK;
	}
	if (us->known->may_try) {
		*out = TROTH_METHOD_KEY;
		return TROTH_OK;
	}
	if (!troth_floor_admits(floor, TROTH_METHOD_INSECURE))
		return no_choice(us, NULL);
	*out = TROTH_METHOD_INSECURE;
	return TROTH_OK;
}
