/* SPDX-License-Identifier: MIT */
/* Two engines and what is between them. */
#include "couple.h"

#include "base/slice.h"

#include <stdio.h>

static const char *const names[] = {
	[TROTH_JINGLE_NONE] = "none",         [TROTH_JINGLE_ASK] = "ask",
	[TROTH_JINGLE_CALLED] = "called",     [TROTH_JINGLE_ACCEPTED] = "accepted",
	[TROTH_JINGLE_CONNECT] = "connect",   [TROTH_JINGLE_ABANDON] = "abandon",
	[TROTH_JINGLE_ACTIVATE] = "activate", [TROTH_JINGLE_OPEN_SOCKS5] = "socks5",
	[TROTH_JINGLE_OPEN_IBB] = "in-band",  [TROTH_JINGLE_SECURITY] = "security",
	[TROTH_JINGLE_ENDED] = "ended",
};

static void fill(void *user, uint8_t *out, size_t len)
{
	struct side *s = user;
	for (size_t i = 0; i < len; i++) {
		s->random = s->random * 6364136223846793005U + 1442695040888963407U;
		out[i] = (uint8_t)(s->random >> 56);
	}
}

void side_init(struct side *s, const char *jid)
{
	*s = (struct side){.jid = jid, .random = strlen(jid) + (uint8_t)jid[0]};
	const struct troth_jingle_params params = {jid, fill, s};
	assert_ok(troth_jingle_new(&s->j, &params));
}

void side_fini(struct side *s)
{
	while (s->on_wire > 0)
		free(s->wire[--s->on_wire]);
	troth_jingle_free(s->j);
}

void couple_init(struct couple *c)
{
	side_init(&c->romeo, ROMEO);
	side_init(&c->juliet, JULIET);
	c->now = 1000;
}

void couple_fini(struct couple *c)
{
	side_fini(&c->romeo);
	side_fini(&c->juliet);
}

struct troth_jingle_candidate direct(const char *host, uint16_t port, uint16_t local)
{
	return (struct troth_jingle_candidate){
		.host = host,
		.port = port,
		.priority = troth_jingle_priority(TROTH_JINGLE_DIRECT, local),
		.type = TROTH_JINGLE_DIRECT};
}

struct troth_jingle_candidate proxy(const char *host, uint16_t local)
{
	return (struct troth_jingle_candidate){
		.host = host,
		.port = 7777,
		.jid = "proxy.test",
		.priority = troth_jingle_priority(TROTH_JINGLE_PROXY, local),
		.type = TROTH_JINGLE_PROXY};
}

static void check(const struct side *s, int err)
{
	if (!s->forgetful || err != TROTH_E_NOMEM)
		assert_ok(err);
}

/* ---- the application ---- */

static void connect_to(struct side *s, const struct troth_jingle_event *e, int64_t now)
{
	char cids[TROTH_LIMIT_JINGLE_CANDIDATES][64];
	bool works[TROTH_LIMIT_JINGLE_CANDIDATES];
	const size_t count = e->candidate_count;
	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 || e->candidates[i - 1].priority >= e->candidates[i].priority);
		(void)snprintf(cids[i], sizeof cids[i], "%s", e->candidates[i].cid);
		works[i] = strncmp(e->candidates[i].host, "ok", 2) == 0;
	}
	for (size_t i = 0; !s->waits && i < count; i++) {
		if (works[i]) {
			check(s, troth_jingle_connected(s->j, e->session, cids[i], now));
			return;
		}
		check(s, troth_jingle_failed(s->j, e->session, cids[i], now));
	}
}

static void opened(struct side *s, const struct troth_jingle_event *e, const char *place)
{
	(void)snprintf(s->stream, sizeof s->stream, "%s", e->stream_sid);
	(void)snprintf(s->place, sizeof s->place, "%s", place);
	(void)snprintf(s->dstaddr, sizeof s->dstaddr, "%s", e->dstaddr == NULL ? "" : e->dstaddr);
	s->ours = e->ours;
	s->opens = e->opens;
	s->block_size = e->block_size;
}

