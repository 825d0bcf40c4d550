/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "transcript.h"
#include "xml/writer.h"

#define CLIENT "jabber:client"

struct fixture {
	struct troth_buf buf;
	struct troth_writer w;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	troth_buf_init(&f->buf, 65536);
	assert_ok(troth_buf_append_str(&f->buf, "before"));
	troth_writer_init(&f->w, &f->buf, CLIENT);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	troth_buf_fini(&f->buf);
	free(f);
	return 0;
}

static void expect_written(struct fixture *f, const char *expected)
{
	const char *text;
	assert_ok(troth_writer_finish(&f->w));
	assert_ok(troth_buf_cstr(&f->buf, &text));
	assert_string_equal(text + strlen("before"), expected);
}

/* On an error what stood before is all that stands after, and the writer starts again. */
static void expect_refused(struct fixture *f, int err)
{
	const char *text;
	troth_writer_leaf(&f->w, CLIENT, "after", "the error");
	assert_err(troth_writer_finish(&f->w), err);
	assert_err(troth_writer_finish(&f->w), err);
	assert_ok(troth_buf_cstr(&f->buf, &text));
	assert_string_equal(text, "before");
	troth_writer_init(&f->w, &f->buf, CLIENT);
}

static void writer__declares__namespaces_where_they_change(void **state)
{
	struct fixture *f = *state;
	troth_writer_open(&f->w, CLIENT, "iq");
	troth_writer_attr(&f->w, "type", "get");
	troth_writer_attr(&f->w, "id", NULL);
	troth_writer_open(&f->w, "urn:a", "q");
	troth_writer_leaf(&f->w, "urn:a", "x", NULL);
	troth_writer_leaf(&f->w, CLIENT, "y", "t");
	troth_writer_leaf(&f->w, "", "z", "");
	troth_writer_close(&f->w);
	troth_writer_leaf(&f->w, CLIENT, "w", NULL);
	troth_writer_close(&f->w);
	expect_written(f, "<iq type='get'><q xmlns='urn:a'><x/><y xmlns='jabber:client'>t</y>"
			  "<z xmlns=''/></q><w/></iq>");
}

static void writer__uses_the_prefix__for_the_streams_namespace(void **state)
{
	struct fixture *f = *state;
	troth_writer_open(&f->w, TROTH_NS_STREAMS, "features");
	troth_writer_leaf(&f->w, CLIENT, "a", NULL);
	troth_writer_leaf(&f->w, "urn:b", "b", NULL);
	troth_writer_close(&f->w);
	expect_written(f, "<stream:features><a/><b xmlns='urn:b'/></stream:features>");
}

static void writer__escapes__what_a_parser_would_change(void **state)
{
	struct fixture *f = *state;
	troth_writer_open(&f->w, CLIENT, "a");
	troth_writer_attr(&f->w, "b", "<>&'\" \t\r\n\xc3\xa4");
	troth_writer_attr(&f->w, "xml:lang", "en");
	troth_writer_text(&f->w, "<>&'\" \t\r\n]]>\xf0\x9f\x98\x80");
	troth_writer_base64(&f->w, troth_slice_of("\xff\x00", 2));
	troth_writer_close(&f->w);
	expect_written(f, "<a b='&lt;&gt;&amp;&apos;&quot; &#9;&#13;&#10;\xc3\xa4' xml:lang='en'>"
			  "&lt;&gt;&amp;'\" \t&#13;\n]]&gt;\xf0\x9f\x98\x80/wA=</a>");
}

static void writer__refuses__text_that_xml_can_not_carry(void **state)
{
	struct fixture *f = *state;
	const char *bad[] = {
		"\x01", "\x1b[0m",      "\xff",          "\xc0\xaf",         "\xed\xa0\x80",
		"\xc3", "\xef\xbf\xbe", "a\xef\xbf\xbf", "\xf4\x90\x80\x80", "\x80"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		troth_writer_leaf(&f->w, CLIENT, "a", bad[i]);
		expect_refused(f, TROTH_E_XML);
		troth_writer_open(&f->w, CLIENT, "a");
		troth_writer_attr(&f->w, "b", bad[i]);
		troth_writer_close(&f->w);
		expect_refused(f, TROTH_E_XML);
		troth_writer_leaf(&f->w, bad[i], "a", NULL);
		expect_refused(f, TROTH_E_XML);
	}
	troth_writer_leaf(&f->w, CLIENT, "a", "\xef\xbf\xbd\x7f\xc2\x80");
	expect_written(f, "<a>\xef\xbf\xbd\x7f\xc2\x80</a>");
}

