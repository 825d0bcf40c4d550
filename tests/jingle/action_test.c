/* SPDX-License-Identifier: MIT */
/* Every action, in every phase, from either side: what the engine answers. */
#include "couple.h"
#include "jingle/action.h"

#include <stdio.h>

#define IBB "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' block-size='1024' sid='%s'/>"
#define S5B(inner)                                                                                 \
	"<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='%s'>" inner "</transport>"
#define CONTENT(inner) "<content creator='initiator' name='xmlstream'>" inner "</content>"
#define DESCRIPTION "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"

/* What is inside <jingle/> so that the action is well formed; %s is the stream's sid. */
static const char *const payloads[] = {
	[TROTH_JINGLE_ACTION_CONTENT_ACCEPT] = CONTENT(DESCRIPTION S5B("")),
	[TROTH_JINGLE_ACTION_CONTENT_ADD] = "<content creator='responder' name='more'>" DESCRIPTION
					    "<transport xmlns='urn:x' sid='%s'/></content>",
	[TROTH_JINGLE_ACTION_CONTENT_MODIFY] =
		"<content creator='initiator' name='xmlstream' senders='none'/>",
	[TROTH_JINGLE_ACTION_CONTENT_REJECT] = CONTENT(""),
	[TROTH_JINGLE_ACTION_CONTENT_REMOVE] = CONTENT(""),
	[TROTH_JINGLE_ACTION_DESCRIPTION_INFO] = CONTENT(DESCRIPTION),
	[TROTH_JINGLE_ACTION_SECURITY_INFO] =
		CONTENT("<security xmlns='urn:xmpp:jingle:security:xtls:0'><method name='x509'/>"
			"</security>"),
	[TROTH_JINGLE_ACTION_SESSION_ACCEPT] =
		CONTENT(DESCRIPTION S5B("") "<security xmlns='urn:xmpp:jingle:security:xtls:0'/>"),
	[TROTH_JINGLE_ACTION_SESSION_INFO] = "",
	[TROTH_JINGLE_ACTION_SESSION_INITIATE] = CONTENT(DESCRIPTION S5B("")),
	[TROTH_JINGLE_ACTION_SESSION_TERMINATE] = "<reason><gone/></reason>",
	[TROTH_JINGLE_ACTION_TRANSPORT_ACCEPT] = CONTENT(IBB),
	[TROTH_JINGLE_ACTION_TRANSPORT_INFO] =
		CONTENT(S5B("<candidate cid='late' host='late.test' jid='a@b/c' port='1' "
			    "priority='1' type='direct'/>")),
	[TROTH_JINGLE_ACTION_TRANSPORT_REJECT] = CONTENT(IBB),
	[TROTH_JINGLE_ACTION_TRANSPORT_REPLACE] = CONTENT(IBB),
};

/* What each verdict must look like on the wire. */
static const char *const answers[] = {
	[TROTH_JINGLE_TAKE] = "type='result'",
	[TROTH_JINGLE_VOID] = "type='result'",
	[TROTH_JINGLE_REJECT] = "type='result'",
	[TROTH_JINGLE_ORDER] = "<error type='wait'><unexpected-request "
			       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
			       "<out-of-order xmlns='urn:xmpp:jingle:errors:1'/></error>",
	[TROTH_JINGLE_TIE] = "<error type='cancel'>"
			     "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
			     "<tie-break xmlns='urn:xmpp:jingle:errors:1'/></error>",
	[TROTH_JINGLE_INFO] = "<unsupported-info xmlns='urn:xmpp:jingle:errors:1'/></error>",
	[TROTH_JINGLE_NO_FEATURE] =
		"<feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
};

static void attribute(char out[128], const char *xml, const char *name)
{
	char key[32];
	(void)snprintf(key, sizeof key, " %s='", name);
	const char *at = strstr(xml, key);
	assert_non_null(at);
	at += strlen(key);
	(void)snprintf(out, 128, "%.*s", (int)strcspn(at, "'"), at);
}

/* A session in some phase, with one side under test. What the peer sends is ours to say. */
struct cell {
	struct couple couple;
	struct side *subject;
	struct side *peer;
	char sid[128];
	char stream[128]; /* the one that an action is about */
};

static bool is_from_caller(enum troth_jingle_phase phase)
{
	return phase == TROTH_JINGLE_PENDING_CALLER || phase == TROTH_JINGLE_ACTIVE_CALLER ||
	       phase == TROTH_JINGLE_REPLACING_CALLER;
}

static void drop_wire(struct side *s)
{
	while (s->on_wire > 0)
		(void)side_said(s);
}

static void begin_replacing(struct cell *cell)
{
	struct side *s = cell->subject;
	assert_string_equal(s->place, "ok.test");
	assert_ok(troth_jingle_stalled(s->j, s->session, cell->couple.now));
	side_act(s, cell->couple.now);
	attribute(cell->stream, strstr(s->wire[0], "<transport"), "sid");
}

static void enter_phase(struct cell *cell, enum troth_jingle_phase phase)
{
	static const struct troth_jingle_security security = {"ab", true, true};
	const bool replacing = phase >= TROTH_JINGLE_REPLACING_CALLER;
	const struct troth_jingle_candidate one =
		direct(replacing ? "ok.test" : "elsewhere.test", 1000, 1);
	struct couple *c = &cell->couple;
	couple_init(c);
	cell->subject = is_from_caller(phase) ? &c->juliet : &c->romeo;
	cell->peer = is_from_caller(phase) ? &c->romeo : &c->juliet;
	c->romeo.offer = c->juliet.offer = (struct troth_jingle_offer){
		.candidates = &one, .candidate_count = 1, .security = &security};
	c->romeo.waits = c->juliet.waits = !replacing;
	couple_call(c);
	attribute(cell->sid, strstr(c->romeo.wire[0], "<jingle"), "sid");
	strcpy(cell->stream, troth_jingle_stream_sid(c->romeo.j, c->romeo.session));
	couple_pump(c);
	if (phase == TROTH_JINGLE_ACTIVE_CALLER || phase == TROTH_JINGLE_ACTIVE_ANSWERER) {
		assert_ok(troth_jingle_accept(c->juliet.j, c->juliet.session, &c->juliet.offer,
					      c->now));
		couple_pump(c);
	}
	if (replacing)
		begin_replacing(cell);
	drop_wire(cell->subject);
}

