/* SPDX-License-Identifier: MIT */
/* What this device says about its own keys. Layer: session. own.h keeps it. */
#include "session/state.h"
#include "session/statements.h"

int say_load(struct troth_session *s)
{
	struct troth_own *own;
	int err = troth_own_load(&own, s->store, troth_device_cert(s->device));
	if (err != TROTH_OK)
		return err;
	err = troth_engine_state(s->engine, &own->statements);
	if (err != TROTH_OK) {
		troth_own_free(own);
		return err;
	}
	troth_own_free(s->own);
	s->own = own;
	published_refresh(s);
	return TROTH_OK;
}

/* Another program may have said something in our name since: `id renew`, `user endorse`,
 * `id openpgp`. Asked when a stream begins and when it is up, so nobody need start anew. */
void say_refresh(struct troth_session *s)
{
	int64_t version;
	int err = troth_store_version(s->store, &version);
	if (err == TROTH_OK && version == s->store_version)
		return;
	if (err == TROTH_OK)
		err = say_load(s);
	if (err == TROTH_OK)
		s->store_version = version;
	else
		news_warn(s, NULL, "What our keys say about each other couldn't be read anew.");
}

/* Unasked, on every stream: who has heard it before learns nothing, and who was away for months
 * hears it first thing. Who has nothing to say is silent. Whom only a CA knows is nobody's
 * contact, and isn't told which other keys are ours. */
void say_keys(struct link *l)
{
	say_refresh(l->session);
	const struct troth_statements *s = &l->session->own->statements;
	bool any = s->endorsement_count + s->further_count + s->revocation_count > 0 ||
		   s->quorum != NULL || s->successor != NULL;
	if (l->contact == 0 || !any || troth_stream_level(l->stream) != TROTH_LEVEL_VERIFIED)
		return;
	if (troth_stream_push_keys(l->stream) != TROTH_OK)
		news_warn(l->session, l, "What our keys say about each other couldn't be sent.");
	link_wake(l);
}
