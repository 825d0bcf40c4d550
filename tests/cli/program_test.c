/* SPDX-License-Identifier: MIT */
/* Programs that run beside us: their lines, their ends, and what they inherit. Real ones, of sh. */
#include "../test.h"
#include "base/slice.h"
#include "cli/bot/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* As the real one, a thousand times as fast. */
static const struct troth_program_pace fast = {1, 300, 60000, 50};
static const struct troth_program_pace patient = {1, 300, 60000, 20000};

struct world {
	uv_loop_t loop;
	struct troth_program *program;
	char lines[4096]; /* of its output, each with its end */
	char notes[4096];
	unsigned line_count;
	unsigned began;
	const char *argv[5]; /* borrowed by the program for its life */
};

static void keep(char *to, size_t size, const void *bytes, size_t len)
{
	size_t at = strlen(to);
	assert_true(at + len + 2 < size);
	memcpy(to + at, bytes, len);
	memcpy(to + at + len, "\n", 2);
}

static void on_line(void *user, struct troth_slice line)
{
	struct world *w = user;
	w->line_count++;
	if (line.len < 1000)
		keep(w->lines, sizeof w->lines, line.data, line.len);
}

static void on_note(void *user, const char *text)
{
	struct world *w = user;
	keep(w->notes, sizeof w->notes, text, strlen(text));
}

static void on_began(void *user)
{
	((struct world *)user)->began++;
}

static int start(struct world *w, const char *const *argv, const struct troth_program_pace *pace)
{
	static const char *const pass[] = {"PASSED", NULL};
	const char *why = NULL;
	memset(w, 0, sizeof *w);
	for (size_t i = 0; argv[i] != NULL; i++)
		w->argv[i] = argv[i];
	assert_int_equal(uv_loop_init(&w->loop), 0);
	const struct troth_program_params params = {
		.loop = &w->loop,
		.argv = w->argv,
		.pass = pass,
		.pace = pace,
		.user = w,
		.began = on_began,
		.line = on_line,
		.note = on_note,
	};
	int err = troth_program_start(&w->program, &params, &why);
	assert_true((err == TROTH_OK) == (why == NULL));
	return err;
}

static void start_sh(struct world *w, const char *script, const struct troth_program_pace *pace)
{
	const char *argv[] = {"sh", "-c", script, NULL};
	assert_ok(start(w, argv, pace));
}

static void until_lines(struct world *w, unsigned count)
{
	while (w->line_count < count)
		assert_int_not_equal(uv_run(&w->loop, UV_RUN_ONCE), 0);
}

static void until_note(struct world *w, const char *text)
{
	while (strstr(w->notes, text) == NULL)
		assert_int_not_equal(uv_run(&w->loop, UV_RUN_ONCE), 0);
}

/* Everything that it opened is closed afterwards. */
static void end(struct world *w)
{
	troth_program_end(w->program);
	while (uv_run(&w->loop, UV_RUN_DEFAULT) != 0)
		;
	assert_int_equal(uv_loop_close(&w->loop), 0);
}

static void say(struct world *w, const char *line)
{
	troth_program_say(w->program, troth_slice_str(line));
}

static void lines__go_both_ways(void **state)
{
	(void)state;
	struct world w;
	start_sh(&w, "while read -r l; do echo \"<$l>\"; echo note >&2; done", &fast);
	say(&w, "one");
	say(&w, "t w o");
	until_lines(&w, 2);
	until_note(&w, "note\n");
	assert_string_equal(w.lines, "<one>\n<t w o>\n");
	end(&w);
}

static void arguments__are_no_shell_s(void **state)
{
	(void)state;
	struct world w;
	const char *argv[] = {"printf", "%s\n", "$(id);`id`", NULL};
	assert_ok(start(&w, argv, &fast));
	until_lines(&w, 1);
	assert_memory_equal(w.lines, "$(id);`id`\n", 11);
	end(&w);
}

static void end__gives_last_words__and_begins_again(void **state)
{
	(void)state;
	struct world w;
	start_sh(&w, "echo last; exit 3", &fast);
	until_lines(&w, 3);
	assert_true(w.began >= 3);
	assert_memory_equal(w.lines, "last\nlast\nlast\n", 15);
	assert_non_null(strstr(w.notes, "ended with status 3"));
	end(&w);
}

static void pause__doubles_up_to_five_minutes(void **state)
{
	(void)state;
	static const uint64_t seconds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
	for (unsigned i = 0; i < sizeof seconds / sizeof *seconds; i++)
		assert_int_equal(troth_program_pause(&troth_program_pace, i + 1),
				 seconds[i] * 1000);
	assert_int_equal(troth_program_pause(&troth_program_pace, 1000000), 300000);
	assert_int_equal(troth_program_pace.stable, 60000);
}

static void pause__begins_anew__after_a_stable_time(void **state)
{
	(void)state;
	static const struct troth_program_pace pace = {1, 1 << 20, 0, 50}; /* any time is stable */
	struct world w;
	start_sh(&w, "echo x", &pace);
	until_lines(&w, 12); /* doubling: 4 s and more */
	assert_non_null(strstr(w.notes, "begun again in 1 s"));
	assert_null(strstr(w.notes, "begun again in 2 s"));
	end(&w);
}

