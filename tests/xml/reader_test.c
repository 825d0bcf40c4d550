/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "transcript.h"

#include "base/limits.h"

static const struct troth_xml_limits small = {2000, 6, 8};

#define HEAD "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
#define HEAD_SEEN "[jabber:client] <{http://etherx.jabber.org/streams}stream>=0>\n"
#define S(literal) troth_slice_of(literal, sizeof literal - 1)

static void expect_cut(struct troth_slice doc, const struct troth_xml_limits *limits,
		       struct cut cut, const char *expected)
{
	char *seen = transcript_of(doc, limits, cut);
	if (strcmp(seen, expected) != 0)
		print_error("cut at %zu, then every %zu\n", cut.first, cut.step);
	assert_string_equal(seen, expected);
	free(seen);
}

/* Whole, byte by byte, and in two at every offset. */
static void expect_within(struct troth_slice doc, const struct troth_xml_limits *limits,
			  const char *expected)
{
	expect_cut(doc, limits, (struct cut){0, SIZE_MAX}, expected);
	expect_cut(doc, limits, (struct cut){0, 1}, expected);
	for (size_t at = 1; at < doc.len; at++)
		expect_cut(doc, limits, (struct cut){at, SIZE_MAX}, expected);
}

static void expect(struct troth_slice doc, const char *expected)
{
	expect_within(doc, &small, expected);
}

/* After a header, which is 85 bytes long. */
static void expect_inside(struct troth_slice inside, const char *expected)
{
	char doc[4096];
	char all[8192];
	size_t head = strlen(HEAD);
	assert_in_range(inside.len, 0, sizeof doc - head);
	memcpy(doc, HEAD, head);
	memcpy(doc + head, inside.data, inside.len);
	snprintf(all, sizeof all, "%zu open " HEAD_SEEN "%s", head, expected);
	expect(troth_slice_of(doc, head + inside.len), all);
}

static void reader__returns_items__with_exact_offsets(void **state)
{
	(void)state;
	const char doc[] =
		"<?xml version='1.0'?>" HEAD "<a/><b x='1'>t<c/>u</b> \n<d></d></stream:stream>\n";
	expect(S(doc),
	       "106 open " HEAD_SEEN "110 element <{jabber:client}a>=0>\n"
	       "129 element <{jabber:client}b {}x=\"1\">\"t\"<{jabber:client}c>=0>\"u\"=2>\n"
	       "138 element <{jabber:client}d>=0>\n"
	       "154 close \n");
}

static void reader__returns_open_and_close__when_the_root_is_empty(void **state)
{
	(void)state;
	expect(S("<x/>"), "4 open [] <{}x>=0>\n4 close \n");
}

static void reader__drops__what_follows_the_end(void **state)
{
	(void)state;
	expect(S("<x/><y/>"), "4 open [] <{}x>=0>\n4 close \n");
	expect(S("<x></x>junk"), "3 open [] <{}x>=0>\n7 close \n");
	expect(S("<x></x><!--c-->"), "3 open [] <{}x>=0>\n7 close \n");
	/* Found by fuzzing: expat saw an error here or not, depending on the cut. */
	expect(S("<x/>\nb\xca"), "4 open [] <{}x>=0>\n4 close \n");
}

static void reader__keeps_apart__attributes_of_different_namespaces(void **state)
{
	(void)state;
	expect_inside(S("<a lang='x' xml:lang='en' xmlns:p='urn:p' p:lang='y'/>"),
		      "139 element <{jabber:client}a {}lang=\"x\" "
		      "{http://www.w3.org/XML/1998/namespace}lang=\"en\" {urn:p}lang=\"y\">=0>\n");
}

