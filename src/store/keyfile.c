/* SPDX-License-Identifier: MIT */
/*
 * Files of own keys. Layer: store. Bytes pass through the caller's buffer only, which
 * is wiped; nothing is kept here.
 */
#include "store/keyfile.h"

#include "base/slice.h"
#include "store/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <troth/err.h>
#include <unistd.h>

#define NAME_SIZE 64
#define READ_SIZE 4096

_Static_assert(sizeof((struct troth_keyfile_problem *)0)->text >= TROTH_PROBLEM_LEN,
	       "a problem must fit");

/* One of the files that the header names, where it is, and how to speak of it. */
struct place {
	const char *home;
	const char *name;
	const char *what;
};

static struct place place_of(const char *home, enum troth_keyfile_kind kind)
{
	switch (kind) {
	case TROTH_KEYFILE_DEVICE:
		return (struct place){home, TROTH_KEYFILE_NAME, "device key"};
	case TROTH_KEYFILE_USER:
		return (struct place){home, TROTH_KEYFILE_USER_NAME, "user key"};
	case TROTH_KEYFILE_FORMER:
		return (struct place){home, TROTH_KEYFILE_FORMER_NAME, "former device key"};
	case TROTH_KEYFILE_CODE:
		return (struct place){home, TROTH_KEYFILE_CODE_NAME, "code"};
	}
	return (struct place){home, TROTH_KEYFILE_NAME, "device key"};
}

static void temporary(char out[NAME_SIZE], const struct place *at)
{
	snprintf(out, NAME_SIZE, "%s.new", at->name);
}

static int fail(struct troth_keyfile_problem *problem, const struct place *at, const char *done)
{
	snprintf(problem->text, sizeof problem->text,
		 "The %s in %s can't be %s: %s. Check the disk and the permissions.", at->what,
		 at->home, done, strerror(errno));
	return TROTH_E_IO;
}

static int fail_size(struct troth_keyfile_problem *problem, const struct place *at)
{
	snprintf(problem->text, sizeof problem->text,
		 "The %s in %s is empty or larger than %zu bytes, so it isn't a key. "
		 "Restore "
		 "it from a backup, or move it away.",
		 at->what, at->home, TROTH_KEYFILE_MAX);
	return TROTH_E_LIMIT;
}

static int check_opened(int fd, const struct place *at, struct troth_keyfile_problem *problem)
{
	struct stat st;
	char path[TROTH_PROBLEM_LEN];
	snprintf(path, sizeof path, "%s/%s", at->home, at->name);
	if (fstat(fd, &st) != 0)
		return fail(problem, at, "read");
	return troth_private_check(path, &st, problem->text);
}

