/* SPDX-License-Identifier: MIT */
/* Somebody in the middle, or at the other end, who means harm. */
#include "raw.h"

#include "base/slice.h"

#include <stdio.h>

#define HEADER(from, to)                                                                           \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "    \
	"from='" from "' to='" to "' version='1.0'>"
#define ROMEO HEADER("romeo@forza", "juliet@pronto")
#define JULIET HEADER("juliet@pronto", "romeo@forza")
#define STARTTLS "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define PROCEED "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
#define OFFER "<offer xmlns='urn:xmpp:tmp:c2ctls'>"
#define MARK "<transcript xmlns='urn:xmpp:troth:0'/>"
#define KEY(name) "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>" name "</name></keyinfo>"

/* ---- in the middle: clear text is changed on the way ---- */

struct edit {
	const char *find;
	const char *put;
	bool from_initiator;
};

/* Carries everything in whole flights; what is in clear goes through the edit. */
static void carry_edited(struct party *from, struct party *to, const struct edit *edit)
{
	struct troth_slice out = troth_stream_output(from->stream);
	struct troth_buf bytes;
	const char *text;
	troth_buf_init(&bytes, 1 << 20);
	assert_ok(troth_buf_append_slice(&bytes, out));
	troth_stream_sent(from->stream, out.len);
	if (edit != NULL && troth_buf_cstr(&bytes, &text) == TROTH_OK) {
		const char *at = strstr(text, edit->find);
		if (at != NULL) {
			struct troth_buf edited;
			troth_buf_init(&edited, 1 << 20);
			assert_ok(troth_buf_append(&edited, text, (size_t)(at - text)));
			assert_ok(troth_buf_append_str(&edited, edit->put));
			assert_ok(troth_buf_append_str(&edited, at + strlen(edit->find)));
			troth_buf_fini(&bytes);
			bytes = edited;
		}
	}
	struct troth_slice s = troth_buf_slice(&bytes);
	party_feed(to, s.data, s.len, 0);
	troth_buf_fini(&bytes);
}

static void run_edited(struct party *romeo, struct party *juliet, const struct edit *edit)
{
	party_work(romeo, 0);
	party_work(juliet, 0);
	for (int i = 0; i < 60; i++) {
		carry_edited(romeo, juliet, edit->from_initiator ? edit : NULL);
		party_work(romeo, 0);
		carry_edited(juliet, romeo, edit->from_initiator ? NULL : edit);
		party_work(juliet, 0);
	}
}

/* Edits that leave the negotiation possible: only the transcript can tell. */
static const struct edit silent_edits[] = {
	{"<required/>", "", false},
	{MARK, "", false},
	{MARK, "", true},
	{"<insecure/>", "", false}, /* among others */
	{"<srp/>", "<srp/><sas xmlns='urn:xmpp:troth:0'/>", false},
	{"</stream:features>", "</stream:features >", false},
	{" version='1.0'", "  version='1.0'", true},
	{"</offer></starttls>", "<x xmlns='urn:example'/></offer></starttls>", true},
	{"</offer></starttls>",
	 KEY("0123456789012345678901234567890123456789") "</offer></starttls>", true},
	{"</offer></proceed>", "<x xmlns='urn:example'/></offer></proceed>", false},
};

static void know_each_other(struct party *romeo, struct party *juliet)
{
	party_init(romeo, 0, "romeo@forza");
	party_init(juliet, 1, "juliet@pronto");
	/* Unproven keys leave every method open: the richest offers to play with. */
	party_knows(romeo, juliet, false);
	party_knows(juliet, romeo, false);
	romeo->known.least = juliet->known.least = TROTH_LEVEL_UNVERIFIED;
	romeo->known.may_ask = juliet->known.may_ask = true;
	party_start(juliet, TROTH_RECIPIENT, NULL, 0);
	party_start(romeo, TROTH_INITIATOR, juliet, 0);
}

static void offers__changed_on_the_way__are_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof silent_edits / sizeof *silent_edits; i++) {
		struct party romeo;
		struct party juliet;
		know_each_other(&romeo, &juliet);
		run_edited(&romeo, &juliet, &silent_edits[i]);
		if (romeo.err != TROTH_E_DOWNGRADE)
			print_error("edit %zu: %s\n%s", i, silent_edits[i].find, romeo.seen);
		assert_err(romeo.err, TROTH_E_DOWNGRADE);
		assert_err(juliet.err, TROTH_E_DOWNGRADE);
		assert_false(romeo.up || juliet.up);
		party_fini(&romeo);
		party_fini(&juliet);
	}
}

/* "Stripped": both could do pake and are made to use srp, or the other way. The secret is right, so
 * the proof succeeds; the offers don't agree, so the stream ends all the same. */
