/* SPDX-License-Identifier: MIT */
/*
 * The application's answers to the stream's questions. Layer: stream. An answer only
 * changes the state; the loop goes on from there.
 */
#include "stream/state.h"

static int answered(struct troth_stream *s)
{
	s->answered = s->state;
	stream_set_state(s, STREAM_ANSWERED);
	return TROTH_OK;
}

int troth_stream_know(struct troth_stream *s, const struct troth_known *known)
{
	if (s->state != STREAM_WHO_HEADER && s->state != STREAM_WHO_KEYS)
		return TROTH_E_INVAL;
	int err = stream_known_set(&s->known, known);
	if (err != TROTH_OK)
		return err;
	return answered(s);
}

int troth_stream_secret(struct troth_stream *s, const struct troth_secret *secret)
{
	struct troth_secret *copy;
	if (s->state != STREAM_ASK)
		return TROTH_E_INVAL;
	int err = troth_secret_copy(&copy, secret);
	if (err != TROTH_OK)
		return err;
	troth_secret_free(s->known.secret);
	s->known.secret = copy;
	s->known.view.secret = copy;
	return answered(s);
}

int troth_stream_debited(struct troth_stream *s)
{
	if (s->state != STREAM_GUESS)
		return TROTH_E_INVAL;
	s->debited = true;
	if (s->method == TROTH_METHOD_PAKE)
		return answered(s);
	stream_set_state(s, STREAM_HANDSHAKE);
	stream_set_deadline(s, TROTH_TIME_TLS);
	return TROTH_OK;
}

int troth_stream_refuse(struct troth_stream *s, int err)
{
	if (s->state != STREAM_ASK && s->state != STREAM_GUESS)
		return TROTH_E_INVAL;
	if (err != TROTH_E_BUDGET) /* a refusal is never "ended well" */
		err = TROTH_E_REFUSED;
	(void)stream_fail(s, err, troth_err_text(err));
	return TROTH_OK;
}

/* What a method can be worth at the most. */
static enum troth_level ceiling(enum troth_method method)
{
	switch (method) {
	case TROTH_METHOD_KEY:
	case TROTH_METHOD_PAKE:
	case TROTH_METHOD_SRP:
		return TROTH_LEVEL_VERIFIED;
	case TROTH_METHOD_INSECURE:
		return TROTH_LEVEL_UNVERIFIED;
	case TROTH_METHOD_NONE:
	case TROTH_METHOD_PLAIN:
		return TROTH_LEVEL_PLAIN;
	}
	return TROTH_LEVEL_PLAIN;
}

int troth_stream_verdict(struct troth_stream *s, const struct troth_verdict *verdict)
{
	if (s->state != STREAM_VERDICT)
		return TROTH_E_INVAL;
	if (verdict->err != TROTH_OK) {
		(void)stream_fail(s, verdict->err, troth_err_text(verdict->err));
		return TROTH_OK;
	}
	if (s->tried && verdict->level < TROTH_LEVEL_VERIFIED) {
		if (!troth_floor_admits(s->floor, TROTH_METHOD_INSECURE)) {
			(void)stream_fail(s, TROTH_E_NO_METHOD, "Nobody says whose key that is.");
			return TROTH_OK;
		}
		s->method = TROTH_METHOD_INSECURE;
	}
	enum troth_level most = ceiling(s->method);
	s->level = verdict->level < most ? verdict->level : most;
	s->named = verdict->contact != NULL;
	return answered(s);
}

/* Goes on where an answer came. */
enum step stream_step_answered(struct troth_stream *s, struct troth_event *out)
{
	switch (s->answered) {
	case STREAM_WHO_HEADER:
		return stream_known_header(s, out);
	case STREAM_WHO_KEYS:
		return stream_known_keys(s, out);
	case STREAM_ASK:
		return stream_have_secret(s, out);
	case STREAM_GUESS:
		return stream_pake_paid(s, out);
	case STREAM_VERDICT:
		return s->cpace != NULL ? stream_pake_judged(s, out) : stream_inner_begin(s, out);
	case STREAM_HEADER:
	case STREAM_FEATURES:
	case STREAM_REQUEST:
	case STREAM_PROCEED:
	case STREAM_ANSWERED:
	case STREAM_HANDSHAKE:
	case STREAM_INNER_HEADER:
	case STREAM_INNER_FEATURES:
	case STREAM_TRANSCRIPT:
	case STREAM_PAKE:
	case STREAM_UP:
	case STREAM_CLOSING:
	case STREAM_CLOSING_TLS:
	case STREAM_OVER:
	case STREAM_ENDED:
		break;
	}
	return STEP_WAIT;
}
