/* SPDX-License-Identifier: MIT */
/* In-band where SOCKS5 fails: XEP-0166's transport-replace, XEP-0260 3. Layer: jingle. */
#include "base/slice.h"
#include "jingle/session.h"

#include <stdlib.h>
#include <troth/err.h>

#define SOCKS5_EVENTS                                                                              \
	(1U << TROTH_JINGLE_CONNECT | 1U << TROTH_JINGLE_ABANDON | 1U << TROTH_JINGLE_ACTIVATE |   \
	 1U << TROTH_JINGLE_OPEN_SOCKS5)

static int ask(struct troth_jingle *j, struct troth_jingle_session *s, int64_t now)
{
	char sid[TROTH_TOKEN_SIZE];
	int err = troth_jingle_token(j, sid);
	if (err != TROTH_OK)
		return err;
	char *kept = strdup(sid);
	if (kept == NULL)
		return TROTH_E_NOMEM;
	err = troth_jingle_send_ibb(j, s, TROTH_JINGLE_ACTION_TRANSPORT_REPLACE, kept, now);
	if (err != TROTH_OK) {
		free(kept);
		return err;
	}
	free(s->next_sid);
	s->next_sid = kept;
	return TROTH_OK;
}

int troth_jingle_fall_back(struct troth_jingle *j, struct troth_jingle_session *s, bool by_us,
			   int64_t now)
{
	int err = by_us ? ask(j, s, now) : TROTH_OK;
	if (err != TROTH_OK)
		return err;
	s->pending &= ~SOCKS5_EVENTS;
	troth_jingle_enter(s, by_us ? TROTH_STAGE_REPLACING : TROTH_STAGE_AWAITING,
			   now + TROTH_TIME_JINGLE_REPLACE);
	return TROTH_OK;
}

void troth_jingle_go_in_band(struct troth_jingle_session *s, char *sid)
{
	free(s->stream_sid);
	s->stream_sid = sid;
	s->transport = TROTH_JINGLE_IBB;
	s->pending &= ~SOCKS5_EVENTS;
	troth_jingle_enter(s, TROTH_STAGE_OPEN, INT64_MAX);
	troth_jingle_tell(s, TROTH_JINGLE_OPEN_IBB);
}

int troth_jingle_stalled(struct troth_jingle *j, uint64_t session, int64_t now)
{
	const struct troth_jingle_ending useless = {TROTH_JINGLE_REASON_FAILED_TRANSPORT,
						    TROTH_E_UNREACHABLE, false, false};
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	if (s == NULL)
		return TROTH_E_INVAL;
	if (s->stage == TROTH_STAGE_ACTIVATING || s->stage == TROTH_STAGE_ACTIVATED_BY_PEER) {
		/* XEP-0260 2.4: "the failing party shall send a transport-info message containing
		 * an <proxy-error/> element" */
		int err = troth_jingle_send_info(j, s, "proxy-error", NULL, now);
		return err == TROTH_OK ? troth_jingle_fall_back(j, s, s->caller, now) : err;
	}
	if (s->stage != TROTH_STAGE_OPEN)
		return TROTH_E_INVAL;
	if (s->transport == TROTH_JINGLE_SOCKS5)
		return troth_jingle_fall_back(j, s, true, now);
	troth_jingle_end(j, s, &useless);
	return TROTH_OK;
}

/* XEP-0166 7.2.15: "if not, it MUST send a transport-reject action to the other party" */
static int reject(struct troth_jingle *j, struct troth_jingle_session *s,
		  const struct troth_jingle_request *r, const struct troth_element *transport)
{
	struct troth_jingle_letter *letter;
	const char *sid = troth_element_attr(transport, "sid");
	int err = troth_jingle_acknowledge(j, &r->asker);
	if (err == TROTH_OK)
		err = troth_jingle_begin(&letter, j, s, TROTH_JINGLE_ACTION_TRANSPORT_REJECT,
					 r->now);
	if (err != TROTH_OK)
		return err;
	troth_jingle_open_content(s, &letter->w);
	troth_writer_open(&letter->w, troth_element_ns(transport), "transport");
	troth_writer_attr(&letter->w, "sid", troth_jingle_is_text(sid) ? sid : NULL);
	troth_writer_close(&letter->w);
	troth_writer_close(&letter->w);
	return troth_jingle_post(j, letter);
}

int troth_jingle_take_replace(struct troth_jingle *j, struct troth_jingle_session *s,
			      const struct troth_jingle_request *r)
{
	struct troth_jingle_transport_read t;
	const struct troth_element *content = troth_jingle_content_named(r->jingle, s->content);
	const struct troth_element *transport = troth_element_child(content, NULL, "transport");
	int err = troth_jingle_read_transport(&t, transport);
	if (err == TROTH_E_FORMAT ||
	    (transport != NULL && strlen(troth_element_ns(transport)) > TROTH_LIMIT_JINGLE_TEXT))
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_BAD_REQUEST, NULL);
	/* In-band is the last: nothing takes its place, and only it takes another's. */
	if (err != TROTH_OK || t.kind != TROTH_JINGLE_IBB || s->transport == TROTH_JINGLE_IBB ||
	    !troth_jingle_is_accepted(s))
		return reject(j, s, r, transport);
	char *sid = strdup(t.sid);
	if (sid == NULL)
		return TROTH_E_NOMEM;
	s->old_ibb = t.old;
	if (t.block_size < s->block_size)
		s->block_size = t.block_size;
	err = troth_jingle_acknowledge(j, &r->asker);
	if (err == TROTH_OK)
		err = troth_jingle_send_ibb(j, s, TROTH_JINGLE_ACTION_TRANSPORT_ACCEPT, sid,
					    r->now);
	if (err != TROTH_OK)
		free(sid);
	else
		troth_jingle_go_in_band(s, sid);
	return err;
}

static int take_accept(struct troth_jingle *j, struct troth_jingle_session *s,
		       const struct troth_jingle_request *r)
{
	struct troth_jingle_transport_read t;
	const struct troth_element *content = troth_jingle_content_named(r->jingle, s->content);
	int err = troth_jingle_read_transport(&t, troth_element_child(content, NULL, "transport"));
	/* XEP-0260 3: "If the responder wishes to use a smaller block size" */
	if (err != TROTH_OK || t.kind != TROTH_JINGLE_IBB || strcmp(t.sid, s->next_sid) != 0 ||
	    t.block_size > s->block_size)
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_BAD_REQUEST, NULL);
	err = troth_jingle_acknowledge(j, &r->asker);
	if (err != TROTH_OK)
		return err;
	s->block_size = t.block_size;
	char *sid = s->next_sid;
	s->next_sid = NULL;
	troth_jingle_go_in_band(s, sid);
	return TROTH_OK;
}

int troth_jingle_take_replaced(struct troth_jingle *j, struct troth_jingle_session *s,
			       const struct troth_jingle_request *r)
{
	const struct troth_jingle_ending nothing_left = {TROTH_JINGLE_REASON_CONNECTIVITY_ERROR,
							 TROTH_E_UNREACHABLE, true, false};
	if (r->action == TROTH_JINGLE_ACTION_TRANSPORT_ACCEPT)
		return take_accept(j, s, r);
	int err = troth_jingle_acknowledge(j, &r->asker);
	troth_jingle_end(j, s, &nothing_left);
	return err;
}
