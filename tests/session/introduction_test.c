/* SPDX-License-Identifier: MIT */
/* What an introducer may send on a stream that is really his, and what is taken of it. */
#include "people.h"
#include "session/introducer.h"
#include "session/state.h"

#include <string.h>
#include <time.h>

#define DAY ((int64_t)24 * 3600)

/* Us, connected to Benvolio, who is an introducer; and a key that nobody knows. */
struct scene {
	uv_loop_t loop;
	struct person *us, *benvolio;
	int64_t contact;
	struct link *link;
	struct troth_device *mercutio;
	int64_t now;
};

static struct troth_device *device_new(void)
{
	const struct troth_device_params params = {"someone@troth.invalid", (int64_t)time(NULL)};
	struct troth_device *device;
	assert_ok(troth_device_generate(&device, &params));
	return device;
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	assert_non_null(s);
	assert_int_equal(uv_loop_init(&s->loop), 0);
	s->now = (int64_t)time(NULL);
	s->us = person_new(&s->loop, "romeo@forza", TROTH_LEVEL_VERIFIED);
	s->benvolio = person_new(&s->loop, "benvolio@pronto", TROTH_LEVEL_VERIFIED);
	s->mercutio = device_new();
	s->contact = person_knows(s->us, "benvolio", s->benvolio);
	(void)person_knows(s->benvolio, "romeo", s->us);
	assert_ok(troth_store_leave_set(s->us->home->store, s->contact, TROTH_STORE_LEAVE_INTRODUCE,
					true, s->now));
	person_calls(s->us, person_where(s->benvolio), NULL);
	run_until(s->us, TROTH_NEWS_UP, 1);
	s->link = s->us->session->links;
	assert_non_null(s->link);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	people_end(&s->loop, (struct person *[]){s->us, s->benvolio}, 2);
	troth_device_free(s->mercutio);
	free(s);
	return 0;
}

static struct troth_endorsement *word(const struct troth_device *by,
				      const struct troth_cert *subject, enum troth_purpose purpose,
				      int64_t issued)
{
	const struct troth_signer signer = troth_signer_of_device(by);
	const struct troth_endorsement_terms terms = {
		.purpose = purpose, .issued = issued, .expires = issued + 30 * DAY};
	struct troth_endorsement *e;
	assert_ok(troth_endorsement_make(&e, &signer, &terms, subject));
	return e;
}

/* Effect: Benvolio answers with one key and what is said of it (NULL: nothing). */
static void answers(struct scene *s, const struct troth_cert *cert, struct troth_endorsement *says)
{
	const struct troth_endorsement *const list[] = {says};
	const struct troth_peer_key key = {
		.cert = cert,
		.further = true,
		.endorsements = list,
		.endorsement_count = says != NULL,
	};
	const struct troth_event e = {.type = TROTH_EVENT_KEYS, .keys = &key, .key_count = 1};
	s->link->asking_for = true;
	(void)strcpy(s->link->asked, "mercutio");
	link_introduced(s->link, &e);
	assert_false(s->link->asking_for);
	troth_endorsement_free(says);
}

static void assert_refused(struct scene *s, int err)
{
	struct troth_store_contact found;
	assert_int_equal(s->us->count[TROTH_NEWS_ASK_FAILED], 1);
	assert_int_equal(s->us->last[TROTH_NEWS_ASK_FAILED].err, err);
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 0);
	assert_err(troth_store_contact_by_label(s->us->home->store, "mercutio", &found),
		   TROTH_E_NOT_FOUND);
	assert_int_equal(log_count(s->us->home->store, "introduction-refused"), 1);
}

static const struct troth_cert *mercutios(const struct scene *s)
{
	return troth_device_cert(s->mercutio);
}

/* ---- taken ---- */

