/* SPDX-License-Identifier: MIT */
/* What is to be typed on the other machine, so that it comes to this one. Layer: cli. */
#ifndef TROTH_CLI_MEET_INVITE_H
#define TROTH_CLI_MEET_INVITE_H

#include "cli/running.h"
#include "io/where.h"

/* Effect: an address of this machine and the session's port; the loopback's where it has no other,
 * and then false: only this machine's users reach it. */
bool troth_invite_where(const struct troth_running *r, char out[TROTH_WHERE_TEXT]);
/* Effect: the verb with the name on the link, if there is one to be seen, and with that address. */
void troth_invite(struct troth_running *r);
/* Effect: the same with an account, once it is signed in: n is that news. */
void troth_invite_online(struct troth_running *r, const struct troth_news *n);

#endif
