/* SPDX-License-Identifier: MIT */
/* Sessions as XEP-0166 has them: ties, errors, time. */
#include "couple.h"
#include "stanzas.h"

#include <stdio.h>

/* ---- ties ---- */

/* What Romeo answers to a call by Juliet with that name, while his own is on its way. */
static void tie(struct side *s, const char *format, const char *jid, char own[64])
{
	char xml[2048];
	side_init(s, jid);
	assert_ok(troth_jingle_prepare(s->j, JULIET, &s->session));
	assert_ok(troth_jingle_offer(s->j, s->session, &s->offer, 0));
	side_act(s, 0);
	const char *at = strstr(side_said(s), " sid='") + 6;
	(void)snprintf(own, 64, "%.32s", at);
	(void)snprintf(xml, sizeof xml, CALL("x", "%s"), format == NULL ? own : format);
	assert_true(side_hear(s, JULIET, xml, 0));
}

/* 7.2.16: "the action with the lower of the two session IDs MUST overrule the other action" */
static void tie__is_won_by_the_lower_sid(void **state)
{
	(void)state;
	char own[64];
	struct side s;
	tie(&s, "zz", ROMEO, own);
	assert_said(&s, "<error type='cancel'><conflict " STANZAS
			"/><tie-break xmlns='urn:xmpp:jingle:errors:1'/></error>");
	assert_string_equal(s.log, "");
	side_fini(&s);
	tie(&s, "!", ROMEO, own);
	/* Hers goes on at once: by our own call she knows that we are here. */
	assert_said(&s, "type='result'");
	assert_string_equal(s.log, "ended called in-band ");
	assert_int_equal(s.reason, TROTH_JINGLE_REASON_ALTERNATIVE_SESSION);
	assert_int_equal(s.instead, s.session);
	assert_ok(s.err);
	side_fini(&s);
}

/* "the action sent by the lower of the JabberIDs MUST overrule the other action" */
static void tie__is_won_by_the_lower_jid__when_the_sids_are_one(void **state)
{
	(void)state;
	char own[64];
	struct side s;
	tie(&s, NULL, "aaron@montague.test/a", own);
	assert_said(&s, "<tie-break ");
	side_fini(&s);
	tie(&s, NULL, ROMEO, own);
	assert_said(&s, "type='result'");
	side_fini(&s);
}

static void tie__is_none__for_another_application_or_peer(void **state)
{
	(void)state;
	char own[64];
	struct side s;
	tie(&s, "zz", ROMEO, own);
	(void)side_said(&s);
	assert_true(side_hear(&s, "juliet@capulet.test/phone", CALL("y", "zz"), 0));
	assert_said(&s, "id='y'/>");
	assert_true(side_hear(&s, JULIET,
			      ACTION("session-initiate", "zzz",
				     "<content creator='initiator' name='a'>"
				     "<description xmlns='urn:x'/><transport xmlns='urn:y'/>"
				     "</content>"),
			      0));
	while (s.on_wire > 1)
		(void)side_said(&s);
	assert_said(&s, "<unsupported-applications/>");
	side_fini(&s);
}

/* ---- errors, repetitions, time ---- */

static void session__is_unknown__once_it_is_over(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	assert_true(side_hear(&s, ROMEO, CALL("x", "s"), 0));
	assert_true(side_hear(&s, ROMEO,
			      ACTION("session-terminate", "s", "<reason><success/></reason>"), 0));
	assert_ok(s.err);
	while (s.on_wire > 0)
		(void)side_said(&s);
	assert_true(side_hear(&s, ROMEO, ACTION("session-info", "s", ""), 0));
	assert_said(&s, UNKNOWN);
	/* Replayed, the call isn't a call any more. */
	assert_true(side_hear(&s, ROMEO, CALL("x", "s"), 0));
	assert_said(&s, "<out-of-order ");
	assert_string_equal(s.log, "ask called in-band ended ");
	/* Another one is. */
	assert_true(side_hear(&s, ROMEO, CALL("x", "t"), 0));
	assert_said(&s, "type='result'");
	side_fini(&s);
}

static void info__that_nobody_understands__is_said_so(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	assert_true(side_hear(&s, ROMEO, CALL("x", "s"), 0));
	while (s.on_wire > 0)
		(void)side_said(&s);
	assert_true(side_hear(
		&s, ROMEO,
		ACTION("session-info", "s", "<ringing xmlns='urn:xmpp:jingle:apps:rtp:1:info'/>"),
		0));
	assert_said(&s, "<feature-not-implemented " STANZAS
			"/><unsupported-info xmlns='urn:xmpp:jingle:errors:1'/>");
	assert_true(side_hear(&s, ROMEO, ACTION("session-info", "s", ""), 0));
	assert_string_equal(side_said(&s),
			    "<iq from='" JULIET "' type='result' to='" ROMEO "' id='x'/>");
	assert_true(side_hear(&s, ROMEO, ACTION("session-inform", "s", ""), 0));
	assert_said(&s, "<bad-request ");
	side_fini(&s);
}

