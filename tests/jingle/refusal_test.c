/* SPDX-License-Identifier: MIT */
/* A peer that says what it may not say, or too late: it is refused, and nothing changes. */
#include "couple.h"
#include "stanzas.h"

#include <stdio.h>

#define BAD "<bad-request " STANZAS "/>"
#define ORDER "<out-of-order xmlns='urn:xmpp:jingle:errors:1'/>"
#define RESULT "type='result'"
#define DESCRIPTION "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
#define CONTENT(inner) "<content creator='initiator' name='xmlstream'>" inner "</content>"
#define S5B(sid, inner)                                                                            \
	"<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='" sid "'>" inner "</transport>"
#define IBB(sid, block)                                                                            \
	"<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='" sid "' block-size='" block "'" \
	"/"                                                                                        \
	">"
#define CANDIDATE(cid, host, priority)                                                             \
	"<candidate cid='" cid "' host='" host "' jid='" ROMEO "' port='1' priority='" priority    \
	"'/>"

static void drop_wire(struct side *s)
{
	while (s->on_wire > 0)
		(void)side_said(s);
}

/* The peer says that and gets this. In both "%J" is the session's name and "%T" the stream's. */
struct words {
	char session[64];
	char stream[64];
};

static void fill_in(char out[4096], const char *text, const struct words *words)
{
	size_t len = 0;
	for (; *text != 0; text++) {
		if (text[0] == '%' && (text[1] == 'J' || text[1] == 'T')) {
			const char *word = text[1] == 'J' ? words->session : words->stream;
			strcpy(out + len, word);
			len += strlen(word);
			text++;
		} else {
			out[len++] = *text;
		}
	}
	out[len] = 0;
}

static void assert_answer(struct side *s, const char *from, const char *text,
			  const struct words *words, const char *answer)
{
	char xml[4096];
	fill_in(xml, text, words);
	drop_wire(s);
	assert_true(side_hear(s, from, xml, 0));
	const char *said = side_said(s);
	if (strstr(said, answer) == NULL)
		fail_msg("%s was answered by: %s", xml, said);
}

/* Romeo has called. */
static void calling(struct side *s, enum troth_jingle_transport transport, struct words *words)
{
	side_init(s, ROMEO);
	s->offer.transport = transport;
	assert_ok(troth_jingle_prepare(s->j, JULIET, &s->session));
	assert_ok(troth_jingle_offer(s->j, s->session, &s->offer, 0));
	side_act(s, 0);
	(void)snprintf(words->session, sizeof words->session, "%.32s",
		       strstr(s->wire[0], " sid='") + 6);
	strcpy(words->stream, troth_jingle_stream_sid(s->j, s->session));
	drop_wire(s);
}

static void acceptance__of_something_else__is_refused(void **state)
{
	(void)state;
	static const char *const in_band[] = {
		ACTION("session-accept", "%J", ""),
		ACTION("session-accept", "%J", CONTENT(DESCRIPTION IBB("other", "4096"))),
		ACTION("session-accept", "%J", CONTENT(DESCRIPTION IBB("%T", "4097"))),
		ACTION("session-accept", "%J", CONTENT(DESCRIPTION S5B("%T", ""))),
		ACTION("session-accept", "%J", CONTENT(IBB("%T", "4096"))),
		ACTION("session-accept", "%J",
		       "<content creator='initiator' name='other'>" DESCRIPTION IBB(
			       "%T", "4096") "</content>"),
		"<iq type='set' id='x'><jingle xmlns='urn:xmpp:jingle:1' action='session-accept' "
		"sid='%J' responder='" TYBALT
		"'>" CONTENT(DESCRIPTION IBB("%T", "4096")) "</jingle></iq>",
	};
	struct side s;
	struct words words;
	calling(&s, TROTH_JINGLE_IBB, &words);
	for (size_t i = 0; i < sizeof in_band / sizeof *in_band; i++)
		assert_answer(&s, JULIET, in_band[i], &words, BAD);
	assert_string_equal(s.log, "");
	assert_answer(&s, JULIET,
		      ACTION("session-accept", "%J", CONTENT(DESCRIPTION IBB("%T", "300"))), &words,
		      RESULT);
	assert_int_equal(s.block_size, 300);
	/* In-band is the last: nothing replaces it. */
	assert_answer(&s, JULIET, ACTION("transport-replace", "%J", CONTENT(IBB("z", "4096"))),
		      &words, RESULT);
	assert_said(&s, "action='transport-reject'");
	assert_string_equal(s.stream, words.stream);
	side_fini(&s);
	calling(&s, TROTH_JINGLE_SOCKS5, &words);
	assert_answer(&s, JULIET,
		      ACTION("session-accept", "%J", CONTENT(DESCRIPTION IBB("%T", "4096"))),
		      &words, BAD);
	side_fini(&s);
}

