/* SPDX-License-Identifier: MIT */
/*
 * What the user decided about OpenPGP, kept in the trust store: which key is theirs, and which
 * key is whose although no user ID says so. Layer: openpgp. It knows no keyring.
 *
 * Errors are those of the store (store/store.h), and its sentence says more; TROTH_E_FORMAT for
 * what is no fingerprint, TROTH_E_INVAL for an address on a link.
 */
#ifndef TROTH_OPENPGP_ASSIGNED_H
#define TROTH_OPENPGP_ASSIGNED_H

#include "openpgp/openpgp.h"
#include "store/store.h"

/* Effect: the key that endorses this device, into out[TROTH_OPENPGP_FINGERPRINT_LEN + 1].
 * Errors: TROTH_E_NOT_FOUND when none is chosen. */
int troth_openpgp_chosen(struct troth_store *store, char *out) TROTH_MUST_USE;
/* Effect: chooses it; NULL: none. Goes to the log. */
int troth_openpgp_choose(struct troth_store *store, const char *fingerprint,
			 int64_t now) TROTH_MUST_USE;

/* Effect: the key that the user assigned to the bare JID. Errors: TROTH_E_NOT_FOUND. */
int troth_openpgp_assigned(struct troth_store *store, const struct troth_address *jid,
			   char *out) TROTH_MUST_USE;
/* Effect: from now on the JID is believed to be that of whoever has this key, as far as the key
 * itself is valid; instead of one assigned before. NULL: no key. Goes to the log. Errors:
 * TROTH_E_NOT_FOUND when there is none to be removed. */
int troth_openpgp_assign(struct troth_store *store, const struct troth_address *jid,
			 const char *fingerprint, int64_t now) TROTH_MUST_USE;

typedef int troth_openpgp_assigned_each(void *user, const char *jid, const char *fingerprint);
/* Effect: all of them, by JID. Return 0 to go on; anything else ends and is returned. */
int troth_openpgp_assigned_list(struct troth_store *store, troth_openpgp_assigned_each *each,
				void *user) TROTH_MUST_USE;

#endif
