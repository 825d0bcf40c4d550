/* SPDX-License-Identifier: MIT */
/* Text that others wrote, on its way to a terminal, a table and JSON; exit statuses; pins. */
#include "../test.h"
#include "cli/chat/message.h"
#include "cli/exit.h"
#include "cli/terminal/fingerprint.h"
#include "cli/terminal/output.h"
#include "cli/terminal/table.h"
#include "cli/verb.h"

#include <stdio.h>

struct capture {
	struct troth_output out;
	char *text;
	size_t len;
};

static void capture_begin(struct capture *c)
{
	memset(c, 0, sizeof *c);
	c->out.out = open_memstream(&c->text, &c->len);
	c->out.err = c->out.out;
	assert_non_null(c->out.out);
}

static void capture_expect(struct capture *c, const char *expected)
{
	fclose(c->out.out);
	assert_string_equal(c->text, expected);
	free(c->text);
}

static void line__is_one_line_without_escapes__whatever_is_in_it(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	troth_line(&c.out, TROTH_STYLE_GOOD, "%s",
		   "a\nb\033[2J\xe2\x80\xae"
		   "c\xff");
	capture_expect(&c, "a b\xe2\x90\x9b[2Jc\xef\xbf\xbd\n");
}

static void expect_message(const char *text, const char *expected)
{
	struct capture c;
	struct troth_news n = {.who = "Juliet", .level = TROTH_LEVEL_VERIFIED, .text = text};
	capture_begin(&c);
	troth_message_show(&c.out, &n);
	fclose(c.out.out);
	assert_int_equal(c.text[0], '[');
	assert_string_equal(c.text + strlen("[12:00] "), expected);
	free(c.text);
}

static void message__has_its_lines__indented_and_each_cleaned(void **state)
{
	(void)state;
	expect_message("one", "Juliet (verified): one\n");
	expect_message("one\ntwo\r\n\n\tfour\n", "Juliet (verified): one\n  two\n  \n   four\n");
	/* Nothing in it looks like another message, nor moves the cursor. */
	expect_message("x\n[12:00] Nurse (verified): y\n\033[1A\xe2\x80\xa8z",
		       "Juliet (verified): x\n  [12:00] Nurse (verified): y\n"
		       "  \xe2\x90\x9b[1A\n  z\n");
	expect_message("", "Juliet (verified): \n");
}

