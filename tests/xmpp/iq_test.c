/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "xmpp/header.h"
#include "xmpp/iq.h"

#include <stdio.h>

static int count_up(void *user, uint8_t *out, size_t len)
{
	uint8_t *next = user;
	memset(out, (*next)++, len);
	return TROTH_OK;
}

static int run_dry(void *user, uint8_t *out, size_t len)
{
	(void)user;
	(void)out;
	(void)len;
	return TROTH_E_CRYPTO;
}

static struct troth_stanza *parse(const char *xml)
{
	struct troth_stanza *s;
	assert_ok(troth_element_parse(&s, troth_slice_str(xml)));
	return s;
}

static int match(struct troth_iq_tracker *t, const char *type, const char *id, const char *from,
		 struct troth_iq_answer *out)
{
	char xml[300];
	snprintf(xml, sizeof xml,
		 "<iq xmlns='jabber:client' type='%s' id='%s'><error type='auth'>"
		 "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
		 type, id);
	struct troth_stanza *s = parse(xml);
	int err = troth_iq_tracker_match(t, troth_stanza_root(s), from, out);
	troth_stanza_free(s);
	return err;
}

static struct troth_iq_tracker *tracker(uint8_t *seed)
{
	const struct troth_iq_random random = {count_up, seed};
	struct troth_iq_tracker *t;
	assert_ok(troth_iq_tracker_new(&t, &random));
	return t;
}

static void tracker__matches__by_id_and_sender_once(void **state)
{
	(void)state;
	uint8_t seed = 0xa0;
	struct troth_iq_tracker *t = tracker(&seed);
	struct troth_iq_answer answer;
	const char *borrowed;
	char id[TROTH_IQ_ID_LEN + 1];
	assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){"a@b", 7, 100}, &borrowed));
	assert_string_equal(borrowed, "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0");
	strcpy(id, borrowed);
	assert_err(match(t, "result", id, "m@b", &answer), TROTH_E_NOT_FOUND);
	assert_err(match(t, "result", id, NULL, &answer), TROTH_E_NOT_FOUND);
	assert_err(match(t, "result", "other", "a@b", &answer), TROTH_E_NOT_FOUND);
	assert_err(match(t, "get", id, "a@b", &answer), TROTH_E_NOT_FOUND);
	assert_ok(match(t, "result", id, "a@b", &answer));
	assert_int_equal(answer.tag, 7);
	assert_true(answer.ok);
	assert_err(match(t, "result", id, "a@b", &answer), TROTH_E_NOT_FOUND);
	troth_iq_tracker_free(t);
	troth_iq_tracker_free(NULL);
}

static void tracker__describes__errors(void **state)
{
	(void)state;
	uint8_t seed = 1;
	struct troth_iq_tracker *t = tracker(&seed);
	struct troth_iq_answer answer;
	const char *id;
	assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){NULL, 3, 100}, &id));
	assert_err(match(t, "error", id, "a@b", &answer), TROTH_E_NOT_FOUND);
	assert_ok(match(t, "error", "01010101010101010101010101010101", NULL, &answer));
	assert_int_equal(answer.tag, 3);
	assert_false(answer.ok);
	assert_int_equal(answer.condition, TROTH_STANZA_FORBIDDEN);
	troth_iq_tracker_free(t);
}

static void tracker__expires__what_is_due(void **state)
{
	(void)state;
	uint8_t seed = 1;
	struct troth_iq_tracker *t = tracker(&seed);
	const char *id;
	int tag = 0;
	assert_true(troth_iq_tracker_deadline(t) == INT64_MAX);
	assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", 1, 300}, &id));
	assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", 2, 200}, &id));
	assert_true(troth_iq_tracker_deadline(t) == 200);
	assert_false(troth_iq_tracker_expire(t, 199, &tag));
	assert_true(troth_iq_tracker_expire(t, 200, &tag));
	assert_int_equal(tag, 2);
	assert_false(troth_iq_tracker_expire(t, 200, &tag));
	assert_true(troth_iq_tracker_deadline(t) == 300);
	assert_true(troth_iq_tracker_expire(t, 5000, &tag));
	assert_int_equal(tag, 1);
	troth_iq_tracker_free(t);
}

