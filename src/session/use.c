/* SPDX-License-Identifier: MIT */
/*
 * What a stream may be used for: its verdict, held against what policy asks (troth-policy(5),
 * "Above the first section"). Layer: session. The one place that knows; nothing else compares
 * levels with policy.
 */
#include "session/state.h"
#include "trust/authority.h"

/* What no policy speaks of: talking needs what let the stream up, everything else a proof. */
static enum troth_level usual(enum troth_policy_use use)
{
	switch (use) {
	case TROTH_POLICY_CHAT:
		return TROTH_LEVEL_PLAIN;
	case TROTH_POLICY_FILES:
	case TROTH_POLICY_BOTS:
		break;
	}
	return TROTH_LEVEL_VERIFIED;
}

static enum troth_level least_of(const struct troth_session *s, enum troth_policy_use use)
{
	const struct troth_policy *p =
		s->authorities != NULL ? troth_authorities_policy(s->authorities) : NULL;
	return p != NULL && p->least_given[use] ? p->least[use] : usual(use);
}

enum troth_level session_least(const struct troth_session *s, enum troth_level asked)
{
	enum troth_level least = least_of(s, TROTH_POLICY_CHAT);
	return least > asked ? least : asked;
}

bool link_may(const struct link *l, enum troth_policy_use use)
{
	return l->up && l->verdict_err == TROTH_OK &&
	       troth_stream_level(l->stream) >= least_of(l->session, use);
}

bool troth_session_may(const struct troth_session *s, unsigned stream, enum troth_policy_use use)
{
	for (const struct link *l = s->links; l != NULL; l = l->next) {
		if (l->number == stream)
			return link_may(l, use);
	}
	return false;
}
