/* SPDX-License-Identifier: MIT */
/* Rival streams. Layer: session. Pure. */
#include "session/rivals.h"

#include <string.h>

bool troth_rivals_older_stays(const struct troth_rival *older, const struct troth_rival *newer,
			      const struct troth_pin *own, const struct troth_pin *peer)
{
	if (older->role == newer->role || newer->up_at - older->up_at >= TROTH_RIVALS_MS)
		return false;
	bool ours_is_smaller = memcmp(own->bytes, peer->bytes, sizeof own->bytes) < 0;
	return ours_is_smaller == (older->role == TROTH_INITIATOR);
}
