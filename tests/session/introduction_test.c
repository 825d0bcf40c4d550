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
	struct troth_store_contact found;
	struct troth_voucher by;
	struct troth_store_key key;
	answers(s, mercutios(s),
		word(s->benvolio->device, mercutios(s), TROTH_PURPOSE_VOUCH, s->now));
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 1);
	assert_ok(troth_store_contact_by_label(store, "mercutio", &found));
	assert_ok(troth_store_key_get(store, troth_cert_pin(mercutios(s)), &key));
	assert_true(troth_key_is_vouched(&key));
	const struct troth_believed_of of = {.store = store, .contact = found.id, .now = s->now};
	assert_ok(troth_introducer_of(&of, troth_cert_pin(mercutios(s)), &by));
	assert_int_equal(by.introducer.id, s->contact);
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

/* ---- chains: Benvolio takes the word of one, who takes the word of another ... ---- */

#define CHAIN_MAX 4

/* The people behind Benvolio, the nearest first; the last one vouches for Mercutio's key. */
struct chain {
	struct troth_device *people[CHAIN_MAX + 1];
	struct troth_endorsement *words[CHAIN_MAX + 1]; /* on each of them, and on Mercutio */
	const struct troth_cert *certs[CHAIN_MAX + 1];
	size_t length;
	int64_t now;
};

static struct chain chain_of(struct scene *s, size_t length)
{
	struct chain c = {.length = length, .now = s->now};
	const struct troth_device *by = s->benvolio->device;
	for (size_t i = 0; i < length; i++) {
		c.people[i] = device_new();
		c.certs[i] = troth_device_cert(c.people[i]);
		c.words[i] = word(by, c.certs[i], TROTH_PURPOSE_INTRODUCE, s->now);
		by = c.people[i];
	}
	c.certs[length] = mercutios(s);
	c.words[length] = word(by, c.certs[length], TROTH_PURPOSE_VOUCH, s->now);
	return c;
}

static void chain_says(struct chain *c, size_t n, const struct troth_device *by,
		       const struct troth_cert *cert, enum troth_purpose purpose)
{
	troth_endorsement_free(c->words[n]);
	c->words[n] = word(by, cert, purpose, c->now);
}

/* Effect: Benvolio answers with all of it, where policy takes chains of that depth. */
static void answers_chain(struct scene *s, struct chain *c, unsigned depth)
{
	struct troth_peer_key keys[CHAIN_MAX + 1];
	struct troth_belief_policy policy = troth_belief_policy_default();
	for (size_t i = 0; i <= c->length; i++)
		keys[i] = (struct troth_peer_key){
			.cert = c->certs[i],
			.further = true,
			.endorsements = (const struct troth_endorsement *const *)&c->words[i],
			.endorsement_count = 1,
		};
	const struct troth_event e = {
		.type = TROTH_EVENT_KEYS, .keys = keys, .key_count = c->length + 1};
	policy.depth = depth;
	troth_store_set_belief_policy(s->us->home->store, &policy);
	s->link->asking_for = true;
	(void)strcpy(s->link->asked, "mercutio");
	link_introduced(s->link, &e);
}

static void chain_free(struct chain *c)
{
	for (size_t i = 0; i <= c->length; i++) {
		troth_endorsement_free(c->words[i]);
		troth_device_free(c->people[i]); /* NULL behind the last */
	}
}

static int voucher(struct scene *s, struct troth_voucher *out)
{
	struct troth_store_contact found;
	struct troth_store *store = s->us->home->store;
	assert_ok(troth_store_contact_by_label(store, "mercutio", &found));
	const struct troth_believed_of of = {.store = store, .contact = found.id, .now = s->now};
	return troth_introducer_of(&of, troth_cert_pin(mercutios(s)), out);
}

static void chain__is_taken__as_far_as_policy_goes(void **state)
{
	struct scene *s = *state;
	struct troth_voucher by;
	for (unsigned depth = 1; depth <= 3; depth++) {
		struct chain c = chain_of(s, depth);
		answers_chain(s, &c, depth); /* one person more than that */
		assert_int_equal(s->us->count[TROTH_NEWS_ASK_FAILED], depth);
		assert_int_equal(s->us->last[TROTH_NEWS_ASK_FAILED].err,
				 depth < 3 ? TROTH_E_REFUSED : TROTH_E_CERT);
		chain_free(&c);
	}
	struct chain c = chain_of(s, 2);
	answers_chain(s, &c, 3);
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 1);
	assert_ok(voucher(s, &by));
	assert_int_equal(by.depth, 3);
	assert_int_equal(by.introducer.id, s->contact);
	/* What was learnt with more doesn't count when less is asked for. */
	struct troth_belief_policy policy = troth_belief_policy_default();
	policy.depth = 2;
	troth_store_set_belief_policy(s->us->home->store, &policy);
	assert_err(voucher(s, &by), TROTH_E_NOT_FOUND);
	chain_free(&c);
}

static void is_valentine(struct scene *s, const struct troth_cert *cert)
{
	struct troth_store *store = s->us->home->store;
	const struct troth_store_new_key key = {
		.pin = troth_cert_pin(cert), .name = troth_cert_name(cert), .how = "manual"};
	assert_ok(troth_store_key_pin(store, add_contact(store, "valentine"), &key, s->now));
}

static void chain__names_those_on_it__who_are_contacts(void **state)
{
	struct scene *s = *state;
	struct troth_voucher by;
	struct chain c = chain_of(s, 1);
	answers_chain(s, &c, 2);
	assert_ok(voucher(s, &by));
	assert_int_equal(strncmp(by.text, "benvolio, on the word of the key ", 33), 0);
	is_valentine(s, c.certs[0]);
	assert_ok(voucher(s, &by));
	assert_string_equal(by.text, "benvolio, on the word of valentine");
	chain_free(&c);
}

