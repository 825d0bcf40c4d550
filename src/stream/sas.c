/* SPDX-License-Identifier: MIT */
/*
 * Comparing a short string on an insecure stream that is up (docs/protocol.md, "SAS"). Layer:
 * stream. One run in the life of a stream; stanzas go on meanwhile. What it proves is worth nothing
 * to this stream: the application pins the certificate that was shown, and comes again by it.
 */
#include "stream/state.h"

#include "base/encode.h"
#include "base/slice.h"
#include "c2c/binding.h"
#include "c2c/sas.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* What is due next. */
enum sas_step { SAS_BEGIN, SAS_COMMIT, SAS_NONCE, SAS_REVEAL, SAS_ANSWERS, SAS_OVER };

struct stream_sas {
	enum sas_step due;
	const char *sending; /* the step that is written */
	struct troth_slice value;
	uint8_t ni[TROTH_SAS_NONCE_LEN];
	uint8_t nr[TROTH_SAS_NONCE_LEN];
	uint8_t commitment[TROTH_SHA256_LEN];
	struct troth_sas shown;
	bool begun; /* the recipient has asked us to begin */
	bool own_same, peer_same;
};

void stream_sas_free(struct stream_sas *sas)
{
	if (sas != NULL)
		sodium_memzero(sas, sizeof *sas);
	free(sas);
}

/* ---- sending ---- */

static int write_step(struct troth_stream *s, struct troth_buf *xml)
{
	struct troth_writer w;
	troth_writer_init(&w, xml, TROTH_NS_CLIENT);
	troth_writer_open(&w, TROTH_NS_TROTH, "sas");
	troth_writer_attr(&w, "step", s->sas->sending);
	troth_writer_base64(&w, s->sas->value);
	troth_writer_close(&w);
	return troth_writer_finish(&w);
}

static int send_step(struct troth_stream *s, const char *step, struct troth_slice value)
{
	s->sas->sending = step;
	s->sas->value = value;
	return stream_write_xml(s, write_step);
}

static int new_run(struct troth_stream *s)
{
	s->sas = calloc(1, sizeof *s->sas);
	if (s->sas == NULL)
		return TROTH_E_NOMEM;
	uint8_t *own = s->role == TROTH_INITIATOR ? s->sas->ni : s->sas->nr;
	s->sas->due = s->role == TROTH_INITIATOR ? SAS_BEGIN : SAS_COMMIT;
	return troth_engine_random(s->engine, own, TROTH_SAS_NONCE_LEN);
}

/* "The initiator always commits." */
static int commit(struct troth_stream *s)
{
	uint8_t hash[TROTH_SHA256_LEN];
	int err = troth_sas_commit(hash, s->sas->ni);
	if (err == TROTH_OK)
		err = send_step(s, "commit", troth_slice_of(hash, sizeof hash));
	s->sas->due = SAS_NONCE;
	return err;
}

bool stream_sas_is_agreed(const struct troth_stream *s)
{
	return s->state == STREAM_UP && s->method == TROTH_METHOD_INSECURE && s->sas_agreed &&
	       s->has_exporter;
}

int troth_stream_sas(struct troth_stream *s)
{
	if (!stream_sas_is_agreed(s) || s->sas != NULL)
		return TROTH_E_INVAL;
	int err = new_run(s);
	if (err == TROTH_OK && s->role == TROTH_INITIATOR)
		err = commit(s);
	else if (err == TROTH_OK)
		err = send_step(s, "begin", (struct troth_slice){NULL, 0});
	if (err != TROTH_OK)
		(void)stream_fail(s, err, "The comparison couldn't be begun.");
	return err;
}

/* ---- what is shown, and what people say to it ---- */

static enum step show(struct troth_stream *s, struct troth_event *out)
{
	uint8_t value[TROTH_SAS_VALUE_LEN];
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) ci;
	troth_buf_init(&ci, TROTH_BINDING_MAX);
	int err = stream_binding(s, &ci);
	if (err == TROTH_OK) {
		const struct troth_sas_input input = {
			.initiator = s->sas->ni,
			.recipient = s->sas->nr,
			.ci = troth_buf_slice(&ci),
			.sid = troth_slice_of(s->live.exporter, sizeof s->live.exporter),
		};
		err = troth_sas_value(value, &input);
	}
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	troth_sas_show(&s->sas->shown, value);
	s->sas->due = SAS_ANSWERS;
	stream_event(s, out, TROTH_EVENT_SAS);
	out->sas = &s->sas->shown;
	return STEP_EVENT;
}

static enum step both_same(struct troth_stream *s, struct troth_event *out)
{
	s->sas->due = SAS_OVER;
	stream_event(s, out, TROTH_EVENT_SAS_CONFIRMED);
	return STEP_EVENT;
}

enum step stream_sas_answered(struct troth_stream *s, struct troth_event *out)
{
	bool ready = s->sas != NULL && s->sas->due == SAS_ANSWERS && s->sas->own_same &&
		     s->sas->peer_same && s->state == STREAM_UP;
	return ready ? both_same(s, out) : STEP_WAIT;
}

