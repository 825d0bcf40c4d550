/* SPDX-License-Identifier: MIT */
/* What the peer answered to our requests, or didn't in time. Layer: jingle. */
#include "base/slice.h"
#include "jingle/session.h"

#include <stdlib.h>
#include <troth/err.h>

static int error_of(enum troth_stanza_condition condition)
{
	switch (condition) {
	case TROTH_STANZA_ITEM_NOT_FOUND:
	case TROTH_STANZA_RECIPIENT_UNAVAILABLE:
	case TROTH_STANZA_SERVICE_UNAVAILABLE:
	case TROTH_STANZA_FEATURE_NOT_IMPLEMENTED:
		return TROTH_E_UNREACHABLE;
	case TROTH_STANZA_FORBIDDEN:
	case TROTH_STANZA_NOT_ALLOWED:
	case TROTH_STANZA_NOT_AUTHORIZED:
	case TROTH_STANZA_POLICY_VIOLATION:
	case TROTH_STANZA_RESOURCE_CONSTRAINT:
	case TROTH_STANZA_NOT_ACCEPTABLE:
		return TROTH_E_PEER_REFUSED;
	case TROTH_STANZA_UNDEFINED_CONDITION:
	case TROTH_STANZA_BAD_REQUEST:
	case TROTH_STANZA_CONFLICT:
	case TROTH_STANZA_JID_MALFORMED:
	case TROTH_STANZA_UNEXPECTED_REQUEST:
		break;
	}
	return TROTH_E_PEER_ERROR;
}

/* XEP-0166 7.2.16: "both parties MUST accept the action sent by the initiator": it is on its way,
 * or was accepted before this arrived. */
static void lost_tie(struct troth_jingle_session *s, int64_t now)
{
	free(s->next_sid);
	s->next_sid = NULL;
	troth_jingle_enter(s, TROTH_STAGE_AWAITING, now + TROTH_TIME_JINGLE_REPLACE);
}

static void refused(struct troth_jingle *j, struct troth_jingle_session *s,
		    const struct troth_iq_answer *answer, int64_t now)
{
	const enum troth_jingle_action action = (enum troth_jingle_action)answer->tag;
	struct troth_jingle_ending ending = {TROTH_JINGLE_REASON_GENERAL_ERROR,
					     error_of(answer->condition), true, false};
	/* There is no session at the other end, or none any more. */
	if (action == TROTH_JINGLE_ACTION_SESSION_INITIATE && ending.err == TROTH_E_UNREACHABLE)
		ending.err = TROTH_E_NOT_FOUND;
	ending.quiet = action == TROTH_JINGLE_ACTION_SESSION_INITIATE ||
		       answer->condition == TROTH_STANZA_ITEM_NOT_FOUND;
	if (action == TROTH_JINGLE_ACTION_CONTENT_REJECT ||
	    action == TROTH_JINGLE_ACTION_TRANSPORT_REJECT)
		return; /* nothing depends on it */
	if (action == TROTH_JINGLE_ACTION_TRANSPORT_REPLACE) {
		if (s->stage != TROTH_STAGE_REPLACING)
			return; /* overruled meanwhile */
		if (!s->caller && answer->condition == TROTH_STANZA_CONFLICT) {
			lost_tie(s, now);
			return;
		}
		ending.reason = TROTH_JINGLE_REASON_FAILED_TRANSPORT;
		ending.err = TROTH_E_UNREACHABLE;
	}
	/* What the transport said before it was replaced is of no interest any more. */
	if (action == TROTH_JINGLE_ACTION_TRANSPORT_INFO && !ending.quiet &&
	    (s->stage == TROTH_STAGE_REPLACING || s->transport == TROTH_JINGLE_IBB))
		return;
	troth_jingle_end(j, s, &ending);
}

int troth_jingle_take_answer(struct troth_jingle *j, const struct troth_element *iq,
			     const struct troth_address *peer, int64_t now, bool *handled)
{
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next) {
		struct troth_iq_answer answer;
		if (!troth_address_same(s->peer, peer) ||
		    troth_iq_tracker_match(s->tracker, iq, troth_address_full(peer), &answer) !=
			    TROTH_OK)
			continue;
		*handled = true;
		if (s->stage == TROTH_STAGE_OVER)
			return TROTH_OK;
		if (!answer.ok)
			refused(j, s, &answer, now);
		else if (answer.tag == TROTH_JINGLE_ACTION_SESSION_INITIATE)
			s->acked = true;
		return TROTH_OK;
	}
	return TROTH_OK;
}

/* ---- Time ---- */

static void too_late(struct troth_jingle *j, struct troth_jingle_session *s, int64_t now)
{
	struct troth_jingle_ending ending = {TROTH_JINGLE_REASON_TIMEOUT, TROTH_E_TIMEOUT, false,
					     false};
	switch (s->stage) {
	case TROTH_STAGE_CONNECTING:
	case TROTH_STAGE_ACTIVATING:
	case TROTH_STAGE_ACTIVATED_BY_PEER:
		if (s->caller && troth_jingle_fall_back(j, s, true, now) == TROTH_OK)
			return;
		if (!s->caller && s->stage != TROTH_STAGE_CONNECTING &&
		    troth_jingle_stalled(j, s->number, now) == TROTH_OK)
			return;
		ending.reason = TROTH_JINGLE_REASON_CONNECTIVITY_ERROR;
		ending.err = TROTH_E_UNREACHABLE;
		break;
	case TROTH_STAGE_AWAITING:
	case TROTH_STAGE_REPLACING:
		ending.reason = TROTH_JINGLE_REASON_CONNECTIVITY_ERROR;
		ending.err = TROTH_E_UNREACHABLE;
		break;
	case TROTH_STAGE_PREPARED:
	case TROTH_STAGE_ASKED:
	case TROTH_STAGE_CALLING:
	case TROTH_STAGE_CALLED:
	case TROTH_STAGE_OPEN:
	case TROTH_STAGE_OVER:
		break;
	}
	troth_jingle_end(j, s, &ending);
}

void troth_jingle_expire(struct troth_jingle *j, int64_t now)
{
	const struct troth_jingle_ending silence = {TROTH_JINGLE_REASON_TIMEOUT, TROTH_E_TIMEOUT,
						    false, false};
	int tag;
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next) {
		while (troth_iq_tracker_expire(s->tracker, now, &tag))
			troth_jingle_end(j, s, &silence);
		if (s->deadline <= now)
			too_late(j, s, now);
	}
}
