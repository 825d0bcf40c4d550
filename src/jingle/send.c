/* SPDX-License-Identifier: MIT */
/* What a Jingle session sends. Layer: jingle. Changes no session. */
#include "base/slice.h"
#include "jingle/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <troth/err.h>

const char *troth_jingle_ns(bool old)
{
	return old ? TROTH_NS_JINGLE_0 : TROTH_NS_JINGLE;
}

static void letter_free(struct troth_jingle_letter *letter)
{
	troth_buf_fini(&letter->buf);
	free(letter);
}

static int letter_new(struct troth_jingle_letter **out)
{
	struct troth_jingle_letter *letter = calloc(1, sizeof *letter);
	if (letter == NULL)
		return TROTH_E_NOMEM;
	troth_buf_init(&letter->buf, TROTH_LIMIT_STANZA_BYTES);
	troth_writer_init(&letter->w, &letter->buf, TROTH_NS_CLIENT);
	*out = letter;
	return TROTH_OK;
}

static void open_iq(struct troth_writer *w, const char *type, const char *to, const char *id)
{
	troth_writer_open(w, TROTH_NS_CLIENT, "iq");
	troth_writer_attr(w, "type", type);
	troth_writer_attr(w, "to", to);
	troth_writer_attr(w, "id", id);
}

static int enqueue(struct troth_jingle *j, struct troth_jingle_letter *letter)
{
	int err = troth_writer_finish(&letter->w);
	if (err == TROTH_OK && j->letters >= TROTH_LIMIT_JINGLE_OUTPUT)
		err = TROTH_E_LIMIT;
	if (err != TROTH_OK) {
		letter_free(letter);
		return err;
	}
	*j->end = letter;
	j->end = &letter->next;
	j->letters++;
	return TROTH_OK;
}

int troth_jingle_acknowledge(struct troth_jingle *j, const struct troth_jingle_asker *to)
{
	struct troth_jingle_letter *letter;
	int err = letter_new(&letter);
	if (err != TROTH_OK)
		return err;
	open_iq(&letter->w, "result", to->from, to->id);
	troth_writer_close(&letter->w);
	return enqueue(j, letter);
}

int troth_jingle_refuse(struct troth_jingle *j, const struct troth_jingle_asker *to,
			enum troth_stanza_condition condition, const char *detail)
{
	struct troth_jingle_letter *letter;
	int err = letter_new(&letter);
	if (err != TROTH_OK)
		return err;
	open_iq(&letter->w, "error", to->from, to->id);
	troth_stanza_error_write_detail(&letter->w, condition,
					to->old ? TROTH_NS_JINGLE_ERRORS_0 : TROTH_NS_JINGLE_ERRORS,
					detail);
	troth_writer_close(&letter->w);
	return enqueue(j, letter);
}

/* XEP-0166 7.1: initiator is RECOMMENDED for session-initiate, responder for session-accept, both
 * NOT RECOMMENDED otherwise. Those of 2009, who speak the old namespace, want initiator always. */
static void write_roles(const struct troth_jingle *j, const struct troth_jingle_session *s,
			enum troth_jingle_action action, struct troth_writer *w)
{
	const char *self = troth_address_full(j->self);
	if (action == TROTH_JINGLE_ACTION_SESSION_INITIATE || s->old)
		troth_writer_attr(w, "initiator", s->caller ? self : troth_address_full(s->peer));
	if (action == TROTH_JINGLE_ACTION_SESSION_ACCEPT)
		troth_writer_attr(w, "responder", self);
}

static int begin_with(struct troth_jingle_letter **out, const struct troth_jingle *j,
		      const struct troth_jingle_session *s, enum troth_jingle_action action,
		      const char *id)
{
	struct troth_jingle_letter *letter;
	int err = letter_new(&letter);
	if (err != TROTH_OK)
		return err;
	open_iq(&letter->w, "set", troth_address_full(s->peer), id);
	troth_writer_open(&letter->w, troth_jingle_ns(s->old), "jingle");
	troth_writer_attr(&letter->w, "action", troth_jingle_action_name(action));
	write_roles(j, s, action, &letter->w);
	troth_writer_attr(&letter->w, "sid", s->sid);
	*out = letter;
	return TROTH_OK;
}

