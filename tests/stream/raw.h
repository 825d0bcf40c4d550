/* SPDX-License-Identifier: MIT */
/*
 * A peer driven by hand: it says exactly what a test writes, in clear and then inside
 * TLS. It stands for clients that know only the XEPs, and for those that mean harm.
 */
#ifndef TROTH_TESTS_STREAM_RAW_H
#define TROTH_TESTS_STREAM_RAW_H

#include "party.h"
#include "tls/tls.h"

struct raw {
	struct party *against; /* the stream under test */
	const struct troth_device *device;
	struct troth_tls_context *context;
	struct troth_tls *tls;
	struct troth_buf heard; /* decrypted, or in clear: what the stream said since raw_forget */
	struct troth_buf sent_clear;
	struct troth_buf heard_clear; /* all of it: for transcripts */
	bool tls_done;
	int tls_err;
	bool tls_ended;
	bool old_tls;   /* TLS 1.2 without extended master secret */
	bool proofless; /* with old_tls: it doesn't show that it has the key of its certificate */
	int64_t now;
};

void raw_init(struct raw *r, struct party *against, const struct troth_device *device);
void raw_fini(struct raw *r);
/* Effect: says text the way the stream is now. */
void raw_say(struct raw *r, const char *text);
/* Effect: says the last thing in clear: what the stream answers is TLS already. */
void raw_say_last(struct raw *r, const char *text);
/* Effect: the stream must have said this since the last raw_forget; the test fails with what it
 * said. */
void raw_expect(struct raw *r, const char *text);
bool raw_heard(struct raw *r, const char *text);
void raw_forget(struct raw *r);
/* Effect: a handshake in the given role; secret NULL: certificates. Returns the error. */
int raw_start_tls(struct raw *r, enum troth_tls_role role, const struct troth_secret *secret,
		  const char *srp_user);
/* Effect: says <transcript/> with the right value, or a wrong one. */
void raw_say_transcript(struct raw *r, bool initiator, bool right);
/* The value itself as base64. */
void raw_transcript(struct raw *r, bool initiator, char out[64]);
/* Effect: moves what waits both ways. */
void raw_pump(struct raw *r);

#endif
