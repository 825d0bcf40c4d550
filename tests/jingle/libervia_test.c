/* SPDX-License-Identifier: MIT */
/*
 * What libervia 0.9, another implementation of XEP-0166, 0260 and 0261, said to us, and in which
 * order: recorded from `make interop`. Only its application has the name of ours, and hosts are
 * those that the couple's application can connect to, or can't.
 */
#include "couple.h"

#include <stdio.h>

#define US "juliet@capulet.test/WladWiVx3_8y"
#define THEM "mercutio@montague.test/libervia.KdUZSzYQMhnDZFsLFdtnbN"
#define THEIR_DIRECT "4118044d-e41c-46ae-996c-72870e586b90"
#define THEIR_PROXY "520f621f-f6e2-418d-ae13-16558e954951"
/* As libervia and we have calculated them for `theirs`. */
#define THEIR_DSTADDR "b8c8bcb141c017d120c19759262bfd5746a423cb"
#define OUR_DSTADDR "158037aba408df232c012eca8438c99266e6a4e9"

/* The names of a session, those that whoever began it gave, and one more for a stanza. */
struct names {
	char sid[64];
	char content[64];
	char stream[64];
	char more[64];
};
static const struct names theirs = {"c4a2b242-66c3-49ef-b535-d6470fe59974",
				    "5051da8b-cfd6-4937-be34-b0617a053d68",
				    "393a48f0-3108-4bc7-9941-bdb760c4b197", ""};

#define IQ(id, action, inner)                                                                      \
	"<iq id='" id "' to='" US "' type='set' lang='en'><jingle xmlns='urn:xmpp:jingle:1' "      \
	"sid='$s' action='" action "'>" inner "</jingle></iq>"
#define CONTENT(inner) "<content name='$c' creator='initiator'>" inner "</content>"
#define DESCRIPTION "<description xmlns='urn:xmpp:jingle:apps:xmlstream:0'/>"
#define S5B(attributes, inner)                                                                     \
	"<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='$t'" attributes ">" inner        \
	"</transport>"
#define CANDIDATES(at)                                                                             \
	"<candidate host='" at "' port='34555' priority='8267536' jid='" THEM                      \
	"' cid='" THEIR_DIRECT "' type='direct'/><candidate host='" at "' port='52553' "           \
	"priority='655360' jid='proxy.montague.test' cid='" THEIR_PROXY "' type='proxy'/>"
#define IBB "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='$x' block-size='4096'/>"

#define CALL(at, dstaddr)                                                                          \
	IQ("H_11", "session-initiate",                                                             \
	   CONTENT(DESCRIPTION S5B(dstaddr " mode='tcp'", CANDIDATES(at))))
#define ACCEPT(dstaddr)                                                                            \
	IQ("H_11", "session-accept", CONTENT(DESCRIPTION S5B(dstaddr, CANDIDATES("no.test"))))
#define INFO(what) IQ("H_13", "transport-info", CONTENT(S5B("", what)))
#define REPLACE(action) IQ("H_15", action, CONTENT(IBB))
#define CHECKSUM                                                                                   \
	IQ("H_16", "session-info",                                                                 \
	   "<checksum xmlns='urn:xmpp:jingle:apps:file-transfer:5' name='$c' "                     \
	   "creator='initiator'><file/></checksum>")
#define TERMINATE IQ("H_17", "session-terminate", "<reason><success/></reason>")
#define ACKNOWLEDGEMENT "<iq id='$x' to='" US "' type='result' lang='en'/>"

static const char *name_at(const struct names *n, char which)
{
	return which == 's'   ? n->sid
	       : which == 'c' ? n->content
	       : which == 't' ? n->stream
			      : n->more;
}

/* They say that, with the names put in. */
static void hear(struct side *s, const struct names *n, const char *text)
{
	char xml[2048] = "";
	for (; *text != 0; text++) {
		size_t len = strlen(xml);
		assert_true(len + 64 < sizeof xml);
		if (*text == '$')
			(void)strcat(xml, name_at(n, *++text));
		else
			xml[len] = *text; /* all behind it is zero */
	}
	assert_true(side_hear(s, THEM, xml, 0));
}

/* What stands in quotes behind a text of what was said. */
static void take(char out[64], const char *said, const char *before)
{
	const char *at = strstr(said, before);
	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(before), "%63[^']", out), 1);
}

/* Our next words, which must be that action. They acknowledge it. */
static const char *said(struct side *s, const char *action)
{
	static char words[4096];
	struct names n;
	char found[64];
	(void)snprintf(words, sizeof words, "%s", side_said(s));
	take(found, words, "action='");
	assert_string_equal(found, action);
	take(n.more, words, " id='");
	hear(s, &n, ACKNOWLEDGEMENT);
	return words;
}

/* We call; *n are our names. */
static void call(struct side *s, struct names *n)
{
	assert_ok(troth_jingle_prepare(s->j, THEM, &s->session));
	assert_ok(troth_jingle_offer(s->j, s->session, &s->offer, 0));
	side_act(s, 0);
	const char *words = said(s, "session-initiate");
	take(n->sid, words, "' sid='");
	take(n->content, words, " name='");
	take(n->stream, words, "mode='tcp' sid='");
}

