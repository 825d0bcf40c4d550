/* SPDX-License-Identifier: MIT */
/* An endorsement for an account says nothing about the keys of whoever hasn't that account. */
#include "people.h"
#include "session/state.h"
#include "session/whose.h"

#include <string.h>
#include <time.h>

#define DAY ((int64_t)24 * 3600)
#define HERS "juliet@capulet.example"
#define OTHER "tybalt@capulet.example"
#define NOBODYS "nobody@verona.example"

/* Us, connected to Benvolio, who is an introducer; Juliet, with a user key and no account yet; and
 * Tybalt, who has one. */
struct scene {
	uv_loop_t loop;
	struct person *us, *benvolio;
	struct troth_store *store;
	struct link *link;
	int64_t juliet, tybalt, now;
	struct troth_device *user_key;
};

static struct troth_device *device_new(const char *jid)
{
	const struct troth_device_params params = {jid, (int64_t)time(NULL)};
	struct troth_device *device;
	assert_ok(troth_device_generate(&device, &params));
	return device;
}

static void note(struct scene *s, int64_t contact, const char *jid)
{
	const struct troth_store_address row = {
		.realm = TROTH_REALM_SERVER, .address = jid, .source = "test", .last_seen = s->now};
	assert_ok(troth_store_address_note(s->store, contact, &row));
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	assert_non_null(s);
	assert_int_equal(uv_loop_init(&s->loop), 0);
	s->now = (int64_t)time(NULL);
	s->us = person_new(&s->loop, "romeo@forza", TROTH_LEVEL_VERIFIED);
	s->benvolio = person_new(&s->loop, "benvolio@pronto", TROTH_LEVEL_VERIFIED);
	s->store = s->us->home->store;
	int64_t benvolio = person_knows(s->us, "benvolio", s->benvolio);
	(void)person_knows(s->benvolio, "romeo", s->us);
	assert_ok(troth_store_leave_set(s->store, benvolio, TROTH_STORE_LEAVE_INTRODUCE, true,
					s->now));
	person_calls(s->us, person_where(s->benvolio), NULL);
	run_until(s->us, TROTH_NEWS_UP, 1);
	s->link = s->us->session->links;
	assert_non_null(s->link);
	s->juliet = add_contact(s->store, "juliet");
	s->tybalt = add_contact(s->store, "tybalt");
	note(s, s->tybalt, OTHER);
	s->user_key = device_new("someone@troth.invalid");
	const struct troth_cert *cert = troth_device_cert(s->user_key);
	const struct troth_store_new_key key = {.pin = troth_cert_pin(cert),
						.name = troth_cert_name(cert),
						.der = troth_cert_der(cert),
						.how = "srp",
						.role = TROTH_ROLE_USER};
	assert_ok(troth_store_key_pin(s->store, s->juliet, &key, s->now));
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	people_end(&s->loop, (struct person *[]){s->us, s->benvolio}, 2);
	troth_device_free(s->user_key);
	free(s);
	return 0;
}

static struct troth_endorsement *word(const struct troth_device *by, enum troth_purpose purpose,
				      const struct troth_device *subject, const char *jid)
{
	const struct troth_signer signer = troth_signer_of_device(by);
	const int64_t now = (int64_t)time(NULL);
	const struct troth_endorsement_terms terms = {
		.purpose = purpose, .jid = jid, .issued = now, .expires = now + 30 * DAY};
	struct troth_endorsement *e;
	assert_ok(troth_endorsement_make(&e, &signer, &terms, troth_device_cert(subject)));
	return e;
}

static struct troth_address *at(enum troth_realm realm, const char *text)
{
	struct troth_address *address;
	assert_ok(troth_address_new(&address, realm, text));
	return address;
}

/* ---- the rule ---- */

