/* SPDX-License-Identifier: MIT */
/*
 * A peer driven by hand that can do the proof of pake, right or wrong: what it sends is made here
 * from what it saw, and a test changes it, keeps it, or sends it elsewhere.
 */
#ifndef TROTH_TESTS_STREAM_PROVER_H
#define TROTH_TESTS_STREAM_PROVER_H

#include "scene.h"

#include "base/encode.h"
#include "c2c/binding.h"
#include "c2c/cpace.h"

#include <sodium.h>
#include <stdio.h>

#define MARK "<transcript xmlns='urn:xmpp:troth:0'/>"
#define PAKE "<pake xmlns='urn:xmpp:troth:0' suite='CPACE-RISTR255-SHA512'/>"

struct value {
	uint8_t bytes[TROTH_CPACE_TAG_LEN];
	size_t len;
};

struct prover {
	struct scene s;
	bool initiator;           /* the prover; the stream under test is the other side */
	struct troth_cpace *pake; /* NULL before prover_begin */
	struct value sent[5];     /* by step: what prover_answer made */
};

/* Up to where the stream under test waits for headers inside TLS; sets what the test needs. */
static inline void prover_open(struct prover *p, enum troth_role us)
{
	*p = (struct prover){.initiator = us == TROTH_RECIPIENT};
	open_scene(&p->s, us, with_secret);
	if (p->initiator) {
		raw_say(&p->s.raw, ROMEO);
		raw_say(&p->s.raw, STARTTLS ">" OFFER PAKE MARK "</offer></starttls>");
		raw_expect(&p->s.raw, "<proceed");
		assert_ok(raw_start_tls(&p->s.raw, TROTH_TLS_CLIENT, NULL, NULL));
		raw_say(&p->s.raw, ROMEO);
		raw_say_transcript(&p->s.raw, true, true);
	} else {
		char features[300];
		char transcript[64];
		raw_say(&p->s.raw, JULIET "<stream:features>" STARTTLS ">" OFFER PAKE MARK
					  "</offer></starttls></stream:features>");
		raw_say_last(&p->s.raw, PROCEED ">" OFFER PAKE "</offer></proceed>");
		assert_ok(raw_start_tls(&p->s.raw, TROTH_TLS_SERVER, NULL, NULL));
		raw_transcript(&p->s.raw, false, transcript);
		(void)snprintf(features, sizeof features,
			       "<stream:features><transcript xmlns='urn:xmpp:troth:0' "
			       "algo='sha-256'>%s</transcript></stream:features>",
			       transcript);
		raw_say(&p->s.raw, JULIET);
		raw_say(&p->s.raw, features);
	}
}

static inline void prover_close(struct prover *p)
{
	troth_cpace_free(p->pake);
	close_scene(&p->s);
}

/* Effect: its own run, bound to this stream. */
static inline void prover_begin(struct prover *p, const struct troth_secret *with)
{
	struct troth_tls *tls = p->s.raw.tls;
	struct troth_buf ci, text;
	uint8_t random[TROTH_CPACE_RANDOM_LEN];
	uint8_t exporter[32];
	char transcript[64];
	struct troth_binding b = {.initiator = "romeo@forza", .recipient = "juliet@pronto"};
	assert_ok(troth_tls_cert_hash(tls, p->initiator, b.initiator_cert));
	assert_ok(troth_tls_cert_hash(tls, !p->initiator, b.recipient_cert));
	raw_transcript(&p->s.raw, p->initiator, transcript);
	troth_buf_init(&text, 256);
	assert_ok(troth_base64_decode(&text, transcript));
	memcpy(b.transcript, troth_buf_slice(&text).data, sizeof b.transcript);
	troth_buf_init(&ci, TROTH_BINDING_MAX);
	assert_ok(troth_binding_append(&ci, &b));
	assert_ok(troth_tls_exporter(tls, false, exporter));
	randombytes_buf(random, sizeof random);
	const struct troth_cpace_params params = {
		.initiator = p->initiator,
		.prs = troth_secret_bytes(with),
		.ci = troth_buf_slice(&ci),
		.sid = troth_slice_of(exporter, sizeof exporter),
		.ad_a = troth_slice_str("initiator"),
		.ad_b = troth_slice_str("recipient"),
		.random = random,
	};
	assert_ok(troth_cpace_new(&p->pake, &params));
	troth_buf_fini(&ci);
	troth_buf_fini(&text);
}

/* What the stream under test said in a step; false: it hasn't. */
static inline bool prover_heard(struct prover *p, int step, struct value *out)
{
	char tag[80];
	char base64[128];
	const char *heard;
	struct troth_buf bytes;
	(void)snprintf(tag, sizeof tag, "<pake xmlns='urn:xmpp:troth:0' step='%d'>", step);
	raw_pump(&p->s.raw);
	assert_ok(troth_buf_cstr(&p->s.raw.heard, &heard));
	const char *at = strstr(heard, tag);
	if (at == NULL)
		return false;
	at += strlen(tag);
	(void)snprintf(base64, sizeof base64, "%.*s", (int)strcspn(at, "<"), at);
	troth_buf_init(&bytes, 256);
	assert_ok(troth_base64_decode(&bytes, base64));
	struct troth_slice s = troth_buf_slice(&bytes);
	assert_true(s.len <= sizeof out->bytes);
	memcpy(out->bytes, s.data, s.len);
	out->len = s.len;
	troth_buf_fini(&bytes);
	return true;
}

static inline void prover_say(struct prover *p, int step, const struct value *v)
{
	char xml[300];
	const char *base64;
	struct troth_buf text;
	troth_buf_init(&text, 256);
	assert_ok(troth_base64_encode(&text, troth_slice_of(v->bytes, v->len)));
	assert_ok(troth_buf_cstr(&text, &base64));
	(void)snprintf(xml, sizeof xml, "<pake xmlns='urn:xmpp:troth:0' step='%d'>%s</pake>", step,
		       base64);
	raw_say(&p->s.raw, xml);
	troth_buf_fini(&text);
}

static inline struct value value_of(struct troth_slice s)
{
	struct value v = {.len = s.len};
	assert_true(s.len > 0 && s.len <= sizeof v.bytes);
	memcpy(v.bytes, s.data, s.len);
	return v;
}

/* Effect: makes what this step should be, after what was heard; false: there is nothing to say
 * any more. */
static inline bool prover_answer(struct prover *p, int step)
{
	struct value heard;
	if (p->s.us.closed)
		return false;
	if (step > 1 && !prover_heard(p, step - 1, &heard))
		return false;
	if (step == 2 || step == 3)
		assert_ok(troth_cpace_receive(p->pake, troth_slice_of(heard.bytes, heard.len)));
	p->sent[step] = value_of(step <= 2 ? troth_cpace_share(p->pake) : troth_cpace_tag(p->pake));
	return true;
}

static inline int first_step(const struct prover *p)
{
	return p->initiator ? 1 : 2;
}

/* The right proof, of which one value was changed by a test: what then must be. */
static inline void assert_cost_one_guess(struct prover *p)
{
	assert_true(p->s.us.closed);
	assert_err(p->s.us.err, TROTH_E_SECRET);
	assert_int_equal(p->s.us.guesses, 1);
	assert_int_equal(p->s.us.level, TROTH_LEVEL_PLAIN);
	assert_null(strstr(p->s.us.seen, "verdict")); /* so nothing was pinned */
	assert_null(strstr(p->s.us.seen, "secured"));
	raw_expect(&p->s.raw, "<not-authorized");
	raw_expect(&p->s.raw, "<guess xmlns='urn:xmpp:troth:0'/>");
}

#endif
