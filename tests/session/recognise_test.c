/* SPDX-License-Identifier: MIT */
/* Two devices that know each other, a third that doesn't: who recognises whom, and when. */
#include "../store/fixture.h"
#include "session/recognise.h"

#include <stdio.h>

#include <troth/key.h>

#define NOW 1800000000
#define HOUR 3600

static struct troth_device *device(void)
{
	struct troth_device *d;
	const struct troth_device_params params = {"someone@troth.invalid", NOW};
	assert_ok(troth_device_generate(&d, &params));
	return d;
}

static struct troth_store_new_key key_for(const struct troth_device *d)
{
	const struct troth_cert *cert = troth_device_cert(d);
	return (struct troth_store_new_key){
		.pin = troth_cert_pin(cert),
		.name = troth_cert_name(cert),
		.der = troth_cert_der(cert),
		.how = "manual",
	};
}

static void pin(struct troth_store *store, const char *label, const struct troth_device *d)
{
	struct troth_store_new_key key = key_for(d);
	assert_ok(troth_store_key_pin(store, add_contact(store, label), &key, NOW));
}

static struct troth_recognise *recognise(struct troth_store *store, const struct troth_device *own,
					 int64_t now)
{
	struct troth_recognise *r;
	assert_ok(troth_recognise_new(&r, store, &(struct troth_recognise_self){own, NULL}, now));
	return r;
}

/* Whether b, whose store is the other one, is recognised by a, `later` seconds after. */
static void expect(int64_t later, bool found)
{
	void *a_home, *b_home;
	struct troth_device *a = device(), *b = device();
	struct troth_store_contact contact;
	size_t count;
	int64_t hour;
	assert_int_equal(home_setup(&a_home), 0);
	assert_int_equal(home_setup(&b_home), 0);
	pin(home_store(&a_home), "Juliet", b);
	pin(home_store(&b_home), "Romeo", a);
	struct troth_recognise *theirs = recognise(home_store(&b_home), b, NOW + later);
	struct troth_recognise *ours = recognise(home_store(&a_home), a, NOW);
	const struct troth_lan_tag *tags = troth_recognise_own(theirs, &count, &hour);
	assert_int_equal(count, 1);
	assert_int_equal(hour, (NOW + later) / HOUR);
	assert_int_equal(troth_recognise_find(ours, tags, count, &contact), found);
	if (found)
		assert_string_equal(contact.label, "Juliet");
	/* What we announce for her isn't what she announces for us. */
	assert_false(troth_recognise_find(theirs, tags, count, &contact));
	troth_recognise_free(ours);
	troth_recognise_free(theirs);
	troth_device_free(a);
	troth_device_free(b);
	home_teardown(&a_home);
	home_teardown(&b_home);
}

static void contact__is_recognised__an_hour_before_and_after(void **state)
{
	(void)state;
	expect(-HOUR, true);
	expect(0, true);
	expect(HOUR, true);
}

static void contact__is_not_recognised__two_hours_off(void **state)
{
	(void)state;
	expect(-2 * HOUR, false);
	expect(2 * HOUR, false);
}

/* Who was away knows the old key alone: each finds the other by it. */
static void renewed_device__is_recognised_and_recognises__by_its_former_key(void **state)
{
	(void)state;
	void *a_home, *b_home;
	struct troth_device *old = device(), *new = device(), *b = device();
	struct troth_store_contact contact;
	struct troth_recognise *ours;
	size_t count;
	int64_t hour;
	assert_int_equal(home_setup(&a_home), 0);
	assert_int_equal(home_setup(&b_home), 0);
	pin(home_store(&a_home), "Juliet", b);
	pin(home_store(&b_home), "Romeo", old);
	struct troth_recognise *theirs = recognise(home_store(&b_home), b, NOW);
	const struct troth_recognise_self self = {new, old};
	assert_ok(troth_recognise_new(&ours, home_store(&a_home), &self, NOW));
	const struct troth_lan_tag *tags = troth_recognise_own(theirs, &count, &hour);
	assert_true(troth_recognise_find(ours, tags, count, &contact));
	assert_string_equal(contact.label, "Juliet");
	tags = troth_recognise_own(ours, &count, &hour);
	assert_int_equal(count, 2);
	assert_true(troth_recognise_find(theirs, tags, count, &contact));
	assert_string_equal(contact.label, "Romeo");
	troth_recognise_free(ours);
	ours = recognise(home_store(&a_home), new, NOW);
	tags = troth_recognise_own(ours, &count, &hour);
	assert_false(troth_recognise_find(theirs, tags, count, &contact));
	troth_recognise_free(ours);
	troth_recognise_free(theirs);
	troth_device_free(old);
	troth_device_free(new);
	troth_device_free(b);
	home_teardown(&a_home);
	home_teardown(&b_home);
}

