/* SPDX-License-Identifier: MIT */
/* The events of an engine, pulled one at a time. Layer: jingle. Allocates nothing: that an event
 * is to be given is a bit of its session. */
#include "base/slice.h"
#include "jingle/session.h"

#include <troth/err.h>

static size_t still_worth(const struct troth_candidates *all)
{
	size_t end = all->told;
	while (end < all->count && !all->failed[end])
		end++;
	return end - all->told;
}

static void describe_candidates(struct troth_jingle_session *s, struct troth_jingle_event *e)
{
	e->candidates = &s->theirs.list[s->theirs.told];
	e->candidate_count = still_worth(&s->theirs);
	e->dstaddr = s->their_dstaddr;
	s->theirs.told = s->theirs.count;
}

static void describe_nominated(const struct troth_jingle_session *s, struct troth_jingle_event *e)
{
	e->candidate = troth_jingle_nominated(s);
	e->ours = s->nominated_ours;
	e->dstaddr = s->nominated_ours ? s->our_dstaddr : s->their_dstaddr;
}

static void describe_end(const struct troth_jingle_session *s, struct troth_jingle_event *e)
{
	e->reason = s->reason;
	e->err = s->err;
	e->by_peer = s->by_peer;
	e->instead = s->instead;
}

static void describe(struct troth_jingle_session *s, struct troth_jingle_event *e)
{
	switch (e->type) {
	case TROTH_JINGLE_CALLED:
	case TROTH_JINGLE_ACCEPTED:
		e->hints = troth_stanza_root(s->hints);
		e->security = s->has_security ? &s->security : NULL;
		break;
	case TROTH_JINGLE_SECURITY:
		e->security = &s->security;
		break;
	case TROTH_JINGLE_CONNECT:
		describe_candidates(s, e);
		break;
	case TROTH_JINGLE_ABANDON:
		e->priority = s->abandon;
		break;
	case TROTH_JINGLE_ACTIVATE:
	case TROTH_JINGLE_OPEN_SOCKS5:
		describe_nominated(s, e);
		break;
	case TROTH_JINGLE_OPEN_IBB:
		e->block_size = s->block_size;
		e->opens = s->caller; /* XEP-0261 2.2: "the initiator now MUST also send" it */
		break;
	case TROTH_JINGLE_ENDED:
		describe_end(s, e);
		break;
	case TROTH_JINGLE_NONE:
	case TROTH_JINGLE_ASK:
		break;
	}
}

static void give(struct troth_jingle_session *s, struct troth_jingle_event *out)
{
	struct troth_jingle_event e = {
		.type = TROTH_JINGLE_ASK,
		.session = s->number,
		.peer = s->peer,
		.caller = s->caller,
		.transport = s->transport,
		.stream_sid = s->stream_sid,
	};
	while ((s->pending & 1U << e.type) == 0)
		e.type++;
	s->pending &= ~(1U << e.type);
	s->heard_of = true;
	describe(s, &e);
	*out = e;
}

void troth_jingle_next(struct troth_jingle *j, int64_t now, struct troth_jingle_event *out)
{
	*out = (struct troth_jingle_event){.type = TROTH_JINGLE_NONE};
	troth_jingle_reap(j);
	troth_jingle_expire(j, now);
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next) {
		if (s->pending != 0) {
			give(s, out);
			return;
		}
	}
}
