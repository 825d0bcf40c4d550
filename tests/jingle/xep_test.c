/* SPDX-License-Identifier: MIT */
/*
 * The conversations of the documents, letter by letter where their texts say how they look:
 * XEP-0247 (2009, the old namespace), XEP-0260, XEP-0261, Jingle-XTLS. Our own names.
 */
#include "couple.h"

#include <stdio.h>

/* The random parts of what was said, each put in place of a letter: A, B, ... in the order in
 * which they come first. */
static const char *plain(const char *said)
{
	static char out[8192];
	static const char hex[] = "0123456789abcdef";
	char seen[26][33];
	size_t count = 0;
	size_t len = 0;
	while (*said != 0) {
		const size_t run = strspn(said, hex);
		if (run != 32) {
			const size_t step = run == 0 ? 1 : run;
			memcpy(out + len, said, step);
			len += step;
			said += step;
			continue;
		}
		size_t i = 0;
		while (i < count && strncmp(seen[i], said, 32) != 0)
			i++;
		if (i == count)
			(void)snprintf(seen[count++], 33, "%s", said);
		out[len++] = (char)('A' + i);
		said += 32;
	}
	out[len] = 0;
	return out;
}

static void assert_next(struct side *s, const char *expected)
{
	assert_string_equal(plain(side_said(s)), expected);
}

#define FROM_ROMEO "<iq from='" ROMEO "' type='set' to='" JULIET "' id='A'>"
#define FROM_JULIET "<iq from='" JULIET "' type='set' to='" ROMEO "' id='A'>"

static void hints(void *user, struct troth_writer *w)
{
	troth_writer_leaf(w, "urn:xmpp:tmp:c2ctls", "offer", user);
}

static void initiate__is_that_of_xep_0260(void **state)
{
	(void)state;
	char word[] = "hello";
	const struct troth_jingle_candidate candidates[] = {direct("192.0.2.1", 5086, 100),
							    proxy("streamer.test", 0)};
	struct side s;
	side_init(&s, ROMEO);
	s.offer = (struct troth_jingle_offer){
		.candidates = candidates, .candidate_count = 2, .hints = hints, .hints_user = word};
	assert_ok(troth_jingle_prepare(s.j, JULIET, &s.session));
	assert_ok(troth_jingle_offer(s.j, s.session, &s.offer, 0));
	side_act(&s, 0);
	char expected[2048];
	(void)snprintf(
		expected, sizeof expected,
		FROM_ROMEO
		"<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' initiator='" ROMEO
		"' sid='B'><content creator='initiator' name='xmlstream'>"
		"<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'>"
		"<hints xmlns='urn:xmpp:troth:0'><offer xmlns='urn:xmpp:tmp:c2ctls'>hello</offer>"
		"</hints></description><transport xmlns='urn:xmpp:jingle:transports:s5b:1' "
		"dstaddr='%s' mode='tcp' sid='C'>"
		"<candidate cid='D' host='192.0.2.1' jid='" ROMEO
		"' port='5086' priority='8257636' type='direct'/>"
		"<candidate cid='E' host='streamer.test' jid='proxy.test' port='7777' "
		"priority='655360' type='proxy'/></transport></content></jingle></iq>",
		troth_jingle_dstaddr(s.j, s.session));
	assert_next(&s, expected);
	side_fini(&s);
}

