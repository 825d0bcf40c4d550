/* SPDX-License-Identifier: MIT */
/* Who calls: strangers learn nothing, nobody speaks for another, and there is a limit to it. */
#include "couple.h"
#include "stanzas.h"

#include <stdio.h>

static void stranger__learns_nothing__from_any_request(void **state)
{
	(void)state;
	static const char *const requests[] = {
		CALL("x", "s"),
		ACTION("session-info", "s", ""),
		ACTION("session-terminate", "s", "<reason><gone/></reason>"),
		ACTION("session-initiate", "s", ""), /* malformed */
		ACTION("session-initiate", "", ""),
		ACTION("nonsense", "s", ""),
		"<iq type='set' id='x'><jingle xmlns='urn:xmpp:jingle:1'/></iq>",
	};
	for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
		struct side s;
		side_init(&s, JULIET);
		s.ignores = true;
		assert_true(side_hear(&s, TYBALT, requests[i], 0));
		/* Byte for byte what a server says when nobody is there, and once. */
		assert_string_equal(side_said(&s), "<iq from='" JULIET "' type='error' to='" TYBALT
						   "' id='x'>" NOBODY "</iq>");
		assert_silent(&s);
		assert_null(strstr(s.log, "ended"));
		assert_int_equal(troth_jingle_deadline(s.j), -1);
		side_fini(&s);
	}
}

static void call__is_answered_by_nothing__before_it_is_admitted(void **state)
{
	(void)state;
	struct side s;
	struct troth_jingle_event e;
	struct troth_stanza *stanza;
	bool handled;
	const char *call = CALL("x", "s");
	char xml[1024];
	side_init(&s, JULIET);
	(void)snprintf(xml, sizeof xml, "<iq xmlns='jabber:client' from='" TYBALT "' %s", &call[4]);
	assert_ok(troth_element_parse(&stanza, (struct troth_slice){(uint8_t *)xml, strlen(xml)}));
	assert_ok(troth_jingle_feed(s.j, troth_stanza_root(stanza), 0, &handled));
	troth_stanza_free(stanza);
	assert_int_equal(troth_jingle_output(s.j).len, 0);
	troth_jingle_next(s.j, 0, &e);
	assert_int_equal(e.type, TROTH_JINGLE_ASK);
	assert_string_equal(troth_address_full(e.peer), TYBALT);
	assert_null(e.hints);
	/* Nobody answers: then nobody is here. */
	assert_int_equal(troth_jingle_deadline(s.j), TROTH_TIME_JINGLE_ASK);
	side_act(&s, TROTH_TIME_JINGLE_ASK);
	assert_said(&s, NOBODY);
	assert_string_equal(s.log, "ended ");
	side_fini(&s);
}

static void call__may_be_taken_back_or_repeated__while_it_is_asked_about(void **state)
{
	(void)state;
	struct side s;
	struct troth_jingle_event e;
	side_init(&s, JULIET);
	s.ignores = true;
	/* The same stanza twice, before the application has looked. */
	struct troth_stanza *stanza;
	bool handled;
	const char xml[] = "<iq xmlns='jabber:client' from='" TYBALT "' type='set' id='x'>"
			   "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'/>"
			   "</iq>";
	assert_ok(troth_element_parse(&stanza,
				      (struct troth_slice){(const uint8_t *)xml, sizeof xml - 1}));
	assert_ok(troth_jingle_feed(s.j, troth_stanza_root(stanza), 0, &handled));
	assert_ok(troth_jingle_feed(s.j, troth_stanza_root(stanza), 0, &handled));
	troth_stanza_free(stanza);
	troth_jingle_next(s.j, 0, &e);
	assert_int_equal(e.type, TROTH_JINGLE_ASK);
	assert_true(side_hear(&s, TYBALT, ACTION("session-terminate", "s", ""), 0));
	assert_said(&s, "id='x'>" NOBODY);
	assert_said(&s, "id='x'>" NOBODY);
	assert_silent(&s);
	assert_string_equal(s.log, "ended ");
	side_fini(&s);
}