static void key__is_taken__with_the_introducers_word(void **state)
{
	struct scene *s = *state;
	struct troth_store *store = s->us->home->store;
	struct troth_store_contact found, by;
	struct troth_store_key key;
	answers(s, mercutios(s),
		word(s->benvolio->device, mercutios(s), TROTH_PURPOSE_VOUCH, s->now));
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 1);
	assert_ok(troth_store_contact_by_label(store, "mercutio", &found));
	assert_ok(troth_store_key_get(store, troth_cert_pin(mercutios(s)), &key));
	assert_true(troth_key_is_vouched(&key));
	const struct troth_believed_of of = {.store = store, .contact = found.id, .now = s->now};
	assert_ok(troth_introducer_of(&of, troth_cert_pin(mercutios(s)), &by));
	assert_int_equal(by.id, s->contact);
}

static void answer__is_ignored__that_nobody_asked_for(void **state)
{
	struct scene *s = *state;
	struct troth_store_contact found;
	struct troth_endorsement *says =
		word(s->benvolio->device, mercutios(s), TROTH_PURPOSE_VOUCH, s->now);
	const struct troth_endorsement *const list[] = {says};
	const struct troth_peer_key key = {
		.cert = mercutios(s), .endorsements = list, .endorsement_count = 1};
	const struct troth_event e = {.type = TROTH_EVENT_KEYS, .keys = &key, .key_count = 1};
	(void)strcpy(s->link->asked, "mercutio");
	link_introduced(s->link, &e);
	troth_endorsement_free(says);
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 0);
	assert_err(troth_store_contact_by_label(s->us->home->store, "mercutio", &found),
		   TROTH_E_NOT_FOUND);
}

/* ---- refused ---- */

static void key__is_refused__without_a_word(void **state)
{
	struct scene *s = *state;
	answers(s, mercutios(s), NULL);
	assert_refused(s, TROTH_E_CERT);
}

static void key__is_refused__on_its_own_word(void **state)
{
	struct scene *s = *state;
	answers(s, mercutios(s), word(s->mercutio, mercutios(s), TROTH_PURPOSE_VOUCH, s->now));
	assert_refused(s, TROTH_E_CERT);
}

static void key__is_refused__on_the_word_of_another_contact(void **state)
{
	struct scene *s = *state;
	struct troth_store *store = s->us->home->store;
	struct troth_device *tybalt = device_new();
	const struct troth_cert *cert = troth_device_cert(tybalt);
	const struct troth_store_new_key key = {.pin = troth_cert_pin(cert),
						.name = troth_cert_name(cert),
						.der = troth_cert_der(cert),
						.how = "manual"};
	int64_t contact = add_contact(store, "tybalt");
	assert_ok(troth_store_key_pin(store, contact, &key, s->now));
	assert_ok(troth_store_leave_set(store, contact, TROTH_STORE_LEAVE_INTRODUCE, true, s->now));
	answers(s, mercutios(s), word(tybalt, mercutios(s), TROTH_PURPOSE_VOUCH, s->now));
	assert_refused(s, TROTH_E_CERT);
	troth_device_free(tybalt);
}

static void key__is_refused__on_a_word_about_another_key(void **state)
{
	struct scene *s = *state;
	struct troth_device *other = device_new();
	answers(s, mercutios(s),
		word(s->benvolio->device, troth_device_cert(other), TROTH_PURPOSE_VOUCH, s->now));
	assert_refused(s, TROTH_E_CERT);
	troth_device_free(other);
}

static void key__is_refused__on_a_word_of_another_purpose(void **state)
{
	struct scene *s = *state;
	answers(s, mercutios(s),
		word(s->benvolio->device, mercutios(s), TROTH_PURPOSE_DEVICE, s->now));
	assert_refused(s, TROTH_E_CERT);
}