int troth_stream_sas_answer(struct troth_stream *s, enum troth_sas_answer answer)
{
	if (s->state != STREAM_UP || s->sas == NULL || s->sas->due == SAS_OVER ||
	    s->sas->own_same || (answer == TROTH_SAS_SAME && s->sas->due != SAS_ANSWERS))
		return TROTH_E_INVAL;
	int err = TROTH_OK;
	switch (answer) {
	case TROTH_SAS_SAME:
		err = send_step(s, "same", (struct troth_slice){NULL, 0});
		s->sas->own_same = err == TROTH_OK;
		break;
	case TROTH_SAS_DIFFERENT:
		(void)stream_fail(s, TROTH_E_MISMATCH, "The two sides saw different strings.");
		break;
	case TROTH_SAS_CANCEL:
		(void)stream_fail(s, TROTH_E_REFUSED, "The comparison was cancelled.");
		break;
	}
	return err;
}

/* ---- receiving ---- */

/* Effect: the value of a step, of that length exactly. */
static int read_value(const struct troth_element *e, uint8_t *to, size_t len)
{
	struct troth_buf TROTH_CLEANUP(troth_buf_fini) bytes;
	troth_buf_init(&bytes, TROTH_LIMIT_PROOF_BYTES);
	int err = troth_base64_decode(&bytes, troth_element_text(e));
	struct troth_slice got = troth_buf_slice(&bytes);
	if (err == TROTH_OK && got.len != len)
		err = TROTH_E_PROTOCOL;
	if (err == TROTH_OK && len > 0)
		memcpy(to, got.data, len);
	return err == TROTH_E_NOMEM || err == TROTH_OK ? err : TROTH_E_PROTOCOL;
}

static enum step take_begin(struct troth_stream *s, const struct troth_element *e,
			    struct troth_event *out)
{
	(void)e;
	(void)out;
	s->sas->begun = true;
	int err = commit(s);
	return err == TROTH_OK ? STEP_AGAIN : stream_fail(s, err, troth_err_text(err));
}

static enum step take_commit(struct troth_stream *s, const struct troth_element *e,
			     struct troth_event *out)
{
	(void)out;
	int err = read_value(e, s->sas->commitment, sizeof s->sas->commitment);
	if (err == TROTH_OK)
		err = send_step(s, "nonce", troth_slice_of(s->sas->nr, sizeof s->sas->nr));
	s->sas->due = SAS_REVEAL;
	return err == TROTH_OK ? STEP_AGAIN : stream_fail(s, err, troth_err_text(err));
}

static enum step take_nonce(struct troth_stream *s, const struct troth_element *e,
			    struct troth_event *out)
{
	int err = read_value(e, s->sas->nr, sizeof s->sas->nr);
	if (err == TROTH_OK)
		err = send_step(s, "reveal", troth_slice_of(s->sas->ni, sizeof s->sas->ni));
	return err == TROTH_OK ? show(s, out) : stream_fail(s, err, troth_err_text(err));
}

static enum step take_reveal(struct troth_stream *s, const struct troth_element *e,
			     struct troth_event *out)
{
	uint8_t hash[TROTH_SHA256_LEN];
	int err = read_value(e, s->sas->ni, sizeof s->sas->ni);
	if (err == TROTH_OK)
		err = troth_sas_commit(hash, s->sas->ni);
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	if (sodium_memcmp(hash, s->sas->commitment, sizeof hash) != 0)
		return stream_fail(s, TROTH_E_MISMATCH,
				   "The other side didn't keep to what it had committed to.");
	return show(s, out);
}

static enum step take_same(struct troth_stream *s, const struct troth_element *e,
			   struct troth_event *out)
{
	(void)e;
	if (s->sas->peer_same)
		return stream_fail(s, TROTH_E_PROTOCOL, "The other side confirmed twice.");
	s->sas->peer_same = true;
	return s->sas->own_same ? both_same(s, out) : STEP_AGAIN;
}

/* Both users began at once: the recipient asked for what we had sent already. */
static bool has_crossed(struct troth_stream *s)
{
	if (s->role != TROTH_INITIATOR || s->sas->due != SAS_NONCE || s->sas->begun)
		return false;
	s->sas->begun = true;
	return true;
}

static const struct {
	const char *step;
	enum sas_step due;
	enum step (*take)(struct troth_stream *s, const struct troth_element *e,
			  struct troth_event *out);
} steps[] = {
	{"begin", SAS_BEGIN, take_begin}, {"commit", SAS_COMMIT, take_commit},
	{"nonce", SAS_NONCE, take_nonce}, {"reveal", SAS_REVEAL, take_reveal},
	{"same", SAS_ANSWERS, take_same},
};

enum step stream_sas_element(struct troth_stream *s, const struct troth_element *e,
			     struct troth_event *out)
{
	const char *step = troth_element_attr(e, "step");
	int err = s->sas == NULL ? new_run(s) : TROTH_OK;
	if (err != TROTH_OK)
		return stream_fail(s, err, troth_err_text(err));
	if (step != NULL && strcmp(step, "begin") == 0 && has_crossed(s))
		return STEP_AGAIN;
	for (size_t i = 0; step != NULL && i < sizeof steps / sizeof *steps; i++) {
		bool next = steps[i].due == s->sas->due;
		if (next && strcmp(step, steps[i].step) == 0)
			return steps[i].take(s, e, out);
	}
	return stream_fail(s, TROTH_E_PROTOCOL,
			   "The peer sent something else than the next step of the comparison.");
}
