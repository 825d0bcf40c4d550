/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes Jingle sessions: each line of the input is a stanza that arrives or, by its first letter,
 * something that the application does. Whatever comes, what goes out are whole stanzas, what is
 * reported is in order, and nobody waits for ever.
 */
#include "base/limits.h"
#include "base/slice.h"
#include "need.h"

#include <troth/err.h>
#include <troth/jingle.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct state {
	struct troth_jingle *j;
	uint64_t session;
	char cid[TROTH_LIMIT_JINGLE_TEXT + 1];
	int64_t now;
};

/* Names are the same each time, so that an input can hold them. */
static void fill(void *user, uint8_t *out, size_t len)
{
	(void)user;
	memset(out, 0xaa, len);
}

/* Nothing here depends on whether a call was allowed. */
static void any(int err)
{
	need(err <= TROTH_OK);
}

static void judge_candidates(struct state *s, const struct troth_jingle_event *e)
{
	need(e->candidate_count > 0 && e->candidate_count <= TROTH_LIMIT_JINGLE_CANDIDATES);
	need(strlen(e->dstaddr) == 40);
	for (size_t i = 0; i < e->candidate_count; i++) {
		const struct troth_jingle_candidate *c = &e->candidates[i];
		need(c->port != 0 && c->host[0] != 0 && c->cid[0] != 0 && c->jid[0] != 0);
		need(strpbrk(c->host, " '\"<>&;|$`/\\\n") == NULL);
		need(i == 0 || e->candidates[i - 1].priority >= c->priority);
	}
	need(strlen(e->candidates[0].cid) < sizeof s->cid);
	strcpy(s->cid, e->candidates[0].cid);
}

static void react(struct state *s, const struct troth_jingle_event *e)
{
	static const struct troth_jingle_security security = {"ab", true, true};
	const struct troth_jingle_candidate one = {.host = "relay.test",
						   .port = 1,
						   .jid = "relay.test",
						   .priority = 5,
						   .type = TROTH_JINGLE_PROXY};
	const struct troth_jingle_offer offer = {
		.candidates = &one, .candidate_count = 1, .security = &security};
	need(e->session != 0 && e->peer != NULL && troth_address_resource(e->peer) != NULL);
	s->session = e->session;
	if (e->type == TROTH_JINGLE_ASK)
		any(troth_jingle_admit(s->j, e->session, s->now));
	else if (e->type == TROTH_JINGLE_CALLED)
		any(troth_jingle_accept(s->j, e->session, &offer, s->now));
	else if (e->type == TROTH_JINGLE_CONNECT)
		judge_candidates(s, e);
	else if (e->type == TROTH_JINGLE_ACTIVATE)
		need(e->candidate->type == TROTH_JINGLE_PROXY);
	else if (e->type == TROTH_JINGLE_OPEN_IBB)
		need(e->block_size >= TROTH_LIMIT_IBB_BLOCK_LEAST && e->stream_sid[0] != 0);
}

static void drain(struct state *s)
{
	for (size_t i = 0;; i++) {
		struct troth_jingle_event e;
		troth_jingle_next(s->j, s->now, &e);
		need(i < 1000);
		if (e.type == TROTH_JINGLE_NONE)
			break;
		react(s, &e);
	}
	struct troth_slice out;
	while ((out = troth_jingle_output(s->j)).len != 0) {
		struct troth_stanza *stanza;
		need(troth_element_parse(&stanza, out) == TROTH_OK);
		const struct troth_element *iq = troth_stanza_root(stanza);
		need(troth_element_is(iq, NULL, "iq") && troth_element_attr(iq, "id") != NULL &&
		     troth_element_attr(iq, "type") != NULL);
		troth_stanza_free(stanza);
		troth_jingle_sent(s->j);
	}
}

static void hear(struct state *s, struct troth_slice xml)
{
	struct troth_stanza *stanza;
	bool handled;
	if (troth_element_parse(&stanza, xml) != TROTH_OK)
		return;
	need(troth_jingle_feed(s->j, troth_stanza_root(stanza), s->now, &handled) == TROTH_OK);
	troth_stanza_free(stanza);
}

static void call(struct state *s, enum troth_jingle_transport transport)
{
	const struct troth_jingle_offer offer = {.transport = transport};
	if (troth_jingle_prepare(s->j, "a@b/c", &s->session) == TROTH_OK)
		any(troth_jingle_offer(s->j, s->session, &offer, s->now));
}

static void act(struct state *s, char what)
{
	if (what == 'T')
		s->now += 10000;
	else if (what == 'C')
		call(s, TROTH_JINGLE_SOCKS5);
	else if (what == 'I')
		call(s, TROTH_JINGLE_IBB);
	else if (what == 'W')
		any(troth_jingle_connected(s->j, s->session, s->cid, s->now));
	else if (what == 'F')
		any(troth_jingle_failed(s->j, s->session, NULL, s->now));
	else if (what == 'A')
		any(troth_jingle_activated(s->j, s->session, s->now));
	else if (what == 'S')
		any(troth_jingle_stalled(s->j, s->session, s->now));
	else if (what == 'D')
		troth_jingle_terminate(s->j, s->session, TROTH_JINGLE_REASON_GONE);
	else if (what == 'G')
		troth_jingle_gone(s->j, "a@b/c");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct troth_jingle_params params = {.jid = "d@e/f", .random = fill};
	struct state s = {.now = 1};
	need(troth_jingle_new(&s.j, &params) == TROTH_OK);
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t len = end == NULL ? size : (size_t)(end - data);
		if (len > 0 && data[0] == '<')
			hear(&s, troth_slice_of(data, len));
		else if (len > 0)
			act(&s, (char)data[0]);
		drain(&s);
		data += len;
		size -= len;
		if (size > 0) {
			data++;
			size--;
		}
	}
	/* Time ends everything but what the application has. */
	for (int i = 0; i < 1000 && troth_jingle_deadline(s.j) >= 0; i++) {
		s.now = troth_jingle_deadline(s.j);
		drain(&s);
	}
	need(troth_jingle_deadline(s.j) < 0);
	troth_jingle_free(s.j);
	return 0;
}