/* Text is looked at in blocks: what matters may stand anywhere in one, and across two. */
static void put_at(char text[128], size_t at, const char *piece)
{
	memset(text, '.', 96);
	memcpy(text + at, piece, strlen(piece));
	text[96] = 0;
}

static void writer__escapes__wherever_it_stands_in_a_long_text(void **state)
{
	struct fixture *f = *state;
	char text[128];
	char expected[256];
	for (size_t at = 0; at < 64; at++) {
		put_at(text, at, "a<\u00e9\r&\u20ac");
		int rest = (int)(96 - at - 9);
		(void)snprintf(expected, sizeof expected,
			       "<a>%.*sa&lt;\u00e9&#13;&amp;\u20ac%.*s</a>", (int)at, text, rest,
			       text + at + 9);
		troth_writer_leaf(&f->w, CLIENT, "a", text);
		expect_written(f, expected);
		troth_buf_truncate(&f->buf, strlen("before"));
		troth_writer_init(&f->w, &f->buf, CLIENT);
	}
}

static void writer__refuses__what_is_no_text__wherever_it_stands_in_a_long_one(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = {"\x01",         "\xc3",         "\xe2\x82",
					  "\x80",         "\xef\xbf\xbe", "\xc0\x80",
					  "\xed\xa0\x80", "\u20ac\xff",   "<&\x1f"};
	char text[128];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		for (size_t at = 0; at < 64; at++) {
			put_at(text, at, bad[i]);
			troth_writer_leaf(&f->w, CLIENT, "a", text);
			expect_refused(f, TROTH_E_XML);
		}
	}
}

static void writer__refuses__names_that_are_none(void **state)
{
	struct fixture *f = *state;
	const char *bad[] = {"",    "1",  "-a",  ".a",    "a b",     "a>",
			     "a:b", "a/", "a\n", "a='1'", "\xc3\xa4"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		troth_writer_leaf(&f->w, CLIENT, bad[i], NULL);
		expect_refused(f, TROTH_E_INVAL);
		troth_writer_open(&f->w, CLIENT, "a");
		troth_writer_attr(&f->w, bad[i], "v");
		troth_writer_close(&f->w);
		expect_refused(f, TROTH_E_INVAL);
	}
	troth_writer_leaf(&f->w, TROTH_NS_XMLNS, "a", NULL);
	expect_refused(f, TROTH_E_INVAL);
	troth_writer_leaf(&f->w, NULL, "a", NULL);
	expect_refused(f, TROTH_E_INVAL);
}

static void writer__refuses__an_attribute_twice(void **state)
{
	struct fixture *f = *state;
	troth_writer_open(&f->w, CLIENT, "a");
	troth_writer_attr(&f->w, "id", "1");
	troth_writer_attr(&f->w, "x", "y' id='2");
	troth_writer_attr(&f->w, "i", " xid=");
	troth_writer_attr(&f->w, "xml:id", "3");
	troth_writer_open(&f->w, CLIENT, "b");
	troth_writer_attr(&f->w, "id", "another element's");
	troth_writer_close(&f->w);
	troth_writer_close(&f->w);
	expect_written(f, "<a id='1' x='y&apos; id=&apos;2' i=' xid=' xml:id='3'>"
			  "<b id='another element&apos;s'/></a>");
	const char *twice[] = {"id", "xml:id", "xmlns"};
	for (size_t i = 0; i < 3; i++) {
		troth_buf_truncate(&f->buf, strlen("before"));
		troth_writer_init(&f->w, &f->buf, CLIENT);
		troth_writer_open(&f->w, CLIENT, "a");
		troth_writer_attr(&f->w, twice[i], "1");
		troth_writer_attr(&f->w, "z", "1");
		troth_writer_attr(&f->w, twice[i], "1");
		troth_writer_close(&f->w);
		expect_refused(f, TROTH_E_INVAL);
	}
}

