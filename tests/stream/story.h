/* SPDX-License-Identifier: MIT */
/* Romeo knows Juliet's first device; she has another one, and a user key above both. */
#ifndef TESTS_STREAM_STORY_H
#define TESTS_STREAM_STORY_H

#include "party.h"

#include "base/slice.h"
#include "keys/keyinfo.h"
#include "keys/signer.h"

#include <stdio.h>

#define NOW 1700000000
#define DAY ((int64_t)86400)

/* Juliet's user key, and one that nobody asked for. */
static struct troth_device *nurse_key;
static struct troth_device *user_key;

static inline int make_keys(void **state)
{
	(void)state;
	const struct troth_device_params params = {.address = "juliet@capulet.example", .now = NOW};
	assert_ok(troth_device_generate(&user_key, &params));
	assert_ok(troth_device_generate(&nurse_key, &params));
	return 0;
}

static inline int free_keys(void **state)
{
	(void)state;
	troth_device_free(user_key);
	troth_device_free(nurse_key);
	return 0;
}

/* Romeo knows Juliet's old key (device 2) and her user key; she comes with device 1. */
struct story {
	struct party romeo;
	struct party juliet;
	struct party old; /* Juliet's first device */
	struct troth_known_issuer issuer;
	struct troth_endorsement *endorsement;
	const struct troth_endorsement *shown[1];
	struct troth_statements statements;
	const struct troth_device *by;      /* who endorses; NULL: nobody */
	const struct troth_device *subject; /* what; NULL: Juliet's device */
	enum troth_purpose purpose;
	const char *user_key_name;
	bool juliet_calls;
	bool without_pin;
	char sent[16384]; /* what Juliet sent in clear */
};

static struct story *playing;

static inline void note_sent(const struct party *p, const struct troth_event *e)
{
	if (p != &playing->juliet || e->type != TROTH_EVENT_XML || !e->outgoing ||
	    troth_stream_is_up(p->stream))
		return;
	size_t n = strlen(playing->sent);
	(void)snprintf(playing->sent + n, sizeof playing->sent - n, "%s\n", e->text);
}

static inline void begin(struct story *s)
{
	*s = (struct story){.purpose = TROTH_PURPOSE_DEVICE, .by = user_key};
	party_init(&s->romeo, 0, "romeo@forza");
	party_init(&s->juliet, 1, "juliet@pronto");
	party_init(&s->old, 2, "juliet@pronto");
	s->juliet.trace = note_sent;
	playing = s;
}

static inline struct troth_endorsement *endorse(const struct story *s)
{
	struct troth_endorsement *e = NULL;
	const struct troth_device *subject = s->subject != NULL ? s->subject : s->juliet.device;
	struct troth_signer signer = troth_signer_of_device(s->by);
	const struct troth_endorsement_terms terms = {
		.purpose = s->purpose, .issued = NOW, .expires = NOW + 100 * DAY};
	assert_ok(troth_endorsement_make(&e, &signer, &terms, troth_device_cert(subject)));
	return e;
}

static inline void believe(struct story *s)
{
	const struct troth_cert *cert = troth_device_cert(user_key);
	memcpy(s->issuer.name, troth_cert_name(cert), sizeof s->issuer.name);
	troth_issuer_of_cert(s->issuer.issuer, cert);
	s->romeo.known.issuers = &s->issuer;
	s->romeo.known.issuer_count = 1;
	s->romeo.known.contact = "Juliet";
}

static inline void play(struct story *s)
{
	if (!s->without_pin)
		party_knows(&s->romeo, &s->old, true);
	if (s->juliet.known.contact == NULL)
		party_knows(&s->juliet, &s->romeo, true);
	if (s->by != NULL) {
		s->endorsement = endorse(s);
		s->shown[0] = s->endorsement;
		s->statements.endorsements = s->shown;
		s->statements.endorsement_count = 1;
	}
	s->statements.user_key = s->user_key_name;
	assert_ok(troth_engine_state(s->juliet.engine, &s->statements));
	struct party *caller = s->juliet_calls ? &s->juliet : &s->romeo;
	struct party *called = s->juliet_calls ? &s->romeo : &s->juliet;
	party_start(called, TROTH_RECIPIENT, NULL, 0);
	party_start(caller, TROTH_INITIATOR, called, 0);
	party_run(caller, called, SIZE_MAX, 0);
}

static inline void end(struct story *s)
{
	party_fini(&s->romeo);
	party_fini(&s->juliet);
	party_fini(&s->old);
	troth_endorsement_free(s->endorsement);
}

#endif