/* XEP-0247's first example, from a client of that time: it is answered in its own words. */
static void old_call__is_answered_in_the_namespaces_of_its_time(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	s.offer.block_size = 2048;
	assert_true(side_hear(
		&s, ROMEO,
		"<iq id='ty1bf726' to='" JULIET "' type='set'>"
		"<jingle xmlns='urn:xmpp:jingle:0' action='session-initiate' initiator='" ROMEO
		"' sid='851ba2'><content creator='initiator' name='xmlstream'>"
		"<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		"<transport xmlns='urn:xmpp:jingle:transports:ibb:0' block-size='4096' "
		"sid='vj3hs98y'/></content></jingle></iq>",
		0));
	assert_next(&s, "<iq from='" JULIET "' type='result' to='" ROMEO "' id='ty1bf726'/>");
	assert_next(&s, FROM_JULIET
		    "<jingle xmlns='urn:xmpp:jingle:0' action='session-accept' initiator='" ROMEO
		    "' responder='" JULIET "' sid='851ba2'><content creator='initiator' "
		    "name='xmlstream'><description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		    "<transport xmlns='urn:xmpp:jingle:transports:ibb:0' block-size='2048' "
		    "sid='vj3hs98y'/></content></jingle></iq>");
	assert_string_equal(s.stream, "vj3hs98y");
	assert_false(s.opens);
	assert_true(side_hear(&s, ROMEO,
			      "<iq id='a' type='set'><jingle xmlns='urn:xmpp:jingle:0' "
			      "action='session-accept' sid='851ba2'/></iq>",
			      0));
	assert_said(&s, "<out-of-order xmlns='urn:xmpp:jingle:errors:0'/>");
	assert_true(side_hear(&s, ROMEO,
			      "<iq id='psy617r4' type='set'><jingle xmlns='urn:xmpp:jingle:0' "
			      "action='session-terminate' initiator='" ROMEO
			      "' sid='851ba2'/></iq>",
			      0));
	assert_next(&s, "<iq from='" JULIET "' type='result' to='" ROMEO "' id='psy617r4'/>");
	assert_silent(&s);
	assert_int_equal(s.reason, TROTH_JINGLE_REASON_GENERAL_ERROR);
	side_fini(&s);
}

static void old_call__is_understood_between_two_of_us(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	c.romeo.offer.old = true;
	couple_call(&c);
	assert_non_null(strstr(c.romeo.wire[0], "'urn:xmpp:jingle:0'"));
	assert_non_null(strstr(c.romeo.wire[0], "'urn:xmpp:jingle:transports:ibb:0'"));
	couple_pump(&c);
	assert_string_equal(c.romeo.place, "in-band");
	assert_string_equal(c.romeo.stream, c.juliet.stream);
	couple_fini(&c);
}