static void writer__refuses__calls_that_do_not_balance(void **state)
{
	struct fixture *f = *state;
	troth_writer_open(&f->w, CLIENT, "a");
	assert_err(troth_writer_finish(&f->w), TROTH_E_INVAL);
	troth_writer_init(&f->w, &f->buf, CLIENT);
	troth_writer_close(&f->w);
	expect_refused(f, TROTH_E_INVAL);
	troth_writer_text(&f->w, "outside");
	expect_refused(f, TROTH_E_INVAL);
	troth_writer_base64(&f->w, troth_slice_str("outside"));
	expect_refused(f, TROTH_E_INVAL);
	troth_writer_attr(&f->w, "a", "outside");
	expect_refused(f, TROTH_E_INVAL);
	troth_writer_open(&f->w, CLIENT, "a");
	troth_writer_text(&f->w, "t");
	troth_writer_attr(&f->w, "late", "1");
	troth_writer_close(&f->w);
	expect_refused(f, TROTH_E_INVAL);
	troth_writer_copy(&f->w, NULL);
	expect_refused(f, TROTH_E_INVAL);
}

static void writer__limits__depth_and_the_buffer(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < TROTH_WRITER_DEPTH + 1; i++)
		troth_writer_open(&f->w, CLIENT, "a");
	expect_refused(f, TROTH_E_LIMIT);
	for (size_t i = 0; i < TROTH_WRITER_DEPTH; i++)
		troth_writer_open(&f->w, CLIENT, "a");
	for (size_t i = 0; i < TROTH_WRITER_DEPTH; i++)
		troth_writer_close(&f->w);
	assert_ok(troth_writer_finish(&f->w));
	struct troth_buf little;
	struct troth_writer w;
	for (size_t max = 0; max < 25; max++) {
		troth_buf_init(&little, max);
		troth_writer_init(&w, &little, CLIENT);
		troth_writer_open(&w, "u", "a");
		troth_writer_attr(&w, "b", "&");
		troth_writer_close(&w);
		int err = troth_writer_finish(&w);
		assert_err(err, max < 24 ? TROTH_E_LIMIT : TROTH_OK);
		assert_int_equal(troth_buf_len(&little), err == TROTH_OK ? 24 : 0);
		troth_buf_fini(&little);
	}
}

static char *tree_of(const struct troth_element *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	transcript_element(out, e);
	fclose(out);
	return text;
}

/* Reads xml as it would be inside a stream, copies it, reads the copy. */
static void expect_same_after_copy(struct troth_slice xml)
{
	struct troth_stanza *first;
	struct troth_stanza *second;
	struct troth_buf copy;
	struct troth_writer w;
	troth_buf_init(&copy, 1 << 20);
	assert_ok(troth_element_parse(&first, xml));
	troth_writer_init(&w, &copy, "");
	troth_writer_copy(&w, troth_stanza_root(first));
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_element_parse(&second, troth_buf_slice(&copy)));
	char *a = tree_of(troth_stanza_root(first));
	char *b = tree_of(troth_stanza_root(second));
	assert_string_equal(a, b);
	free(a);
	free(b);
	troth_stanza_free(first);
	troth_stanza_free(second);
	troth_buf_fini(&copy);
}

