/* SPDX-License-Identifier: MIT */
/* Agreeing on a candidate (XEP-0260 2.3, 2.4). Layer: jingle. Connects to nothing itself. */
#include "base/slice.h"
#include "jingle/session.h"

#include <troth/err.h>

/* XEP-0260 2.3: what can't be nominated any more isn't tried: "if it stopped trying to connect
 * because its peer sent a candidate-used notification with a priority higher than its remaining
 * candidate(s)". Of equals the caller's choice counts. */
static void abandon(struct troth_jingle_session *s)
{
	if (s->their_choice != TROTH_CHOICE_USED)
		return;
	s->abandon = s->ours.list[s->their_index].priority + (s->caller ? 0 : 1);
	troth_candidates_abandon(&s->theirs, s->abandon);
}

static void tell_candidates(struct troth_jingle_session *s)
{
	if (s->stage == TROTH_STAGE_CONNECTING && s->our_choice == TROTH_CHOICE_NONE &&
	    s->theirs.told < s->theirs.count && !s->theirs.failed[s->theirs.told])
		troth_jingle_tell(s, TROTH_JINGLE_CONNECT);
}

const struct troth_jingle_candidate *troth_jingle_nominated(const struct troth_jingle_session *s)
{
	return s->nominated_ours ? &s->ours.list[s->their_index] : &s->theirs.list[s->our_index];
}

/* XEP-0260 2.4, its four ways; the first, two errors, is the caller's of this. */
static bool is_ours_nominated(const struct troth_jingle_session *s)
{
	if (s->our_choice == TROTH_CHOICE_ERROR || s->their_choice == TROTH_CHOICE_ERROR)
		return s->our_choice == TROTH_CHOICE_ERROR;
	const uint32_t theirs = s->theirs.list[s->our_index].priority;
	const uint32_t ours = s->ours.list[s->their_index].priority;
	/* "the same priority, then the candidate chosen by the initiator" */
	return ours == theirs ? !s->caller : ours > theirs;
}

/* Goes on when both sides have said what they could connect to. */
static int settle(struct troth_jingle *j, struct troth_jingle_session *s, int64_t now)
{
	if (s->stage != TROTH_STAGE_CONNECTING || s->our_choice == TROTH_CHOICE_NONE ||
	    s->their_choice == TROTH_CHOICE_NONE)
		return TROTH_OK;
	if (s->our_choice == TROTH_CHOICE_ERROR && s->their_choice == TROTH_CHOICE_ERROR)
		return troth_jingle_fall_back(j, s, s->caller, now);
	s->nominated_ours = is_ours_nominated(s);
	if (troth_jingle_nominated(s)->type != TROTH_JINGLE_PROXY) {
		troth_jingle_enter(s, TROTH_STAGE_OPEN, INT64_MAX);
		troth_jingle_tell(s, TROTH_JINGLE_OPEN_SOCKS5);
	} else if (s->nominated_ours) {
		/* XEP-0260 2.4: "the party that offered the nominated candidate MUST" activate */
		troth_jingle_enter(s, TROTH_STAGE_ACTIVATING, now + TROTH_TIME_JINGLE_ACTIVATE);
		troth_jingle_tell(s, TROTH_JINGLE_ACTIVATE);
	} else {
		troth_jingle_enter(s, TROTH_STAGE_ACTIVATED_BY_PEER,
				   now + TROTH_TIME_JINGLE_ACTIVATE + TROTH_TIME_JINGLE_ACK);
	}
	return TROTH_OK;
}

/* Says that we can't connect if nothing is left to try. */
static int give_up(struct troth_jingle *j, struct troth_jingle_session *s, int64_t now)
{
	if (s->stage != TROTH_STAGE_CONNECTING)
		return TROTH_OK;
	if (s->our_choice == TROTH_CHOICE_NONE && !troth_candidates_left(&s->theirs)) {
		int err = troth_jingle_send_info(j, s, "candidate-error", NULL, now);
		if (err != TROTH_OK)
			return err;
		s->our_choice = TROTH_CHOICE_ERROR;
	}
	return settle(j, s, now);
}

