/* SPDX-License-Identifier: MIT */
/* First meetings: what makes somebody a contact. Layer: session. */
#ifndef TROTH_SESSION_MEET_H
#define TROTH_SESSION_MEET_H

#include "session/state.h"

/* ---- meet.c ---- */
/* Effect: stores the meeting with whoever has that key, all or nothing; *contact: who it is. An
 * error has been told, and the link closed. */
int meet_store(struct link *l, const struct troth_peer_key *key, int64_t *contact) TROTH_MUST_USE;
/* Effect: the link knows whom it has met; then the user hears of it. */
void meet_done(struct link *l, int64_t contact, const struct troth_pin *pin);
void meet_tell(struct link *l);
/* Effect: before anything of the secret is proved: whether the peer has the key that a link named.
 * If not that has been told, and the link closed. */
bool meet_expects(struct link *l, const struct troth_event *e);

/* ---- proven.c ---- */
/* Effect: pins the key of the handshake; an error has been told, and the link closed. */
int link_proven(struct link *l, const struct troth_event *e) TROTH_MUST_USE;
void link_proven_up(struct link *l);
/* Effect: it says what it is called. */
void link_proven_named(struct link *l);
void link_proven_closed(struct link *l, int err);
/* Effect: a string to be compared is there; both users have said that it is the same. */
void link_sas(struct link *l, const struct troth_event *e);
void link_compared(struct link *l, const struct troth_event *e);

/* ---- compared.c ---- */
/* Effect: somebody who called us has compared a number with our user: told as paired when he comes
 * again by his key, and as failed when he doesn't. */
void compared_met(struct link *l);
/* Effect: a stream is up: if one of those waits for it, its pairing is complete. */
void compared_confirm(const struct link *l);
void compared_tick(struct troth_session *s);
void compared_free(struct troth_session *s);

void link_keys(struct link *l, const struct troth_event *e);

#endif