/* Juliet was called, and knows one candidate of Romeo's; she is connecting. */
static void called(struct side *s)
{
	static const struct troth_jingle_candidate own = {
		.host = "own.test", .port = 1, .priority = 50, .type = TROTH_JINGLE_DIRECT};
	const struct words none = {"", ""};
	side_init(s, JULIET);
	s->waits = true;
	s->offer.candidates = &own;
	s->offer.candidate_count = 1;
	assert_answer(s, ROMEO,
		      ACTION("session-initiate", "s",
			     CONTENT(DESCRIPTION S5B("t", CANDIDATE("1", "slow", "50")))),
		      &none, RESULT);
	assert_ok(troth_jingle_accept(s->j, s->session, &s->offer, 0));
	side_act(s, 0);
}

/* The cid that Juliet gave her candidate. */
static void own_cid(struct side *s, char cid[64])
{
	const char *at = NULL;
	for (size_t i = 0; i < s->on_wire && at == NULL; i++)
		at = strstr(s->wire[i], "<candidate cid='");
	assert_non_null(at);
	(void)snprintf(cid, 64, "%.32s", at + 16);
}

#define INFO(inner) ACTION("transport-info", "s", CONTENT(S5B("t", inner)))

static void transport_info__of_something_else__is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *said;
		const char *answer;
	} table[] = {
		{ACTION("transport-info", "s", CONTENT(S5B("other", "<candidate-error/>"))), BAD},
		{ACTION("transport-info", "s",
			"<content creator='initiator' name='b'>" S5B(
				"t", "<candidate-error/>") "</content>"),
		 BAD},
		{ACTION("transport-info", "s", ""), BAD},
		{INFO(""), "<unsupported-info "},
		{ACTION("transport-info", "s", CONTENT(IBB("u", "4096"))), "<unsupported-info "},
		{INFO("<proxy-error/>"), ORDER},
		{INFO("<activated cid='1'/>"), ORDER},
		{INFO("<candidate-used cid='1'/>"), "<item-not-found "},
		{INFO("<candidate-used/>"), "<item-not-found "},
		{INFO(CANDIDATE("1", "again", "5")), BAD},
		{INFO(CANDIDATE("", "h", "5")), BAD},
		{ACTION("security-info", "s",
			CONTENT("<security "
				"xmlns='urn:xmpp:jingle:security:xtls:0'/>")),
		 "<unsupported-info "},
		{ACTION("content-remove", "s", "<content creator='initiator' name='b'/>"), BAD},
		{ACTION("content-remove", "s", "<content creator='responder' name='xmlstream'/>"),
		 BAD},
		{ACTION("content-add", "s", CONTENT(DESCRIPTION)), BAD},
		{ACTION("content-add", "s", ""), BAD},
		{ACTION("transport-replace", "s", ""), BAD},
		{ACTION("transport-replace", "s", CONTENT(IBB("", "4096"))), BAD},
	};
	const struct words none = {"", ""};
	struct side s;
	called(&s);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_answer(&s, ROMEO, table[i].said, &none, table[i].answer);
	assert_string_equal(s.log, "ask called connect ");
	assert_answer(&s, ROMEO,
		      ACTION("content-remove", "s",
			     "<content creator='initiator' "
			     "name='xmlstream'/>"),
		      &none, RESULT);
	assert_string_equal(s.log, "ask called connect ended ");
	assert_err(s.err, TROTH_E_PEER_REFUSED);
	side_fini(&s);
}

