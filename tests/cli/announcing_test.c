/* SPDX-License-Identifier: MIT */
/* What --announce takes, and what it refuses. */
#include "../test.h"
#include "base/slice.h"
#include "cli/meet/announcing.h"

static void read__takes_every_item__over_several_options(void **state)
{
	(void)state;
	struct troth_announcing a = {0};
	const char *wrong = NULL;
	assert_ok(troth_announcing_read(&a, "name=juliet@pronto,nick,jid=j@capulet.lit", &wrong));
	assert_ok(troth_announcing_read(&a, "1st=Juliet,last=Capulet,email=j@c.lit", &wrong));
	assert_ok(troth_announcing_read(&a, "status=dnd,msg=a rose, by any name,status=away",
					&wrong));
	assert_string_equal(a.name, "juliet@pronto");
	assert_true(a.wants_nick);
	struct troth_lan_card card = troth_announcing_card(&a);
	assert_null(card.nick); /* the caller knows it */
	assert_string_equal(card.jid, "j@capulet.lit");
	assert_string_equal(card.first, "Juliet");
	assert_string_equal(card.last, "Capulet");
	assert_string_equal(card.email, "j@c.lit");
	assert_string_equal(card.msg, "a rose, by any name,status=away");
	assert_true(card.say_status);
	assert_int_equal(card.status, TROTH_LAN_DND);
	assert_null(wrong);
	troth_announcing_fini(&a);
	assert_null(a.msg);
}

static void read__replaces__what_is_said_again(void **state)
{
	(void)state;
	struct troth_announcing a = {0};
	const char *wrong;
	assert_ok(troth_announcing_read(&a, "jid=a@b,jid=c@d,status=away,status=avail", &wrong));
	assert_string_equal(a.jid, "c@d");
	assert_true(a.say_status);
	assert_int_equal(a.status, TROTH_LAN_AVAIL);
	troth_announcing_fini(&a);
}

static void card__says_nothing__for_a_bare_name(void **state)
{
	(void)state;
	struct troth_announcing a = {0};
	const char *wrong;
	assert_ok(troth_announcing_read(&a, "name=juliet@pronto", &wrong));
	struct troth_lan_card card = troth_announcing_card(&a);
	const char *texts[] = {card.nick, card.first, card.last, card.email,
			       card.jid,  card.msg,   card.node, card.ver};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_null(texts[i]);
	assert_false(card.say_status || card.say_port);
	troth_announcing_fini(&a);
}

static void read__points__at_what_it_refuses(void **state)
{
	(void)state;
	static const char *const wrongs[] = {
		"",     ",nick", "nicks",     "nick=J", "status=",    "status=xa", "status=awayy",
		"msg=", "=x",    "jid=,nick", "ver=x",  "port.p2pj=1"};
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		struct troth_announcing a = {0};
		const char *wrong = NULL;
		char text[64] = "jid=a@b,";
		strcat(text, wrongs[i]);
		assert_err(troth_announcing_read(&a, text, &wrong), TROTH_E_FORMAT);
		assert_ptr_equal(wrong, text + 8);
		troth_announcing_fini(&a);
	}
}

static void status__is_read__whole(void **state)
{
	(void)state;
	enum troth_lan_status status = TROTH_LAN_DND;
	assert_false(troth_announcing_status(troth_slice_str("Away"), &status));
	assert_false(troth_announcing_status(troth_slice_str(""), &status));
	assert_int_equal(status, TROTH_LAN_DND);
	assert_true(troth_announcing_status(troth_slice_str("away"), &status));
	assert_int_equal(status, TROTH_LAN_AWAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read__takes_every_item__over_several_options),
		cmocka_unit_test(read__replaces__what_is_said_again),
		cmocka_unit_test(card__says_nothing__for_a_bare_name),
		cmocka_unit_test(read__points__at_what_it_refuses),
		cmocka_unit_test(status__is_read__whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
