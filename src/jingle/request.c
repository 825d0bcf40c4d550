/* SPDX-License-Identifier: MIT */
/* A request that arrived, on its way through the table of actions. Layer: jingle. */
#include "base/slice.h"
#include "jingle/session.h"

#include <troth/err.h>

static int bad_request(struct troth_jingle *j, const struct troth_jingle_request *r)
{
	return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_BAD_REQUEST, NULL);
}

static int not_understood(struct troth_jingle *j, const struct troth_jingle_request *r)
{
	return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_FEATURE_NOT_IMPLEMENTED,
				   "unsupported-info");
}

static int end_of_peer(enum troth_jingle_reason reason)
{
	switch (reason) {
	case TROTH_JINGLE_REASON_SUCCESS:
	case TROTH_JINGLE_REASON_ALTERNATIVE_SESSION:
		return TROTH_OK;
	case TROTH_JINGLE_REASON_BUSY:
	case TROTH_JINGLE_REASON_CANCEL:
	case TROTH_JINGLE_REASON_DECLINE:
		return TROTH_E_PEER_REFUSED;
	case TROTH_JINGLE_REASON_CONNECTIVITY_ERROR:
	case TROTH_JINGLE_REASON_FAILED_TRANSPORT:
	case TROTH_JINGLE_REASON_GONE:
		return TROTH_E_UNREACHABLE;
	case TROTH_JINGLE_REASON_EXPIRED:
	case TROTH_JINGLE_REASON_TIMEOUT:
		return TROTH_E_TIMEOUT;
	case TROTH_JINGLE_REASON_GENERAL_ERROR:
	case TROTH_JINGLE_REASON_FAILED_APPLICATION:
	case TROTH_JINGLE_REASON_INCOMPATIBLE_PARAMETERS:
	case TROTH_JINGLE_REASON_MEDIA_ERROR:
	case TROTH_JINGLE_REASON_SECURITY_ERROR:
	case TROTH_JINGLE_REASON_UNSUPPORTED_APPLICATIONS:
	case TROTH_JINGLE_REASON_UNSUPPORTED_TRANSPORTS:
		break;
	}
	return TROTH_E_PEER_ERROR;
}

static int take_terminate(struct troth_jingle *j, struct troth_jingle_session *s,
			  const struct troth_jingle_request *r)
{
	struct troth_jingle_ending ending = {
		.reason = troth_jingle_read_reason(r->jingle), .by_peer = true, .quiet = true};
	const char *instead = troth_jingle_read_alternative(r->jingle);
	int err = troth_jingle_acknowledge(j, &r->asker);
	ending.err = end_of_peer(ending.reason);
	for (struct troth_jingle_session *o = j->sessions; instead != NULL && o != NULL;
	     o = o->next)
		if (troth_address_same(o->peer, s->peer) && strcmp(o->sid, instead) == 0)
			s->instead = o->number;
	troth_jingle_end(j, s, &ending);
	return err;
}

/* XEP-0166 7.2.5: without its only content "a session [...] is void". */
static int take_remove(struct troth_jingle *j, struct troth_jingle_session *s,
		       const struct troth_jingle_request *r)
{
	const struct troth_jingle_ending empty = {TROTH_JINGLE_REASON_SUCCESS, TROTH_E_PEER_REFUSED,
						  true, false};
	if (troth_jingle_content_named(r->jingle, s->content) == NULL)
		return bad_request(j, r);
	int err = troth_jingle_acknowledge(j, &r->asker);
	troth_jingle_end(j, s, &empty);
	return err;
}

static int take_security(struct troth_jingle *j, struct troth_jingle_session *s,
			 const struct troth_jingle_request *r)
{
	struct troth_jingle_security said;
	if (!s->our_security || !s->has_security)
		return not_understood(j, r);
	if (!troth_jingle_read_security(&said, troth_jingle_content_named(r->jingle, s->content)))
		return bad_request(j, r);
	s->security.x509 = said.x509;
	s->security.srp = said.srp;
	troth_jingle_tell(s, TROTH_JINGLE_SECURITY);
	return troth_jingle_acknowledge(j, &r->asker);
}