static void stanza__that_is_not_ours__is_left_to_others(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, JULIET);
	assert_false(side_hear(&s, ROMEO,
			       "<iq type='get' id='x'><jingle "
			       "xmlns='urn:xmpp:jingle:1'/></iq>",
			       0));
	assert_false(side_hear(&s, ROMEO, "<iq type='set' id='x'><jingle xmlns='urn:x'/></iq>", 0));
	assert_false(side_hear(&s, ROMEO, "<iq type='result' id='x'/>", 0));
	assert_false(side_hear(&s, ROMEO, "<iq id='x'/>", 0));
	assert_silent(&s);
	/* Nor is an address without a resource, or our own, one of a session. */
	assert_true(side_hear(&s, "romeo@montague.test", CALL("x", "s"), 0));
	assert_said(&s, NOBODY);
	assert_true(side_hear(&s, JULIET, CALL("x", "s"), 0));
	assert_said(&s, NOBODY);
	assert_string_equal(s.log, "");
	side_fini(&s);
}

static void call__ends__when_nobody_answers(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	couple_call(&c);
	side_act(&c.romeo, c.now + TROTH_TIME_JINGLE_ACK - 1);
	assert_string_equal(c.romeo.log, "");
	side_act(&c.romeo, c.now + TROTH_TIME_JINGLE_ACK);
	assert_err(c.romeo.err, TROTH_E_TIMEOUT);
	couple_fini(&c);
	/* Acknowledged, and then the user doesn't come. */
	couple_init(&c);
	c.juliet.waits = true;
	couple_call(&c);
	couple_pump(&c);
	side_act(&c.romeo, c.now + TROTH_TIME_JINGLE_ACCEPT - 1);
	assert_string_equal(c.romeo.log, "");
	c.now += TROTH_TIME_JINGLE_ACCEPT;
	couple_pump(&c);
	assert_err(c.romeo.err, TROTH_E_TIMEOUT);
	assert_err(c.juliet.err, TROTH_E_TIMEOUT);
	couple_fini(&c);
}

static void call__ends_with_what_the_peer_says(void **state)
{
	(void)state;
	struct couple c;
	couple_init(&c);
	c.juliet.declines = true;
	couple_call(&c);
	couple_pump(&c);
	assert_err(c.romeo.err, TROTH_E_PEER_REFUSED);
	assert_int_equal(c.romeo.reason, TROTH_JINGLE_REASON_DECLINE);
	assert_err(c.juliet.err, TROTH_E_REFUSED);
	couple_fini(&c);
	couple_init(&c);
	c.juliet.ignores = true;
	couple_call(&c);
	couple_pump(&c);
	assert_err(c.romeo.err, TROTH_E_NOT_FOUND);
	assert_string_equal(c.juliet.log, "ask ");
	couple_fini(&c);
}

static void in_band_session__ends__when_the_peer_has_gone(void **state)
{
	(void)state;
	const struct troth_jingle_candidate one[] = {direct("ok.r", 1, 1)};
	struct couple c;
	for (size_t count = 0; count < 2; count++) {
		couple_init(&c);
		c.romeo.offer.candidates = one;
		c.romeo.offer.candidate_count = count;
		couple_call(&c);
		couple_pump(&c);
		troth_jingle_gone(c.romeo.j, TYBALT);
		troth_jingle_gone(c.romeo.j, JULIET);
		troth_jingle_gone(c.juliet.j, NULL);
		side_act(&c.romeo, c.now);
		side_act(&c.juliet, c.now);
		/* A direct bytestream needs no server. */
		assert_int_equal(strstr(c.romeo.log, "ended") != NULL, count == 0);
		assert_int_equal(strstr(c.juliet.log, "ended") != NULL, count == 0);
		assert_silent(&c.romeo);
		assert_int_equal(troth_jingle_deadline(c.romeo.j), -1);
		couple_fini(&c);
	}
}

static void prepare__takes_full_addresses_of_others_only(void **state)
{
	(void)state;
	struct side s;
	uint64_t session;
	side_init(&s, JULIET);
	assert_err(troth_jingle_prepare(s.j, "romeo@montague.test", &session), TROTH_E_FORMAT);
	assert_err(troth_jingle_prepare(s.j, "@", &session), TROTH_E_FORMAT);
	assert_err(troth_jingle_prepare(s.j, "JULIET@capulet.test/balcony", &session),
		   TROTH_E_SELF);
	assert_ok(troth_jingle_prepare(s.j, "juliet@capulet.test/phone", &session));
	side_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tie__is_won_by_the_lower_sid),
		cmocka_unit_test(tie__is_won_by_the_lower_jid__when_the_sids_are_one),
		cmocka_unit_test(tie__is_none__for_another_application_or_peer),
		cmocka_unit_test(session__is_unknown__once_it_is_over),
		cmocka_unit_test(info__that_nobody_understands__is_said_so),
		cmocka_unit_test(stanza__that_is_not_ours__is_left_to_others),
		cmocka_unit_test(call__ends__when_nobody_answers),
		cmocka_unit_test(call__ends_with_what_the_peer_says),
		cmocka_unit_test(in_band_session__ends__when_the_peer_has_gone),
		cmocka_unit_test(prepare__takes_full_addresses_of_others_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