static void say(struct cell *cell, enum troth_jingle_action action)
{
	const char *format = payloads[action];
	const char *hole = strstr(format, "%s");
	char inner[2048];
	char *text;
	(void)snprintf(inner, sizeof inner, "%.*s%s%s",
		       (int)(hole == NULL ? strlen(format) : (size_t)(hole - format)), format,
		       hole == NULL ? "" : cell->stream, hole == NULL ? "" : hole + 2);
	assert_true(asprintf(&text,
			     "<iq type='set' id='probe'><jingle xmlns='urn:xmpp:jingle:1' "
			     "action='%s' sid='%s'>%s</jingle></iq>",
			     troth_jingle_action_name(action), cell->sid, inner) > 0);
	assert_true(side_hear(cell->subject, cell->peer->jid, text, cell->couple.now));
	free(text);
}

static void check_cell(enum troth_jingle_action action, enum troth_jingle_phase phase)
{
	const enum troth_jingle_verdict verdict = troth_jingle_action_verdict(action, phase);
	struct cell cell;
	enter_phase(&cell, phase);
	say(&cell, action);
	const char *said = side_said(cell.subject);
	if (strstr(said, "id='probe'") == NULL || strstr(said, answers[verdict]) == NULL)
		fail_msg("%s in phase %d was answered by: %s", troth_jingle_action_name(action),
			 (int)phase, said);
	if (verdict == TROTH_JINGLE_REJECT)
		assert_said(cell.subject, action == TROTH_JINGLE_ACTION_CONTENT_ADD
						  ? "action='content-reject'"
						  : "action='transport-reject'");
	/* What isn't carried out changes nothing: the session goes on. */
	if (verdict != TROTH_JINGLE_TAKE)
		assert_non_null(troth_jingle_peer(cell.subject->j, cell.subject->session));
	couple_fini(&cell.couple);
}

static void action__is_answered_as_the_table_says__in_every_phase(void **state)
{
	(void)state;
	for (int action = 0; action < TROTH_JINGLE_ACTION_COUNT; action++)
		for (int phase = 0; phase < TROTH_JINGLE_PHASE_COUNT; phase++)
			check_cell((enum troth_jingle_action)action,
				   (enum troth_jingle_phase)phase);
}

/* The table itself against XEP-0166: what it calls legal, read from its text. */
static void table__says_what_the_xep_says(void **state)
{
	(void)state;
	for (int phase = 0; phase < TROTH_JINGLE_PHASE_COUNT; phase++) {
		/* 7.2.11: "used to end an existing session": whenever there is one */
		assert_int_equal(troth_jingle_action_verdict(TROTH_JINGLE_ACTION_SESSION_TERMINATE,
							     (enum troth_jingle_phase)phase),
				 TROTH_JINGLE_TAKE);
		/* 6.5: the responder accepts, once */
		assert_int_equal(troth_jingle_action_verdict(TROTH_JINGLE_ACTION_SESSION_ACCEPT,
							     (enum troth_jingle_phase)phase),
				 phase == TROTH_JINGLE_PENDING_ANSWERER ? TROTH_JINGLE_TAKE
									: TROTH_JINGLE_ORDER);
		/* 8: "e.g., session-initiate after session-accept" */
		assert_int_equal(troth_jingle_action_verdict(TROTH_JINGLE_ACTION_SESSION_INITIATE,
							     (enum troth_jingle_phase)phase),
				 phase == TROTH_JINGLE_PENDING_ANSWERER ? TROTH_JINGLE_TAKE
									: TROTH_JINGLE_ORDER);
	}
	/* 7.2.16: the initiator's overrules, the responder's loses */
	assert_int_equal(troth_jingle_action_verdict(TROTH_JINGLE_ACTION_TRANSPORT_REPLACE,
						     TROTH_JINGLE_REPLACING_CALLER),
			 TROTH_JINGLE_TAKE);
	assert_int_equal(troth_jingle_action_verdict(TROTH_JINGLE_ACTION_TRANSPORT_REPLACE,
						     TROTH_JINGLE_REPLACING_ANSWERER),
			 TROTH_JINGLE_TIE);
}

static void name__is_read_back__and_nothing_else_is(void **state)
{
	(void)state;
	enum troth_jingle_action action;
	for (int i = 0; i < TROTH_JINGLE_ACTION_COUNT; i++) {
		const char *name = troth_jingle_action_name((enum troth_jingle_action)i);
		assert_ok(troth_jingle_action_read(&action, name));
		assert_int_equal(action, i);
	}
	assert_err(troth_jingle_action_read(&action, "session-Initiate"), TROTH_E_NOT_FOUND);
	assert_err(troth_jingle_action_read(&action, ""), TROTH_E_NOT_FOUND);
	assert_err(troth_jingle_action_read(&action, NULL), TROTH_E_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(action__is_answered_as_the_table_says__in_every_phase),
		cmocka_unit_test(table__says_what_the_xep_says),
		cmocka_unit_test(name__is_read_back__and_nothing_else_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