static void chain__is_void__when_any_of_it_is(void **state)
{
	static const enum troth_store_key_state states[] = {
		TROTH_STORE_KEY_SUSPENDED, TROTH_STORE_KEY_REPLACED, TROTH_STORE_KEY_REVOKED};
	struct scene *s = *state;
	struct troth_voucher by;
	struct troth_store *store = s->us->home->store;
	struct chain c = chain_of(s, 1);
	is_valentine(s, c.certs[0]);
	answers_chain(s, &c, 2);
	assert_ok(voucher(s, &by));
	assert_ok(troth_store_leave_set(store, s->contact, TROTH_STORE_LEAVE_INTRODUCE, false,
					s->now));
	assert_err(voucher(s, &by), TROTH_E_NOT_FOUND);
	assert_ok(troth_store_leave_set(store, s->contact, TROTH_STORE_LEAVE_INTRODUCE, true,
					s->now));
	assert_ok(voucher(s, &by));
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		assert_ok(troth_store_key_withdraw(store, troth_cert_pin(c.certs[0]), states[i],
						   "test", s->now));
		assert_err(voucher(s, &by), TROTH_E_NOT_FOUND);
	}
	chain_free(&c);
}

/* Of two: Benvolio's word on the first, his on the second, his on Mercutio's key. */
static void chain__is_refused__with_a_bad_link(void **state)
{
	struct scene *s = *state;
	struct troth_device *other = device_new();
	for (unsigned bad = 0; bad < 7; bad++) {
		struct chain c = chain_of(s, 2);
		if (bad == 0) /* another's word */
			chain_says(&c, 0, other, c.certs[0], TROTH_PURPOSE_INTRODUCE);
		else if (bad == 1) /* it says something else */
			chain_says(&c, 1, c.people[0], c.certs[1], TROTH_PURPOSE_DEVICE);
		else if (bad == 2)
			chain_says(&c, 2, c.people[1], c.certs[2], TROTH_PURPOSE_INTRODUCE);
		else if (bad == 3) /* of another key */
			chain_says(&c, 1, c.people[0], mercutios(s), TROTH_PURPOSE_INTRODUCE);
		else if (bad == 4) { /* it is over */
			c.now -= 31 * DAY;
			chain_says(&c, 0, s->benvolio->device, c.certs[0], TROTH_PURPOSE_INTRODUCE);
		} else if (bad == 5) { /* our own word, come back */
			c.certs[1] = troth_device_cert(s->us->device);
			chain_says(&c, 1, c.people[0], c.certs[1], TROTH_PURPOSE_INTRODUCE);
			chain_says(&c, 2, s->us->device, c.certs[2], TROTH_PURPOSE_VOUCH);
		} else
			assert_ok(troth_store_key_withdraw(
				s->us->home->store, troth_cert_pin(c.certs[1]),
				TROTH_STORE_KEY_REVOKED, "test", s->now));
		answers_chain(s, &c, 3);
		assert_int_equal(s->us->count[TROTH_NEWS_ASK_FAILED], bad + 1);
		assert_int_equal(s->us->last[TROTH_NEWS_ASK_FAILED].err, TROTH_E_CERT);
		chain_free(&c);
	}
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 0);
	troth_device_free(other);
}

/* ---- whom we mean ---- */

/* "On a link the address is a label": anybody may call himself by somebody else's. */
static void name_on_the_link__makes_nobody_known(void **state)
{
	struct scene *s = *state;
	struct troth_store *store = s->benvolio->home->store;
	const struct troth_ask ask = {.name = "mercutio@verona.example", .label = "mercutio"};
	const struct troth_cert *cert = mercutios(s); /* but it is Tybalt's */
	const struct troth_store_new_key key = {.pin = troth_cert_pin(cert),
						.name = troth_cert_name(cert),
						.der = troth_cert_der(cert),
						.how = "manual"};
	const struct troth_store_address address = {.realm = TROTH_REALM_LINK,
						    .address = ask.name,
						    .source = "stream",
						    .last_seen = s->now};
	struct troth_store_contact romeo;
	int64_t tybalt = add_contact(store, "tybalt");
	assert_ok(troth_store_key_pin(store, tybalt, &key, s->now));
	assert_ok(troth_store_address_note(store, tybalt, &address));
	assert_ok(troth_store_contact_by_label(store, "romeo", &romeo));
	assert_ok(troth_store_leave_set(store, romeo.id, TROTH_STORE_LEAVE_ASK, true, s->now));
	assert_ok(troth_session_ask(s->us->session, s->us->last[TROTH_NEWS_UP].talk, &ask));
	while (s->us->count[TROTH_NEWS_INTRODUCED] + s->us->count[TROTH_NEWS_ASK_FAILED] == 0)
		run_for(&s->loop, 10);
	assert_int_equal(s->us->count[TROTH_NEWS_INTRODUCED], 0);
	assert_int_equal(s->us->count[TROTH_NEWS_ASK_FAILED], 1);
	assert_int_equal(s->us->last[TROTH_NEWS_ASK_FAILED].err, TROTH_E_NOT_FOUND);
	assert_int_equal(s->benvolio->count[TROTH_NEWS_ASKED], 1);
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
		TEST(name_on_the_link__makes_nobody_known),
		TEST(chain__is_taken__as_far_as_policy_goes),
		TEST(chain__names_those_on_it__who_are_contacts),
		TEST(chain__is_void__when_any_of_it_is),
		TEST(chain__is_refused__with_a_bad_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
