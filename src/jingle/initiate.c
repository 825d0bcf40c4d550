/* SPDX-License-Identifier: MIT */
/*
 * A call that comes in. Layer: jingle. Whoever calls is told nothing, not even that we are here,
 * before the application has said so.
 */
#include "base/slice.h"
#include "jingle/session.h"

#include <stdlib.h>
#include <troth/err.h>

/* XEP-0166 7.1: "in all cases if the 'initiator' and 'from' values differ then the responder MUST
 * NOT interact with the 'initiator' JID unless it trusts" either. Nobody does here. */
static int names_another(const struct troth_jingle_request *r, const char *name, bool *out)
{
	const char *given = troth_element_attr(r->jingle, name);
	struct troth_address *address;
	*out = false;
	if (given == NULL)
		return TROTH_OK;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, given);
	if (err == TROTH_E_NOMEM)
		return err;
	*out = err != TROTH_OK || !troth_address_same(address, r->peer);
	if (err == TROTH_OK)
		troth_address_free(address);
	return TROTH_OK;
}

static int keep_transport(struct troth_jingle_session *s,
			  const struct troth_jingle_transport_read *t)
{
	char *sid = strdup(t->sid);
	if (sid == NULL)
		return TROTH_E_NOMEM;
	free(s->stream_sid);
	s->stream_sid = sid;
	s->transport = t->kind;
	s->old_ibb = t->old;
	if (t->kind == TROTH_JINGLE_IBB) {
		s->block_size = t->block_size;
		return TROTH_OK;
	}
	if (t->dstaddr != NULL)
		memcpy(s->their_dstaddr, t->dstaddr, sizeof s->their_dstaddr);
	return troth_candidates_read(&s->theirs, t->element);
}

/* Reads the offer into the session. What is wrong with it is remembered there. */
static int read_offer(struct troth_jingle_session *s, const struct troth_jingle_request *r)
{
	struct troth_jingle_content content;
	int err = names_another(r, "initiator", &s->malformed);
	if (err != TROTH_OK || s->malformed)
		return err;
	err = troth_jingle_read_content(&content, r->jingle, NULL, &s->reason);
	if (err == TROTH_OK)
		err = troth_jingle_keep_content(s, &content);
	if (err == TROTH_OK)
		err = keep_transport(s, &content.transport);
	if (err == TROTH_E_NOMEM)
		return err;
	s->unsupported = err == TROTH_E_UNSUPPORTED;
	s->malformed = err != TROTH_OK && !s->unsupported;
	return TROTH_OK;
}

int troth_jingle_make_dstaddr(const struct troth_jingle *j, struct troth_jingle_session *s)
{
	const char *self = troth_address_full(j->self);
	const char *peer = troth_address_full(s->peer);
	int err = troth_dstaddr_make(s->our_dstaddr, s->stream_sid, self, peer);
	/* XEP-0260 2.2: dstaddr is what the other side has calculated; where it says nothing it
	 * is calculated here. */
	if (err == TROTH_OK && s->their_dstaddr[0] == 0)
		err = troth_dstaddr_make(s->their_dstaddr, s->stream_sid, peer, self);
	return err;
}

static int session_from(struct troth_jingle_session **out, struct troth_jingle *j,
			const struct troth_jingle_request *r)
{
	struct troth_jingle_session *s;
	int err = troth_jingle_session_new(&s, j, r->peer);
	if (err != TROTH_OK)
		return err;
	char *sid = strdup(r->sid);
	s->request_id = strdup(r->asker.id);
	if (sid != NULL) {
		free(s->sid);
		s->sid = sid;
	}
	s->old = r->asker.old;
	err = sid == NULL || s->request_id == NULL ? TROTH_E_NOMEM : read_offer(s, r);
	if (err == TROTH_OK)
		err = troth_jingle_make_dstaddr(j, s);
	if (err == TROTH_OK)
		*out = s;
	else
		troth_jingle_session_free(s);
	return err;
}