static void pake__taken_out_of_the_offers__is_noticed(void **state)
{
	(void)state;
	static const char pake[] = "<pake xmlns='urn:xmpp:troth:0' suite='CPACE-RISTR255-SHA512'/>";
	const struct edit edits[] = {
		{pake, "", false}, {pake, "", true}, {"<srp/>", "", false}, {"<srp/>", "", true}};
	struct troth_secret *secret = party_secret("wherefore");
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
		struct party romeo;
		struct party juliet;
		party_init(&romeo, 0, "romeo@forza");
		party_init(&juliet, 1, "juliet@pronto");
		romeo.known.secret = juliet.known.secret = secret;
		romeo.known.pairing = juliet.known.pairing = true;
		party_start(&juliet, TROTH_RECIPIENT, NULL, 0);
		party_start(&romeo, TROTH_INITIATOR, &juliet, 0);
		run_edited(&romeo, &juliet, &edits[i]);
		assert_err(romeo.err, TROTH_E_DOWNGRADE);
		assert_err(juliet.err, TROTH_E_DOWNGRADE);
		assert_false(romeo.up || juliet.up);
		assert_int_equal(romeo.keys + juliet.keys, 0); /* nothing to pin */
		/* srp proves before the offers are compared: a guess. pake after: none. */
		int cost = i < 2 ? 1 : 0;
		assert_int_equal(romeo.guesses, cost);
		assert_int_equal(juliet.guesses, cost);
		party_fini(&romeo);
		party_fini(&juliet);
	}
	troth_secret_free(secret);
}

/* The control: the same run without an edit succeeds, so that the test above can fail. */
static void offers__unchanged__succeed(void **state)
{
	(void)state;
	struct party romeo;
	struct party juliet;
	const struct edit none = {"\x01", "", true};
	know_each_other(&romeo, &juliet);
	run_edited(&romeo, &juliet, &none);
	assert_true(romeo.up && juliet.up);
	party_fini(&romeo);
	party_fini(&juliet);
}

/* ---- bytes that cross the line ---- */

static void bytes_in_clear__after_starttls__are_fatal(void **state)
{
	(void)state;
	const char *after[] = {"\n", " ", "<message/>", "\x16\x03\x01"};
	for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
		struct party us;
		struct party them;
		struct raw raw;
		char text[200];
		party_init(&us, 1, "juliet@pronto");
		party_init(&them, 0, "romeo@forza");
		us.known.least = TROTH_LEVEL_UNVERIFIED;
		party_start(&us, TROTH_RECIPIENT, NULL, 0);
		raw_init(&raw, &us, them.device);
		raw_say(&raw, ROMEO);
		(void)snprintf(text, sizeof text,
			       STARTTLS ">" OFFER "<insecure/></offer></starttls>%s", after[i]);
		raw_say(&raw, text);
		assert_true(us.closed);
		assert_err(us.err, TROTH_E_PROTOCOL);
		assert_false(raw_heard(&raw, "proceed"));
		raw_fini(&raw);
		party_fini(&us);
		party_fini(&them);
	}
}

static void bytes_in_clear__after_proceed__are_fatal(void **state)
{
	(void)state;
	struct party us;
	struct party them;
	struct raw raw;
	party_init(&us, 0, "romeo@forza");
	party_init(&them, 1, "juliet@pronto");
	us.known.least = TROTH_LEVEL_UNVERIFIED;
	party_start(&us, TROTH_INITIATOR, &them, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, JULIET "<stream:features>" STARTTLS ">" OFFER
			     "<insecure/></offer></starttls></stream:features>");
	raw_say(&raw, PROCEED ">" OFFER "<insecure/></offer></proceed><message/>");
	assert_err(us.err, TROTH_E_PROTOCOL);
	assert_int_equal(us.stanzas, 0);
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
}

/* ---- at the other end ---- */

struct scene {
	struct party us;
	struct party them;
	struct raw raw;
};

static void open_recipient(struct scene *s)
{
	party_init(&s->us, 1, "juliet@pronto");
	party_init(&s->them, 0, "romeo@forza");
	party_knows(&s->us, &s->them, true);
	party_start(&s->us, TROTH_RECIPIENT, NULL, 0);
	raw_init(&s->raw, &s->us, s->them.device);
}

static void close_scene(struct scene *s)
{
	raw_fini(&s->raw);
	party_fini(&s->us);
	party_fini(&s->them);
}

static void say_key_request(struct scene *s)
{
	char request[300];
	(void)snprintf(request, sizeof request,
		       STARTTLS
		       ">" OFFER
		       "<keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%s</name></keyinfo>" MARK
		       "</offer></starttls>",
		       troth_cert_name(troth_device_cert(s->them.device)));
	raw_say(&s->raw, ROMEO);
	raw_say(&s->raw, request);
	raw_expect(&s->raw, "<proceed");
	assert_ok(raw_start_tls(&s->raw, TROTH_TLS_CLIENT, NULL, NULL));
}