static void reader__resolves__namespaces_and_references(void **state)
{
	(void)state;
	expect_inside(S("<p:a xmlns:p='urn:p'><b/><c "
			"xmlns=''/>&lt;&gt;&amp;&apos;&quot;&#65;&#x1F600;</p:a>"),
		      "168 element "
		      "<{urn:p}a><{jabber:client}b>=0><{}c>=0>\"<>&'\"A\xf0\x9f\x98\x80\"=10>\n");
	expect_inside(S("<a>x<![CDATA[<b>&amp;]]>y</a>"),
		      "114 element <{jabber:client}a>\"x<b>&amp;y\"=10>\n");
	expect_inside(S("<a>1\r\n2\r3&#13;</a>"),
		      "103 element <{jabber:client}a>\"1\n2\n3\r\"=6>\n");
}

static void reader__skips_white_space__however_much(void **state)
{
	(void)state;
	struct troth_buf doc;
	troth_buf_init(&doc, 65536);
	assert_ok(troth_buf_append_str(&doc, "<x>"));
	for (int i = 0; i < 3000; i++)
		assert_ok(troth_buf_append_str(&doc, i % 7 == 0 ? "\r\n" : " "));
	assert_ok(troth_buf_append_str(&doc, "<a/>"));
	char *whole = transcript_of(troth_buf_slice(&doc), &small, (struct cut){0, SIZE_MAX});
	assert_string_equal(whole, "3 open [] <{}x>=0>\n3436 element <{}a>=0>\n");
	expect_cut(troth_buf_slice(&doc), &small, (struct cut){0, 1}, whole);
	expect_cut(troth_buf_slice(&doc), &small, (struct cut){5, 777}, whole);
	free(whole);
	troth_buf_fini(&doc);
}

/* RFC 6120 11.1 */
static void reader__refuses__restricted_xml(void **state)
{
	(void)state;
	expect(S("<!DOCTYPE x><x>"), "error xml restricted\n");
	expect(S("<!DOCTYPE x SYSTEM 'http://127.0.0.1/x'><x>"), "error xml restricted\n");
	expect(S("<!--c--><x>"), "error xml restricted\n");
	expect(S("<?pi d?><x>"), "error xml restricted\n");
	expect_inside(S("<!--c-->"), "error xml restricted\n");
	expect_inside(S("<a/><a><!--c--></a>"),
		      "89 element <{jabber:client}a>=0>\nerror xml restricted\n");
	expect_inside(S("<a><?pi d?></a>"), "error xml restricted\n");
	expect_inside(S("<a>&nbsp;</a>"), "error xml restricted\n");
	expect_inside(S("<a b='&nbsp;'/>"), "error xml restricted\n");
}

static void reader__refuses__billion_laughs(void **state)
{
	(void)state;
	expect(S("<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;'>"
		 "<!ENTITY c '&b;&b;&b;&b;'>]><lolz>&c;</lolz>"),
	       "error xml restricted\n");
}

static void reader__refuses__what_is_not_well_formed(void **state)
{
	(void)state;
	expect(S("GET / HTTP/1.1\r\n"), "error xml\n");
	expect(S("\x16\x03\x01\x02"), "error xml\n");
	expect_inside(S("text"), "error xml\n");
	expect_inside(S("<![CDATA[x]]>"), "error xml\n");
	expect_inside(S("<a></b>"), "error xml\n");
	expect_inside(S("<a b='1' b='2'/>"), "error xml\n");
	expect_inside(S("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>"), "error xml\n");
	expect_inside(S("<a b=1/>"), "error xml\n");
	expect_inside(S("<a b='<'/>"), "error xml\n");
	expect_inside(S("<p:a/>"), "error xml\n");
	expect_inside(S("<a>&#0;</a>"), "error xml\n");
	expect_inside(S("<a>&#xD800;</a>"), "error xml\n");
	expect_inside(S("<a>&#xFFFF;</a>"), "error xml\n");
	expect_inside(S("<a>]]></a>"), "error xml\n");
	expect_inside(S("<?xml version='1.0'?><a/>"), "error xml\n");
	expect_inside(S("<a/></stream:strea>"), "89 element <{jabber:client}a>=0>\nerror xml\n");
}

