/* SPDX-License-Identifier: MIT */
/*
 * The places that a listener has for peers that haven't proved anything yet
 * (docs/protocol.md, "Limits"): in all, for each address or JID, and of those the ones whose
 * user is being asked. Layer: io. It counts; no socket, no clock.
 */
#ifndef TROTH_IO_GATE_H
#define TROTH_IO_GATE_H

#include "base/limits.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <troth/bytes.h>

/* An address as it is counted: an IPv4 address, or the /64 of an IPv6 one. */
struct troth_gate_origin {
	uint8_t bytes[9];
};

struct troth_gate_place {
	bool taken;
	bool asking;
	struct troth_gate_origin origin;
};

/* Members are private; zeroed is empty. */
struct troth_gate {
	struct troth_gate_place place[TROTH_LIMIT_UNAUTHENTICATED];
};

#define TROTH_GATE_NONE (-1)

/* Effect: takes a place and returns it, or TROTH_GATE_NONE when there is none left. */
int troth_gate_enter(struct troth_gate *gate, const struct sockaddr *from);
/* Effect: likewise for somebody who comes over a server, by a bare JID. */
int troth_gate_enter_name(struct troth_gate *gate, const char *name);
/* Effect: a user is to be asked because of the peer at this place. false: too many are
 * being asked already. TROTH_GATE_NONE counts nowhere and is always true. */
bool troth_gate_ask(struct troth_gate *gate, int place) TROTH_MUST_USE;
/* Effect: no user is asked because of it any more. */
void troth_gate_asked(struct troth_gate *gate, int place);
/* Effect: takes a place for the same peer in another gate and gives this one back; returns the
 * new place, or TROTH_GATE_NONE when there is none left: then it keeps this one. */
int troth_gate_move(struct troth_gate *from, int place, struct troth_gate *to) TROTH_MUST_USE;
/* Effect: gives the place back; TROTH_GATE_NONE is fine. */
void troth_gate_leave(struct troth_gate *gate, int place);

#endif