int troth_jingle_begin(struct troth_jingle_letter **out, struct troth_jingle *j,
		       struct troth_jingle_session *s, enum troth_jingle_action action, int64_t now)
{
	const struct troth_iq_request request = {troth_address_full(s->peer), (int)action,
						 now + TROTH_TIME_JINGLE_ACK};
	const char *id;
	int err = troth_iq_tracker_add(s->tracker, &request, &id);
	return err == TROTH_OK ? begin_with(out, j, s, action, id) : err;
}

int troth_jingle_post(struct troth_jingle *j, struct troth_jingle_letter *letter)
{
	troth_writer_close(&letter->w); /* jingle */
	troth_writer_close(&letter->w); /* iq */
	return enqueue(j, letter);
}

void troth_jingle_open_content(const struct troth_jingle_session *s, struct troth_writer *w)
{
	troth_writer_open(w, troth_jingle_ns(s->old), "content");
	troth_writer_attr(w, "creator", "initiator");
	troth_writer_attr(w, "name", s->content);
}

static void write_ibb(const struct troth_jingle_session *s, const char *sid, struct troth_writer *w)
{
	char block[8];
	(void)snprintf(block, sizeof block, "%u", s->block_size);
	troth_writer_open(w, s->old_ibb ? TROTH_NS_JINGLE_IBB_0 : TROTH_NS_JINGLE_IBB, "transport");
	troth_writer_attr(w, "block-size", block);
	troth_writer_attr(w, "sid", sid);
	troth_writer_close(w);
}

void troth_jingle_write_transport(const struct troth_jingle_session *s, struct troth_writer *w)
{
	if (s->transport == TROTH_JINGLE_IBB) {
		write_ibb(s, s->stream_sid, w);
		return;
	}
	troth_writer_open(w, TROTH_NS_JINGLE_S5B, "transport");
	troth_writer_attr(w, "dstaddr", s->our_dstaddr);
	/* XEP-0260 2.2, of the responder: "The 'mode' attribute MUST NOT be included" */
	troth_writer_attr(w, "mode", s->caller ? "tcp" : NULL);
	troth_writer_attr(w, "sid", s->stream_sid);
	troth_candidates_write(&s->ours, w);
	troth_writer_close(w);
}

static void write_method(struct troth_writer *w, bool has, const char *name)
{
	if (!has)
		return;
	troth_writer_open(w, TROTH_NS_XTLS, "method");
	troth_writer_attr(w, "name", name);
	troth_writer_close(w);
}

static void write_security(const struct troth_jingle_security *security, struct troth_writer *w)
{
	if (security == NULL)
		return;
	troth_writer_open(w, TROTH_NS_XTLS, "security");
	if (security->fingerprint != NULL)
		troth_writer_leaf(w, TROTH_NS_XTLS, "fingerprint", security->fingerprint);
	write_method(w, security->x509, "x509");
	write_method(w, security->srp, "srp");
	troth_writer_close(w);
}

static void write_description(const struct troth_jingle_offer *offer, struct troth_writer *w)
{
	troth_writer_open(w, TROTH_NS_XMLSTREAM, "description");
	if (offer->hints != NULL) {
		troth_writer_open(w, TROTH_NS_TROTH, "hints");
		offer->hints(offer->hints_user, w);
		troth_writer_close(w);
	}
	troth_writer_close(w);
}