/* XEP-0260's main line: two candidates are used, the higher one is nominated, it is a proxy. */
static void negotiation__goes_as_in_xep_0260(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	assert_true(side_hear(
		&s, ROMEO,
		"<iq id='xn28s7gk' type='set'><jingle xmlns='urn:xmpp:jingle:1' "
		"action='session-initiate' initiator='" ROMEO "' sid='a73sjjvkla37jfea'>"
		"<content creator='initiator' name='ex'>"
		"<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
		"<transport xmlns='urn:xmpp:jingle:transports:s5b:1' "
		"dstaddr='972b7bf47291ca609517f67f86b5081086052dad' mode='tcp' sid='vj3hs98y'>"
		"<candidate cid='hft54dqy' host='192.0.2.4' jid='" ROMEO
		"' port='5086' priority='8257636' type='direct'/>"
		"<candidate cid='odd' host='ok.odd' jid='" ROMEO
		"' port='5086' priority='9999999' type='telepathy'/>"
		"<candidate cid='xmdh4b7i' host='ok.streamer' jid='streamer.shakespeare.test' "
		"port='7625' priority='7878787' type='proxy'/></transport></content></jingle></iq>",
		0));
	assert_said(&s, "type='result'");
	assert_said(&s, "action='session-accept'");
	/* The first couldn't be had, the second could; a type that nobody knows wasn't tried. */
	assert_next(&s, FROM_JULIET
		    "<jingle xmlns='urn:xmpp:jingle:1' action='transport-info' "
		    "sid='a73sjjvkla37jfea'><content creator='initiator' name='ex'>"
		    "<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='vj3hs98y'>"
		    "<candidate-used cid='xmdh4b7i'/></transport></content></jingle></iq>");
#define INFO(inner)                                                                                \
	"<iq id='i' type='set'><jingle xmlns='urn:xmpp:jingle:1' action='transport-info' "         \
	"sid='a73sjjvkla37jfea'><content creator='initiator' name='ex'>"                           \
	"<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='vj3hs98y'>" inner                \
	"</transport></content></jingle></iq>"
	/* What names nothing of ours, or comes too early, changes nothing. */
	assert_true(side_hear(&s, ROMEO, INFO("<candidate-used cid='hft54dqy'/>"), 0));
	assert_said(&s, "<item-not-found ");
	assert_true(side_hear(&s, ROMEO, INFO("<activated cid='xmdh4b7i'/>"), 0));
	assert_said(&s, "<out-of-order ");
	assert_true(side_hear(&s, ROMEO, INFO("<candidate-error/>"), 0));
	assert_said(&s, "type='result'");
	assert_true(side_hear(&s, ROMEO, INFO("<candidate-error/>"), 0));
	assert_said(&s, "<out-of-order ");
	assert_true(side_hear(&s, ROMEO, INFO("<activated cid='hft54dqy'/>"), 0));
	assert_said(&s, "<item-not-found ");
	assert_string_equal(s.place, "");
	assert_true(side_hear(&s, ROMEO, INFO("<activated cid='xmdh4b7i'/>"), 0));
	assert_said(&s, "type='result'");
	assert_string_equal(s.place, "ok.streamer");
	assert_false(s.ours);
	/* XEP-0260 2.2: DST.ADDR is what the initiator has calculated. */
	assert_string_equal(s.dstaddr, "972b7bf47291ca609517f67f86b5081086052dad");
	assert_true(side_hear(&s, ROMEO, INFO("<proxy-error/>"), 0));
	assert_said(&s, "type='result'");
	/* XEP-0260 3, with its own words. */
	assert_true(side_hear(&s, ROMEO,
			      "<iq id='hs92n57' type='set'><jingle xmlns='urn:xmpp:jingle:1' "
			      "action='transport-replace' initiator='" ROMEO
			      "' sid='a73sjjvkla37jfea'><content creator='initiator' name='ex'>"
			      "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' "
			      "block-size='2048' sid='ch3d9s71'/></content></jingle></iq>",
			      0));
	assert_said(&s, "type='result'");
	assert_next(&s, FROM_JULIET
		    "<jingle xmlns='urn:xmpp:jingle:1' action='transport-accept' "
		    "sid='a73sjjvkla37jfea'><content creator='initiator' name='ex'>"
		    "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='2048' "
		    "sid='ch3d9s71'/></content></jingle></iq>");
	assert_string_equal(s.stream, "ch3d9s71");
	assert_int_equal(s.block_size, 2048);
	/* What was said of SOCKS5 meanwhile is void. */
	assert_true(side_hear(&s, ROMEO, INFO("<candidate-used cid='zzz'/>"), 0));
	assert_said(&s, "type='result'");
	side_fini(&s);
}

/* XEP-0260 2.2: "wishes to send each candidate as the payload of a transport-info message" */
static void later_candidate__is_tried_too__while_none_works_yet(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	s.waits = true;
	assert_true(side_hear(&s, ROMEO,
			      "<iq id='x' type='set'><jingle xmlns='urn:xmpp:jingle:1' "
			      "action='session-initiate' sid='a73sjjvkla37jfea'>"
			      "<content creator='initiator' name='ex'>"
			      "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
			      "<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='vj3hs98y'>"
			      "<candidate cid='1' host='slow' jid='" ROMEO
			      "' port='1' priority='9'/></transport></content></jingle></iq>",
			      0));
	assert_ok(troth_jingle_accept(s.j, s.session, &s.offer, 0));
	side_act(&s, 0);
	s.waits = false;
	assert_true(side_hear(
		&s, ROMEO,
		INFO("<candidate cid='2' host='ok.late' jid='" ROMEO "' port='1' priority='99'/>"),
		0));
	assert_string_equal(s.log, "ask called connect connect ");
	assert_said(&s, "type='result'");
	assert_said(&s, "action='session-accept'");
	assert_said(&s, "type='result'");
	assert_said(&s, "<candidate-used cid='2'/>");
	side_fini(&s);
}

/* ---- Jingle-XTLS ---- */

static const struct troth_jingle_security both = {"0123456789", true, true};
static const struct troth_jingle_security secret = {NULL, false, true};