static void tracker__forgets__what_was_never_sent(void **state)
{
	(void)state;
	uint8_t seed = 1;
	struct troth_iq_tracker *t = tracker(&seed);
	struct troth_iq_answer answer;
	char first[TROTH_IQ_ID_LEN + 1];
	const char *id;
	assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", 1, 300}, &id));
	memcpy(first, id, sizeof first);
	assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", 2, 200}, &id));
	troth_iq_tracker_forget(t, 1);
	assert_err(match(t, "result", first, "a", &answer), TROTH_E_NOT_FOUND);
	assert_ok(match(t, "result", id, "a", &answer));
	assert_true(troth_iq_tracker_deadline(t) == INT64_MAX);
	troth_iq_tracker_free(t);
}

static void tracker__limits__what_is_outstanding(void **state)
{
	(void)state;
	uint8_t seed = 1;
	struct troth_iq_tracker *t = tracker(&seed);
	const char *id = NULL;
	struct troth_iq_answer answer;
	for (int i = 0; i < TROTH_IQ_OUTSTANDING; i++)
		assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", i, 1}, &id));
	assert_err(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", 99, 1}, &id),
		   TROTH_E_LIMIT);
	assert_ok(match(t, "result", id, "a", &answer));
	assert_int_equal(answer.tag, TROTH_IQ_OUTSTANDING - 1);
	assert_ok(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", 99, 1}, &id));
	troth_iq_tracker_free(t);
}

static void tracker__passes_on__the_error_of_random(void **state)
{
	(void)state;
	const struct troth_iq_random random = {run_dry, NULL};
	struct troth_iq_tracker *t;
	const char *id = NULL;
	assert_ok(troth_iq_tracker_new(&t, &random));
	assert_err(troth_iq_tracker_add(t, &(struct troth_iq_request){"a", 1, 1}, &id),
		   TROTH_E_CRYPTO);
	assert_null(id);
	assert_true(troth_iq_tracker_deadline(t) == INT64_MAX);
	troth_iq_tracker_free(t);
}

static void iq_error__answers__requests_only(void **state)
{
	(void)state;
	struct troth_buf buf;
	struct troth_writer w;
	const char *text;
	troth_buf_init(&buf, 1000);
	troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
	struct troth_stanza *s =
		parse("<iq xmlns='jabber:client' type='get' id='&lt;1' from='a' to='b'/>");
	troth_iq_error(&w, troth_stanza_root(s), TROTH_STANZA_SERVICE_UNAVAILABLE);
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_buf_cstr(&buf, &text));
	assert_string_equal(text,
			    "<iq type='error' id='&lt;1' from='b' to='a'><error type='cancel'>"
			    "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
			    "</error></iq>");
	troth_stanza_free(s);
	const char *no_requests[] = {"<iq xmlns='jabber:client' type='error' id='1'/>",
				     "<iq xmlns='jabber:client' type='result' id='1'/>",
				     "<iq xmlns='jabber:client' id='1'/>",
				     "<message xmlns='jabber:client' type='get'/>",
				     "<iq type='get'/>"};
	for (size_t i = 0; i < sizeof no_requests / sizeof *no_requests; i++) {
		troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
		s = parse(no_requests[i]);
		troth_iq_error(&w, troth_stanza_root(s), TROTH_STANZA_BAD_REQUEST);
		assert_err(troth_writer_finish(&w), TROTH_E_INVAL);
		troth_stanza_free(s);
	}
	troth_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracker__matches__by_id_and_sender_once),
		cmocka_unit_test(tracker__describes__errors),
		cmocka_unit_test(tracker__expires__what_is_due),
		cmocka_unit_test(tracker__forgets__what_was_never_sent),
		cmocka_unit_test(tracker__limits__what_is_outstanding),
		cmocka_unit_test(tracker__passes_on__the_error_of_random),
		cmocka_unit_test(iq_error__answers__requests_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