/* Our own call to the same peer that wasn't taken yet. */
static struct troth_jingle_session *crossing(const struct troth_jingle *j,
					     const struct troth_address *peer)
{
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next)
		if (s->stage == TROTH_STAGE_CALLING && troth_address_same(s->peer, peer))
			return s;
	return NULL;
}

/* XEP-0166 7.2.16: "the action with the lower of the two session IDs MUST overrule the other
 * action [...] in the unlikely event that the random session IDs are the same, the action sent by
 * the lower of the JabberIDs MUST overrule" */
static bool is_ours_lower(const struct troth_jingle *j, const struct troth_jingle_session *ours,
			  const char *theirs)
{
	int order = strcmp(ours->sid, theirs);
	if (order == 0)
		order = strcmp(troth_address_full(j->self), troth_address_full(ours->peer));
	return order < 0;
}

static size_t count_asked(const struct troth_jingle *j)
{
	size_t count = 0;
	for (const struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next)
		if (s->stage == TROTH_STAGE_ASKED)
			count++;
	return count;
}

static int ask(struct troth_jingle *j, struct troth_jingle_session *s, int64_t now)
{
	troth_jingle_session_add(j, s);
	troth_jingle_enter(s, TROTH_STAGE_ASKED, now + TROTH_TIME_JINGLE_ASK);
	troth_jingle_tell(s, TROTH_JINGLE_ASK);
	return TROTH_OK;
}

/* Acknowledges the call of somebody who may know that we are here, and lets the application
 * decide; or refuses what is nothing that we can do. */
static int admit(struct troth_jingle *j, struct troth_jingle_session *s, int64_t now)
{
	const struct troth_jingle_asker asker = {troth_address_full(s->peer), s->request_id,
						 s->old};
	const struct troth_jingle_ending bad = {TROTH_JINGLE_REASON_GENERAL_ERROR, TROTH_E_PROTOCOL,
						false, true};
	const struct troth_jingle_ending cannot = {s->reason, TROTH_E_PROTOCOL, false, false};
	int err = s->malformed ? troth_jingle_refuse(j, &asker, TROTH_STANZA_BAD_REQUEST, NULL)
			       : troth_jingle_acknowledge(j, &asker);
	if (err != TROTH_OK)
		return err;
	troth_jingle_enter(s, TROTH_STAGE_CALLED, now + TROTH_TIME_JINGLE_ACCEPT);
	if (s->malformed)
		troth_jingle_end(j, s, &bad);
	else if (s->unsupported)
		/* XEP-0166 6.3.1: "acknowledge the session initiation request but then terminate
		 * the session with an appropriate reason" */
		troth_jingle_end(j, s, &cannot);
	else
		troth_jingle_tell(s, TROTH_JINGLE_CALLED);
	return TROTH_OK;
}

int troth_jingle_admit(struct troth_jingle *j, uint64_t session, int64_t now)
{
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	if (s == NULL || s->stage != TROTH_STAGE_ASKED)
		return TROTH_E_INVAL;
	return admit(j, s, now);
}

int troth_jingle_ignore(struct troth_jingle *j, uint64_t session)
{
	const struct troth_jingle_ending nobody = {TROTH_JINGLE_REASON_DECLINE, TROTH_E_REFUSED,
						   false, false};
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	if (s == NULL || s->stage != TROTH_STAGE_ASKED)
		return TROTH_E_INVAL;
	s->heard_of = false;
	troth_jingle_end(j, s, &nobody);
	return TROTH_OK;
}