/* XEP-0166 6.8: an empty one is a ping; we have no use for what others say there. */
static int take_session_info(struct troth_jingle *j, const struct troth_jingle_request *r)
{
	if (troth_element_first(r->jingle) == NULL)
		return troth_jingle_acknowledge(j, &r->asker);
	return not_understood(j, r);
}

static int take(struct troth_jingle *j, struct troth_jingle_session *s,
		const struct troth_jingle_request *r)
{
	switch (r->action) {
	case TROTH_JINGLE_ACTION_CONTENT_REMOVE:
		return take_remove(j, s, r);
	case TROTH_JINGLE_ACTION_SECURITY_INFO:
		return take_security(j, s, r);
	case TROTH_JINGLE_ACTION_SESSION_ACCEPT:
		return troth_jingle_take_accept(j, s, r);
	case TROTH_JINGLE_ACTION_SESSION_INFO:
		return take_session_info(j, r);
	case TROTH_JINGLE_ACTION_SESSION_INITIATE:
		return troth_jingle_take_initiate(j, r);
	case TROTH_JINGLE_ACTION_SESSION_TERMINATE:
		return take_terminate(j, s, r);
	case TROTH_JINGLE_ACTION_TRANSPORT_ACCEPT:
	case TROTH_JINGLE_ACTION_TRANSPORT_REJECT:
		return troth_jingle_take_replaced(j, s, r);
	case TROTH_JINGLE_ACTION_TRANSPORT_INFO:
		return troth_jingle_take_info(j, s, r);
	case TROTH_JINGLE_ACTION_TRANSPORT_REPLACE:
		return troth_jingle_take_replace(j, s, r);
	case TROTH_JINGLE_ACTION_CONTENT_ACCEPT:
	case TROTH_JINGLE_ACTION_CONTENT_ADD:
	case TROTH_JINGLE_ACTION_CONTENT_MODIFY:
	case TROTH_JINGLE_ACTION_CONTENT_REJECT:
	case TROTH_JINGLE_ACTION_DESCRIPTION_INFO:
		break; /* the table takes none of them */
	}
	return TROTH_E_INVAL;
}

/* XEP-0166 7.2.2: "if not, it MUST send a content-reject action to the other party" */
static int reject_content(struct troth_jingle *j, struct troth_jingle_session *s,
			  const struct troth_jingle_request *r)
{
	struct troth_jingle_letter *letter;
	const char *ns = troth_element_ns(r->jingle);
	const struct troth_element *e = troth_element_child(r->jingle, ns, "content");
	const char *name = troth_element_attr(e, "name");
	if (!troth_jingle_is_text(name) || strcmp(name, s->content) == 0)
		return bad_request(j, r);
	int err = troth_jingle_acknowledge(j, &r->asker);
	if (err == TROTH_OK)
		err = troth_jingle_begin(&letter, j, s, TROTH_JINGLE_ACTION_CONTENT_REJECT, r->now);
	if (err != TROTH_OK)
		return err;
	size_t count = 0;
	for (; e != NULL && count < TROTH_LIMIT_JINGLE_CONTENTS; e = troth_element_next(e)) {
		name = troth_element_attr(e, "name");
		if (!troth_element_is(e, ns, "content") || !troth_jingle_is_text(name))
			continue;
		troth_writer_open(&letter->w, troth_jingle_ns(s->old), "content");
		/* 7.3: "MUST always match the party that originally generated the content" */
		troth_writer_attr(&letter->w, "creator", s->caller ? "responder" : "initiator");
		troth_writer_attr(&letter->w, "name", name);
		troth_writer_close(&letter->w);
		count++;
	}
	return troth_jingle_post(j, letter);
}

static int reject(struct troth_jingle *j, struct troth_jingle_session *s,
		  const struct troth_jingle_request *r)
{
	return r->action == TROTH_JINGLE_ACTION_CONTENT_ADD ? reject_content(j, s, r)
							    : troth_jingle_take_replace(j, s, r);
}