static void choice__is_made_once(void **state)
{
	(void)state;
	char cid[64];
	char xml[1024];
	const struct words none = {"", ""};
	struct side s;
	called(&s);
	own_cid(&s, cid);
	assert_answer(&s, ROMEO, INFO(CANDIDATE("2", "better", "99")), &none, RESULT);
	(void)snprintf(xml, sizeof xml, INFO("<candidate-used cid='%s'/>"), cid);
	assert_answer(&s, ROMEO, xml, &none, RESULT);
	assert_answer(&s, ROMEO, xml, &none, ORDER);
	assert_answer(&s, ROMEO, INFO("<candidate-error/>"), &none, ORDER);
	/* XEP-0260 2.4: of equals that of the caller counts, so this one has lost; better ones
	 * haven't. */
	assert_err(troth_jingle_connected(s.j, s.session, "1", 0), TROTH_E_INVAL);
	assert_ok(troth_jingle_connected(s.j, s.session, "2", 0));
	side_act(&s, 0);
	assert_string_equal(s.place, "better");
	/* What comes now comes too late, which is no fault. */
	assert_answer(&s, ROMEO, INFO(CANDIDATE("3", "late", "100")), &none, RESULT);
	assert_null(strstr(strstr(s.log, "socks5"), "connect"));
	side_fini(&s);
}

/* XEP-0260 2.3: nothing that is left could be nominated, so that is said at once. */
static void candidate_error__is_said__when_all_are_beaten(void **state)
{
	(void)state;
	char cid[64];
	char xml[1024];
	const struct words none = {"", ""};
	struct side s;
	called(&s);
	own_cid(&s, cid);
	(void)snprintf(xml, sizeof xml, INFO("<candidate-used cid='%s'/>"), cid);
	assert_answer(&s, ROMEO, xml, &none, RESULT);
	assert_said(&s, "<candidate-error/>");
	assert_string_equal(s.place, "own.test");
	side_fini(&s);
	/* The caller's own choice would win against an equal one: it goes on. */
	const struct troth_jingle_candidate one = {
		.host = "own.test", .port = 1, .priority = 50, .type = TROTH_JINGLE_DIRECT};
	struct words words;
	side_init(&s, ROMEO);
	s.waits = true;
	s.offer.candidates = &one;
	s.offer.candidate_count = 1;
	assert_ok(troth_jingle_prepare(s.j, JULIET, &s.session));
	assert_ok(troth_jingle_offer(s.j, s.session, &s.offer, 0));
	side_act(&s, 0);
	own_cid(&s, cid);
	(void)snprintf(words.session, sizeof words.session, "%.32s",
		       strstr(s.wire[0], " sid='") + 6);
	strcpy(words.stream, troth_jingle_stream_sid(s.j, s.session));
	assert_answer(&s, JULIET,
		      ACTION("session-accept", "%J",
			     CONTENT(DESCRIPTION S5B("%T", CANDIDATE("1", "slow", "50")))),
		      &words, RESULT);
	(void)snprintf(
		xml, sizeof xml,
		ACTION("transport-info", "%%J", CONTENT(S5B("%%T", "<candidate-used cid='%s'/>"))),
		cid);
	assert_answer(&s, JULIET, xml, &words, RESULT);
	assert_silent(&s);
	assert_ok(troth_jingle_connected(s.j, s.session, "1", 0));
	side_act(&s, 0);
	assert_string_equal(s.place, "slow");
	side_fini(&s);
}