static int read_all(int fd, const struct place *at, struct troth_buf *out,
		    struct troth_keyfile_problem *problem)
{
	size_t total = 0;
	for (;;) {
		uint8_t *to;
		int err = troth_buf_reserve(out, READ_SIZE, &to);
		if (err != TROTH_OK)
			return err;
		ssize_t n = read(fd, to, READ_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(problem, at, "read");
		if (n == 0)
			return total == 0 ? fail_size(problem, at) : TROTH_OK;
		troth_buf_commit(out, (size_t)n);
		total += (size_t)n;
		if (total > TROTH_KEYFILE_MAX)
			return fail_size(problem, at);
	}
}

static int open_home(const struct place *at, struct troth_keyfile_problem *problem, int *out)
{
	int fd = open(at->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		snprintf(problem->text, sizeof problem->text, "There is no directory %s yet.",
			 at->home);
		return TROTH_E_NOT_FOUND;
	}
	if (fd < 0)
		return fail(problem, at, "read");
	*out = fd;
	return TROTH_OK;
}

/* O_NONBLOCK: a FIFO in its place must not make us wait. */
static int open_key(int dir, const struct place *at, struct troth_keyfile_problem *problem,
		    int *out)
{
	int fd = openat(dir, at->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		snprintf(problem->text, sizeof problem->text, "There is no %s in %s yet.", at->what,
			 at->home);
		return TROTH_E_NOT_FOUND;
	}
	if (fd < 0 && errno == ELOOP) {
		snprintf(problem->text, sizeof problem->text,
			 "%s/%s is a symbolic link, and isn't followed. Put the file itself there.",
			 at->home, at->name);
		return TROTH_E_IO;
	}
	if (fd < 0)
		return fail(problem, at, "read");
	*out = fd;
	return TROTH_OK;
}

int troth_keyfile_load_kind(const char *home, enum troth_keyfile_kind kind, struct troth_buf *out,
			    struct troth_keyfile_problem *problem)
{
	const struct place place = place_of(home, kind);
	const struct place *at = &place;
	struct troth_keyfile_problem ignored;
	int dir;
	int fd;
	if (problem == NULL)
		problem = &ignored;
	problem->text[0] = 0;
	int err = open_home(at, problem, &dir);
	if (err != TROTH_OK)
		return err;
	err = open_key(dir, at, problem, &fd);
	close(dir);
	if (err != TROTH_OK)
		return err;
	size_t before = troth_buf_len(out);
	err = check_opened(fd, at, problem);
	if (err == TROTH_OK)
		err = read_all(fd, at, out, problem);
	if (err != TROTH_OK)
		troth_buf_truncate(out, before);
	close(fd);
	return err;
}

static int write_temporary(int dir, const char *name, struct troth_slice pem)
{
	/* Left by somebody who was killed: we hold the lock, so nobody is writing it. */
	if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
		return TROTH_E_IO;
	return troth_private_write(dir, name, pem);
}

/* What was the file until now: -1 where there is none that could be overwritten. */
static int open_old(int dir, const struct place *at)
{
	return openat(dir, at->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* Its key may have had no passphrase, or one that is known. As well as can be: whether the disk
 * keeps a copy nobody can say, and the new file counts already. Another name of it (a backup by
 * hard links) stays. */
static void wipe_old(int fd)
{
	static const uint8_t zeros[TROTH_KEYFILE_MAX];
	struct stat st;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0 && st.st_size > 0 &&
	    (size_t)st.st_size <= sizeof zeros)
		(void)troth_private_fill(fd, troth_slice_of(zeros, (size_t)st.st_size));
}

static int replace_file(int dir, const struct place *at, struct troth_slice pem)
{
	char name[NAME_SIZE];
	temporary(name, at);
	int old = open_old(dir, at);
	int err = write_temporary(dir, name, pem);
	if (err == TROTH_OK && renameat(dir, name, dir, at->name) != 0)
		err = TROTH_E_IO;
	if (err != TROTH_OK) {
		int code = errno;
		(void)unlinkat(dir, name, 0); /* half a key is of no use */
		if (old >= 0)
			close(old);
		errno = code;
		return err;
	}
	err = fsync(dir) == 0 ? TROTH_OK : TROTH_E_IO;
	if (old >= 0) {
		int code = errno;
		if (err == TROTH_OK) /* else the old one may be what is there after a crash */
			wipe_old(old);
		close(old);
		errno = code;
	}
	return err;
}

/* With the lock on the directory held, so that of two that save at once one is told. */
static int save_locked(int dir, struct troth_slice pem, bool replace, const struct place *at,
		       struct troth_keyfile_problem *problem)
{
	struct stat st;
	int rc = fstatat(dir, at->name, &st, AT_SYMLINK_NOFOLLOW);
	if (rc == 0 && !replace) {
		snprintf(problem->text, sizeof problem->text,
			 "%s has a %s already, by which your contacts know you. It was left as it "
			 "is.",
			 at->home, at->what);
		return TROTH_E_EXISTS;
	}
	if (rc != 0 && errno != ENOENT)
		return fail(problem, at, "read");
	int err = replace_file(dir, at, pem);
	return err == TROTH_OK ? TROTH_OK : fail(problem, at, "written");
}

int troth_keyfile_save_kind(const char *home, enum troth_keyfile_kind kind, struct troth_slice pem,
			    bool replace, struct troth_keyfile_problem *problem)
{
	const struct place place = place_of(home, kind);
	const struct place *at = &place;
	struct troth_keyfile_problem ignored;
	int dir;
	if (problem == NULL)
		problem = &ignored;
	problem->text[0] = 0;
	if (pem.len == 0 || pem.len > TROTH_KEYFILE_MAX)
		return fail_size(problem, at);
	int err = troth_private_directory(home, problem->text);
	if (err == TROTH_OK)
		err = open_home(at, problem, &dir);
	if (err != TROTH_OK)
		return err;
	int rc;
	do
		rc = flock(dir, LOCK_EX);
	while (rc != 0 && errno == EINTR);
	err = rc == 0 ? save_locked(dir, pem, replace, at, problem) : fail(problem, at, "locked");
	close(dir);
	return err;
}

int troth_keyfile_load(const char *home, struct troth_buf *out,
		       struct troth_keyfile_problem *problem)
{
	return troth_keyfile_load_kind(home, TROTH_KEYFILE_DEVICE, out, problem);
}

int troth_keyfile_save(const char *home, struct troth_slice pem, bool replace,
		       struct troth_keyfile_problem *problem)
{
	return troth_keyfile_save_kind(home, TROTH_KEYFILE_DEVICE, pem, replace, problem);
}
