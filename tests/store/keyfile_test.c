/* SPDX-License-Identifier: MIT */
#include "base/slice.h"
#include "fixture.h"
#include "store/keyfile.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int save(const struct home *home, const char *text, bool replace)
{
	struct troth_keyfile_problem problem;
	int err = troth_keyfile_save(home->dir, troth_slice_str(text), replace, &problem);
	assert_true((err == TROTH_OK) == (problem.text[0] == 0));
	return err;
}

static void assert_holds(const struct home *home, const char *text)
{
	struct troth_buf buf;
	struct troth_keyfile_problem problem;
	troth_buf_init(&buf, TROTH_KEYFILE_MAX * 2);
	assert_ok(troth_keyfile_load(home->dir, &buf, &problem));
	assert_string_equal(problem.text, "");
	assert_true(troth_slice_equal(troth_buf_slice(&buf), troth_slice_str(text)));
	troth_buf_fini(&buf);
}

static void assert_not_read(const struct home *home, int err, const char *part)
{
	struct troth_buf buf;
	struct troth_keyfile_problem problem;
	troth_buf_init(&buf, TROTH_KEYFILE_MAX * 2);
	assert_ok(troth_buf_append_str(&buf, "kept"));
	assert_err(troth_keyfile_load(home->dir, &buf, &problem), err);
	if (strstr(problem.text, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", problem.text, part);
	assert_true(troth_slice_equal(troth_buf_slice(&buf), troth_slice_str("kept")));
	troth_buf_fini(&buf);
}

static unsigned count_files(const char *dir)
{
	unsigned count = 0;
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		count += strncmp(e->d_name, TROTH_KEYFILE_NAME, strlen(TROTH_KEYFILE_NAME)) == 0;
	closedir(d);
	return count;
}

static void save__writes_a_private_file__and_nothing_else(void **state)
{
	struct home *home = *state;
	struct stat st;
	char path[128];
	mode_t old = umask(0);
	assert_ok(save(home, "one", false));
	umask(old);
	home_path(home, TROTH_KEYFILE_NAME, path, sizeof path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_files(home->dir), 1);
	assert_holds(home, "one");
}

static void save__keeps_the_old_key__unless_told(void **state)
{
	struct home *home = *state;
	assert_ok(save(home, "one", false));
	assert_err(save(home, "two", false), TROTH_E_EXISTS);
	assert_holds(home, "one");
	assert_ok(save(home, "two", true));
	assert_holds(home, "two");
	assert_int_equal(count_files(home->dir), 1);
}

static void save__overwrites_the_old_key__unless_it_has_another_name(void **state)
{
	struct home *home = *state;
	char path[128], backup[128], bytes[8] = "";
	home_path(home, TROTH_KEYFILE_NAME, path, sizeof path);
	home_path(home, "backup", backup, sizeof backup);
	assert_ok(save(home, "one", false));
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_ok(save(home, "two", true));
	assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 3);
	assert_memory_equal(bytes, "\0\0\0", 3);
	close(fd);
	assert_int_equal(link(path, backup), 0);
	assert_ok(save(home, "three", true));
	fd = open(backup, O_RDONLY);
	assert_int_equal(pread(fd, bytes, sizeof bytes, 0), 3);
	assert_memory_equal(bytes, "two", 3);
	close(fd);
	assert_int_equal(unlink(backup), 0);
	assert_holds(home, "three");
}

static void save__makes_the_directory__where_it_is_missing(void **state)
{
	struct home *home = *state;
	struct home deep;
	struct stat st;
	assert_true(snprintf(deep.dir, sizeof deep.dir, "%s/x/y/", home->dir) > 0);
	assert_not_read(&deep, TROTH_E_NOT_FOUND, "no directory");
	assert_ok(save(&deep, "one", false));
	assert_int_equal(stat(deep.dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_holds(&deep, "one");
}

static void load__is_refused__when_others_can_reach_the_file(void **state)
{
	struct home *home = *state;
	char path[128];
	home_path(home, TROTH_KEYFILE_NAME, path, sizeof path);
	assert_not_read(home, TROTH_E_NOT_FOUND, "no device key");
	assert_ok(save(home, "one", false));
	const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601};
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_not_read(home, TROTH_E_IO, "chmod 600");
	}
	assert_int_equal(chmod(path, 0400), 0);
	assert_holds(home, "one");
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_not_read(home, TROTH_E_IO, "another user");
	}
}

