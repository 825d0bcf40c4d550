/* SPDX-License-Identifier: MIT */
/*
 * The recipient's answer to our request, the last of what is said in clear. Layer: stream. It
 * selects one of the methods that we asked for; what it says about keys is proven by nothing yet.
 */
#include "stream/state.h"

/* Effect: who endorses the key, as the proceed says; else as the features said. */
static int read_proceed_proofs(struct troth_stream *s, const struct troth_element *offer)
{
	struct troth_offer_proofs proofs;
	int err = troth_offer_proofs_read(&proofs, offer);
	if (err != TROTH_OK)
		return err;
	if (proofs.count == 0) {
		troth_offer_proofs_fini(&proofs);
		return TROTH_OK;
	}
	troth_offer_proofs_fini(&s->offers->proofs);
	s->offers->proofs = proofs;
	s->offers->issuer_count = 0; /* they pointed into what is gone */
	return TROTH_OK;
}

static enum step read_proceed(struct troth_stream *s, const struct troth_element *proceed)
{
	struct troth_side us = stream_side(s);
	struct troth_offer offer = {0};
	const struct troth_element *e = troth_element_child(proceed, TROTH_NS_C2C, "offer");
	if (!s->peer_offers) {
		/* Without offers the method is ours to choose; the request may have been eager. */
		int err = troth_choose_without_offers(&s->method, &us);
		return err != TROTH_OK ? stream_fail_choice(s, err) : STEP_AGAIN;
	}
	int err = e == NULL ? TROTH_E_FLOOR : troth_offer_read(&offer, e);
	if (err == TROTH_OK)
		err = read_proceed_proofs(s, e);
	offer.proofs = &s->offers->proofs;
	if (err == TROTH_OK)
		err = troth_choose_accept(&s->method, &us, &s->offers->ours, &offer);
	if (err == TROTH_E_NOMEM)
		return stream_fail(s, err, troth_err_text(err));
	if (err == TROTH_E_FLOOR && s->new_key)
		return stream_fail_choice(s, TROTH_E_KEY_CHANGED);
	if (err == TROTH_E_FLOOR && us.known->may_try && !troth_may_try(us.known, &offer))
		return stream_fail(s, TROTH_E_NO_METHOD, STREAM_NO_CA);
	if (err != TROTH_OK)
		return stream_fail(s, TROTH_E_FLOOR,
				   "The peer went on with something that wasn't asked for.");
	return STEP_AGAIN;
}

enum step stream_step_proceed(struct troth_stream *s, struct troth_event *out)
{
	struct troth_stanza *stanza = stream_next_element(s);
	if (stanza == NULL)
		return STEP_WAIT;
	const struct troth_element *e = troth_stanza_root(stanza);
	enum step did;
	if (troth_element_is(e, TROTH_NS_TLS, "failure") && s->new_key)
		did = stream_fail_choice(s,
					 TROTH_E_KEY_CHANGED); /* ours to say: it was another one */
	else if (troth_element_is(e, TROTH_NS_TLS, "failure"))
		did = stream_failed_by_peer(s, TROTH_E_PEER_REFUSED, "The other side refused.");
	else if (!troth_element_is(e, TROTH_NS_TLS, "proceed"))
		did = stream_fail(s, TROTH_E_PROTOCOL,
				  "The peer answered something else than proceed.");
	else if (stream_crosses_line(s))
		did = stream_fail_crossing(s);
	else
		did = read_proceed(s, e);
	troth_stanza_free(stanza);
	if (s->state != STREAM_PROCEED)
		return did;
	return stream_have_method(s, out);
}
