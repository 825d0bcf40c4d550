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

/* Ours is the recipient, secured by the peer's pinned key. */
static void secure(struct stage *s)
{
	party_init(&s->us, 1, "juliet@pronto");
	party_init(&s->them, 0, "romeo@forza");
	party_knows(&s->us, &s->them, true);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_for_keys__are_all_answered__when_they_come_together),
		cmocka_unit_test(closed__is_the_last_event__when_tracing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
