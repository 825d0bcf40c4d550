/* SPDX-License-Identifier: MIT */
/* In-band bytestreams: opponents, and a line that loses things. */
#include "base/encode.h"
#include "ibb_pair.h"

/* ---- opponents, who speak to juliet in romeo's name, or in their own ---- */

#define IQ "<iq xmlns='jabber:client' type='set' id='a1'>"
#define IBB " xmlns='http://jabber.org/protocol/ibb' sid='" SID "'"
#define OPEN IQ "<open" IBB " block-size='16'/></iq>"
#define DATA(seq, text) IQ "<data" IBB " seq='" seq "'>" text "</data></iq>"

static void juliet_opened(struct pair *p)
{
	pair_init(p, 0, 0);
	assert_ok(feed_juliet(p, ROMEO, OPEN));
	assert_juliet_says(p, "type='result' id='a1' to='" ROMEO "'");
	assert_state(&p->end[1], TROTH_IBB_OPEN, TROTH_OK);
}

static void stanza__isnt_taken__from_anybody_else(void **state)
{
	static const char *const others[] = {"romeo@montague.example/cellar",
					     "romeo@montague.example", "tybalt@capulet.example/a",
					     "", NULL};
	static const char *const stanzas[] = {OPEN, DATA("0", "aGk="), IQ "<close" IBB "/></iq>",
					      "<iq xmlns='jabber:client' type='result' from='" ROMEO
					      "' id='a1'/>"};
	struct pair p;
	(void)state;
	juliet_opened(&p);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		for (size_t k = 0; k < sizeof stanzas / sizeof *stanzas; k++)
			assert_err(feed_juliet(&p, others[i], stanzas[k]), TROTH_E_NOT_FOUND);
	assert_juliet_silent(&p);
	assert_int_equal(troth_ibb_input(p.end[1].ibb).len, 0);
	assert_ok(feed_juliet(&p, ROMEO, DATA("0", "aGk=")));
	assert_int_equal(troth_ibb_input(p.end[1].ibb).len, 2);
	pair_fini(&p);
}

/* An answer with the right id from somebody else opens nothing and confirms nothing. */
static void answer__isnt_taken__from_anybody_else(void **state)
{
	struct pair p;
	struct troth_buf out;
	char xml[256];
	(void)state;
	pair_init(&p, 0, 0);
	troth_buf_init(&out, TROTH_LIMIT_STANZA_BYTES);
	assert_true(pull(&p, &p.end[0], &out));
	const char *id = strstr(p.end[0].last, "id='");
	assert_non_null(id);
	(void)snprintf(xml, sizeof xml, "<iq xmlns='jabber:client' type='result' id='%.32s'/>",
		       id + 4);
	assert_err(feed_text(&p.end[0], "tybalt@capulet.example/a", troth_slice_str(xml)),
		   TROTH_E_NOT_FOUND);
	assert_state(&p.end[0], TROTH_IBB_WAITING, TROTH_OK);
	assert_ok(feed_text(&p.end[0], JULIET, troth_slice_str(xml)));
	assert_state(&p.end[0], TROTH_IBB_OPEN, TROTH_OK);
	/* Nor twice. */
	assert_err(feed_text(&p.end[0], JULIET, troth_slice_str(xml)), TROTH_E_NOT_FOUND);
	troth_buf_fini(&out);
	pair_fini(&p);
}

struct bad {
	const char *xml;
	const char *says; /* then <close/> */
};

