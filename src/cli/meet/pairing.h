/* SPDX-License-Identifier: MIT */
/* What `troth pair` shows and asks. Layer: cli. */
#ifndef TROTH_CLI_MEET_PAIRING_H
#define TROTH_CLI_MEET_PAIRING_H

#include "cli/meet/uri.h"
#include "cli/running.h"
#include "cli/terminal/secret_line.h"

struct troth_pairing {
	struct troth_running running; /* first */
	struct troth_call *call;
	const char *peer;            /* with whom; NULL: this side waits */
	struct troth_uri uri;        /* that said it; empty: none did */
	struct troth_secret *secret; /* given or generated; NULL: asked for */
	unsigned bits;
	unsigned words;
	char *generated; /* to be shown; guarded */
	struct troth_secret_line line;
	char nick[128];  /* that the other side gives itself */
	uv_timer_t hint; /* while nobody has come */
	bool called;     /* somebody, somewhere */
	bool pinned;     /* keys are stored: only their proof is missing */
};

/* Effect: the secret by option, or generated when this side waits. */
enum troth_exit troth_pairing_secret(struct troth_pairing *p, bool waits);
/* Effect: shows the secret, and what is to be typed on the other machine. */
void troth_pairing_invite(struct troth_pairing *p);
/* Effect: shows what is to be typed elsewhere, once an account is signed in: n is that news. */
void troth_pairing_online(struct troth_pairing *p, const struct troth_news *n);
/* Effect: when nobody has come for a while, says what may be the reason. */
void troth_pairing_hint(struct troth_pairing *p);
/* Effect: somebody came: no hint is needed. */
void troth_pairing_came(struct troth_pairing *p);
/* Effect: says that it worked, and ends. */
void troth_pairing_done(struct troth_pairing *p, const struct troth_news *n);
/* Session callbacks: asks for the secret. */
void troth_pairing_ask(void *user, const struct troth_question *question);
void troth_pairing_ask_over(void *user);
/* Effect: takes an open question back. */
void troth_pairing_quiet(struct troth_pairing *p);
void troth_pairing_fini(struct troth_pairing *p);

#endif
