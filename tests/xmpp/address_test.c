/* SPDX-License-Identifier: MIT */
#include "../test.h"

#include <stdio.h>
#include <troth/address.h>

static char *full_of(enum troth_realm realm, const char *text)
{
	struct troth_address *a;
	int err = troth_address_new(&a, realm, text);
	char *full = strdup(err == TROTH_OK ? troth_address_full(a) : troth_err_name(err));
	if (err == TROTH_OK)
		troth_address_free(a);
	assert_non_null(full);
	return full;
}

static void expect(enum troth_realm realm, const char *text, const char *full)
{
	char *got = full_of(realm, text);
	assert_string_equal(got, full);
	free(got);
}

static void expect_format_error(enum troth_realm realm, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(realm, texts[i], "format");
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void address__splits__a_jid(void **state)
{
	(void)state;
	struct troth_address *a;
	assert_ok(troth_address_new(&a, TROTH_REALM_SERVER, "Juliet@Capulet.EXAMPLE./Balcony/a@b"));
	assert_int_equal(troth_address_realm(a), TROTH_REALM_SERVER);
	assert_string_equal(troth_address_full(a), "juliet@capulet.example/Balcony/a@b");
	assert_string_equal(troth_address_bare(a), "juliet@capulet.example");
	assert_string_equal(troth_address_resource(a), "Balcony/a@b");
	troth_address_free(a);
	assert_ok(troth_address_new(&a, TROTH_REALM_SERVER, "localhost"));
	assert_string_equal(troth_address_full(a), "localhost");
	assert_string_equal(troth_address_bare(a), "localhost");
	assert_null(troth_address_resource(a));
	troth_address_free(a);
	troth_address_free(NULL);
}

static void address__prepares__each_part(void **state)
{
	(void)state;
	expect(TROTH_REALM_SERVER, "\xc3\x84NNE@M\xc3\x9cLLER.example",
	       "\xc3\xa4nne@m\xc3\xbcller.example");
	expect(TROTH_REALM_SERVER,
	       "stra\xc3\x9f"
	       "e@a",
	       "strasse@a");
	expect(TROTH_REALM_SERVER, "a\xcc\x88@a", "\xc3\xa4@a");
	expect(TROTH_REALM_SERVER,
	       "so\xc2\xad"
	       "ft@a",
	       "soft@a");
	expect(TROTH_REALM_SERVER, "a@b/Caf\x65\xcc\x81 \xf0\x9f\x98\x80",
	       "a@b/Caf\xc3\xa9 \xf0\x9f\x98\x80");
	expect(TROTH_REALM_SERVER, "a@[2001:DB8:0:0::1]/r", "a@[2001:db8::1]/r");
	expect(TROTH_REALM_SERVER, "a_b@host_1.example", "a_b@host_1.example");
}

static void address__refuses__malformed_jids(void **state)
{
	(void)state;
	const char *const bad[] = {
		"",
		"@",
		"/",
		"a@",
		"@b",
		"a@/r",
		"a@b/",
		"/r",
		"a@b@c",
		"a b@c",
		"a\"@c",
		"a&b@c",
		"a'b@c",
		"a:b@c",
		"a<b@c",
		"a>b@c",
		".",
		"a..b",
		".a",
		"a@b..",
		"a@b c",
		"a@b\tc",
		"a@b\"c",
		"a@b&c",
		"a@b<c",
		"a@[",
		"a@[]",
		"a@[::1",
		"a@[::1]x",
		"a@[127.0.0.1]",
		"a@[::1%eth0]",
		"a@[g::]",
		"a@b/\x01",
		"a@b/\x7f",
		"a\n@b",
		"\xc2\xad@b",
	};
	expect_format_error(TROTH_REALM_SERVER, bad, COUNT(bad));
}

/* Characters that preparation turns into others must not move the borders. */
static void address__refuses__look_alikes_of_separators(void **state)
{
	(void)state;
	const char *const bad[] = {
		"a@b\xef\xbc\xa0"
		"c", /* U+FF20, an '@' */
		"a\xef\xbc\xa0"
		"b@c", /* the same in the local part */
		"a@b\xef\xbc\x8f"
		"c", /* U+FF0F, a '/' */
		"a\xef\xbc\x8f"
		"b@c",             /* the same in the local part */
		"a@b\xe2\x84\x80", /* U+2100, "a/c" */
		"a@b\xe3\x80\x82"
		"c", /* U+3002, an ideographic full stop */
		"a@b\xef\xbd\xa1"
		"c",                     /* U+FF61, its half-width form */
		"a\xe2\x80\xae@b",       /* U+202E, right-to-left override */
		"a\xe2\x81\xa6@b",       /* U+2066, an isolate, newer than stringprep */
		"a@b/\xe2\x81\xa9",      /* U+2069 in a resource */
		"a@b/x\xf3\xa0\x80\xa1", /* a tag character */
		"a@b/\xee\x80\x80",      /* private use */
		"a@b/\xe2\x80\xa8",      /* a line separator */
	};
	expect_format_error(TROTH_REALM_SERVER, bad, COUNT(bad));
}

static void address__refuses__what_is_not_utf8(void **state)
{
	(void)state;
	const char *const bad[] = {"\xff@b", "a@\xc3", "a@b/\xc0\xaf", "\xed\xa0\x80@b",
				   "a@b/\xf4\x90\x80\x80"};
	expect_format_error(TROTH_REALM_SERVER, bad, COUNT(bad));
	expect_format_error(TROTH_REALM_LINK, bad, COUNT(bad));
}

static void address__limits__each_part(void **state)
{
	(void)state;
	char part[1100];
	char jid[1200];
	for (size_t i = 0; i < 3; i++) {
		for (size_t len = 1022; len <= 1025; len++) {
			memset(part, 'x', len);
			part[len] = 0;
			int printed = i == 0   ? snprintf(jid, sizeof jid, "%s@b", part)
				      : i == 1 ? snprintf(jid, sizeof jid, "a@%s", part)
					       : snprintf(jid, sizeof jid, "a@b/%s", part);
			assert_in_range(printed, 1, sizeof jid - 1);
			expect(TROTH_REALM_SERVER, jid, len <= 1023 ? jid : "limit");
		}
	}
	/* U+FDFA becomes eighteen characters. */
	char *end = jid;
	for (size_t i = 0; i < 300; i++)
		end = stpcpy(end, "\xef\xb7\xba");
	expect(TROTH_REALM_SERVER, jid, "limit");
}

static void address__keeps__instance_names_but_for_nfc(void **state)
{
	(void)state;
	struct troth_address *a;
	assert_ok(troth_address_new(&a, TROTH_REALM_LINK, "Ju\xcc\x88liet @home@Pronto"));
	assert_string_equal(troth_address_full(a), "J\xc3\xbcliet @home@Pronto");
	assert_string_equal(troth_address_bare(a), "J\xc3\xbcliet @home@Pronto");
	assert_null(troth_address_resource(a));
	troth_address_free(a);
	expect(TROTH_REALM_LINK, "pronto", "pronto");
	expect(TROTH_REALM_LINK, "\xef\xbc\xa0@m", "\xef\xbc\xa0@m"); /* NFC isn't NFKC */
}

static void address__refuses__malformed_instance_names(void **state)
{
	(void)state;
	const char *const bad[] = {"",
				   "@",
				   "a@",
				   "@m",
				   "a/b@m",
				   "a@m/r",
				   "a\n@m",
				   "a\x7f@m",
				   "a\xc2\x85@m",
				   "a@m\xc3\xbc",
				   "m\xc3\xbc",
				   "a@m m",
				   "a\xe2\x80\xa8@m",
				   "a@m\x1b",
				   "a\xe2\x80\xa9@m"};
	expect_format_error(TROTH_REALM_LINK, bad, COUNT(bad));
	char name[300];
	memset(name, 'x', sizeof name);
	name[255] = 0;
	expect(TROTH_REALM_LINK, name, name);
	name[255] = 'x';
	name[256] = 0;
	expect(TROTH_REALM_LINK, name, "limit");
}

static void address__compares__realms_and_resources(void **state)
{
	(void)state;
	struct troth_address *a;
	struct troth_address *b;
	struct troth_address *bare;
	struct troth_address *link;
	assert_ok(troth_address_new(&a, TROTH_REALM_SERVER, "A@b/R"));
	assert_ok(troth_address_copy(&b, a));
	assert_ok(troth_address_new(&bare, TROTH_REALM_SERVER, "a@B"));
	assert_ok(troth_address_new(&link, TROTH_REALM_LINK, "a@b"));
	assert_true(troth_address_same(a, b));
	assert_string_equal(troth_address_resource(b), "R");
	assert_false(troth_address_same(a, bare));
	assert_true(troth_address_same_bare(a, bare));
	assert_false(troth_address_same_bare(bare, link));
	assert_false(troth_address_same(bare, link));
	assert_false(troth_address_same(NULL, NULL));
	assert_false(troth_address_same_bare(a, NULL));
	troth_address_free(a);
	troth_address_free(b);
	troth_address_free(bare);
	troth_address_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address__splits__a_jid),
		cmocka_unit_test(address__prepares__each_part),
		cmocka_unit_test(address__refuses__malformed_jids),
		cmocka_unit_test(address__refuses__look_alikes_of_separators),
		cmocka_unit_test(address__refuses__what_is_not_utf8),
		cmocka_unit_test(address__limits__each_part),
		cmocka_unit_test(address__keeps__instance_names_but_for_nfc),
		cmocka_unit_test(address__refuses__malformed_instance_names),
		cmocka_unit_test(address__compares__realms_and_resources),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