/* Juliet has a bytestream that stalls, and has asked for in-band. */
static void replacing(struct couple *c, struct words *words, char id[64])
{
	static const struct troth_jingle_candidate one = {
		.host = "ok.r", .port = 1, .priority = 50, .type = TROTH_JINGLE_DIRECT};
	couple_init(c);
	c->romeo.offer.candidates = &one;
	c->romeo.offer.candidate_count = 1;
	couple_call(c);
	(void)snprintf(words->session, sizeof words->session, "%.32s",
		       strstr(c->romeo.wire[0], " sid='") + 6);
	couple_pump(c);
	assert_ok(troth_jingle_stalled(c->juliet.j, c->juliet.session, 0));
	side_act(&c->juliet, 0);
	const char *replace = c->juliet.wire[0];
	(void)snprintf(id, 64, "%.32s", strstr(replace, " id='") + 5);
	(void)snprintf(words->stream, sizeof words->stream, "%.32s",
		       strstr(strstr(replace, "<transport"), " sid='") + 6);
}

static void replacement__is_taken_as_it_was_offered__or_not(void **state)
{
	(void)state;
	char id[64];
	struct words words;
	struct couple c;
	replacing(&c, &words, id);
	struct side *s = &c.juliet;
	assert_answer(s, ROMEO, ACTION("transport-accept", "%J", CONTENT(IBB("other", "4096"))),
		      &words, BAD);
	assert_answer(s, ROMEO, ACTION("transport-accept", "%J", CONTENT(IBB("%T", "4097"))),
		      &words, BAD);
	assert_answer(s, ROMEO, ACTION("transport-accept", "%J", CONTENT(S5B("%T", ""))), &words,
		      BAD);
	assert_string_equal(s->place, "ok.r");
	assert_answer(s, ROMEO, ACTION("transport-accept", "%J", CONTENT(IBB("%T", "4095"))),
		      &words, RESULT);
	assert_string_equal(s->place, "in-band");
	assert_string_equal(s->stream, words.stream);
	assert_int_equal(s->block_size, 4095);
	couple_fini(&c);
}

/* XEP-0166 7.2.16: whoever loses the tie waits for the other's, and not for ever. */
static void tie_of_replacements__is_lost_by_the_answerer(void **state)
{
	(void)state;
	char id[64];
	char xml[512];
	struct words words;
	struct couple c;
	replacing(&c, &words, id);
	drop_wire(&c.juliet);
	(void)snprintf(xml, sizeof xml,
		       "<iq type='error' id='%s'><error type='cancel'><conflict " STANZAS
		       "/></error></iq>",
		       id);
	assert_true(side_hear(&c.juliet, ROMEO, xml, 0));
	assert_silent(&c.juliet);
	assert_int_equal(troth_jingle_deadline(c.juliet.j), TROTH_TIME_JINGLE_REPLACE);
	side_act(&c.juliet, TROTH_TIME_JINGLE_REPLACE);
	assert_said(&c.juliet, "<connectivity-error/>");
	assert_err(c.juliet.err, TROTH_E_UNREACHABLE);
	couple_fini(&c);
}

/* An error about a candidate is of no interest once in-band has taken over. */
static void error__about_what_was_replaced__ends_nothing(void **state)
{
	(void)state;
	char id[64];
	char xml[512];
	const struct words none = {"", ""};
	struct side s;
	called(&s);
	drop_wire(&s);
	assert_ok(troth_jingle_connected(s.j, s.session, "1", 0));
	side_act(&s, 0);
	(void)snprintf(id, sizeof id, "%.32s", strstr(s.wire[0], " id='") + 5);
	assert_answer(&s, ROMEO, ACTION("transport-replace", "s", CONTENT(IBB("u", "4096"))), &none,
		      RESULT);
	(void)snprintf(xml, sizeof xml,
		       "<iq type='error' id='%s'><error type='cancel'><bad-request " STANZAS
		       "/></error></iq>",
		       id);
	/* Nor is one by somebody else, whatever id it knows. */
	assert_false(side_hear(&s, TYBALT, xml, 0));
	assert_true(side_hear(&s, ROMEO, xml, 0));
	assert_false(side_hear(&s, ROMEO, xml, 0));
	assert_string_equal(s.stream, "u");
	side_fini(&s);
}