int troth_jingle_start(struct troth_jingle *j, struct troth_jingle_session *s, int64_t now)
{
	if (s->transport == TROTH_JINGLE_IBB) {
		troth_jingle_enter(s, TROTH_STAGE_OPEN, INT64_MAX);
		troth_jingle_tell(s, TROTH_JINGLE_OPEN_IBB);
		return TROTH_OK;
	}
	/* The caller says first that it is no use: XEP-0260 3. */
	troth_jingle_enter(s, TROTH_STAGE_CONNECTING,
			   now + TROTH_TIME_JINGLE_CONNECT +
				   (s->caller ? 0 : TROTH_TIME_JINGLE_REPLACE));
	abandon(s);
	tell_candidates(s);
	return give_up(j, s, now);
}

/* ---- What the application found out ---- */

int troth_jingle_connected(struct troth_jingle *j, uint64_t session, const char *cid, int64_t now)
{
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	size_t index;
	if (s == NULL || s->stage != TROTH_STAGE_CONNECTING || s->our_choice != TROTH_CHOICE_NONE ||
	    !troth_candidates_find(&s->theirs, cid, &index) || s->theirs.failed[index])
		return TROTH_E_INVAL;
	int err = troth_jingle_send_info(j, s, "candidate-used", cid, now);
	if (err != TROTH_OK)
		return err;
	s->our_choice = TROTH_CHOICE_USED;
	s->our_index = index;
	s->pending &= ~(1U << TROTH_JINGLE_CONNECT | 1U << TROTH_JINGLE_ABANDON);
	return settle(j, s, now);
}

int troth_jingle_failed(struct troth_jingle *j, uint64_t session, const char *cid, int64_t now)
{
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	size_t index;
	if (s == NULL || s->stage != TROTH_STAGE_CONNECTING || s->our_choice != TROTH_CHOICE_NONE)
		return TROTH_E_INVAL;
	if (cid == NULL)
		troth_candidates_abandon(&s->theirs, UINT32_MAX);
	else if (troth_candidates_find(&s->theirs, cid, &index))
		s->theirs.failed[index] = true;
	else
		return TROTH_E_INVAL;
	return give_up(j, s, now);
}

int troth_jingle_activated(struct troth_jingle *j, uint64_t session, int64_t now)
{
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	if (s == NULL || s->stage != TROTH_STAGE_ACTIVATING)
		return TROTH_E_INVAL;
	int err = troth_jingle_send_info(j, s, "activated", troth_jingle_nominated(s)->cid, now);
	if (err != TROTH_OK)
		return err;
	troth_jingle_enter(s, TROTH_STAGE_OPEN, INT64_MAX);
	troth_jingle_tell(s, TROTH_JINGLE_OPEN_SOCKS5);
	return TROTH_OK;
}

/* ---- What the peer says in transport-info ---- */

static bool is_negotiating(const struct troth_jingle_session *s)
{
	return s->stage == TROTH_STAGE_CALLING || s->stage == TROTH_STAGE_CONNECTING;
}

static int out_of_order(struct troth_jingle *j, const struct troth_jingle_request *r)
{
	return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_UNEXPECTED_REQUEST, "out-of-order");
}

/* candidate-used or, with e NULL, candidate-error. */
static int take_choice(struct troth_jingle *j, struct troth_jingle_session *s,
		       const struct troth_jingle_request *r, const struct troth_element *e)
{
	if (!is_negotiating(s) || s->their_choice != TROTH_CHOICE_NONE)
		return out_of_order(j, r);
	if (e != NULL &&
	    !troth_candidates_find(&s->ours, troth_element_attr(e, "cid"), &s->their_index))
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_ITEM_NOT_FOUND, NULL);
	s->their_choice = e == NULL ? TROTH_CHOICE_ERROR : TROTH_CHOICE_USED;
	int err = troth_jingle_acknowledge(j, &r->asker);
	if (err != TROTH_OK || s->stage != TROTH_STAGE_CONNECTING)
		return err;
	if (e != NULL && s->our_choice == TROTH_CHOICE_NONE) {
		abandon(s);
		troth_jingle_tell(s, TROTH_JINGLE_ABANDON);
		if (s->theirs.told < s->theirs.count && s->theirs.failed[s->theirs.told])
			s->pending &= ~(1U << TROTH_JINGLE_CONNECT);
	}
	return give_up(j, s, r->now);
}

