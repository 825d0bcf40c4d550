/* SPDX-License-Identifier: MIT */
/* The accounts of contacts, as they say themselves. Layer: session; inside. */
#ifndef TROTH_SESSION_TOLD_H
#define TROTH_SESSION_TOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <troth/bytes.h>
#include <troth/xml.h>

struct link;
struct troth_session;

#define TOLD_SOURCE "told" /* of such an address in the store */

/* Effect: a stream is up: a contact on the link is told which accounts are ours. */
void told_say(struct link *l);
/* Effect: hears of the contact's; false: it is no such message. */
bool told_stanza(struct link *l, const struct troth_element *message);
/* Whether a contact has that address by its own word alone: then it is nobody's for whoever proves
 * a secret there. */
bool told_only(struct troth_session *s, int64_t contact, const char *bare);
/* Effect: a contact was met there: nobody else has it by his own word any more. */
int told_yield(struct troth_session *s, int64_t contact, const char *bare) TROTH_MUST_USE;

#endif
