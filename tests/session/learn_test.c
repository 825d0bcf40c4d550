/* SPDX-License-Identifier: MIT */
/* What is learnt of what keys say about keys, on which streams, and what the user is told. */
#include "people.h"
#include "session/fetched.h"
#include "session/state.h"
#include "session/statements.h"

#include <string.h>
#include <time.h>

#define DAY ((int64_t)24 * 3600)

/* Us, connected to Juliet, who has a user key that we don't know. */
struct scene {
	uv_loop_t loop;
	struct person *us, *juliet;
	int64_t contact;
	struct link *link;
	struct troth_device *user_key;
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
	s->juliet = person_new(&s->loop, "juliet@pronto", TROTH_LEVEL_VERIFIED);
	s->user_key = device_new();
	s->contact = person_knows(s->us, "juliet", s->juliet);
	(void)person_knows(s->juliet, "romeo", s->us);
	person_calls(s->us, person_where(s->juliet), NULL);
	run_until(s->us, TROTH_NEWS_UP, 1);
	s->link = s->us->session->links;
	assert_non_null(s->link);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	people_end(&s->loop, (struct person *[]){s->us, s->juliet}, 2);
	troth_device_free(s->user_key);
	free(s);
	return 0;
}

static struct troth_endorsement *word(const struct troth_device *by,
				      const struct troth_device *subject,
				      enum troth_purpose purpose, int64_t issued)
{
	const struct troth_signer signer = troth_signer_of_device(by);
	const struct troth_endorsement_terms terms = {
		.purpose = purpose, .issued = issued, .expires = issued + 30 * DAY};
	struct troth_endorsement *e;
	assert_ok(troth_endorsement_make(&e, &signer, &terms, troth_device_cert(subject)));
	return e;
}

/* Effect: Juliet gives her key, endorsed by her user key, and the user key; and says that a key is
 * revoked, if there is one. */
static void says(struct scene *s, const struct troth_revocation *revocation)
{
	struct troth_endorsement *by_user_key =
		word(s->user_key, s->juliet->device, TROTH_PURPOSE_DEVICE, s->now);
	const struct troth_endorsement *const list[] = {by_user_key};
	const struct troth_revocation *const revocations[] = {revocation};
	const struct troth_peer_key keys[] = {
		{.cert = troth_device_cert(s->juliet->device),
		 .possessed = true,
		 .endorsements = list,
		 .endorsement_count = 1},
		{.cert = troth_device_cert(s->user_key), .further = true},
	};
	const struct troth_event e = {.type = TROTH_EVENT_KEYS,
				      .keys = keys,
				      .key_count = 2,
				      .revocations = revocations,
				      .revocation_count = revocation != NULL};
	link_learn(s->link, &e);
	troth_endorsement_free(by_user_key);
}

static void says_so(struct scene *s)
{
	says(s, NULL);
}

static const struct troth_pin *user_pin(const struct scene *s)
{
	return troth_cert_pin(troth_device_cert(s->user_key));
}

static void assert_user_key(struct scene *s, int64_t of)
{
	struct troth_store_key key;
	assert_ok(troth_store_key_get(s->us->home->store, user_pin(s), &key));
	assert_int_equal(key.contact, of);
	assert_int_equal(key.role, TROTH_ROLE_USER);
	assert_int_equal(key.state, TROTH_STORE_KEY_PROVEN);
}

/* ---- streams ---- */

static void user_key__is_learnt__on_a_stream_by_the_contacts_key(void **state)
{
	struct scene *s = *state;
	says_so(s);
	assert_user_key(s, s->contact);
}

/* The CA says that it is the contact; no key of the contact's does. */
static void user_key__isnt_learnt__on_a_stream_that_only_a_ca_proves(void **state)
{
	struct scene *s = *state;
	struct troth_store_key key;
	s->link->certified = true;
	says_so(s);
	assert_err(troth_store_key_get(s->us->home->store, user_pin(s), &key), TROTH_E_NOT_FOUND);
}

/* ---- in the way ---- */