static void session__belongs_to_its_peer__whoever_knows_its_name(void **state)
{
	(void)state;
	static const char *const names[] = {TYBALT, "romeo@montague.test/balcony",
					    "romeo@montague.test", "montague.test",
					    "romeo@montague.test.evil.test/orchard"};
	struct couple c;
	couple_init(&c);
	c.juliet.waits = true;
	couple_call(&c);
	char sid[33];
	const char *at = strstr(c.romeo.wire[0], " sid='") + 6;
	(void)snprintf(sid, sizeof sid, "%.32s", at);
	couple_pump(&c);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char xml[512];
		(void)snprintf(xml, sizeof xml,
			       ACTION("session-terminate", "%s",
				      "<reason><gone/>"
				      "</reason>"),
			       sid);
		assert_true(side_hear(&c.juliet, names[i], xml, c.now));
		assert_said(&c.juliet, NOBODY);
		(void)snprintf(xml, sizeof xml, ACTION("session-accept", "%s", ""), sid);
		assert_true(side_hear(&c.romeo, names[i], xml, c.now));
		assert_said(&c.romeo, NOBODY);
	}
	assert_ok(troth_jingle_accept(c.juliet.j, c.juliet.session, &c.juliet.offer, c.now));
	couple_pump(&c);
	assert_string_equal(c.romeo.place, "in-band");
	couple_fini(&c);
}

/* XEP-0166 7.1: the responder MUST NOT interact with an initiator that isn't the sender. */
static void call__in_another_name__is_refused(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	assert_true(side_hear(
		&s, TYBALT,
		"<iq type='set' id='x'><jingle xmlns='urn:xmpp:jingle:1' "
		"action='session-initiate' sid='s' initiator='" ROMEO "'>"
		"<content creator='initiator' name='a'>"
		"<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		"<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='4096' sid='b'/>"
		"</content></jingle></iq>",
		0));
	assert_said(&s, "<bad-request " STANZAS "/>");
	assert_silent(&s);
	assert_string_equal(s.log, "ask ended ");
	side_fini(&s);
}

/* 6.3.1: known applications and transports, or the session ends with the reason why. */
static void call__for_what_we_have_not__is_acknowledged_and_ended(void **state)
{
	(void)state;
	static const struct {
		const char *content;
		const char *reason;
	} calls[] = {
		{"<content creator='initiator' name='a'><description xmlns='urn:x'/>"
		 "<transport xmlns='urn:y'/></content>",
		 "unsupported-applications"},
		{"<content creator='initiator' name='a'>"
		 "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		 "<transport xmlns='urn:y'/></content>",
		 "unsupported-transports"},
		{"<content creator='initiator' name='a' senders='initiator'>"
		 "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		 "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='4096' sid='b'/>"
		 "</content>",
		 "incompatible-parameters"},
		{"<content creator='initiator' name='a'>"
		 "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		 "<transport xmlns='urn:xmpp:jingle:transports:s5b:1' mode='udp' sid='b'/>"
		 "</content>",
		 "unsupported-transports"},
		{"<content creator='initiator' name='a'>"
		 "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		 "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='4' sid='b'/>"
		 "</content>",
		 "unsupported-transports"},
		{"<content creator='initiator' name='a'>"
		 "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		 "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='4096' sid='b' "
		 "stanza='presence'/></content>",
		 "unsupported-transports"},
		{"<content creator='initiator' name='a'>"
		 "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		 "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='4096' sid='b'/>"
		 "</content><content creator='initiator' name='video'>"
		 "<description xmlns='urn:x'/><transport xmlns='urn:y'/></content>",
		 "unsupported-applications"},
	};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		struct side s;
		char xml[2048];
		char wanted[128];
		side_init(&s, JULIET);
		(void)snprintf(xml, sizeof xml, ACTION("session-initiate", "s", "%s"),
			       calls[i].content);
		(void)snprintf(wanted, sizeof wanted, "<reason><%s/></reason>", calls[i].reason);
		assert_true(side_hear(&s, ROMEO, xml, 0));
		assert_said(&s, "type='result'");
		assert_said(&s, wanted);
		assert_string_equal(s.log, "ask ended ");
		side_fini(&s);
	}
}

/* XEP-0261: "a value of "message" signifies that <message/> stanzas are to be used" */
static void call__in_messages__is_taken__and_answered_as_iq(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	assert_true(side_hear(
		&s, ROMEO,
		ACTION("session-initiate", "s",
		       "<content creator='initiator' name='a'>"
		       "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/><transport "
		       "xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='512' sid='b' "
		       "stanza='message'/></content>"),
		0));
	assert_string_equal(s.log, "ask called in-band ");
	assert_said(&s, "type='result'");
	assert_null(strstr(side_said(&s), "stanza="));
	side_fini(&s);
}

/* 7.3: "alternative definitions for the same purpose" */
static void call__with_alternatives__is_taken_by_the_one_that_we_have(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	assert_true(side_hear(
		&s, ROMEO,
		ACTION("session-initiate", "s",
		       "<content creator='initiator' name='a'>"
		       "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		       "<transport xmlns='urn:y'/></content><content creator='initiator' name='a'>"
		       "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/><transport "
		       "xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='512' sid='b'/>"
		       "</content>"),
		0));
	assert_string_equal(s.log, "ask called in-band ");
	assert_int_equal(s.block_size, 512);
	side_fini(&s);
}

