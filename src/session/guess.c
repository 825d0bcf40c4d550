/* SPDX-License-Identifier: MIT */
/*
 * Guesses: each is paid for on disk before the peer can test it (docs/protocol.md,
 * "Guesses"). Layer: session.
 */
#include "session/state.h"

#include "base/encode.h"

#include <stdio.h>

#define MINUTE 60

int scope_new(char out[SCOPE_SIZE], const char *kind)
{
	uint8_t random[12];
	char hex[2 * sizeof random + 1];
	int err = session_random(random, sizeof random);
	if (err != TROTH_OK)
		return err;
	troth_hex(hex, (struct troth_slice){random, sizeof random});
	(void)snprintf(out, SCOPE_SIZE, "%s:%s", kind, hex);
	return TROTH_OK;
}

int scope_arm(struct troth_session *s, const char *scope, int64_t contact, unsigned bits)
{
	const struct troth_store_budget_params params = {
		.scope = scope,
		.contact = contact,
		.bits = bits,
	};
	return troth_store_budget_arm(s->store, &params, session_now());
}

/* "Stronger secrets are rate-limited only": by each program, for all its strangers together. */
static bool is_too_fast(struct troth_session *s, const char *scope)
{
	struct troth_store_budget budget;
	int64_t now = session_now();
	if (troth_store_budget_get(s->store, scope, &budget) != TROTH_OK || !budget.unlimited)
		return false;
	if (now < s->strong_since || now - s->strong_since >= MINUTE) {
		s->strong_since = now;
		s->strong_guesses = 0;
	}
	return s->strong_guesses++ >= TROTH_LIMIT_STRONG_GUESSES;
}

static int debit(struct link *l)
{
	if (l->scope[0] == 0 || !window_holds(l))
		return TROTH_E_NOT_FOUND;
	if (is_too_fast(l->session, l->scope)) {
		l->own_text = "Too many guesses in a minute: this one wasn't taken.";
		return TROTH_E_REFUSED;
	}
	return troth_store_budget_debit(l->session->store, l->scope, NULL);
}

void link_guess(struct link *l)
{
	int err = debit(l);
	if (err == TROTH_OK) {
		l->debited = true;
		err = troth_stream_debited(l->stream);
	} else {
		/* A budget that isn't armed, or a disk that can't remember: no guess either way. */
		if (err == TROTH_E_BUDGET)
			record_log(l->session, "budget", l->label,
				   "Too many wrong secrets: no more are accepted.");
		err = troth_stream_refuse(l->stream,
					  err == TROTH_E_BUDGET ? TROTH_E_BUDGET : TROTH_E_REFUSED);
	}
	if (err != TROTH_OK)
		link_close(l, err, "The guess couldn't be counted.");
}