static int judge(struct troth_jingle *j, struct troth_jingle_session *s,
		 const struct troth_jingle_request *r)
{
	const struct troth_jingle_asker *to = &r->asker;
	switch (troth_jingle_action_verdict(r->action, troth_jingle_session_phase(s))) {
	case TROTH_JINGLE_TAKE:
		return take(j, s, r);
	case TROTH_JINGLE_VOID:
		return troth_jingle_acknowledge(j, to);
	case TROTH_JINGLE_REJECT:
		return reject(j, s, r);
	case TROTH_JINGLE_ORDER:
		return troth_jingle_refuse(j, to, TROTH_STANZA_UNEXPECTED_REQUEST, "out-of-order");
	case TROTH_JINGLE_TIE:
		return troth_jingle_refuse(j, to, TROTH_STANZA_CONFLICT, "tie-break");
	case TROTH_JINGLE_INFO:
		return not_understood(j, r);
	case TROTH_JINGLE_NO_FEATURE:
		break;
	}
	return troth_jingle_refuse(j, to, TROTH_STANZA_FEATURE_NOT_IMPLEMENTED, NULL);
}

/* Whoever wasn't told that we are here learns it from no error either. */
static int no_session(struct troth_jingle *j, const struct troth_jingle_request *r, bool valid)
{
	bool known;
	int err = troth_jingle_is_known(j, r->peer, &known);
	if (err != TROTH_OK)
		return err;
	if (!known)
		return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_SERVICE_UNAVAILABLE, NULL);
	if (!valid)
		return bad_request(j, r);
	return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_ITEM_NOT_FOUND, "unknown-session");
}

/* A session of which the peer hasn't heard from us: it may take its call back, no more. */
static int not_answered_yet(struct troth_jingle *j, struct troth_jingle_session *s,
			    const struct troth_jingle_request *r)
{
	struct troth_jingle_ending back = {TROTH_JINGLE_REASON_CANCEL, TROTH_E_PEER_REFUSED, true,
					   false};
	/* The same stanza again: it will be answered once. */
	if (r->action == TROTH_JINGLE_ACTION_SESSION_INITIATE &&
	    strcmp(r->asker.id, s->request_id) == 0)
		return TROTH_OK;
	if (r->action == TROTH_JINGLE_ACTION_SESSION_TERMINATE)
		troth_jingle_end(j, s, &back);
	return troth_jingle_refuse(j, &r->asker, TROTH_STANZA_SERVICE_UNAVAILABLE, NULL);
}

static int dispatch(struct troth_jingle *j, struct troth_jingle_session *s,
		    struct troth_jingle_request *r)
{
	bool valid = troth_jingle_action_read(
			     &r->action, troth_element_attr(r->jingle, "action")) == TROTH_OK &&
		     troth_jingle_is_text(r->sid);
	if (s == NULL && valid && r->action == TROTH_JINGLE_ACTION_SESSION_INITIATE)
		return troth_jingle_take_initiate(j, r);
	if (s == NULL)
		return no_session(j, r, valid);
	if (s->stage == TROTH_STAGE_ASKED)
		return not_answered_yet(j, s, r);
	return valid ? judge(j, s, r) : bad_request(j, r);
}

int troth_jingle_take_request(struct troth_jingle *j, const struct troth_jingle_request *request)
{
	struct troth_jingle_request r = *request;
	struct troth_jingle_ending broken = {.reason = TROTH_JINGLE_REASON_GENERAL_ERROR};
	struct troth_jingle_session *s =
		r.sid == NULL ? NULL : troth_jingle_session_find(j, r.peer, r.sid);
	int err = dispatch(j, s, &r);
	if (err == TROTH_OK || r.sid == NULL)
		return err;
	/* Half done is not done: what we have failed at is over. */
	s = troth_jingle_session_find(j, r.peer, r.sid);
	broken.err = err;
	if (s != NULL)
		troth_jingle_end(j, s, &broken);
	return err;
}
