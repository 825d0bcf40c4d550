/* SPDX-License-Identifier: MIT */
/*
 * A meeting by pake: the certificate of the handshake is pinned at the verdict, before the peer
 * hears that its proof was right (docs/protocol.md, "PAKE"). Layer: session. Its stream has nothing
 * else to do: the caller ends it and comes again by the keys, so that a pairing that is reported as
 * complete has been seen to work.
 */
#include "session/state.h"

#include <string.h>

/* Whether its label is one that was made for want of a nickname: just now, or at a meeting that was
 * cut before the nickname came. */
static bool is_unnamed(const struct link *l)
{
	char label[TROTH_STORE_LABEL_MAX + 1];
	troth_label_make(label, NULL, &l->pin, 0);
	return strcmp(label, l->label) == 0;
}

int link_proven(struct link *l, const struct troth_event *e)
{
	const struct troth_peer_key key = {.cert = e->cert, .possessed = true};
	int64_t contact = 0;
	l->transcript = e->transcript;
	int err = meet_store(l, &key, &contact);
	if (err != TROTH_OK)
		return err;
	meet_done(l, contact, troth_cert_pin(e->cert));
	/* Its nickname comes when the stream is up: only then the peer knows that it is us. */
	l->unnamed = is_unnamed(l);
	if (l->call == NULL && l->pairing) /* "spent on success": no other stream may use it */
		window_met(l->session, l);
	return TROTH_OK;
}

void link_proven_up(struct link *l)
{
	if (l->call != NULL)
		call_link_met(l->call, l);
}

void link_proven_named(struct link *l)
{
	struct troth_session *s = l->session;
	char label[TROTH_STORE_LABEL_MAX + 1];
	int err = TROTH_E_EXISTS;
	if (!l->unnamed)
		return;
	l->unnamed = false;
	for (unsigned i = 0; err == TROTH_E_EXISTS && i < TROTH_LABEL_TRIES; i++) {
		troth_label_make(label, l->nick, &l->pin, i);
		if (strcmp(label, l->label) == 0)
			return;
		err = troth_store_contact_rename(s->store, l->contact, label, session_now());
	}
	if (err != TROTH_OK) /* what the store won't have as a label: it stays as it is */
		return;
	memcpy(l->label, label, sizeof l->label);
	if (s->window.open && s->window.met == l->contact)
		memcpy(s->window.label, label, sizeof s->window.label);
	link_local_contact(s);
}

void link_proven_closed(struct link *l)
{
	if (l->met && troth_stream_method(l->stream) == TROTH_METHOD_PAKE)
		meet_tell(l);
}
