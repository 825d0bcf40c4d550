/* SPDX-License-Identifier: MIT */
/*
 * <offer/> (XEP-0250 3.1): the methods that one side can do, as read and written.
 * Layer: c2c. Judges form only; choose.h decides.
 */
#ifndef TROTH_C2C_OFFER_H
#define TROTH_C2C_OFFER_H

#include "base/limits.h"
#include "c2c/method.h"
#include "c2c/proof.h"

#include <troth/key.h>
#include <troth/xml.h>

struct troth_offer {
	char names[TROTH_LIMIT_OFFER_KEYS][TROTH_NAME_LEN + 1]; /* lower case */
	size_t name_count;
	unsigned marks;       /* of enum troth_mark */
	const char *question; /* what the secret answers; borrowed, written only; NULL: nothing */
	/* The peer's: who endorses keys that it names; borrowed. NULL: nobody. */
	const struct troth_offer_proofs *proofs;
};

/* Effect: reads it. Unknown children are ignored (XEP-0250 2: "A client MUST ignore XML
 * stanzas defining an authentication method it does not understand"), and so are names
 * that aren't 40 hex digits. Errors: TROTH_E_LIMIT for more keys than allowed. proofs is left to
 * troth_offer_proofs_read. */
int troth_offer_read(struct troth_offer *out, const struct troth_element *offer) TROTH_MUST_USE;

/* The <question/> of an offer that was read, borrowed from it; NULL: there is none, or none that
 * may be shown (longer than TROTH_LIMIT_QUESTION_BYTES). */
const char *troth_offer_read_question(const struct troth_element *offer);

/* Effect: the name that a <keyinfo/> of an offer gives; false when it gives none. */
bool troth_offer_read_name(char out[TROTH_NAME_LEN + 1], const struct troth_element *keyinfo);

/* Effect: writes <offer/> with all that is in it. own: what a contact gets to know about our key
 * beside its name, and the name of our user key; NULL for everybody else. */
void troth_offer_write(struct troth_writer *w, const struct troth_offer *offer,
		       const struct troth_offer_own *own);

/* Effect: adds a key name; TROTH_E_LIMIT when full. */
int troth_offer_add_name(struct troth_offer *offer, const char *name) TROTH_MUST_USE;

bool troth_offer_has_name(const struct troth_offer *offer, const char *name);
bool troth_offer_has(const struct troth_offer *offer, enum troth_mark mark);

#endif
