/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "xml/writer.h"
#include "xmpp/error.h"
#include "xmpp/header.h"

#include <stdio.h>

/* Reads bytes as they would stand inside a stream; the caller frees. */
static struct troth_stanza *in_stream(const char *bytes)
{
	char doc[1024];
	struct troth_stanza *s;
	int len = snprintf(doc, sizeof doc,
			   "<x xmlns='jabber:client' xmlns:stream='" TROTH_NS_STREAMS "'>%s</x>",
			   bytes);
	assert_in_range(len, 1, sizeof doc - 1);
	assert_ok(troth_element_parse(&s, troth_slice_str(doc)));
	return s;
}

static void stream_error__is_read_back__for_every_condition(void **state)
{
	(void)state;
	for (int c = 0; c <= TROTH_STREAM_UNSUPPORTED_VERSION; c++) {
		const char *reason = c % 2 == 0 ? "downgrade" : NULL;
		const char *text;
		struct troth_buf buf;
		struct troth_writer w;
		struct troth_stream_error e;
		troth_buf_init(&buf, 1000);
		troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
		troth_stream_error_write(&w, (enum troth_stream_condition)c, reason);
		assert_ok(troth_writer_finish(&w));
		assert_ok(troth_buf_cstr(&buf, &text));
		struct troth_stanza *s = in_stream(text);
		assert_true(troth_stream_error_read(&e, troth_element_first(troth_stanza_root(s))));
		assert_int_equal(e.condition, c);
		assert_string_equal(e.reason == NULL ? "none" : e.reason,
				    reason == NULL ? "none" : reason);
		assert_string_equal(e.text, "");
		troth_stanza_free(s);
		troth_buf_fini(&buf);
	}
}

static void stream_error__is_written__as_rfc_6120_has_it(void **state)
{
	(void)state;
	struct troth_buf buf;
	struct troth_writer w;
	const char *text;
	troth_buf_init(&buf, 1000);
	troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
	troth_stream_error_write(&w, TROTH_STREAM_NOT_AUTHORIZED, "guess");
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_buf_cstr(&buf, &text));
	assert_string_equal(text, "<stream:error>"
				  "<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
				  "<guess xmlns='urn:xmpp:troth:0'/></stream:error>");
	troth_buf_fini(&buf);
}

static void stream_error__reads__what_it_does_not_know(void **state)
{
	(void)state;
	struct troth_stream_error e;
	struct troth_stanza *s = in_stream(
		"<stream:error><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>why</text>"
		"<new xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><reset xmlns='urn:other'/>"
		"</stream:error>");
	assert_true(troth_stream_error_read(&e, troth_element_first(troth_stanza_root(s))));
	assert_int_equal(e.condition, TROTH_STREAM_UNDEFINED_CONDITION);
	assert_null(e.reason);
	assert_string_equal(e.text, "why");
	troth_stanza_free(s);
	s = in_stream("<error/>");
	assert_false(troth_stream_error_read(&e, troth_element_first(troth_stanza_root(s))));
	assert_false(troth_stream_error_read(&e, NULL));
	troth_stanza_free(s);
}

static void stanza_error__is_read_back__for_every_condition(void **state)
{
	(void)state;
	for (int c = 0; c <= TROTH_STANZA_UNEXPECTED_REQUEST; c++) {
		const char *text;
		struct troth_buf buf;
		struct troth_writer w;
		troth_buf_init(&buf, 1000);
		troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
		troth_writer_open(&w, TROTH_NS_CLIENT, "iq");
		troth_stanza_error_write(&w, (enum troth_stanza_condition)c);
		troth_writer_close(&w);
		assert_ok(troth_writer_finish(&w));
		assert_ok(troth_buf_cstr(&buf, &text));
		assert_non_null(
			strstr(text, troth_stanza_condition_name((enum troth_stanza_condition)c)));
		struct troth_stanza *s = in_stream(text);
		assert_int_equal(troth_stanza_error_read(troth_element_first(troth_stanza_root(s))),
				 c);
		troth_stanza_free(s);
		troth_buf_fini(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_error__is_read_back__for_every_condition),
		cmocka_unit_test(stream_error__is_written__as_rfc_6120_has_it),
		cmocka_unit_test(stream_error__reads__what_it_does_not_know),
		cmocka_unit_test(stanza_error__is_read_back__for_every_condition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
