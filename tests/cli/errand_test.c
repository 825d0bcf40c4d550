/* SPDX-License-Identifier: MIT */
/* Programs that are run once: what goes in and comes out, and how they may fail. */
#include "../test.h"
#include "base/slice.h"
#include "cli/errand.h"

#include <signal.h>
#include <stdlib.h>

static int run(const char *script, struct troth_slice input, struct troth_buf *out, int *status)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct troth_errand errand = {.argv = argv, .input = input, .status = status};
	return troth_errand_run(&errand, out);
}

static void errand__brings_back_what_was_made_of_the_input(void **state)
{
	(void)state;
	static uint8_t big[300000]; /* more than a pipe holds, both ways */
	struct troth_buf out;
	int status = -1;
	memset(big, 'a', sizeof big);
	troth_buf_init(&out, sizeof big);
	assert_ok(run("tr a b", troth_slice_of(big, sizeof big), &out, &status));
	assert_int_equal(status, 0);
	assert_int_equal(troth_buf_len(&out), sizeof big);
	assert_int_equal(troth_buf_slice(&out).data[sizeof big - 1], 'b');
	troth_buf_fini(&out);
}

static void errand__tells_how_it_ended(void **state)
{
	(void)state;
	struct troth_buf out;
	int status = 0;
	troth_buf_init(&out, 10);
	assert_ok(run("exit 3", troth_slice_of(NULL, 0), &out, &status));
	assert_int_equal(status, 3);
	assert_ok(run("kill -9 $$", troth_slice_of(NULL, 0), &out, &status));
	assert_int_equal(status, -1);
	troth_buf_fini(&out);
}

/* Nobody reads: that is no failure of ours, and no signal. */
static void errand__may_leave_its_input_alone(void **state)
{
	(void)state;
	static uint8_t big[300000];
	struct troth_buf out;
	int status = -1;
	troth_buf_init(&out, 10);
	assert_ok(run("echo x", troth_slice_of(big, sizeof big), &out, &status));
	assert_int_equal(status, 0);
	assert_int_equal(troth_buf_len(&out), 2);
	troth_buf_fini(&out);
}

static void errand__that_says_too_much__is_ended(void **state)
{
	(void)state;
	struct troth_buf out;
	troth_buf_init(&out, 100);
	assert_err(run("yes", troth_slice_of(NULL, 0), &out, NULL), TROTH_E_LIMIT);
	troth_buf_fini(&out);
}

static void errand__that_isn_t_there(void **state)
{
	(void)state;
	struct troth_buf out;
	const char *const argv[] = {"/nonexistent/errand", NULL};
	const struct troth_errand errand = {.argv = argv};
	troth_buf_init(&out, 100);
	assert_err(troth_errand_run(&errand, &out), TROTH_E_NOT_FOUND);
	troth_buf_fini(&out);
}

static void errand__inherits_no_secret(void **state)
{
	(void)state;
	struct troth_buf out;
	const char *text;
	assert_int_equal(setenv("TOKEN", "swordfish", 1), 0);
	troth_buf_init(&out, 100);
	assert_ok(run("echo ${TOKEN-none}", troth_slice_of(NULL, 0), &out, NULL));
	assert_ok(troth_buf_cstr(&out, &text));
	assert_string_equal(text, "none\n");
	troth_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errand__brings_back_what_was_made_of_the_input),
		cmocka_unit_test(errand__tells_how_it_ended),
		cmocka_unit_test(errand__may_leave_its_input_alone),
		cmocka_unit_test(errand__that_says_too_much__is_ended),
		cmocka_unit_test(errand__that_isn_t_there),
		cmocka_unit_test(errand__inherits_no_secret),
	};
	(void)signal(SIGPIPE, SIG_IGN); /* as the command does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