static int64_t tybalt_with(struct scene *s, bool proven)
{
	struct troth_store *store = s->us->home->store;
	const struct troth_cert *cert = troth_device_cert(s->user_key);
	const struct troth_store_new_key key = {.pin = troth_cert_pin(cert),
						.name = troth_cert_name(cert),
						.der = troth_cert_der(cert),
						.how = "srp"};
	int64_t tybalt = add_contact(store, "tybalt");
	assert_ok(proven ? troth_store_key_pin(store, tybalt, &key, s->now)
			 : troth_store_key_claim(store, tybalt, &key, s->now));
	return tybalt;
}

static void user_key__is_learnt__though_somebody_claimed_it_without_proof(void **state)
{
	struct scene *s = *state;
	(void)tybalt_with(s, false);
	says_so(s);
	assert_user_key(s, s->contact);
	assert_int_equal(log_count(s->us->home->store, "user-key-refused"), 0);
	assert_int_equal(log_count(s->us->home->store, "key-lost"), 1);
}

static void user_key__isnt_learnt__when_somebody_has_proved_it(void **state)
{
	struct scene *s = *state;
	struct troth_store_key key;
	int64_t tybalt = tybalt_with(s, true);
	says_so(s);
	assert_ok(troth_store_key_get(s->us->home->store, user_pin(s), &key));
	assert_int_equal(key.contact, tybalt);
	assert_int_equal(key.role, TROTH_ROLE_DEVICE);
	assert_int_equal(log_count(s->us->home->store, "user-key-refused"), 1);
}

/* ---- renewals that are refused ---- */

/* Effect: somebody shows `successor`, which Juliet's key says is its next one, and is refused. */
static void renews(struct scene *s, const struct troth_device *successor)
{
	struct troth_endorsement *says =
		word(s->juliet->device, successor, TROTH_PURPOSE_RENEW, s->now);
	const struct endorsed endorsed = {
		.contact = s->contact,
		.says = {{.kind = TROTH_BELIEF_ENDORSED,
			  .purpose = TROTH_BELIEF_RENEW,
			  .subject = *troth_cert_pin(troth_device_cert(successor)),
			  .issuer = person_pin(s->juliet),
			  .presented = true,
			  .issued = s->now,
			  .expires = s->now + 30 * DAY,
			  .time = s->now}},
		.by = {says},
		.count = 1,
	};
	endorsed_refused(s->link, &endorsed);
	troth_endorsement_free(says);
}

/* The user key above them decides: an old key's word for a new one changes nothing. */
static void dispute__isnt_told__when_nothing_was_suspended(void **state)
{
	struct scene *s = *state;
	struct troth_pin pin = person_pin(s->juliet);
	struct troth_device *next[] = {device_new(), device_new()};
	says_so(s);
	for (size_t i = 0; i < 2; i++) {
		renews(s, next[i]);
		troth_device_free(next[i]);
	}
	assert_int_equal(state_of(s->us->home->store, &pin), TROTH_STORE_KEY_PROVEN);
	assert_int_equal(log_count(s->us->home->store, "key-disputed"), 0);
}

static void dispute__is_told_once__when_two_keys_take_the_place_of_one(void **state)
{
	struct scene *s = *state;
	struct troth_pin pin = person_pin(s->juliet);
	struct troth_device *next[] = {device_new(), device_new()};
	for (size_t i = 0; i < 4; i++)
		renews(s, next[i % 2]);
	for (size_t i = 0; i < 2; i++)
		troth_device_free(next[i]);
	assert_int_equal(state_of(s->us->home->store, &pin), TROTH_STORE_KEY_SUSPENDED);
	assert_int_equal(log_count(s->us->home->store, "key-disputed"), 1);
}

/* ---- revocations, whatever else is said ---- */

static struct troth_revocation *revocation(const struct troth_device *by,
					   const struct troth_pin *key)
{
	const struct troth_signer signer = troth_signer_of_device(by);
	struct troth_revocation *r;
	assert_ok(troth_revocation_make(&r, &signer, key, TROTH_REVOKE_LOST, (int64_t)time(NULL)));
	return r;
}