static void message__of_very_many_lines__is_cut(void **state)
{
	(void)state;
	char text[1001];
	memset(text, '\n', 1000);
	text[1000] = 0;
	struct capture c;
	struct troth_news n = {.who = "Juliet", .level = TROTH_LEVEL_VERIFIED, .text = text};
	size_t lines = 0;
	capture_begin(&c);
	troth_message_show(&c.out, &n);
	fclose(c.out.out);
	for (const char *at = c.text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_true(lines < 100);
	assert_non_null(strstr(c.text, "…\n"));
	free(c.text);
}

static void line__is_coloured_around_the_text__on_a_terminal(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	c.out.colour_out = true;
	troth_line(&c.out, TROTH_STYLE_GOOD, "ok\033[0m");
	capture_expect(&c, "\033[32mok\xe2\x90\x9b[0m\033[0m\n");
}

static void line__is_left_out__in_json(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	c.out.json = true;
	troth_line(&c.out, TROTH_STYLE_PLAIN, "text");
	troth_json(&c.out, json_pack("{s:o}", "a",
				     troth_json_text("\xc2\x9b"
						     "31m\xff\n")));
	/* Bytes that aren't UTF-8 are cleaned; nothing in the line can reach a terminal. */
	capture_expect(&c, "{\"a\":\"\\uFFFD31m\\uFFFD \"}\n");
}

static void json__is_reported_lost__without_memory(void **state)
{
	(void)state;
	struct capture c;
	capture_begin(&c);
	c.out.json = true;
	troth_json(&c.out, NULL);
	assert_err(troth_output_finish(&c.out), TROTH_E_IO);
	capture_expect(&c, "");
}

static void table__lines_up_by_what_is_seen(void **state)
{
	(void)state;
	struct capture c;
	struct troth_table *table;
	const char *const titles[] = {"A", "B"};
	capture_begin(&c);
	assert_ok(troth_table_new(&table, titles, 2));
	assert_ok(troth_table_row(table, TROTH_STYLE_PLAIN,
				  (const char *const[]){"\xe4\xb8\xad", "1"}));
	assert_ok(troth_table_row(table, TROTH_STYLE_PLAIN,
				  (const char *const[]){"e\xcc\x81"
							"x",
							"2"}));
	assert_ok(troth_table_row(table, TROTH_STYLE_PLAIN, (const char *const[]){NULL, "a\nb"}));
	troth_table_print(table, &c.out);
	troth_table_free(table);
	capture_expect(&c, "A   B\n\xe4\xb8\xad  1\ne\xcc\x81x  2\n    a b\n");
}

static void exit__follows_the_class_of_the_error(void **state)
{
	(void)state;
	assert_int_equal(troth_exit_of(TROTH_OK), 0);
	assert_int_equal(troth_exit_of(TROTH_E_STORE), 1);
	assert_int_equal(troth_exit_of(TROTH_E_TIMEOUT), 3);
	assert_int_equal(troth_exit_of(TROTH_E_PROTOCOL), 3);
	assert_int_equal(troth_exit_of(TROTH_E_SECRET), 4);
	assert_int_equal(troth_exit_of(TROTH_E_FLOOR), 4);
	assert_int_equal(troth_exit_of(TROTH_E_KEY_CHANGED), 5);
	assert_int_equal(troth_exit_of(TROTH_E_DOWNGRADE), 5);
}

static void guess__finds_what_was_meant__and_nothing_else(void **state)
{
	(void)state;
	const char *const words[] = {"chat", "nearby", "trust", NULL};
	assert_string_equal(troth_word_guess("caht", words), "chat");
	assert_string_equal(troth_word_guess("nearbye", words), "nearby");
	assert_string_equal(troth_word_guess("turst", words), "trust");
	assert_null(troth_word_guess("xyzzy", words));
	assert_null(troth_word_guess("a-word-that-is-longer-than-all-that-there-are", words));
}

static void fingerprint__reads_what_it_wrote(void **state)
{
	(void)state;
	struct troth_pin pin, back = {{0}};
	char text[TROTH_FINGERPRINT_LEN];
	for (size_t i = 0; i < sizeof pin.bytes; i++)
		pin.bytes[i] = (uint8_t)(i * 7);
	assert_true(troth_fingerprint_read(troth_fingerprint(text, &pin), &back));
	assert_true(troth_pin_equal(&pin, &back));
	assert_int_equal(strlen(text), 79);
	text[0] = 'g';
	assert_false(troth_fingerprint_read(text, &back));
	assert_false(troth_fingerprint_read("", &back));
	troth_fingerprint_hex(text, &pin);
	text[63] = '\0';
	assert_false(troth_fingerprint_read(text, &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line__is_one_line_without_escapes__whatever_is_in_it),
		cmocka_unit_test(message__has_its_lines__indented_and_each_cleaned),
		cmocka_unit_test(message__of_very_many_lines__is_cut),
		cmocka_unit_test(line__is_coloured_around_the_text__on_a_terminal),
		cmocka_unit_test(line__is_left_out__in_json),
		cmocka_unit_test(json__is_reported_lost__without_memory),
		cmocka_unit_test(table__lines_up_by_what_is_seen),
		cmocka_unit_test(exit__follows_the_class_of_the_error),
		cmocka_unit_test(guess__finds_what_was_meant__and_nothing_else),
		cmocka_unit_test(fingerprint__reads_what_it_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