static void call__is_taken_over_socks5__as_libervia_makes_it(void **state)
{
	(void)state;
	const struct troth_jingle_candidate ours = direct("192.0.2.1", 44555, UINT16_MAX);
	struct names n = theirs;
	struct side s;
	side_init(&s, US);
	s.offer = (struct troth_jingle_offer){.candidates = &ours, .candidate_count = 1};
	hear(&s, &n, CALL("ok.test", " dstaddr='" THEIR_DSTADDR "'"));
	assert_said(&s, "type='result'");
	const char *accept = said(&s, "session-accept");
	assert_non_null(strstr(accept, "dstaddr='" OUR_DSTADDR "'"));
	take(n.more, accept, "cid='");
	assert_non_null(strstr(said(&s, "transport-info"), "<candidate-used cid='" THEIR_DIRECT));
	hear(&s, &n, INFO("<candidate-used cid='$x'/>"));
	assert_said(&s, "type='result'");
	assert_string_equal(s.place, "192.0.2.1"); /* ours has the higher priority */
	hear(&s, &n, TERMINATE);
	assert_said(&s, "type='result'");
	assert_int_equal(s.err, TROTH_OK);
	side_fini(&s);
}

/* It says a dstaddr only where it has a proxy. */
static void dstaddr__is_that_of_libervia__where_it_says_none(void **state)
{
	(void)state;
	struct names n = theirs;
	struct side s;
	side_init(&s, US);
	hear(&s, &n, CALL("ok.test", ""));
	hear(&s, &n, INFO("<candidate-error/>"));
	assert_string_equal(s.place, "ok.test");
	assert_string_equal(s.dstaddr, THEIR_DSTADDR);
	side_fini(&s);
}

static void proxy_error__and_what_replaces_it__are_taken_as_libervia_says_them(void **state)
{
	(void)state;
	struct names n = theirs;
	struct side s;
	side_init(&s, US);
	s.waits = true;
	hear(&s, &n, CALL("no.test", " dstaddr='" THEIR_DSTADDR "'"));
	assert_said(&s, "type='result'");
	s.waits = false;
	assert_ok(troth_jingle_accept(s.j, s.session, &s.offer, 0));
	struct troth_jingle_event e;
	troth_jingle_next(s.j, 0, &e);
	assert_int_equal(e.type, TROTH_JINGLE_CONNECT);
	assert_ok(troth_jingle_connected(s.j, s.session, THEIR_PROXY, 0));
	side_act(&s, 0);
	(void)said(&s, "session-accept");
	assert_non_null(strstr(said(&s, "transport-info"), "<candidate-used cid='" THEIR_PROXY));
	hear(&s, &n, INFO("<candidate-error/>"));
	hear(&s, &n, INFO("<proxy-error/>"));
	assert_string_equal(s.place, "");
	strcpy(n.more, "7e028fce-e37c-4858-b699-5f1b1d9611d0");
	hear(&s, &n, REPLACE("transport-replace"));
	for (int i = 0; i < 3; i++)
		assert_said(&s, "type='result'");
	assert_non_null(strstr(said(&s, "transport-accept"), n.more));
	assert_string_equal(s.place, "in-band");
	assert_string_equal(s.stream, n.more);
	assert_false(s.opens);
	side_fini(&s);
}

/* What it says of its application is none of ours, and ends nothing. */
static void info__of_its_application__is_not_understood__and_ends_nothing(void **state)
{
	(void)state;
	struct names n = theirs;
	struct side s;
	side_init(&s, US);
	hear(&s, &n, CALL("ok.test", ""));
	hear(&s, &n, INFO("<candidate-error/>"));
	while (s.on_wire > 0)
		(void)side_said(&s);
	hear(&s, &n, CHECKSUM);
	assert_said(&s, "<unsupported-info xmlns='urn:xmpp:jingle:errors:1'/>");
	assert_string_equal(s.place, "ok.test");
	assert_int_equal(s.err, TROTH_OK);
	hear(&s, &n, TERMINATE);
	assert_said(&s, "type='result'");
	side_fini(&s);
}

/* It says what it could connect to as soon as it knows, before it has accepted. */
static void choice__is_taken__before_the_call_is(void **state)
{
	(void)state;
	struct names n;
	struct side s;
	side_init(&s, US);
	call(&s, &n);
	hear(&s, &n, INFO("<candidate-error/>"));
	hear(&s, &n, ACCEPT(" dstaddr='" THEIR_DSTADDR "'"));
	for (int i = 0; i < 2; i++)
		assert_said(&s, "type='result'");
	assert_non_null(strstr(said(&s, "transport-info"), "<candidate-error/>"));
	take(n.more, said(&s, "transport-replace"), "block-size='4096' sid='");
	hear(&s, &n, REPLACE("transport-accept"));
	assert_string_equal(s.place, "in-band");
	assert_string_equal(s.stream, n.more);
	assert_true(s.opens);
	side_fini(&s);
}

/* Its answer to an application that it doesn't know. */
static void refusal__of_the_call__ends_it_at_once(void **state)
{
	(void)state;
	struct names n;
	struct side s;
	side_init(&s, US);
	assert_ok(troth_jingle_prepare(s.j, THEM, &s.session));
	assert_ok(troth_jingle_offer(s.j, s.session, &s.offer, 0));
	side_act(&s, 0);
	take(n.more, side_said(&s), " id='");
	hear(&s, &n,
	     "<iq id='$x' to='" US "' type='error'><error type='cancel'><service-unavailable "
	     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
	assert_int_equal(s.err, TROTH_E_NOT_FOUND);
	assert_silent(&s); /* it knows of no session */
	side_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call__is_taken_over_socks5__as_libervia_makes_it),
		cmocka_unit_test(dstaddr__is_that_of_libervia__where_it_says_none),
		cmocka_unit_test(
			proxy_error__and_what_replaces_it__are_taken_as_libervia_says_them),
		cmocka_unit_test(info__of_its_application__is_not_understood__and_ends_nothing),
		cmocka_unit_test(choice__is_taken__before_the_call_is),
		cmocka_unit_test(refusal__of_the_call__ends_it_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