static void security__is_said_and_chosen__where_both_are_configured(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	c.romeo.offer.transport = TROTH_JINGLE_IBB;
	c.romeo.offer.security = &both;
	c.juliet.offer.security = &secret;
	couple_call(&c);
	assert_non_null(strstr(c.romeo.wire[0],
			       "<security xmlns='urn:xmpp:jingle:security:xtls:0'>"
			       "<fingerprint>0123456789</fingerprint><method name='x509'/>"
			       "<method name='srp'/></security>"));
	couple_pump(&c);
	assert_string_equal(c.romeo.log, "accepted in-band ");
	assert_ok(troth_jingle_choose(c.romeo.j, c.romeo.session, &secret, c.now));
	side_act(&c.romeo, c.now);
	assert_non_null(strstr(c.romeo.wire[0], "action='security-info' sid='"));
	assert_non_null(strstr(c.romeo.wire[0], "<security xmlns='urn:xmpp:jingle:security:xtls:0'>"
						"<method name='srp'/></security>"));
	couple_pump(&c);
	assert_string_equal(c.juliet.log, "ask called in-band security ");
	/* Only the caller chooses. */
	assert_err(troth_jingle_choose(c.juliet.j, c.juliet.session, &secret, c.now),
		   TROTH_E_INVAL);
	couple_fini(&c);
}

/* What was to be secured isn't had without. */
static void security__is_missed__when_the_answer_has_none(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	c.romeo.offer.security = &both;
	couple_call(&c);
	couple_pump(&c);
	assert_err(c.romeo.err, TROTH_E_NO_TLS);
	assert_int_equal(c.juliet.reason, TROTH_JINGLE_REASON_SECURITY_ERROR);
	assert_string_equal(c.romeo.place, "");
	couple_fini(&c);
}

/* XTLS is never spoken of to whoever didn't ask for it. */
static void security__is_not_answered__when_nobody_asked(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	c.juliet.offer.security = &both;
	couple_call(&c);
	couple_deliver(&c, &c.romeo, 0, false);
	assert_int_equal(c.juliet.on_wire, 3);
	assert_null(strstr(c.juliet.wire[1], "security"));
	couple_pump(&c);
	assert_string_equal(c.romeo.place, "in-band");
	couple_fini(&c);
}

static void hints__arrive_as_they_were_sent(void **state)
{
	(void)state;
	struct couple c;
	char word[] = "<&'\xc3\xa9>";
	struct troth_jingle_event e;
	couple_init(&c);
	c.romeo.offer.hints = hints;
	c.romeo.offer.hints_user = word;
	c.juliet.waits = true;
	assert_ok(troth_jingle_prepare(c.romeo.j, JULIET, &c.romeo.session));
	assert_ok(troth_jingle_offer(c.romeo.j, c.romeo.session, &c.romeo.offer, 0));
	side_act(&c.romeo, 0);
	char *text;
	struct troth_stanza *stanza;
	bool handled;
	assert_true(asprintf(&text, "<iq xmlns='jabber:client' %s", c.romeo.wire[0] + 4) > 0);
	assert_ok(troth_element_parse(&stanza,
				      (struct troth_slice){(const uint8_t *)text, strlen(text)}));
	assert_ok(troth_jingle_feed(c.juliet.j, troth_stanza_root(stanza), 0, &handled));
	troth_stanza_free(stanza);
	free(text);
	troth_jingle_next(c.juliet.j, 0, &e);
	assert_null(e.hints);
	assert_ok(troth_jingle_admit(c.juliet.j, e.session, 0));
	troth_jingle_next(c.juliet.j, 0, &e);
	assert_int_equal(e.type, TROTH_JINGLE_CALLED);
	assert_true(troth_element_is(e.hints, "urn:xmpp:troth:0", "hints"));
	assert_string_equal(troth_element_text(troth_element_first(e.hints)), word);
	couple_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(initiate__is_that_of_xep_0260),
		cmocka_unit_test(old_call__is_answered_in_the_namespaces_of_its_time),
		cmocka_unit_test(old_call__is_understood_between_two_of_us),
		cmocka_unit_test(negotiation__goes_as_in_xep_0260),
		cmocka_unit_test(later_candidate__is_tried_too__while_none_works_yet),
		cmocka_unit_test(security__is_said_and_chosen__where_both_are_configured),
		cmocka_unit_test(security__is_missed__when_the_answer_has_none),
		cmocka_unit_test(security__is_not_answered__when_nobody_asked),
		cmocka_unit_test(hints__arrive_as_they_were_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
