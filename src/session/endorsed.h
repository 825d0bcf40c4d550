/* SPDX-License-Identifier: MIT */
/* A key that other keys of a contact endorse; shared by the files of this folder only. Layer:
 * session. */
#ifndef TROTH_SESSION_ENDORSED_H
#define TROTH_SESSION_ENDORSED_H

#include "session/openpgp_key.h"
#include "trust/belief.h"

#include <troth/stream.h>

struct link;
struct troth_session;

#define ENDORSEMENTS_MAX 8

/* What was just verified, and isn't recorded yet. */
struct endorsed {
	int64_t contact; /* whose keys said it; 0: nobody's, or somebody's whom `claim` names */
	struct troth_openpgp_claim claim; /* of an OpenPGP key; its texts are the link's */
	struct troth_belief_statement says[ENDORSEMENTS_MAX];
	const struct troth_endorsement *by[ENDORSEMENTS_MAX]; /* borrowed from the event */
	size_t count;
};

/* Effect: verifies what keys of a contact say about the key that was just shown. The key of
 * nobody when none of it is right: *out is all zero then. */
int endorsed_find(struct troth_session *s, const struct troth_event *e,
		  struct endorsed *out) TROTH_MUST_USE;
/* Effect: the standing that all of it gives that key. */
int endorsed_standing(struct troth_session *s, const struct endorsed *endorsed,
		      const struct troth_pin *pin, enum troth_key_standing *out) TROTH_MUST_USE;
/* Effect: a new key of a contact was accepted by its endorsements: recorded, pinned, told. */
int endorsed_take(struct link *l, const struct endorsed *endorsed,
		  const struct troth_cert *cert) TROTH_MUST_USE;
/* Effect: it wasn't, but what was signed stays on record: a second successor suspends the first. */
void endorsed_refused(struct link *l, const struct endorsed *endorsed);
/* Effect: the certificate of a contact's key by name; TROTH_E_NOT_FOUND. The caller frees *out. */
int contact_cert_by_name(struct troth_session *s, int64_t contact, const char *name,
			 struct troth_cert **out) TROTH_MUST_USE;

#endif