static void stanza__before_tls__is_refused(void **state)
{
	(void)state;
	const char *stanzas[] = {"<message><body>x</body></message>", "<iq type='get' id='1'/>",
				 "<presence/>"};
	for (size_t i = 0; i < 3; i++) {
		struct scene s;
		open_recipient(&s);
		raw_say(&s.raw, ROMEO);
		raw_say(&s.raw, stanzas[i]);
		assert_err(s.us.err, TROTH_E_NO_TLS);
		assert_int_equal(s.us.stanzas, 0);
		close_scene(&s);
	}
}

static void recipient__says_nothing_inside__before_the_client_did(void **state)
{
	(void)state;
	struct scene s;
	open_recipient(&s);
	say_key_request(&s);
	raw_pump(&s.raw);
	assert_int_equal(troth_buf_len(&s.raw.heard), 0);
	close_scene(&s);
}

static void address__that_changes_inside_tls__is_refused(void **state)
{
	(void)state;
	const char *headers[] = {
		HEADER("mercutio@forza", "juliet@pronto"),
		HEADER("romeo@forza", "nurse@pronto"),
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' "
		"to='juliet@pronto' version='1.0'>",
		"<stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' "
		"from='romeo@forza' version='1.0'>",
	};
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		struct scene s;
		open_recipient(&s);
		say_key_request(&s);
		raw_say(&s.raw, headers[i]);
		assert_err(s.us.err, TROTH_E_ADDRESS);
		raw_expect(&s.raw, "<invalid-from");
		close_scene(&s);
	}
}

static void transcript__that_differs__is_an_attack(void **state)
{
	(void)state;
	struct scene s;
	open_recipient(&s);
	say_key_request(&s);
	raw_say(&s.raw, ROMEO);
	raw_say_transcript(&s.raw, true, false);
	assert_err(s.us.err, TROTH_E_DOWNGRADE);
	raw_expect(&s.raw, "<not-authorized");
	raw_expect(&s.raw, "<downgrade xmlns='urn:xmpp:troth:0'/>");
	assert_false(s.us.up);
	close_scene(&s);
	/* the right one is taken */
	open_recipient(&s);
	say_key_request(&s);
	raw_say(&s.raw, ROMEO);
	raw_say_transcript(&s.raw, true, true);
	assert_true(s.us.up);
	close_scene(&s);
}

static void transcript__that_is_missing_or_late__is_an_attack(void **state)
{
	(void)state;
	struct scene s;
	open_recipient(&s);
	say_key_request(&s);
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, "<message><body>x</body></message>");
	assert_err(s.us.err, TROTH_E_DOWNGRADE);
	assert_int_equal(s.us.stanzas, 0);
	close_scene(&s);
}

static void stanza__in_somebody_elses_name__ends_the_stream(void **state)
{
	(void)state;
	const char *stanzas[] = {"<message from='mercutio@forza'><body>x</body></message>",
				 "<message to='nurse@pronto'><body>x</body></message>",
				 "<message from=''><body>x</body></message>"};
	for (size_t i = 0; i < sizeof stanzas / sizeof *stanzas; i++) {
		struct scene s;
		open_recipient(&s);
		say_key_request(&s);
		raw_say(&s.raw, ROMEO);
		raw_say_transcript(&s.raw, true, true);
		raw_say(&s.raw,
			"<message from='romeo@forza' to='juliet@pronto'><body>x</body></message>");
		assert_int_equal(s.us.stanzas, 1);
		raw_say(&s.raw, stanzas[i]);
		assert_err(s.us.err, TROTH_E_ADDRESS);
		assert_int_equal(s.us.stanzas, 1);
		raw_expect(&s.raw, "<invalid-from");
		close_scene(&s);
	}
}

