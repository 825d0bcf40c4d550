/* SPDX-License-Identifier: MIT */
/*
 * Two Jingle engines, the applications above them, and the servers between: a wire for each
 * direction, from which a test takes stanzas as it likes. Support of the tests of src/jingle.
 */
#ifndef TROTH_TESTS_JINGLE_COUPLE_H
#define TROTH_TESTS_JINGLE_COUPLE_H

#include "../test.h"
#include "base/limits.h"

#include <troth/jingle.h>

#define ROMEO "romeo@montague.test/orchard"
#define JULIET "juliet@capulet.test/balcony"
#define TYBALT "tybalt@capulet.test/street"

/* One end: an engine, and an application that does what its members say. */
struct side {
	struct troth_jingle *j;
	const char *jid;
	uint64_t random; /* state of its generator */
	struct troth_jingle_offer offer;
	bool ignores;     /* nobody may know that it is here */
	bool declines;    /* and whoever may is told no */
	bool waits;       /* answers CONNECT and ACTIVATE by nothing */
	bool proxy_fails; /* to be activated */
	bool forgetful;   /* takes errors of our own for granted: memory is short */

	/* What it has seen. */
	uint64_t session; /* the last one of which it heard or which it began */
	char log[4096];   /* names of events, with a blank behind each */
	char stream[64];  /* sid of what was opened last, or "" */
	char place[64];   /* the candidate's host; "in-band" */
	bool ours;
	bool opens;
	uint16_t block_size;
	char dstaddr[64];
	int err;
	enum troth_jingle_reason reason;
	uint64_t instead;

	char *wire[64]; /* what it has sent, with its address, not delivered yet */
	size_t on_wire;
};

struct couple {
	struct side romeo;
	struct side juliet;
	int64_t now;
};

/* Candidates whose host begins with "ok" can be connected to; others fail. */
void couple_init(struct couple *c);
void couple_fini(struct couple *c);

/* A lone engine. */
void side_init(struct side *s, const char *jid);
void side_fini(struct side *s);

/* Romeo's session-initiate for Juliet is on his wire afterwards. */
void couple_call(struct couple *c);
/* As couple_call, the other way. */
void couple_call_back(struct couple *c);
/* Effect: an end sees its events, acts, and puts on its wire what it has to send. */
void side_act(struct side *s, int64_t now);
/* Effect: delivers one stanza of `from` and lets `to` act. duplicate: it stays on the wire. */
void couple_deliver(struct couple *c, struct side *from, size_t index, bool duplicate);
/* Effect: delivers all in order until nothing moves. */
void couple_pump(struct couple *c);

/* Effect: feeds xml, an <iq/> without namespace, from that JID; true if it was for Jingle. */
bool side_hear(struct side *s, const char *from, const char *xml, int64_t now);
/* The oldest stanza of an end, taken from its wire, in a buffer of this file; "" when none. */
const char *side_said(struct side *s);
/* Whether the oldest stanza has all of that in it; it is taken from the wire. */
#define assert_said(side, text) assert_non_null(strstr(side_said(side), text))
#define assert_silent(side) assert_string_equal(side_said(side), "")

struct troth_jingle_candidate direct(const char *host, uint16_t port, uint16_t local);
struct troth_jingle_candidate proxy(const char *host, uint16_t local);

#endif
