/* SPDX-License-Identifier: MIT */
/* What arrives once the stream is up, in one piece or with nothing after it. */
#include "raw.h"

#include "base/slice.h"

#include <stdio.h>

#define HEADER                                                                                     \
	"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "    \
	"from='romeo@forza' to='juliet@pronto' version='1.0'>"
#define REQUEST "<iq type='get' id='%d'><pubkeys xmlns='urn:xmpp:tmp:pubkey'/></iq>"

struct stage {
	struct party us;
	struct party them; /* only its device and address */
	struct raw raw;
};

static void secure_within(struct stage *s, size_t bytes, size_t depth)
{
	party_init(&s->us, 1, "juliet@pronto");
	party_init(&s->them, 0, "romeo@forza");
	party_knows(&s->us, &s->them, true);
	s->us.stanza_bytes = bytes;
	s->us.stanza_depth = depth;
	party_start(&s->us, TROTH_RECIPIENT, NULL, 0);
	raw_init(&s->raw, &s->us, s->them.device);
	char request[400];
	(void)snprintf(request, sizeof request,
		       "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><offer "
		       "xmlns='urn:xmpp:tmp:c2ctls'><keyinfo xmlns='urn:xmpp:tmp:pubkey'><name>%s"
		       "</name></keyinfo></offer></starttls>",
		       troth_cert_name(troth_device_cert(s->them.device)));
	raw_say(&s->raw, HEADER);
	raw_say(&s->raw, request);
	raw_expect(&s->raw, "<proceed");
	assert_ok(raw_start_tls(&s->raw, TROTH_TLS_CLIENT, NULL, NULL));
	raw_say(&s->raw, HEADER);
	assert_true(s->us.up);
}

/* Ours is the recipient, secured by the peer's pinned key. */
static void secure(struct stage *s)
{
	secure_within(s, 0, 0);
}

static void end(struct stage *s)
{
	raw_fini(&s->raw);
	party_fini(&s->us);
	party_fini(&s->them);
}

/* Each request is dealt with and gone, although none of them is an event: leaks show under the
 * sanitizers and valgrind. */
static void requests_for_keys__are_all_answered__when_they_come_together(void **state)
{
	(void)state;
	struct stage s;
	char requests[3 * sizeof REQUEST + 100];
	secure(&s);
	(void)snprintf(requests, sizeof requests,
		       REQUEST REQUEST REQUEST "<message><body>last</body></message>", 1, 2, 3);
	raw_say(&s.raw, requests);
	raw_expect(&s.raw, "id='1'");
	raw_expect(&s.raw, "id='2'");
	raw_expect(&s.raw, "id='3'");
	assert_int_equal(s.us.stanzas, 1);
	assert_string_equal(s.us.heard, "last");
	end(&s);
}

/* stream.h: "After TROTH_EVENT_CLOSED only NONE follows." */
static void closed__is_the_last_event__when_tracing(void **state)
{
	(void)state;
	struct party us;
	struct troth_event e;
	size_t traces = 0;
	party_init(&us, 1, "juliet@pronto");
	struct troth_stream_params params = {
		.role = TROTH_RECIPIENT, .local = us.address, .trace = true};
	assert_ok(troth_stream_new(&us.stream, us.engine, &params, 0));
	troth_stream_feed(us.stream, troth_slice_str("<not a stream"), 0);
	troth_stream_feed_end(us.stream, 0);
	do {
		troth_stream_next(us.stream, 0, &e);
		traces += e.type == TROTH_EVENT_STATE;
		assert_int_not_equal(e.type, TROTH_EVENT_NONE);
	} while (e.type != TROTH_EVENT_CLOSED);
	assert_int_not_equal(traces, 0);
	for (int i = 0; i < 3; i++) {
		troth_stream_next(us.stream, 1000000, &e);
		assert_int_equal(e.type, TROTH_EVENT_NONE);
	}
	party_fini(&us);
}

/* A message with a body of n bytes, or with n levels inside it. */
static void say_long(struct stage *s, size_t n)
{
	struct troth_buf xml;
	const char *text;
	troth_buf_init(&xml, 1 << 20);
	assert_ok(troth_buf_append_str(&xml, "<message><body>"));
	for (size_t i = 0; i < n; i++)
		assert_ok(troth_buf_append_byte(&xml, 'a'));
	assert_ok(troth_buf_append_str(&xml, "</body></message>"));
	assert_ok(troth_buf_cstr(&xml, &text));
	raw_say(&s->raw, text);
	troth_buf_fini(&xml);
}

static void say_deep(struct stage *s, size_t n)
{
	struct troth_buf xml;
	const char *text;
	troth_buf_init(&xml, 1 << 20);
	assert_ok(troth_buf_append_str(&xml, "<message>"));
	for (size_t i = 1; i < n; i++)
		assert_ok(troth_buf_append_str(&xml, "<a>"));
	for (size_t i = 1; i < n; i++)
		assert_ok(troth_buf_append_str(&xml, "</a>"));
	assert_ok(troth_buf_append_str(&xml, "</message>"));
	assert_ok(troth_buf_cstr(&xml, &text));
	raw_say(&s->raw, text);
	troth_buf_fini(&xml);
}

static void stanza__is_limited__to_what_was_set_or_the_usual(void **state)
{
	(void)state;
	const struct {
		size_t set_bytes;
		size_t set_depth;
		size_t fits;
		size_t too_much;
		bool deep;
	} rows[] = {{0, 0, 262000, 262200, false},
		    {1000, 0, 900, 1100, false},
		    {300000, 0, 299000, 301000, false},
		    {0, 0, 64, 65, true},
		    {0, 10, 10, 11, true}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct stage s;
		secure_within(&s, rows[i].set_bytes, rows[i].set_depth);
		(rows[i].deep ? say_deep : say_long)(&s, rows[i].fits);
		assert_int_equal(s.us.stanzas, 1);
		(rows[i].deep ? say_deep : say_long)(&s, rows[i].too_much);
		assert_err(s.us.err, TROTH_E_LIMIT);
		assert_int_equal(s.us.stanzas, 1);
		end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stanza__is_limited__to_what_was_set_or_the_usual),
		cmocka_unit_test(requests_for_keys__are_all_answered__when_they_come_together),
		cmocka_unit_test(closed__is_the_last_event__when_tracing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