static void claimed_key__recognises_nobody(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_device *own = device(), *other = device();
	struct troth_store_new_key key = key_for(other);
	size_t count;
	int64_t hour;
	assert_ok(troth_store_key_claim(store, add_contact(store, "Juliet"), &key, NOW));
	struct troth_recognise *r = recognise(store, own, NOW);
	troth_recognise_own(r, &count, &hour);
	assert_int_equal(count, 0);
	troth_recognise_free(r);
	troth_device_free(own);
	troth_device_free(other);
}

/* By its fingerprint alone a contact has no tags, and is in nobody's way. */
static void key_without_certificate__is_passed_over__until_it_is_shown(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_device *own = device(), *other = device(), *nurse = device();
	struct troth_store_new_key whole = key_for(nurse), key = whole;
	size_t count;
	int64_t hour;
	key.name = "";
	key.der = (struct troth_slice){NULL, 0};
	assert_ok(troth_store_key_pin(store, add_contact(store, "Nurse"), &key, NOW));
	pin(store, "Juliet", other);
	struct troth_recognise *r = recognise(store, own, NOW);
	troth_recognise_own(r, &count, &hour);
	assert_int_equal(count, 1);
	troth_recognise_free(r);
	assert_ok(troth_store_key_complete(store, &whole, NOW));
	r = recognise(store, own, NOW);
	troth_recognise_own(r, &count, &hour);
	assert_int_equal(count, 2);
	troth_recognise_free(r);
	troth_device_free(own);
	troth_device_free(other);
	troth_device_free(nurse);
}

static void own_tags__are_for_those_met_last__at_most_64(void **state)
{
	struct troth_store *store = home_store(state);
	struct troth_device *own = device();
	struct troth_device *others[TROTH_LAN_TAGS_MAX + 2];
	size_t count;
	int64_t hour;
	for (size_t i = 0; i < TROTH_LAN_TAGS_MAX + 2; i++) {
		char label[16];
		snprintf(label, sizeof label, "contact %zu", i);
		others[i] = device();
		struct troth_store_new_key key = key_for(others[i]);
		assert_ok(troth_store_key_pin(store, add_contact(store, label), &key,
					      NOW + (int64_t)i));
	}
	struct troth_recognise *r = recognise(store, own, NOW);
	const struct troth_lan_tag *tags = troth_recognise_own(r, &count, &hour);
	assert_int_equal(count, TROTH_LAN_TAGS_MAX);
	/* The oldest of them are left out; each of the others has its own. */
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(tags[i].bytes, tags[j].bytes, TROTH_LAN_TAG_LEN);
	troth_recognise_free(r);
	for (size_t i = 0; i < TROTH_LAN_TAGS_MAX + 2; i++)
		troth_device_free(others[i]);
	troth_device_free(own);
}

static void recognise__is_stale__in_another_hour(void **state)
{
	struct troth_device *own = device();
	struct troth_recognise *r = recognise(home_store(state), own, NOW);
	assert_false(troth_recognise_is_stale(r, NOW));
	assert_true(troth_recognise_is_stale(r, NOW + HOUR));
	assert_true(troth_recognise_is_stale(r, NOW - HOUR));
	troth_recognise_free(r);
	troth_device_free(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contact__is_recognised__an_hour_before_and_after),
		cmocka_unit_test(contact__is_not_recognised__two_hours_off),
		cmocka_unit_test(renewed_device__is_recognised_and_recognises__by_its_former_key),
		cmocka_unit_test_setup_teardown(claimed_key__recognises_nobody, home_setup,
						home_teardown),
		cmocka_unit_test_setup_teardown(
			key_without_certificate__is_passed_over__until_it_is_shown, home_setup,
			home_teardown),
		cmocka_unit_test_setup_teardown(own_tags__are_for_those_met_last__at_most_64,
						home_setup, home_teardown),
		cmocka_unit_test_setup_teardown(recognise__is_stale__in_another_hour, home_setup,
						home_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
