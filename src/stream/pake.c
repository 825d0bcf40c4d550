/* SPDX-License-Identifier: MIT */
/*
 * The proof by a shared secret inside TLS 1.3 (docs/protocol.md, "PAKE"): four elements, behind
 * headers and transcript, and nothing else until it is over. Layer: stream. Each side tests one
 * guess of the other's: it is debited before anything leaves that tells how it went.
 *
 *   initiator                        recipient
 *      Ya             -> 1
 *                     <- 2           Yb
 *      (debit) Ta     -> 3
 *                     <- 4           (debit; Ta is right; pinned) Tb
 *      (Tb is right; pinned)
 */
#include "stream/state.h"

#include "base/encode.h"
#include "base/slice.h"
#include "c2c/binding.h"

#include <sodium.h>
#include <string.h>

/* ---- what it is bound to ---- */

int stream_binding(const struct troth_stream *s, struct troth_buf *out)
{
	bool initiator = s->role == TROTH_INITIATOR;
	struct troth_binding b = {
		.initiator = troth_address_bare(initiator ? s->local : s->peer),
		.recipient = troth_address_bare(initiator ? s->peer : s->local),
	};
	memcpy(b.transcript, s->transcript, sizeof b.transcript);
	int err = troth_tls_cert_hash(s->tls, initiator, b.initiator_cert);
	if (err == TROTH_OK)
		err = troth_tls_cert_hash(s->tls, !initiator, b.recipient_cert);
	return err == TROTH_OK ? troth_binding_append(out, &b) : err;
}

static int new_run(struct troth_stream *s)
{
	uint8_t random[TROTH_CPACE_RANDOM_LEN];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) ci;
	troth_buf_init(&ci, TROTH_BINDING_MAX);
	int err = stream_binding(s, &ci);
	if (err == TROTH_OK)
		err = troth_engine_random(s->engine, random, sizeof random);
	if (err == TROTH_OK) {
		const struct troth_cpace_params params = {
			.initiator = s->role == TROTH_INITIATOR,
			.prs = troth_secret_bytes(s->known.view.secret),
			.ci = troth_buf_slice(&ci),
			.sid = troth_slice_of(s->live.exporter, sizeof s->live.exporter),
			.ad_a = troth_slice_str("initiator"),
			.ad_b = troth_slice_str("recipient"),
			.random = random,
		};
		err = troth_cpace_new(&s->cpace, &params);
	}
	sodium_memzero(random, sizeof random);
	return err;
}

/* ---- sending ---- */

static int write_step(struct troth_stream *s, struct troth_buf *xml)
{
	const char number[] = {(char)('0' + s->pake_step), 0};
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_TROTH, "pake");
	troth_writer_attr(&w, "step", number);
	troth_writer_base64(&w, s->pake_step <= 2 ? troth_cpace_share(s->cpace)
						  : troth_cpace_tag(s->cpace));
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

/* Effect: sends a step; the next one is the peer's. */
static enum step send_step(struct troth_stream *s, int step)
{
	s->pake_step = step;
	int err = stream_write_xml(s, write_step);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	s->pake_step = step + 1;
	stream_set_state(s, STREAM_PAKE);
	/* Before the last one the peer's application judges and stores. */
	stream_set_deadline(s, step == 3 ? TROTH_TIME_ASK : TROTH_TIME_TLS);
	return STEP_AGAIN;
}

enum step stream_pake_begin(struct troth_stream *s)
{
	int err = new_run(s);
	if (err != TROTH_OK)
		return stream_fail(s, err, "The proof by secret couldn't be begun.");
	stream_known_forget_secret(&s->known); /* it has done its work */
	if (s->role == TROTH_INITIATOR)
		return send_step(s, 1);
	s->pake_step = 1;
	stream_set_state(s, STREAM_PAKE);
	stream_set_deadline(s, TROTH_TIME_TLS);
	return STEP_AGAIN;
}

/* ---- receiving ---- */

static enum step differs(struct troth_stream *s)
{
	return stream_fail(s, TROTH_E_SECRET, "The two secrets differ.");
}

/* "A debit is on disk before bytes leave that let the peer test a guess." How it went is known
 * here already, and nobody hears of it before. */
static enum step ask_guess(struct troth_stream *s, int err, struct troth_event *out)
{
	s->pake_err = err;
	stream_set_state(s, STREAM_GUESS);
	stream_set_deadline(s, TROTH_TIME_TLS);
	stream_event(s, out, TROTH_EVENT_GUESS);
	return STEP_EVENT;
}

static enum step take_value(struct troth_stream *s, struct troth_slice value,
			    struct troth_event *out)
{
	int err = s->pake_step <= 2 ? troth_cpace_receive(s->cpace, value)
				    : troth_cpace_confirm(s->cpace, value);
	switch (s->pake_step) {
	case 1:
		/* Whatever can't be a share counts like a wrong guess. */
		return err == TROTH_OK ? send_step(s, 2) : ask_guess(s, err, out);
	case 2:
	case 3:
		return ask_guess(s, err, out);
	default: /* 4: debited before Ta left */
		return err == TROTH_OK ? stream_ask_verdict(s, out) : differs(s);
	}
}

static bool is_step(const struct troth_stream *s, const struct troth_element *e)
{
	const char *step = troth_element_attr(e, "step");
	return troth_element_is(e, TROTH_NS_TROTH, "pake") && step != NULL &&
	       step[0] == '0' + s->pake_step && step[1] == 0;
}

enum step stream_step_pake(struct troth_stream *s, struct troth_event *out)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) value;
	troth_buf_init(&value, TROTH_LIMIT_PROOF_BYTES);
	struct troth_stanza *stanza = stream_next_element(s);
	if (stanza == NULL)
		return STEP_WAIT;
	const struct troth_element *e = troth_stanza_root(stanza);
	bool expected = is_step(s, e);
	int err = expected ? troth_base64_decode(&value, troth_element_text(e)) : TROTH_OK;
	troth_stanza_free(stanza);
	/* "Nothing else is accepted meanwhile." */
	if (!expected)
		return stream_fail(s, TROTH_E_PROTOCOL,
				   "The peer sent something else than the next step of the proof.");
	if (err == TROTH_E_NOMEM)
		return stream_fail(s, err, troth_err_text(err));
	return take_value(s, troth_buf_slice(&value), out); /* what isn't base64 is no value */
}

/* ---- answers ---- */

enum step stream_pake_paid(struct troth_stream *s, struct troth_event *out)
{
	if (s->pake_err != TROTH_OK)
		return differs(s);
	return s->role == TROTH_INITIATOR ? send_step(s, 3) : stream_ask_verdict(s, out);
}

enum step stream_pake_judged(struct troth_stream *s, struct troth_event *out)
{
	/* "The recipient pins before it sends Tb, the initiator on Tb": by its verdict. */
	if (s->role == TROTH_RECIPIENT) {
		(void)send_step(s, 4);
		if (s->state != STREAM_PAKE)
			return STEP_AGAIN;
	}
	troth_cpace_free(s->cpace);
	s->cpace = NULL;
	return stream_secured(s, out);
}