static void malformed_call__is_a_bad_request__to_whom_we_talk(void **state)
{
	(void)state;
#define DESCRIPTION "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
#define S5B(attrs, inner)                                                                          \
	"<content creator='initiator' name='a'>" DESCRIPTION                                       \
	"<transport xmlns='urn:xmpp:jingle:transports:s5b:1' " attrs ">" inner                     \
	"</transport></content>"
#define CANDIDATE(attrs) S5B("sid='b'", "<candidate " attrs "/>")
	static const char *const contents[] = {
		"",
		"<content/>",
		"<content creator='initiator' name='a'/>",
		"<content creator='initiator' name='a'>" DESCRIPTION "</content>",
		"<content creator='responder' name='a'>" DESCRIPTION "<transport xmlns='urn:y'/>"
		"</content>",
		"<content creator='initiator' name=''>" DESCRIPTION "<transport xmlns='urn:y'/>"
		"</content>",
		/* 7.2.10: "if this rule is violated, the responder MUST return a <bad-request/>" */
		"<content creator='initiator' name='a' disposition='early-session'>" DESCRIPTION
		"<transport xmlns='urn:y'/></content>",
		S5B("", ""),
		S5B("sid=''", ""),
		S5B("sid='b' dstaddr='zz'", ""),
		CANDIDATE("cid='1' host='h' jid='a@b/c' port='1'"),
		CANDIDATE("cid='1' host='h' jid='a@b/c' port='1' priority='0'"),
		CANDIDATE("cid='1' host='h' jid='a@b/c' port='1' priority='2147483648'"),
		CANDIDATE("cid='1' host='h' jid='a@b/c' port='1' priority='99999999999999999999'"),
		CANDIDATE("cid='1' host='h' jid='a@b/c' port='65536' priority='1'"),
		CANDIDATE("cid='1' host='h' jid='a@b/c' port='0' priority='1'"),
		CANDIDATE("cid='1' host='h' jid='a@b/c' port='-1' priority='1'"),
		CANDIDATE("cid='1' host='h;rm' jid='a@b/c' port='1' priority='1'"),
		CANDIDATE("cid='1' host='-oProxy' jid='a@b/c' port='1' priority='1'"),
		CANDIDATE("cid='1' host='h' jid='@' port='1' priority='1'"),
		CANDIDATE("cid='1' host='h' port='1' priority='1'"),
		CANDIDATE("cid='' host='h' jid='a@b/c' port='1' priority='1'"),
		S5B("sid='b'", "<candidate cid='1' host='h' jid='a@b/c' port='1' priority='1'/>"
			       "<candidate cid='1' host='i' jid='a@b/c' port='1' priority='1'/>"),
		"<content creator='initiator' name='a'>" DESCRIPTION
		"<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='b'/></content>",
		"<content creator='initiator' name='a'>" DESCRIPTION
		"<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='70000' sid='b'/>"
		"</content>",
	};
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		struct side s;
		char xml[2048];
		side_init(&s, JULIET);
		(void)snprintf(xml, sizeof xml, ACTION("session-initiate", "s", "%s"), contents[i]);
		assert_true(side_hear(&s, ROMEO, xml, 0));
		const char *said = side_said(&s);
		if (strstr(said, "<bad-request " STANZAS "/>") == NULL)
			fail_msg("%s was answered by: %s", contents[i], said);
		assert_string_equal(s.log, "ask ended ");
		side_fini(&s);
	}
}

static void flood(struct side *s, size_t count, const char *format)
{
	const char *call = CALL("x", "s");
	for (size_t i = 0; i < count; i++) {
		char from[128];
		char xml[1024];
		struct troth_stanza *stanza;
		bool handled;
		(void)snprintf(from, sizeof from, "bot%zu@%s", i, format);
		(void)snprintf(xml, sizeof xml, "<iq xmlns='jabber:client' from='%s' %s", from,
			       &call[4]);
		assert_ok(troth_element_parse(
			&stanza, (struct troth_slice){(const uint8_t *)xml, strlen(xml)}));
		assert_ok(troth_jingle_feed(s->j, troth_stanza_root(stanza), 0, &handled));
		troth_stanza_free(stanza);
	}
}

