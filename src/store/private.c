/* SPDX-License-Identifier: MIT */
/* Private files and directories. Layer: store. Never loosens a permission. */
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <troth/err.h>
#include <unistd.h>

static int fail(char *problem, const char *path, const char *what, int code)
{
	snprintf(problem, TROTH_PROBLEM_LEN,
		 "%s can't be %s: %s. Check the disk and the permissions of its directory.", path,
		 what, strerror(code));
	return TROTH_E_IO;
}

int troth_private_check(const char *path, const struct stat *st, char *problem)
{
	if (!S_ISREG(st->st_mode)) {
		snprintf(
			problem, TROTH_PROBLEM_LEN,
			"%s is a link or no plain file, and isn't used. Put the file itself there.",
			path);
		return TROTH_E_IO;
	}
	if (st->st_uid != geteuid()) {
		snprintf(problem, TROTH_PROBLEM_LEN,
			 "%s belongs to another user, and isn't used. If it is yours: chown %ld %s",
			 path, (long)geteuid(), path);
		return TROTH_E_IO;
	}
	if ((st->st_mode & 077) != 0) {
		snprintf(problem, TROTH_PROBLEM_LEN,
			 "%s is open to other users, who may have copied or changed it. If you "
			 "trust them all: chmod 600 %s",
			 path, path);
		return TROTH_E_IO;
	}
	return TROTH_OK;
}

static int check_directory(const char *path, char *problem)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return fail(problem, path, "opened", errno);
	if (!S_ISDIR(st.st_mode)) {
		snprintf(problem, TROTH_PROBLEM_LEN,
			 "%s isn't a directory. Move it away, or choose another one.", path);
		return TROTH_E_IO;
	}
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
		snprintf(problem, TROTH_PROBLEM_LEN,
			 "Other users may write to the directory %s, so it isn't used. It must be "
			 "yours: chmod 700 %s",
			 path, path);
		return TROTH_E_IO;
	}
	return TROTH_OK;
}

/* A new name is durable only when its directory is. */
static int sync_directory(const char *path, char *problem)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(problem, path, "opened", errno);
	int rc = fsync(fd);
	int code = errno;
	close(fd);
	return rc == 0 ? TROTH_OK : fail(problem, path, "written", code);
}

static int sync_parent(char *path, char *problem)
{
	char *slash = strrchr(path, '/');
	if (slash == NULL)
		return sync_directory(".", problem);
	if (slash == path)
		return sync_directory("/", problem);
	*slash = 0;
	int err = sync_directory(path, problem);
	*slash = '/';
	return err;
}

static int make_directory(char *path, char *problem)
{
	if (mkdir(path, 0700) == 0)
		return sync_parent(path, problem);
	return errno == EEXIST ? TROTH_OK : fail(problem, path, "made", errno);
}

/* The missing parts of the path, from the top. `path` is changed and restored. */
static int make_path(char *path, char *problem)
{
	struct stat st;
	for (char *p = path + 1; *p != 0; p++) {
		if (*p != '/' || p[-1] == '/')
			continue;
		*p = 0;
		int err = TROTH_OK;
		if (stat(path, &st) != 0)
			err = make_directory(path, problem);
		*p = '/';
		if (err != TROTH_OK)
			return err;
	}
	return make_directory(path, problem);
}

int troth_private_directory(const char *path, char *problem)
{
	size_t len = strlen(path);
	if (len == 0)
		return fail(problem, "The directory", "made", ENOENT);
	char *copy = strdup(path);
	if (copy == NULL)
		return fail(problem, path, "made", ENOMEM);
	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = 0;
	int err = make_path(copy, problem);
	free(copy);
	return err == TROTH_OK ? check_directory(path, problem) : err;
}

int troth_private_create(const char *path, char *problem)
{
	struct stat st;
	if (mknod(path, S_IFREG | 0600, 0) == 0) {
		char *copy = strdup(path);
		if (copy == NULL)
			return fail(problem, path, "made", ENOMEM);
		int err = sync_parent(copy, problem);
		free(copy);
		return err;
	}
	if (errno != EEXIST)
		return fail(problem, path, "made", errno);
	if (lstat(path, &st) != 0)
		return fail(problem, path, "opened", errno);
	return troth_private_check(path, &st, problem);
}

int troth_private_fill(int fd, struct troth_slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return TROTH_E_IO;
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return fsync(fd) == 0 ? TROTH_OK : TROTH_E_IO;
}

int troth_private_write(int dir, const char *path, struct troth_slice bytes)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return TROTH_E_IO;
	int err = troth_private_fill(fd, bytes);
	int why = errno;
	if (close(fd) != 0 && err == TROTH_OK) {
		why = errno;
		err = TROTH_E_IO;
	}
	if (err != TROTH_OK)
		(void)unlinkat(dir, path, 0);
	errno = why;
	return err;
}