static void data__ends_it__when_it_is_wrong(void **state)
{
	static const struct bad bads[] = {
		/* XEP-0047 2.2: "the recipient returns an &unexpected; error" */
		{DATA("1", "aGk="), "type='cancel' <unexpected-request"},
		{DATA("65535", "aGk="), "type='cancel' <unexpected-request"},
		{DATA("65536", "aGk="), "type='cancel' <bad-request"},
		{DATA("-1", "aGk="), "<bad-request"},
		{DATA("", "aGk="), "<bad-request"},
		/* XEP-0047 7: "MUST reject (not ignore) any characters that are not explicitly
		 * allowed", "=AAA" and "BBBB=CCC" */
		{DATA("0", "=AAA"), "type='cancel' <bad-request"},
		{DATA("0", "BBBB=CCC"), "<bad-request"},
		{DATA("0", "aGk"), "<bad-request"},
		{DATA("0", "aGk=aGk="), "<bad-request"},
		{DATA("0", "aG-_"), "<bad-request"},
		{DATA("0", "aGl="), "<bad-request"},
		{DATA("0", "aGk=<a/>"), "<bad-request"},
		/* 17 bytes in a block of 16 */
		{DATA("0", "AAAAAAAAAAAAAAAAAAAAAAA="), "<bad-request"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		struct pair p;
		juliet_opened(&p);
		assert_ok(feed_juliet(&p, ROMEO, bads[i].xml));
		assert_int_equal(troth_ibb_input(p.end[1].ibb).len, 0);
		assert_state(&p.end[1], TROTH_IBB_FAILED, TROTH_E_PROTOCOL);
		assert_juliet_says(&p, bads[i].says);
		assert_juliet_says(&p, "<close type='set' sid='" SID "'");
		/* "nor any that follow it" */
		assert_ok(feed_juliet(&p, ROMEO, DATA("0", "aGk=")));
		assert_int_equal(troth_ibb_input(p.end[1].ibb).len, 0);
		assert_juliet_says(&p, "type='cancel' <item-not-found");
		assert_juliet_silent(&p);
		pair_fini(&p);
	}
}

static void data__is_taken__from_messages_and_with_white_space(void **state)
{
	struct pair p;
	(void)state;
	juliet_opened(&p);
	assert_ok(feed_juliet(&p, ROMEO,
			      "<message xmlns='jabber:client'><data" IBB
			      " seq='0'>\n  aG\n  k=\n</data></message>"));
	assert_juliet_silent(&p);
	assert_ok(feed_juliet(&p, ROMEO, DATA("1", "")));
	assert_ok(feed_juliet(&p, ROMEO, DATA("2", "ISE=")));
	assert_true(troth_slice_equal(troth_ibb_input(p.end[1].ibb), troth_slice_str("hi!!")));
	troth_ibb_consume(p.end[1].ibb, 4);
	assert_juliet_says(&p, "type='result' id='a1'");
	/* One that comes back as undeliverable ends it. */
	assert_ok(feed_juliet(&p, ROMEO,
			      "<message xmlns='jabber:client' type='error'><data" IBB
			      " seq='3'/></message>"));
	assert_state(&p.end[1], TROTH_IBB_FAILED, TROTH_E_TRUNCATED);
	pair_fini(&p);
}

static void open__is_refused__when_it_cant_be_kept(void **state)
{
	static const struct bad bads[] = {
		{IQ "<open" IBB "/></iq>", "<bad-request"},
		{IQ "<open" IBB " block-size='0'/></iq>", "<bad-request"},
		{IQ "<open" IBB " block-size='65536'/></iq>", "<bad-request"},
		{IQ "<open" IBB " block-size='16' stanza='pigeon'/></iq>", "<bad-request"},
		{IQ "<open" IBB " block-size='8193'/></iq>", "type='modify' <resource-constraint"},
		{DATA("0", "aGk="), "type='cancel' <item-not-found"},
		{IQ "<close" IBB "/></iq>", "type='cancel' <item-not-found"},
	};
	struct pair p;
	(void)state;
	pair_init(&p, 0, 0);
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		assert_ok(feed_juliet(&p, ROMEO, bads[i].xml));
		assert_juliet_says(&p, bads[i].says);
		assert_state(&p.end[1], TROTH_IBB_WAITING, TROTH_OK);
	}
	assert_ok(feed_juliet(&p, ROMEO, OPEN));
	assert_juliet_says(&p, "type='result'");
	assert_ok(feed_juliet(&p, ROMEO, OPEN));
	assert_juliet_says(&p, "type='cancel' <not-acceptable");
	assert_state(&p.end[1], TROTH_IBB_OPEN, TROTH_OK);
	pair_fini(&p);
}

/* Somebody who doesn't wait for answers. */
static void flood__ends_it__before_it_fills_the_memory(void **state)
{
	struct pair p;
	char xml[256];
	unsigned seq = 0;
	(void)state;
	juliet_opened(&p);
	while (troth_ibb_state(p.end[1].ibb) == TROTH_IBB_OPEN) {
		assert_true(seq <= TROTH_LIMIT_IBB_ANSWERS);
		(void)snprintf(xml, sizeof xml, IQ "<data" IBB " seq='%u'>aGk=</data></iq>", seq++);
		assert_ok(feed_juliet(&p, ROMEO, xml));
	}
	assert_state(&p.end[1], TROTH_IBB_FAILED, TROTH_E_LIMIT);
	pair_fini(&p);
}