static void strangers__take_a_bounded_number_of_places(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	s.ignores = true;
	flood(&s, 60, "evil.test/a");
	side_act(&s, 0);
	size_t asked = 0;
	for (const char *at = s.log; (at = strstr(at, "ask ")) != NULL; at += 4)
		asked++;
	assert_int_equal(asked, TROTH_LIMIT_JINGLE_ASKED);
	for (size_t i = 0; i < 60; i++)
		assert_said(&s, NOBODY);
	/* And once they were turned away there is room again. */
	s.ignores = false;
	assert_true(side_hear(&s, ROMEO, CALL("x", "s"), 0));
	assert_said(&s, "type='result'");
	side_fini(&s);
}

static void peer__has_a_bounded_number_of_sessions(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	for (int i = 0; i < TROTH_LIMIT_JINGLE_PER_PEER; i++) {
		char xml[1024];
		(void)snprintf(xml, sizeof xml, CALL("x", "s%d"), i);
		assert_true(side_hear(&s, ROMEO, xml, 0));
	}
	while (s.on_wire > 0)
		assert_null(strstr(side_said(&s), "error"));
	assert_true(side_hear(&s, ROMEO, CALL("x", "more"), 0));
	assert_said(&s, "<resource-constraint " STANZAS "/>");
	uint64_t session;
	assert_err(troth_jingle_prepare(s.j, ROMEO, &session), TROTH_E_LIMIT);
	assert_ok(troth_jingle_prepare(s.j, TYBALT, &session));
	side_fini(&s);
}

static void peer__is_a_stranger_again__when_it_was_forgotten(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	couple_call(&c);
	couple_pump(&c);
	troth_jingle_terminate(c.romeo.j, c.romeo.session, TROTH_JINGLE_REASON_SUCCESS);
	couple_pump(&c);
	const char *late = ACTION("session-info", "s", "");
	assert_true(side_hear(&c.juliet, ROMEO, late, c.now));
	assert_said(&c.juliet, "unknown-session");
	assert_ok(troth_jingle_forget(c.juliet.j, ROMEO));
	assert_true(side_hear(&c.juliet, ROMEO, late, c.now));
	assert_said(&c.juliet, NOBODY);
	couple_fini(&c);
}

static void peer__is_forgotten__when_its_session_is_over(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	couple_call(&c);
	couple_pump(&c);
	assert_ok(troth_jingle_forget(c.juliet.j, ROMEO));
	troth_jingle_terminate(c.romeo.j, c.romeo.session, TROTH_JINGLE_REASON_SUCCESS);
	couple_pump(&c);
	assert_true(side_hear(&c.juliet, ROMEO, ACTION("session-info", "s", ""), c.now));
	assert_said(&c.juliet, NOBODY);
	assert_err(troth_jingle_forget(c.juliet.j, "@"), TROTH_E_FORMAT);
	couple_fini(&c);
}

static void output__is_bounded(void **state)
{
	(void)state;
	struct side s;
	struct troth_stanza *stanza;
	bool handled;
	const char xml[] = "<iq xmlns='jabber:client' from='" TYBALT "' type='set' id='x'>"
			   "<jingle xmlns='urn:xmpp:jingle:1'/></iq>";
	int err = TROTH_OK;
	size_t count = 0;
	side_init(&s, JULIET);
	assert_ok(troth_element_parse(&stanza,
				      (struct troth_slice){(const uint8_t *)xml, sizeof xml - 1}));
	while (err == TROTH_OK && count <= TROTH_LIMIT_JINGLE_OUTPUT) {
		err = troth_jingle_feed(s.j, troth_stanza_root(stanza), 0, &handled);
		count++;
	}
	assert_err(err, TROTH_E_LIMIT);
	assert_int_equal(count, TROTH_LIMIT_JINGLE_OUTPUT + 1);
	troth_stanza_free(stanza);
	side_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stranger__learns_nothing__from_any_request),
		cmocka_unit_test(call__is_answered_by_nothing__before_it_is_admitted),
		cmocka_unit_test(call__may_be_taken_back_or_repeated__while_it_is_asked_about),
		cmocka_unit_test(session__belongs_to_its_peer__whoever_knows_its_name),
		cmocka_unit_test(call__in_another_name__is_refused),
		cmocka_unit_test(call__for_what_we_have_not__is_acknowledged_and_ended),
		cmocka_unit_test(call__in_messages__is_taken__and_answered_as_iq),
		cmocka_unit_test(call__with_alternatives__is_taken_by_the_one_that_we_have),
		cmocka_unit_test(malformed_call__is_a_bad_request__to_whom_we_talk),
		cmocka_unit_test(strangers__take_a_bounded_number_of_places),
		cmocka_unit_test(peer__has_a_bounded_number_of_sessions),
		cmocka_unit_test(peer__is_a_stranger_again__when_it_was_forgotten),
		cmocka_unit_test(peer__is_forgotten__when_its_session_is_over),
		cmocka_unit_test(output__is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
