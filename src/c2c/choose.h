/* SPDX-License-Identifier: MIT */
/*
 * Choosing a method (docs/protocol.md, "Offer" and "Floor"): pure functions of what
 * both sides offer and what this side knows. Layer: c2c. No state, no XML, no TLS.
 *
 *   1. recipient, features: troth_choose_features
 *   2. initiator, request:  troth_choose_request
 *   3. recipient, proceed:  troth_choose_proceed
 *   4. initiator:           troth_choose_accept
 *   without offers:         troth_choose_without_offers
 */
#ifndef TROTH_C2C_CHOOSE_H
#define TROTH_C2C_CHOOSE_H

#include "c2c/offer.h"

#include <troth/stream.h>

/* The least that a side takes, fixed before its first byte. */
enum troth_floor {
	TROTH_FLOOR_PLAIN,      /* policy: anything, even no TLS */
	TROTH_FLOOR_UNVERIFIED, /* policy: TLS with anybody */
	TROTH_FLOOR_VERIFIED,   /* policy: any proof of a key or secret that we hold */
	TROTH_FLOOR_SECRET,     /* a secret was given, or pairing asked for: pake or srp */
	TROTH_FLOOR_KEYS /* a contact with a proven key, or a key that endorses its devices */
};

/* What one side brings to a choice. */
struct troth_side {
	const struct troth_known *known;
	const char *own_name; /* our device key's name */
	unsigned can;         /* marks that this build does: TROTH_MARK_SRP, ... */
};

enum troth_floor troth_floor_of(const struct troth_known *known);

/* Whether a method meets a floor. */
bool troth_floor_admits(enum troth_floor floor, enum troth_method method);

/* Whether a CA may say whose a key of that offer is: known allows it, and of the CAs that the offer
 * names, if it names any, known has one. NULL: there are no offers. */
bool troth_may_try(const struct troth_known *known, const struct troth_offer *theirs);

/* The first key of known that an offer names, or could name where the name isn't known; or NULL. */
const struct troth_known_key *troth_choose_key(const struct troth_known *known,
					       const struct troth_offer *theirs);

/* The first key of an offer that has an endorsement by an issuer of known; or NULL. It selects:
 * whether the endorsement is right is seen when the certificate is there. */
const struct troth_offer_proof *troth_choose_endorsed(const struct troth_known *known,
						      const struct troth_offer *theirs);

/* Whether a key that isn't known may be that of a new device of the contact, or the successor of
 * one that is. Features are for anybody and don't say who endorses it; the proceed does. */
bool troth_may_be_new(const struct troth_known *known, const struct troth_offer *theirs);
/* Whether a peer with that offer could prove itself by a key that we can check. */
bool troth_can_verify(const struct troth_known *known, const struct troth_offer *theirs);

/* Whether a key of that name is one of known's issuers. */
bool troth_known_has_issuer(const struct troth_known *known, const char *name);
/* Whether one of known's issuers endorses a key, as the proof says. */
bool troth_proof_is_believed(const struct troth_known *known,
			     const struct troth_offer_proof *proof);

/* Effect: what a recipient shows. To somebody that no contact holds: its key's name
 * and the methods. */
void troth_choose_features(struct troth_offer *out, const struct troth_side *us);

/* Effect: what the answer to a probe says, given what was asked with (XEP-0250 3.2): no key unless
 * one of theirs can be verified. Changes nothing, promises nothing. */
void troth_choose_probed(struct troth_offer *out, const struct troth_side *us,
			 const struct troth_offer *theirs);

/* Effect: what an initiator asks for, given the features. TROTH_E_KEY_CHANGED: a proven key was
 * expected and isn't offered; TROTH_E_FLOOR: only less than the floor is offered;
 * TROTH_E_NO_METHOD: nothing fits. */
int troth_choose_request(struct troth_offer *out, const struct troth_side *us,
			 const struct troth_offer *features) TROTH_MUST_USE;

/* Effect: the one method of the request that the recipient goes on with. Same errors. */
int troth_choose_proceed(enum troth_method *out, const struct troth_side *us,
			 const struct troth_offer *features,
			 const struct troth_offer *request) TROTH_MUST_USE;

/* Effect: checks that the proceed names one method that we asked for; TROTH_E_FLOOR otherwise. */
int troth_choose_accept(enum troth_method *out, const struct troth_side *us,
			const struct troth_offer *request,
			const struct troth_offer *proceed) TROTH_MUST_USE;

/* Effect: the peer sent no offer: KEY and INSECURE mean certificates, SRP means SRP at the
 * TLS level. Same errors as troth_choose_request. */
int troth_choose_without_offers(enum troth_method *out, const struct troth_side *us) TROTH_MUST_USE;

#endif