static void key__is_refused__on_a_word_of_other_days(void **state)
{
	static const int64_t days[] = {-31, 3};
	struct scene *s = *state;
	for (size_t i = 0; i < 2; i++) {
		answers(s, mercutios(s),
			word(s->benvolio->device, mercutios(s), TROTH_PURPOSE_VOUCH,
			     s->now + days[i] * DAY));
		assert_int_equal(s->us->count[TROTH_NEWS_ASK_FAILED], i + 1);
		assert_int_equal(s->us->last[TROTH_NEWS_ASK_FAILED].err, TROTH_E_CERT);
	}
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 0);
}

static void key__is_refused__that_is_our_own(void **state)
{
	struct scene *s = *state;
	const struct troth_cert *own = troth_device_cert(s->us->device);
	answers(s, own, word(s->benvolio->device, own, TROTH_PURPOSE_VOUCH, s->now));
	assert_refused(s, TROTH_E_SELF);
}

static void key__is_refused__that_is_the_introducers(void **state)
{
	struct scene *s = *state;
	const struct troth_cert *his = troth_device_cert(s->benvolio->device);
	answers(s, his, word(s->benvolio->device, his, TROTH_PURPOSE_VOUCH, s->now));
	assert_refused(s, TROTH_E_CONFLICT);
}

static void key__is_refused__that_was_revoked(void **state)
{
	struct scene *s = *state;
	assert_ok(troth_store_key_withdraw(s->us->home->store, troth_cert_pin(mercutios(s)),
					   TROTH_STORE_KEY_REVOKED, "test", s->now));
	answers(s, mercutios(s),
		word(s->benvolio->device, mercutios(s), TROTH_PURPOSE_VOUCH, s->now));
	assert_refused(s, TROTH_E_REVOKED);
}

static void question__is_refused__to_who_is_no_introducer(void **state)
{
	struct scene *s = *state;
	const struct troth_ask ask = {.name = "mercutio", .label = "mercutio"};
	unsigned talk = s->us->last[TROTH_NEWS_UP].talk;
	assert_ok(troth_store_leave_set(s->us->home->store, s->contact, TROTH_STORE_LEAVE_INTRODUCE,
					false, s->now));
	assert_err(troth_session_ask(s->us->session, talk, &ask), TROTH_E_REFUSED);
	assert_err(troth_session_ask(s->us->session, 999, &ask), TROTH_E_INVAL);
}

/* One word after another: the next question waits for the answer to the last one. */
static void question__is_one_at_a_time(void **state)
{
	struct scene *s = *state;
	const struct troth_ask ask = {.name = "mercutio", .label = "mercutio"};
	unsigned talk = s->us->last[TROTH_NEWS_UP].talk;
	assert_ok(troth_session_ask(s->us->session, talk, &ask));
	assert_err(troth_session_ask(s->us->session, talk, &ask), TROTH_E_INVAL);
	run_until(s->us, TROTH_NEWS_ASK_FAILED, 1);
	assert_int_equal(s->us->last[TROTH_NEWS_ASK_FAILED].err, TROTH_E_NOT_FOUND);
	assert_int_equal(s->benvolio->count[TROTH_NEWS_ASKED], 1);
	assert_ok(troth_session_ask(s->us->session, talk, &ask));
	run_until(s->us, TROTH_NEWS_ASK_FAILED, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(key__is_taken__with_the_introducers_word),
		TEST(answer__is_ignored__that_nobody_asked_for),
		TEST(key__is_refused__without_a_word),
		TEST(key__is_refused__on_its_own_word),
		TEST(key__is_refused__on_the_word_of_another_contact),
		TEST(key__is_refused__on_a_word_about_another_key),
		TEST(key__is_refused__on_a_word_of_another_purpose),
		TEST(key__is_refused__on_a_word_of_other_days),
		TEST(key__is_refused__that_is_our_own),
		TEST(key__is_refused__that_is_the_introducers),
		TEST(key__is_refused__that_was_revoked),
		TEST(question__is_refused__to_who_is_no_introducer),
		TEST(question__is_one_at_a_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
