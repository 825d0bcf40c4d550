/* SPDX-License-Identifier: MIT */
/*
 * Somebody else's name in a question to an introducer (docs/protocol.md, "Third party"): a JID, or
 * the label that the introducer has for that person, written as one. Layer: session. Pure.
 */
#ifndef TROTH_SESSION_PERSON_H
#define TROTH_SESSION_PERSON_H

#include "store/store.h"

/* No account has it (RFC 2606): a label is the local part before it. */
#define TROTH_PERSON_DOMAIN "label.invalid"
#define TROTH_PERSON_MAX 255 /* bytes */

/* Effect: what to ask for: an address ("user@machine", a JID) as it is, anything else as a label
 * (XEP-0106). Errors: TROTH_E_FORMAT for what can't be either, TROTH_E_LIMIT, TROTH_E_NOMEM. */
int troth_person_jid(const char *name, char out[TROTH_PERSON_MAX + 1]) TROTH_MUST_USE;

/* Effect: the label that a bare JID stands for. Errors: TROTH_E_NOT_FOUND when it stands for none.
 */
int troth_person_label(const char *bare, char out[TROTH_STORE_LABEL_MAX + 1]) TROTH_MUST_USE;

#endif
