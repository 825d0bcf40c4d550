/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "session/person.h"

#include <string.h>
#include <troth/err.h>

static void assert_asked_as(const char *name, const char *jid)
{
	char out[TROTH_PERSON_MAX + 1];
	assert_ok(troth_person_jid(name, out));
	assert_string_equal(out, jid);
}

static void jid__is_an_address__or_a_label_escaped(void **state)
{
	(void)state;
	assert_asked_as("mercutio", "mercutio@label.invalid");
	assert_asked_as("Don Pedro", "don\\20pedro@label.invalid");
	assert_asked_as("a/b:c<d>\"e\"'f'&g\\h",
			"a\\2fb\\3ac\\3cd\\3e\\22e\\22\\27f\\27\\26g\\5ch@label.invalid");
	assert_asked_as("juliet@capulet.example", "juliet@capulet.example");
	assert_asked_as("juliet@capulet.example/balcony", "juliet@capulet.example");
	assert_asked_as("romeo@forza", "romeo@forza");
}

static void jid__is_refused__for_what_is_no_name(void **state)
{
	static const char *const wrong[] = {"",     "@",           "a@",    "@b",  "a@b c",
					    "a\nb", "a\xc2\xa0 b", "a@b@c", "\xff"};
	char out[TROTH_PERSON_MAX + 1] = "kept";
	char longer[TROTH_STORE_LABEL_MAX + 2];
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_err(troth_person_jid(wrong[i], out), TROTH_E_FORMAT);
		assert_string_equal(out, "kept");
	}
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	assert_err(troth_person_jid(longer, out), TROTH_E_LIMIT);
}

static void label__comes_back__as_it_was(void **state)
{
	static const char *const labels[] = {"mercutio", "don pedro", "\\20", "\\\\5c",     "a@b",
					     "<\"&'/:>", "\\",        "5c",   "j\xc3\xb6rg"};
	(void)state;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		char jid[TROTH_PERSON_MAX + 1];
		char label[TROTH_STORE_LABEL_MAX + 1];
		if (strchr(labels[i], '@') != NULL)
			(void)strcpy(jid, "a\\40b@label.invalid");
		else
			assert_ok(troth_person_jid(labels[i], jid));
		assert_ok(troth_person_label(jid, label));
		assert_string_equal(label, labels[i]);
	}
}

static void label__is_none__of_other_jids(void **state)
{
	static const char *const others[] = {"juliet@capulet.example",  "label.invalid",
					     "@label.invalid",          "a@b.label.invalid",
					     "a@label.invalid.example", ""};
	char label[TROTH_STORE_LABEL_MAX + 1] = "kept";
	char longer[TROTH_STORE_LABEL_MAX + 32];
	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_err(troth_person_label(others[i], label), TROTH_E_NOT_FOUND);
	memset(longer, 'a', TROTH_STORE_LABEL_MAX + 1);
	(void)strcpy(longer + TROTH_STORE_LABEL_MAX + 1, "@label.invalid");
	assert_err(troth_person_label(longer, label), TROTH_E_NOT_FOUND);
	assert_string_equal(label, "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jid__is_an_address__or_a_label_escaped),
		cmocka_unit_test(jid__is_refused__for_what_is_no_name),
		cmocka_unit_test(label__comes_back__as_it_was),
		cmocka_unit_test(label__is_none__of_other_jids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