/* Both called at once. The peer knows of us by our own call, so it isn't asked for again. */
static int take_crossing(struct troth_jingle *j, struct troth_jingle_session *ours,
			 struct troth_jingle_session *theirs, const struct troth_jingle_request *r)
{
	struct troth_jingle_ending overruled = {TROTH_JINGLE_REASON_ALTERNATIVE_SESSION, TROTH_OK,
						true, true};
	if (is_ours_lower(j, ours, r->sid)) {
		troth_jingle_session_free(theirs);
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_CONFLICT, "tie-break");
	}
	troth_jingle_session_add(j, theirs);
	theirs->heard_of = true;
	ours->instead = theirs->number;
	/* Where the servers didn't keep the order the peer still waits for an answer to ours. */
	overruled.quiet = !ours->acked || strcmp(ours->sid, theirs->sid) == 0;
	troth_jingle_end(j, ours, &overruled);
	return admit(j, theirs, r->now);
}

/* The answer to whom there is no room for. */
static int turn_away(struct troth_jingle *j, const struct troth_jingle_request *r, bool known)
{
	return troth_jingle_refuse(
		j, &r->asker,
		known ? TROTH_STANZA_RESOURCE_CONSTRAINT : TROTH_STANZA_SERVICE_UNAVAILABLE, NULL);
}

int troth_jingle_take_initiate(struct troth_jingle *j, const struct troth_jingle_request *r)
{
	struct troth_jingle_session *ours = crossing(j, r->peer);
	struct troth_jingle_session *s = NULL;
	bool known = false;
	bool past = false;
	int err = troth_jingle_is_known(j, r->peer, &known);
	if (err == TROTH_OK)
		err = troth_jingle_is_past(j, r->peer, r->sid, &past);
	if (err != TROTH_OK)
		return err;
	if (past)
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_UNEXPECTED_REQUEST,
					   "out-of-order");
	if (ours == NULL && count_asked(j) >= TROTH_LIMIT_JINGLE_ASKED)
		return turn_away(j, r, known);
	err = session_from(&s, j, r);
	if (err == TROTH_E_LIMIT)
		return turn_away(j, r, known);
	if (err != TROTH_OK)
		return err;
	if (ours != NULL && !s->malformed && !s->unsupported)
		return take_crossing(j, ours, s, r);
	return ask(j, s, r->now);
}

/* ---- session-accept, the answer to ours ---- */

static int read_accept(struct troth_jingle_session *s, const struct troth_jingle_request *r)
{
	struct troth_jingle_content content;
	enum troth_jingle_reason why;
	bool another;
	int err = names_another(r, "responder", &another);
	if (err == TROTH_OK && another)
		err = TROTH_E_FORMAT;
	if (err == TROTH_OK)
		err = troth_jingle_read_content(&content, r->jingle, s->content, &why);
	if (err != TROTH_OK)
		return err;
	/* XEP-0260 2.2: "MUST be the same Stream ID"; XEP-0261 2.2: "a smaller block-size" */
	if (content.transport.kind != s->transport ||
	    strcmp(content.transport.sid, s->stream_sid) != 0 ||
	    (s->transport == TROTH_JINGLE_IBB && content.transport.block_size > s->block_size))
		return TROTH_E_FORMAT;
	err = troth_jingle_keep_content(s, &content);
	return err == TROTH_OK ? keep_transport(s, &content.transport) : err;
}

int troth_jingle_take_accept(struct troth_jingle *j, struct troth_jingle_session *s,
			     const struct troth_jingle_request *r)
{
	const struct troth_jingle_ending unsafe = {TROTH_JINGLE_REASON_SECURITY_ERROR,
						   TROTH_E_NO_TLS, false, false};
	int err = read_accept(s, r);
	if (err == TROTH_E_NOMEM)
		return err;
	if (err != TROTH_OK) {
		troth_candidates_fini(&s->theirs);
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_BAD_REQUEST, NULL);
	}
	err = troth_jingle_acknowledge(j, &r->asker);
	if (err != TROTH_OK)
		return err;
	/* Jingle-XTLS 4: "it makes no sense to use end-to-end XML streams without encryption" */
	if (s->our_security && !s->has_security) {
		troth_jingle_end(j, s, &unsafe);
		return TROTH_OK;
	}
	troth_jingle_tell(s, TROTH_JINGLE_ACCEPTED);
	return troth_jingle_start(j, s, r->now);
}