int troth_jingle_send_offer(struct troth_jingle *j, struct troth_jingle_session *s,
			    const struct troth_jingle_offer *offer, int64_t now)
{
	struct troth_jingle_letter *letter;
	int err = troth_jingle_begin(&letter, j, s,
				     s->caller ? TROTH_JINGLE_ACTION_SESSION_INITIATE
					       : TROTH_JINGLE_ACTION_SESSION_ACCEPT,
				     now);
	if (err != TROTH_OK)
		return err;
	troth_jingle_open_content(s, &letter->w);
	write_description(offer, &letter->w);
	troth_jingle_write_transport(s, &letter->w);
	write_security(offer->security, &letter->w);
	troth_writer_close(&letter->w);
	return troth_jingle_post(j, letter);
}

int troth_jingle_choose(struct troth_jingle *j, uint64_t session,
			const struct troth_jingle_security *security, int64_t now)
{
	struct troth_jingle_session *s = troth_jingle_session_get(j, session);
	struct troth_jingle_letter *letter;
	if (s == NULL || !s->caller || !s->our_security || !s->has_security ||
	    !troth_jingle_is_accepted(s))
		return TROTH_E_INVAL;
	int err = troth_jingle_begin(&letter, j, s, TROTH_JINGLE_ACTION_SECURITY_INFO, now);
	if (err != TROTH_OK)
		return err;
	troth_jingle_open_content(s, &letter->w);
	write_security(security, &letter->w);
	troth_writer_close(&letter->w);
	return troth_jingle_post(j, letter);
}

int troth_jingle_send_info(struct troth_jingle *j, struct troth_jingle_session *s, const char *name,
			   const char *cid, int64_t now)
{
	struct troth_jingle_letter *letter;
	int err = troth_jingle_begin(&letter, j, s, TROTH_JINGLE_ACTION_TRANSPORT_INFO, now);
	if (err != TROTH_OK)
		return err;
	troth_jingle_open_content(s, &letter->w);
	troth_writer_open(&letter->w, TROTH_NS_JINGLE_S5B, "transport");
	troth_writer_attr(&letter->w, "sid", s->stream_sid);
	troth_writer_open(&letter->w, TROTH_NS_JINGLE_S5B, name);
	troth_writer_attr(&letter->w, "cid", cid);
	troth_writer_close(&letter->w);
	troth_writer_close(&letter->w);
	troth_writer_close(&letter->w);
	return troth_jingle_post(j, letter);
}

int troth_jingle_send_ibb(struct troth_jingle *j, struct troth_jingle_session *s,
			  enum troth_jingle_action action, const char *sid, int64_t now)
{
	struct troth_jingle_letter *letter;
	int err = troth_jingle_begin(&letter, j, s, action, now);
	if (err != TROTH_OK)
		return err;
	troth_jingle_open_content(s, &letter->w);
	write_ibb(s, sid, &letter->w);
	troth_writer_close(&letter->w);
	return troth_jingle_post(j, letter);
}

/* The session is over whether the peer hears of it or not: no answer is waited for. */
int troth_jingle_send_terminate(struct troth_jingle *j, struct troth_jingle_session *s)
{
	char id[TROTH_TOKEN_SIZE];
	struct troth_jingle_letter *letter;
	const struct troth_jingle_session *instead = j->sessions;
	int err = troth_jingle_token(j, id);
	if (err == TROTH_OK)
		err = begin_with(&letter, j, s, TROTH_JINGLE_ACTION_SESSION_TERMINATE, id);
	if (err != TROTH_OK)
		return err;
	while (instead != NULL && instead->number != s->instead)
		instead = instead->next;
	troth_writer_open(&letter->w, troth_jingle_ns(s->old), "reason");
	troth_writer_open(&letter->w, troth_jingle_ns(s->old), troth_jingle_reason_name(s->reason));
	if (s->reason == TROTH_JINGLE_REASON_ALTERNATIVE_SESSION && instead != NULL)
		troth_writer_leaf(&letter->w, troth_jingle_ns(s->old), "sid", instead->sid);
	troth_writer_close(&letter->w);
	troth_writer_close(&letter->w);
	return troth_jingle_post(j, letter);
}