/* Effect: a device of Juliet's, whose thief has made it say so much that no more is kept. */
static struct troth_device *stolen_new(struct scene *s)
{
	struct troth_store *store = s->us->home->store;
	struct troth_device *stolen = device_new();
	const struct troth_cert *cert = troth_device_cert(stolen);
	const struct troth_store_new_key key = {.pin = troth_cert_pin(cert),
						.name = troth_cert_name(cert),
						.der = troth_cert_der(cert),
						.how = "srp"};
	struct troth_store_statement row = {.contact = s->contact,
					    .says = {.kind = TROTH_BELIEF_REVOKED,
						     .issuer = *troth_cert_pin(cert),
						     .reason = TROTH_BELIEF_LOST,
						     .issued = s->now,
						     .time = s->now}};
	const struct troth_store_statement endorsed = {.contact = s->contact,
						       .says = {.kind = TROTH_BELIEF_ENDORSED,
								.purpose = TROTH_BELIEF_DEVICE,
								.subject = *key.pin,
								.issuer = *user_pin(s),
								.presented = true,
								.issued = s->now,
								.expires = s->now + 30 * DAY,
								.time = s->now}};
	int err = TROTH_OK;
	says_so(s);
	assert_ok(troth_store_key_pin(store, s->contact, &key, s->now));
	assert_ok(troth_store_statement_append(store, &endorsed));
	for (unsigned i = 0; err == TROTH_OK && i <= TROTH_STORE_STATEMENTS_MAX; i++) {
		row.says.subject = pin_of(1000 + i);
		err = troth_store_statement_append(store, &row);
	}
	assert_int_equal(err, TROTH_E_LIMIT);
	assert_int_equal(state_of(store, key.pin), TROTH_STORE_KEY_PROVEN);
	return stolen;
}

static void stolen_key__is_revoked_on_a_stream__though_its_thief_left_no_room(void **state)
{
	struct scene *s = *state;
	struct troth_device *stolen = stolen_new(s);
	const struct troth_pin *pin = troth_cert_pin(troth_device_cert(stolen));
	struct troth_revocation *r = revocation(s->user_key, pin);
	says(s, r);
	assert_int_equal(state_of(s->us->home->store, pin), TROTH_STORE_KEY_REVOKED);
	troth_revocation_free(r);
	troth_device_free(stolen);
}

/* Who serves them puts them into any order. */
static void stolen_key__is_revoked_in_a_node__though_its_thief_left_no_room(void **state)
{
	struct scene *s = *state;
	struct troth_device *stolen = stolen_new(s);
	const struct troth_pin *pin = troth_cert_pin(troth_device_cert(stolen));
	const struct troth_pin nobodys = pin_of(1);
	struct troth_revocation *both[] = {revocation(stolen, &nobodys),
					   revocation(s->user_key, pin)};
	const struct troth_keyinfo_list list = {.revocations = {both, 2}};
	const struct troth_fetched_of of = {.store = s->us->home->store,
					    .contact = s->contact,
					    .from = FETCHED_NODE,
					    .now = s->now};
	struct troth_fetched got;
	assert_ok(troth_fetched_take(&of, &list, &got));
	assert_int_equal(got.revoked, 1);
	assert_int_equal(state_of(s->us->home->store, pin), TROTH_STORE_KEY_REVOKED);
	for (size_t i = 0; i < 2; i++)
		troth_revocation_free(both[i]);
	troth_device_free(stolen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(user_key__is_learnt__on_a_stream_by_the_contacts_key),
		TEST(user_key__isnt_learnt__on_a_stream_that_only_a_ca_proves),
		TEST(user_key__is_learnt__though_somebody_claimed_it_without_proof),
		TEST(user_key__isnt_learnt__when_somebody_has_proved_it),
		TEST(dispute__isnt_told__when_nothing_was_suspended),
		TEST(dispute__is_told_once__when_two_keys_take_the_place_of_one),
		TEST(stolen_key__is_revoked_on_a_stream__though_its_thief_left_no_room),
		TEST(stolen_key__is_revoked_in_a_node__though_its_thief_left_no_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
