/* SPDX-License-Identifier: MIT */
/* Jobs that act for a contact by its own certificate: for which of its keys. */
#include "../keys/authority.h"
#include "base/slice.h"
#include "keys/issue.h"
#include "people.h"
#include "session/meet.h"
#include "session/state.h"
#include "trust/authority.h"

#include <time.h>

/* Us, connected to Romeo, and a key of his. */
struct scene {
	uv_loop_t loop;
	struct person *us, *romeo;
	int64_t contact;
	struct troth_device *owner, *job;
	struct troth_authorities *all;
	int64_t now;
};

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	struct troth_policy *policy;
	struct troth_policy_problem problem;
	assert_non_null(s);
	assert_int_equal(uv_loop_init(&s->loop), 0);
	s->now = (int64_t)time(NULL);
	s->us = person_new(&s->loop, "juliet@pronto", TROTH_LEVEL_VERIFIED);
	s->romeo = person_new(&s->loop, "romeo@forza", TROTH_LEVEL_VERIFIED);
	s->contact = person_knows(s->us, "romeo", s->romeo);
	(void)person_knows(s->romeo, "juliet", s->us);
	const struct troth_device_params params = {"romeo@troth.invalid", s->now};
	const struct troth_delegation terms = {.now = s->now, .seconds = 3600};
	assert_ok(troth_device_generate(&s->owner, &params));
	assert_ok(troth_device_delegate(&s->job, s->owner, &terms));
	assert_ok(troth_policy_read(&policy, troth_slice_str("contact-proxies 1\n"), &problem));
	assert_ok(troth_authorities_new(&s->all, policy));
	person_calls(s->us, person_where(s->romeo), NULL);
	run_until(s->us, TROTH_NEWS_UP, 1);
	s->us->session->authorities = s->all;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	people_end(&s->loop, (struct person *[]){s->us, s->romeo}, 2);
	troth_authorities_free(s->all);
	troth_device_free(s->job);
	troth_device_free(s->owner);
	free(s);
	return 0;
}

/* Whether a job of that key counts, when it is a proven key of Romeo's in this role. */
static bool counts(struct scene *s, enum troth_key_role role)
{
	struct link *l = s->us->session->links;
	const struct troth_cert *cert = troth_device_cert(s->owner);
	const struct troth_slice chain[] = {troth_cert_der(cert)};
	const struct troth_store_new_key key = {.pin = troth_cert_pin(cert),
						.name = troth_cert_name(cert),
						.der = troth_cert_der(cert),
						.how = "manual",
						.role = role};
	const struct troth_event e = {.type = TROTH_EVENT_VERDICT,
				      .cert = troth_device_cert(s->job),
				      .chain = chain,
				      .chain_count = 1};
	assert_non_null(l);
	assert_ok(troth_store_key_pin(s->us->home->store, s->contact, &key, s->now));
	assert_ok(link_ask_ca(l, &e));
	return l->has_ca && l->ca.err == TROTH_OK && l->ca.proxied;
}

/* Whoever proves a secret, and says that this is its key. */
static void meeting__pins__neither_a_job_nor_our_own_key(void **state)
{
	struct scene *s = *state;
	struct link *l = s->us->session->links;
	const struct {
		const struct troth_device *device;
		int err;
	} rows[] = {{s->job, TROTH_E_REFUSED}, {s->us->device, TROTH_E_SELF}};
	struct troth_store_key key;
	int64_t contact = 0;
	assert_non_null(l);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct troth_cert *cert = troth_device_cert(rows[i].device);
		const struct troth_peer_key shown = {.cert = cert, .possessed = true};
		assert_err(meet_store(l, &shown, &contact), rows[i].err);
		assert_int_equal(s->us->count[TROTH_NEWS_PAIR_FAILED], i + 1);
		assert_err(s->us->last[TROTH_NEWS_PAIR_FAILED].err, rows[i].err);
		assert_err(troth_store_key_get(s->us->home->store, troth_cert_pin(cert), &key),
			   TROTH_E_NOT_FOUND);
	}
	assert_int_equal(contact, 0);
}

static void job__acts__for_a_device_of_the_contact(void **state)
{
	assert_true(counts(*state, TROTH_ROLE_DEVICE));
}

/* "A user key is no device": it endorses, and sends nobody. */
static void job__doesnt_act__for_a_user_key(void **state)
{
	assert_false(counts(*state, TROTH_ROLE_USER));
}

/* ---- whoever a CA speaks for ---- */

#define CENTURY (100L * 365 * 24 * 3600)

/* A certificate may be for several: the one by which its owner goes here is shown. */
static void certificate__is_shown__as_the_address_that_is_claimed(void **state)
{
	static const char *const claimed[] = {"b@example.com", "a@example.com", "c@example.com"};
	static const char *const seen[] = {"b@example.com", "a@example.com", "a@example.com"};
	struct scene *s = *state;
	struct link *l = s->us->session->links;
	struct troth_policy *policy;
	struct troth_policy_problem problem;
	struct troth_authorities *all;
	struct party ca = issue(&(struct wish){.cn = "ca",
					       .ca = "critical,CA:TRUE",
					       .usage = "critical,keyCertSign",
					       .from = -CENTURY / 10,
					       .until = CENTURY});
	struct party both = issue(
		&(struct wish){.cn = "both",
			       .san = XMPP_ADDR("a@example.com") "," XMPP_ADDR("b@example.com"),
			       .from = -CENTURY / 10,
			       .until = CENTURY,
			       .under = &ca});
	struct troth_cert *cert = cert_of(&both);
	struct troth_slice anchor = der_of(&ca);
	assert_ok(troth_policy_read(
		&policy, troth_slice_str("ca a\ntrust a.pem\nfor *@example.com\n"), &problem));
	assert_ok(troth_authorities_new(&all, policy));
	assert_ok(troth_authorities_add(all, 0, TROTH_POLICY_TRUST, anchor));
	s->us->session->authorities = all;
	for (size_t i = 0; i < 3; i++) {
		struct troth_address *address;
		assert_ok(troth_address_new(&address, TROTH_REALM_SERVER, claimed[i]));
		const struct troth_event e = {
			.type = TROTH_EVENT_VERDICT, .cert = cert, .address = address};
		assert_ok(link_ask_ca(l, &e));
		assert_true(l->has_ca && l->ca.err == TROTH_OK);
		assert_string_equal(l->identity, seen[i]);
		assert_int_equal(l->ca.claimed, i < 2);
		troth_address_free(address);
	}
	s->us->session->authorities = s->all;
	troth_authorities_free(all);
	troth_cert_free(cert);
	OPENSSL_free((void *)anchor.data);
	party_free(&both);
	party_free(&ca);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(job__acts__for_a_device_of_the_contact),
		TEST(job__doesnt_act__for_a_user_key),
		TEST(meeting__pins__neither_a_job_nor_our_own_key),
		TEST(certificate__is_shown__as_the_address_that_is_claimed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