/* The same without IQs, which nobody counts. */
static void flood_of_messages__ends_it__at_the_limit(void **state)
{
	static const uint8_t bytes[8192];
	struct troth_buf xml;
	struct pair p;
	(void)state;
	pair_init(&p, 0, 0);
	assert_ok(feed_juliet(&p, ROMEO, IQ "<open" IBB " block-size='8192'/></iq>"));
	troth_buf_init(&xml, TROTH_LIMIT_STANZA_BYTES);
	for (unsigned seq = 0; troth_ibb_state(p.end[1].ibb) == TROTH_IBB_OPEN; seq++) {
		char head[128];
		assert_true(troth_ibb_input(p.end[1].ibb).len <= TROTH_LIMIT_IBB_BYTES);
		(void)snprintf(head, sizeof head,
			       "<message xmlns='jabber:client'><data" IBB " seq='%u'>", seq);
		assert_ok(troth_buf_append_str(&xml, head));
		assert_ok(troth_base64_encode(&xml, troth_slice_of(bytes, sizeof bytes)));
		assert_ok(troth_buf_append_str(&xml, "</data></message>"));
		assert_ok(feed_text(&p.end[1], ROMEO, troth_buf_slice(&xml)));
		troth_buf_clear(&xml);
	}
	assert_state(&p.end[1], TROTH_IBB_FAILED, TROTH_E_LIMIT);
	troth_buf_fini(&xml);
	pair_fini(&p);
}

static void sender__fails__when_data_isnt_delivered_or_answered(void **state)
{
	struct pair p;
	struct troth_buf out;
	char xml[512];
	(void)state;
	for (int late = 0; late < 2; late++) {
		pair_init(&p, 0, 0);
		carry(&p);
		troth_buf_init(&out, TROTH_LIMIT_STANZA_BYTES);
		assert_ok(troth_ibb_write(p.end[0].ibb, troth_slice_str("hi")));
		assert_true(pull(&p, &p.end[0], &out));
		(void)snprintf(
			xml, sizeof xml,
			"<iq xmlns='jabber:client' type='error' id='%.32s'><error type='wait'>"
			"<recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
			"</error></iq>",
			strstr(p.end[0].last, "id='") + 4);
		if (late == 1) {
			assert_int_equal(troth_ibb_deadline(p.end[0].ibb), TROTH_TIME_IBB_ANSWER);
			troth_ibb_expire(p.end[0].ibb, TROTH_TIME_IBB_ANSWER - 1);
			assert_state(&p.end[0], TROTH_IBB_OPEN, TROTH_OK);
			troth_ibb_expire(p.end[0].ibb, TROTH_TIME_IBB_ANSWER);
			assert_state(&p.end[0], TROTH_IBB_FAILED, TROTH_E_TIMEOUT);
		} else {
			assert_ok(feed_text(&p.end[0], JULIET, troth_slice_str(xml)));
			assert_state(&p.end[0], TROTH_IBB_FAILED, TROTH_E_TRUNCATED);
		}
		troth_buf_clear(&out);
		assert_true(pull(&p, &p.end[0], &out));
		assert_non_null(strstr(p.end[0].last, "<close "));
		troth_buf_fini(&out);
		pair_fini(&p);
	}
}

static void refuse__answers__what_belongs_to_nothing(void **state)
{
	static const struct bad bads[] = {{OPEN, "<not-acceptable"},
					  {DATA("0", ""), "<item-not-found"},
					  {IQ "<close" IBB "/></iq>", "<item-not-found"}};
	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		struct troth_stanza *s;
		struct troth_buf out;
		struct troth_writer w;
		const char *text;
		assert_ok(troth_element_parse(&s, troth_slice_str(bads[i].xml)));
		troth_buf_init(&out, 1024);
		troth_writer_init(&w, &out, "jabber:client");
		assert_true(troth_ibb_refuse(&w, troth_stanza_root(s)));
		assert_ok(troth_writer_finish(&w));
		assert_ok(troth_buf_cstr(&out, &text));
		assert_non_null(strstr(text, bads[i].says));
		assert_non_null(strstr(text, "type='error' id='a1'"));
		troth_buf_fini(&out);
		troth_stanza_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stanza__isnt_taken__from_anybody_else),
		cmocka_unit_test(answer__isnt_taken__from_anybody_else),
		cmocka_unit_test(data__ends_it__when_it_is_wrong),
		cmocka_unit_test(data__is_taken__from_messages_and_with_white_space),
		cmocka_unit_test(open__is_refused__when_it_cant_be_kept),
		cmocka_unit_test(flood__ends_it__before_it_fills_the_memory),
		cmocka_unit_test(flood_of_messages__ends_it__at_the_limit),
		cmocka_unit_test(sender__fails__when_data_isnt_delivered_or_answered),
		cmocka_unit_test(refuse__answers__what_belongs_to_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
