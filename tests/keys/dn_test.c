/* SPDX-License-Identifier: MIT */
/* Distinguished names: patterns attribute by attribute, and their text. */
#include "../test.h"
#include "base/slice.h"
#include "keys/dn.h"

/* "C=GB/O=Example/CN=Ian": in the order of the certificate; a '+' joins the level before. */
static X509_NAME *name_of(const char *text)
{
	X509_NAME *name = X509_NAME_new();
	char *copy = strdup(text), *rest = NULL;
	for (char *p = strtok_r(copy, "/", &rest); p; p = strtok_r(NULL, "/", &rest)) {
		bool joined = *p == '+';
		char *value = strchr(p, '=');
		*value++ = 0;
		assert_int_equal(X509_NAME_add_entry_by_txt(name, p + joined, MBSTRING_UTF8,
							    (const unsigned char *)value, -1, -1,
							    joined ? -1 : 0),
				 1);
	}
	free(copy);
	return name;
}

static bool fits(const char *pattern, const char *text)
{
	struct troth_dn_pattern *p;
	struct troth_dn_problem problem;
	assert_ok(troth_dn_pattern_new(&p, pattern, &problem));
	X509_NAME *name = name_of(text);
	bool result = troth_dn_pattern_matches(p, name);
	X509_NAME_free(name);
	troth_dn_pattern_free(p);
	return result;
}

static void dn_pattern__matches__attribute_by_attribute(void **state)
{
	(void)state;
	assert_true(fits("CN=Ian,O=Example,C=GB", "C=GB/O=Example/CN=Ian"));
	assert_true(fits(" cn = *, O=Example , C=GB", "C=GB/O=Example/CN=Anybody at all"));
	assert_false(fits("CN=Ian,O=Example,C=GB", "C=GB/O=Example/CN=Ian/CN=proxy"));
	assert_false(fits("CN=Ian,O=Example,C=GB", "O=Example/CN=Ian"));
	assert_false(fits("CN=Ian,O=Example,C=GB", "CN=Ian/O=Example/C=GB"));
	assert_false(fits("CN=*,O=Example", "O=Example2/CN=Ian"));
	assert_false(fits("CN=*,O=Example", "O=Example/OU=Ian"));
	/* RFC 5280 7.1: case and blanks don't count. */
	assert_true(fits("O=example  CORP", "O=Example Corp"));
	assert_true(fits("2.5.4.3=Ian", "CN=Ian"));
	assert_true(fits("DC=example,DC=com", "DC=com/DC=example"));
}

static void dn_pattern__matches_anything_before__with_a_star_of_its_own(void **state)
{
	(void)state;
	assert_true(fits("*,O=Example,C=GB", "C=GB/O=Example"));
	assert_true(fits("*,O=Example,C=GB", "C=GB/O=Example/OU=a/OU=b/CN=c"));
	assert_true(fits("*,O=Example", "O=Example/OU=a/CN=c/+UID=d"));
	assert_false(fits("*,O=Example,C=GB", "C=GB/OU=x/O=Example"));
	assert_true(fits("*", "C=GB"));
}

static void dn_pattern__asks_for_levels_of_their_own__unless_open(void **state)
{
	(void)state;
	assert_false(fits("CN=c,O=Example", "O=Example/CN=c/+UID=d"));
	assert_false(fits("UID=d,CN=c", "CN=c/+UID=d"));
	assert_false(fits("*,O=Example", "O=Example/+OU=d"));
}

static void dn_pattern__reads_escapes__as_rfc4514_has_them(void **state)
{
	(void)state;
	assert_true(fits("O=Foo\\, Inc,C=US", "C=US/O=Foo, Inc"));
	assert_true(fits("O=Foo\\2C Inc", "O=Foo, Inc"));
	assert_true(fits("CN=\\2a", "CN=*"));
	assert_false(fits("CN=\\2a", "CN=Ian"));
	assert_true(fits("CN=J\\C3\\B6rg", "CN=J\xc3\xb6rg"));
	assert_true(fits("CN=J\xc3\xb6rg", "CN=J\xc3\xb6rg"));
}

static void dn_pattern__says_where__it_cant_be_read(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} bad[] = {
		{"", 0},        {"CN", 0},          {"CN=", 3},   {"CN=a,", 5},    {"CN=a,,O=b", 5},
		{"XY=a", 0},    {"CN=a,O=b*,", 10}, {"CN=*b", 3}, {"CN=a+O=b", 4}, {"CN=#0403", 3},
		{"CN=a\\", 4},  {"CN=a\\zz", 4},    {"*O=a", 1},  {"C=GBR", 2},    {"CN=\\00", 3},
		{"CN=\\ff", 3}, {"CN=a\"b\"", 4},
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct troth_dn_pattern *p;
		struct troth_dn_problem problem = {99, NULL};
		assert_err(troth_dn_pattern_new(&p, bad[i].text, &problem), TROTH_E_FORMAT);
		if (problem.at != bad[i].at)
			fail_msg("%s: at %zu", bad[i].text, problem.at);
		assert_non_null(problem.text);
	}
}

static void dn_pattern__has_limits__on_parts_and_values(void **state)
{
	char text[4096] = "";
	struct troth_dn_pattern *p;
	struct troth_dn_problem problem;
	(void)state;
	for (int i = 0; i < 17; i++)
		strcat(text, i ? ",CN=a" : "CN=a");
	assert_err(troth_dn_pattern_new(&p, text, &problem), TROTH_E_FORMAT);
	memset(text, 'a', 2000);
	memcpy(text, "CN=", 3);
	text[2000] = 0;
	assert_err(troth_dn_pattern_new(&p, text, &problem), TROTH_E_FORMAT);
}

static void dn_value__is_found__once_or_not_at_all(void **state)
{
	struct troth_buf out;
	X509_NAME *name = name_of("C=GB/O=Example/CN=Ian Stokes/OU=a/OU=b");
	(void)state;
	troth_buf_init(&out, 100);
	assert_ok(troth_dn_value(&out, name, "cn"));
	assert_true(troth_slice_equal(troth_buf_slice(&out), troth_slice_str("Ian Stokes")));
	assert_err(troth_dn_value(&out, name, "OU"), TROTH_E_NOT_FOUND);
	assert_err(troth_dn_value(&out, name, "UID"), TROTH_E_NOT_FOUND);
	assert_err(troth_dn_value(&out, name, "nonsense"), TROTH_E_NOT_FOUND);
	troth_buf_clear(&out);
	assert_ok(troth_dn_text(&out, name));
	assert_true(troth_slice_equal(troth_buf_slice(&out),
				      troth_slice_str("OU=b,OU=a,CN=Ian Stokes,O=Example,C=GB")));
	troth_buf_fini(&out);
	X509_NAME_free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dn_pattern__matches__attribute_by_attribute),
		cmocka_unit_test(dn_pattern__matches_anything_before__with_a_star_of_its_own),
		cmocka_unit_test(dn_pattern__asks_for_levels_of_their_own__unless_open),
		cmocka_unit_test(dn_pattern__reads_escapes__as_rfc4514_has_them),
		cmocka_unit_test(dn_pattern__says_where__it_cant_be_read),
		cmocka_unit_test(dn_pattern__has_limits__on_parts_and_values),
		cmocka_unit_test(dn_value__is_found__once_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