static void load__is_refused__when_it_is_no_plain_file(void **state)
{
	struct home *home = *state;
	char path[128];
	char other[128];
	home_path(home, TROTH_KEYFILE_NAME, path, sizeof path);
	home_path(home, "other", other, sizeof other);
	assert_ok(save(home, "one", false));
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_not_read(home, TROTH_E_IO, "symbolic link");
	assert_err(save(home, "two", false), TROTH_E_EXISTS);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_not_read(home, TROTH_E_IO, "no plain file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_not_read(home, TROTH_E_IO, "no plain file");
	assert_int_equal(rmdir(path), 0);
}

static void key__is_refused__when_empty_or_too_long(void **state)
{
	struct home *home = *state;
	static char text[TROTH_KEYFILE_MAX + 2];
	char path[128];
	memset(text, 'x', sizeof text - 1);
	assert_err(save(home, text, false), TROTH_E_LIMIT);
	assert_err(save(home, "", false), TROTH_E_LIMIT);
	assert_int_equal(count_files(home->dir), 0);
	text[TROTH_KEYFILE_MAX] = 0;
	assert_ok(save(home, text, false));
	assert_holds(home, text);
	home_path(home, TROTH_KEYFILE_NAME, path, sizeof path);
	FILE *f = fopen(path, "ab");
	assert_non_null(f);
	assert_int_equal(fputc('x', f), 'x');
	assert_int_equal(fclose(f), 0);
	assert_not_read(home, TROTH_E_LIMIT, "larger");
	assert_int_equal(truncate(path, 0), 0);
	assert_not_read(home, TROTH_E_LIMIT, "empty");
}

/* The size limit cuts the writing at a byte, and its signal kills. */
static void save_and_die(const struct home *home, size_t at)
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit = {at, at};
		if (setrlimit(RLIMIT_FSIZE, &limit) == 0)
			(void)!save(home, "the new key", true);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGXFSZ);
}

static void save__leaves_the_old_key__when_killed_at_any_byte(void **state)
{
	struct home *home = *state;
	assert_ok(save(home, "the old key", false));
	for (size_t at = 0; at < strlen("the new key"); at++) {
		save_and_die(home, at);
		assert_holds(home, "the old key");
	}
	/* What the last one left half written is no obstacle, and goes. */
	assert_int_equal(count_files(home->dir), 2);
	assert_ok(save(home, "the new key", true));
	assert_holds(home, "the new key");
	assert_int_equal(count_files(home->dir), 1);
}

static void save__leaves_nothing__when_the_disk_is_full(void **state)
{
	struct home *home = *state;
	int status;
	assert_ok(save(home, "the old key", false));
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* With the signal ignored, writing fails instead. */
		struct rlimit limit = {4, 4};
		if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &limit) != 0)
			_exit(2);
		_exit(save(home, "the new key", true) == TROTH_E_IO ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_holds(home, "the old key");
	assert_int_equal(count_files(home->dir), 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, home_setup, home_teardown)
	const struct CMUnitTest tests[] = {
		TEST(save__writes_a_private_file__and_nothing_else),
		TEST(save__keeps_the_old_key__unless_told),
		TEST(save__overwrites_the_old_key__unless_it_has_another_name),
		TEST(save__makes_the_directory__where_it_is_missing),
		TEST(load__is_refused__when_others_can_reach_the_file),
		TEST(load__is_refused__when_it_is_no_plain_file),
		TEST(key__is_refused__when_empty_or_too_long),
		TEST(save__leaves_the_old_key__when_killed_at_any_byte),
		TEST(save__leaves_nothing__when_the_disk_is_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