static void reader__refuses__bytes_that_are_not_utf8(void **state)
{
	(void)state;
	expect_inside(S("<a>\xc0\xaf</a>"), "error xml\n");                 /* overlong '/' */
	expect_inside(S("<a>\xe0\x80\xaf</a>"), "error xml\n");             /* longer */
	expect_inside(S("<a>\xf0\x80\x80\xaf</a>"), "error xml\n");         /* longest */
	expect_inside(S("<a>\xed\xa0\x80</a>"), "error xml\n");             /* surrogate */
	expect_inside(S("<a>\xed\xa0\xbd\xed\xb8\x80</a>"), "error xml\n"); /* CESU-8 */
	expect_inside(S("<a>\xf4\x90\x80\x80</a>"), "error xml\n");         /* beyond U+10FFFF */
	expect_inside(S("<a>\xef\xbf\xbe</a>"), "error xml\n");             /* U+FFFE */
	expect_inside(S("<a>\x80</a>"), "error xml\n");
	expect_inside(S("<a>\xc3</a>"), "error xml\n");
	expect_inside(S("<a>\xff</a>"), "error xml\n");
	expect_inside(S("<a b='\xc0\xaf'/>"), "error xml\n");
	expect_inside(S("<a>\x1b[31m</a>"), "error xml\n");
	expect_inside(S("<a>\0</a>"), "error xml\n");
	expect_inside(S("<a b='\0'/>"), "error xml\n");
	expect_inside(S("\0"), "error xml\n");
}

/* RFC 6120 11.6 */
static void reader__refuses__other_encodings(void **state)
{
	(void)state;
	expect(S("<?xml version='1.0' encoding='ISO-8859-1'?><x>"), "error xml\n");
	expect(S("<?xml version='1.0' encoding='UTF-16'?><x>"), "error xml\n");
	expect(S("<?xml version='1.1'?><x>"), "error xml\n");
	expect(S("\xef\xbb\xbf<x>"), "error xml\n");
	expect(S("\xff\xfe<\0x\0>\0"), "error xml\n");
	expect(S("\xfe\xff\0<\0x\0>"), "error xml\n");
	expect(S("<\0x\0>\0"), "error xml\n");
	expect(S("\0<\0x\0>"), "error xml\n");
	expect(S("<?xml version='1.0' encoding='utf-8'?><x>"), "41 open [] <{}x>=0>\n");
}

static void reader__limits__depth_and_attributes(void **state)
{
	(void)state;
	const char six[] = "<x><a><a><a><a><a><a/></a></a></a></a></a>";
	const char seven[] = "<x><a><a><a><a><a><a><a/></a></a></a></a></a></a>";
	char *seen = transcript_of(S(six), &small, (struct cut){0, SIZE_MAX});
	assert_non_null(strstr(seen, "42 element"));
	free(seen);
	expect(S(seven), "3 open [] <{}x>=0>\nerror limit\n");
	expect(S("<x><a b='' c='' d='' e='' f='' g='' h='' i='' j=''/>"),
	       "3 open [] <{}x>=0>\nerror limit\n");
	expect(S("<x a1='' a2='' a3='' a4='' a5='' xmlns:a='a' xmlns:b='b' xmlns:c='c' "
		 "xmlns:d='d'>"),
	       "error limit\n");
}

