/* SPDX-License-Identifier: MIT */
/* What the application does with sessions: calls, accepts, ends. Layer: jingle. */
#include "base/slice.h"
#include "jingle/session.h"

#include <stdlib.h>
#include <troth/err.h>

/* XEP-0247's own examples call the content so. */
#define CONTENT "xmlstream"

int troth_jingle_prepare(struct troth_jingle *j, const char *peer, uint64_t *session)
{
	struct troth_address *address;
	struct troth_jingle_session *s = NULL;
	int err = troth_address_new(&address, TROTH_REALM_SERVER, peer);
	if (err != TROTH_OK)
		return err == TROTH_E_NOMEM ? err : TROTH_E_FORMAT;
	troth_jingle_reap(j);
	if (troth_address_resource(address) == NULL)
		err = TROTH_E_FORMAT;
	else if (troth_address_same(address, j->self))
		err = TROTH_E_SELF;
	else
		err = troth_jingle_session_new(&s, j, address);
	if (err == TROTH_OK)
		err = troth_jingle_make_dstaddr(j, s);
	if (err == TROTH_OK && (s->content = strdup(CONTENT)) == NULL)
		err = TROTH_E_NOMEM;
	troth_address_free(address);
	if (err != TROTH_OK) {
		troth_jingle_session_free(s);
		return err;
	}
	s->caller = true;
	s->heard_of = true;
	troth_jingle_session_add(j, s);
	*session = s->number;
	return TROTH_OK;
}

static int add_ours(struct troth_jingle *j, struct troth_jingle_session *s,
		    const struct troth_jingle_offer *offer, size_t index)
{
	char cid[TROTH_TOKEN_SIZE];
	struct troth_jingle_candidate c = offer->candidates[index];
	/* XEP-0260 2.2: "the responder MUST NOT offer as a candidate any host/port combination
	 * that has already been offered by the initiator" */
	if (!s->caller && troth_candidates_have_place(&s->theirs, &c))
		return TROTH_OK;
	int err = troth_jingle_token(j, cid);
	if (err != TROTH_OK)
		return err;
	c.cid = cid;
	c.index = index;
	if (c.jid == NULL)
		c.jid = troth_address_full(j->self);
	err = troth_candidates_add(&s->ours, &c);
	return err == TROTH_E_FORMAT ? TROTH_E_INVAL : err;
}

static void forget_requests(struct troth_jingle_session *s)
{
	int tag;
	while (troth_iq_tracker_expire(s->tracker, INT64_MAX, &tag))
		;
}

/* Takes the offer over into the session and sends it; on error nothing of it stays. */
static int bring(struct troth_jingle *j, struct troth_jingle_session *s,
		 const struct troth_jingle_offer *offer, int64_t now)
{
	const uint16_t block = s->block_size;
	int err = TROTH_OK;
	if (offer->block_size != 0 && offer->block_size < TROTH_LIMIT_IBB_BLOCK_LEAST)
		return TROTH_E_INVAL;
	for (size_t i = 0;
	     s->transport == TROTH_JINGLE_SOCKS5 && i < offer->candidate_count && err == TROTH_OK;
	     i++)
		err = add_ours(j, s, offer, i);
	const uint16_t most = offer->block_size != 0 ? offer->block_size : TROTH_LIMIT_IBB_BLOCK;
	if (s->caller || s->transport == TROTH_JINGLE_SOCKS5 || most < block)
		s->block_size = most;
	/* An answer names no security where none was asked for: Jingle-XTLS 4, rule 2. */
	struct troth_jingle_offer said = *offer;
	if (!s->caller && !s->has_security)
		said.security = NULL;
	s->our_security = said.security != NULL;
	if (err == TROTH_OK)
		err = troth_jingle_send_offer(j, s, &said, now);
	if (err != TROTH_OK) {
		troth_candidates_fini(&s->ours);
		s->block_size = block;
		s->our_security = false;
		forget_requests(s);
	}
	return err;
}

int troth_jingle_offer(struct troth_jingle *j, uint64_t session,
		       const struct troth_jingle_offer *offer, int64_t now)
{
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	if (s == NULL || s->stage != TROTH_STAGE_PREPARED)
		return TROTH_E_INVAL;
	s->transport = offer->old ? TROTH_JINGLE_IBB : offer->transport;
	s->old = offer->old;
	s->old_ibb = offer->old;
	int err = bring(j, s, offer, now);
	if (err == TROTH_OK)
		troth_jingle_enter(s, TROTH_STAGE_CALLING, now + TROTH_TIME_JINGLE_ACCEPT);
	return err;
}

int troth_jingle_accept(struct troth_jingle *j, uint64_t session,
			const struct troth_jingle_offer *offer, int64_t now)
{
	struct troth_jingle_ending broken = {.reason = TROTH_JINGLE_REASON_GENERAL_ERROR};
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	if (s == NULL || s->stage != TROTH_STAGE_CALLED)
		return TROTH_E_INVAL;
	int err = bring(j, s, offer, now);
	if (err != TROTH_OK)
		return err;
	s->pending &= ~(1U << TROTH_JINGLE_CALLED);
	broken.err = troth_jingle_start(j, s, now);
	if (broken.err != TROTH_OK) /* it was sent already */
		troth_jingle_end(j, s, &broken);
	return TROTH_OK;
}

void troth_jingle_terminate(struct troth_jingle *j, uint64_t session,
			    enum troth_jingle_reason reason)
{
	const struct troth_jingle_ending ending = {
		reason, reason == TROTH_JINGLE_REASON_SUCCESS ? TROTH_OK : TROTH_E_REFUSED, false,
		false};
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	if (s != NULL)
		troth_jingle_end(j, s, &ending);
}

static bool is_gone(const struct troth_jingle_session *s, const struct troth_address *peer)
{
	if (s->stage == TROTH_STAGE_OPEN && s->transport == TROTH_JINGLE_SOCKS5)
		return false;
	return peer == NULL || troth_address_same(s->peer, peer);
}

void troth_jingle_gone(struct troth_jingle *j, const char *peer)
{
	const struct troth_jingle_ending gone = {TROTH_JINGLE_REASON_GONE, TROTH_E_UNREACHABLE,
						 peer != NULL, true};
	struct troth_address *address = NULL;
	/* Without memory for it the sessions end by their time. */
	if (peer != NULL && troth_address_new(&address, TROTH_REALM_SERVER, peer) != TROTH_OK)
		return;
	for (struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next) {
		if (is_gone(s, address))
			troth_jingle_end(j, s, &gone);
		if (address == NULL || troth_address_same(s->peer, address))
			forget_requests(s);
	}
	while (address == NULL && j->first != NULL)
		troth_jingle_sent(j);
	troth_address_free(address);
}

static const struct troth_jingle_session *any(const struct troth_jingle *j, uint64_t number)
{
	const struct troth_jingle_session *s = j->sessions;
	while (s != NULL && s->number != number)
		s = s->next;
	return s;
}

const struct troth_address *troth_jingle_peer(const struct troth_jingle *j, uint64_t session)
{
	const struct troth_jingle_session *s = any(j, session);
	return s == NULL ? NULL : s->peer;
}

const char *troth_jingle_stream_sid(const struct troth_jingle *j, uint64_t session)
{
	const struct troth_jingle_session *s = any(j, session);
	return s == NULL ? NULL : s->stream_sid;
}

const char *troth_jingle_dstaddr(const struct troth_jingle *j, uint64_t session)
{
	const struct troth_jingle_session *s = any(j, session);
	return s == NULL ? NULL : s->our_dstaddr;
}
