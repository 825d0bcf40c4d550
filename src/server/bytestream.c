/* SPDX-License-Identifier: MIT */
/* One bytestream: how it begins, is handed over, and ends. Layer: server. */
#include "server/bytestreams_state.h"

#include <stdlib.h>
#include <string.h>

int bytestream_new(struct troth_bytestream **out, struct troth_bytestreams *all, uint64_t session)
{
	struct troth_bytestream *b = calloc(1, sizeof *b);
	if (b == NULL)
		return TROTH_E_NOMEM;
	b->all = all;
	b->session = session;
	b->next = all->streams;
	all->streams = b;
	*out = b;
	return TROTH_OK;
}

void bytestream_free(struct troth_bytestream *b)
{
	struct troth_bytestream **at = &b->all->streams;
	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	socks5_drop(b);
	free(b);
}

void bytestream_over(struct troth_bytestream *b, int err, const char *text)
{
	struct troth_bytestream_callbacks callbacks = b->callbacks;
	bytestream_free(b);
	if (callbacks.over != NULL)
		callbacks.over(callbacks.user, err, text);
}

void bytestream_open(struct troth_bytestream *b, struct troth_transport *transport,
		     enum troth_path path)
{
	b->opened = true;
	if (b->callbacks.open != NULL)
		b->callbacks.open(b->callbacks.user, transport, path);
	else {
		b->in_band = NULL;
		troth_transport_close(transport);
	}
}

int bytestream_offer(struct troth_bytestream *b)
{
	struct troth_bytestreams *all = b->all;
	struct troth_jingle_candidate candidates[BYTESTREAM_CANDIDATES_MAX];
	struct troth_own_address addresses[TROTH_OWN_ADDRESSES_MAX];
	const struct troth_jingle_offer offer = {
		.transport = TROTH_JINGLE_SOCKS5,
		.candidates = candidates,
		.candidate_count = socks5_candidates(b, candidates, addresses),
		.security = b->ours.said ? &b->ours.view : NULL,
	};
	int64_t now = bytestreams_now(all);
	b->offered = true;
	b->taken = !b->caller;
	return b->caller ? troth_jingle_offer(all->jingle, b->session, &offer, now)
			 : troth_jingle_accept(all->jingle, b->session, &offer, now);
}

int troth_bytestream_call(struct troth_bytestream **out, struct troth_bytestreams *all,
			  const char *jid, const struct troth_jingle_security *security,
			  const struct troth_bytestream_callbacks *callbacks)
{
	struct troth_bytestream *b;
	uint64_t session;
	if (!troth_account_is_up(all->account) || all->jingle == NULL)
		return TROTH_E_UNREACHABLE;
	int err = troth_jingle_prepare(all->jingle, jid, &session);
	if (err != TROTH_OK)
		return err;
	err = bytestream_new(&b, all, session);
	if (err == TROTH_OK) {
		b->caller = true;
		b->direct = all->listener != NULL;
		b->callbacks = *callbacks;
		xtls_keep(&b->ours, security);
		if (troth_proxies_are_known(all->proxies)) /* else it is offered when they are */
			err = bytestream_offer(b);
		if (err != TROTH_OK)
			bytestream_free(b);
	}
	if (err != TROTH_OK)
		troth_jingle_terminate(all->jingle, session, TROTH_JINGLE_REASON_CANCEL);
	else
		*out = b;
	bytestreams_later(all);
	return err;
}

void troth_bytestream_stalled(struct troth_bytestream *b)
{
	struct troth_bytestreams *all = b->all;
	if (b->session == 0 || all->jingle == NULL ||
	    troth_jingle_stalled(all->jingle, b->session, bytestreams_now(all)) != TROTH_OK)
		return; /* there is no other way, or one is being tried: the stream's own deadlines
			   run */
	bytestreams_later(all);
}

void troth_bytestream_end(struct troth_bytestream *b)
{
	if (b == NULL)
		return;
	struct troth_bytestreams *all = b->all;
	if (b->session != 0 && all->jingle != NULL)
		troth_jingle_terminate(all->jingle, b->session,
				       b->unsafe   ? TROTH_JINGLE_REASON_SECURITY_ERROR
				       : b->opened ? TROTH_JINGLE_REASON_SUCCESS
						   : TROTH_JINGLE_REASON_CANCEL);
	bytestream_free(b);
	bytestreams_later(all);
}