/* An item of exactly the limit is accepted, one byte more isn't, whatever the cut. */
static void reader__limits__bytes_of_an_item_exactly(void **state)
{
	(void)state;
	const struct troth_xml_limits ten = {10, 6, 8};
	expect_within(S("<x><a>45678</a><b/><a>456</a>"), &(struct troth_xml_limits){12, 6, 8},
		      "3 open [] <{}x>=0>\n15 element <{}a>\"45678\"=5>\n"
		      "19 element <{}b>=0>\n29 element <{}a>\"456\"=3>\n");
	expect_within(S("<x><a>456</a><b/><a>4567</a>"), &ten,
		      "3 open [] <{}x>=0>\n13 element <{}a>\"456\"=3>\n17 element <{}b>=0>\nerror "
		      "limit\n");
	expect_within(S("<x><aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &ten,
		      "3 open [] <{}x>=0>\nerror limit\n");
	expect_within(S("           <x>"), &ten, "error limit\n");
	/* The error comes from the byte that is reached first. */
	expect_within(S("<x><a>\xff-----------------"), &ten, "3 open [] <{}x>=0>\nerror xml\n");
	expect_within(S("<x><a>-----------------\xff"), &ten, "3 open [] <{}x>=0>\nerror limit\n");
}

static char *repeated(const char *before, const char *piece, size_t times, const char *after)
{
	char *text = malloc(strlen(before) + times * strlen(piece) + strlen(after) + 1);
	assert_non_null(text);
	char *end = stpcpy(text, before);
	for (size_t i = 0; i < times; i++)
		end = stpcpy(end, piece);
	strcpy(end, after);
	return text;
}

static void reader__limits__memory_that_a_stanza_takes(void **state)
{
	(void)state;
	const struct troth_xml_limits limits = {TROTH_LIMIT_STANZA_BYTES, TROTH_LIMIT_STANZA_DEPTH,
						TROTH_LIMIT_STANZA_ATTRS};
	/* 50000 elements of four bytes each would take 40 times what they cost to send. */
	char *doc = repeated("<x><y>", "<a/>", 50000, "</y>");
	char *seen = transcript_of(troth_slice_str(doc), &limits, (struct cut){0, SIZE_MAX});
	assert_string_equal(seen, "3 open [] <{}x>=0>\nerror limit\n");
	free(seen);
	free(doc);
	/* Namespaces are copied, so long ones are refused. */
	char *ns = repeated("<x><y xmlns='", "0123456789abcdef", 100, "'/>");
	seen = transcript_of(troth_slice_str(ns), &limits, (struct cut){0, SIZE_MAX});
	assert_string_equal(seen, "3 open [] <{}x>=0>\nerror limit\n");
	free(seen);
	free(ns);
}

static void reader__reads__a_huge_attribute_in_small_pieces(void **state)
{
	(void)state;
	const struct troth_xml_limits limits = {TROTH_LIMIT_STANZA_BYTES, TROTH_LIMIT_STANZA_DEPTH,
						TROTH_LIMIT_STANZA_ATTRS};
	char *doc = repeated("<x><a b='", "0123456789abcde>", 16000, "'/>");
	char *whole = transcript_of(troth_slice_str(doc), &limits, (struct cut){0, SIZE_MAX});
	assert_int_equal(strncmp(whole, "3 open [] <{}x>=0>\n256012 element <{}a {}b=", 42), 0);
	expect_cut(troth_slice_str(doc), &limits, (struct cut){3, 1400}, whole);
	free(whole);
	/* Byte by byte it would take 30 seconds of scanning: refused long before. */
	char *bytes = transcript_of(troth_slice_str(doc), &limits, (struct cut){0, 1});
	assert_string_equal(bytes, "3 open [] <{}x>=0>\nerror limit\n");
	free(bytes);
	free(doc);
}

static void reader__refuses__input_that_nobody_takes(void **state)
{
	(void)state;
	struct troth_xml_reader *r;
	struct troth_xml_item item;
	char *doc = repeated("<x>", "<a/>", 1000, "");
	assert_ok(troth_xml_reader_new(&r, &small));
	int err = TROTH_OK;
	size_t fed = 0;
	for (; err == TROTH_OK; fed += 4000)
		err = troth_xml_reader_feed(r, troth_slice_str(doc));
	assert_err(err, TROTH_E_LIMIT);
	assert_in_range(fed, TROTH_LIMIT_INPUT_BYTES, TROTH_LIMIT_INPUT_BYTES + 8000);
	assert_err(troth_xml_reader_next(r, &item), TROTH_E_LIMIT);
	troth_xml_reader_free(r);
	free(doc);
}

static void reader__frees_everything__when_dropped_in_the_middle(void **state)
{
	(void)state;
	struct troth_xml_reader *r;
	struct troth_xml_item item;
	assert_ok(troth_xml_reader_new(&r, &small));
	assert_ok(troth_xml_reader_feed(r, S(HEAD "<a/><b><c>text")));
	assert_ok(troth_xml_reader_next(r, &item));
	assert_int_equal(item.kind, TROTH_XML_OPEN);
	troth_stanza_free(item.stanza);
	assert_ok(troth_xml_reader_next(r, &item));
	troth_stanza_free(item.stanza);
	assert_ok(troth_xml_reader_next(r, &item));
	assert_int_equal(item.kind, TROTH_XML_NONE);
	troth_xml_reader_free(r);
	troth_xml_reader_free(NULL);
}

static void element__finds__children_text_and_attributes(void **state)
{
	(void)state;
	struct troth_stanza *s;
	assert_ok(troth_element_parse(&s,
				      troth_slice_str(" <a xmlns='u' k='v' xml:lang='de'>x<b/>y<c "
						      "xmlns='w'>z</c><b n='2'/></a>\n")));
	const struct troth_element *a = troth_stanza_root(s);
	assert_true(troth_element_is(a, "u", "a"));
	assert_true(troth_element_is(a, NULL, NULL));
	assert_false(troth_element_is(a, "w", "a"));
	assert_false(troth_element_is(NULL, NULL, NULL));
	assert_string_equal(troth_element_text(a), "xy");
	assert_string_equal(troth_element_attr(a, "k"), "v");
	assert_null(troth_element_attr(a, "lang"));
	assert_null(troth_element_attr(a, "xml:lang"));
	assert_string_equal(troth_element_attr_ns(a, TROTH_NS_XML, "lang"), "de");
	assert_string_equal(troth_element_text(troth_element_child(a, "w", NULL)), "z");
	const struct troth_element *b = troth_element_first(a);
	assert_string_equal(troth_element_name(b), "b");
	assert_null(troth_element_attr(b, "n"));
	b = troth_element_next(troth_element_next(b));
	assert_string_equal(troth_element_attr(b, "n"), "2");
	assert_null(troth_element_next(b));
	assert_null(troth_element_child(a, "u", "c"));
	assert_null(troth_element_first(NULL));
	assert_null(troth_element_attr(NULL, "n"));
	assert_string_equal(troth_element_text(NULL), "");
	troth_stanza_free(s);
	troth_stanza_free(NULL);
}

static void element_parse__refuses__all_but_one_element(void **state)
{
	(void)state;
	struct troth_stanza *s = NULL;
	const char *bad[] = {"",
			     " ",
			     "<a>",
			     "<a/><b/>",
			     "<a/>x",
			     "x<a/>",
			     "</x>",
			     "<a/></x>",
			     "<a/>&#32;",
			     "<a/><!--c-->",
			     "<?xml version='1.0'?><a/>",
			     "<a/><",
			     "<!--c--><a/>"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_err(troth_element_parse(&s, troth_slice_str(bad[i])), TROTH_E_XML);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader__returns_items__with_exact_offsets),
		cmocka_unit_test(reader__returns_open_and_close__when_the_root_is_empty),
		cmocka_unit_test(reader__drops__what_follows_the_end),
		cmocka_unit_test(reader__keeps_apart__attributes_of_different_namespaces),
		cmocka_unit_test(reader__resolves__namespaces_and_references),
		cmocka_unit_test(reader__skips_white_space__however_much),
		cmocka_unit_test(reader__refuses__restricted_xml),
		cmocka_unit_test(reader__refuses__billion_laughs),
		cmocka_unit_test(reader__refuses__what_is_not_well_formed),
		cmocka_unit_test(reader__refuses__bytes_that_are_not_utf8),
		cmocka_unit_test(reader__refuses__other_encodings),
		cmocka_unit_test(reader__limits__depth_and_attributes),
		cmocka_unit_test(reader__limits__bytes_of_an_item_exactly),
		cmocka_unit_test(reader__limits__memory_that_a_stanza_takes),
		cmocka_unit_test(reader__reads__a_huge_attribute_in_small_pieces),
		cmocka_unit_test(reader__refuses__input_that_nobody_takes),
		cmocka_unit_test(reader__frees_everything__when_dropped_in_the_middle),
		cmocka_unit_test(element__finds__children_text_and_attributes),
		cmocka_unit_test(element_parse__refuses__all_but_one_element),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
