/* SPDX-License-Identifier: MIT */
/*
 * Two streams with one contact: which one stays. Layer: session. Pure. Both sides must
 * come to the same answer without a word, or they close both.
 */
#ifndef TROTH_SESSION_RIVALS_H
#define TROTH_SESSION_RIVALS_H

#include <troth/key.h>
#include <troth/stream.h>

/* Streams that came up within this time of each other were dialled at once by both. */
#define TROTH_RIVALS_MS 10000

struct troth_rival {
	enum troth_role role; /* ours on it */
	int64_t up_at;        /* ms */
};

/*
 * Whether the older stream stays and the newer one ends.
 *
 * When both sides dialled at once, the stream stays whose initiator has the
 * lexicographically smaller pin. Otherwise the newer one stays: whoever dialled again had a
 * reason to, and the older one is probably dead without our having noticed.
 */
bool troth_rivals_older_stays(const struct troth_rival *older, const struct troth_rival *newer,
			      const struct troth_pin *own, const struct troth_pin *peer);

#endif