static int take_activated(struct troth_jingle *j, struct troth_jingle_session *s,
			  const struct troth_jingle_request *r, const struct troth_element *e)
{
	const char *cid = troth_element_attr(e, "cid");
	if (s->stage != TROTH_STAGE_ACTIVATED_BY_PEER)
		return out_of_order(j, r);
	if (cid == NULL || strcmp(cid, troth_jingle_nominated(s)->cid) != 0)
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_ITEM_NOT_FOUND, NULL);
	troth_jingle_enter(s, TROTH_STAGE_OPEN, INT64_MAX);
	troth_jingle_tell(s, TROTH_JINGLE_OPEN_SOCKS5);
	return troth_jingle_acknowledge(j, &r->asker);
}

static bool is_proxied(const struct troth_jingle_session *s)
{
	return s->stage == TROTH_STAGE_ACTIVATING || s->stage == TROTH_STAGE_ACTIVATED_BY_PEER ||
	       (s->stage == TROTH_STAGE_OPEN && s->transport == TROTH_JINGLE_SOCKS5 &&
		troth_jingle_nominated(s)->type == TROTH_JINGLE_PROXY);
}

static int take_proxy_error(struct troth_jingle *j, struct troth_jingle_session *s,
			    const struct troth_jingle_request *r)
{
	if (!is_proxied(s))
		return out_of_order(j, r);
	int err = troth_jingle_acknowledge(j, &r->asker);
	return err == TROTH_OK ? troth_jingle_fall_back(j, s, s->caller, r->now) : err;
}

static int take_candidates(struct troth_jingle *j, struct troth_jingle_session *s,
			   const struct troth_jingle_request *r,
			   const struct troth_element *transport)
{
	const bool wanted = is_negotiating(s) || s->stage == TROTH_STAGE_CALLED;
	if (!wanted || s->our_choice != TROTH_CHOICE_NONE)
		return troth_jingle_acknowledge(j, &r->asker); /* too late, and no fault */
	int err = troth_candidates_read(&s->theirs, transport);
	if (err == TROTH_E_FORMAT || err == TROTH_E_EXISTS)
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_BAD_REQUEST, NULL);
	if (err != TROTH_OK)
		return err;
	abandon(s);
	tell_candidates(s);
	return troth_jingle_acknowledge(j, &r->asker);
}

static int take_socks5(struct troth_jingle *j, struct troth_jingle_session *s,
		       const struct troth_jingle_request *r, const struct troth_element *transport)
{
	const char *ns = TROTH_NS_JINGLE_S5B;
	const struct troth_element *used = troth_element_child(transport, ns, "candidate-used");
	const struct troth_element *activated = troth_element_child(transport, ns, "activated");
	if (used != NULL)
		return take_choice(j, s, r, used);
	if (troth_element_child(transport, ns, "candidate-error") != NULL)
		return take_choice(j, s, r, NULL);
	if (activated != NULL)
		return take_activated(j, s, r, activated);
	if (troth_element_child(transport, ns, "proxy-error") != NULL)
		return take_proxy_error(j, s, r);
	if (troth_element_child(transport, ns, "candidate") != NULL)
		return take_candidates(j, s, r, transport);
	return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_FEATURE_NOT_IMPLEMENTED,
				   "unsupported-info");
}

int troth_jingle_take_info(struct troth_jingle *j, struct troth_jingle_session *s,
			   const struct troth_jingle_request *r)
{
	struct troth_jingle_transport_read t;
	const struct troth_element *content = troth_jingle_content_named(r->jingle, s->content);
	int err = troth_jingle_read_transport(&t, troth_element_child(content, NULL, "transport"));
	if (err == TROTH_OK && t.kind == TROTH_JINGLE_IBB)
		/* XEP-0261 2.4 would open a second stream in the same session. */
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_FEATURE_NOT_IMPLEMENTED,
					   "unsupported-info");
	if (err == TROTH_OK && s->transport == TROTH_JINGLE_IBB)
		return troth_jingle_acknowledge(j, &r->asker); /* of what was replaced */
	if (err != TROTH_OK || strcmp(t.sid, s->stream_sid) != 0)
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_BAD_REQUEST, NULL);
	return take_socks5(j, s, r, t.element);
}
