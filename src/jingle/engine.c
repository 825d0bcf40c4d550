/* SPDX-License-Identifier: MIT */
/* The Jingle engine: stanzas and time in, stanzas and events out. Layer: jingle. */
#include "base/slice.h"
#include "jingle/session.h"

#include <stdlib.h>
#include <troth/err.h>

int troth_jingle_new(struct troth_jingle **out, const struct troth_jingle_params *params)
{
	struct troth_jingle *j = calloc(1, sizeof *j);
	if (j == NULL)
		return TROTH_E_NOMEM;
	int err = troth_address_new(&j->self, TROTH_REALM_SERVER, params->jid);
	if (err == TROTH_OK && troth_address_resource(j->self) == NULL)
		err = TROTH_E_FORMAT;
	j->random = params->random;
	j->random_user = params->random_user;
	j->end = &j->first;
	if (err == TROTH_OK)
		*out = j;
	else
		troth_jingle_free(j);
	return err;
}

void troth_jingle_free(struct troth_jingle *j)
{
	if (j == NULL)
		return;
	while (j->sessions != NULL) {
		struct troth_jingle_session *s = j->sessions;
		j->sessions = s->next;
		troth_jingle_session_free(s);
	}
	while (j->first != NULL)
		troth_jingle_sent(j);
	troth_address_free(j->self);
	free(j);
}

struct troth_slice troth_jingle_output(const struct troth_jingle *j)
{
	return j->first == NULL ? (struct troth_slice){NULL, 0} : troth_buf_slice(&j->first->buf);
}

void troth_jingle_sent(struct troth_jingle *j)
{
	struct troth_jingle_letter *letter = j->first;
	if (letter == NULL)
		return;
	j->first = letter->next;
	if (j->first == NULL)
		j->end = &j->first;
	j->letters--;
	troth_buf_fini(&letter->buf);
	free(letter);
}

static bool has_type(const struct troth_element *iq, const char *type)
{
	const char *given = troth_element_attr(iq, "type");
	return given != NULL && strcmp(given, type) == 0;
}

static int feed_request(struct troth_jingle *j, const struct troth_element *iq,
			const struct troth_address *peer, int64_t now)
{
	const struct troth_element *jingle = troth_jingle_element(iq);
	const struct troth_jingle_request r = {
		.asker = {troth_element_attr(iq, "from"), troth_element_attr(iq, "id"),
			  troth_element_is(jingle, TROTH_NS_JINGLE_0, NULL)},
		.jingle = jingle,
		.sid = troth_element_attr(jingle, "sid"),
		.peer = peer,
		.now = now,
	};
	/* An account, a server and we ourselves have no Jingle sessions. */
	if (peer == NULL || troth_address_resource(peer) == NULL ||
	    troth_address_same(peer, j->self))
		return troth_jingle_refuse(j, &r.asker, TROTH_STANZA_SERVICE_UNAVAILABLE, NULL);
	return troth_jingle_take_request(j, &r);
}

int troth_jingle_feed(struct troth_jingle *j, const struct troth_element *stanza, int64_t now,
		      bool *handled)
{
	const char *from = troth_element_attr(stanza, "from");
	const bool request = has_type(stanza, "set") && troth_jingle_element(stanza) != NULL;
	const bool answer = has_type(stanza, "result") || has_type(stanza, "error");
	struct troth_address *peer = NULL;
	*handled = false;
	troth_jingle_reap(j);
	if (!troth_element_is(stanza, TROTH_NS_CLIENT, "iq") || (!request && !answer))
		return TROTH_OK;
	*handled = request;
	/* RFC 6120 8.2.3: an IQ has an id; what has none can't be answered. */
	if (!troth_jingle_is_text(troth_element_attr(stanza, "id")))
		return TROTH_OK;
	int err = from == NULL ? TROTH_OK : troth_address_new(&peer, TROTH_REALM_SERVER, from);
	if (err == TROTH_E_NOMEM)
		return err;
	err = TROTH_OK;
	if (request)
		err = feed_request(j, stanza, peer, now);
	else if (peer != NULL)
		err = troth_jingle_take_answer(j, stanza, peer, now, handled);
	troth_address_free(peer);
	return err;
}

int64_t troth_jingle_deadline(const struct troth_jingle *j)
{
	int64_t first = INT64_MAX;
	for (const struct troth_jingle_session *s = j->sessions; s != NULL; s = s->next) {
		const int64_t iq = troth_iq_tracker_deadline(s->tracker);
		if (s->stage == TROTH_STAGE_OVER)
			continue;
		first = s->deadline < first ? s->deadline : first;
		first = iq < first ? iq : first;
	}
	return first == INT64_MAX ? -1 : first;
}
