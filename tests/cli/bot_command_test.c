/* SPDX-License-Identifier: MIT */
/* What a bot's program may say, and what it may not. */
#include "../test.h"
#include "base/slice.h"
#include "cli/bot/bot_command.h"

static int read_text(struct troth_bot_command *c, const char *text)
{
	char why[200] = "";
	int err = troth_bot_command_read(c, troth_slice_str(text), why, sizeof why);
	assert_true((err == TROTH_OK) == (why[0] == 0));
	return err;
}

static void command__is_read__with_its_members(void **state)
{
	(void)state;
	struct troth_bot_command c;
	assert_ok(read_text(
		&c,
		"{\"do\":\"say\",\"contact\":\"Juliet\",\"text\":\"h\\u00e9\",\"ref\":\"r1\"}"));
	assert_int_equal(c.what, TROTH_BOT_SAY);
	assert_string_equal(c.name, "Juliet");
	assert_string_equal(c.text, "h\xc3\xa9");
	assert_string_equal(json_string_value(c.ref), "r1");
	troth_bot_command_fini(&c);
	assert_ok(read_text(&c, " {\"talk\": 7, \"do\":\"hang-up\", \"ref\": -3} "));
	assert_int_equal(c.what, TROTH_BOT_HANG_UP);
	assert_int_equal(c.talk, 7);
	assert_int_equal(json_integer_value(c.ref), -3);
	troth_bot_command_fini(&c);
	assert_ok(read_text(&c, "{\"do\":\"call\",\"contact\":\"J\"}"));
	assert_int_equal(c.what, TROTH_BOT_CALL);
	troth_bot_command_fini(&c);
	assert_ok(read_text(&c, "{\"do\":\"quit\"}"));
	assert_int_equal(c.what, TROTH_BOT_QUIT);
	assert_null(c.ref);
	troth_bot_command_fini(&c);
}

static void command__is_refused__when_anything_is_wrong_with_it(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"quit",
		"[]",
		"\"quit\"",
		"{}",
		"{\"do\":1}",
		"{\"do\":\"dance\"}",
		"{\"do\":\"quit\"} {\"do\":\"quit\"}",
		"{\"do\":\"quit\",\"do\":\"quit\"}", /* twice */
		"{\"do\":\"quit\",\"now\":true}",    /* not known */
		"{\"do\":\"quit\",\"text\":\"x\"}",  /* not of this one */
		"{\"do\":\"say\",\"text\":\"x\"}",   /* to whom? */
		"{\"do\":\"say\",\"talk\":1,\"contact\":\"J\",\"text\":\"x\"}",
		"{\"do\":\"say\",\"talk\":1}",
		"{\"do\":\"say\",\"talk\":\"1\",\"text\":\"x\"}",
		"{\"do\":\"say\",\"talk\":0,\"text\":\"x\"}",
		"{\"do\":\"say\",\"talk\":-1,\"text\":\"x\"}",
		"{\"do\":\"say\",\"talk\":4294967297,\"text\":\"x\"}",
		"{\"do\":\"say\",\"talk\":1.0,\"text\":\"x\"}",
		"{\"do\":\"say\",\"talk\":1,\"text\":\"\"}",
		"{\"do\":\"say\",\"talk\":1,\"text\":null}",
		"{\"do\":\"say\",\"talk\":1,\"text\":\"a\\u0000b\"}",
		"{\"do\":\"say\",\"talk\":1,\"text\":\"\xff\"}",
		"{\"do\":\"call\",\"talk\":1}",
		"{\"do\":\"call\",\"contact\":\"\"}",
		"{\"do\":\"quit\",\"ref\":{}}",
		"{\"do\":\"quit\",\"ref\":1.5}",
	};
	struct troth_bot_command c;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (read_text(&c, wrong[i]) != TROTH_E_FORMAT)
			fail_msg("taken: %s", wrong[i]);
}

static void ref__has_a_length(void **state)
{
	(void)state;
	struct troth_bot_command c;
	char text[TROTH_BOT_REF_MAX + 64];
	for (int more = 0; more < 2; more++) {
		(void)snprintf(text, sizeof text, "{\"do\":\"quit\",\"ref\":\"%0*d\"}",
			       TROTH_BOT_REF_MAX + more, 0);
		assert_int_equal(read_text(&c, text), more ? TROTH_E_FORMAT : TROTH_OK);
		if (!more)
			troth_bot_command_fini(&c);
	}
}

static void nesting__is_no_danger(void **state)
{
	(void)state;
	static char text[100001];
	struct troth_bot_command c;
	memset(text, '[', sizeof text - 1);
	assert_err(read_text(&c, text), TROTH_E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command__is_read__with_its_members),
		cmocka_unit_test(command__is_refused__when_anything_is_wrong_with_it),
		cmocka_unit_test(ref__has_a_length),
		cmocka_unit_test(nesting__is_no_danger),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
