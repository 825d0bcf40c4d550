/* SPDX-License-Identifier: MIT */
/*
 * The overlap of a renewal (docs/protocol.md, "Endorsements"): whoever still speaks by the old key
 * is asked inside TLS which key takes its place. A thief of the old key who made another one, or
 * who knows of none, is told apart by that. Layer: session. trust/belief.h judges.
 */
#include "session/state.h"
#include "session/statements.h"

#include <stdio.h>

/* The successor of the stream's key, as long as both are taken. */
static bool find_heir(struct link *l)
{
	static const struct endorsed nothing;
	struct troth_believed b;
	bool found = false;
	if (contact_believe(l->session, l->contact, &nothing, &b) != TROTH_OK)
		return false;
	const struct troth_belief_key *key =
		troth_belief_find(&b.belief, &l->pin, TROTH_ROLE_DEVICE);
	for (size_t i = 0; key != NULL && !found && i < key->step_count; i++) {
		if (key->steps[i].kind != TROTH_STEP_OVERLAP)
			continue;
		l->heir = b.list[key->steps[i].statement].subject;
		found = true;
	}
	troth_believed_fini(&b);
	return found;
}

void overlap_ask(struct link *l)
{
	if (l->contact == 0 || !l->has_pin || l->certified ||
	    troth_stream_method(l->stream) != TROTH_METHOD_KEY ||
	    troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED || !find_heir(l))
		return;
	l->overlap = troth_stream_request_keys(l->stream) == TROTH_OK;
	if (!l->overlap)
		link_close(l, TROTH_E_REFUSED, "The key of this stream was renewed.");
	link_wake(l);
}

static void tell(struct link *l)
{
	char text[320];
	(void)snprintf(
		text, sizeof text,
		"%s has renewed a key, and a stream by the old one names another successor than "
		"the one known, or none: neither is believed. Pair again: `troth pair --generate "
		"%s`.",
		l->label, l->label);
	record_log(l->session, "key-disputed", l->label, text);
	news_warn(l->session, l, text);
}

/* "Each stream names inside TLS the successor that its key knows; disagreement suspends both." */
void overlap_check(struct link *l, const struct troth_event *e)
{
	struct troth_session *s = l->session;
	struct troth_store_key key;
	const struct troth_belief_statement says = {
		.kind = TROTH_BELIEF_DISPUTED, .subject = l->pin, .time = session_now()};
	if (!l->overlap || e->about != NULL)
		return;
	l->overlap = false;
	if (e->successor != NULL && troth_pin_equal(e->successor, &l->heir))
		return;
	int err = statement_record(s, l->contact, &says);
	if (err == TROTH_OK)
		err = key_settled(s, &l->pin, &key);
	if (err != TROTH_OK) {
		news_warn(s, l, troth_store_error(s->store));
		return;
	}
	if (key.state != TROTH_STORE_KEY_SUSPENDED) /* a user key decides there, and has */
		return;
	tell(l);
	link_close(l, TROTH_E_REFUSED, "Two keys say that they take the place of the one shown.");
}
