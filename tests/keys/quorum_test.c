/* SPDX-License-Identifier: MIT */
/* Quorums: what is signed, every change of it, and what can't be one. */
#include "keys/quorum.h"

#include "base/digest.h"
#include "base/encode.h"
#include "keys/signer.h"
#include "statement.h"
#include "xml/namespace.h"

#include <stdio.h>
#include <string.h>

static struct troth_pin number(unsigned n)
{
	struct troth_pin pin = {{0}};
	pin.bytes[0] = (uint8_t)n;
	return pin;
}

static int try_make(struct troth_quorum **out, unsigned need, size_t count, unsigned first)
{
	struct troth_pin devices[TROTH_QUORUM_DEVICES + 1];
	struct troth_signer signer = troth_signer_of_device(user);
	const struct troth_quorum_terms terms = {devices, count, need};
	for (size_t i = 0; i < count; i++)
		devices[i] = number(first - (unsigned)i);
	return troth_quorum_make(out, &signer, &terms, MAKE_NOW);
}

static struct troth_quorum *make(void)
{
	struct troth_quorum *q = NULL;
	assert_ok(try_make(&q, 2, 3, 9));
	return q;
}

/* The caller frees. */
static char *write_it(const struct troth_quorum *x)
{
	struct sheet sheet;
	troth_quorum_write(sheet_open(&sheet), x);
	return sheet_close(&sheet);
}

static int read_it(struct troth_quorum **out, const char *xml)
{
	struct troth_stanza *stanza = parsed(xml);
	int err = troth_quorum_read(out, troth_stanza_root(stanza));
	troth_stanza_free(stanza);
	return err;
}

static void quorum__comes_back__as_it_was_made(void **state)
{
	(void)state;
	struct troth_quorum *made = make();
	struct troth_quorum *read = NULL;
	struct troth_pin in = number(8);
	struct troth_pin out = number(6);
	char *xml = write_it(made);
	assert_ok(read_it(&read, xml));
	assert_int_equal(read->need, 2);
	assert_int_equal(read->device_count, 3);
	assert_int_equal(read->time_at, MAKE_NOW);
	assert_true(troth_pin_equal(&read->id, &made->id));
	assert_true(troth_quorum_names(read, &in));
	assert_false(troth_quorum_names(read, &out));
	assert_ok(troth_quorum_verify(read, cert(user)));
	assert_err(troth_quorum_verify(read, cert(device)), TROTH_E_CERT);
	troth_quorum_free(made);
	troth_quorum_free(read);
	free(xml);
}

static void signature__is__over_exactly_the_string_of_the_protocol(void **state)
{
	(void)state;
	char by[TROTH_ISSUER_LEN + 1];
	char pin[TROTH_ISSUER_LEN + 1];
	uint8_t id[32];
	struct troth_buf m;
	struct troth_quorum *q = make();
	troth_buf_init(&m, 65536);
	troth_issuer_of_cert(by, cert(user));
	const char *parts[] = {"troth-quorum-0", by, "2", "2027-01-15T08:00:00Z"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_ok(troth_lv_append_str(&m, parts[i]));
	for (unsigned n = 7; n <= 9; n++) {
		struct troth_pin one = number(n);
		troth_hex(pin, (struct troth_slice){one.bytes, sizeof one.bytes});
		assert_ok(troth_lv_append_str(&m, pin));
	}
	assert_ok(troth_cert_verify(cert(user), troth_buf_slice(&m), q->signature));
	assert_ok(troth_sha256(id, troth_buf_slice(&m)));
	assert_memory_equal(id, q->id.bytes, sizeof id);
	troth_buf_fini(&m);
	troth_quorum_free(q);
}

static void quorum__is_refused__when_anything_in_it_was_changed(void **state)
{
	static const char *const changes[][2] = {
		{"need=\"2\"", "need=\"3\""},
		{"need='2'", "need='3'"},
		{"08:00:00Z", "08:00:01Z"},
		{">07", ">06"},
	};
	(void)state;
	struct troth_quorum *made = make();
	char *xml = write_it(made);
	unsigned changed = 0;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct troth_quorum *read = NULL;
		if (strstr(xml, changes[i][0]) == NULL)
			continue;
		char *edited = replace(xml, changes[i][0], changes[i][1]);
		assert_ok(read_it(&read, edited));
		assert_err(troth_quorum_verify(read, cert(user)), TROTH_E_CERT);
		assert_false(troth_pin_equal(&read->id, &made->id));
		troth_quorum_free(read);
		free(edited);
		changed++;
	}
	assert_int_equal(changed, 3);
	troth_quorum_free(made);
	free(xml);
}

static void list__has_one_form__or_is_none(void **state)
{
	static const char *const changes[][2] = {
		{"<device>09", "<device>07"}, /* twice */
		{"<device>07", "<device>0a"}, /* not in order */
		{"<device>07", "<device>0G"},         {"<device>07", "<device>007"},
		{"2027-01-15T08:00:00Z", "some day"},
	};
	(void)state;
	struct troth_quorum *made = make();
	struct troth_quorum *read = NULL;
	char *xml = write_it(made);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		char *edited = replace(xml, changes[i][0], changes[i][1]);
		assert_err(read_it(&read, edited), TROTH_E_FORMAT);
		free(edited);
	}
	const char *need = strstr(xml, "need=");
	assert_non_null(need);
	for (const char *wrong = "01489"; *wrong != 0; wrong++) {
		xml[(size_t)(need - xml) + strlen("need='")] = *wrong;
		assert_err(read_it(&read, xml), TROTH_E_FORMAT);
	}
	troth_quorum_free(made);
	free(xml);
}

static void quorum__is_not_made__of_one_or_too_many(void **state)
{
	(void)state;
	struct troth_quorum *q = NULL;
	assert_err(try_make(&q, 1, 3, 9), TROTH_E_INVAL);
	assert_err(try_make(&q, 0, 0, 9), TROTH_E_INVAL);
	assert_err(try_make(&q, 2, 1, 9), TROTH_E_INVAL);
	assert_err(try_make(&q, 4, 3, 9), TROTH_E_INVAL);
	assert_err(try_make(&q, 2, TROTH_QUORUM_DEVICES + 1, 20), TROTH_E_INVAL);
	assert_null(q);
	assert_ok(try_make(&q, TROTH_QUORUM_DEVICES, TROTH_QUORUM_DEVICES, 20));
	troth_quorum_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quorum__comes_back__as_it_was_made),
		cmocka_unit_test(signature__is__over_exactly_the_string_of_the_protocol),
		cmocka_unit_test(quorum__is_refused__when_anything_in_it_was_changed),
		cmocka_unit_test(list__has_one_form__or_is_none),
		cmocka_unit_test(quorum__is_not_made__of_one_or_too_many),
	};
	return cmocka_run_group_tests(tests, make_them, free_them);
}