static void end__is_by_sigterm(void **state)
{
	(void)state;
	struct world w;
	start_sh(&w, "trap 'echo bye >&2; exit 0' TERM; echo up; while :; do sleep 0.01; done",
		 &patient);
	until_lines(&w, 1);
	end(&w);
	/* Before it, some shells say how the program ended that they had waited for. */
	assert_non_null(strstr(w.notes, "bye\n"));
}

static void end__is_by_sigkill__when_sigterm_isn_t_heard(void **state)
{
	(void)state;
	struct world w;
	start_sh(&w, "trap '' TERM; echo $$; exec sleep 100 <&-", &fast);
	until_lines(&w, 1);
	pid_t pid = atoi(w.lines);
	end(&w);
	assert_int_equal(kill(pid, 0), -1);
}

static void end__takes_its_children_along(void **state)
{
	(void)state;
	struct world w;
	start_sh(&w, "sleep 100 & echo $!; wait", &patient);
	until_lines(&w, 1);
	char path[64], status = 0;
	(void)snprintf(path, sizeof path, "/proc/%d/status", atoi(w.lines));
	int fd = open(path, O_RDONLY | O_CLOEXEC); /* of that very process, whatever comes later */
	assert_true(fd >= 0);
	end(&w);
	/* Whoever adopts it reaps it: then the file has no process. */
	for (int i = 0; i < 500 && pread(fd, &status, 1, 0) == 1; i++) {
		char text[512] = "";
		if (pread(fd, text, sizeof text - 1, 0) > 0 && strstr(text, "State:\tZ") != NULL)
			break;
		(void)usleep(10000);
		assert_true(i < 499);
	}
	(void)close(fd);
}

static void end__while_it_pauses(void **state)
{
	(void)state;
	static const struct troth_program_pace long_pause = {100000, 300000, 60000, 50};
	struct world w;
	start_sh(&w, "exit 1", &long_pause);
	until_note(&w, "begun again in 100 s");
	end(&w);
	assert_int_equal(w.began, 1);
}

static void program__that_isn_t_there__is_told_at_once(void **state)
{
	(void)state;
	struct world w;
	const char *argv[] = {"/nonexistent/bot", NULL};
	assert_err(start(&w, argv, &fast), TROTH_E_IO);
	w.program = NULL;
	end(&w);
}

static void line__that_is_too_long__ends_it(void **state)
{
	(void)state;
	struct world w;
	start_sh(&w, "head -c 600000 /dev/zero | tr '\\0' x; echo; echo after; sleep 100", &fast);
	until_note(&w, "begun again");
	assert_non_null(strstr(w.notes, "line of more than"));
	assert_null(strstr(w.lines, "after"));
	end(&w);
}

static void reader__that_doesn_t_read__is_ended(void **state)
{
	(void)state;
	struct world w;
	static char text[65536];
	memset(text, 'x', sizeof text - 1);
	start_sh(&w, "exec sleep 100", &fast);
	for (int i = 0; i < 100; i++)
		say(&w, text);
	until_note(&w, "doesn't read");
	until_note(&w, "begun again");
	end(&w);
}

static void environment__is_a_list(void **state)
{
	(void)state;
	struct world w;
	assert_int_equal(setenv("SECRET_TOKEN", "swordfish", 1), 0);
	assert_int_equal(setenv("PASSED", "yes", 1), 0);
	assert_int_equal(setenv("LC_TIME", "C", 1), 0);
	start_sh(&w, "echo \"${SECRET_TOKEN-none} $PASSED $LC_TIME ${PATH:+path}\"; exec sleep 100",
		 &fast);
	until_lines(&w, 1);
	assert_string_equal(w.lines, "none yes C path\n");
	end(&w);
}

static void descriptors__are_ours(void **state)
{
	(void)state;
	struct world w;
	int pipes[2];
	assert_int_equal(pipe(pipes), 0); /* stays open in children unless told otherwise */
	start_sh(&w, "ls /proc/self/fd | tr '\\n' ' '; echo; exec sleep 100", &fast);
	until_lines(&w, 1);
	assert_string_equal(w.lines, "0 1 2 3 \n"); /* 3: of ls itself */
	end(&w);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines__go_both_ways),
		cmocka_unit_test(arguments__are_no_shell_s),
		cmocka_unit_test(end__gives_last_words__and_begins_again),
		cmocka_unit_test(pause__doubles_up_to_five_minutes),
		cmocka_unit_test(pause__begins_anew__after_a_stable_time),
		cmocka_unit_test(end__is_by_sigterm),
		cmocka_unit_test(end__is_by_sigkill__when_sigterm_isn_t_heard),
		cmocka_unit_test(end__takes_its_children_along),
		cmocka_unit_test(end__while_it_pauses),
		cmocka_unit_test(program__that_isn_t_there__is_told_at_once),
		cmocka_unit_test(line__that_is_too_long__ends_it),
		cmocka_unit_test(reader__that_doesn_t_read__is_ended),
		cmocka_unit_test(environment__is_a_list),
		cmocka_unit_test(descriptors__are_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
