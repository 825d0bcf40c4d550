/* SPDX-License-Identifier: MIT */
/*
 * Keys received (docs/protocol.md, "Keys about keys"): which of them are reported, and as what.
 * Layer: stream. Nothing here trusts a key or a statement: they are an event.
 */
#include "stream/state.h"

#include <stdlib.h>
#include <string.h>

static int read_keys(struct troth_stream *s, const struct troth_element *pubkeys)
{
	struct troth_possession_context signer = stream_possession(s, false);
	bool own = s->has_exporter && s->event_about == NULL;
	s->key_list = calloc(1, sizeof *s->key_list);
	if (s->key_list == NULL)
		return TROTH_E_NOMEM;
	int err = troth_keyinfo_read(s->key_list, pubkeys, own ? &signer : NULL);
	if (err != TROTH_OK) {
		free(s->key_list);
		s->key_list = NULL;
		return err;
	}
	if (s->key_list->count == 0)
		return TROTH_OK;
	s->peer_keys = calloc(s->key_list->count, sizeof *s->peer_keys);
	return s->peer_keys != NULL ? TROTH_OK : TROTH_E_NOMEM;
}

/* ---- what a key is here for ---- */

static bool is_endorsed(const struct troth_keyinfo *k)
{
	for (size_t i = 0; i < k->endorsements.count; i++) {
		enum troth_purpose purpose = k->endorsements.items[i]->purpose;
		if (purpose == TROTH_PURPOSE_DEVICE || purpose == TROTH_PURPOSE_RENEW ||
		    purpose == TROTH_PURPOSE_SUCCEED)
			return true;
	}
	return false;
}

/* "Signed one of those that came with it": without its certificate nobody could verify them. */
static bool is_signer(const struct troth_keyinfo_list *list, const struct troth_keyinfo *key)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct troth_endorsement_list *e = &list->items[i].endorsements;
		for (size_t n = 0; &list->items[i] != key && n < e->count; n++) {
			if (e->items[n]->purpose == TROTH_PURPOSE_DEVICE &&
			    strcmp(e->items[n]->issuer_name, key->name) == 0)
				return true;
		}
	}
	return false;
}

static bool is_of_this_stream(const struct troth_stream *s, const struct troth_keyinfo *k)
{
	const struct troth_cert *shown = s->tls != NULL ? troth_tls_peer(s->tls) : NULL;
	return shown != NULL && troth_pin_equal(troth_cert_pin(shown), troth_cert_pin(k->cert));
}

/* *further as the event has it; false: the key isn't reported. */
static bool is_reported(const struct troth_stream *s, const struct troth_keyinfo *k, bool *further)
{
	bool stated = is_endorsed(k) || is_signer(s->key_list, k);
	*further = false;
	if (k->cert == NULL)
		return false;
	if (s->event_about != NULL) {
		*further = true;
		return true;
	}
	/* A stream by srp teaches the peer's own keys. Without an exporter there is no
	 * possession, and the first is the own one. */
	if (s->method == TROTH_METHOD_SRP) {
		*further = stated && !k->possessed && k != &s->key_list->items[0];
		return true;
	}
	if (is_of_this_stream(s, k))
		return true;
	/* "On a key stream a further key needs a device or renew endorsement", or `succeed`. */
	*further = !k->possessed;
	return stated;
}

static void report(struct troth_stream *s, struct troth_event *out)
{
	for (size_t i = 0; i < s->key_list->count; i++) {
		const struct troth_keyinfo *k = &s->key_list->items[i];
		bool further;
		if (!is_reported(s, k, &further))
			continue;
		s->peer_keys[out->key_count++] = (struct troth_peer_key){
			.cert = k->cert,
			.possessed = k->possessed,
			.further = further,
			.endorsements = troth_endorsement_list_view(&k->endorsements),
			.endorsement_count = k->endorsements.count,
		};
	}
	out->keys = s->peer_keys;
	out->revocations = troth_revocation_list_view(&s->key_list->revocations);
	out->revocation_count = s->key_list->revocations.count;
	out->quorum = s->key_list->quorum;
	out->successor = s->key_list->has_successor ? &s->key_list->successor : NULL;
}

enum step stream_keys_event(struct troth_stream *s, const struct troth_element *pubkeys, bool asked,
			    struct troth_event *out)
{
	if (asked) {
		s->key_request[0] = 0;
		if (s->key_about == NULL)
			s->keys_wanted_done = true;
		s->event_about = s->key_about;
		s->key_about = NULL;
	}
	stream_event(s, out, TROTH_EVENT_KEYS);
	out->about = s->event_about;
	if (pubkeys == NULL) /* a peer that doesn't know XEP-0189: no failure */
		return STEP_EVENT;
	int err = read_keys(s, pubkeys);
	if (err != TROTH_OK)
		return stream_fail(s, err, "The peer's keys can't be used.");
	report(s, out);
	if (!asked && out->key_count == 0 && out->revocation_count == 0 && out->quorum == NULL &&
	    out->successor == NULL)
		return STEP_AGAIN;
	return STEP_EVENT;
}