static void react(struct side *s, const struct troth_jingle_event *e, int64_t now)
{
	switch (e->type) {
	case TROTH_JINGLE_ASK:
		check(s, s->ignores ? troth_jingle_ignore(s->j, e->session)
				    : troth_jingle_admit(s->j, e->session, now));
		break;
	case TROTH_JINGLE_CALLED:
		if (s->declines)
			troth_jingle_terminate(s->j, e->session, TROTH_JINGLE_REASON_DECLINE);
		else if (!s->waits)
			check(s, troth_jingle_accept(s->j, e->session, &s->offer, now));
		break;
	case TROTH_JINGLE_CONNECT:
		connect_to(s, e, now);
		break;
	case TROTH_JINGLE_ACTIVATE:
		if (!s->waits)
			check(s, s->proxy_fails ? troth_jingle_stalled(s->j, e->session, now)
						: troth_jingle_activated(s->j, e->session, now));
		break;
	case TROTH_JINGLE_OPEN_SOCKS5:
		opened(s, e, e->candidate->host);
		break;
	case TROTH_JINGLE_OPEN_IBB:
		opened(s, e, "in-band");
		break;
	case TROTH_JINGLE_ENDED:
		s->err = e->err;
		s->reason = e->reason;
		s->instead = e->instead;
		s->stream[0] = 0;
		break;
	case TROTH_JINGLE_NONE:
	case TROTH_JINGLE_ACCEPTED:
	case TROTH_JINGLE_ABANDON:
	case TROTH_JINGLE_SECURITY:
		break;
	}
}

static void send_all(struct side *s)
{
	for (;;) {
		const struct troth_slice out = troth_jingle_output(s->j);
		char *text;
		if (out.len == 0)
			return;
		assert_memory_equal(out.data, "<iq ", 4);
		assert_true(asprintf(&text, "<iq from='%s' %.*s", s->jid, (int)out.len - 4,
				     (const char *)out.data + 4) > 0);
		troth_jingle_sent(s->j);
		assert_true(s->on_wire < sizeof s->wire / sizeof *s->wire);
		s->wire[s->on_wire++] = text;
	}
}

void side_act(struct side *s, int64_t now)
{
	for (;;) {
		struct troth_jingle_event e;
		troth_jingle_next(s->j, now, &e);
		if (e.type == TROTH_JINGLE_NONE)
			break;
		assert_true(strlen(s->log) + 16 < sizeof s->log);
		strcat(strcat(s->log, names[e.type]), " ");
		s->session = e.session;
		react(s, &e, now);
	}
	send_all(s);
}

/* ---- the servers ---- */

static void hear(struct side *s, const char *xml, int64_t now, bool *handled)
{
	char *text;
	struct troth_stanza *stanza;
	assert_memory_equal(xml, "<iq ", 4);
	assert_true(asprintf(&text, "<iq xmlns='jabber:client' %s", xml + 4) > 0);
	int err = troth_element_parse(&stanza, troth_slice_str(text));
	free(text);
	check(s, err);
	if (err != TROTH_OK)
		return;
	check(s, troth_jingle_feed(s->j, troth_stanza_root(stanza), now, handled));
	troth_stanza_free(stanza);
}

bool side_hear(struct side *s, const char *from, const char *xml, int64_t now)
{
	bool handled = false;
	char *text;
	assert_memory_equal(xml, "<iq ", 4);
	assert_true(asprintf(&text, "<iq from='%s' %s", from, xml + 4) > 0);
	hear(s, text, now, &handled);
	free(text);
	side_act(s, now);
	return handled;
}

const char *side_said(struct side *s)
{
	static char said[16384];
	said[0] = 0;
	if (s->on_wire == 0)
		return said;
	assert_true(strlen(s->wire[0]) < sizeof said);
	strcpy(said, s->wire[0]);
	free(s->wire[0]);
	memmove(s->wire, s->wire + 1, --s->on_wire * sizeof *s->wire);
	return said;
}

void couple_deliver(struct couple *c, struct side *from, size_t index, bool duplicate)
{
	struct side *to = from == &c->romeo ? &c->juliet : &c->romeo;
	bool handled;
	char *text = from->wire[index];
	if (duplicate)
		assert_non_null(text = strdup(text));
	else
		memmove(from->wire + index, from->wire + index + 1,
			(--from->on_wire - index) * sizeof *from->wire);
	hear(to, text, c->now, &handled);
	free(text);
	side_act(to, c->now);
}

void couple_pump(struct couple *c)
{
	side_act(&c->romeo, c->now);
	side_act(&c->juliet, c->now);
	while (c->romeo.on_wire + c->juliet.on_wire > 0)
		couple_deliver(c, c->romeo.on_wire > 0 ? &c->romeo : &c->juliet, 0, false);
}

static void call(struct side *s, const char *peer, int64_t now)
{
	int err = troth_jingle_prepare(s->j, peer, &s->session);
	if (err == TROTH_OK)
		err = troth_jingle_offer(s->j, s->session, &s->offer, now);
	check(s, err);
	side_act(s, now);
}

void couple_call(struct couple *c)
{
	call(&c->romeo, JULIET, c->now);
}

void couple_call_back(struct couple *c)
{
	call(&c->juliet, ROMEO, c->now);
}
