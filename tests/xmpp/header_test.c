/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "xml/reader.h"
#include "xmpp/header.h"

static const struct troth_xml_limits limits = {2000, 4, 16};

static struct troth_stanza *open_item(struct troth_slice bytes)
{
	struct troth_xml_reader *r;
	struct troth_xml_item item;
	assert_ok(troth_xml_reader_new(&r, &limits));
	assert_ok(troth_xml_reader_feed(r, bytes));
	assert_ok(troth_xml_reader_next(r, &item));
	assert_int_equal(item.kind, TROTH_XML_OPEN);
	assert_int_equal(troth_xml_reader_offset(r), bytes.len);
	troth_xml_reader_free(r);
	return item.stanza;
}

static void header__is_read_back__as_written(void **state)
{
	(void)state;
	const struct troth_stream_header in = {"a'<b>@c", "\xc3\xa4@pronto", "i&d", "1.0"};
	struct troth_stream_header out;
	struct troth_buf buf;
	troth_buf_init(&buf, 1000);
	assert_ok(troth_header_write(&buf, &in));
	struct troth_stanza *open = open_item(troth_buf_slice(&buf));
	assert_ok(troth_header_read(&out, open));
	assert_string_equal(out.from, in.from);
	assert_string_equal(out.to, in.to);
	assert_string_equal(out.id, in.id);
	assert_string_equal(out.version, in.version);
	troth_stanza_free(open);
	troth_buf_fini(&buf);
}

static void header__leaves_out__what_is_absent(void **state)
{
	(void)state;
	const struct troth_stream_header none = {NULL, NULL, NULL, NULL};
	const char *text;
	struct troth_stream_header out;
	struct troth_buf buf;
	troth_buf_init(&buf, 1000);
	assert_ok(troth_header_write(&buf, &none));
	assert_ok(troth_buf_cstr(&buf, &text));
	assert_string_equal(text, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
				  "xmlns:stream='http://etherx.jabber.org/streams'>");
	struct troth_stanza *open = open_item(troth_buf_slice(&buf));
	assert_ok(troth_header_read(&out, open));
	assert_null(out.from);
	assert_null(out.to);
	assert_null(out.id);
	assert_null(out.version);
	troth_stanza_free(open);
	troth_buf_fini(&buf);
}

static void header__writes_nothing__on_errors(void **state)
{
	(void)state;
	const struct troth_stream_header bad = {"a", "\x01", NULL, "1.0"};
	const struct troth_stream_header good = {"a", "b", NULL, "1.0"};
	struct troth_buf buf;
	troth_buf_init(&buf, 125);
	assert_ok(troth_buf_append_str(&buf, "x"));
	assert_err(troth_header_write(&buf, &bad), TROTH_E_XML);
	assert_err(troth_header_write(&buf, &good), TROTH_E_LIMIT);
	assert_int_equal(troth_buf_len(&buf), 1);
	troth_buf_fini(&buf);
}

static void header__is_refused__with_other_names(void **state)
{
	(void)state;
	const char *bad[] = {
		"<stream>",
		"<stream xmlns='http://etherx.jabber.org/streams'>",
		"<s:stream xmlns:s='http://etherx.jabber.org/streams'>",
		"<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:server'>",
		"<s:streams xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client'>",
		"<s:stream xmlns:s='urn:other' xmlns='jabber:client'>",
		"<stream xmlns='jabber:client'>",
	};
	struct troth_stream_header out;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct troth_stanza *open = open_item(troth_slice_str(bad[i]));
		assert_err(troth_header_read(&out, open), TROTH_E_PROTOCOL);
		troth_stanza_free(open);
	}
	/* The prefix itself means nothing. */
	struct troth_stanza *open =
		open_item(troth_slice_str("<s:stream to='t' xmlns='jabber:client' "
					  "xmlns:s='http://etherx.jabber.org/streams'>"));
	assert_ok(troth_header_read(&out, open));
	assert_string_equal(out.to, "t");
	troth_stanza_free(open);
}

static void version__is_told_apart(void **state)
{
	(void)state;
	const struct {
		const char *text;
		enum troth_stream_version version;
	} cases[] = {
		{NULL, TROTH_VERSION_NONE},    {"1.0", TROTH_VERSION_1},
		{"1.10", TROTH_VERSION_1},     {"01.00", TROTH_VERSION_1},
		{"0.9", TROTH_VERSION_OTHER},  {"2.0", TROTH_VERSION_OTHER},
		{"10.0", TROTH_VERSION_OTHER}, {"1", TROTH_VERSION_OTHER},
		{"1.", TROTH_VERSION_OTHER},   {"1.0x", TROTH_VERSION_OTHER},
		{"", TROTH_VERSION_OTHER},     {" 1.0", TROTH_VERSION_OTHER},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct troth_stream_header h = {.version = cases[i].text};
		assert_int_equal(troth_header_version(&h), cases[i].version);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header__is_read_back__as_written),
		cmocka_unit_test(header__leaves_out__what_is_absent),
		cmocka_unit_test(header__writes_nothing__on_errors),
		cmocka_unit_test(header__is_refused__with_other_names),
		cmocka_unit_test(version__is_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