static void word__is_for_whoever_has_the_account(void **state)
{
	struct scene *s = *state;
	struct troth_address *there = at(TROTH_REALM_SERVER, HERS "/balcony");
	struct troth_address *away = at(TROTH_REALM_SERVER, "juliet@mantua.example");
	struct troth_address *link = at(TROTH_REALM_LINK, HERS);
	const struct {
		int64_t contact;
		const struct troth_address *at;
		const char *jid;
		bool without, with; /* before and after Juliet is known to have her account */
	} rows[] = {
		{s->juliet, there, "", true, true},
		{s->juliet, away, "", true, true},
		{s->juliet, there, HERS, true, true},
		{s->juliet, away, HERS, false, true},
		{s->juliet, link, HERS, true, true},
		{s->juliet, NULL, HERS, true, true},
		{s->juliet, there, OTHER, false, false},
		{s->juliet, link, OTHER, false, false},
		{s->juliet, NULL, NOBODYS, true, false},
		{s->juliet, link, NOBODYS, true, false},
		{s->tybalt, NULL, HERS, false, false},
		{s->tybalt, NULL, OTHER, true, true},
		{0, NULL, HERS, true, false},
		{0, there, HERS, true, false},
		{0, there, NOBODYS, false, false},
		{0, NULL, OTHER, false, false},
	};
	for (int known = 0; known < 2; known++) {
		if (known)
			note(s, s->juliet, HERS);
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			const struct troth_whose whose = {s->store, rows[i].contact, rows[i].at};
			bool his = !rows[i].with;
			assert_ok(troth_whose_key(&whose, rows[i].jid, &his));
			assert_int_equal(his, known ? rows[i].with : rows[i].without);
		}
	}
	troth_address_free(there);
	troth_address_free(away);
	troth_address_free(link);
}

/* ---- a device ---- */

/* Whether Juliet's user key makes a device hers that it endorses for an account. */
static bool is_hers(struct scene *s, const char *jid)
{
	struct troth_device *phone = device_new(jid);
	struct troth_address *address = at(TROTH_REALM_LINK, "someone@machine");
	struct troth_endorsement *says = word(s->user_key, TROTH_PURPOSE_DEVICE, phone, jid);
	const struct troth_endorsement *const list[] = {says};
	const struct troth_event e = {.type = TROTH_EVENT_VERDICT,
				      .cert = troth_device_cert(phone),
				      .address = address,
				      .endorsements = list,
				      .endorsement_count = 1};
	struct endorsed found;
	assert_ok(endorsed_find(s->us->session, &e, &found));
	assert_int_equal(found.count > 0, found.contact == s->juliet);
	troth_endorsement_free(says);
	troth_address_free(address);
	troth_device_free(phone);
	return found.count > 0;
}

static void device__isnt_hers__that_is_endorsed_for_another_account(void **state)
{
	struct scene *s = *state;
	note(s, s->juliet, HERS);
	assert_true(is_hers(s, HERS));
	assert_int_equal(s->us->count[TROTH_NEWS_WARNING], 0);
	assert_false(is_hers(s, NOBODYS));
	assert_false(is_hers(s, OTHER));
	assert_int_equal(s->us->count[TROTH_NEWS_WARNING], 2);
}

/* ---- an introducer's word ---- */

/* Effect: Benvolio answers the question about `asked` by his word for `jid`; whether it was taken.
 */
static bool introduces(struct scene *s, const char *asked, const char *jid)
{
	struct troth_device *device = device_new(jid);
	struct troth_address *about = at(TROTH_REALM_SERVER, asked);
	struct troth_endorsement *says =
		word(s->benvolio->device, TROTH_PURPOSE_VOUCH, device, jid);
	const struct troth_endorsement *const list[] = {says};
	const struct troth_peer_key key = {.cert = troth_device_cert(device),
					   .further = true,
					   .endorsements = list,
					   .endorsement_count = 1};
	const struct troth_event e = {
		.type = TROTH_EVENT_KEYS, .about = about, .keys = &key, .key_count = 1};
	size_t before = s->us->count[TROTH_NEWS_INTRODUCED];
	s->link->asking_for = true;
	(void)snprintf(s->link->asked, sizeof s->link->asked, "asked-%u-%u",
		       s->us->count[TROTH_NEWS_INTRODUCED], s->us->count[TROTH_NEWS_ASK_FAILED]);
	link_introduced(s->link, &e);
	troth_endorsement_free(says);
	troth_address_free(about);
	troth_device_free(device);
	return s->us->count[TROTH_NEWS_INTRODUCED] > before;
}

/* Who knows Tybalt's key by Benvolio's word can't pass it on as Juliet's. */
static void key__isnt_introduced__by_a_word_about_another_account(void **state)
{
	struct scene *s = *state;
	assert_true(introduces(s, HERS, HERS));
	assert_false(introduces(s, HERS, NOBODYS));
	assert_false(introduces(s, NOBODYS, OTHER));
	assert_false(introduces(s, OTHER, OTHER)); /* another contact has it */
	assert_true(introduces(s, "juliet@label.invalid", NOBODYS));
	assert_false(introduces(s, "juliet@label.invalid", OTHER));
	assert_int_equal(s->us->last[TROTH_NEWS_ASK_FAILED].err, TROTH_E_CERT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(word__is_for_whoever_has_the_account),
		TEST(device__isnt_hers__that_is_endorsed_for_another_account),
		TEST(key__isnt_introduced__by_a_word_about_another_account),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