static void forbidden_xml__inside__is_told_from_broken_xml(void **state)
{
	(void)state;
	const struct {
		const char *xml;
		const char *told;
	} rows[] = {{"<!-- -->", "<restricted-xml"}, {"<a></b>", "<not-well-formed"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scene s;
		open_recipient(&s);
		say_key_request(&s);
		raw_say(&s.raw, ROMEO);
		raw_say_transcript(&s.raw, true, true);
		raw_say(&s.raw, rows[i].xml);
		assert_err(s.us.err, TROTH_E_XML);
		raw_expect(&s.raw, rows[i].told);
		close_scene(&s);
	}
}

static void own_key_and_own_address__are_refused(void **state)
{
	(void)state;
	struct scene s;
	/* our own address as the caller's */
	open_recipient(&s);
	raw_say(&s.raw, HEADER("juliet@pronto", "juliet@pronto"));
	assert_err(s.us.err, TROTH_E_ADDRESS); /* which anybody can say: no copy of this device */
	close_scene(&s);
	/* our own key, by somebody with a copy of it */
	open_recipient(&s);
	s.us.known = (struct troth_known){.least = TROTH_LEVEL_UNVERIFIED};
	s.raw.device = s.us.device;
	raw_say(&s.raw, ROMEO);
	raw_say(&s.raw, STARTTLS ">" OFFER "<insecure/></offer></starttls>");
	(void)!raw_start_tls(&s.raw, TROTH_TLS_CLIENT, NULL, NULL);
	assert_err(s.us.err, TROTH_E_SELF);
	assert_false(s.us.up);
	close_scene(&s);
}

static void proceed__with_less_than_asked__ends_the_stream(void **state)
{
	(void)state;
	const char *proceeds[] = {
		PROCEED "/>",
		PROCEED ">" OFFER "</offer></proceed>",
		PROCEED ">" OFFER "<insecure/></offer></proceed>",
		PROCEED ">" OFFER "<srp/><insecure/></offer></proceed>",
		PROCEED
		">" OFFER KEY("0123456789012345678901234567890123456789") "</offer></proceed>",
	};
	struct troth_secret *secret = party_secret("wherefore");
	for (size_t i = 0; i < sizeof proceeds / sizeof *proceeds; i++) {
		struct party us;
		struct party them;
		struct raw raw;
		party_init(&us, 0, "romeo@forza");
		party_init(&them, 1, "juliet@pronto");
		us.known.secret = secret;
		us.known.least = TROTH_LEVEL_PLAIN; /* a lax policy doesn't lower the floor */
		party_start(&us, TROTH_INITIATOR, &them, 0);
		raw_init(&raw, &us, them.device);
		raw_say(&raw, JULIET "<stream:features>" STARTTLS ">" OFFER
				     "<srp/><insecure/></offer></starttls></stream:features>");
		raw_expect(&raw, "<srp/>");
		assert_false(raw_heard(&raw, "<insecure/>"));
		raw_say(&raw, proceeds[i]);
		assert_err(us.err, TROTH_E_FLOOR);
		raw_fini(&raw);
		party_fini(&us);
		party_fini(&them);
	}
	troth_secret_free(secret);
}

static void features__without_tls__are_below_every_floor(void **state)
{
	(void)state;
	struct party us;
	struct party them;
	struct raw raw;
	party_init(&us, 0, "romeo@forza");
	party_init(&them, 1, "juliet@pronto");
	party_knows(&us, &them, true);
	us.known.least = TROTH_LEVEL_PLAIN;
	party_start(&us, TROTH_INITIATOR, &them, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, JULIET "<stream:features/>");
	assert_err(us.err, TROTH_E_NO_TLS);
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
}

static void answer__from_another_address__is_refused(void **state)
{
	(void)state;
	struct party us;
	struct party them;
	struct raw raw;
	party_init(&us, 0, "romeo@forza");
	party_init(&them, 1, "juliet@pronto");
	party_knows(&us, &them, true);
	party_start(&us, TROTH_INITIATOR, &them, 0);
	raw_init(&raw, &us, them.device);
	raw_say(&raw, HEADER("nurse@pronto", "romeo@forza"));
	assert_err(us.err, TROTH_E_ADDRESS);
	raw_fini(&raw);
	party_fini(&us);
	party_fini(&them);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers__changed_on_the_way__are_noticed),
		cmocka_unit_test(pake__taken_out_of_the_offers__is_noticed),
		cmocka_unit_test(offers__unchanged__succeed),
		cmocka_unit_test(bytes_in_clear__after_starttls__are_fatal),
		cmocka_unit_test(bytes_in_clear__after_proceed__are_fatal),
		cmocka_unit_test(stanza__before_tls__is_refused),
		cmocka_unit_test(recipient__says_nothing_inside__before_the_client_did),
		cmocka_unit_test(address__that_changes_inside_tls__is_refused),
		cmocka_unit_test(transcript__that_differs__is_an_attack),
		cmocka_unit_test(transcript__that_is_missing_or_late__is_an_attack),
		cmocka_unit_test(stanza__in_somebody_elses_name__ends_the_stream),
		cmocka_unit_test(forbidden_xml__inside__is_told_from_broken_xml),
		cmocka_unit_test(own_key_and_own_address__are_refused),
		cmocka_unit_test(proceed__with_less_than_asked__ends_the_stream),
		cmocka_unit_test(features__without_tls__are_below_every_floor),
		cmocka_unit_test(answer__from_another_address__is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