/* The caller says first that it is no use; the answerer leaves time for that. */
static void in_band__takes_over__when_no_candidate_works_in_time(void **state)
{
	(void)state;
	const struct troth_jingle_candidate one = {
		.host = "slow.r", .port = 1, .priority = 50, .type = TROTH_JINGLE_DIRECT};
	struct couple c;
	couple_init(&c);
	c.romeo.offer.candidates = c.juliet.offer.candidates = &one;
	c.romeo.offer.candidate_count = 1;
	couple_call(&c);
	c.juliet.waits = true;
	couple_deliver(&c, &c.romeo, 0, false);
	assert_ok(troth_jingle_accept(c.juliet.j, c.juliet.session, &c.juliet.offer, c.now));
	couple_pump(&c);
	c.now += TROTH_TIME_JINGLE_CONNECT;
	side_act(&c.juliet, c.now);
	assert_silent(&c.juliet);
	assert_string_equal(c.juliet.place, "");
	couple_pump(&c);
	assert_string_equal(c.romeo.place, "in-band");
	assert_string_equal(c.juliet.place, "in-band");
	couple_fini(&c);
}

static void write_nonsense(void *user, struct troth_writer *w)
{
	(void)user;
	troth_writer_text(w, "\x01");
}

static void offer__that_failed__leaves_nothing_behind(void **state)
{
	(void)state;
	struct side s;
	side_init(&s, ROMEO);
	const struct troth_jingle_offer offer = {.hints = write_nonsense};
	assert_ok(troth_jingle_prepare(s.j, JULIET, &s.session));
	assert_err(troth_jingle_offer(s.j, s.session, &offer, 0), TROTH_E_XML);
	assert_int_equal(troth_jingle_deadline(s.j), -1);
	side_act(&s, 1000 * 1000 * 1000);
	assert_string_equal(s.log, "");
	side_fini(&s);
}

static void sessions__are_bounded_in_all(void **state)
{
	(void)state;
	struct side s;
	uint64_t session;
	char jid[64];
	side_init(&s, ROMEO);
	for (int i = 0; i < TROTH_LIMIT_JINGLE_SESSIONS; i++) {
		(void)snprintf(jid, sizeof jid, "bot%d@capulet.test/a", i);
		assert_ok(troth_jingle_prepare(s.j, jid, &session));
	}
	assert_err(troth_jingle_prepare(s.j, JULIET, &session), TROTH_E_LIMIT);
	troth_jingle_terminate(s.j, session, TROTH_JINGLE_REASON_CANCEL);
	side_act(&s, 0);
	assert_silent(&s); /* nobody knew of it */
	assert_ok(troth_jingle_prepare(s.j, JULIET, &session));
	side_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acceptance__of_something_else__is_refused),
		cmocka_unit_test(transport_info__of_something_else__is_refused),
		cmocka_unit_test(choice__is_made_once),
		cmocka_unit_test(candidate_error__is_said__when_all_are_beaten),
		cmocka_unit_test(replacement__is_taken_as_it_was_offered__or_not),
		cmocka_unit_test(tie_of_replacements__is_lost_by_the_answerer),
		cmocka_unit_test(error__about_what_was_replaced__ends_nothing),
		cmocka_unit_test(in_band__takes_over__when_no_candidate_works_in_time),
		cmocka_unit_test(offer__that_failed__leaves_nothing_behind),
		cmocka_unit_test(sessions__are_bounded_in_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
