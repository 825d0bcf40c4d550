/* SPDX-License-Identifier: MIT */
#include "../test.h"
#include "base/slice.h"
#include "xmpp/disco.h"
#include "xmpp/header.h"

#include <stdio.h>

/* XEP-0115 5.2, the features in no order. */
static const struct troth_disco_identity exodus[] = {{"client", "pc", NULL, "Exodus 0.9.1"}};
static const char *const features[] = {
	"http://jabber.org/protocol/muc", "http://jabber.org/protocol/disco#info",
	"http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#items"};
static const struct troth_disco disco = {exodus, 1, features, 4, "http://code.google.com/p/exodus"};
#define VER "QgayPKawpkPSDYmwT/WM94uAlu0="

static void caps_ver__is__that_of_xep_0115_5_2(void **state)
{
	(void)state;
	char ver[TROTH_CAPS_VER_SIZE];
	assert_ok(troth_caps_ver(ver, &disco));
	assert_string_equal(ver, VER);
}

/* XEP-0115 5.3 without its form: the hash of S, computed by the rule from the text there. */
static void caps_ver__sorts__identities_by_language(void **state)
{
	(void)state;
	const struct troth_disco_identity psi[] = {{"client", "pc", "en", "Psi 0.11"},
						   {"client", "pc", "el", "\xce\xa8 0.11"}};
	const struct troth_disco_identity other_order[] = {psi[1], psi[0]};
	char a[TROTH_CAPS_VER_SIZE];
	char b[TROTH_CAPS_VER_SIZE];
	assert_ok(troth_caps_ver(a, &(struct troth_disco){psi, 2, features, 4, "n"}));
	assert_ok(troth_caps_ver(b, &(struct troth_disco){other_order, 2, features, 4, "n"}));
	assert_string_equal(a, b);
	assert_string_equal(a, "2ZC2Fe8xb+Ln321QG0/AaqNEfBU=");
}

static void caps_ver__refuses__doubles_and_too_many(void **state)
{
	(void)state;
	char ver[TROTH_CAPS_VER_SIZE];
	const char *const twice[] = {"a", "b", "a"};
	const struct troth_disco_identity same[] = {{"c", "t", NULL, "x"}, {"c", "t", NULL, "y"}};
	assert_err(troth_caps_ver(ver, &(struct troth_disco){exodus, 1, twice, 3, "n"}),
		   TROTH_E_INVAL);
	assert_err(troth_caps_ver(ver, &(struct troth_disco){same, 2, twice, 2, "n"}),
		   TROTH_E_INVAL);
	assert_err(troth_caps_ver(
			   ver, &(struct troth_disco){exodus, 1, twice, TROTH_DISCO_MAX + 1, "n"}),
		   TROTH_E_INVAL);
	assert_ok(troth_caps_ver(ver, &(struct troth_disco){NULL, 0, NULL, 0, "n"}));
}

static void caps__is_written__for_presence(void **state)
{
	(void)state;
	struct troth_buf buf;
	struct troth_writer w;
	const char *text;
	troth_buf_init(&buf, 1000);
	troth_writer_init(&w, &buf, TROTH_NS_CLIENT);
	troth_caps_write(&w, &disco);
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_buf_cstr(&buf, &text));
	assert_string_equal(text, "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
				  "node='http://code.google.com/p/exodus' ver='" VER "'/>");
	troth_buf_fini(&buf);
}

/* The answer to a request for a node (or none), as text; the caller frees. */
static char *answer(const char *node)
{
	char xml[400];
	struct troth_stanza *s;
	struct troth_buf buf;
	struct troth_writer w;
	const char *text;
	snprintf(xml, sizeof xml,
		 "<iq xmlns='jabber:client' type='get' id='1' from='a' to='b'>"
		 "<query xmlns='http://jabber.org/protocol/disco#info'%s/></iq>",
		 node);
	assert_ok(troth_element_parse(&s, troth_slice_str(xml)));
	assert_true(troth_disco_is_request(troth_stanza_root(s)));
	troth_buf_init(&buf, 2000);
	troth_writer_init(&w, &buf, "");
	troth_disco_answer(&w, troth_stanza_root(s), &disco);
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_buf_cstr(&buf, &text));
	char *copy = strdup(text);
	assert_non_null(copy);
	troth_buf_fini(&buf);
	troth_stanza_free(s);
	return copy;
}

static void disco__answers__with_identities_and_features(void **state)
{
	(void)state;
	struct troth_stanza *s;
	char *text = answer("");
	const char *begin = "<iq xmlns='jabber:client' type='result' id='1' from='b' to='a'>"
			    "<query xmlns='http://jabber.org/protocol/disco#info'>"
			    "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
			    "<feature var='http://jabber.org/protocol/muc'/>";
	assert_ptr_equal(strstr(text, begin), text);
	assert_ok(troth_element_parse(&s, troth_slice_str(text)));
	assert_true(troth_disco_has(troth_stanza_root(s), "http://jabber.org/protocol/caps"));
	assert_false(troth_disco_has(troth_stanza_root(s), "http://jabber.org/protocol/cap"));
	assert_false(troth_disco_has(NULL, "http://jabber.org/protocol/caps"));
	troth_stanza_free(s);
	free(text);
	text = answer(" node='http://code.google.com/p/exodus#" VER "'");
	assert_non_null(strstr(text, "node='http://code.google.com/p/exodus#" VER "'><identity"));
	free(text);
}

static void disco__is_written__with_its_node_for_features(void **state)
{
	(void)state;
	struct troth_buf buf;
	struct troth_writer w;
	const char *text;
	troth_buf_init(&buf, 2000);
	troth_writer_init(&w, &buf, "");
	troth_disco_write(&w, &disco);
	assert_ok(troth_writer_finish(&w));
	assert_ok(troth_buf_cstr(&buf, &text));
	const char *begin = "<query xmlns='http://jabber.org/protocol/disco#info' "
			    "node='http://code.google.com/p/exodus#" VER "'>"
			    "<identity category='client' type='pc' name='Exodus 0.9.1'/>"
			    "<feature var='http://jabber.org/protocol/muc'/>";
	assert_ptr_equal(strstr(text, begin), text);
	troth_buf_fini(&buf);
}

static void disco__denies__nodes_that_are_not_ours(void **state)
{
	(void)state;
	const char *nodes[] = {" node=''", " node='http://code.google.com/p/exodus'",
			       " node='http://code.google.com/p/exodus#x'", " node='#" VER "'"};
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
		char *text = answer(nodes[i]);
		assert_non_null(strstr(text, "type='error'"));
		assert_non_null(strstr(text, "<item-not-found xmlns="));
		assert_null(strstr(text, "feature"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(caps_ver__is__that_of_xep_0115_5_2),
		cmocka_unit_test(caps_ver__sorts__identities_by_language),
		cmocka_unit_test(caps_ver__refuses__doubles_and_too_many),
		cmocka_unit_test(caps__is_written__for_presence),
		cmocka_unit_test(disco__answers__with_identities_and_features),
		cmocka_unit_test(disco__is_written__with_its_node_for_features),
		cmocka_unit_test(disco__denies__nodes_that_are_not_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