static void copy__keeps__the_tree(void **state)
{
	(void)state;
	const char *docs[] = {
		"<a/>",
		"<a>x<b/>y<b>z</b> <c/>\n</a>",
		"<p:a xmlns:p='urn:p' xmlns='urn:d'><b/><p:c/><d xmlns=''><e/><p:f/></d></p:a>",
		"<a xml:lang='de' lang='x' xmlns:p='urn:p' p:lang='y' xmlns:a0='urn:q' a0:a1='z'/>",
		"<a xmlns:p='urn:p' p:x='1'><b p:x='2' xmlns='urn:p' x='3'/></a>",
		"<a b='&#9;&#10;&#13;&lt;&amp;&apos;&quot;'>&#13;&#10;&#9;&lt;]]&gt;&amp;</a>",
		"<xml:a xml:b='c'><d/></xml:a>",
		"<\xc3\xa4 \xc3\xb6='\xc3\xbc'>\xc3\x9f</\xc3\xa4>",
		"<a xmlns='jabber:client'><b xmlns='urn:b'><a xmlns='jabber:client'/></b><c/></a>",
	};
	for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
		expect_same_after_copy(troth_slice_str(docs[i]));
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void write_random(struct troth_writer *w, uint32_t *seed, size_t depth)
{
	static const char *const ns[] = {"", "jabber:client", "urn:a", "urn:b'<&>", TROTH_NS_XML};
	static const char *const names[] = {"a", "b-1", "c.d", "_e"};
	static const char *const texts[] = {
		"", "plain", "<&>'\"", "\r\n\t ", "\xe2\x82\xac\xf0\x9f\x98\x80", "]]>"};
	troth_writer_open(w, ns[random_next(seed) % 5], names[random_next(seed) % 4]);
	for (size_t i = 0; i < 4; i++)
		if (random_next(seed) % 3 == 0)
			troth_writer_attr(w, names[i], texts[random_next(seed) % 6]);
	if (random_next(seed) % 4 == 0)
		troth_writer_attr(w, "xml:lang", texts[random_next(seed) % 6]);
	size_t children = depth == 0 ? 0 : random_next(seed) % 4;
	for (size_t i = 0; i < children; i++) {
		troth_writer_text(w, texts[random_next(seed) % 6]);
		write_random(w, seed, depth - 1);
	}
	troth_writer_text(w, texts[random_next(seed) % 6]);
	troth_writer_close(w);
}

static void writer__is_read_back__for_generated_trees(void **state)
{
	(void)state;
	uint32_t seed = 250;
	for (int i = 0; i < 500; i++) {
		struct troth_buf buf;
		struct troth_writer w;
		troth_buf_init(&buf, 1 << 18);
		troth_writer_init(&w, &buf, "");
		write_random(&w, &seed, 4);
		assert_ok(troth_writer_finish(&w));
		expect_same_after_copy(troth_buf_slice(&buf));
		troth_buf_fini(&buf);
	}
}

/* What is copied into a stream means there what it meant where it came from. */
static void copy__declares__the_namespace_where_the_context_differs(void **state)
{
	struct fixture *f = *state;
	struct troth_stanza *s;
	assert_ok(troth_element_parse(&s, troth_slice_str("<a><b xmlns='jabber:client'/></a>")));
	troth_writer_open(&f->w, CLIENT, "m");
	troth_writer_copy(&f->w, troth_stanza_root(s));
	troth_writer_copy(&f->w, troth_element_first(troth_stanza_root(s)));
	troth_writer_close(&f->w);
	expect_written(f, "<m><a xmlns=''><b xmlns='jabber:client'/></a><b/></m>");
	troth_stanza_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writer__declares__namespaces_where_they_change),
		TEST(writer__uses_the_prefix__for_the_streams_namespace),
		TEST(writer__escapes__what_a_parser_would_change),
		TEST(writer__escapes__wherever_it_stands_in_a_long_text),
		TEST(writer__refuses__what_is_no_text__wherever_it_stands_in_a_long_one),
		TEST(writer__refuses__text_that_xml_can_not_carry),
		TEST(writer__refuses__names_that_are_none),
		TEST(writer__refuses__an_attribute_twice),
		TEST(writer__refuses__calls_that_do_not_balance),
		TEST(writer__limits__depth_and_the_buffer),
		TEST(copy__declares__the_namespace_where_the_context_differs),
		cmocka_unit_test(copy__keeps__the_tree),
		cmocka_unit_test(writer__is_read_back__for_generated_trees),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
