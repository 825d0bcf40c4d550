/* SPDX-License-Identifier: MIT */
/*
 * An introducer's answer: which keys somebody signed for, and through whom that reaches him
 * (docs/protocol.md, "Third party"). Layer: session, internal to it.
 */
#ifndef TROTH_SESSION_RELIED_H
#define TROTH_SESSION_RELIED_H

#include "session/state.h"

/* One signature of a chain. */
struct relied_link {
	const struct troth_peer_key *key; /* signed for; borrowed from the event */
	const struct troth_endorsement *word;
	struct troth_pin issuer; /* who signed */
};

/* A key of the person asked for, and whose words it rests on. */
struct relied {
	struct relied_link
		links[TROTH_BELIEF_DEPTH_MAX]; /* from that key to the introducer's own */
	unsigned depth;                        /* how many there are */
};

/* Effect: finds the chain of a key in an answer: every word signed, in force and by a key that
 * isn't withdrawn, the last one by a key that is believed to be the introducer's. It may be longer
 * than policy allows. *budget: how many signatures may still be verified for this answer. */
bool relied_find(struct link *l, const struct troth_event *e, const struct troth_peer_key *key,
		 unsigned *budget, struct relied *out);
/* Whether a key in an answer is only there to show whose word another one rests on. */
bool relied_is_link(const struct troth_peer_key *key);

#endif
